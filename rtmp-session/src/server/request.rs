//! Requests: each is answered once, by being consumed.

use core::fmt;

use rtmp_amf::{Object, Value};

use crate::{Capabilities, StreamId, shown::Hidden};

/// A client wants to use an application. See CMD-11 to CMD-17.
///
/// Answer with [`accept_connect`](crate::ServerSession::accept_connect) or [`reject`](crate::ServerSession::reject)
/// before the next poll. Not `Clone`: answering consumes it.
#[non_exhaustive]
pub struct ConnectRequest {
    /// The application, without query and without slashes around it. May have several segments: `live/room1`.
    pub app: String,
    /// What stood behind a `?` in the application.
    pub query: Option<String>,
    /// The URL the client was given, as it sent it. Some clients put the stream name in it.
    pub tc_url: String,
    /// Name and version of the client; empty if it said none.
    pub flash_ver: String,
    /// `swfUrl`, if it is a string.
    pub swf_url: Option<String>,
    /// `pageUrl`, if it is a string.
    pub page_url: Option<String>,
    /// The highest AMF version the client knows: 0 or 3. See CMD-16.
    pub object_encoding: f64,
    /// What the client says about Enhanced RTMP.
    pub capabilities: Capabilities,
    /// The whole command object.
    pub wire: Object,
    /// What stood behind it. See CMD-17.
    pub args: Vec<Value>,
    pub(crate) ticket: u64,
}

/// A client wants to publish. See CMD-33, CMD-34.
///
/// Answer with [`accept_publish`](crate::ServerSession::accept_publish) or [`reject`](crate::ServerSession::reject)
/// before the next poll. Not `Clone`: answering consumes it.
#[non_exhaustive]
pub struct PublishRequest {
    /// Handle of the stream, valid from now on.
    pub stream: StreamId,
    /// The application of the connection, without query.
    pub app: String,
    /// The name, without query.
    pub name: String,
    /// What stood behind a `?` in the name.
    pub query: Option<String>,
    /// What to do with the stream.
    pub kind: PublishKind,
    /// The word for it, if it is none of the four; `kind` is live then. See CMD-40.
    pub unknown_kind: Option<String>,
    /// All arguments of the command.
    pub wire: Vec<Value>,
    pub(crate) ticket: u64,
}

/// A client wants to play. See CMD-41 to CMD-43.
///
/// Answer with [`accept_play`](crate::ServerSession::accept_play) or [`reject`](crate::ServerSession::reject) before the
/// next poll. Not `Clone`: answering consumes it.
#[non_exhaustive]
pub struct PlayRequest {
    /// Handle of the stream, valid from now on.
    pub stream: StreamId,
    /// The application of the connection, without query.
    pub app: String,
    /// The name, without query. If the client sent a whole URL, what it says behind the application.
    pub name: String,
    /// What stood behind a `?` in the name.
    pub query: Option<String>,
    /// Where to start.
    pub start: PlayStart,
    /// How long to play, in the unit of `start`; `None`: to the end.
    pub duration: Option<f64>,
    /// Forget what is playing or queued. Default true.
    pub reset: bool,
    /// All arguments of the command.
    pub wire: Vec<Value>,
    pub(crate) ticket: u64,
}

/// What a publisher wants done with its stream. See CMD-33, CMD-40.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum PublishKind {
    /// Send it to whoever plays.
    #[default]
    Live,
    /// Record it, over an older recording if there is one.
    Record,
    /// Record it, behind an older recording if there is one.
    Append,
    /// As append, without closing the gap in time.
    AppendWithGap,
}

impl PublishKind {
    /// The word on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Record => "record",
            Self::Append => "append",
            Self::AppendWithGap => "appendWithGap",
        }
    }

    /// Reads the word; `None` if it is none of the four. To be taken as live then. See CMD-40.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Live, Self::Record, Self::Append, Self::AppendWithGap].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a player wants to start. See CMD-42.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PlayStart {
    /// The live stream; else the recording; else wait for a publisher. -2, and what FFmpeg means by -2000.
    #[default]
    LiveOrRecorded,
    /// The live stream only. -1, and what librtmp means by -1000.
    Live,
    /// The recording, from here. Sent and given out as it stands on the wire, where it is seconds by the text, so that a
    /// client of ours says `Recorded(5.0)`; librtmp and FFmpeg send milliseconds, and to a server made for them it is
    /// `Recorded(5000.0)`. A server that does not know its clients cannot tell which is meant.
    Recorded(f64),
}

impl PlayStart {
    /// Reads the number on the wire.
    pub fn from_number(number: f64) -> Self {
        if number >= 0.0 {
            Self::Recorded(number)
        } else if number == -1.0 || number == -1000.0 {
            Self::Live
        } else {
            Self::LiveOrRecorded
        }
    }

    /// The number on the wire.
    pub fn to_number(self) -> f64 {
        match self {
            Self::LiveOrRecorded => -2.0,
            Self::Live => -1.0,
            Self::Recorded(position) => position,
        }
    }
}

/// Any request, for [`ServerSession::reject`](crate::ServerSession::reject).
#[non_exhaustive]
#[derive(Debug)]
pub enum Request {
    /// See [`ConnectRequest`].
    Connect(ConnectRequest),
    /// See [`PublishRequest`].
    Publish(PublishRequest),
    /// See [`PlayRequest`].
    Play(PlayRequest),
}

impl Request {
    pub(crate) fn ticket(&self) -> u64 {
        match self {
            Self::Connect(request) => request.ticket,
            Self::Publish(request) => request.ticket,
            Self::Play(request) => request.ticket,
        }
    }
}

impl From<ConnectRequest> for Request {
    fn from(request: ConnectRequest) -> Self {
        Self::Connect(request)
    }
}

impl From<PublishRequest> for Request {
    fn from(request: PublishRequest) -> Self {
        Self::Publish(request)
    }
}

impl From<PlayRequest> for Request {
    fn from(request: PlayRequest) -> Self {
        Self::Play(request)
    }
}

/// Hides URLs and values: keys sit in either.
impl fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectRequest")
            .field("app", &self.app)
            .field("query", &self.query.as_deref().map(Hidden))
            .field("tc_url", &Hidden(&self.tc_url))
            .field("flash_ver", &self.flash_ver)
            .field("object_encoding", &self.object_encoding)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// Hides the name: it is often a key.
impl fmt::Debug for PublishRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishRequest")
            .field("stream", &self.stream)
            .field("app", &self.app)
            .field("name", &Hidden(&self.name))
            .field("query", &self.query.as_deref().map(Hidden))
            .field("kind", &self.kind)
            .field("unknown_kind", &self.unknown_kind.as_deref().map(Hidden))
            .finish_non_exhaustive()
    }
}

/// Hides the name: it is often a key.
impl fmt::Debug for PlayRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlayRequest")
            .field("stream", &self.stream)
            .field("app", &self.app)
            .field("name", &Hidden(&self.name))
            .field("query", &self.query.as_deref().map(Hidden))
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}
