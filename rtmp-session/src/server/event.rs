//! What a server session reports.

use core::fmt;

use bytes::Bytes;

use crate::{
    Call, ConnectRequest, Media, PlayRequest, PlayStart, PublishRequest, StreamId, shared_object::SharedObjectMessage,
    shown::Hidden,
};

/// What [`ServerSession::poll_event`](crate::ServerSession::poll_event) returns.
#[non_exhaustive]
#[derive(Debug)]
pub enum ServerEvent {
    /// A client wants to use an application. Accept or reject before the next poll; ignored means rejected.
    Connect(ConnectRequest),
    /// A client wants to publish. Accept or reject before the next poll; ignored means rejected.
    Publish(PublishRequest),
    /// A client wants to play. Accept or reject before the next poll; ignored means rejected.
    Play(PlayRequest),
    /// A publisher sent audio, video or data.
    Media {
        /// The publisher's stream.
        stream: StreamId,
        /// What it sent.
        media: Media,
    },
    /// A player wants playing to go on otherwise.
    Playback {
        /// The player's stream.
        stream: StreamId,
        /// What it wants.
        control: PlaybackControl,
    },
    /// A stream is over: its client ended it, or its request was refused. Each stream that was asked for ends with this
    /// event, unless the connection ends first. A refused publisher may wait for ever (librtmp ignores `BadName`), so a
    /// program should close the connection when no stream is left on it.
    Ended {
        /// The stream; the handle is used up.
        stream: StreamId,
    },
    /// The client has closed the connection in an orderly way: every stream has [ended](Self::Ended) by now, and nothing
    /// more will come of it. Write out the queue, close. See CMD-25.
    Closed,
    /// Any other command. Answer with [`reply`](crate::ServerSession::reply), keep the question open with
    /// [`defer`](crate::ServerSession::defer), or ignore it, which answers `_error`. See CMD-7.
    Command {
        /// The stream it was sent on; `None` for the connection.
        stream: Option<StreamId>,
        /// The command.
        call: Call,
    },
    /// A client uses, changes or releases a shared object. Hand it to a
    /// [`SharedObjectStore`](crate::shared_object::SharedObjectStore) and send what that delivers; ignored, nobody answers.
    SharedObject(SharedObjectMessage),
    /// A client's answer to a [`UserControl::SwfVerifyRequest`](crate::UserControl::SwfVerifyRequest), as it came. Right is
    /// what [`SwfVerification::answer`](rtmp_handshake::SwfVerification::answer) makes of the player file and of
    /// [`Peer::own_tail`](rtmp_handshake::Peer::own_tail). See SWFV-3.
    SwfVerification(Bytes),
}

/// What a player asks of a stream that it plays.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub enum PlaybackControl {
    /// Pause or go on. Already answered; [`send_media`](crate::ServerSession::send_media) sends nothing while paused.
    /// What to send to who goes on is the program's: of a recording what is later than `position`, of a live stream what
    /// comes. See CMD-49.
    Pause {
        /// `false`: go on.
        paused: bool,
        /// Where the player stands, in milliseconds.
        position: f64,
    },
    /// Go on elsewhere. Answer with [`accept_seek`](crate::ServerSession::accept_seek) before the next poll; ignored means
    /// refused. See CMD-50.
    Seek {
        /// Where to, in milliseconds.
        position: f64,
    },
    /// How much the player buffers. Nothing to answer. See UCM-3.
    BufferLength {
        /// Milliseconds.
        length: u32,
    },
    /// Whether audio shall be sent. Already answered; [`send_media`](crate::ServerSession::send_media) obeys. See CMD-48.
    ReceiveAudio(bool),
    /// Whether video shall be sent. Already answered; [`send_media`](crate::ServerSession::send_media) obeys. See CMD-48.
    ReceiveVideo(bool),
    /// Go over to another stream. Answer with [`accept_transition`](crate::ServerSession::accept_transition) before the
    /// next poll; ignored means refused. See CMD-47.
    Play2(Play2),
}

/// The parameters of `play2`. See CMD-47.
#[non_exhaustive]
#[derive(Clone, Default, PartialEq)]
pub struct Play2 {
    /// The stream to go over to.
    pub stream_name: String,
    /// The stream to leave.
    pub old_stream_name: Option<String>,
    /// Start time, as [`PlayStart::to_number`](crate::PlayStart::to_number) gives it: seconds by the text.
    pub start: Option<f64>,
    /// Duration in seconds by the text.
    pub len: Option<f64>,
    /// Absolute time in the stream at which to go over, in seconds; `seek` and `pause` count in milliseconds.
    pub offset: Option<f64>,
    /// `switch`, `swap`, `append`, `stop`, `reset`, `resume`, `appendAndWait`.
    pub transition: Option<String>,
}

impl Play2 {
    /// Goes over to this stream.
    ///
    /// ```
    /// use rtmp_session::Play2;
    /// let better = Play2::to("cam_1080").old_stream_name("cam_720").transition("switch");
    /// assert_eq!((better.stream_name.as_str(), better.offset), ("cam_1080", None));
    /// ```
    pub fn to(stream_name: impl Into<String>) -> Self {
        Self { stream_name: stream_name.into(), ..Self::default() }
    }

    /// Sets [`Play2::old_stream_name`].
    #[must_use]
    pub fn old_stream_name(mut self, name: impl Into<String>) -> Self {
        self.old_stream_name = Some(name.into());
        self
    }

    /// Sets [`Play2::start`].
    #[must_use]
    pub fn start(mut self, start: PlayStart) -> Self {
        self.start = Some(start.to_number());
        self
    }

    /// Sets [`Play2::len`].
    #[must_use]
    pub fn len(mut self, seconds: f64) -> Self {
        self.len = Some(seconds);
        self
    }

    /// Sets [`Play2::offset`].
    #[must_use]
    pub fn offset(mut self, seconds: f64) -> Self {
        self.offset = Some(seconds);
        self
    }

    /// Sets [`Play2::transition`].
    #[must_use]
    pub fn transition(mut self, transition: impl Into<String>) -> Self {
        self.transition = Some(transition.into());
        self
    }
}

/// Hides the names: they are often keys.
impl fmt::Debug for Play2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Play2")
            .field("stream_name", &Hidden(&self.stream_name))
            .field("old_stream_name", &self.old_stream_name.as_deref().map(Hidden))
            .field("transition", &self.transition)
            .finish_non_exhaustive()
    }
}
