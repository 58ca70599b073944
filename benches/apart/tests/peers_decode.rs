//! What we send is read by rml_rtmp and by the rtmp crate of xiu.

#[path = "../../benches/chunk_decode/candidate.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod candidate;
#[path = "../../tests/epochs/mod.rs"]
mod epochs;
#[path = "../benches/chunk_decode/peers.rs"]
mod peers;
#[path = "../../tests/read_by_peers/mod.rs"]
mod read_by_peers;

use read_by_peers::Writer;

/// Messages whose chunks alternate with those of another chunk stream, as librtmp sends them: rml_rtmp (0.8.0) loses its place
/// and refuses the stream, rtmp (0.6.5) hands out wrong messages and says nothing. We finish each message before the next.
const INTERLEAVED: &str = "W5";

#[test]
fn both_read_what_we_send() {
    read_by_peers::check(peers::all, |case| case.writer == Writer::Librtmp && case.workload == INTERLEAVED);
}
