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
