//! What a peer may cost.

/// Bounds on what one [`ChunkDecoder`](crate::ChunkDecoder) holds for its peer.
///
/// The worst case of one decoder is `max_partial_bytes` for unfinished messages, while one of them grows once more its
/// old size, and about 100 bytes for each of `max_chunk_streams`.
/// Beside it the receive buffer holds at most one message of 32 KiB that waits to be complete, and one read.
///
/// ```
/// let limits = rtmp_chunk::ChunkLimits::default().max_message_len(1 << 20).max_partial_bytes(2 << 20);
/// assert_eq!(limits.max_chunk_streams, 64);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Longest message accepted, in bytes. The wire allows 16 MiB; an intra-only 4K frame stays under 4 MiB.
    /// Default 8 MiB. A longer one ends the connection at its header, before any of its payload is kept. See CHK-37.
    pub max_message_len: usize,
    /// Number of chunk streams with state. The wire allows 65 598; the busiest peer seen uses 7. Default 64. See CHK-39.
    pub max_chunk_streams: usize,
    /// Memory of all unfinished messages together, in bytes. Default 16 MiB: one message of the longest kind on each
    /// of two chunk streams. Memory follows the bytes received, never the length announced. See CHK-38, CHK-39.
    pub max_partial_bytes: usize,
    /// Zero-length messages in a row. One byte on the wire can be such a message, and each costs the application an
    /// event; a silent encoder sends 47 a second between other messages. Default 1024. See CHK-35.
    pub max_empty_run: usize,
}

impl ChunkLimits {
    /// Sets [`ChunkLimits::max_message_len`].
    #[must_use]
    pub fn max_message_len(mut self, bytes: usize) -> Self {
        self.max_message_len = bytes;
        self
    }

    /// Sets [`ChunkLimits::max_chunk_streams`].
    #[must_use]
    pub fn max_chunk_streams(mut self, count: usize) -> Self {
        self.max_chunk_streams = count;
        self
    }

    /// Sets [`ChunkLimits::max_partial_bytes`].
    #[must_use]
    pub fn max_partial_bytes(mut self, bytes: usize) -> Self {
        self.max_partial_bytes = bytes;
        self
    }

    /// Sets [`ChunkLimits::max_empty_run`].
    #[must_use]
    pub fn max_empty_run(mut self, count: usize) -> Self {
        self.max_empty_run = count;
        self
    }
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self { max_message_len: 8 << 20, max_chunk_streams: 64, max_partial_bytes: 16 << 20, max_empty_run: 1024 }
    }
}
