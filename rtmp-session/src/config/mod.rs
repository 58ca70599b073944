//! What a program chooses for its sessions.

mod client;
mod limits;
mod link;
mod server;

pub use client::ClientConfig;
pub use limits::Limits;
pub use link::LinkConfig;
pub use server::ServerConfig;
