//! What can be wrong with the peer's bytes, and the one thing that can be wrong with ours.

use crate::{ControlError, Message};

/// The peer's bytes cannot be trusted any more: the connection is over.
///
/// The decoder that returned it is finished and returns the same error again.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// A header announced a message longer than [`ChunkLimits::max_message_len`](crate::ChunkLimits::max_message_len).
    #[error("message of {len} bytes on chunk stream {chunk_stream} is over the limit of {max} (CHK-37)")]
    MessageTooLong {
        /// The chunk stream of the header.
        chunk_stream: u32,
        /// Bytes announced.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// More chunk streams than [`ChunkLimits::max_chunk_streams`](crate::ChunkLimits::max_chunk_streams).
    #[error("chunk stream {chunk_stream} is one more than the limit of {max} (CHK-39)")]
    TooManyChunkStreams {
        /// The chunk stream that was one too many.
        chunk_stream: u32,
        /// Chunk streams allowed.
        max: usize,
    },
    /// Unfinished messages need more than [`ChunkLimits::max_partial_bytes`](crate::ChunkLimits::max_partial_bytes).
    #[error("unfinished messages need {bytes} bytes, over the limit of {max} (CHK-39)")]
    TooManyPartialBytes {
        /// Bytes needed to go on.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// More zero-length messages in a row than [`ChunkLimits::max_empty_run`](crate::ChunkLimits::max_empty_run).
    #[error("more than {max} empty messages in a row (CHK-35)")]
    TooManyEmptyMessages {
        /// Empty messages in a row allowed.
        max: usize,
    },
    /// The first header of a chunk stream was of format 2 or 3, which leaves the length unknown. See CHK-34.
    #[error("chunk stream {chunk_stream} starts with a header of format {format}, which has no length (CHK-34)")]
    NoLength {
        /// The chunk stream of the header.
        chunk_stream: u32,
        /// Format of the header: 2 or 3.
        format: u8,
    },
    /// A message began on a chunk stream whose last one was not complete. See CHK-33 and
    /// [`ChunkDecoder::drop_partial`](crate::ChunkDecoder::drop_partial).
    #[error("new message on chunk stream {chunk_stream} after {received} of {len} bytes of the last one (CHK-33)")]
    Interrupted {
        /// The chunk stream of the header.
        chunk_stream: u32,
        /// Bytes of the unfinished message received.
        received: usize,
        /// Bytes of the unfinished message announced.
        len: usize,
    },
    /// A Set Chunk Size that leaves the size of the chunks after it unknown. See CTL-2, CTL-6 and CTL-7.
    #[error("invalid set chunk size: {0}")]
    ChunkSize(#[source] ControlError),
}

/// The payload of a message to be sent does not fit the 24-bit length field. Nothing was written. See CHK-37.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("message of {len} bytes is longer than the {max} the wire can carry", max = Message::MAX_LEN)]
pub struct MessageTooLong {
    /// Bytes in the payload.
    pub len: usize,
}
