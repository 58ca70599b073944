//! The `rtmp` tool, run as its users run it.

#[path = "../patience/mod.rs"]
mod patience;

mod call;
mod dump;
mod errors;
mod inspect;
mod mp4;
mod nginx;
mod node_media_server;
mod packets;
mod paperwork;
mod probe;
mod proxy;
mod publish;
mod record;
mod relay;
mod run;
mod scripts;
mod secure;
mod server;
mod swf;
mod web;
