//! What is measured, and where its bytes go.

use std::hint::black_box;

use bytes::{Buf, BufMut};
use rtmp_benches::{
    floor::IdealDecoder,
    workload::{Digest, Workload},
};
use rtmp_chunk::SendQueue;

/// A chunk stream encoder.
pub(crate) trait Candidate {
    fn name(&self) -> &'static str;

    /// Takes the messages in its own form, and the chunk size as agreed. Not timed.
    fn prepare(&mut self, workload: &Workload) -> Result<(), String>;

    /// Sends every message by itself, in order.
    fn encode(&mut self, socket: &mut Socket);
}

/// The socket: takes everything at once, and keeps it when it is to be known whether it is right.
#[derive(Default)]
pub(crate) struct Socket {
    kept: Option<Vec<u8>>,
}

impl Socket {
    pub(crate) fn checking() -> Self {
        Self { kept: Some(Vec::new()) }
    }

    #[inline]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        black_box((bytes.as_ptr(), bytes.len()));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
    }

    /// Everything in the queue, by reference.
    #[inline]
    pub(crate) fn send_queue(&mut self, queue: &mut SendQueue) {
        black_box(&*queue);
        match &mut self.kept {
            None => queue.advance(queue.len()),
            Some(kept) => kept.put(queue),
        }
    }

    /// What was kept of what was sent.
    pub(crate) fn sent(&self) -> &[u8] {
        self.kept.as_deref().unwrap_or_default()
    }

    /// Whether what was sent says what the workload says.
    pub(crate) fn check(&self, workload: &Workload) -> Result<(), String> {
        let mut decoder = IdealDecoder::default();
        decoder.feed(&workload.wire[..workload.announcement_len], |_, _, _| {});
        let (mut expected, mut sent) = (Digest::default(), Digest::default());
        for message in &workload.messages {
            expected.add(message.kind.0, message.timestamp, &message.payload);
        }
        let kept = self.sent();
        let used = decoder.feed(kept, |kind, time, payload| sent.add(kind, time, &payload));
        if used == kept.len() && sent == expected { Ok(()) } else { Err("the messages are wrong".to_owned()) }
    }
}
