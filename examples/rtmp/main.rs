//! `rtmp`: publishes, plays, records, relays and takes apart RTMP streams.
#![allow(rustdoc::broken_intra_doc_links, reason = "comments of arguments are help texts, brackets and all")]

#[macro_use]
mod console;

mod amf_text;
mod backoff;
mod call;
mod cli;
mod codec_check;
mod codec_text;
mod conversation;
mod dial;
mod doctor;
mod dump;
mod failure;
mod file_source;
mod flat_out;
mod general;
mod inlet;
mod inspect;
mod media_stats;
mod mp4;
mod outlet;
mod paperwork;
mod part_file;
mod player_file;
mod probe;
mod progress;
mod proxy;
mod publish;
mod record;
mod relay;
mod secrets;
mod secure_token;
mod serve;
mod stop_signal;
mod target;
mod transcript;
mod trust;

use clap::Parser;
use cli::Cli;
use dump::DumpOptions;
use failure::{Exit, Failure};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(arguments) = arguments_of_dump() {
        return match DumpOptions::try_parse_from(arguments) {
            Ok(options) => run_dump(&options),
            Err(error) => {
                let _ = error.print();
                // rtmpdump knows no code of its own for this.
                if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
            }
        };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain!("rtmp: {failure}");
            failure.exit.into()
        }
    }
}

/// The command line of `rtmp dump`, whose letters mean something else than those of the other subcommands; or of a link
/// to this program that is called rtmpdump.
fn arguments_of_dump() -> Option<Vec<OsString>> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let program = Path::new(arguments.first()?).file_stem()?.to_owned();
    if program == "rtmpdump" {
        return Some(arguments);
    }
    if arguments.get(1)? != "dump" {
        return None;
    }
    arguments.remove(0);
    Some(arguments)
}

fn run_dump(options: &DumpOptions) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain!("rtmp: {error}");
            return ExitCode::FAILURE;
        }
    };
    let exit = runtime.block_on(dump::dump(options));
    ExitCode::from(exit as u8)
}

/// Help goes to standard output and is no error; a wrong command line has an exit code that no subcommand uses.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

fn run(cli: Cli) -> Result<(), Failure> {
    if cli.general.show_url {
        for target in cli.command.targets()? {
            say!("{}\n", target.explain());
        }
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::arguments)?;
    let result = runtime.block_on(in_time(&cli));
    // A thread that waits for standard input would wait for ever.
    runtime.shutdown_background();
    result
}

/// Runs the subcommand, for as long as `--timeout total=` allows.
async fn in_time(cli: &Cli) -> Result<(), Failure> {
    let work = cli.command.run(&cli.general);
    match cli.general.timeout.total {
        None => work.await,
        Some(limit) => tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            Err(Failure::arguments(format!("stopped after {} s, as asked for", limit.as_secs_f64()))
                .exit(Exit::Incomplete))
        }),
    }
}

/// `EX_USAGE` of sysexits.h.
const USAGE: u8 = 64;
