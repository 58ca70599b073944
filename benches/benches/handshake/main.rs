//! The handshake in memory, per connection: beside the work that cannot be left out, and the crates that can be driven at
//! this layer (`--features peers`).
//!
//! A server reads a client's C0 and C1, writes S0, S1 and S2, and reads C2, an echo, as most clients send it. `both` adds
//! a client of the same crate. Each candidate is checked once before it is timed.

mod candidate;
mod floor;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn handshake(c: &mut Criterion<CpuTime>) {
    measure::measure(c, candidates);
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 2] = [Box::new(floor::Floor::default()), Box::new(ours::Ours::default())];
    #[cfg(feature = "peers")]
    let ours = ours.into_iter().chain(peers::all());
    ours.into_iter().collect()
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = handshake
}
criterion_main!(benches);
