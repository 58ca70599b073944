//! What all threads of a run share: how far it is, and how many are there already.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

pub(crate) struct Control {
    measuring: AtomicBool,
    /// When the measuring began.
    began: OnceLock<Instant>,
    /// Slow players may read what they left.
    catching_up: AtomicBool,
    /// Publishers that are live.
    pub(crate) publishing: Count,
    /// Players that have a key frame and have not ended.
    pub(crate) watching: Count,
    /// Connections that ended, for whatever reason.
    pub(crate) ended: Count,
    /// Players that may connect at the same time.
    pub(crate) joining: Semaphore,
    changed: Notify,
}

#[derive(Default)]
pub(crate) struct Count(AtomicU32);

impl Count {
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Control {
    pub(crate) fn new(at_once: u32) -> Self {
        Self {
            measuring: AtomicBool::new(false),
            began: OnceLock::new(),
            catching_up: AtomicBool::new(false),
            publishing: Count::default(),
            watching: Count::default(),
            ended: Count::default(),
            joining: Semaphore::new(at_once as usize),
            changed: Notify::new(),
        }
    }

    pub(crate) fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    pub(crate) fn measure(&self, on: bool) {
        if on {
            self.began.get_or_init(Instant::now);
        }
        self.measuring.store(on, Ordering::Relaxed);
    }

    /// How much of the measured time is over, while it lasts; otherwise nothing.
    pub(crate) fn measured(&self) -> Duration {
        self.began.get().filter(|_| self.is_measuring()).map_or(Duration::ZERO, Instant::elapsed)
    }

    pub(crate) fn is_catching_up(&self) -> bool {
        self.catching_up.load(Ordering::Relaxed)
    }

    pub(crate) fn catch_up(&self) {
        self.catching_up.store(true, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, which: impl Fn(&Self) -> &Count) {
        which(self).0.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// A player that had a picture ends. Who is also counted as ended would otherwise count twice in [`Control::reach`].
    pub(crate) fn stop_watching(&self) {
        self.watching.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// Waits until `wanted` of them are counted or have ended; false if that takes too long.
    pub(crate) async fn reach(&self, which: impl Fn(&Self) -> &Count, wanted: u32, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while which(self).get() + self.ended.get() < wanted {
            if timeout_at(deadline, self.changed.notified()).await.is_err() {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_player_that_had_a_picture_and_ended_is_not_awaited_and_not_counted_twice() {
        let control = Control::new(1);
        control.count(|control| &control.watching);
        control.stop_watching();
        control.count(|control| &control.ended);
        assert!(control.reach(|control| &control.watching, 1, Duration::ZERO).await);
        assert!(!control.reach(|control| &control.watching, 2, Duration::ZERO).await);
    }

    #[test]
    fn time_is_measured_only_while_it_is_measured() {
        let control = Control::new(1);
        assert_eq!(control.measured(), Duration::ZERO);
        control.measure(true);
        std::thread::sleep(Duration::from_millis(2));
        assert!(control.measured() >= Duration::from_millis(2));
        control.measure(false);
        assert_eq!(control.measured(), Duration::ZERO);
    }
}
