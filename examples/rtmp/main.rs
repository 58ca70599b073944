//! `rtmp`: publishes, plays, records, relays and takes apart RTMP streams.

mod amf_text;
mod backoff;
mod cli;
mod codec_text;
mod conversation;
mod dial;
mod doctor;
mod failure;
mod flv_file;
mod general;
mod inspect;
mod media_stats;
mod progress;
mod secrets;
mod target;
mod transcript;
mod trust;

use clap::Parser;
use cli::{Cli, Command};
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rtmp: {failure}");
            failure.exit.into()
        }
    }
}

/// Help goes to standard output and is no error; a wrong command line has an exit code that no subcommand uses.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let _general = &cli.general;
    match cli.command {
        Command::Inspect(inspect) => inspect.run(),
        Command::Doctor(doctor) => doctor.run(),
    }
}

/// `EX_USAGE` of sysexits.h.
const USAGE: u8 = 64;
