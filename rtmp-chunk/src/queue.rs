//! What waits to be written: small pieces gathered, large payloads by reference.

use alloc::{collections::VecDeque, vec::Vec};
use core::fmt;

use bytes::{Buf, Bytes};

use crate::copy::put;

/// Bytes waiting to be written.
///
/// Headers and other small pieces are copied into one buffer, large payloads are kept by reference, so that a payload
/// shared by a thousand connections lies in memory once.
///
/// It is a [`Buf`] with `chunks_vectored`: anything that can write such a buffer can empty it.
/// It does not bound itself: look at [`SendQueue::len`] before adding more for a peer that does not read.
///
/// ```
/// # use {bytes::{Buf, Bytes}, rtmp_chunk::SendQueue};
/// let mut queue = SendQueue::new();
/// queue.put_slice(b"head");
/// queue.push(Bytes::from_static(&[7; 1000]));
/// assert_eq!(queue.len(), 1004);
/// assert_eq!(queue.chunk(), b"head");
/// queue.advance(4);
/// assert_eq!(queue.chunk().len(), 1000);
/// ```
#[derive(Default)]
pub struct SendQueue {
    /// In the order of the wire; none is empty.
    pieces: VecDeque<Piece>,
    /// The bytes of the copied pieces, one behind the other. Those before `read` have been written.
    copied: Vec<u8>,
    read: usize,
    len: usize,
    taken: u64,
}

/// Lengths instead of slices for what was copied: a header costs no reference count and no allocation.
enum Piece {
    Copied(usize),
    Shared(Bytes),
}

impl Piece {
    fn is_empty(&self) -> bool {
        match self {
            Self::Copied(len) => *len == 0,
            Self::Shared(bytes) => bytes.is_empty(),
        }
    }
}

impl SendQueue {
    /// An empty queue; allocates nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a copy of `bytes`.
    #[inline]
    pub fn put_slice(&mut self, bytes: &[u8]) {
        self.put_with(|copied| put::<12>(copied, bytes));
    }

    /// Appends what `write` appends to the buffer of copies.
    #[inline]
    pub(crate) fn put_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.drop_written();
        let before = self.copied.len();
        write(&mut self.copied);
        let added = self.copied.len() - before;
        self.len += added;
        match self.pieces.back_mut() {
            Some(Piece::Copied(len)) => *len += added,
            _ if added == 0 => {}
            _ => self.pieces.push_back(Piece::Copied(added)),
        }
    }

    /// Appends `bytes` by reference, or copied if shorter than 512 bytes: there a copy costs less than a piece.
    #[inline]
    pub fn push(&mut self, bytes: Bytes) {
        if bytes.len() < SHARE_THRESHOLD {
            return self.put_slice(&bytes);
        }
        self.len += bytes.len();
        self.pieces.push_back(Piece::Shared(bytes));
    }

    /// Bytes in the queue.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Bytes that have left the queue since it was made.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Counts bytes as taken that were written past an empty queue: what is the same for many peers may be written to
    /// each without queueing it at each.
    pub fn count_taken(&mut self, bytes: u64) {
        self.taken += bytes;
    }

    /// Gives back the memory that an empty queue keeps for its next use. Does nothing while bytes wait.
    pub fn release_memory(&mut self) {
        if self.is_empty() {
            self.copied = Vec::new();
            self.pieces = VecDeque::new();
            self.read = 0;
        }
    }

    /// Nothing left to write.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes, up to 64 pieces per call, until the queue is empty or the writer would block.
    /// Returns the number of bytes written; look at [`SendQueue::is_empty`] to see whether any are left.
    ///
    /// # Errors
    /// The writer's, and [`WriteZero`](std::io::ErrorKind::WriteZero) if it takes nothing. What was written before has
    /// left the queue. `Interrupted` is not an error here, nor is `WouldBlock` or `TimedOut`, one of which a socket with a
    /// write timeout says when that has passed: it depends on the platform.
    #[cfg(feature = "std")]
    pub fn write_to(&mut self, writer: &mut impl std::io::Write) -> std::io::Result<usize> {
        use std::io::{ErrorKind, IoSlice};
        let mut written = 0;
        while !self.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.chunks_vectored(&mut slices);
            match writer.write_vectored(&slices[..count]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.advance(n);
                    written += n;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// A queue that is never quite empty must not keep what it wrote. Moves at most as many bytes as were written since
    /// the last time, so it adds a constant to each.
    fn drop_written(&mut self) {
        if self.read >= COMPACT_AT && self.read * 2 >= self.copied.len() {
            self.copied.drain(..self.read);
            self.read = 0;
        }
    }

    /// Everything is written: forget the copies, and give memory back after a burst.
    fn reset(&mut self) {
        self.read = 0;
        self.copied.clear();
        self.pieces.clear();
        self.copied.shrink_to(KEEP_COPIED);
        self.pieces.shrink_to(KEEP_PIECES);
    }
}

impl Buf for SendQueue {
    fn remaining(&self) -> usize {
        self.len
    }

    fn chunk(&self) -> &[u8] {
        match self.pieces.front() {
            None => &[],
            Some(Piece::Copied(len)) => &self.copied[self.read..self.read + len],
            Some(Piece::Shared(bytes)) => bytes,
        }
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, dst: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut read = self.read;
        let mut count = 0;
        for (slot, piece) in dst.iter_mut().zip(&self.pieces) {
            let bytes = match piece {
                Piece::Copied(len) => {
                    read += len;
                    &self.copied[read - len..read]
                }
                Piece::Shared(bytes) => bytes,
            };
            *slot = std::io::IoSlice::new(bytes);
            count += 1;
        }
        count
    }

    /// # Panics
    /// If `count` is more than [`SendQueue::len`], as `Buf` asks.
    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.len, "cannot advance {count} in a queue of {} bytes", self.len);
        self.len -= count;
        self.taken += count as u64;
        if self.len == 0 {
            return self.reset();
        }
        while let Some(front) = self.pieces.front_mut() {
            let step = match front {
                Piece::Copied(len) => {
                    let step = count.min(*len);
                    self.read += step;
                    *len -= step;
                    step
                }
                Piece::Shared(bytes) => {
                    let step = count.min(bytes.len());
                    bytes.advance(step);
                    step
                }
            };
            count -= step;
            if !front.is_empty() {
                break;
            }
            self.pieces.pop_front();
        }
    }
}

impl fmt::Debug for SendQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendQueue").field("len", &self.len).field("pieces", &self.pieces.len()).finish()
    }
}

/// Below this a copy is cheaper than a reference count, a queue entry and a slice in the system call.
pub(crate) const SHARE_THRESHOLD: usize = 512;
/// Slices handed to one `writev`; more than the kernel copies per call at once gains nothing.
#[cfg(feature = "std")]
const MAX_SLICES: usize = 64;
/// Written bytes kept before the copies are moved down.
const COMPACT_AT: usize = 4096;
/// Memory an empty queue keeps for its next use.
const KEEP_COPIED: usize = 16 << 10;
const KEEP_PIECES: usize = 64;
