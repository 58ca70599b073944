//! The smallest client without a runtime: publishes a second of made-up audio.
//!
//! `hello-client rtmp://127.0.0.1/live/secret`

use bytes::Bytes;
use rtmp_session::{ClientConfig, ClientEvent, ClientSession, Media, MediaKind, RtmpUrl};
use std::error::Error;
use std::io;
use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let url: RtmpUrl = std::env::args().nth(1).ok_or("usage: hello-client rtmp://HOST/APP/STREAM")?.parse()?;
    publish(&url, frames())
}

fn publish(url: &RtmpUrl, mut frames: impl Iterator<Item = Media>) -> Result<(), Box<dyn Error>> {
    let mut socket = TcpStream::connect(url.authority())?;
    socket.set_read_timeout(Some(Duration::from_millis(20)))?; // it listens between two frames: their pace
    socket.set_write_timeout(Some(Duration::from_secs(1)))?; // then it listens first: no waiting for each other
    let mut session = ClientSession::new(ClientConfig::default(), url, Instant::now());
    let stream = session.publish(&url.stream);
    let mut started = false;
    loop {
        while let Some(event) = session.poll_event()? {
            match event {
                ClientEvent::Started { .. } => started = true,
                ClientEvent::Ended { status, .. } => return Err(status.to_string().into()),
                _ => {}
            }
        }
        if started && session.queued() == 0 {
            let Some(media) = frames.next() else { break };
            session.send_media(stream, &media)?;
        }
        session.write_to(&mut socket)?;
        match session.read_from(&mut socket) {
            Ok(0) => return Err("closed".into()),
            Err(error) if !matches!(error.kind(), WouldBlock | TimedOut) => return Err(error.into()),
            _ => session.handle_timeout(Instant::now())?,
        }
    }
    session.end_stream(stream)?;
    session.write_to(&mut socket)?;
    socket.shutdown(Shutdown::Write)?;
    // Closing over unread answers would reset the connection under what the server has not read yet.
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    let _ = io::copy(&mut socket, &mut io::sink());
    Ok(())
}

/// Speex, 20 ms each: the first byte names the codec, the rest is silence.
fn frames() -> impl Iterator<Item = Media> {
    (0..50).map(|n| Media {
        kind: MediaKind::Audio,
        timestamp: n * 20,
        payload: Bytes::from_static(&[0xb2, 0, 0, 0, 0]),
    })
}
