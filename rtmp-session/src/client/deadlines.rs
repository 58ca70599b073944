//! What the server owes an answer, and until when.

use std::time::{Duration, Instant};

use crate::{CallId, StreamId};

/// Deadlines of answers. What time it is comes in by `handle_timeout` alone, so something newly awaited asks for that
/// first: it is due at once, and its time runs from then on.
#[derive(Debug)]
pub(super) struct Deadlines {
    /// `None`: the server may take for ever.
    time: Option<Duration>,
    /// When the session was last told the time.
    now: Instant,
    awaited: Vec<(Awaited, Option<Instant>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Awaited {
    /// The start of a publish or play.
    Start(StreamId),
    Call(CallId),
}

impl Deadlines {
    pub(super) const fn new(time: Option<Duration>, now: Instant) -> Self {
        Self { time, now, awaited: Vec::new() }
    }

    /// Time runs from here on, anew if it did before.
    pub(super) fn start(&mut self, what: Awaited) {
        self.stop(what);
        if self.time.is_some() {
            self.awaited.push((what, None));
        }
    }

    pub(super) fn stop(&mut self, what: Awaited) {
        self.awaited.retain(|(awaited, _)| *awaited != what);
    }

    pub(super) fn stop_all(&mut self) {
        self.awaited = Vec::new();
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.awaited.iter().map(|(_, at)| at.unwrap_or(self.now)).min()
    }

    /// Something that is overdue; it is no longer awaited. Ask until there is none.
    pub(super) fn handle(&mut self, now: Instant) -> Option<Awaited> {
        self.now = now;
        for (_, at) in &mut self.awaited {
            *at = at.or_else(|| now.checked_add(self.time?));
        }
        // A time that cannot be expressed is never reached.
        self.awaited.retain(|(_, at)| at.is_some());
        let overdue = self.awaited.iter().position(|(_, at)| at.is_some_and(|at| now >= at))?;
        Some(self.awaited.swap_remove(overdue).0)
    }
}
