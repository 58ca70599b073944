//! Live streams by key, shared between the tasks of a server: [`Channel`]s behind a lock, with wake-ups.
//!
//! ```text
//!   publisher's task ── Publisher::push ──►  Hub: key ─► Channel  ──► Subscription::ready / try_next ── player's task
//!                                                (one bounded log)     (one cursor each, no queue of its own)
//! ```
//!
//! ```
//! use rtmp_session::{Media, MediaKind, tokio::live::{Hub, Ready}};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
//! # runtime.block_on(async {
//! let hub = Hub::default();
//! let mut player = hub.subscribe("cam");                  // before there is a publisher: it waits
//! let mut publisher = hub.publish("cam").expect("the key is free");
//! assert!(hub.publish("cam").is_err());                   // one publisher a key
//!
//! publisher.push(Media { kind: MediaKind::Audio, timestamp: 0, payload: vec![0xaf, 1, 0x21].into() });
//! assert_eq!(player.ready().await, Ready::Media);
//! assert_eq!(player.try_next().expect("it said so").timestamp, 0);
//!
//! drop(publisher);
//! assert_eq!(player.ready().await, Ready::Ended);         // waiting on would wait for the next publisher
//! # });
//! ```

use crate::Media;
use crate::live::{Channel, ChannelConfig, Cursor, Gap, Next};
use ::tokio::sync::Notify;
use ::tokio::time::{Duration, Instant, sleep_until};
use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The live streams of a server, by key. Clones share them.
///
/// A key exists while somebody publishes or waits under it; the hub keeps nothing else.
#[derive(Clone, Default)]
pub struct Hub(Arc<Shared>);

#[derive(Default)]
struct Shared {
    streams: Mutex<HashMap<String, Held>>,
    config: ChannelConfig,
    coalesce: Duration,
}

/// A key, and how many hold it.
struct Held {
    stream: Arc<Stream>,
    seats: usize,
}

/// One key.
struct Stream {
    state: Mutex<State>,
    news: Notify,
}

struct State {
    channel: Channel,
    publishing: bool,
    /// Publishes that have ended under this key.
    ended: u64,
}

impl Hub {
    /// A hub whose streams have these limits.
    pub fn new(config: ChannelConfig) -> Self {
        Self(Arc::new(Shared { config, ..Shared::default() }))
    }

    /// Wakes a subscriber that has caught up at most once per `window`, so that it takes several messages at a time:
    /// fewer, larger writes for up to `window` of added delay. Default zero: every message at once.
    ///
    /// Call it before the hub is cloned; the streams of a clone do not follow.
    #[must_use]
    pub fn coalesce(self, window: Duration) -> Self {
        Self(Arc::new(Shared { config: self.0.config.clone(), coalesce: window, ..Shared::default() }))
    }

    /// Starts publishing under `key`. The stream ends when the [`Publisher`] is dropped.
    ///
    /// # Errors
    ///
    /// [`Busy`] while another publisher holds the key.
    pub fn publish(&self, key: &str) -> Result<Publisher, Busy> {
        let seat = self.seat(key);
        let mut state = seat.stream.lock();
        if state.publishing {
            return Err(Busy);
        }
        state.publishing = true;
        if state.ended > 0 {
            // Not when the last publisher left: who had not begun to read its stream by then still can.
            state.channel.interrupt();
            state.channel.resume();
        }
        drop(state);
        Ok(Publisher { seat })
    }

    /// Waits under `key` for what is or will be published there. Starts where [`ChannelConfig::start`] says.
    pub fn subscribe(&self, key: &str) -> Subscription {
        let seat = self.seat(key);
        let state = seat.stream.lock();
        let cursor = state.channel.subscribe();
        let heard = state.ended;
        drop(state);
        Subscription { seat, cursor, heard, ahead: None, not_before: None }
    }

    /// Whether somebody publishes under `key` now.
    pub fn is_live(&self, key: &str) -> bool {
        self.0.streams().get(key).is_some_and(|held| held.stream.lock().publishing)
    }

    /// Keys under which somebody publishes or waits.
    pub fn len(&self) -> usize {
        self.0.streams().len()
    }

    /// Whether nobody publishes or waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn seat(&self, key: &str) -> Seat {
        let mut streams = self.0.streams();
        if !streams.contains_key(key) {
            let state = State { channel: Channel::new(self.0.config.clone()), publishing: false, ended: 0 };
            let stream = Arc::new(Stream { state: Mutex::new(state), news: Notify::new() });
            streams.insert(key.to_owned(), Held { stream, seats: 0 });
        }
        let held = streams.get_mut(key).expect("it was there, or was just put there");
        held.seats += 1;
        let stream = Arc::clone(&held.stream);
        Seat { shared: Arc::clone(&self.0), key: key.to_owned(), stream }
    }
}

