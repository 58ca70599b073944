//! What the tests of the sessions share: a pair of sessions with a pipe that cuts, and a peer that says anything.

#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]

mod pair;
mod vectors;
mod wire;

#[allow(unused_imports, reason = "each test program uses a part of it")]
pub use pair::{Cut, Pair, Saw};
#[allow(unused_imports, reason = "each test program uses a part of it")]
pub use vectors::{unhex, vector};
#[allow(unused_imports, reason = "each test program uses a part of it")]
pub use wire::{
    Peer, command, command_amf3, data, drain, feed, handshaken, messages, messages_in_large_chunks, values,
};

use rtmp_session::{ClientConfig, LinkConfig, Media, ServerConfig, handshake::Seed};
use std::time::Instant;

/// The same bytes in every run.
pub fn link_config() -> LinkConfig {
    LinkConfig::default().seed(Seed::new([7; 32]))
}

pub fn server_config() -> ServerConfig {
    ServerConfig::default().link(link_config())
}

pub fn client_config() -> ClientConfig {
    ClientConfig::default().link(link_config())
}

/// A moment; what it is does not matter.
pub fn epoch() -> Instant {
    Instant::now()
}

pub fn video(timestamp: u32, len: usize) -> Media {
    let mut payload = vec![0x27, 1, 0, 0, 0];
    payload.extend((payload.len()..len.max(6)).map(|at| at as u8));
    Media::video(timestamp, payload)
}

pub fn audio(timestamp: u32, len: usize) -> Media {
    let mut payload = vec![0xaf, 1];
    payload.extend((payload.len()..len.max(3)).map(|at| at as u8));
    Media::audio(timestamp, payload)
}

/// onMetaData with one property, as it is stored and played.
pub fn metadata(timestamp: u32) -> Media {
    let object = rtmp_session::amf::Object::new().with("width", 1280.0);
    Media::data(timestamp, values(&["onMetaData".into(), rtmp_session::amf::Value::EcmaArray(object)]))
}
