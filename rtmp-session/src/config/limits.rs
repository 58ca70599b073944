//! Bounds on what a peer can cost.

use rtmp_amf::AmfLimits;
use rtmp_chunk::ChunkLimits;

use crate::shared_object::SharedObjectLimits;

/// Bounds on what one peer can make a session hold.
///
/// The worst case of one connection is `chunk.max_partial_bytes` and the one message being handled
/// (`chunk.max_message_len`), one receive buffer (512 KiB), `max_reply_bytes`, and what the program itself queues. A
/// client of a server costs that only while it publishes: before and after, one message and all unfinished ones
/// together are held to the longest command or shared object message, 32 KiB.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bounds of the chunk layer: message length, chunk streams, unfinished messages.
    pub chunk: ChunkLimits,
    /// Bounds on the values of one command: depth, number, bytes.
    pub amf: AmfLimits,
    /// Bounds on one shared object message. The objects themselves are the program's. See SO-10.
    pub shared_object: SharedObjectLimits,
    /// Longest command accepted, in bytes. Default 32 KiB: connect objects with tokens stay under 8 KiB. Besides, it is
    /// what a client that does not publish may leave unfinished: twice, once in messages of several chunks and once in
    /// one that is waited for whole. The values of one command take up to 4096 times 200 bytes while it is handled,
    /// within `amf`. See MSG-9.
    pub max_command_len: usize,
    /// Longest application or stream name, in bytes, queries not counted. Default 1 KiB. The connection keeps that of the
    /// application; of a stream name only a fingerprint is kept.
    pub max_name_len: usize,
    /// Message streams per connection. Default 16; nearly every peer uses one. Each costs up to 64 bytes, and what
    /// the program keeps for a publish or play. One more is refused. See CMD-28.
    pub max_streams: usize,
    /// Calls waiting for an answer, per direction. Default 64. Each costs up to 32 bytes, and what the program
    /// keeps for it.
    pub max_calls: usize,
    /// Bytes of answers queued for a peer that asks on and does not read: pongs, acknowledgements, results. Default
    /// 16 KiB. A single answer may be longer. What the program says unasked, media above all, does not count.
    pub max_reply_bytes: usize,
}

impl Limits {
    /// Bounds of the chunk layer for a client that has nothing to send but commands and shared objects.
    pub(crate) fn without_publish(&self) -> ChunkLimits {
        let longest = self.max_command_len.max(self.shared_object.max_message_len);
        let chunk = self.chunk.clone();
        let (message, partial) = (chunk.max_message_len.min(longest), chunk.max_partial_bytes.min(longest));
        chunk.max_message_len(message).max_partial_bytes(partial)
    }

    /// Sets [`Limits::chunk`].
    #[must_use]
    pub fn chunk(mut self, limits: ChunkLimits) -> Self {
        self.chunk = limits;
        self
    }

    /// Sets [`Limits::amf`].
    #[must_use]
    pub fn amf(mut self, limits: AmfLimits) -> Self {
        self.amf = limits;
        self
    }

    /// Sets [`Limits::shared_object`].
    #[must_use]
    pub fn shared_object(mut self, limits: SharedObjectLimits) -> Self {
        self.shared_object = limits;
        self
    }

    /// Sets [`Limits::max_command_len`].
    #[must_use]
    pub fn max_command_len(mut self, bytes: usize) -> Self {
        self.max_command_len = bytes;
        self
    }

    /// Sets [`Limits::max_name_len`].
    #[must_use]
    pub fn max_name_len(mut self, bytes: usize) -> Self {
        self.max_name_len = bytes;
        self
    }

    /// Sets [`Limits::max_streams`].
    #[must_use]
    pub fn max_streams(mut self, count: usize) -> Self {
        self.max_streams = count;
        self
    }

    /// Sets [`Limits::max_calls`].
    #[must_use]
    pub fn max_calls(mut self, count: usize) -> Self {
        self.max_calls = count;
        self
    }

    /// Sets [`Limits::max_reply_bytes`].
    #[must_use]
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.max_reply_bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chunk: ChunkLimits::default(),
            amf: AmfLimits::default(),
            shared_object: SharedObjectLimits::default(),
            max_command_len: 32 << 10,
            max_name_len: 1 << 10,
            max_streams: 16,
            max_calls: 64,
            max_reply_bytes: 16 << 10,
        }
    }
}
