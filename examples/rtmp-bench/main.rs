//! Loads an RTMP server and says what it did.
//!
//! ```text
//!  main ── args, report of one run (outcome, page, chart) or of many (report)
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
mod stamp;
mod storm;
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
            let kbps = args.source.kbps;
            let cast = Cast { server: args.server, source: Some(args.source), crowd: None };
            perform("publish", &cast, &window, kbps, &args.output)
        }
        Command::Play(args) => {
            let cast = Cast { server: args.server, source: None, crowd: Some(args.crowd) };
            perform("play", &cast, &args.window, 0, &args.output)
        }
        Command::Measure(args) => {
            let kbps = args.source.kbps;
            let cast = Cast { server: args.server, source: Some(args.source), crowd: Some(args.crowd) };
            perform("measure", &cast, &args.window, kbps, &args.output)
        }
        Command::Storm(args) => {
            check_pid(&args.server)?;
            let seen = storm::storm(&args).map_err(|error| error.to_string())?;
            let asked = asked("storm", &args.server, args.source.kbps, 0, &args.output);
            publish_outcome(&Outcome::new(&asked, &seen), &args.output)
        }
        Command::Floor(args) => {
            check_pid(&args.server)?;
            let seen = floor::read(&args).map_err(|error| error.to_string())?;
            let asked = asked("floor", &args.server, args.kbps, args.crowd.players, &args.output);
            publish_outcome(&Outcome::new(&asked, &seen), &args.output)
        }
        Command::FloorServer(args) => floor::serve(&args).map(|()| true).map_err(|error| error.to_string()),
        Command::Report(args) => report::report(&args).map(|()| true),
    }
}

fn perform(command: &str, cast: &Cast, window: &Window, kbps: u32, output: &Output) -> Result<bool, String> {
    check_pid(&cast.server)?;
    let seen = cast.perform(window).map_err(|error| error.to_string())?;
    let players = cast.crowd.as_ref().map_or(0, |crowd| crowd.players);
    publish_outcome(&Outcome::new(&asked(command, &cast.server, kbps, players, output), &seen), output)
}

fn asked<'a>(command: &'a str, server: &Server, kbps: u32, players: u32, output: &'a Output) -> Asked<'a> {
    Asked { command, label: &output.label, streams: server.streams, kbps, players, has_pid: server.pid.is_some() }
}

fn check_pid(server: &Server) -> Result<(), String> {
    match server.pid {
        Some(pid) if !process::exists(pid) => Err(format!("no process {pid} to look at")),
        _ => Ok(()),
    }
}

fn publish_outcome(outcome: &Outcome, output: &Output) -> Result<bool, String> {
    print!("{outcome}");
    if let Some(path) = &output.json {
        let line = serde_json::to_string(outcome).map_err(|error| error.to_string())?;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{line}")).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let Some(path) = &output.html {
        report::write(path, &page::page(outcome))?;
    }
    Ok(outcome.is_clean())
}

const JOIN_WITHIN: Duration = Duration::from_secs(30);
