//! What we send is read by every other crate that can be driven at this layer (`apart/` has two more).
#![cfg(feature = "peers")]

#[path = "../benches/chunk_decode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
mod epochs;
#[path = "../benches/chunk_decode/peers.rs"]
mod peers;
mod read_by_peers;

use read_by_peers::Writer;

/// Stands still in time where a message begins with a header of format 3, and so does not read delta headers (0.2.3).
/// Full headers, which are what we send unless told otherwise, are read by all.
const NO_DELTA_HEADERS: &str = "scuffle-rtmp";

#[test]
fn every_peer_reads_what_we_send() {
    read_by_peers::check(peers::all, |case| case.writer == Writer::DeltaHeaders && case.peer == NO_DELTA_HEADERS);
}
