//! The `rtmp` tool, run as its users run it.

mod inspect;
mod run;
