//! How long to wait before the next attempt.

use std::time::{Duration, Instant};

/// Quick attempts first, since most outages are a restart; then slower ones, so that a server that comes back after a
/// long outage is not met by all its clients at the same moment.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    since: Option<Instant>,
}

impl Backoff {
    /// The pause after one more failure: doubling from 250 ms up to a ceiling of 2 s in the first minute of an outage,
    /// 10 s in the next nine and 30 s from then on, each with a quarter of jitter.
    pub(crate) fn next(&mut self, now: Instant) -> Duration {
        let outage = now - *self.since.get_or_insert(now);
        let ceiling = match outage.as_secs() {
            ..60 => Duration::from_secs(2),
            60..600 => Duration::from_secs(10),
            _ => Duration::from_secs(30),
        };
        let pause = FIRST.saturating_mul(1 << self.failures.min(16)).min(ceiling);
        self.failures += 1;
        pause.mul_f64(0.75 + fastrand::f64() / 4.0)
    }

    /// Things work again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

const FIRST: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_minute_never_waits_longer_than_two_seconds() {
        let start = Instant::now();
        let mut backoff = Backoff::default();
        let mut now = start;
        let mut attempts = 0;
        while now < start + Duration::from_secs(60) {
            let pause = backoff.next(now);
            assert!(pause <= Duration::from_secs(2), "{pause:?}");
            now += pause;
            attempts += 1;
        }
        assert!((30..60).contains(&attempts), "{attempts}");
        assert!(backoff.next(now) > Duration::from_secs(7));
        backoff.reset();
        assert!(backoff.next(now) <= FIRST);
    }
}
