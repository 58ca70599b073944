//! RTMPS, both roles, with certificates made for the occasion.
#![cfg(feature = "tls")]

mod patience;

use patience::Watch;
use rtmp_session::tokio::tls::{TlsClient, TlsServer};
use rtmp_session::tokio::{ClientConnection, Error, Listener, ServerConnection, connect, connect_tls};
use rtmp_session::{
    ClientConfig, ClientEvent, LinkConfig, Media, RtmpUrl, ServerConfig, ServerEvent, SessionError, Timeout,
};
use std::io;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

struct Certificate {
    chain: String,
    key: String,
}

fn certificate(name: &str) -> Certificate {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    Certificate { chain: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

async fn listen(certificate: &Certificate) -> (Listener, u16) {
    let tls = TlsServer::from_pem(certificate.chain.as_bytes(), certificate.key.as_bytes()).unwrap();
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap().with_tls(tls);
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn url(host: &str, port: u16) -> RtmpUrl {
    format!("rtmps://{host}:{port}/live/cam").parse().unwrap()
}

fn trusting(certificate: &Certificate) -> TlsClient {
    TlsClient::with_roots_pem(certificate.chain.as_bytes()).unwrap()
}

/// Goes as far as the accepted connect command, and leaves.
async fn visit(mut conn: ClientConnection) -> Result<(), Error> {
    while !matches!(conn.next_event().await?.expect("the server stays"), ClientEvent::Connected) {}
    conn.close().await
}

async fn record(mut conn: ServerConnection) -> Result<(usize, String), Error> {
    let (mut bytes, mut tc_url) = (0, String::new());
    while let Some(event) = conn.next_event().await? {
        match event {
            ServerEvent::Connect(request) => {
                tc_url.clone_from(&request.tc_url);
                conn.session().accept_connect(request)?;
            }
            ServerEvent::Publish(request) => conn.session().accept_publish(request)?,
            ServerEvent::Media { media, .. } => bytes += media.payload.len(),
            ServerEvent::Ended { .. } => break,
            _ => {}
        }
    }
    Ok((bytes, tc_url))
}

#[tokio::test]
async fn tls_2_a_publish_over_rtmps_arrives_whole() {
    let _watch = Watch::over_this_test();
    let certificate = certificate("localhost");
    let (listener, port) = listen(&certificate).await;
    let server = tokio::spawn(async move {
        let (conn, _) = listener.accept().await.unwrap();
        assert!(conn.io().is_tls());
        record(conn).await
    });
    let url = url("localhost", port);
    let mut conn = connect_tls(&url, ClientConfig::default(), &trusting(&certificate)).await.unwrap();
    assert!(conn.io().is_tls() && conn.io().tcp().unwrap().nodelay().unwrap());
    let stream = conn.session().publish("cam");
    while !matches!(conn.next_event().await.unwrap().unwrap(), ClientEvent::Started { .. }) {}
    for number in 0..40 {
        conn.session().send_media(stream, &Media::video(number, vec![0x27; 50_000])).unwrap();
        conn.flush().await.unwrap();
    }
    conn.session().end_stream(stream).unwrap();
    conn.close().await.unwrap();
    let (bytes, tc_url) = server.await.unwrap().unwrap();
    assert_eq!(bytes, 40 * 50_000);
    assert_eq!(tc_url, format!("rtmps://localhost:{port}/live"));
}

#[tokio::test]
async fn tls_2_certificates_are_checked() {
    let _watch = Watch::over_this_test();
    let certificate_a = certificate("localhost");
    let (listener, port) = listen(&certificate_a).await;
    tokio::spawn(async move {
        loop {
            let (conn, _) = listener.accept().await.unwrap();
            tokio::spawn(record(conn));
        }
    });
    let config = ClientConfig::default;
    let invalid = |error: io::Error| assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");

    let stranger = certificate("localhost");
    invalid(connect_tls(&url("localhost", port), config(), &trusting(&stranger)).await.unwrap_err());
    // Known, but under another name.
    invalid(connect_tls(&url("127.0.0.1", port), config(), &trusting(&certificate_a)).await.unwrap_err());
    // The public authorities did not sign it.
    invalid(connect_tls(&url("localhost", port), config(), &TlsClient::webpki().unwrap()).await.unwrap_err());
    invalid(connect(&url("localhost", port), config()).await.unwrap_err());
    connect_tls(&url("localhost", port), config(), &trusting(&certificate_a)).await.unwrap();
}

#[tokio::test]
async fn an_address_is_a_name_too() {
    let _watch = Watch::over_this_test();
    let certificate = certificate("127.0.0.1");
    let (listener, port) = listen(&certificate).await;
    let server = tokio::spawn(async move { record(listener.accept().await.unwrap().0).await });
    let conn = connect_tls(&url("127.0.0.1", port), ClientConfig::default(), &trusting(&certificate)).await.unwrap();
    visit(conn).await.unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_plain_client_at_a_tls_port_is_an_error_and_not_a_hang() {
    let _watch = Watch::over_this_test();
    let certificate = certificate("localhost");
    let (listener, port) = listen(&certificate).await;
    let server = tokio::spawn(async move { record(listener.accept().await.unwrap().0).await });
    let plain: RtmpUrl = format!("rtmp://127.0.0.1:{port}/live/cam").parse().unwrap();
    let mut conn = connect(&plain, ClientConfig::default()).await.unwrap();
    let heard = conn.next_event().await;
    assert!(matches!(heard, Err(_) | Ok(None)), "{heard:?}");
    let error = server.await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Io(error) if error.kind() == io::ErrorKind::InvalidData), "{error}");
}

#[tokio::test]
async fn a_tls_client_at_a_plain_port_is_an_error_and_not_a_hang() {
    let _watch = Watch::over_this_test();
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { record(listener.accept().await.unwrap().0).await });
    let certificate = certificate("localhost");
    connect_tls(&url("localhost", port), ClientConfig::default(), &trusting(&certificate)).await.unwrap_err();
    let error = server.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Session(SessionError::Handshake(_))), "{error}");
}

