//! What every other crate sends is read by us: five workloads, from time 0, across the 24 bits of a header and across 32.
#![cfg(feature = "peers")]

#[path = "../benches/chunk_encode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
mod epochs;
#[path = "../benches/chunk_encode/peers.rs"]
mod peers;

use bytes::BytesMut;
use candidate::Socket;
use epochs::{EPOCHS, at};
use rtmp_benches::workload::{Digest, Workload};
use rtmp_chunk::{ChunkDecoder, ChunkLimits};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Writes the time itself where a delta is due once the time is past 24 bits (0.6.0): no reader can undo that.
const ONLY_FROM_0: &str = "rtmp-rs";

#[test]
fn we_read_what_every_peer_sends() {
    let mut wrong = Vec::new();
    for workload in Workload::all() {
        for (epoch, start) in EPOCHS {
            let workload = at(&workload, start);
            for mut peer in peers::all() {
                let known = peer.name() == ONLY_FROM_0 && start > 0;
                let mut socket = Socket::checking();
                peer.prepare(&workload).expect("every workload can be sent");
                // Some panic on the way, in a build that checks for overflow.
                let result = catch_unwind(AssertUnwindSafe(|| peer.encode(&mut socket)));
                if (result.is_ok() && read(&workload, socket.sent())) == known {
                    wrong.push(format!("{} {} {epoch}", peer.name(), workload.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as known:\n{}", wrong.join("\n"));
}

/// Whether our decoder finds the workload's messages in `sent`, and nothing else.
fn read(workload: &Workload, sent: &[u8]) -> bool {
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
