//! Real RTMP programs against the mini-server: they publish, play and record, and every packet is compared.
//!
//! A test whose program is not installed prints one `SKIPPED` line and passes; with `RTMP_REQUIRE_CLIENTS=1` it fails.
//! `RTMP_INTEROP_SERVER=HOST:PORT` runs the cases that need no more than a server against one that is already up.
//! The source packets of the publisher, as its own ffmpeg would write them to a file, are the truth everywhere.

#[path = "../patience/mod.rs"]
mod patience;

mod client;
mod clips;
mod flv_file;
mod listing;
mod players;
mod publishers;
mod server;
mod tap;
mod tools;
mod witness;
mod work_dir;

mod codecs;
mod joining;
mod pairs;
mod publishing;
mod recording;
mod wire;
