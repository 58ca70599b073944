//! Running the program.

use crate::patience;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) const RTMP: &str = env!("CARGO_BIN_EXE_rtmp");

/// Runs to the end.
pub(crate) fn rtmp<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    Run(patience::output(&mut command(arguments)).expect("the program can be started"))
}

/// The program, with nothing of what other runs have kept.
pub(crate) fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(RTMP);
    command.args(arguments).env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs to the end, with something on standard input.
pub(crate) fn rtmp_with_input<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>, input: &[u8]) -> Run {
    let mut child = Background::start(arguments);
    child.child().stdin.take().expect("piped").write_all(input).expect("the program reads");
    child.wait()
}

/// What came of it.
pub(crate) struct Run(pub(crate) Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().expect("not killed")
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("text")
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.stdout
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Standard output of a run that must have gone well.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code(), 0, "{}", self.stderr());
        self.stdout()
    }

    /// Checks the exit code, and shows what was said if it is another.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}", self.stderr());
        self
    }
}

/// A run that goes on while the test does, and no longer.
pub(crate) struct Background(Option<Child>);

impl Background {
    pub(crate) fn start<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self::spawn(&mut command(arguments))
    }

    /// Any program, with its input and outputs in our hands.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().expect("the program can be started")))
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("not waited for")
    }

    /// Asks it to end, as Ctrl-C does.
    pub(crate) fn interrupt(mut self) -> Run {
        self.signal("INT");
        self.wait()
    }

    /// A signal alone.
    pub(crate) fn signal(&mut self, name: &str) {
        let pid = self.child().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().expect("kill").success());
    }

    pub(crate) fn wait(mut self) -> Run {
        let child = self.0.take().expect("not waited for");
        Run(patience::end(child))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until something is so.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A program that a check needs is not here: says so aloud, or fails where skipping is not allowed.
pub(crate) fn missing(program: &str) {
    let required = std::env::var("RTMP_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").to_owned();
    assert!(!required, "RTMP_REQUIRE_CLIENTS=1, and {test} needs {program}");
    // Not `eprintln!`: the test runner hides what it prints for a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: not installed: {program}");
}

pub(crate) fn clip(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) fn clip_name(name: &str) -> String {
    clip(name).to_str().expect("text").to_owned()
}

pub(crate) fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rtmp-session/tests/data/captures")
}
