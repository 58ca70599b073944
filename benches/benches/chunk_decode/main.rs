//! Decoding the chunk stream: beside the work that cannot be left out, and the crates that can be driven at this layer
//! (`--features peers`). Five workloads, three ways to read each; every candidate is checked before it is timed.

mod candidate;
mod ours;
#[cfg(feature = "peers")]
mod peers;

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rtmp_benches::{cpu_time::CpuTime, workload::Workload};

use crate::candidate::{Candidate, FEEDS, Feed, Sink};

fn chunk_decode(c: &mut Criterion<CpuTime>) {
    for workload in Workload::all() {
        for feed in FEEDS {
            let mut group = c.benchmark_group(format!("chunk_decode/{}/{}", workload.name, feed.name));
            group
                .sampling_mode(SamplingMode::Flat)
                .sample_size(20)
                .warm_up_time(Duration::from_millis(300))
                .measurement_time(Duration::from_secs(1));
            group.throughput(Throughput::ElementsAndBytes {
                elements: workload.messages.len() as u64,
                bytes: workload.wire.len() as u64,
            });
            for mut candidate in candidates() {
                if let Err(why) = check(&mut *candidate, &workload, feed) {
                    println!("{} is left out of {}: {why}", candidate.name(), workload.name);
                    continue;
                }
                let mut sink = Sink::new(feed.keep);
                group.bench_function(candidate.name(), |b| {
                    b.iter(|| candidate.decode(&workload, feed, &mut sink).expect("it was right before"));
                });
            }
            group.finish();
        }
    }
}

fn check(candidate: &mut dyn Candidate, workload: &Workload, feed: Feed) -> Result<(), String> {
    let mut sink = Sink::checking();
    candidate.decode(workload, feed, &mut sink)?;
    let is_right = sink.digest() == Some(workload.expected) || candidate.name() == "floor: the reads alone";
    if is_right { Ok(()) } else { Err("the messages are wrong".to_owned()) }
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 3] = [Box::<ours::Memcpy>::default(), Box::new(ours::Ideal), Box::new(ours::Ours)];
    #[cfg(feature = "peers")]
    let ours = ours.into_iter().chain(peers::all());
    ours.into_iter().collect()
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = chunk_decode
}
criterion_main!(benches);
