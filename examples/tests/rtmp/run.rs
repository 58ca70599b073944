//! Running the program.

use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) const RTMP: &str = env!("CARGO_BIN_EXE_rtmp");

/// Runs to the end.
pub(crate) fn rtmp<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    Run(Command::new(RTMP).args(arguments).output().expect("the program can be started"))
}

/// What came of it.
pub(crate) struct Run(Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().expect("not killed")
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("text")
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Standard output of a run that must have gone well.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code(), 0, "{}", self.stderr());
        self.stdout()
    }
}

pub(crate) fn clip(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rtmp-session/tests/data/captures")
}
