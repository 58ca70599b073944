//! The command line.

use crate::doctor::Doctor;
use crate::general::General;
use crate::inspect::Inspect;
use clap::{Parser, Subcommand};

/// Publish, play, record, relay and inspect RTMP streams
#[derive(Parser, Debug)]
#[command(name = "rtmp", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub general: General,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Inspect(Inspect),
    Doctor(Doctor),
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 error on this side, 2 incomplete, 3 no connection, 4 refused, 5 no such stream, 6 stalled,
64 wrong command line. `rtmp dump` has rtmpdump's: 0 done, 1 error, 2 incomplete.";
