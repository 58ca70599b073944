//! Who takes what is pushed to a stream, and how long a publisher that is ahead of the clock has to wait for them.
//!
//! A walker counts until it has walked behind the last push. A player counts while its socket is blocked, unless it has
//! taken nothing for long: then it is stuck, and counts again when it moves.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Readers {
    /// One for each thread with players of this stream.
    walkers: Vec<Walker>,
    /// Number of the last push.
    pushes: u64,
    blocked: Blocked,
    /// Of a publisher that waits.
    waiting: Option<Waker>,
}

struct Walker {
    news: Arc<Notify>,
    /// Number of the last push that it has brought to its players.
    walked: u64,
}

/// Blocked players by when they moved last. Each time that is long enough for one to be stuck begins a new age; who has
/// not moved in this age or the one before does not count.
#[derive(Default)]
struct Blocked {
    age: u64,
    begin: Option<Instant>,
    in_this_age: usize,
    in_the_last: usize,
}

/// The age in which a blocked player moved last.
#[derive(Clone, Copy)]
pub(crate) struct Moved(u64);

impl Readers {
    /// From now on `news` is told of everything that happens.
    pub(crate) fn add_walker(&mut self, news: &Arc<Notify>) {
        self.walkers.push(Walker { news: Arc::clone(news), walked: self.pushes });
    }

    pub(crate) fn remove_walker(&mut self, news: &Arc<Notify>) {
        self.walkers.retain(|walker| !Arc::ptr_eq(&walker.news, news));
        self.release();
    }

    pub(crate) fn wake(&self) {
        self.walkers.iter().for_each(|walker| walker.news.notify_one());
    }

    /// There is something to bring to the players.
    pub(crate) fn push(&mut self) {
        self.pushes += 1;
        self.wake();
    }

    /// To be told to [`Readers::walked`] when all players were walked to.
    pub(crate) fn pushes(&self) -> u64 {
        self.pushes
    }

    pub(crate) fn walked(&mut self, news: &Arc<Notify>, pushes: u64) {
        if let Some(walker) = self.walkers.iter_mut().find(|walker| Arc::ptr_eq(&walker.news, news)) {
            walker.walked = pushes;
        }
        self.release();
    }

    /// A player takes no more for now.
    pub(crate) fn block(&mut self) -> Moved {
        self.blocked.in_this_age += 1;
        Moved(self.blocked.age)
    }

    /// It took something, and is blocked again or still.
    pub(crate) fn moved(&mut self, player: Moved) -> Moved {
        self.blocked.forget(player);
        self.block()
    }

    /// It takes everything, or is gone.
    pub(crate) fn unblock(&mut self, player: Moved) {
        self.blocked.forget(player);
        self.release();
    }

    /// Until when to wait at most; the waker is woken when there is nobody to wait for any more. `None`: there is nobody.
    pub(crate) fn wait(&mut self, now: Instant, waker: &Waker) -> Option<Instant> {
        let age_ends = self.blocked.grow_old(now);
        if !self.lag() {
            return None;
        }
        self.waiting = Some(waker.clone());
        Some(age_ends)
    }

    fn lag(&self) -> bool {
        self.blocked.count() > 0 || self.walkers.iter().any(|walker| walker.walked != self.pushes)
    }

    fn release(&mut self) {
        if !self.lag()
            && let Some(waker) = self.waiting.take()
        {
            waker.wake();
        }
    }
}

impl Blocked {
    fn count(&self) -> usize {
        self.in_this_age + self.in_the_last
    }

    fn forget(&mut self, player: Moved) {
        match self.age - player.0 {
            0 => self.in_this_age -= 1,
            1 => self.in_the_last -= 1,
            _ => {}
        }
    }

    /// Returns when the present age ends.
    fn grow_old(&mut self, now: Instant) -> Instant {
        let begin = self.begin.get_or_insert(now);
        if now >= *begin + AGE {
            *begin = now;
            self.age += 1;
            self.in_the_last = std::mem::take(&mut self.in_this_age);
        }
        *begin + AGE
    }
}

/// A player that takes nothing for at least so long is stuck, and after twice that it is not waited for. The kernel says
/// that there is room when a third of a socket's buffer is free, which may take a slow player a second or two.
const AGE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    fn is_waited_for(readers: &mut Readers, now: Instant) -> bool {
        readers.wait(now, Waker::noop()).is_some()
    }

    #[test]
    fn walkers_count_until_they_have_walked() {
        let (mut readers, now) = (Readers::default(), Instant::now());
        let (a, b) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        readers.add_walker(&a);
        assert!(!is_waited_for(&mut readers, now), "nothing was pushed");
        readers.push();
        readers.add_walker(&b);
        let seen = readers.pushes();
        assert!(is_waited_for(&mut readers, now));
        readers.push();
        readers.walked(&a, seen);
        assert!(is_waited_for(&mut readers, now), "there was a push during the walk");
        readers.walked(&a, readers.pushes());
        assert!(is_waited_for(&mut readers, now), "the other walker");
        readers.remove_walker(&b);
        assert!(!is_waited_for(&mut readers, now));
    }

    #[test]
    fn who_moves_is_waited_for_and_who_is_stuck_is_not() {
        let (mut readers, start) = (Readers::default(), Instant::now());
        let stuck = readers.block();
        let mut slow = readers.block();
        for step in 0..10 {
            assert!(is_waited_for(&mut readers, start + AGE / 2 * step));
            slow = readers.moved(slow);
        }
        readers.unblock(slow);
        assert!(!is_waited_for(&mut readers, start + AGE * 5), "the stuck one");
        let stuck = readers.moved(stuck);
        assert!(is_waited_for(&mut readers, start + AGE * 5), "it moves again");
        readers.unblock(stuck);
        assert!(!is_waited_for(&mut readers, start + AGE * 5));
        assert_eq!(readers.blocked.count(), 0);
    }

    #[test]
    fn one_that_never_moves_is_waited_for_twice_an_age_at_most() {
        let (mut readers, start) = (Readers::default(), Instant::now());
        assert!(!is_waited_for(&mut readers, start));
        let player = readers.block();
        let mut now = start;
        while let Some(until) = readers.wait(now, Waker::noop()) {
            assert!(until > now);
            now = until;
            assert!(now <= start + AGE * 2);
        }
        assert!(now >= start + AGE);
        readers.unblock(player);
    }

    #[test]
    fn the_publisher_is_woken_when_the_last_one_is_through() {
        struct Flag(std::sync::atomic::AtomicBool);
        impl std::task::Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let flag = Arc::new(Flag(false.into()));
        let woken = || flag.0.load(std::sync::atomic::Ordering::Relaxed);
        let (mut readers, news) = (Readers::default(), Arc::new(Notify::new()));
        readers.add_walker(&news);
        readers.push();
        let player = readers.block();
        assert!(readers.wait(Instant::now(), &Waker::from(Arc::clone(&flag))).is_some());
        readers.walked(&news, 1);
        assert!(!woken());
        readers.unblock(player);
        assert!(woken());
    }
}
