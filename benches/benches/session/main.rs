//! Sessions, from memory to memory: one publisher's bytes through a server session, beside the crates that take them
//! (`--features peers`; rml_rtmp is in `apart/`); and the whole loop from a publisher's bytes to the bytes of N players.
//!
//! Not every crate lets itself be driven here. rtmp-rs and rtmp (xiu) make a session from a `TcpStream` only, librtmp2 tells of
//! media through a plain `fn` that can hold nothing, and scuffle-rtmp puts a tokio timer around every read, which would be
//! timed with it.

mod candidate;
mod measure;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod publisher;
mod relay;

use criterion::{Criterion, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;

use crate::candidate::Candidate;

fn publisher(c: &mut Criterion<CpuTime>) {
    measure::measure(c, candidates());
}

fn candidates() -> Vec<Box<dyn Candidate>> {
    let ours: [Box<dyn Candidate>; 1] = [Box::<ours::Ours>::default()];
    #[cfg(feature = "peers")]
    let ours = ours.into_iter().chain(peers::all());
    ours.into_iter().collect()
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = relay::relay, publisher
}
criterion_main!(benches);
