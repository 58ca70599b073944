//! One message in the log of a stream.

use std::sync::Arc;

use bytes::Bytes;
use rtmp_chunk::ChunkDecoder;

use super::Headers;
use crate::Media;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) media: Media,
    /// The wire image of the batch from this message to its end.
    pub(super) image: Bytes,
    /// Messages in `image`.
    pub(super) run: u32,
    /// Bytes of `image` that are this message's own.
    pub(super) own: usize,
    /// Of no use without the frames before it.
    pub(super) is_inter: bool,
    /// Memory held for it: payload, image, and headers where they change.
    pub(super) cost: usize,
    /// [`Channel::pushed`] before it.
    pub(super) offset: u64,
    /// [`Timeline::elapsed`] when it came.
    pub(super) elapsed: u64,
    /// Version of the headers in force behind it.
    pub(super) version: u64,
    /// At a key frame: the headers that a decoder needs there.
    pub(super) headers: Option<Arc<Headers>>,
}

impl Entry {
    /// Length of the payload if it may be a slice of a read buffer.
    pub(super) fn sliced(&self) -> Option<usize> {
        Some(self.media.payload.len()).filter(|len| *len <= ChunkDecoder::SLICED_MAX)
    }
}
