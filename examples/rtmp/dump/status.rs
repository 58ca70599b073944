//! What rtmpdump prints, where it prints it: programs parse it.

use super::DumpOptions;
use rtmp_session::amf::{Object, Value};
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Standard error, in rtmpdump's words.
pub(crate) struct Status {
    quiet: bool,
    hashes: bool,
    state: Mutex<State>,
}

struct State {
    shown: Option<Instant>,
    /// The line of progress is not ended; this is what it should say.
    open: Option<String>,
    metadata_shown: bool,
    hashes: u64,
}

impl Status {
    pub(crate) fn new(options: &DumpOptions) -> Self {
        let state = State { shown: None, open: None, metadata_shown: false, hashes: 0 };
        Self { quiet: options.quiet, hashes: options.hashes, state: Mutex::new(state) }
    }

    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.write(&format!("{}\n", text.as_ref()));
        }
    }

    /// Errors are said even when all else is not.
    pub(crate) fn error(&self, text: impl AsRef<str>) {
        self.write(&format!("{}\n", text.as_ref()));
    }

    /// `77.184 kB / 5.01 sec (99.9%)`, over the one before.
    pub(crate) fn progress(&self, bytes: u64, seconds: f64, percent: Option<f64>) {
        if self.quiet {
            return;
        }
        if self.hashes {
            return self.more_hashes(bytes, percent);
        }
        let percent = percent.map_or_else(String::new, |percent| format!(" ({percent:.1}%)"));
        let line = format!("\r{:.3} kB / {seconds:.2} sec{percent}", bytes as f64 / 1024.0);
        let mut state = self.state();
        state.open = Some(line.clone());
        let now = Instant::now();
        if state.shown.is_some_and(|shown| now - shown < Duration::from_millis(200)) {
            return;
        }
        state.shown = Some(now);
        drop(state);
        self.write(&line);
    }

    fn more_hashes(&self, bytes: u64, percent: Option<f64>) {
        let wanted = percent.map_or(bytes / (1 << 20), |percent| percent as u64);
        let mut state = self.state();
        let more = wanted.saturating_sub(state.hashes);
        state.hashes += more;
        drop(state);
        self.write(&"#".repeat(more as usize));
    }

    pub(crate) fn metadata(&self, properties: &Object) {
        if self.quiet || std::mem::replace(&mut self.state().metadata_shown, true) {
            return;
        }
        self.say("INFO: Metadata:");
        for (name, value) in properties.iter() {
            let text = match value {
                Value::Number(number) => format!("{number:.2}"),
                Value::Boolean(on) => if *on { "TRUE" } else { "FALSE" }.to_owned(),
                Value::String(text) => text.to_string(),
                _ => continue,
            };
            self.say(format!("INFO:   {name:<22}{text}"));
        }
    }

    /// The last line.
    pub(crate) fn end(&self, text: &str) {
        if self.quiet {
            return;
        }
        let line = self.state().open.take().map_or_else(String::new, |line| line + "\n");
        self.write(&format!("{line}{text}\n"));
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        // Whoever read it may be gone; the recording is not.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}
