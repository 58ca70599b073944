//! How handshakes are measured.

use criterion::Criterion;
use rtmp_benches::{cpu_time::CpuTime, measure::group};

use crate::candidate::{Candidate, Kind, check_reply};

/// Times each candidate on each form that it supports, after its answer was checked.
pub(crate) fn measure(c: &mut Criterion<CpuTime>, candidates: fn() -> Vec<Box<dyn Candidate>>) {
    for kind in Kind::ALL {
        let c0c1 = kind.recorded_hello();
        let mut group = group(c, format!("handshake/{}", kind.name()));
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
