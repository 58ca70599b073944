//! Loads an RTMP server and says what it did.
//!
//! ```text
//!  main ── args, report of one run (outcome, page, chart) or of many (report, rounds, tables)
//!    │
//!    └─ crew: threads, one per processor at most; the steps of a run      storm: many short connections
//!         ├─ publisher: the clip in its own time ──► stamp in each message
//!         ├─ player: checks stamps, counts        ◄── wire: a client session on its socket, one read buffer per thread
//!         └─ tally: what a thread saw                process: what the server cost, from /proc
//!
//!  floor: the same bytes without a protocol, to divide by
//! ```
//!
//! The protocol is `rtmp_session::ClientSession`, driven by hand, so that thousands of players fit one thread.
#![allow(rustdoc::broken_intra_doc_links, reason = "comments of arguments are help texts, brackets and all")]

mod args;
mod bits;
mod chart;
mod clip;
mod control;
mod crew;
mod floor;
mod outcome;
mod page;
mod player;
mod process;
mod publisher;
mod report;
mod rounds;
mod stamp;
mod storm;
mod tables;
mod tally;
mod wire;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::args::{Cli, Command, Output, Server, Window};
use crate::crew::Cast;
use crate::outcome::{Asked, Outcome};

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rtmp-bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// False if something was lost or failed.
fn run(command: Command) -> Result<bool, String> {
    // Each connection is a descriptor.
    rlimit::increase_nofile_limit(u64::MAX)
        .map_err(|error| format!("cannot raise the limit on open files: {error}"))?;
    match command {
        Command::Publish(args) => {
            let window = Window { time: args.time, warm_up: Duration::ZERO, join_within: JOIN_WITHIN };
            perform(
                "publish",
                &Cast { server: args.server, source: Some(args.source), crowd: None },
                &window,
                &args.output,
            )
            .map(|outcome| outcome.is_clean())
        }
        Command::Play(args) => {
            let cast = Cast { server: args.server, source: None, crowd: Some(args.crowd) };
            perform("play", &cast, &args.window, &args.output).map(|outcome| outcome.is_clean())
        }
        Command::Measure(args) => {
            let cast = Cast { server: args.server, source: Some(args.source), crowd: Some(args.crowd) };
            let outcome = perform("measure", &cast, &args.window, &args.output)?;
            Ok(if args.limit { !outcome.is_past_the_limit() } else { outcome.is_clean() })
        }
        Command::Storm(args) => {
            check_pid(&args.server)?;
            let seen = storm::storm(&args).map_err(|error| error.to_string())?;
            let asked = Asked::new("storm", &args.server, &args.output);
            let asked = Asked { source: Some(&args.source), at_once: args.at_once, ..asked };
            publish_outcome(Outcome::new(&asked, &seen), &args.output).map(|outcome| outcome.is_clean())
        }
        Command::Floor(args) => {
            check_pid(&args.server)?;
            let seen = floor::read(&args).map_err(|error| error.to_string())?;
            let asked = Asked::new("floor", &args.server, &args.output);
            let asked = Asked { crowd: Some(&args.crowd), kbps: args.kbps, ..asked };
            publish_outcome(Outcome::new(&asked, &seen), &args.output).map(|outcome| outcome.is_clean())
        }
        Command::FloorServer(args) => floor::serve(&args).map(|()| true).map_err(|error| error.to_string()),
        Command::Report(args) => report::report(&args).map(|()| true),
    }
}

fn perform(command: &str, cast: &Cast, window: &Window, output: &Output) -> Result<Outcome, String> {
    check_pid(&cast.server)?;
    let seen = cast.perform(window).map_err(|error| error.to_string())?;
    let asked = Asked::new(command, &cast.server, output);
    let asked =
        Asked { source: cast.source.as_ref(), crowd: cast.crowd.as_ref(), join_over: cast.join_over(), ..asked };
    publish_outcome(Outcome::new(&asked, &seen), output)
}

fn check_pid(server: &Server) -> Result<(), String> {
    match server.pid {
        Some(pid) if !process::exists(pid) => Err(format!("no process {pid} to look at")),
        _ => Ok(()),
    }
}

/// Prints it and appends it to the files that were asked for.
fn publish_outcome(outcome: Outcome, output: &Output) -> Result<Outcome, String> {
    print!("{outcome}");
    if let Some(path) = &output.json {
        let line = serde_json::to_string(&outcome).map_err(|error| error.to_string())?;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{line}")).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let Some(path) = &output.html {
        report::write(path, &page::page(&outcome))?;
    }
    Ok(outcome)
}

const JOIN_WITHIN: Duration = Duration::from_secs(30);
