//! What all threads of a run share: how far it is, and how many are there already.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

pub(crate) struct Control {
    measuring: AtomicBool,
    /// Publishers that are live.
    pub(crate) publishing: Count,
    /// Players that have a key frame.
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
        self.measuring.store(on, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, which: impl Fn(&Self) -> &Count) {
        which(self).0.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
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
