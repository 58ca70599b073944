//! A child that hangs is killed, so that the test that waits for it fails and tells what it said.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Far more than anything takes on a busy machine: who still runs then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills a child that still runs after [`PATIENCE`], unless this is dropped before.
pub(crate) struct Watch {
    _ended: Sender<()>,
}

impl Watch {
    pub(crate) fn over(child: &Child) -> Self {
        let pid = child.id().to_string();
        let (_ended, end) = channel();
        std::thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        Self { _ended }
    }
}

/// Waits for the end of a child.
pub(crate) fn end(child: Child) -> Output {
    let watch = Watch::over(&child);
    let output = child.wait_with_output().expect("a child");
    drop(watch);
    assert_ne!(output.status.signal(), Some(9), "it hung, having said: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs a command to its end, with its outputs in our hands.
pub(crate) fn output(command: &mut Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map(end)
}
