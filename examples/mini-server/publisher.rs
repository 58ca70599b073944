//! One publish from its request to its end: the stream it feeds, its recording, and its lines in the log.

use std::fmt;
use std::net::SocketAddr;
use std::task::Waker;
use std::time::{Duration, Instant};

use rtmp_session::{Media, PublishRequest, StreamId};

use crate::log::Seconds;
use crate::names::{Plain, Redacted};
use crate::recording::Recording;
use crate::registry::Publication;
use crate::worker::Server;

pub(crate) struct Publisher {
    stream: StreamId,
    publication: Publication,
    recording: Option<Recording>,
    peer: SocketAddr,
    since: Instant,
    /// Media time of the stream before this publish.
    media_before: Duration,
    bytes: u64,
    messages: u64,
}

impl Publisher {
    pub(crate) fn new(server: &Server, publication: Publication, request: &PublishRequest, peer: SocketAddr) -> Self {
        let (app, name) = (Plain(&request.app), Redacted(&request.name));
        tracing::info!(%peer, %app, %name, "publish");
        let recording = server.recorder.as_ref().and_then(|recorder| recorder.start(&request.app, &request.name, peer));
        Self {
            stream: request.stream,
            media_before: publication.media_time(),
            publication,
            recording,
            peer,
            since: Instant::now(),
            bytes: 0,
            messages: 0,
        }
    }

    pub(crate) fn stream(&self) -> StreamId {
        self.stream
    }

    /// The session holds so much for this publisher. False if it has to go, because there is less for it.
    pub(crate) fn may_hold(&mut self, bytes: usize, waker: &Waker) -> bool {
        self.publication.count_held(bytes, waker);
        !self.publication.is_evicted()
    }

    /// Until when to read nothing more, unless the waker is woken before: a publisher that is ahead of the clock, such
    /// as one that sends a file as fast as it can, is read no faster than its players take it; but never slower than the
    /// clock, whatever players do. One that keeps real time is never held back. Nobody is read while there is no memory.
    pub(crate) fn holds_until(&mut self, waker: &Waker) -> Option<Instant> {
        let now = Instant::now();
        if !self.publication.has_room() {
            return Some(now + MOMENT);
        }
        let media = self.publication.media_time().saturating_sub(self.media_before);
        let ahead = media.checked_sub(now.duration_since(self.since) + LEAD)?;
        Some(self.publication.wait(now, waker)?.min(now + ahead))
    }

    /// Takes over what one round of reading brought.
    pub(crate) fn push_batch(&mut self, batch: &mut Vec<Media>) {
        self.messages += batch.len() as u64;
        self.bytes += batch.iter().map(|media| media.payload.len() as u64).sum::<u64>();
        if let Some(recording) = &self.recording {
            batch.iter().for_each(|media| recording.push(media));
        }
        self.publication.push_batch(batch);
    }

    pub(crate) fn end(self, why: &dyn fmt::Display) {
        let seconds = Seconds(self.since.elapsed());
        tracing::info!(peer = %self.peer, %why, bytes = self.bytes, messages = self.messages, %seconds, "publish ended");
    }
}

/// Until it is worth looking for memory again.
const MOMENT: Duration = Duration::from_millis(10);
/// Less than the log of a stream keeps for those who lag.
const LEAD: Duration = Duration::from_secs(2);
