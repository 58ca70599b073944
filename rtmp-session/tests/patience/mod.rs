//! A test that hangs says so and ends the run, instead of holding it up until somebody looks.

use std::io::{Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Far more than any test takes on a busy machine. It is time of the world: virtual time may pass as it likes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the process if the test that made it has not dropped it after [`PATIENCE`].
///
/// The whole process: a thread that waits, or runs in circles, cannot be stopped.
#[must_use]
pub(crate) struct Watch {
    _ended: Sender<()>,
}

impl Watch {
    pub(crate) fn over_this_test() -> Self {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let (_ended, end) = channel();
        thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                // `eprintln!` would go where the outputs of passed tests go.
                let _ = writeln!(stderr(), "\n{test} hangs: not over after {PATIENCE:?}");
                std::process::exit(101);
            }
        });
        Self { _ended }
    }
}
