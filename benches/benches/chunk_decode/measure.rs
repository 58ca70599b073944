//! How decoders are measured.

use criterion::{Criterion, Throughput};
use rtmp_benches::cpu_time::CpuTime;
use rtmp_benches::measure::{group, is_wanted};
use rtmp_benches::workload::Workload;

use crate::candidate::{Candidate, FEEDS, Feed, Sink};

/// Times each candidate that is right, on each workload and way to read it.
pub(crate) fn measure(c: &mut Criterion<CpuTime>, candidates: fn() -> Vec<Box<dyn Candidate>>) {
    for workload in Workload::all() {
        for feed in FEEDS {
            let mut group = group(c, format!("chunk_decode/{}/{}", workload.name, feed.name));
            group.throughput(Throughput::ElementsAndBytes {
                elements: workload.messages.len() as u64,
                bytes: workload.wire.len() as u64,
            });
            for mut candidate in candidates().into_iter().filter(|candidate| is_wanted(candidate.name())) {
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
