//! The handshake of rml_rtmp and of the rtmp crate of xiu, beside ours and the floor, in the groups of
//! `cargo bench -p rtmp-benches --bench handshake`.

#[path = "../../../benches/handshake/candidate.rs"]
mod candidate;
#[path = "../../../benches/handshake/floor.rs"]
mod floor;
#[path = "../../../benches/handshake/measure.rs"]
mod measure;
#[path = "../../../benches/handshake/ours.rs"]
mod ours;
mod peers;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn handshake(c: &mut Criterion<CpuTime>) {
    measure::measure(c, candidates);
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 2] = [Box::new(floor::Floor::default()), Box::new(ours::Ours::default())];
    ours.into_iter().chain(peers::all()).collect()
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = handshake
}
criterion_main!(benches);
