//! The server under test.

use crate::client::{Client, HANG};
use crate::work_dir::WorkDir;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) struct Server {
    address: String,
    /// `None` when the tests run against somebody else's server.
    process: Option<Client>,
    recordings: PathBuf,
}

impl Server {
    /// The server that `RTMP_INTEROP_SERVER` names, else a mini-server of this test's own.
    pub(crate) fn start(work: &WorkDir) -> Self {
        match std::env::var("RTMP_INTEROP_SERVER") {
            Ok(address) => Self { address, process: None, recordings: work.file("none") },
            Err(_) => Self::start_ours(work, &[]),
        }
    }

    /// A mini-server that records what is published.
    pub(crate) fn start_recording(work: &WorkDir) -> Self {
        let recordings = work.file("recordings");
        std::fs::create_dir(&recordings).expect("the work directory is writable");
        let directory = recordings.to_str().expect("the path is UTF-8").to_owned();
        let mut server = Self::start_ours(work, &["--record", &directory]);
        server.recordings = recordings;
        server
    }

    /// A mini-server with the given options.
    pub(crate) fn start_ours(work: &WorkDir, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-server"));
        command.args(["--listen", "127.0.0.1:0"]).args(options).env("RUST_LOG", "debug");
        let mut process = Client::start(work, "server", command);
        process.wait_for("listening on rtmp://");
        let log = process.log();
        let ready = log.lines().find_map(|line| line.strip_prefix("listening on rtmp://"));
        let address = ready.expect("the line stands alone").trim().to_owned();
        Self { address, process: Some(process), recordings: work.file("none") }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("rtmp://{}/live/{name}", self.address)
    }

    pub(crate) fn process(&mut self) -> &mut Client {
        self.process.as_mut().expect("a server of our own")
    }

    /// The only recording, once the server has written `bytes` of it.
    pub(crate) fn recording_of(&self, bytes: u64) -> PathBuf {
        let end = Instant::now() + HANG;
        loop {
            let files = std::fs::read_dir(&self.recordings).expect("the directory of recordings");
            let files: Vec<_> = files.map(|file| file.expect("a directory entry").path()).collect();
            assert!(files.len() <= 1, "more than one recording: {files:?}");
            let written = files.first().filter(|file| file.metadata().is_ok_and(|data| data.len() >= bytes));
            if let Some(file) = written {
                return file.clone();
            }
            assert!(Instant::now() < end, "no recording of {bytes} bytes: {files:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The only recording, once its metadata says how long it is: the server writes that last.
    pub(crate) fn finished_recording(&self) -> PathBuf {
        let end = Instant::now() + HANG;
        loop {
            let file = self.recording_of(1);
            let contents = std::fs::read(&file).unwrap_or_default();
            if contents.windows(9).any(|window| window == b"keyframes") {
                return file;
            }
            assert!(Instant::now() < end, "the recording {} got no index", file.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A stream name that no other test uses.
pub(crate) fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("interop-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
