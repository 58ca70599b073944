//! The handshake in memory, per connection: beside the work that cannot be left out, and the crates that can be driven at
//! this layer (`--features peers`).
//!
//! A server reads a client's C0 and C1, writes S0, S1 and S2, and reads C2, an echo, as most clients send it. `both` adds
//! a client of the same crate. Each candidate is checked once before it is timed.

mod candidate;
mod floor;
mod ours;
#[cfg(feature = "peers")]
mod peers;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

use crate::candidate::{Candidate, Kind, check_reply};

fn handshake(c: &mut Criterion) {
    for kind in Kind::ALL {
        let c0c1 = kind.recorded_hello();
        let mut group = c.benchmark_group(format!("handshake/{}", kind.name()));
        group.sample_size(50).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
        for mut candidate in candidates() {
            if !candidate.supports(kind) {
                continue;
            }
            if let Some(reply) = candidate.reply(kind, c0c1) {
                check_reply(candidate.name(), kind, c0c1, &reply);
            }
            group.bench_function(candidate.name(), |b| b.iter(|| candidate.run(kind, c0c1)));
        }
        group.finish();
    }
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 2] = [Box::new(floor::Floor::default()), Box::new(ours::Ours::default())];
    #[cfg(feature = "peers")]
    let ours = ours.into_iter().chain(peers::all());
    ours.into_iter().collect()
}

criterion_group!(benches, handshake);
criterion_main!(benches);
