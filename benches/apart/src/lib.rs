//! Two peers that cannot stand beside the others: rml_rtmp 0.8 wants subtle 2.4, which rules out rustls and with it the tokio
//! adapter of rtmp-session; rtmp 0.6 (the crate of xiu) brings some 250 packages. So they have a workspace of their own, with
//! the workloads, floors and checks of `rtmp-benches`:
//!
//! ```text
//! cargo bench --manifest-path benches/apart/Cargo.toml
//! cargo test --manifest-path benches/apart/Cargo.toml
//! ```

pub mod memory;
