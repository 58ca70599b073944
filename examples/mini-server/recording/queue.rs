//! Between a stream that must not wait and a disk that may.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtmp_session::flv::{AudioHeader, VideoHeader};
use rtmp_session::{Media, MediaKind};

/// A bounded queue of messages. When the disk falls behind by [`FULL`], what is being written included, messages are left
/// out until half of that is written and a key frame comes: the file has a hole, and can be decoded before and behind it.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Media>,
    /// What those that wait cost.
    bytes: usize,
    /// What was taken and is not written yet.
    writing: usize,
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
        state.bytes += cost(media);
        // As it is it may be a small part of what it keeps alive.
        state.waiting.push(media.detached());
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
        state.writing = std::mem::take(&mut state.bytes);
        true
    }

    /// What was taken last is on its way to the disk, and its memory is free.
    pub(super) fn written(&self) {
        self.lock().writing = 0;
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
        let behind = self.bytes + self.writing;
        let bytes = behind + cost(media);
        if is_header(media) && bytes <= FULL + ROOM_FOR_HEADERS {
            // Without them nothing behind the hole could be decoded.
            return true;
        }
        if bytes > FULL {
            if !self.skipping {
                tracing::warn!("a recording lags: the disk is too slow, messages are left out");
            }
            self.skipping = true;
        } else if behind <= FULL / 2 && (!self.has_video || is_keyframe(media)) {
            self.skipping = false;
        }
        !self.skipping
    }
}

/// Memory, in bytes.
fn cost(media: &Media) -> usize {
    media.payload.len() + PER_MESSAGE
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
/// A message beside its payload: where it stands in the queue, twice while that grows, and what the allocator adds.
const PER_MESSAGE: usize = 192;
/// Bytes that are worth a write at once.
const GOOD_WRITE: usize = 256 << 10;
/// Smaller amounts are gathered for so long. What is gathered is lost if the process is killed.
const GATHER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use allocation_counter::measure;
    use bytes::Bytes;

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
        assert_eq!(batch.len(), 32, "31 frames within 32 MiB, and a header that came later");
        assert_eq!(queue.left_out(), 9);
        queue.push(&frame(KEY, 100));
        assert_eq!(queue.left_out(), 10, "what is being written counts");
        batch.clear();
        queue.written();
        queue.push(&frame(INTER, 100));
        queue.push(&frame(KEY, 100));
        queue.push(&frame(INTER, 100));
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), 2, "from the key frame on");
        assert_eq!(queue.left_out(), 11);
    }

    #[test]
    fn the_smallest_messages_count_and_keep_nothing_but_themselves() {
        let queue = Queue::default();
        let read = Bytes::from(vec![0x2f; 256 << 10]);
        let heap = measure(|| {
            for at in 0..1 << 20 {
                queue.push(&Media::audio(0, read.slice(at % 1000..at % 1000 + at % 2)));
            }
        });
        assert!(queue.left_out() > 800_000, "{} were left out", queue.left_out());
        assert!(heap.bytes_max < (FULL + (1 << 20)) as u64, "{} bytes", heap.bytes_max);
        let heap = measure(|| drop(read));
        assert!(heap.bytes_current <= -(256 << 10), "the read buffer goes with its owner");
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
