//! The RTMP handshake for both roles, simple and digest, as a sans-IO state machine.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
