//! A mini-server of a test's own.

use crate::patience::Watch;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Nothing takes this long: who waits so long waits for ever.
pub(crate) const HANG: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_with(options, "debug")
    }

    /// With a log that a crowd does not fill.
    pub(crate) fn start_quietly(options: &[&str]) -> Self {
        Self::start_with(options, "warn")
    }

    /// With a log of one's own choice, as `RUST_LOG` takes it.
    pub(crate) fn start_with(options: &[&str], log: &str) -> Self {
        // Whatever started the tests may have told its children to ignore this.
        let by: &[&str] = if cfg!(target_os = "linux") { &["env", "--default-signal=HUP"] } else { &["env"] };
        Self::start_by(by, options, log)
    }

    /// Started by a program that becomes it.
    pub(crate) fn start_by(by: &[&str], options: &[&str], log: &str) -> Self {
        let mut process = Command::new(by[0])
            .args(&by[1..])
            .arg(env!("CARGO_BIN_EXE_mini-server"))
            .args(["--listen", "127.0.0.1:0", "--threads", "2"])
            .args(options)
            .env("RUST_LOG", log)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let watch = Watch::over(&process);
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("the server says where it listens");
        drop(watch);
        let address = line.trim().strip_prefix("listening on rtmp://").expect("the promised line").parse().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(process.stderr.take().expect("it is piped"));
        std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in stderr.lines().map_while(Result::ok) {
                    let mut log = log.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            }
        });
        Self { process, address, log }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self, stream: &str) -> String {
        format!("rtmp://{}/live/{stream}", self.address)
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log says `text`.
    pub(crate) fn wait_for_log(&self, text: &str) {
        until(|| self.log().contains(text), || format!("the log says {text:?}; it says:\n{}", self.log()));
    }

    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").arg(format!("-{signal}")).arg(self.process.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until the process has ended; whether it says that all went well.
    pub(crate) fn end(&mut self) -> bool {
        let mut status = None;
        until(
            || {
                status = self.process.try_wait().expect("it is our child");
                status.is_some()
            },
            || "the server ends".to_owned(),
        );
        status.is_some_and(|status| status.success())
    }

    /// Resident memory in KiB, where the system tells.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.status("VmRSS:")
    }

    /// The most memory that ever was resident, in KiB, where the system tells.
    pub(crate) fn peak(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    /// Threads, where the system tells.
    pub(crate) fn threads(&self) -> Option<u64> {
        self.status("Threads:")
    }

    /// Open sockets and files, where the system tells.
    pub(crate) fn open_files(&self) -> Option<usize> {
        Some(std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).ok()?.count())
    }

    fn status(&self, name: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until `condition` holds.
pub(crate) fn until(mut condition: impl FnMut() -> bool, expectation: impl Fn() -> String) {
    let end = Instant::now() + HANG;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain until {}", expectation());
        std::thread::sleep(Duration::from_millis(5));
    }
}
