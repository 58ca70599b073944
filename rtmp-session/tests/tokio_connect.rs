//! What a program hears that opens connections: errors with an address, and the end of a live stream.
#![cfg(feature = "tokio")]

mod patience;

use patience::Watch;
use rtmp_session::tokio::{Error, Listener, ServerConnection, connect};
use rtmp_session::{ClientConfig, ClientEvent, Media, RtmpUrl, ServerConfig, ServerEvent, code};
use std::error::Error as _;
use std::io;
#[cfg(feature = "tls")]
use std::time::Duration;
use tokio::net::TcpListener;

fn url(port: u16) -> RtmpUrl {
    format!("rtmp://127.0.0.1:{port}/live/secret").parse().unwrap()
}

#[tokio::test]
async fn an_error_says_where_it_was_to_go() {
    let _watch = Watch::over_this_test();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = connect(&url(free.port()), ClientConfig::default()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    let text = error.to_string();
    assert!(text.starts_with(&format!("connecting to {free}: ")), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).unwrap();
    assert!(cause.raw_os_error().is_some(), "{cause:?}");

    let nowhere = "rtmp://name.invalid/live/cam".parse().unwrap();
    let text = connect(&nowhere, ClientConfig::default()).await.unwrap_err().to_string();
    assert!(text.starts_with("connecting to name.invalid:1935: "), "{text}");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_timeout_says_where_and_how_long() {
    use rtmp_session::tokio::{connect_tls, tls::TlsClient};
    let _watch = Watch::over_this_test();
    // Its sockets open, for the system does that, and nobody speaks TLS there.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let mut config = ClientConfig::default();
    config.link = config.link.handshake_timeout(Duration::from_millis(50));
    let error = connect_tls(&url(address.port()), config, &TlsClient::webpki().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(error.to_string(), format!("connecting to {address}: not open within 0.05 s"));
}

/// Sends one message to a player, tells it that the publisher has left, and stays.
async fn one_frame_and_no_more(mut conn: ServerConnection) -> Result<(), Error> {
    while let Some(event) = conn.next_event().await? {
        match event {
            ServerEvent::Connect(request) => conn.session().accept_connect(request)?,
            ServerEvent::Play(request) => {
                let stream = request.stream;
                conn.session().accept_play(request)?;
                conn.session().send_media(stream, &Media::audio(0, vec![0xaf, 1, 0x21]))?;
                conn.session().notify_unpublished(stream)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[tokio::test]
async fn cmd_46_a_player_hears_that_the_publisher_left_as_a_status_that_ends_nothing() {
    let _watch = Watch::over_this_test();
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { one_frame_and_no_more(listener.accept().await.unwrap().0).await });

    let mut conn = connect(&url(port), ClientConfig::default()).await.unwrap();
    let played = conn.session().play("secret");
    let mut received = 0;
    let left = loop {
        match conn.next_event().await.unwrap().expect("the server stays") {
            ClientEvent::Media { media, .. } => received += media.payload.len(),
            ClientEvent::Status { stream, status } if status.is(code::PLAY_UNPUBLISH_NOTIFY) => break stream,
            ClientEvent::Ended { status, .. } => panic!("ended: {status}"),
            _ => {}
        }
    };
    assert_eq!((received, left), (3, Some(played)));
    conn.close().await.unwrap();
    server.await.unwrap().unwrap();
}
