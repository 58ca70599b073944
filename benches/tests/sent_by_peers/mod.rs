//! What other crates send, read by us: five workloads, from time 0, across the 24 bits of a header and across 32.

use crate::candidate::{Candidate, Socket};
use crate::epochs::{EPOCHS, at};
use bytes::BytesMut;
use rtmp_benches::workload::{Digest, Workload};
use rtmp_chunk::{ChunkDecoder, ChunkLimits};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One connection from one peer.
pub(crate) struct Case {
    pub(crate) peer: &'static str,
    pub(crate) workload: &'static str,
    /// Time of the first message.
    pub(crate) start: u32,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Result {
    Right,
    Wrong,
    /// The peer cannot be told to send this.
    Refused,
}

/// Every peer sends every case rightly, but for what is `known`.
pub(crate) fn check(peers: fn() -> Vec<Box<dyn Candidate>>, known: impl Fn(&Case) -> Result) {
    let mut wrong = Vec::new();
    for workload in Workload::all() {
        for (epoch, start) in EPOCHS {
            let workload = at(&workload, start);
            for mut peer in peers() {
                let case = Case { peer: peer.name(), workload: workload.name, start };
                let (is, known) = (sent(&mut *peer, &workload), known(&case));
                if is != known {
                    let Case { peer, workload, start } = case;
                    wrong.push(format!("{peer} {workload} {epoch} ({start} ms): {is:?}, not {known:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as known:\n{}", wrong.join("\n"));
}

fn sent(peer: &mut dyn Candidate, workload: &Workload) -> Result {
    if peer.prepare(workload).is_err() {
        return Result::Refused;
    }
    let mut socket = Socket::checking();
    // Some panic on the way, in a build that checks for overflow.
    let is_sent = catch_unwind(AssertUnwindSafe(|| peer.encode(&mut socket))).is_ok();
    if is_sent && is_read(workload, socket.sent()) { Result::Right } else { Result::Wrong }
}

/// Whether our decoder finds the workload's messages in `sent`, and nothing else.
fn is_read(workload: &Workload, sent: &[u8]) -> bool {
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    let (mut expected, mut got) = (Digest::default(), Digest::default());
    let mut input = BytesMut::from(&workload.wire[..workload.announcement_len]);
    decoder.decode(&mut input).expect("a chunk size").expect("the announcement");
    for part in sent.chunks(1400) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => got.add(message.kind.0, message.timestamp, &message.payload),
                Ok(None) => break,
                Err(_) => return false,
            }
        }
    }
    workload.messages.iter().for_each(|message| expected.add(message.kind.0, message.timestamp, &message.payload));
    got == expected && input.is_empty() && !decoder.is_mid_message()
}
