//! The receive buffer: nothing while idle, large while much comes.

use core::fmt;
use std::io;

use bytes::BytesMut;

/// A buffer whose reads grow while they come back full and shrink while they do not.
pub(crate) struct ReceiveBuffer {
    bytes: BytesMut,
    read_size: usize,
    /// Reads since the buffer was last made larger.
    reads: u32,
    /// Bytes at the last look.
    seen: usize,
    /// What the next read of an [`io::Read`] is offered at most: that room has to be cleared for it.
    offer: usize,
    /// The most that fitted into the buffer since it was made: what has left its front is still there.
    allocated: usize,
}

impl ReceiveBuffer {
    pub(crate) fn new() -> Self {
        Self { bytes: BytesMut::new(), read_size: SMALLEST_READ, reads: 0, seen: 0, offer: SMALLEST_READ, allocated: 0 }
    }

    pub(crate) fn bytes(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The buffer with room for at least `wanted` bytes.
    pub(crate) fn for_reading(&mut self, wanted: usize) -> &mut BytesMut {
        let wanted = wanted.min(self.read_size.max(SMALLEST_READ));
        if self.bytes.capacity() - self.bytes.len() < wanted {
            // A buffer that lasted for many reads was too large: a slice of it that is kept keeps all of it.
            if self.reads > MANY_READS {
                self.read_size = (self.read_size / STEP).max(SMALLEST_READ);
            }
            self.reads = 0;
            self.bytes.reserve(self.read_size);
            self.allocated = self.bytes.capacity();
        }
        self.seen = self.bytes.len();
        &mut self.bytes
    }

    pub(crate) fn read_from(&mut self, reader: &mut impl io::Read, wanted: usize) -> io::Result<usize> {
        let offer = self.offer;
        let bytes = self.for_reading(wanted);
        let start = bytes.len();
        bytes.resize(bytes.capacity().min(start + offer), 0);
        let offer = bytes.len() - start;
        let result = loop {
            match reader.read(&mut bytes[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        bytes.truncate(start + result.as_ref().map_or(0, |count| *count));
        if let Ok(count) = result {
            // A peer that sends byte by byte behind a burst shall not have all of the buffer cleared for each.
            let next = if count == offer { count * STEP } else { count * 2 };
            self.offer = next.clamp(SMALLEST_READ, LARGEST_READ);
        }
        result
    }

    /// Looks at what the last read brought.
    pub(crate) fn note_read(&mut self) {
        if self.bytes.len() == self.seen {
            return;
        }
        self.reads += 1;
        self.allocated = self.allocated.max(self.bytes.capacity());
        if self.bytes.len() == self.bytes.capacity() {
            self.read_size = (self.read_size * STEP).min(LARGEST_READ);
        }
        self.seen = self.bytes.len();
    }

    /// Memory, whether in use or not.
    pub(crate) fn allocated(&self) -> usize {
        self.allocated
    }

    /// Frees what is not used. Half of it may be: else a message that comes byte by byte would be moved for each of them.
    pub(crate) fn release(&mut self) {
        let len = self.bytes.len();
        if len == 0 {
            self.discard();
        } else if self.allocated / 2 > len + SMALLEST_READ {
            self.bytes = BytesMut::from(&self.bytes[..]);
            self.allocated = len;
            self.reads = 0;
        }
    }

    pub(crate) fn discard(&mut self) {
        *self = Self { read_size: self.read_size, ..Self::new() };
    }
}

/// Shows how much waits, not what: stream keys come this way.
impl fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiveBuffer").field("len", &self.bytes.len()).field("read_size", &self.read_size).finish()
    }
}

/// A handshake packet and the first commands; a player's acknowledgements.
const SMALLEST_READ: usize = 4 << 10;
/// What a fast publisher fills between two wake-ups.
const LARGEST_READ: usize = 256 << 10;
/// From 4 KiB over 16 and 64 to 256.
const STEP: usize = 4;
const MANY_READS: u32 = 32;
