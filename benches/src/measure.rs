//! How everything is measured.

use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode};

use crate::cpu_time::CpuTime;

/// Measures the time that the thread has had.
pub fn criterion() -> Criterion<CpuTime> {
    Criterion::default().with_measurement(CpuTime)
}

/// Twenty samples of 50 ms: `benches/table.py` shows the quickest, so that a few quiet moments are enough.
pub fn group<'a>(c: &'a mut Criterion<CpuTime>, name: impl Into<String>) -> BenchmarkGroup<'a, CpuTime> {
    let mut group = c.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    group
}

/// Whether this candidate is to run: all do, unless `CANDIDATE` names one, which then has the process for itself. What the
/// others leave to the allocator moves times by some percent.
pub fn is_wanted(candidate: &str) -> bool {
    std::env::var("CANDIDATE").map_or(true, |wanted| wanted == candidate)
}
