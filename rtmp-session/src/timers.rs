//! Deadlines, without a clock: time comes in with each call.

use std::time::{Duration, Instant};

use crate::{LinkConfig, Timeout};

/// When a peer has been silent for too long. Silence is judged at each deadline, by what has moved since the last one,
/// so that nothing needs the time when bytes arrive.
#[derive(Debug)]
pub(crate) struct Timers {
    start: Instant,
    setup: Option<Instant>,
    idle: Option<Periodic>,
    ping: Option<Periodic>,
}

/// What has moved since the start of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    /// Bytes received.
    pub(crate) received: u64,
    /// Bytes taken from the send queue.
    pub(crate) sent: u64,
    /// Bytes that wait there.
    pub(crate) queued: u64,
}

#[derive(Debug)]
struct Periodic {
    every: Duration,
    at: Instant,
    seen: Progress,
}

/// What is due.
#[derive(Debug, PartialEq)]
pub(crate) enum Due {
    Nothing,
    /// Send a ping with this time, in milliseconds since the start.
    Ping(u32),
    TimedOut(Timeout),
}

impl Timers {
    pub(crate) fn new(config: &LinkConfig, now: Instant) -> Self {
        let periodic = |every: Option<Duration>| {
            every.and_then(|every| Some(Periodic { every, at: now.checked_add(every)?, seen: Progress::default() }))
        };
        Self {
            start: now,
            setup: now.checked_add(config.handshake_timeout),
            idle: periodic(config.idle_timeout),
            ping: periodic(config.ping_interval),
        }
    }

    /// Handshake and connect came in time.
    pub(crate) fn set_up(&mut self) {
        self.setup = None;
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        let periodic = [&self.idle, &self.ping].into_iter().flatten().map(|timer| timer.at);
        self.setup.into_iter().chain(periodic).min()
    }

    /// `waiting_for`: what is missing if the setup deadline passes; `can_ping`: messages can be sent.
    pub(crate) fn handle(&mut self, now: Instant, progress: Progress, waiting_for: Timeout, can_ping: bool) -> Due {
        if self.setup.is_some_and(|at| now >= at) {
            return Due::TimedOut(waiting_for);
        }
        if let Some(idle) = self.idle.as_mut().filter(|idle| now >= idle.at) {
            // A ping in the kernel's buffer is no sign of life; media that flows out is one: some players say nothing.
            let heard = progress.received != idle.seen.received;
            let taken = progress.sent - idle.seen.sent;
            if !heard && taken <= NOT_A_SIGN_OF_LIFE {
                return Due::TimedOut(Timeout::Idle);
            }
            // One that drips bytes would hold for ever what it does not take.
            if taken < idle.seen.queued && taken <= NOT_A_SIGN_OF_LIFE {
                return Due::TimedOut(Timeout::Write);
            }
            idle.restart(now, progress);
        }
        if let Some(ping) = self.ping.as_mut().filter(|ping| now >= ping.at) {
            let silent = progress.received == ping.seen.received;
            ping.restart(now, progress);
            if silent && can_ping {
                return Due::Ping(now.saturating_duration_since(self.start).as_millis() as u32);
            }
        }
        Due::Nothing
    }
}

impl Periodic {
    fn restart(&mut self, now: Instant, progress: Progress) {
        // A time that cannot be expressed is never reached.
        self.at = now.checked_add(self.every).unwrap_or(self.at);
        self.seen = progress;
    }
}

/// Bytes that pings and answers alone may move between two idle deadlines.
const NOT_A_SIGN_OF_LIFE: u64 = 4096;
