//! Workloads and floors shared by the benches.

pub mod cpu_time;
pub mod floor;
pub mod measure;
pub mod receiver;
pub mod relay;
pub mod workload;
