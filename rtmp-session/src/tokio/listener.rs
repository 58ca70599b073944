//! Accepting connections.

use super::{Connection, ServerConnection, Transport};
use crate::{ServerConfig, ServerSession};
use ::tokio::net::{TcpListener, ToSocketAddrs};
use ::tokio::time::Instant;
use std::io;
use std::net::SocketAddr;

/// A listening socket whose connections come with a [`ServerSession`] each.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    config: ServerConfig,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::TlsServer>,
}

impl Listener {
    /// Listens on the first of the addresses that can be had. Port 0 takes a free one, see
    /// [`local_addr`](Self::local_addr).
    ///
    /// # Errors
    ///
    /// That of the operating system: address in use, no such address, no permission for the port.
    pub async fn bind(addr: impl ToSocketAddrs, config: ServerConfig) -> io::Result<Self> {
        Ok(Self::new(TcpListener::bind(addr).await?, config))
    }

    /// Listens on a socket made elsewhere, with options of its own (IPv6 only, `SO_REUSEPORT`, inherited from a
    /// supervisor).
    pub fn new(socket: TcpListener, config: ServerConfig) -> Self {
        Self {
            socket,
            config,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Speaks TLS (RTMPS) on every connection accepted from now on.
    ///
    /// The TLS handshake is part of the connection's first read, so a peer that dawdles holds up no other, and the
    /// session's handshake timeout covers it.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(mut self, tls: super::tls::TlsServer) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The next connection and the address of its peer. Cancel safe.
    ///
    /// # Errors
    ///
    /// That of the operating system. Most pass: the peer was gone already, or the process is out of file descriptors
    /// until some connection ends. A server logs it, waits a moment and calls again.
    pub async fn accept(&self) -> io::Result<(ServerConnection, SocketAddr)> {
        let (socket, peer) = self.socket.accept().await?;
        // Fails only on a socket that the peer has reset, which the first read reports better.
        let _ = socket.set_nodelay(true);
        let session = ServerSession::new(self.config.clone(), Instant::now().into_std());
        #[cfg(feature = "tls")]
        let transport = match &self.tls {
            Some(tls) => tls.accept(socket),
            None => Transport::from(socket),
        };
        #[cfg(not(feature = "tls"))]
        let transport = Transport::from(socket);
        Ok((Connection::new(session, transport), peer))
    }

    /// The address it listens on.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}
