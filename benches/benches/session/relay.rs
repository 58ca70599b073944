//! The whole loop from memory to memory: ten seconds of a publisher's bytes (W1) through a server session and a channel to
//! the bytes of N players, in both ways that players can be served. Below it stands what cannot be left out: one copy of
//! what comes in. The output is checked before it is timed.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use rtmp_benches::cpu_time::CpuTime;
use rtmp_benches::measure::group;
use rtmp_benches::relay::{Relay, Way, player_of};
use rtmp_benches::workload::{Digest, Workload};
use rtmp_session::MediaKind;

pub(crate) fn relay(c: &mut Criterion<CpuTime>) {
    let workload = Workload::all().swap_remove(0);
    let mut group = group(c, "session");
    group.throughput(Throughput::Bytes(workload.wire.len() as u64));
    group.bench_function("floor: the reads alone", |b| {
        let mut buffer = Vec::new();
        b.iter(|| {
            for read in workload.reads(READ) {
                buffer.clear();
                buffer.extend_from_slice(read);
                black_box(&buffer);
            }
        });
    });
    for (way, name) in [(Way::Images, "images"), (Way::Messages, "messages")] {
        check(&workload, way);
        for players in [0, 1, 10, 100, 1000] {
            group.bench_function(BenchmarkId::new(name, format!("{players} players")), |b| {
                b.iter_batched_ref(
                    || Relay::new(players, way),
                    |relay| {
                        for read in workload.reads(READ) {
                            relay.turn(read, |player, bytes| {
                                black_box((player, bytes.as_ptr(), bytes.len()));
                            });
                        }
                    },
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

/// Each player must get every message as it was sent.
fn check(workload: &Workload, way: Way) {
    let mut relay = Relay::new(2, way);
    let mut outputs = [Vec::new(), Vec::new()];
    for read in workload.reads(READ) {
        relay.turn(read, |player, bytes| outputs[player].push(Bytes::copy_from_slice(bytes)));
    }
    for output in outputs {
        let mut digest = Digest::default();
        for media in player_of(output) {
            digest.add(if media.kind == MediaKind::Video { 9 } else { 8 }, media.timestamp, &media.payload);
        }
        assert_eq!(digest, workload.expected, "{way:?}");
    }
}

/// Bytes per read of the publisher's socket.
const READ: usize = 65_536;
