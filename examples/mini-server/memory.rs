//! The memory that media may take, all streams together, and what happens when there is none left.
//!
//! Streams take what they need while there is enough. When there is not, [`Registry::make_room`] brings the largest down to
//! what all can have: their logs become shorter, and a publisher whose unfinished messages alone are more than that is
//! ended. Players that hold on to what has left the logs are ended too, if they have not taken it for a while. Until there
//! is room again, publishers are not read.
//!
//! [`Registry::make_room`]: crate::registry::Registry::make_room

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rtmp_session::live::Meter;
use tokio::sync::watch;

pub(crate) struct Memory {
    meter: Meter,
    max: usize,
    /// Changes when players that take nothing have to go.
    shortage: watch::Sender<()>,
    last_shortage: Mutex<Option<Instant>>,
}

impl Memory {
    pub(crate) fn new(max: usize) -> Self {
        let (shortage, _) = watch::channel(());
        Self { meter: Meter::new(), max, shortage, last_shortage: Mutex::default() }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn is_full(&self) -> bool {
        self.meter.bytes() > self.max
    }

    /// Who serves players wants to know.
    pub(crate) fn shortages(&self) -> watch::Receiver<()> {
        self.shortage.subscribe()
    }

    /// Has players looked at that take nothing; not more often than makes sense.
    pub(crate) fn call_shortage(&self) {
        let now = Instant::now();
        let mut last = self.last_shortage.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| now >= last + BETWEEN_SHORTAGES) {
            *last = Some(now);
            self.shortage.send_replace(());
        }
    }
}

/// The most that one may have, so that all together have no more than `total`: who needs less than that keeps what it has.
pub(crate) fn level(mut shares: Vec<usize>, total: usize) -> usize {
    shares.sort_unstable();
    let (mut left, mut others) = (total, shares.len());
    for share in shares {
        if share > left / others {
            return left / others;
        }
        left -= share;
        others -= 1;
    }
    usize::MAX
}

const BETWEEN_SHORTAGES: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_come_down_to_what_all_can_have() {
        assert_eq!(level(vec![], 10), usize::MAX);
        assert_eq!(level(vec![3, 4], 10), usize::MAX);
        assert_eq!(level(vec![100, 100], 10), 5);
        assert_eq!(level(vec![1, 100, 2, 100], 13), 5);
        assert_eq!(level(vec![100], 0), 0);
    }

    #[test]
    fn full_is_more_than_the_limit() {
        let memory = Memory::new(100);
        let bytes = memory.meter().hold(vec![0; 100]);
        assert!(!memory.is_full());
        let more = memory.meter().hold(vec![0; 1]);
        assert!(memory.is_full());
        drop((bytes, more));
        assert!(!memory.is_full());
    }
}
