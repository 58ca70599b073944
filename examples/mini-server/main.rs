//! An RTMP server that needs no configuration: publish anything, play it as often as you like, record it.
//!
//! ```text
//!  main ── args, log, listeners, signals
//!    │
//!    └─ worker threads, one per processor, each with a runtime of its own          (worker)
//!         connection: reads, answers, one small task each                          (connection, socket)
//!           ├─ publisher: pushes what one round of reading brought into the        (publisher, registry, logs)
//!           │             stream's log, wakes each thread with players once ──┐
//!           │             └─► recording: a thread and a file of its own       │    (recording)
//!           └─ play: a place in the log                                       │    (play, player)
//!         walker: one per stream and thread; brings all its players  ◄────────┘    (walker, images)
//!                 to the head of the log, one write each
//! ```
//!
//! What a connection may cost is bounded (limits), and what all media may cost together (memory).
//!
//! The rules of the protocol are in `rtmp_session::ServerSession`, the log of a stream in `rtmp_session::live`.
#![allow(rustdoc::broken_intra_doc_links, reason = "comments of arguments are help texts, brackets and all")]

mod args;
mod connection;
mod demo;
mod images;
mod limits;
mod listen;
mod log;
mod logs;
mod memory;
mod names;
mod play;
mod player;
mod publish_key;
mod publisher;
mod readers;
mod recording;
mod registry;
mod socket;
mod walker;
mod worker;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tokio::sync::watch;

use crate::args::Args;
use crate::memory::Memory;
use crate::publish_key::PublishKey;
use crate::recording::Recorder;
use crate::registry::Registry;
use crate::worker::{Server, Workers};

fn main() -> ExitCode {
    let args = Args::parse();
    let _log = log::start();
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args) -> Result<(), String> {
    raise_descriptor_limit();
    let recorder = args.record.as_deref().map(Recorder::new).transpose()?;
    let (addresses, all) = args.addresses();
    let listeners = listen::bind(&addresses, all)?;
    let (stop, stopped) = watch::channel(false);
    let server = Arc::new(Server {
        registry: Registry::new(Memory::new(args.media_memory), args.max_publishers.get(), args.default_track),
        sessions: limits::sessions(),
        coalesce: args.coalesce,
        recorder,
        publish_key: args.publish_key.clone(),
        stop: stopped,
    });
    let ready = announcement(&listeners)?;
    let demo = args.demo.then(|| listeners[0].local_addr()).transpose().map_err(|error| error.to_string())?;
    let workers = Workers::start(&server, args.thread_count(), listeners)
        .map_err(|error| format!("cannot start {} threads: {error}", args.thread_count()))?;
    say(&ready);
    let signal = run_until_signal(demo, args.publish_key.as_ref())
        .map_err(|error| format!("cannot wait for signals: {error}"))?;
    tracing::info!("{signal}: stopping");
    let _ = stop.send(true);
    workers.join();
    if let Some(recorder) = &server.recorder {
        recorder.finish();
    }
    Ok(())
}

/// Each connection is a descriptor, and the usual limit of 1024 is a crowd of one classroom.
fn raise_descriptor_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!("cannot raise the limit on open files: {error}");
    }
}

/// The lines that scripts wait for.
fn announcement(listeners: &[TcpListener]) -> Result<String, String> {
    let line = |listener: &TcpListener| {
        let address = listener.local_addr().map_err(|error| format!("cannot listen: {error}"))?;
        Ok(format!("listening on rtmp://{address}\n"))
    };
    listeners.iter().map(line).collect()
}

fn say(lines: &str) {
    let mut stdout = std::io::stdout().lock();
    // Who closed standard output does not want to know.
    let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
}

/// Returns the name of the signal that wants the server to stop. Meanwhile publishes the demo, if it is wanted.
fn run_until_signal(demo: Option<SocketAddr>, key: Option<&PublishKey>) -> std::io::Result<&'static str> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if let Some(server) = demo {
            tokio::spawn(demo::publish(server, key.map(PublishKey::to_query)));
        }
        #[cfg(unix)]
        {
            use rtmp_examples::HangUp;
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut hang_up = HangUp::new()?;
            tokio::select! {
                _ = terminate.recv() => Ok("SIGTERM"),
                _ = interrupt.recv() => Ok("SIGINT"),
                () = hang_up.received() => Ok("SIGHUP"),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
    })
}
