//! The mini-server as a process, with clients of our own over loopback.

mod client;
mod hostile;
mod media;
mod playing;
mod process;
mod publishing;
mod recording;
mod slow;
mod stopping;
