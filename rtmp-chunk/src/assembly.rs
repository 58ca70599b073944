//! Buffers of messages that come in several chunks or reads: how they grow, and what they may grow to together.

use alloc::vec::Vec;

use crate::ChunkError;

/// Memory of all unfinished messages of one connection, counted as reserved. See CHK-38, CHK-39.
pub(crate) struct Assembly {
    max: usize,
    reserved: usize,
    unfinished: usize,
    /// What is reserved on the word of a header alone.
    first: usize,
}

impl Assembly {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, reserved: 0, unfinished: 0, first: FIRST_RESERVATION }
    }

    /// Another bound from now on. It may be lower than what is reserved already.
    pub(crate) fn set_max(&mut self, max: usize) {
        self.max = max;
    }

    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// The buffer of a message of `len` bytes of which nothing has arrived.
    /// Reserves it whole if it is short, so that the common message is never moved; the more messages are unfinished,
    /// the less is reserved on the word of a header alone.
    pub(crate) fn open(&mut self, len: usize) -> Vec<u8> {
        self.unfinished += 1;
        let first = (self.first / self.unfinished).min(self.max.saturating_sub(self.reserved));
        let payload = Vec::with_capacity(len.min(first));
        self.reserved += payload.capacity();
        payload
    }

    /// Makes room for `more` bytes that have arrived, in the buffer of a message of `len` bytes. Doubles, so the time
    /// spent moving stays linear, and ends at `len` exactly, so the finished buffer is handed over as it is.
    #[inline]
    pub(crate) fn make_room(&mut self, payload: &mut Vec<u8>, more: usize, len: usize) -> Result<(), ChunkError> {
        if payload.capacity() - payload.len() >= more { Ok(()) } else { self.grow(payload, more, len) }
    }

    #[cold]
    fn grow(&mut self, payload: &mut Vec<u8>, more: usize, len: usize) -> Result<(), ChunkError> {
        let old = payload.capacity();
        let need = payload.len() + more;
        let most = old + self.max.saturating_sub(self.reserved);
        if need > most {
            return Err(ChunkError::TooManyPartialBytes { bytes: self.reserved + (need - old), max: self.max });
        }
        let target = need.max(old * 2).min(len).min(most);
        payload.reserve_exact(target - payload.len());
        self.reserved += payload.capacity() - old;
        Ok(())
    }

    /// The message is complete or given up: its buffer is no longer ours.
    /// A peer that has sent a large message once is believed the next time.
    pub(crate) fn close(&mut self, payload: &Vec<u8>) {
        self.unfinished -= 1;
        self.reserved -= payload.capacity();
        self.first = self.first.max(payload.len().min(EARNED_RESERVATION));
    }
}

/// Most inter frames fit; the first key frame doubles once or twice.
const FIRST_RESERVATION: usize = 64 << 10;
/// Most key frames fit.
const EARNED_RESERVATION: usize = 512 << 10;
