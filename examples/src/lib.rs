//! What several of the example programs share.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod the_programs_printed_in_the_readme {}

mod flv_file;
#[cfg(unix)]
mod hang_up;

#[cfg(unix)]
pub use hang_up::HangUp;

pub use flv_file::{FlvFile, Resumed, scan_file};
