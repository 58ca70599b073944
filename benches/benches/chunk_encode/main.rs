//! Encoding the chunk stream: beside the work that cannot be left out, and the crates that can be driven at this layer
//! (`--features peers`); and the cost of one frame for 1, 100 and 10 000 connections. Every candidate is checked by a
//! decoder that is not ours before it is timed.

mod candidate;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod subscribers;

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rtmp_benches::{cpu_time::CpuTime, workload::Workload};

use crate::candidate::{Candidate, Socket};

fn chunk_encode(c: &mut Criterion<CpuTime>) {
    for workload in Workload::all() {
        let mut group = c.benchmark_group(format!("chunk_encode/{}", workload.name));
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(20)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(1));
        group.throughput(Throughput::ElementsAndBytes {
            elements: workload.messages.len() as u64,
            bytes: workload.payload_len() as u64,
        });
        for mut candidate in candidates() {
            if let Err(why) = check(&mut *candidate, &workload) {
                println!("{} is left out of {}: {why}", candidate.name(), workload.name);
                continue;
            }
            group.bench_function(candidate.name(), |b| b.iter(|| candidate.encode(&mut Socket::default())));
        }
        group.finish();
    }
}

fn check(candidate: &mut dyn Candidate, workload: &Workload) -> Result<(), String> {
    candidate.prepare(workload)?;
    let mut socket = Socket::checking();
    candidate.encode(&mut socket);
    if candidate.name() == "floor: the payloads alone" { Ok(()) } else { socket.check(workload) }
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 4] = [
        Box::<ours::Memcpy>::default(),
        Box::<ours::Ideal>::default(),
        Box::<ours::Queue>::default(),
        Box::<ours::Image>::default(),
    ];
    #[cfg(feature = "peers")]
    let ours = ours.into_iter().chain(peers::all());
    ours.into_iter().collect()
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = chunk_encode, subscribers::subscribers
}
criterion_main!(benches);
