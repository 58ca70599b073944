//! The log: lines on standard error, written by a thread of their own.
//!
//! A crowd that connects at once writes thousands of lines a second; a system call for each would cost more than serving
//! them, and a terminal that is stopped must not stop the streams.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging. Drop the guard last: it writes out what is still waiting.
pub(crate) fn start() -> LogGuard {
    let shared = Arc::new(Shared::default());
    let writer = {
        let shared = Arc::clone(&shared);
        std::thread::Builder::new().name("log".into()).spawn(move || shared.write_out()).ok()
    };
    let filter =
        EnvFilter::builder().with_default_directive(tracing::level_filters::LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_writer(Lines(Arc::clone(&shared)))
        .init();
    LogGuard { shared, writer }
}

/// Keeps the writing thread going.
pub(crate) struct LogGuard {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.news.notify_all();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines that found no room.
    lost: u64,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_out(&self) {
        let mut lines = Vec::new();
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() && !state.closed {
                state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let closed = state.closed;
            std::mem::swap(&mut lines, &mut state.waiting);
            let lost = std::mem::take(&mut state.lost);
            drop(state);
            let mut stderr = io::stderr().lock();
            // There is nowhere to report to.
            let _ = stderr.write_all(&lines);
            if lost > 0 {
                let _ = writeln!(stderr, "({lost} lines left out: the log is not taken fast enough)");
            }
            drop(stderr);
            lines.clear();
            lines.shrink_to(KEEP);
            if closed {
                return;
            }
            std::thread::sleep(GATHER);
        }
    }
}

/// Hands lines over to the writing thread.
struct Lines(Arc<Shared>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.waiting.len() + line.len() > MOST_WAITING {
            state.lost += 1;
        } else {
            let first = state.waiting.is_empty();
            state.waiting.extend_from_slice(line);
            if first {
                self.0.news.notify_one();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A time as the log shows it: in seconds, to the millisecond.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0.as_secs_f64())
    }
}

const MOST_WAITING: usize = 1 << 20;
const KEEP: usize = 16 << 10;
/// Lines of this time are written together.
const GATHER: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        assert_eq!(Seconds(Duration::from_micros(6_073_213)).to_string(), "6.073");
    }
}
