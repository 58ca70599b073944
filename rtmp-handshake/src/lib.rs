//! The RTMP handshake for both roles, plain and digest, as a state machine without IO: bytes in, bytes out.
//!
//! Before any chunk, each side sends a version byte and two packets of 1536 bytes. The first packet is random, the second
//! shows that the other's first was read:
//!
//! ```text
//!   client                                     server
//!     │ ── C0 version ─ C1 time, random ──────► │
//!     │ ◄───────────── S0 version ─ S1 time, random ── S2 answer to C1 ── │
//!     │ ── C2 answer to S1 ───────────────────► │
//!     │ ── chunks ...                           │      behind 3073 bytes each way the chunk stream begins
//! ```
//!
//! In the [plain](Scheme::Plain) form an answer is an echo. In the [digest](Scheme::Digest) form, which Flash Player
//! demanded and FFmpeg, librtmp and nginx-rtmp still speak, C1 and S1 hide an HMAC-SHA256 digest at a place that other
//! bytes of the packet name, and an answer is signed with it. The keys are public: it proves nothing but good will. A
//! server recognises the form and answers in kind; a client that gets a plain answer goes on in the plain form.
//!
//! # The loop
//!
//! Append what you read to `input`, write what appears in `output`, and call [`Handshake::advance`] until it is done.
//! Here two of them talk to each other:
//!
//! ```
//! use bytes::BytesMut;
//! use rtmp_handshake::{Answer, Handshake, Progress, Scheme, Seed};
//!
//! let mut client = Handshake::client(Scheme::Digest, Seed::new([1; 32])); // Seed::from_os() in a program
//! let mut server = Handshake::server(Seed::new([2; 32]));
//! let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
//!
//! client.advance(&mut to_client, &mut to_server)?; // writes C0 and C1
//! server.advance(&mut to_server, &mut to_client)?; // reads them, writes S0, S1 and S2
//! let Progress::Done(seen_by_client) = client.advance(&mut to_client, &mut to_server)? else { panic!("S2 is in") };
//!
//! to_server.extend_from_slice(b"chunks"); // often in one segment with C2
//! let Progress::Done(seen_by_server) = server.advance(&mut to_server, &mut to_client)? else { panic!("C2 is in") };
//!
//! assert_eq!((seen_by_client.scheme, seen_by_server.scheme), (Scheme::Digest, Scheme::Digest));
//! assert_eq!(seen_by_server.answer, Answer::Signed);
//! assert_eq!(to_server, "chunks", "what follows the handshake is left for the chunk decoder");
//! # Ok::<(), rtmp_handshake::HandshakeError>(())
//! ```
//!
//! # What it does not do
//!
//! * **Time.** End a handshake that takes too long; [`Progress::NeedMore`] says what is missing.
//! * **TLS.** RTMPS is this protocol over an encrypted stream; put TLS below. A TLS peer on a plain connection is
//!   recognised by its first byte and gets an [error](HandshakeError::Tls) that says so.
//! * **RTMPE.** Versions 6, 8 and 9 are refused; that scheme authenticates nobody, RTMPS does.
//! * **Memory and work.** A hostile peer makes it hold 1537 bytes of input and compute at most five HMACs of 1.5 KiB.
//!
//! The requirement ids (`HS-8`, `CHS-14`, ..) in the documentation are those of the lists for the
//! [plain](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/rtmp-1.0.md) and the [digest](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/handshake-complex.md) handshake.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

/// The crate whose `BytesMut` stands in this one's functions.
pub use bytes;

mod digest;
mod error;
mod machine;
mod packet;
mod peer;
mod seed;
mod swf;

pub use error::HandshakeError;
pub use machine::Handshake;
pub use packet::HANDSHAKE_LEN;
pub use peer::{Answer, DigestSchema, Peer, Progress, Scheme};
pub use seed::Seed;
pub use swf::SwfVerification;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