#[tokio::test]
async fn a_peer_that_dawdles_over_tls_is_timed_out_and_holds_up_nobody() {
    let _watch = Watch::over_this_test();
    let certificate = certificate("localhost");
    let tls = TlsServer::from_pem(certificate.chain.as_bytes(), certificate.key.as_bytes()).unwrap();
    let mut config = ServerConfig::default();
    config.link = config.link.handshake_timeout(Duration::from_millis(300));
    let listener = Listener::bind("127.0.0.1:0", config).await.unwrap().with_tls(tls);
    let address = listener.local_addr().unwrap();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let (first, _) = listener.accept().await.unwrap();
    let first = tokio::spawn(record(first));

    let client = trusting(&certificate);
    let other = tokio::spawn(async move {
        visit(connect_tls(&url("localhost", address.port()), ClientConfig::default(), &client).await.unwrap()).await
    });
    let (second, _) = listener.accept().await.unwrap();
    record(second).await.unwrap();
    other.await.unwrap().unwrap();

    let error = first.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Session(SessionError::TimedOut(Timeout::Handshake))), "{error}");
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap(), 0, "and its socket is closed");
}

#[tokio::test]
async fn a_socket_closed_without_the_goodbye_of_tls_is_a_plain_end() {
    let _watch = Watch::over_this_test();
    let certificate = certificate("localhost");
    let (listener, port) = listen(&certificate).await;
    let server = tokio::spawn(async move { record(listener.accept().await.unwrap().0).await });
    let url = url("localhost", port);
    let mut conn = connect_tls(&url, ClientConfig::default(), &trusting(&certificate)).await.unwrap();
    while !matches!(conn.next_event().await.unwrap().unwrap(), ClientEvent::Connected) {}
    drop(conn);
    server.await.unwrap().unwrap();
}

#[test]
fn bad_certificates_and_keys_are_typed_errors_that_quote_nothing() {
    let made = certificate("localhost");
    let other = certificate("localhost");
    let cases = [
        (String::new(), made.key.clone()),
        (made.chain.clone(), String::new()),
        (made.chain.clone(), "-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n".into()),
        (made.chain.clone(), other.key),
        (made.key.clone(), made.chain.clone()),
    ];
    for (chain, key) in cases {
        let error = TlsServer::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    assert_eq!(TlsClient::with_roots_pem(b"").unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert_eq!(TlsClient::with_roots_pem(b"no pem at all").unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn a_server_that_accepts_and_is_silent_does_not_hold_a_tls_client() {
    let _watch = Watch::over_this_test();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = url("127.0.0.1", silent.local_addr().unwrap().port());
    let link = LinkConfig::default().handshake_timeout(Duration::from_millis(100));
    let config = ClientConfig::default().link(link);
    let tls = trusting(&certificate("localhost"));
    let error = connect_tls(&url, config, &tls).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}
