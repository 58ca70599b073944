//! The smallest client with tokio: publishes a second of made-up audio. Takes `rtmps://` as well.
//!
//! `hello-client-tokio rtmp://127.0.0.1/live/NAME`

use bytes::Bytes;
use rtmp_session::tokio::{Error, connect};
use rtmp_session::{ClientConfig, ClientEvent, Media, MediaKind, RtmpUrl};
use std::io;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url: RtmpUrl = std::env::args().nth(1).ok_or("usage: hello-client-tokio rtmp://HOST/APP/STREAM")?.parse()?;
    Ok(publish(&url, frames()).await?)
}

async fn publish(url: &RtmpUrl, frames: impl Iterator<Item = Media>) -> Result<(), Error> {
    let mut conn = connect(url, ClientConfig::default()).await?;
    let stream = conn.session().publish(&url.stream);
    while let Some(event) = conn.next_event().await? {
        match event {
            ClientEvent::Started { .. } => break,
            ClientEvent::Ended { status, .. } => return Err(io::Error::other(status.to_string()).into()),
            _ => {}
        }
    }
    for media in frames {
        conn.session().send_media(stream, &media)?;
        conn.flush().await?;
    }
    conn.session().end_stream(stream)?;
    conn.close().await
}

/// Speex, 20 ms each: the first byte names the codec, the rest is silence.
fn frames() -> impl Iterator<Item = Media> {
    (0..50).map(|n| Media {
        kind: MediaKind::Audio,
        timestamp: n * 20,
        payload: Bytes::from_static(&[0xb2, 0, 0, 0, 0]),
    })
}
