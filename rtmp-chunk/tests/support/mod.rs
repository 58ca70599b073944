//! Shared by the tests: ways to feed a decoder, and a chunk writer that does what it is told.
#![allow(dead_code, unreachable_pub, reason = "each test target uses its own part")]

pub mod feed;
pub mod strategy;
pub mod vectors;
pub mod writer;

use bytes::Bytes;
use rtmp_chunk::{ChunkSize, ChunkStreamId, Message, MessageType};

pub fn id(id: u32) -> ChunkStreamId {
    ChunkStreamId::new(id).unwrap()
}

pub fn size(bytes: u32) -> ChunkSize {
    ChunkSize::new(bytes).unwrap()
}

/// A message on message stream 1.
pub fn message(chunk_stream: u32, timestamp: u32, kind: MessageType, payload: &[u8]) -> Message {
    Message { kind, stream_id: 1, timestamp, chunk_stream: id(chunk_stream), payload: Bytes::copy_from_slice(payload) }
}

pub fn audio(chunk_stream: u32, timestamp: u32, payload: &[u8]) -> Message {
    message(chunk_stream, timestamp, MessageType::AUDIO, payload)
}

pub fn video(chunk_stream: u32, timestamp: u32, payload: &[u8]) -> Message {
    message(chunk_stream, timestamp, MessageType::VIDEO, payload)
}

/// Payload bytes that differ from place to place, so that a lost, doubled or moved byte shows.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
