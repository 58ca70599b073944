//! What is remembered for each chunk stream.

use alloc::vec::Vec;

use crate::{ChunkError, ChunkStreamId, MessageType};

/// The last header of one chunk stream and the message it is in the middle of.
pub(crate) struct ChunkStream {
    pub(crate) id: ChunkStreamId,
    pub(crate) timestamp: u32,
    /// The last value on the wire: the delta, or behind a format 0 its timestamp (CHK-25). Also what an extended
    /// timestamp on a continuation chunk repeats (CHK-19).
    pub(crate) delta: u32,
    pub(crate) len: u32,
    pub(crate) stream_id: u32,
    pub(crate) kind: MessageType,
    /// The last header of format 0, 1 or 2 had an extended timestamp (CHK-17).
    pub(crate) extended: bool,
    /// A message has begun and is not complete.
    pub(crate) begun: bool,
    /// What has arrived of it, unless it is waited for whole.
    pub(crate) payload: Vec<u8>,
}

/// Chunk streams by id. State exists only for ids that occurred; ids below 64 are found with one array access, the
/// others, which nobody uses in earnest, by binary search.
pub(crate) struct Table {
    /// Slot + 1 of ids below 64; 0: not seen yet.
    low: [u32; 64],
    /// Sorted ids from 64 on, with their slots.
    high: Vec<(u32, usize)>,
    streams: Vec<ChunkStream>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { low: [0; 64], high: Vec::new(), streams: Vec::new() }
    }

    #[inline]
    pub(crate) fn find(&self, id: u32) -> Option<usize> {
        match self.low.get(id as usize) {
            Some(&slot) => (slot as usize).checked_sub(1),
            None => self.high.binary_search_by_key(&id, |entry| entry.0).ok().map(|at| self.high[at].1),
        }
    }

    #[cold]
    pub(crate) fn insert(&mut self, id: u32, max: usize) -> Result<usize, ChunkError> {
        let slot = self.streams.len();
        if slot >= max {
            return Err(ChunkError::TooManyChunkStreams { chunk_stream: id, max });
        }
        match self.low.get_mut(id as usize) {
            Some(entry) => *entry = slot as u32 + 1,
            None => {
                let at = self.high.partition_point(|entry| entry.0 < id);
                self.high.insert(at, (id, slot));
            }
        }
        // CHK-34: a first header of format 1 finds message stream 0 and time 0 here.
        self.streams.push(ChunkStream {
            id: ChunkStreamId::new(id).expect("the basic header has no form for other ids"),
            timestamp: 0,
            delta: 0,
            len: 0,
            stream_id: 0,
            kind: MessageType(0),
            extended: false,
            begun: false,
            payload: Vec::new(),
        });
        Ok(slot)
    }

    #[inline]
    pub(crate) fn at(&mut self, slot: usize) -> &mut ChunkStream {
        &mut self.streams[slot]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ChunkStream> {
        self.streams.iter()
    }
}
