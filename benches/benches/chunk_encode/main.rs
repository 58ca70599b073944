//! Encoding the chunk stream: beside the work that cannot be left out, and the crates that can be driven at this layer
//! (`--features peers`); and the cost of one frame for 1, 100 and 10 000 connections. Every candidate is checked by a
//! decoder that is not ours before it is timed.

mod candidate;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod subscribers;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn chunk_encode(c: &mut Criterion<CpuTime>) {
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
    targets = chunk_encode, subscribers::subscribers
}
criterion_main!(benches);
