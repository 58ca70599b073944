//! Decoding the chunk stream with rml_rtmp and with the rtmp crate of xiu, beside ours and the floors, in the groups of
//! `cargo bench -p rtmp-benches --bench chunk_decode`.

#[path = "../../../benches/chunk_decode/candidate.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod candidate;
#[path = "../../../benches/chunk_decode/measure.rs"]
mod measure;
#[path = "../../../benches/chunk_decode/ours.rs"]
mod ours;
mod peers;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn chunk_decode(c: &mut Criterion<CpuTime>) {
    measure::measure(c, candidates);
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    ours::all().into_iter().chain(peers::all()).collect()
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = chunk_decode
}
criterion_main!(benches);
