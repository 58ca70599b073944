//! Which streams there are, who publishes them, and who must hear of news.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtmp_session::Media;
use rtmp_session::live::{ChannelConfig, Meter};

use crate::limits;
use crate::logs::{Logs, Rendition};
use crate::memory::{Memory, level};
use crate::readers::Readers;

/// The streams of the server, by `app/name`. A stream exists while somebody publishes it or waits for it.
pub(crate) struct Registry {
    streams: Mutex<HashMap<Box<str>, Entry>>,
    config: ChannelConfig,
    memory: Memory,
    max_publishers: usize,
    default_track: bool,
    publishers: Mutex<usize>,
    /// When room was made; one thread does it, the others need not.
    making_room: Mutex<Option<Instant>>,
}

/// Why somebody may not publish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    Taken,
    Full,
}

struct Entry {
    stream: Arc<Stream>,
    seats: usize,
}

/// One stream, shared by all threads.
pub(crate) struct Stream {
    state: Mutex<State>,
    /// Its publisher holds more than there is for it.
    is_evicted: AtomicBool,
    meter: Meter,
}

/// What the lock of a stream guards. It is held for a push or for taking an image, never while sending.
pub(crate) struct State {
    pub(crate) logs: Logs,
    publishing: bool,
    /// What the publisher's session holds of it, unfinished messages above all.
    unfinished: usize,
    /// Of the publisher, since it holds something.
    publisher: Option<Waker>,
    pub(crate) readers: Readers,
}

impl Registry {
    /// `default_track`: players that did not announce multitrack get the default track alone.
    pub(crate) fn new(memory: Memory, max_publishers: usize, default_track: bool) -> Arc<Self> {
        Arc::new(Self {
            streams: Mutex::new(HashMap::new()),
            config: limits::channels(memory.meter()),
            memory,
            max_publishers,
            default_track,
            publishers: Mutex::new(0),
            making_room: Mutex::default(),
        })
    }

