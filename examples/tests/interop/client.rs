//! One running client program: its log, its end, and no survivors.

use crate::work_dir::WorkDir;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes longer on a working machine; whoever waits this long hangs.
pub(crate) const HANG: Duration = Duration::from_secs(45);

pub(crate) struct Client {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Client {
    /// Starts `command` in a process group of its own, with its output in a log file.
    pub(crate) fn start(work: &WorkDir, name: &str, mut command: Command) -> Self {
        let log = work.file(&format!("{name}.log"));
        let output = File::create(&log).expect("the log can be created");
        let errors = output.try_clone().expect("the log can be shared");
        command.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("{name}: {command:?}: {error}"));
        Self { name: name.to_owned(), child, log }
    }

    /// Waits for the program to end by itself; `None` when it still runs after `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return Some(status);
            }
            if Instant::now() >= end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end and demands success.
    pub(crate) fn succeed(&mut self) {
        let status = self.wait(HANG);
        assert!(status.is_some_and(|status| status.success()), "{} ended with {status:?}\n{}", self.name, self.log());
    }

    /// Waits for the end, however it ends.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.wait(HANG).unwrap_or_else(|| panic!("{} hangs\n{}", self.name, self.log()))
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.wait(Duration::ZERO).is_none()
    }

    /// Asks the program to end, as Ctrl-C does, and forces it after a while.
    pub(crate) fn interrupt(&mut self) {
        if self.is_running() {
            self.signal("INT");
            if self.wait(Duration::from_secs(5)).is_none() {
                self.kill();
            }
        }
    }

    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        let _ = self.child.wait();
    }

    pub(crate) fn signal(&self, name: &str) {
        let group = format!("-{}", self.child.id());
        let mut kill = Command::new("kill");
        let _ = kill.args(["-s", name, "--", &group]).stderr(Stdio::null()).status();
    }

    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until the log says `text`.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + HANG;
        while !self.log().contains(text) {
            assert!(Instant::now() < end, "{} never said {text:?}\n{}", self.name, self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}
