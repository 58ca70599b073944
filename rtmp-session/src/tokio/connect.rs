//! Opening connections.

use super::{ClientConnection, Connection, Transport};
use crate::{ClientConfig, ClientSession, RtmpUrl};
use ::tokio::net::TcpStream;
use ::tokio::time::{Instant, timeout};
use std::future::Future;
use std::io;

/// Connects to the host of `url` and starts a [`ClientSession`] there: `rtmp://` over TCP, `rtmps://` over TLS with
/// the roots of [`TlsClient::new`](super::tls::TlsClient::new).
///
/// Returns as soon as the socket is open, TLS included, which may take
/// [`LinkConfig::handshake_timeout`](crate::LinkConfig::handshake_timeout). The handshake and the connect command happen in
/// [`Connection::next_event`]; what the program asks for meanwhile is sent as soon as it may.
///
/// # Errors
///
/// Name resolution, TCP and TLS errors; [`io::ErrorKind::TimedOut`] when they take too long. `rtmps://` without the feature
/// `tls` is [`io::ErrorKind::Unsupported`].
pub async fn connect(url: &RtmpUrl, config: ClientConfig) -> io::Result<ClientConnection> {
    if url.is_tls() {
        #[cfg(feature = "tls")]
        return connect_tls(url, config, &super::tls::TlsClient::new()?).await;
        #[cfg(not(feature = "tls"))]
        return Err(io::Error::new(io::ErrorKind::Unsupported, "rtmps needs the feature `tls` of rtmp-session"));
    }
    let socket = in_time(&config, open(url)).await?;
    Ok(start(url, config, socket.into()))
}

/// Like [`connect`], always over TLS, with roots and options of the caller's choice.
///
/// # Errors
///
/// Name resolution, TCP and TLS errors; [`io::ErrorKind::TimedOut`] when they take too long.
#[cfg(feature = "tls")]
pub async fn connect_tls(
    url: &RtmpUrl,
    config: ClientConfig,
    tls: &super::tls::TlsClient,
) -> io::Result<ClientConnection> {
    let transport = in_time(&config, async { tls.connect(&url.host, open(url).await?).await }).await?;
    Ok(start(url, config, transport))
}

/// A host that drops packets would hold the caller for minutes, one that accepts and is silent for ever.
async fn in_time<T>(config: &ClientConfig, opening: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(config.link.handshake_timeout, opening).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn open(url: &RtmpUrl) -> io::Result<TcpStream> {
    let socket = TcpStream::connect((url.host.as_str(), url.port)).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

fn start(url: &RtmpUrl, config: ClientConfig, transport: Transport) -> ClientConnection {
    Connection::new(ClientSession::new(config, url, Instant::now().into_std()), transport)
}
