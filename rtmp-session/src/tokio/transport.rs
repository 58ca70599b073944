//! The socket under a connection: TCP, or TLS over TCP.

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ::tokio::net::TcpStream;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The byte stream that [`Listener`](super::Listener) accepts and [`connect`](super::connect) opens: plain TCP, or,
/// with the feature `tls`, TLS over TCP.
#[derive(Debug)]
pub struct Transport(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<super::tls::Socket>),
}

impl Transport {
    /// Whether the bytes are encrypted.
    pub fn is_tls(&self) -> bool {
        match &self.0 {
            Kind::Tcp(_) => false,
            #[cfg(feature = "tls")]
            Kind::Tls(_) => true,
        }
    }

    /// The address of the peer.
    ///
    /// # Errors
    ///
    /// That of the operating system, when the socket is no longer connected.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().map_or_else(|| Err(io::ErrorKind::NotConnected.into()), TcpStream::peer_addr)
    }

    /// The address of this side.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().map_or_else(|| Err(io::ErrorKind::NotConnected.into()), TcpStream::local_addr)
    }

    /// The TCP socket, for its options. `None` after a TLS handshake that failed.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match &self.0 {
            Kind::Tcp(socket) => Some(socket),
            #[cfg(feature = "tls")]
            Kind::Tls(socket) => socket.tcp(),
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn tls(socket: super::tls::Socket) -> Self {
        Self(Kind::Tls(Box::new(socket)))
    }
}

impl From<TcpStream> for Transport {
    fn from(socket: TcpStream) -> Self {
        Self(Kind::Tcp(socket))
    }
}

/// Calls a method of whichever socket there is.
macro_rules! either {
    ($self:ident, $socket:ident => $call:expr) => {
        match &mut $self.get_mut().0 {
            Kind::Tcp($socket) => $call,
            #[cfg(feature = "tls")]
            Kind::Tls($socket) => $call,
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_read(cx, buf))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, socket => Pin::new(socket).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, socket => Pin::new(socket).poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_shutdown(cx))
    }
}
