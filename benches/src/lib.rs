//! Workloads and floors shared by the benches.

pub mod floor;
pub mod workload;
