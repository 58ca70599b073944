//! What the players of one thread saw; threads are added up at the end.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

/// A time in microseconds, up to a minute, to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_MICROS, 3).expect("the bounds are sound"))
    }
}

impl Times {
    pub(crate) fn record_nanos(&mut self, nanos: u64) {
        self.0.saturating_record((nanos / 1000).max(1));
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("both have the same bounds");
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// In milliseconds; `None` if nothing was recorded.
    pub(crate) fn percentile(&self, percent: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.value_at_percentile(percent) as f64 / 1000.0)
    }
}

/// Counters of messages and players.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// From the making of a message to its last byte in a player.
    pub(crate) latency: Times,
    /// From the call of connect to `NetStream.Play.Start`.
    pub(crate) start: Times,
    /// From the same call to the whole of the first key frame.
    pub(crate) first_frame: Times,
    /// Messages and payload bytes within the measured time.
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// Measured seconds in which players that ended meanwhile had a picture.
    pub(crate) watched_seconds: f64,
    /// Messages whose checksum was verified.
    pub(crate) verified: u64,
    /// Numbers that are missing, within the measured time and before it.
    pub(crate) lost: u64,
    pub(crate) lost_before: u64,
    /// Numbers that came again, or after a later one.
    pub(crate) reordered: u64,
    pub(crate) corrupt: u64,
    /// Stamped messages of another stream than the one that was asked for.
    pub(crate) misdirected: u64,
    /// Without our stamp: somebody else publishes.
    pub(crate) foreign: u64,
    /// Silences of more than a second.
    pub(crate) stalls: u64,
    /// What slow players read and missed.
    pub(crate) slow_bytes: u64,
    pub(crate) slow_lost: u64,
    /// What publishers sent, and the most they were behind their clock, in milliseconds.
    pub(crate) sent_messages: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) sent_late_ms: f64,
    /// Players and publishers that ended, by reason.
    pub(crate) failures: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.latency.add(&other.latency);
        self.start.add(&other.start);
        self.first_frame.add(&other.first_frame);
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.watched_seconds += other.watched_seconds;
        self.verified += other.verified;
        self.lost += other.lost;
        self.lost_before += other.lost_before;
        self.reordered += other.reordered;
        self.corrupt += other.corrupt;
        self.misdirected += other.misdirected;
        self.foreign += other.foreign;
        self.stalls += other.stalls;
        self.slow_bytes += other.slow_bytes;
        self.slow_lost += other.slow_lost;
        self.sent_messages += other.sent_messages;
        self.sent_bytes += other.sent_bytes;
        self.sent_late_ms = self.sent_late_ms.max(other.sent_late_ms);
        for (reason, count) in &other.failures {
            *self.failures.entry(reason.clone()).or_default() += count;
        }
    }

    pub(crate) fn fail(&mut self, who: &str, reason: &impl std::fmt::Display) {
        *self.failures.entry(format!("{who}: {reason}")).or_default() += 1;
    }
}

const LONGEST_MICROS: u64 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_milliseconds_and_add_up() {
        let (mut one, mut two) = (Times::default(), Times::default());
        assert_eq!(one.percentile(50.0), None);
        (1..=50).for_each(|millis| one.record_nanos(millis * 1_000_000));
        (51..=100).for_each(|millis| two.record_nanos(millis * 1_000_000));
        one.add(&two);
        assert_eq!(one.count(), 100);
        let median = one.percentile(50.0).unwrap();
        assert!((49.9..50.2).contains(&median), "{median}");
        one.record_nanos(u64::MAX);
        assert!(one.percentile(100.0).unwrap() >= 60_000.0);
    }

    #[test]
    fn failures_of_one_kind_are_counted_together() {
        let (mut all, mut one) = (Tally::default(), Tally::default());
        one.fail("player", &"closed");
        all.add(&one);
        all.add(&one);
        assert_eq!(all.failures, BTreeMap::from([("player: closed".to_owned(), 2)]));
    }
}
