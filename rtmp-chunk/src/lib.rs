//! RTMP chunk stream decoder and encoder with zero-copy payloads, sans-IO.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod assembly;
mod control;
mod copy;
mod decoder;
mod encoder;
mod error;
mod header;
mod limits;
mod message;
mod queue;
mod table;

pub use self::{
    control::{BandwidthLimit, Control, ControlError},
    decoder::ChunkDecoder,
    encoder::{ChunkEncoder, encode_into, encode_once, encoded_len},
    error::{ChunkError, MessageTooLong},
    limits::ChunkLimits,
    message::{ChunkSize, ChunkStreamId, Message, MessageType},
    queue::SendQueue,
};
