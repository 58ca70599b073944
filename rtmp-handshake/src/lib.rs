//! The RTMP handshake for both roles, simple and digest, as a sans-IO state machine.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

mod digest;
mod error;
mod machine;
mod packet;
mod peer;
mod seed;

pub use error::HandshakeError;
pub use machine::Handshake;
pub use packet::HANDSHAKE_LEN;
pub use peer::{Answer, DigestSchema, Peer, Progress, Scheme};
pub use seed::Seed;
