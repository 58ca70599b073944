//! Workloads at other times.

use rtmp_benches::workload::Workload;
use rtmp_chunk::Message;

/// Where a stream may stand, and the time of its first message. Each workload lasts ten seconds or more.
pub(crate) const EPOCHS: [(&str, u32); 4] = [
    ("from 0", 0),
    ("across 24 bits", 0xff_ffff - 5_000),
    ("past 24 bits", 20_000_000),
    ("across 32 bits", u32::MAX - 5_000),
];

/// The same messages, later. `wire` and `expected` stay those of time 0.
pub(crate) fn at(workload: &Workload, start: u32) -> Workload {
    let later = |message: &Message| Message { timestamp: message.timestamp.wrapping_add(start), ..message.clone() };
    Workload {
        name: workload.name,
        chunk_size: workload.chunk_size,
        messages: workload.messages.iter().map(later).collect(),
        wire: workload.wire.clone(),
        announcement_len: workload.announcement_len,
        expected: workload.expected,
    }
}
