//! What several of the example programs share.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod the_programs_printed_in_the_readme {}

mod flv_file;

pub use flv_file::{FlvFile, Resumed, scan_file};
