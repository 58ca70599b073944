//! What we send, and what librtmp would, read by crates that are not ours: five workloads, from time 0, across the 24 bits of a
//! header (4 h 39 min) and across 32 bits (49 days), with either kind of headers.

use crate::candidate::{Candidate, Feed, Sink};
use crate::epochs::{EPOCHS, at};
use bytes::Buf;
use rtmp_benches::workload::{Digest, Workload};
use rtmp_chunk::{ChunkEncoder, SendQueue};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One connection to one peer.
pub(crate) struct Case {
    pub(crate) peer: &'static str,
    pub(crate) workload: &'static str,
    /// Time of the first message.
    pub(crate) start: u32,
    pub(crate) writer: Writer,
}

/// Whose chunks are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Writer {
    /// Ours, with a full header before each message.
    FullHeaders,
    /// Ours, with headers that say only what has changed.
    DeltaHeaders,
    /// The workload as it is, W5 interleaved chunk by chunk. At time 0 only.
    Librtmp,
}

/// Every peer reads every case rightly but those that are `known`, and these it does not.
pub(crate) fn check(peers: fn() -> Vec<Box<dyn Candidate>>, known: impl Fn(&Case) -> bool) {
    let mut wrong = Vec::new();
    for workload in Workload::all() {
        for (epoch, start) in EPOCHS {
            let workload = at(&workload, start);
            for writer in [Writer::FullHeaders, Writer::DeltaHeaders, Writer::Librtmp] {
                let Some(sent) = written(&workload, start, writer) else { continue };
                for mut peer in peers() {
                    let case = Case { peer: peer.name(), workload: workload.name, start, writer };
                    let (is_right, result) = read(&mut *peer, &sent);
                    if is_right == known(&case) {
                        wrong.push(format!(
                            "{} {} {epoch} ({} ms) {writer:?}: {result}",
                            case.peer, case.workload, case.start
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as known:\n{}", wrong.join("\n"));
}

fn written(workload: &Workload, start: u32, writer: Writer) -> Option<Workload> {
    match writer {
        Writer::Librtmp => (start == 0).then(|| at(workload, 0)),
        Writer::FullHeaders | Writer::DeltaHeaders => Some(ours(workload, writer == Writer::DeltaHeaders)),
    }
}

/// The workload as our encoder writes it.
fn ours(workload: &Workload, delta_headers: bool) -> Workload {
    let (mut encoder, mut queue) = (ChunkEncoder::new().delta_headers(delta_headers), SendQueue::new());
    encoder.set_chunk_size(workload.chunk_size, &mut queue);
    let announcement_len = queue.len();
    let mut expected = Digest::default();
    for message in &workload.messages {
        encoder.encode(message, &mut queue).expect("they fit");
        expected.add(message.kind.0, message.timestamp, &message.payload);
    }
    let wire = queue.copy_to_bytes(queue.remaining()).to_vec();
    let messages = workload.messages.clone();
    Workload { name: workload.name, chunk_size: workload.chunk_size, messages, wire, announcement_len, expected }
}

/// Whether the peer got all messages, and what it said.
fn read(peer: &mut dyn Candidate, sent: &Workload) -> (bool, String) {
    let feed = Feed { name: "1400-byte reads", read: 1400, keep: 0 };
    let mut sink = Sink::checking();
    // Some panic on the way, in a build that checks for overflow.
    let result = catch_unwind(AssertUnwindSafe(|| peer.decode(sent, feed, &mut sink)));
    (matches!(result, Ok(Ok(()))) && sink.digest() == Some(sent.expected), format!("{result:?}"))
}
