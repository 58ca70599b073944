//! `--demo`: a bundled clip, published over and over by a client of its own over loopback.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::BytesMut;
use rtmp_session::flv::{FlvLimits, TagDecoder};
use rtmp_session::tokio::{ClientConnection, Error, connect};
use rtmp_session::{ClientConfig, ClientEvent, Media, MediaKind, RtmpUrl, StreamId};
use tokio::time::{Instant, sleep, sleep_until};

/// Made by `make-demo.sh`.
const CLIP: &[u8] = include_bytes!("demo.flv");
/// Its pictures and sounds last exactly this long, in milliseconds.
const CLIP_LENGTH: u32 = 8_000;

/// Publishes until the process ends, with `query` behind the name of the stream.
pub(crate) async fn publish(server: SocketAddr, query: Option<String>) {
    let messages = messages();
    let mut url = url(server);
    url.stream.extend(query);
    loop {
        if let Err(error) = publish_to(&url, &messages).await {
            tracing::warn!("demo: {error}");
        }
        sleep(RETRY).await;
    }
}

/// Until the connection ends.
async fn publish_to(url: &RtmpUrl, messages: &[Media]) -> Result<(), Error> {
    let mut connection = connect(url, ClientConfig::default()).await?;
    let stream = connection.session().publish(&url.stream);
    loop {
        match connection.next_event().await? {
            Some(ClientEvent::Started { .. }) => break,
            Some(ClientEvent::Ended { .. }) | None => return Ok(()),
            Some(_) => {}
        }
    }
    let start = Instant::now();
    for lap in 0_u32.. {
        for media in messages {
            // The headers are in force from the first time on.
            if lap > 0 && media.timestamp == 0 && is_header(media) {
                continue;
            }
            // The server counts modulo 2^32 too.
            let timestamp = lap.wrapping_mul(CLIP_LENGTH).wrapping_add(media.timestamp);
            let due = u64::from(lap) * u64::from(CLIP_LENGTH) + u64::from(media.timestamp);
            if !idle_until(&mut connection, start + Duration::from_millis(due)).await? {
                return Ok(());
            }
            send(&mut connection, stream, Media { timestamp, ..media.clone() }).await?;
        }
    }
    Ok(())
}

async fn send(connection: &mut ClientConnection, stream: StreamId, media: Media) -> Result<(), Error> {
    connection.session().send_media(stream, &media)?;
    connection.flush().await
}

/// Answers pings and the like. False when the connection or the stream has ended.
async fn idle_until(connection: &mut ClientConnection, time: Instant) -> Result<bool, Error> {
    loop {
        tokio::select! {
            () = sleep_until(time) => return Ok(true),
            event = connection.next_event() => match event? {
                Some(ClientEvent::Ended { .. }) | None => return Ok(false),
                Some(_) => {}
            },
        }
    }
}

fn messages() -> Vec<Media> {
    let mut decoder = TagDecoder::new(FlvLimits::default());
    let mut file = BytesMut::from(CLIP);
    let mut messages = Vec::new();
    while let Some(tag) = decoder.decode(&mut file).expect("the bundled clip is a whole file") {
        messages.extend(Media::try_from(tag));
    }
    // The end of the sequence: here it never comes.
    messages.retain(|media| media.kind != MediaKind::Video || media.payload.get(1) != Some(&2));
    messages
}

fn is_header(media: &Media) -> bool {
    match media.kind {
        MediaKind::Data => true,
        // AVC and AAC packet type 0.
        MediaKind::Audio | MediaKind::Video => media.payload.get(1) == Some(&0),
    }
}

/// `live/demo` on this machine.
fn url(server: SocketAddr) -> RtmpUrl {
    let host: IpAddr = match server.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let url = format!("rtmp://{}/live/demo", SocketAddr::new(host, server.port()));
    url.parse().expect("an address makes a URL")
}

const RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clip_is_small_and_loops_without_a_seam() {
        assert!(CLIP.len() < 400_000);
        let messages = messages();
        let of = |kind| messages.iter().filter(move |media| media.kind == kind && !is_header(media));
        assert_eq!((of(MediaKind::Video).count(), of(MediaKind::Audio).count()), (200, 375));
        for kind in [MediaKind::Video, MediaKind::Audio] {
            let times: Vec<u32> = of(kind).map(|media| media.timestamp).collect();
            let frame = times[1] - times[0];
            let seam = times[0] + CLIP_LENGTH - times[times.len() - 1];
            assert!(seam.abs_diff(frame) <= 1, "{kind:?}: {seam} ms over the seam, else {frame} ms");
        }
    }

    #[test]
    fn an_open_address_is_reached_over_loopback() {
        let local = url("0.0.0.0:1935".parse().unwrap());
        assert_eq!((local.authority(), local.stream.as_str()), ("127.0.0.1:1935".to_owned(), "demo"));
        assert_eq!(url("[::]:77".parse().unwrap()).host, "::1");
        assert_eq!(url("192.0.2.1:77".parse().unwrap()).port, 77);
    }
}