    /// The right to publish, unless somebody else has it or too many publish already.
    pub(crate) fn publish(self: &Arc<Self>, key: &str) -> Result<Publication, Refusal> {
        let seat = self.seat(key);
        let mut state = seat.lock();
        if state.publishing {
            return Err(Refusal::Taken);
        }
        let mut publishers = self.publishers();
        if *publishers >= self.max_publishers {
            return Err(Refusal::Full);
        }
        *publishers += 1;
        state.publishing = true;
        state.logs.resume();
        state.readers.wake();
        drop(state);
        Ok(Publication { seat, held: 0 })
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Whether there is memory for more media. If not, some is made free, which may take a moment.
    pub(crate) fn has_room(&self) -> bool {
        if self.memory.is_full() {
            self.make_room();
        }
        !self.memory.is_full()
    }

    /// Brings the largest streams down until there is memory again, as far as it is theirs to give.
    fn make_room(&self) {
        let Ok(mut last) = self.making_room.try_lock() else { return };
        let now = Instant::now();
        if last.is_some_and(|last| now < last + BETWEEN_ROUNDS) {
            return;
        }
        *last = Some(now);
        let streams: Vec<_> = self.lock().values().map(|entry| Arc::clone(&entry.stream)).collect();
        // A log keeps whole batches, so it may give less than it is asked for. Were it asked for everything, all would lose
        // what is unsent for a few who hold on to what was sent.
        for total in [self.memory.max() / 8 * 5, self.memory.max() / 4] {
            let level = level(streams.iter().filter_map(|stream| stream.lock().share()).collect(), total);
            let evicted = streams.iter().filter(|stream| stream.keep(level)).count();
            if evicted > 0 || !self.memory.is_full() {
                // What the evicted hold comes free when their connections end, at once.
                return;
            }
        }
        self.memory.call_shortage();
    }

    /// A hold on a stream, which may not be published yet.
    pub(crate) fn seat(self: &Arc<Self>, key: &str) -> Seat {
        let mut streams = self.lock();
        let entry = match streams.get_mut(key) {
            Some(entry) => entry,
            None => {
                let logs = Logs::new(self.config.clone(), self.default_track);
                let stream = Arc::new(Stream::new(logs, self.memory.meter()));
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

    fn publishers(&self) -> MutexGuard<'_, usize> {
        self.publishers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn new(logs: Logs, meter: &Meter) -> Self {
        let state = State { logs, publishing: false, unfinished: 0, publisher: None, readers: Readers::default() };
        Self { state: Mutex::new(state), is_evicted: AtomicBool::new(false), meter: meter.clone() }
    }

    /// Bytes made of the stream's own, which count as it does.
    pub(crate) fn hold(&self, buffer: Vec<u8>) -> Bytes {
        self.meter.hold(buffer)
    }

    /// Memory is short: keeps no more than `level`, and nothing of a publish that is over. Whether the publisher has to go.
    fn keep(&self, level: usize) -> bool {
        let mut state = self.lock();
        if !state.publishing {
            state.logs.trim(0);
            return false;
        }
        let unfinished = state.unfinished;
        state.logs.trim(level.saturating_sub(unfinished));
        if unfinished > level {
            self.is_evicted.store(true, Relaxed);
            if let Some(publisher) = state.publisher.take() {
                publisher.wake();
            }
        }
        unfinished > level
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(crate) fn is_published(&self) -> bool {
        self.publishing
    }

    /// Memory held for a stream that is published.
    fn share(&self) -> Option<usize> {
        self.publishing.then(|| self.logs.held() + self.unfinished)
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
    /// What the stream and the meter were told that the session holds.
    held: usize,
}

impl Publication {
    /// Tells how much the session of the publisher holds now, and whom to wake if that is too much.
    pub(crate) fn count_held(&mut self, bytes: usize, waker: &Waker) {
        if bytes.abs_diff(self.held) < HELD_STEP {
            return;
        }
        let meter = self.seat.registry.memory.meter();
        meter.add(bytes);
        meter.remove(self.held);
        self.held = bytes;
        let mut state = self.seat.lock();
        state.unfinished = bytes;
        state.publisher = Some(waker.clone());
    }

    /// The session holds more than there is for it.
    pub(crate) fn is_evicted(&self) -> bool {
        self.seat.is_evicted.load(Relaxed)
    }

    /// See [`Registry::has_room`].
    pub(crate) fn has_room(&self) -> bool {
        self.seat.registry.has_room()
    }

    /// How much media was pushed to the stream, by this publisher and those before it.
    pub(crate) fn media_time(&self) -> Duration {
        self.seat.lock().logs.of(Rendition::Full).media_time()
    }

    /// See [`Readers::wait`].
    pub(crate) fn wait(&self, now: Instant, waker: &Waker) -> Option<Instant> {
        self.seat.lock().readers.wait(now, waker)
    }

    /// Takes over what one round of reading brought and wakes each thread that has players, once.
    pub(crate) fn push_batch(&self, batch: &mut Vec<Media>) {
        let mut state = self.seat.lock();
        state.logs.push_batch(batch);
        state.readers.push();
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        *self.seat.registry.publishers() -= 1;
        self.seat.registry.memory.meter().remove(self.held);
        let mut state = self.seat.lock();
        state.publishing = false;
        state.unfinished = 0;
        state.publisher = None;
        self.seat.is_evicted.store(false, Relaxed);
        state.logs.interrupt();
        state.readers.wake();
    }
}

/// Looking at all streams costs time, and what is given up takes a moment to come free.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(5);
/// Less is not worth a lock.
const HELD_STEP: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: usize = 32 << 20;

    fn registry() -> Arc<Registry> {
        Registry::new(Memory::new(MEMORY), 4, false)
    }

    fn frames(count: usize) -> Vec<Media> {
        let frame = |time| Media::video(time as u32 * 40, [&[0x17, 1, 0, 0, 0][..], &[0; 1 << 20]].concat());
        (0..count).map(frame).collect()
    }

    #[test]
    fn one_publisher_a_name() {
        let registry = registry();
        let first = registry.publish("live/a").expect("nobody publishes yet");
        assert_eq!(registry.publish("live/a").err(), Some(Refusal::Taken));
        assert!(registry.publish("live/b").is_ok());
        drop(first);
        assert!(registry.publish("live/a").is_ok());
    }

    #[test]
    fn so_many_publishers_and_no_more() {
        let registry = registry();
        let mut publications: Vec<_> =
            ["a", "b", "c", "d"].map(|name| registry.publish(name).expect("there is room")).into();
        assert_eq!(registry.publish("e").err(), Some(Refusal::Full));
        publications.pop();
        assert!(registry.publish("e").is_ok());
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

    #[test]
    fn when_memory_is_short_the_largest_give() {
        let registry = registry();
        let small = registry.publish("small").unwrap();
        small.push_batch(&mut frames(1));
        let large = [registry.publish("a").unwrap(), registry.publish("b").unwrap()];
        for publication in &large {
            publication.push_batch(&mut frames(10));
        }
        assert!(!small.has_room() || registry.memory.meter().bytes() <= MEMORY);
        assert!(small.has_room(), "{} bytes", registry.memory.meter().bytes());
        assert_eq!(small.seat.lock().logs.of(Rendition::Full).held().1, 1, "what needs little keeps it");
        assert!(large.iter().all(|publication| publication.seat.lock().logs.of(Rendition::Full).held().0 < 10 << 20));
        drop((small, large));
        assert_eq!(registry.memory.meter().bytes(), 0);
    }

    #[test]
    fn what_an_ended_publish_left_goes_first() {
        let registry = registry();
        let waiting = registry.seat("old");
        registry.publish("old").unwrap().push_batch(&mut frames(9));
        let publication = registry.publish("new").unwrap();
        publication.push_batch(&mut frames(9));
        assert!(publication.has_room());
        assert_eq!(waiting.lock().logs.of(Rendition::Full).held().1, 0);
        assert_eq!(publication.seat.lock().logs.of(Rendition::Full).held().1, 9);
    }

    #[test]
    fn who_holds_too_much_unfinished_is_evicted() {
        let registry = registry();
        let (mut hog, mut other) = (registry.publish("hog").unwrap(), registry.publish("other").unwrap());
        hog.count_held(30 << 20, Waker::noop());
        other.count_held(3 << 20, Waker::noop());
        assert!(!other.has_room());
        assert!(hog.is_evicted() && !other.is_evicted());
        drop(hog);
        assert!(other.has_room());
        assert!(!registry.publish("hog").unwrap().is_evicted());
    }
}
