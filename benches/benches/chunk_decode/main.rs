//! Decoding the chunk stream: beside the work that cannot be left out, and the crates that can be driven at this layer
//! (`--features peers`). Five workloads, three ways to read each; every candidate is checked before it is timed.

mod candidate;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn chunk_decode(c: &mut Criterion<CpuTime>) {
    measure::measure(c, candidates);
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    #[cfg(feature = "peers")]
    return ours::all().into_iter().chain(peers::all()).collect();
    #[cfg(not(feature = "peers"))]
    ours::all()
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = chunk_decode
}
criterion_main!(benches);
