//! How encoders are measured.

use criterion::{Criterion, Throughput};
use rtmp_benches::cpu_time::CpuTime;
use rtmp_benches::measure::{group, is_wanted};
use rtmp_benches::workload::Workload;

use crate::candidate::{Candidate, Socket};

/// Times each candidate that is right, on each workload.
pub(crate) fn measure(c: &mut Criterion<CpuTime>, candidates: fn() -> Vec<Box<dyn Candidate>>) {
    for workload in Workload::all() {
        let mut group = group(c, format!("chunk_encode/{}", workload.name));
        group.throughput(Throughput::ElementsAndBytes {
            elements: workload.messages.len() as u64,
            bytes: workload.payload_len() as u64,
        });
        for mut candidate in candidates().into_iter().filter(|candidate| is_wanted(candidate.name())) {
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
