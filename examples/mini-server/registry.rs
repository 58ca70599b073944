//! Which streams there are, who publishes them, and who must hear of news.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use rtmp_session::Media;
use rtmp_session::live::{Channel, ChannelConfig};
use tokio::sync::Notify;

/// The streams of the server, by `app/name`. A stream exists while somebody publishes it or waits for it.
pub(crate) struct Registry {
    streams: Mutex<HashMap<Box<str>, Entry>>,
    config: ChannelConfig,
}

struct Entry {
    stream: Arc<Stream>,
    seats: usize,
}

/// One stream, shared by all threads.
pub(crate) struct Stream {
    state: Mutex<State>,
}

/// What the lock of a stream guards. It is held for a push or for taking an image, never while sending.
pub(crate) struct State {
    pub(crate) channel: Channel,
    publishing: bool,
    /// One for each thread with players of this stream.
    listeners: Vec<Arc<Notify>>,
    blocked: Blocked,
}

/// Players that take no more for now, as far as the publisher should wait for them.
#[derive(Default)]
struct Blocked {
    count: usize,
    /// Players that were blocked in a former round do not count: they are stuck.
    round: u64,
    /// Of a publisher that waits.
    waiting: Option<Waker>,
}

impl Registry {
    pub(crate) fn new(config: ChannelConfig) -> Arc<Self> {
        Arc::new(Self { streams: Mutex::new(HashMap::new()), config })
    }

    /// The right to publish, or `None` while somebody else has it.
    pub(crate) fn publish(self: &Arc<Self>, key: &str) -> Option<Publication> {
        let seat = self.seat(key);
        let mut state = seat.lock();
        if state.publishing {
            return None;
        }
        state.publishing = true;
        state.channel.resume();
        state.wake();
        drop(state);
        Some(Publication { seat })
    }

    /// A hold on a stream, which may not be published yet.
    pub(crate) fn seat(self: &Arc<Self>, key: &str) -> Seat {
        let mut streams = self.lock();
        let entry = match streams.get_mut(key) {
            Some(entry) => entry,
            None => {
                let channel = Channel::new(self.config.clone());
                let state = State { channel, publishing: false, listeners: Vec::new(), blocked: Blocked::default() };
                let stream = Arc::new(Stream { state: Mutex::new(state) });
                streams.entry(key.into()).or_insert(Entry { stream, seats: 0 })
            }
        };
        entry.seats += 1;
        Seat { registry: Arc::clone(self), key: key.into(), stream: Arc::clone(&entry.stream) }
    }

    // Nothing panics while it holds a lock; should it ever, the state is whole and the other streams go on.
    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Entry>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A player takes no more for now. Returns what to tell [`Stream::count_unblocked`] when it goes on.
    pub(crate) fn count_blocked(&self) -> u64 {
        let blocked = &mut self.lock().blocked;
        blocked.count += 1;
        blocked.round
    }

    /// A player goes on, or is gone.
    pub(crate) fn count_unblocked(&self, round: u64) {
        let mut state = self.lock();
        let blocked = &mut state.blocked;
        if blocked.round != round {
            return;
        }
        blocked.count -= 1;
        let waiting = if blocked.count == 0 { blocked.waiting.take() } else { None };
        drop(state);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

impl State {
    pub(crate) fn is_published(&self) -> bool {
        self.publishing
    }

    /// From now on `listener` is told of everything that happens.
    pub(crate) fn add_listener(&mut self, listener: &Arc<Notify>) {
        self.listeners.push(Arc::clone(listener));
    }

    pub(crate) fn remove_listener(&mut self, listener: &Arc<Notify>) {
        self.listeners.retain(|other| !Arc::ptr_eq(other, listener));
    }

    fn wake(&self) {
        for listener in &self.listeners {
            listener.notify_one();
        }
    }
}

/// Keeps a stream in the registry.
pub(crate) struct Seat {
    registry: Arc<Registry>,
    key: Box<str>,
    stream: Arc<Stream>,
}

impl Seat {
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }
}

impl Deref for Seat {
    type Target = Stream;

    fn deref(&self) -> &Stream {
        &self.stream
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.registry.lock();
        let Some(entry) = streams.get_mut(&self.key) else { return };
        entry.seats -= 1;
        if entry.seats == 0 {
            streams.remove(&self.key);
        }
    }
}

/// The right to publish a stream; dropping it tells the players that the publisher has left.
pub(crate) struct Publication {
    seat: Seat,
}

impl Publication {
    /// How much media was pushed to the stream, by this publisher and those before it.
    pub(crate) fn media_time(&self) -> Duration {
        self.seat.lock().channel.media_time()
    }

    /// Whether a player is blocked that was not given up. The waker is woken when there is none any more.
    pub(crate) fn has_blocked_players(&self, waker: &Waker) -> bool {
        let blocked = &mut self.seat.lock().blocked;
        if blocked.count > 0 {
            blocked.waiting = Some(waker.clone());
        }
        blocked.count > 0
    }

    /// Players that are blocked now are not waited for until they have caught up again.
    pub(crate) fn give_up_blocked_players(&self) {
        let blocked = &mut self.seat.lock().blocked;
        blocked.count = 0;
        blocked.round += 1;
    }

    /// Appends what one round of reading brought and wakes each thread that has players, once.
    pub(crate) fn push_batch(&self, batch: impl IntoIterator<Item = Media>) {
        let mut state = self.seat.lock();
        state.channel.push_batch(batch);
        state.wake();
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        let mut state = self.seat.lock();
        state.publishing = false;
        state.channel.interrupt();
        state.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> Arc<Registry> {
        Registry::new(ChannelConfig::default())
    }

    #[test]
    fn one_publisher_a_name() {
        let registry = registry();
        let first = registry.publish("live/a").expect("nobody publishes yet");
        assert!(registry.publish("live/a").is_none());
        assert!(registry.publish("live/b").is_some());
        drop(first);
        assert!(registry.publish("live/a").is_some());
    }

    #[test]
    fn a_stream_without_publisher_and_players_is_forgotten() {
        let registry = registry();
        let player = registry.seat("live/a");
        drop(registry.publish("live/a"));
        assert_eq!(registry.lock().len(), 1);
        drop(player);
        assert!(registry.lock().is_empty());
    }
}
