//! Servers to run the tool against.

use crate::run::RTMP;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A server process, killed when the test is over.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Server {
    /// `rtmp serve` on a free port.
    pub(crate) fn serve(options: &[&str]) -> Self {
        Self::start(Command::new(RTMP).args(["serve", "--listen", "127.0.0.1:0"]).args(options))
    }

    /// The mini-server on a free port, or on that of one that was here before.
    pub(crate) fn mini(address: &str, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-server"));
        Self::start(command.args(["--listen", address]).args(options).env("RUST_LOG", "info"))
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server can be started");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        let mut server = Self { child, address: String::new(), input, lines, seen: Vec::new() };
        let line = server.wait_for("listening on ");
        server.address = line.split("://").nth(1).expect("an address").trim().to_owned();
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("rtmp://{}/{path}", self.address)
    }

    /// The next line with this text in it.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let begin = Instant::now();
        loop {
            match self.lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => assert!(begin.elapsed() < PATIENCE, "no {text:?} in:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Everything printed so far.
    pub(crate) fn output(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }

    /// A line for the console of `rtmp serve`.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("open");
        writeln!(input, "{line}").expect("the server reads its console");
        input.flush().expect("the server reads its console");
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill").success());
    }

    pub(crate) fn kill(mut self) -> String {
        self.child.kill().expect("alive");
        self.child.wait().expect("a child");
        self.address.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Far more than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
