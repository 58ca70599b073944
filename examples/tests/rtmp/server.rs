//! Servers to run the tool against.

use crate::run::RTMP;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
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
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let (sender, lines) = channel();
        pass_on(child.stdout.take().expect("piped"), sender.clone());
        pass_on(child.stderr.take().expect("piped"), sender);
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

    /// Waits until another player has asked the mini-server for a stream: whoever publishes from now on comes behind it.
    pub(crate) fn wait_for_player(&mut self) {
        self.wait_for("play peer=");
    }

    /// Waits until another recording of the mini-server is whole.
    pub(crate) fn wait_for_recording(&mut self) {
        self.wait_for("recording ended");
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

/// Line by line, until nobody listens.
fn pass_on(output: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// Far more than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
