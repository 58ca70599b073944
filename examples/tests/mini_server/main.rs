//! The mini-server as a process, with clients of our own over loopback.

#[path = "../patience/mod.rs"]
mod patience;

mod client;
mod crowd;
mod crowded;
mod faults;
mod flat_out;
mod healthy;
mod hostile;
mod leaving;
mod media;
mod paces;
mod pipe;
mod playing;
mod process;
mod proxy;
mod publishing;
mod recording;
mod slow;
mod stopping;
mod tracks;
mod villains;
