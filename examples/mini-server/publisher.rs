//! One publish from its request to its end: the stream it feeds, its recording, and its lines in the log.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use rtmp_session::{Media, PublishRequest, StreamId};

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
    bytes: u64,
    messages: u64,
}

impl Publisher {
    pub(crate) fn new(server: &Server, publication: Publication, request: &PublishRequest, peer: SocketAddr) -> Self {
        let (app, name) = (Plain(&request.app), Redacted(&request.name));
        tracing::info!(%peer, %app, %name, "publish");
        let recording = server.recorder.as_ref().and_then(|recorder| recorder.start(&request.app, &request.name));
        Self { stream: request.stream, publication, recording, peer, since: Instant::now(), bytes: 0, messages: 0 }
    }

    pub(crate) fn stream(&self) -> StreamId {
        self.stream
    }

    /// What one round of reading brought.
    pub(crate) fn push_batch(&mut self, batch: impl IntoIterator<Item = Media>) {
        let (bytes, messages, recording) = (&mut self.bytes, &mut self.messages, &self.recording);
        self.publication.push_batch(batch.into_iter().inspect(|media| {
            *bytes += media.payload.len() as u64;
            *messages += 1;
            if let Some(recording) = recording {
                recording.push(media);
            }
        }));
    }

    pub(crate) fn end(self, why: &dyn fmt::Display) {
        let (peer, seconds) = (self.peer, self.since.elapsed().as_secs_f32());
        tracing::info!(%peer, %why, bytes = self.bytes, messages = self.messages, seconds, "publish ended");
    }
}
