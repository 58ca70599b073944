//! What every other crate sends is read by us (`apart/` has two more).
#![cfg(feature = "peers")]

#[path = "../benches/chunk_encode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
mod epochs;
#[path = "../benches/chunk_encode/peers.rs"]
mod peers;
mod sent_by_peers;

use sent_by_peers::Result;

/// Writes the time itself where a delta is due once the time is past 24 bits (0.6.0): no reader can undo that.
const ONLY_FROM_0: &str = "rtmp-rs";

#[test]
fn we_read_what_every_peer_sends() {
    sent_by_peers::check(peers::all, |case| match case.peer {
        ONLY_FROM_0 if case.start > 0 => Result::Wrong,
        _ => Result::Right,
    });
}
