//! RTMP chunk stream decoder and encoder with zero-copy payloads, sans-IO.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
