//! Between a stream that must not wait and a disk that may.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtmp_session::flv::{AudioHeader, VideoHeader};
use rtmp_session::{Media, MediaKind};

/// A bounded queue of messages. When the disk falls behind by [`FULL`], messages are left out until half of that is
/// written and a key frame comes: the file has a hole, and can be decoded before and behind it.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Media>,
    bytes: usize,
    has_video: bool,
    skipping: bool,
    left_out: u64,
    closed: bool,
    failed: bool,
}

impl Queue {
    /// Adds a message, or leaves it out. Never waits.
    pub(super) fn push(&self, media: &Media) {
        let mut state = self.lock();
        if state.failed {
            return;
        }
        state.has_video |= media.kind == MediaKind::Video;
        if !state.admits(media) {
            state.left_out += 1;
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.bytes += media.payload.len();
        state.waiting.push(media.clone());
        if was_empty || state.bytes >= GOOD_WRITE {
            self.news.notify_one();
        }
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }

    /// Nothing more is wanted.
    pub(super) fn fail(&self) {
        let mut state = self.lock();
        state.failed = true;
        state.waiting = Vec::new();
    }

    /// Waits for messages, gathers for a moment, and puts them into `batch`, which is empty. False at the end.
    pub(super) fn take(&self, batch: &mut Vec<Media>) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return false;
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let little = |state: &mut State| !state.closed && state.bytes < GOOD_WRITE;
        (state, _) = self.news.wait_timeout_while(state, GATHER, little).unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.waiting, batch);
        state.bytes = 0;
        true
    }

    /// Messages that were left out.
    pub(super) fn left_out(&self) -> u64 {
        self.lock().left_out
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admits(&mut self, media: &Media) -> bool {
        let bytes = self.bytes + media.payload.len();
        if is_header(media) && bytes <= FULL + ROOM_FOR_HEADERS {
            // Without them nothing behind the hole could be decoded.
            return true;
        }
        if bytes > FULL {
            if !self.skipping {
                tracing::warn!("a recording lags: the disk is too slow, messages are left out");
            }
            self.skipping = true;
        } else if self.bytes <= FULL / 2 && (!self.has_video || is_keyframe(media)) {
            self.skipping = false;
        }
        !self.skipping
    }
}

fn is_keyframe(media: &Media) -> bool {
    media.kind == MediaKind::Video && VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_keyframe())
}

fn is_header(media: &Media) -> bool {
    match media.kind {
        MediaKind::Video => VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_sequence_header()),
        MediaKind::Audio => AudioHeader::parse(&media.payload).is_ok_and(|header| header.is_sequence_header()),
        MediaKind::Data => false,
    }
}

/// Most bytes that wait: some seconds of a rich stream.
const FULL: usize = 32 << 20;
const ROOM_FOR_HEADERS: usize = 1 << 20;
/// Bytes that are worth a write at once.
const GOOD_WRITE: usize = 256 << 10;
/// Smaller amounts are gathered for so long. What is gathered is lost if the process is killed.
const GATHER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = &[0x17, 1, 0, 0, 0];
    const INTER: &[u8] = &[0x27, 1, 0, 0, 0];

    fn frame(head: &[u8], len: usize) -> Media {
        let mut payload = head.to_vec();
        payload.resize(len, 0);
        Media::video(0, payload)
    }

    #[test]
    fn a_slow_disk_costs_messages_up_to_a_key_frame_and_no_memory() {
        let queue = Queue::default();
        for _ in 0..40 {
            queue.push(&frame(INTER, 1 << 20));
        }
        queue.push(&Media::video(0, &[0x17, 0, 0, 0, 0, 1][..]));
        let mut batch = Vec::new();
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), 33, "32 MiB of frames, and a header that came later");
        assert_eq!(queue.left_out(), 8);
        queue.push(&frame(INTER, 100));
        queue.push(&frame(KEY, 100));
        queue.push(&frame(INTER, 100));
        batch.clear();
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), 2, "from the key frame on");
        assert_eq!(queue.left_out(), 9);
    }

    #[test]
    fn what_was_queued_before_the_end_is_written() {
        let queue = Queue::default();
        queue.push(&frame(KEY, 10));
        queue.close();
        let mut batch = Vec::new();
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), 1);
        batch.clear();
        assert!(!queue.take(&mut batch));
    }
}
