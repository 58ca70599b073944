//! What each fuzz target checks. Every function takes any bytes and panics when a promise of the crates is broken.
//!
//! The bytes begin with a few that choose how to run (the first length of a cut, a role, an answer), so that one corpus
//! reaches all of it; what follows is the peer's.

pub mod chunks;
pub mod files;
pub mod handshakes;
pub mod live;
pub mod reference;
pub mod script;
pub mod sessions;
pub mod shared_objects;
pub mod values;
