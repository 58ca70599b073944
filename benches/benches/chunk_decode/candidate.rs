//! What is measured.

pub(crate) use rtmp_benches::receiver::{ReadBuffer, Sink};
use rtmp_benches::workload::Workload;

/// How the wire arrives, and how long its messages are kept.
#[derive(Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) name: &'static str,
    /// Bytes per read of the socket.
    pub(crate) read: usize,
    /// Messages that the receiver keeps: as a relay does for its slowest reader.
    pub(crate) keep: usize,
}

pub(crate) const FEEDS: [Feed; 3] = [
    Feed { name: "64 KiB reads", read: 65_536, keep: 0 },
    Feed { name: "1400-byte reads", read: 1400, keep: 0 },
    Feed { name: "64 KiB reads, 256 kept", read: 65_536, keep: 256 },
];

/// A chunk stream decoder. Each call is a new connection.
///
/// A read is a copy into the buffer that the decoder wants the socket to write to, or, where it takes a slice, into a buffer
/// of the caller's: everyone pays for the copy that the kernel would make, and those who copy again pay twice.
pub(crate) trait Candidate {
    fn name(&self) -> &'static str;

    /// Hands every message but protocol control to `sink`.
    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String>;
}
