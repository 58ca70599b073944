//! What ends a handshake.

/// The peer does not speak this handshake; the connection is of no use and nothing was written in answer.
///
/// The state is final: a [`Handshake`](crate::Handshake) that failed returns the same error again.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// The first byte is the head of a TLS record: a `rtmps://` peer on a plain port, or the reverse (`HS-2`, `TLS-4`).
    #[error("first byte {first:#04x} is a TLS record; the peer speaks RTMPS, so put TLS below this connection")]
    Tls {
        /// 0x16 (TLS handshake) or, from a server, 0x15 (TLS alert).
        first: u8,
    },
    /// The first byte, 32 or more, never was an RTMP version; it is text of another protocol, such as an HTTP verb (`HS-2`, `HS-3`).
    #[error("first byte {first:#04x} is not an RTMP version; the peer speaks another protocol, perhaps HTTP")]
    NotRtmp {
        /// The byte received.
        first: u8,
    },
    /// A client asked for one of the deprecated versions 0 to 2, or for one of 4 to 31 where
    /// [`Handshake::answer_other_versions`](crate::Handshake::answer_other_versions) is off (`HS-3`).
    /// 6, 8 and 9 are RTMPE, which is not offered; use RTMPS (`RTMPE-7`).
    #[error("client asks for RTMP version {version}, only version 3 is offered")]
    UnsupportedVersion {
        /// The version in C0.
        version: u8,
    },
    /// A server answered with a version that was not asked for (`HS-14`).
    #[error("server answers with RTMP version {version}, asked for was version 3")]
    UnexpectedVersion {
        /// The version in S0.
        version: u8,
    },
    /// C2 or S2 neither repeats our packet nor signs it, and
    /// [`Handshake::verify_echo`](crate::Handshake::verify_echo) is on (`HS-8`, `CHS-17`).
    #[error("the peer's last handshake packet does not answer ours")]
    EchoMismatch,
}
