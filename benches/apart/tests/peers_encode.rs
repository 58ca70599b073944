//! What rml_rtmp and the rtmp crate of xiu send is read by us.

#[path = "../../benches/chunk_encode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
#[path = "../../tests/epochs/mod.rs"]
mod epochs;
#[path = "../benches/chunk_encode/peers.rs"]
mod peers;
#[path = "../../tests/sent_by_peers/mod.rs"]
mod sent_by_peers;

use sent_by_peers::Result;

#[test]
fn we_read_what_both_send() {
    sent_by_peers::check(peers::all, |case| match case.peer {
        // Its chunk size is 4096, and cannot be set (0.6.5).
        "rtmp (xiu)" if !["W1", "W4"].contains(&case.workload) => Result::Refused,
        _ => Result::Right,
    });
}
