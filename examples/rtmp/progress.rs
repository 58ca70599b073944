//! What long work shows: a bar per stream on a terminal, a line now and then otherwise, or JSON for a script.

use crate::general::{General, ProgressStyle};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The progress of a whole run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Shared>);

struct Shared {
    style: Style,
    bars: MultiProgress,
    lines: Mutex<Vec<Line>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Bars,
    Plain,
    Json,
    Nothing,
}

/// One stream's share of it: counters that its task moves and the ticker shows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Line(Arc<Counters>);

struct Counters {
    name: String,
    bar: Option<ProgressBar>,
    begin: Instant,
    bytes: AtomicU64,
    /// Media time in milliseconds.
    position: AtomicU64,
    /// Length of the whole in milliseconds, 0 if unknown.
    total: AtomicU64,
    dropped: AtomicU64,
    reconnects: AtomicU64,
    state: Mutex<&'static str>,
}

impl Progress {
    /// Starts showing, on standard error. Must be called inside the runtime.
    pub(crate) fn start(general: &General) -> Self {
        let style = match general.progress {
            _ if general.quiet => Style::Nothing,
            ProgressStyle::None => Style::Nothing,
            ProgressStyle::Json => Style::Json,
            ProgressStyle::Plain => Style::Plain,
            ProgressStyle::Auto if std::io::stderr().is_terminal() => Style::Bars,
            ProgressStyle::Auto => Style::Plain,
        };
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let progress = Self(Arc::new(Shared { style, bars, lines: Mutex::default() }));
        if style != Style::Nothing {
            let shared = Arc::downgrade(&progress.0);
            tokio::spawn(async move {
                let period = if style == Style::Plain { Duration::from_secs(5) } else { Duration::from_secs(1) };
                let mut ticks = tokio::time::interval_at((Instant::now() + period).into(), period);
                loop {
                    ticks.tick().await;
                    let Some(shared) = shared.upgrade() else { return };
                    shared.show();
                }
            });
        }
        progress
    }

    /// Adds a stream. `name` must be fit to print.
    pub(crate) fn line(&self, name: impl Into<String>) -> Line {
        let name = name.into();
        let bar = (self.0.style == Style::Bars).then(|| {
            let bar = self.0.bars.add(ProgressBar::no_length());
            bar.set_style(spinner());
            bar.set_prefix(name.clone());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let line = Line(Arc::new(Counters {
            name,
            bar,
            begin: Instant::now(),
            bytes: AtomicU64::new(0),
            position: AtomicU64::new(0),
            total: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            reconnects: AtomicU64::new(0),
            state: Mutex::new("connecting"),
        }));
        self.0.lines().push(line.clone());
        line
    }

    /// Prints a line for people without tearing a bar.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        match self.0.style {
            Style::Nothing => {}
            Style::Bars => {
                let _ = self.0.bars.println(text.as_ref());
            }
            Style::Plain => complain!("{}", text.as_ref()),
            Style::Json => complain!("{}", json!({ "note": text.as_ref() })),
        }
    }

    /// Shows where everything stands at the end.
    pub(crate) fn finish(&self) {
        if self.0.style != Style::Nothing {
            self.0.show();
        }
        for line in self.0.lines().iter() {
            if let Some(bar) = &line.0.bar {
                bar.abandon();
            }
        }
    }
}

impl Shared {
    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn show(&self) {
        for line in self.lines().iter() {
            match self.style {
                Style::Bars => line.0.move_bar(),
                Style::Plain => complain!("{}: {}", line.0.name, line.0.text()),
                Style::Json => complain!("{}", line.0.json()),
                Style::Nothing => {}
            }
        }
    }
}

impl Line {
    /// One message went by.
    pub(crate) fn media(&self, timestamp_ms: u64, bytes: usize) {
        self.0.bytes.fetch_add(bytes as u64, Relaxed);
        self.0.position.fetch_max(timestamp_ms, Relaxed);
    }

    pub(crate) fn set_total(&self, milliseconds: u64) {
        self.0.total.store(milliseconds, Relaxed);
        if let Some(bar) = &self.0.bar {
            bar.set_length(milliseconds);
            bar.set_style(bar_with_end());
        }
    }

    /// Messages left out for a peer that is too slow or away.
    pub(crate) fn dropped(&self, messages: u64) {
        self.0.dropped.fetch_add(messages, Relaxed);
    }

    pub(crate) fn reconnected(&self) {
        self.0.reconnects.fetch_add(1, Relaxed);
    }

    /// `connecting`, `live`, `waiting` and so on.
    pub(crate) fn state(&self, state: &'static str) {
        *self.0.state() = state;
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Relaxed)
    }
}

impl Counters {
    fn state(&self) -> std::sync::MutexGuard<'_, &'static str> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Bytes per second since the beginning.
    fn rate(&self) -> f64 {
        self.bytes.load(Relaxed) as f64 / self.begin.elapsed().as_secs_f64().max(0.001)
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{} {} at {}, {:.0} kbit/s",
            self.state(),
            size(self.bytes.load(Relaxed)),
            clock(self.position.load(Relaxed)),
            self.rate() * 8.0 / 1000.0
        );
        for (count, what) in [(&self.dropped, "dropped"), (&self.reconnects, "reconnects")] {
            match count.load(Relaxed) {
                0 => {}
                count => text += &format!(", {count} {what}"),
            }
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let (position, total) = (self.position.load(Relaxed), self.total.load(Relaxed));
        json!({
            "name": self.name,
            "state": *self.state(),
            "bytes": self.bytes.load(Relaxed),
            "time_ms": position,
            "elapsed_ms": self.begin.elapsed().as_millis() as u64,
            "bytes_per_second": self.rate().round(),
            "dropped": self.dropped.load(Relaxed),
            "reconnects": self.reconnects.load(Relaxed),
            "percent": (total > 0).then(|| position as f64 * 100.0 / total as f64),
        })
    }

    fn move_bar(&self) {
        let Some(bar) = &self.bar else { return };
        bar.set_position(self.position.load(Relaxed));
        bar.set_message(self.text());
    }
}

/// `1.2 MB`
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        ..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// `1:02:03.4`
pub(crate) fn clock(milliseconds: u64) -> String {
    let (seconds, tenths) = (milliseconds / 1000, milliseconds % 1000 / 100);
    format!("{}:{:02}:{:02}.{tenths}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn spinner() -> BarStyle {
    BarStyle::with_template("{spinner} {prefix}  {msg}").expect("a constant template")
}

fn bar_with_end() -> BarStyle {
    BarStyle::with_template("{spinner} {prefix}  {wide_bar} {percent}%  {msg}").expect("a constant template")
}
