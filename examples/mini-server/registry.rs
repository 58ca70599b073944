//! Which streams there are, who publishes them, and who must hear of news.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Players whose sockets are blocked.
    blocked: AtomicUsize,
}

/// What the lock of a stream guards. It is held for a push or for taking an image, never while sending.
pub(crate) struct State {
    pub(crate) channel: Channel,
    publishing: bool,
    /// One for each thread with players of this stream.
    listeners: Vec<Arc<Notify>>,
    /// Of a publisher that waits until no player is blocked.
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
                let state = State { channel, publishing: false, listeners: Vec::new(), waiting: None };
                let stream = Arc::new(Stream { state: Mutex::new(state), blocked: AtomicUsize::new(0) });
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

    /// A player takes no more for now.
    pub(crate) fn count_blocked(&self) {
        self.blocked.fetch_add(1, Ordering::SeqCst);
    }

    /// It goes on, or is gone.
    pub(crate) fn count_unblocked(&self) {
        if self.blocked.fetch_sub(1, Ordering::SeqCst) == 1 {
            let waiting = self.lock().waiting.take();
            if let Some(waker) = waiting {
                waker.wake();
            }
        }
    }

    pub(crate) fn has_blocked(&self) -> bool {
        self.blocked.load(Ordering::SeqCst) > 0
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

    /// Whether a player is blocked now. The waker is woken when there is none any more.
    pub(crate) fn has_blocked_players(&self, waker: &Waker) -> bool {
        if !self.seat.has_blocked() {
            return false;
        }
        self.seat.lock().waiting = Some(waker.clone());
        // The last one may have gone on meanwhile, without seeing the waker.
        self.seat.has_blocked()
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
