//! RTMPS: RTMP inside TLS, for both roles, over [rustls] with its ring provider.
//!
//! The session is unaware of it: TLS is a property of the byte stream. Peers of the field end an RTMPS connection by
//! closing the socket, without TLS's own goodbye; since RTMP messages carry their length, that reads as a plain end of
//! input here, and a session that was inside a message still reports it.

use super::Transport;
use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ::tokio::net::TcpStream;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio_rustls::{Accept, TlsAcceptor, TlsConnector, TlsStream};

pub use tokio_rustls::rustls;

/// How a client checks servers. Cheap to clone.
#[derive(Clone)]
pub struct TlsClient(TlsConnector);

impl TlsClient {
    /// Trusts the certificate authorities of the operating system; where it has none, as in a bare container, those of
    /// the Mozilla programme.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Other`] if rustls cannot be set up, which does not happen with its own provider.
    pub fn new() -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Self::webpki();
        }
        Self::with_roots(roots)
    }

    /// Trusts the certificate authorities of the Mozilla programme, as compiled in, whatever the machine says.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn webpki() -> io::Result<Self> {
        Self::with_roots(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// Trusts exactly the certificates in `pem`: a private authority, or a server's self-signed certificate.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] if there is no certificate in it, or one that cannot be read.
    pub fn with_roots_pem(pem: &[u8]) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(invalid)?;
        }
        Self::with_roots(roots)
    }

    /// Any other way to check: client certificates, pinning, a verifier of one's own.
    pub fn from_config(config: Arc<ClientConfig>) -> Self {
        Self(TlsConnector::from(config))
    }

    /// The TLS handshake as client on a connected socket. `host` is sent as the server name (SNI) unless it is an IP
    /// address, and the server's certificate must be valid for it.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] for a `host` that is neither a DNS name nor an address,
    /// [`io::ErrorKind::InvalidData`] when the certificate or the protocol is refused, and those of the socket.
    pub async fn connect(&self, host: &str, socket: TcpStream) -> io::Result<Transport> {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let socket = self.0.connect(name, socket).await?;
        Ok(Transport::tls(Socket::Open(socket.into())))
    }

    fn with_roots(roots: RootCertStore) -> io::Result<Self> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::from_config(Arc::new(config)))
    }
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient").finish_non_exhaustive()
    }
}

/// How a server proves who it is. Cheap to clone.
#[derive(Clone)]
pub struct TlsServer(TlsAcceptor);

impl TlsServer {
    /// Takes a certificate chain, the server's own certificate first, and its private key (PKCS#8, PKCS#1 or SEC1).
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] if one of them cannot be read, or if they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> io::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(key).map_err(pem_error)?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(certificates(chain)?, key)
            .map_err(invalid)?;
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Any other setting: several names, client certificates, certificates renewed while running.
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self(TlsAcceptor::from(config))
    }

    /// The server's side of TLS on an accepted socket. The handshake happens in the first reads and writes.
    pub fn accept(&self, socket: TcpStream) -> Transport {
        Transport::tls(Socket::Accepting(self.0.accept(socket)))
    }
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

/// A TLS socket that finishes its handshake by itself when it is first used.
pub(super) enum Socket {
    Accepting(Accept<TcpStream>),
    Open(TlsStream<TcpStream>),
    Failed,
}

impl Socket {
    pub(super) fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Accepting(accept) => accept.get_ref(),
            Self::Open(stream) => Some(stream.get_ref().0),
            Self::Failed => None,
        }
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut TlsStream<TcpStream>>>> {
        if let Self::Accepting(accept) = self {
            match ready!(Pin::new(accept).poll(cx)) {
                Ok(stream) => *self = Self::Open(stream.into()),
                Err(error) => {
                    *self = Self::Failed;
                    return Poll::Ready(Err(error));
                }
            }
        }
        match self {
            Self::Open(stream) => Poll::Ready(Ok(Pin::new(stream))),
            _ => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepting(_) => "Accepting",
            Self::Open(_) => "Open",
            Self::Failed => "Failed",
        })
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match ready!(ready!(self.get_mut().poll_open(cx))?.poll_read(cx, buf)) {
            // Closed without TLS's goodbye, see the module's page.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.get_mut().poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.get_mut().poll_open(cx))?.poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_open(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_open(cx))?.poll_shutdown(cx)
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(pem_error)?;
    if certificates.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no certificate in the PEM data"));
    }
    Ok(certificates)
}

// The PEM reader's own messages may quote what it read, and one of its inputs is a private key.
fn pem_error(error: PemError) -> io::Error {
    let what = match error {
        PemError::NoItemsFound => "nothing of the expected kind in the PEM data",
        _ => "malformed PEM data",
    };
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
