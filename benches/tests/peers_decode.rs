//! What we send is read by every other crate that can be driven at this layer: five workloads, from time 0, across the
//! 24 bits of a header (4 h 39 min) and across 32 bits (49 days), with either kind of headers.
#![cfg(feature = "peers")]

#[path = "../benches/chunk_decode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
mod epochs;
#[path = "../benches/chunk_decode/peers.rs"]
mod peers;

use bytes::Buf;
use candidate::{Feed, Sink};
use epochs::{EPOCHS, at};
use rtmp_benches::workload::{Digest, Workload};
use rtmp_chunk::{ChunkEncoder, SendQueue};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Stands still in time where a message begins with a header of format 3, and so does not read delta headers (0.2.3).
/// Full headers, which are what we send unless told otherwise, are read by all.
const NO_DELTA_HEADERS: &str = "scuffle-rtmp";

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

#[test]
fn every_peer_reads_what_we_send() {
    let feed = Feed { name: "1400-byte reads", read: 1400, keep: 0 };
    let mut wrong = Vec::new();
    for workload in Workload::all() {
        for (epoch, start) in EPOCHS {
            let workload = at(&workload, start);
            for delta_headers in [false, true] {
                let sent = ours(&workload, delta_headers);
                for mut peer in peers::all() {
                    let known = delta_headers && peer.name() == NO_DELTA_HEADERS;
                    let mut sink = Sink::checking();
                    // Some panic on the way, in a build that checks for overflow.
                    let result = catch_unwind(AssertUnwindSafe(|| peer.decode(&sent, feed, &mut sink)));
                    let right = matches!(result, Ok(Ok(()))) && sink.digest() == Some(sent.expected);
                    if right == known {
                        let headers = if delta_headers { "delta headers" } else { "full headers" };
                        wrong.push(format!("{} {} {epoch} {headers}: {result:?}", peer.name(), workload.name));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as known:\n{}", wrong.join("\n"));
}
