//! Whole files: writing them so that they are valid at any instant, reading what they hold, mending them.

mod account;
mod index;
mod own_metadata;
#[cfg(feature = "std")]
mod repair;
mod scan;
mod timeline;
mod writer;

#[cfg(feature = "std")]
pub use repair::repair;
pub use {
    scan::{FileScan, FileSummary},
    writer::{FlvWriter, WriterConfig},
};
