//! One publisher's bytes through the server session of rml_rtmp, beside ours and the floor, in the group of
//! `cargo bench -p rtmp-benches --bench session`. The rtmp crate of xiu makes a session from a `TcpStream` only.

#[path = "../../../benches/session/candidate.rs"]
mod candidate;
#[path = "../../../benches/session/measure.rs"]
mod measure;
#[path = "../../../benches/session/ours.rs"]
mod ours;
mod peers;
#[path = "../../../benches/session/publisher.rs"]
mod publisher;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn session(c: &mut Criterion<CpuTime>) {
    let candidates: [Box<dyn Candidate>; 2] = [Box::<ours::Ours>::default(), Box::<peers::Rml>::default()];
    measure::measure(c, candidates.into());
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = session
}
criterion_main!(benches);
