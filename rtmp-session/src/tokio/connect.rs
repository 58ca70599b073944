//! Opening connections.

use super::{ClientConnection, Connection, Transport};
use crate::{ClientConfig, ClientSession, RtmpUrl};
use ::tokio::net::TcpStream;
use ::tokio::time::{Instant, timeout};
use std::future::Future;
use std::{error, fmt, io};

/// Connects to the host of `url` and starts a [`ClientSession`] there: `rtmp://` over TCP, `rtmps://` over TLS with
/// the roots of [`TlsClient::new`](super::tls::TlsClient::new).
///
/// Returns as soon as the socket is open, TLS included, which may take
/// [`LinkConfig::handshake_timeout`](crate::LinkConfig::handshake_timeout). The handshake and the connect command happen in
/// [`Connection::next_event`]; what the program asks for meanwhile is sent as soon as it may.
///
/// A player:
///
/// ```no_run
/// use rtmp_session::tokio::{Error, connect};
/// use rtmp_session::{ClientConfig, ClientEvent, RtmpUrl, code};
/// use std::io;
///
/// async fn play(url: &RtmpUrl) -> Result<(), Error> {
///     let mut conn = connect(url, ClientConfig::default()).await?;
///     conn.session().play(&url.stream);
///     while let Some(event) = conn.next_event().await? {
///         match event {
///             ClientEvent::Media { media, .. } => {
///                 println!("{} at {} ms, {} bytes", media.kind, media.timestamp, media.payload.len());
///             }
///             // The publisher left. The stream goes on with the next one, who may never come: stop here, or wait.
///             ClientEvent::Status { status, .. } if status.is(code::PLAY_UNPUBLISH_NOTIFY) => break,
///             ClientEvent::Ended { status, .. } if status.is_error() => {
///                 return Err(io::Error::other(status.to_string()).into());
///             }
///             ClientEvent::Ended { .. } => break,
///             _ => {}
///         }
///     }
///     conn.close().await
/// }
/// ```
///
/// # Errors
///
/// Name resolution, TCP and TLS errors; [`io::ErrorKind::TimedOut`] when they take too long. `rtmps://` without the feature
/// `tls` is [`io::ErrorKind::Unsupported`]. Each says which host and port it is about; the error of the operating system or
/// of TLS is its [source](std::error::Error::source).
pub async fn connect(url: &RtmpUrl, config: ClientConfig) -> io::Result<ClientConnection> {
    if url.is_tls() {
        #[cfg(feature = "tls")]
        return connect_tls(url, config, &super::tls::TlsClient::new()?).await;
        #[cfg(not(feature = "tls"))]
        return Err(io::Error::new(io::ErrorKind::Unsupported, "rtmps needs the feature `tls` of rtmp-session"));
    }
    let socket = in_time(url, &config, open(url)).await?;
    Ok(start(url, config, socket.into()))
}

/// Like [`connect`], always over TLS, with roots and options of the caller's choice.
///
/// # Errors
///
/// As of [`connect`].
#[cfg(feature = "tls")]
pub async fn connect_tls(
    url: &RtmpUrl,
    config: ClientConfig,
    tls: &super::tls::TlsClient,
) -> io::Result<ClientConnection> {
    let transport = in_time(url, &config, async { tls.connect(&url.host, open(url).await?).await }).await?;
    Ok(start(url, config, transport))
}

/// A host that drops packets would hold the caller for minutes, one that accepts and is silent for ever.
async fn in_time<T>(
    url: &RtmpUrl,
    config: &ClientConfig,
    opening: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let limit = config.link.handshake_timeout;
    let opened = timeout(limit, opening).await.unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("not open within {} s", limit.as_secs_f64())))
    });
    opened.map_err(|cause| io::Error::new(cause.kind(), ConnectError { authority: url.authority(), cause }))
}

/// An error without an address is of little use to a program with many of them.
#[derive(Debug)]
struct ConnectError {
    authority: String,
    cause: io::Error,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connecting to {}: {}", self.authority, self.cause)
    }
}

impl error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.cause)
    }
}

async fn open(url: &RtmpUrl) -> io::Result<TcpStream> {
    let socket = TcpStream::connect((url.host.as_str(), url.port)).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

fn start(url: &RtmpUrl, config: ClientConfig, transport: Transport) -> ClientConnection {
    Connection::new(ClientSession::new(config, url, Instant::now().into_std()), transport)
}
