//! A reader's position.

use std::sync::Arc;

use bytes::Bytes;

use super::headers::Headers;
use crate::Media;

/// Where one reader stands in a [`Channel`](super::Channel). A few words; the channel does not know of it.
///
/// Made by [`Channel::subscribe`](super::Channel::subscribe) and of use with that channel only, or a clone of it that was
/// made when the cursor had read no further. A clone of a cursor is a second reader at the same place; two equal cursors
/// will read the same, so what one of them got may be given to the other.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// Sequence number of the entry to read next.
    pub(super) at: u64,
    pub(super) state: State,
    /// [`Headers::version`] of what the reader has been given; 0 for nothing.
    pub(super) seen: u64,
    /// It started where there was no video; inter frames are left out until there is a key frame.
    pub(super) skips_video: bool,
}

#[derive(Clone, Debug)]
pub(super) enum State {
    /// Until there is a place to start at.
    Waiting,
    /// Headers go first, from this one on; all of them with the time of the entry they stand before.
    Headers { headers: Arc<Headers>, index: usize, timestamp: u32 },
    /// Reads what is in the log.
    Running,
}

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        let same_state = match (&self.state, &other.state) {
            (State::Waiting, State::Waiting) | (State::Running, State::Running) => true,
            (
                State::Headers { headers: a, index: i, timestamp: s },
                State::Headers { headers: b, index: j, timestamp: t },
            ) => Arc::ptr_eq(a, b) && i == j && s == t,
            _ => false,
        };
        self.at == other.at && self.seen == other.seen && self.skips_video == other.skips_video && same_state
    }
}

impl Eq for Cursor {}

/// What [`Channel::next`](super::Channel::next) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next message. It shares its payload with the log.
    Media(Media),
    /// Messages were missed; reported once, then reading goes on at the newest key frame.
    Gap(Gap),
    /// Nothing yet.
    Pending,
    /// Nothing any more: everything was read, and [`Channel::end`](super::Channel::end) was called.
    Ended,
}

/// What [`Channel::next_image`](super::Channel::next_image) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextImage {
    /// Wire bytes of one or more whole messages. They share memory with the log.
    Image(Bytes),
    /// As [`Next::Gap`].
    Gap(Gap),
    /// As [`Next::Pending`].
    Pending,
    /// As [`Next::Ended`].
    Ended,
}

/// A reader was too slow: the log went on without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Messages between the last one read and the oldest that was still there.
    pub skipped: u64,
}