/// The right to publish under one key. Dropping it ends the stream for its subscribers.
pub struct Publisher {
    seat: Seat,
}

impl Publisher {
    /// Appends one message and wakes the subscribers that wait.
    pub fn push(&mut self, media: Media) {
        self.seat.stream.lock().channel.push(media);
        self.seat.stream.news.notify_waiters();
    }

    /// Appends what one read brought, with one lock and one wake-up for all.
    pub fn push_batch(&mut self, batch: impl IntoIterator<Item = Media>) {
        self.seat.stream.lock().channel.push_batch(batch);
        self.seat.stream.news.notify_waiters();
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let mut state = self.seat.stream.lock();
        state.publishing = false;
        state.ended += 1;
        drop(state);
        self.seat.stream.news.notify_waiters();
    }
}

/// One reader of a stream. It holds a position in the shared log, not a queue.
pub struct Subscription {
    seat: Seat,
    cursor: Cursor,
    /// Ends of publishes that this reader knows of.
    heard: u64,
    /// What `ready` found, until it is taken.
    ahead: Option<Found>,
    /// Set when the reader has caught up and the hub coalesces.
    not_before: Option<Instant>,
}

/// What a [`Subscription`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ready {
    /// There is media to take with [`Subscription::try_next`].
    Media,
    /// The reader was too slow, or the stream could not be had from where it was: this much is missing, and it goes on
    /// at a key frame. A server may also drop such a reader.
    Gap(Gap),
    /// The publisher left and everything has been taken. Waiting on waits for the next publisher under the key, whose
    /// time stamps go on from here.
    Ended,
}

enum Found {
    Media(Media),
    Gap(Gap),
    Ended,
}

impl Subscription {
    /// Waits until there is something. Cancel safe; a gap or an end is reported once.
    pub async fn ready(&mut self) -> Ready {
        if let Some(at) = self.not_before {
            sleep_until(at).await;
            self.not_before = None;
        }
        loop {
            let stream = Arc::clone(&self.seat.stream);
            // Registered before looking, so that news between the look and the wait is not missed.
            let mut news = pin!(stream.news.notified());
            news.as_mut().enable();
            if self.look() {
                match self.ahead {
                    Some(Found::Media(_)) => return Ready::Media,
                    Some(Found::Gap(gap)) => {
                        self.ahead = None;
                        return Ready::Gap(gap);
                    }
                    _ => {
                        self.ahead = None;
                        return Ready::Ended;
                    }
                }
            }
            news.await;
        }
    }

    /// The next message, if there is one. `None` says that [`ready`](Self::ready) has something else to report, or
    /// will wait.
    pub fn try_next(&mut self) -> Option<Media> {
        if !self.look() {
            let window = self.seat.shared.coalesce;
            self.not_before = (!window.is_zero()).then(|| Instant::now() + window);
            return None;
        }
        match self.ahead.take() {
            Some(Found::Media(media)) => Some(media),
            other => {
                self.ahead = other;
                None
            }
        }
    }

    /// Looks one step ahead. False when there is nothing yet.
    fn look(&mut self) -> bool {
        if self.ahead.is_none() {
            let state = self.seat.stream.lock();
            if !state.publishing && state.ended == self.heard {
                return false; // what is left of the last publish is not for those who came after it
            }
            self.ahead = match state.channel.next(&mut self.cursor) {
                Next::Media(media) => Some(Found::Media(media)),
                Next::Gap(gap) => Some(Found::Gap(gap)),
                Next::Pending | Next::Ended if !state.publishing => {
                    self.heard = state.ended;
                    Some(Found::Ended)
                }
                Next::Pending | Next::Ended => None,
            };
        }
        self.ahead.is_some()
    }
}

/// A hold on one key, which keeps it in the hub.
struct Seat {
    shared: Arc<Shared>,
    key: String,
    stream: Arc<Stream>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.shared.streams();
        let Some(held) = streams.get_mut(&self.key) else { return };
        held.seats -= 1;
        if held.seats == 0 {
            streams.remove(&self.key);
        }
    }
}

impl Shared {
    // Nothing panics while it holds a lock; should it ever, the state is whole and the other streams go on.
    fn streams(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody else publishes under this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stream is already being published")]
pub struct Busy;

// Keys are often secrets, so none of these prints one.
macro_rules! opaque_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
opaque_debug!(Hub, Publisher, Subscription);
