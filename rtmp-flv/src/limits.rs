//! What an FLV file may cost.

/// Bounds on what a [`TagDecoder`](crate::TagDecoder) needs of its input buffer.
///
/// The decoder keeps nothing itself. Its receive buffer has to hold one whole tag, so the worst case of one file is
/// `max_tag_len` and one read; the buffer grows with the bytes received, never with the length announced. See FLV-10.
///
/// ```
/// let limits = rtmp_flv::FlvLimits::default().max_tag_len(1 << 20);
/// assert_eq!(limits.max_data_offset, 65_536);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlvLimits {
    /// Longest tag body accepted, in bytes. The format allows 16 MiB - 1; an intra-only 4K frame stays under 4 MiB.
    /// Default 8 MiB.
    pub max_tag_len: usize,
    /// Largest DataOffset accepted, in bytes: where the body of the file starts. The format says 9, later versions may
    /// say more. Default 64 KiB; what lies between is skipped without being kept. See FLV-4.
    pub max_data_offset: usize,
}

impl FlvLimits {
    /// Sets [`FlvLimits::max_tag_len`].
    #[must_use]
    pub fn max_tag_len(mut self, bytes: usize) -> Self {
        self.max_tag_len = bytes;
        self
    }

    /// Sets [`FlvLimits::max_data_offset`].
    #[must_use]
    pub fn max_data_offset(mut self, bytes: usize) -> Self {
        self.max_data_offset = bytes;
        self
    }
}

impl Default for FlvLimits {
    fn default() -> Self {
        Self { max_tag_len: 8 << 20, max_data_offset: 64 << 10 }
    }
}
