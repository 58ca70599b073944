//! What a client publishes and plays.

use core::fmt;

use crate::{PlayStart, PublishKind, StreamId, shown::Hidden};

/// How to play. See CMD-41, CMD-42.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlayOptions {
    /// Where to start. Default: the live stream, else the recording, else wait.
    pub start: PlayStart,
    /// How long to play, in the unit of `start`: seconds by the text, sent as it stands; `None`: to the end.
    pub duration: Option<f64>,
    /// Whether to forget what is playing or queued; `None`: not said, which means true.
    pub reset: Option<bool>,
}

impl PlayOptions {
    /// Sets [`PlayOptions::start`].
    #[must_use]
    pub fn start(mut self, start: PlayStart) -> Self {
        self.start = start;
        self
    }

    /// Sets [`PlayOptions::duration`].
    #[must_use]
    pub fn duration(mut self, duration: f64) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Sets [`PlayOptions::reset`].
    #[must_use]
    pub fn reset(mut self, reset: bool) -> Self {
        self.reset = Some(reset);
        self
    }
}

/// One publish or play.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) phase: Phase,
    /// The server said Stream EOF, and since then nothing that lets it go on: media is not wanted. See UCM-3.
    pub(crate) is_at_end: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    Publish(PublishKind),
    Play(PlayOptions),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    /// The connection is not accepted yet.
    Queued,
    /// createStream was sent.
    Creating,
    /// As creating, and no longer wanted.
    Abandoned,
    /// publish or play was sent on this message stream.
    Asked(u32),
    /// The server said start.
    Started(u32),
}

/// Hides the name: it is often a key.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("id", &self.id)
            .field("name", &Hidden(&self.name))
            .field("purpose", &self.purpose)
            .field("phase", &self.phase)
            .finish()
    }
}

impl Stream {
    /// Number on the wire, once there is one.
    pub(crate) fn number(&self) -> Option<u32> {
        match self.phase {
            Phase::Asked(number) | Phase::Started(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn publishes(&self) -> bool {
        matches!(self.purpose, Purpose::Publish(_))
    }

    /// As it has to begin again on another connection.
    pub(crate) fn anew(&self) -> Self {
        Self { phase: Phase::Queued, is_at_end: false, ..self.clone() }
    }
}

/// The streams of a session.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    pub(crate) list: Vec<Stream>,
    handles: u64,
}

impl Streams {
    pub(crate) fn add(&mut self, name: &str, purpose: Purpose) -> StreamId {
        self.handles += 1;
        let id = StreamId(self.handles);
        self.list.push(Stream { id, name: name.to_owned(), purpose, phase: Phase::Queued, is_at_end: false });
        id
    }

    pub(crate) fn get(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.list.iter_mut().find(|stream| stream.id == id && stream.phase != Phase::Abandoned)
    }

    pub(crate) fn number(&self, id: StreamId) -> Option<u32> {
        self.list.iter().find(|stream| stream.id == id)?.number()
    }

    pub(crate) fn remove(&mut self, id: StreamId) -> Option<Stream> {
        let at = self.list.iter().position(|stream| stream.id == id)?;
        Some(self.list.swap_remove(at))
    }

    /// The stream that a message on `number` is about. Some servers answer on 0 and node-media-server sends all media
    /// there: they mean the only one that fits.
    pub(crate) fn meant(&mut self, number: u32, fits: impl Fn(&Stream) -> bool) -> Option<&mut Stream> {
        if number != 0 {
            return self.list.iter_mut().find(|stream| stream.number() == Some(number)).filter(|stream| fits(stream));
        }
        let mut fitting = self.list.iter_mut().filter(|stream| stream.number().is_some() && fits(stream));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// The same streams for another connection, with the same handles.
    pub(crate) fn anew(&self) -> Self {
        let wanted = self.list.iter().filter(|stream| stream.phase != Phase::Abandoned);
        Self { list: wanted.map(Stream::anew).collect(), handles: self.handles }
    }
}
