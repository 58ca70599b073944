//! When a message of several chunks stays in the read buffer.

use core::mem;

use bytes::BytesMut;

/// Leaving messages in the read buffer pays where the receiver is done with them by the time a read is used up, so that the
/// buffer is free for the next. Where they are kept, a buffer that holds dead bytes beside them is more memory than theirs
/// alone, and they are copied.
#[derive(Default)]
pub(crate) struct Slicing {
    sliced: bool,
    /// Reads until it is tried again.
    pause: u32,
}

impl Slicing {
    pub(crate) fn pays(&self) -> bool {
        self.pause == 0
    }

    /// A message of several chunks has been split off.
    pub(crate) fn sliced(&mut self) {
        self.sliced = true;
    }

    /// All messages of a read have been given out.
    #[inline]
    pub(crate) fn read_is_used_up(&mut self, src: &mut BytesMut) {
        self.pause = self.pause.saturating_sub(1);
        if mem::take(&mut self.sliced) && !is_free(src) {
            self.pause = PAUSE;
        }
    }
}

/// Nothing that was split off `src` is alive: room that can only be what those had is there again.
fn is_free(src: &mut BytesMut) -> bool {
    src.try_reclaim(src.capacity() - src.len() + 1)
}

/// One read in so many is spent on finding out whether messages are kept.
const PAUSE: u32 = 64;
