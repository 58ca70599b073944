//! The server's end of a connection.

mod answers;
mod commands;
mod deny;
mod event;
mod messages;
mod request;
mod sending;
mod streams;

use std::{collections::VecDeque, io, time::Instant};

use bytes::BytesMut;
use rtmp_amf::Value;
use rtmp_chunk::{ChunkSize, SendQueue};
use rtmp_handshake::Peer;

use self::{
    answers::Answers,
    streams::{Role, Streams},
};
pub use self::{
    event::{Play2, PlaybackControl, ServerEvent},
    request::{ConnectRequest, PlayRequest, PlayStart, PublishKind, PublishRequest, Request},
};
use crate::{
    Call, Capabilities, CommandError, Drive, ExternalClasses, Level, Limits, Link, MediaKind, ServerConfig,
    SessionError, Stats, Status, StreamId, aggregate::Unbundled, code, command::Origin,
};

/// The server's end of one connection: what a client asks for comes out as events, answers go in as method calls.
///
/// Requests are refused unless they are accepted before the next [`poll_event`](Self::poll_event). Bytes that arrive
/// before an answer wait in the receive buffer, so nothing is lost while the program thinks; stop reading meanwhile, as
/// nothing else bounds that buffer.
///
/// The loop below tells the time once a second; with timers, do so when [`poll_timeout`](Self::poll_timeout) has come.
///
/// ```
/// use rtmp_session::{ServerConfig, ServerEvent, ServerSession};
/// use std::io::ErrorKind::{TimedOut, WouldBlock};
/// use std::{error::Error, net::TcpStream, time::{Duration, Instant}};
///
/// fn serve(mut socket: TcpStream) -> Result<(), Box<dyn Error>> {
///     let mut session = ServerSession::new(ServerConfig::default(), Instant::now());
///     socket.set_read_timeout(Some(Duration::from_secs(1)))?; // so that the session is told the time
///     socket.set_write_timeout(Some(Duration::from_secs(10)))?;
///     loop {
///         while let Some(event) = session.poll_event()? {
///             match event {
///                 ServerEvent::Connect(request) => session.accept_connect(request)?,
///                 ServerEvent::Publish(request) if request.name == "secret" => session.accept_publish(request)?,
///                 ServerEvent::Publish(request) => session.reject(request, "unknown stream key")?,
///                 ServerEvent::Media { media, .. } => println!("{media:?}"),
///                 ServerEvent::Ended { .. } => return Ok(session.write_to(&mut socket).map(drop)?),
///                 _ => {} // anything else is refused or ignored
///             }
///         }
///         session.write_to(&mut socket)?;
///         match session.read_from(&mut socket) {
///             Ok(0) => return Ok(()),
///             Err(error) if !matches!(error.kind(), WouldBlock | TimedOut) => return Err(error.into()),
///             _ => session.handle_timeout(Instant::now())?,
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct ServerSession {
    link: Link,
    messages: Unbundled,
    config: Box<Settings>,
    connection: Connection,
    streams: Streams,
    /// What the next poll refuses.
    pending: Option<Pending>,
    /// Events of the message handled last. A request is always the last of them.
    events: VecDeque<ServerEvent>,
    /// Calls that the program answers later.
    deferred: Vec<u64>,
    /// The limits of a publisher are in force.
    may_send_media: bool,
    tickets: u64,
}

/// What of the configuration is needed later.
#[derive(Debug)]
struct Settings {
    limits: Limits,
    chunk_size: ChunkSize,
    window_ack_size: u32,
    capabilities: Capabilities,
    external_classes: ExternalClasses,
}

#[derive(Debug)]
enum Connection {
    /// No connect command yet.
    New,
    /// It waits for its answer.
    Asked(Box<Asked>),
    Accepted(Box<Accepted>),
    /// Refused, or closed by the client.
    Closed,
}

/// What the answer to a connect command needs to know.
#[derive(Debug)]
struct Asked {
    origin: Origin,
    client: Accepted,
    speaks_enhanced: bool,
    sent_list: bool,
}

/// A client that was accepted.
#[derive(Debug)]
struct Accepted {
    app: String,
    /// AMF3 was agreed. See CMD-16.
    amf3: bool,
    capabilities: Capabilities,
}

/// A question that the next poll answers with no.
#[derive(Debug)]
enum Pending {
    Connect { ticket: u64 },
    Stream { ticket: u64, stream: StreamId },
    Seek { stream: StreamId },
    Transition { stream: StreamId },
    Call(Origin),
}

impl ServerSession {
    /// A session for a connection that was just accepted.
    pub fn new(config: ServerConfig, now: Instant) -> Self {
        let settings = Settings {
            limits: config.link.limits.clone(),
            chunk_size: config.link.chunk_size,
            window_ack_size: config.link.window_ack_size,
            capabilities: config.capabilities,
            external_classes: config.external_classes,
        };
        let mut link = Link::server(config.link, now);
        link.await_connect();
        link.set_chunk_limits(settings.limits.without_publish());
        Self {
            link,
            messages: Unbundled::default(),
            config: Box::new(settings),
            connection: Connection::New,
            streams: Streams::default(),
            pending: None,
            events: VecDeque::new(),
            deferred: Vec::new(),
            may_send_media: false,
            tickets: 0,
        }
    }

    /// The next event, or `None` until more bytes are read. Refuses the last request if it was not answered.
    ///
    /// # Errors
    /// See [`Drive::poll_event`]. [`SessionError::Refused`] behind a refused connect request: write out the queue, close.
    pub fn poll_event(&mut self) -> Result<Option<ServerEvent>, SessionError> {
        if self.events.is_empty() {
            self.refuse_unanswered();
        }
        if let Some(event) = self.events.pop_front() {
            return Ok(Some(event));
        }
        while let Some(message) = self.messages.next(&mut self.link)? {
            if let Some(event) = self.handle(message) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// See [`Drive::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.link.poll_timeout()
    }

    /// See [`Drive::handle_timeout`].
    ///
    /// # Errors
    /// [`SessionError::TimedOut`].
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError> {
        self.link.handle_timeout(now)
    }

    /// Accepts a connect request. Window, bandwidth, chunk size and result leave in one piece: apart, each would wait for
    /// a delayed acknowledgement of the one before. See CTL-27, CMD-20, CMD-21.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn accept_connect(&mut self, request: ConnectRequest) -> Result<(), CommandError> {
        self.answered(request.ticket)?;
        let Connection::Asked(asked) = std::mem::replace(&mut self.connection, Connection::Closed) else {
            return Err(CommandError::Expired);
        };
        Answers::new(&mut self.link).connected(&self.config, &asked);
        self.connection = Connection::Accepted(Box::new(asked.client));
        Ok(())
    }

    /// Accepts a publish request: its media comes from now on. See CMD-35. From the first one on messages may be as long
    /// as [`Limits::chunk`] says; before, as [`Limits::max_command_len`] does.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn accept_publish(&mut self, request: PublishRequest) -> Result<(), CommandError> {
        self.answered(request.ticket)?;
        let (number, active) = self.streams.get(request.stream).ok_or(CommandError::Expired)?;
        active.role = Role::Publishes;
        self.may_send_media = true;
        self.link.set_chunk_limits(self.config.limits.chunk.clone());
        Answers::new(&mut self.link).publishing(number, &request.name);
        Ok(())
    }

    /// Accepts a play request: send it media from now on. See CMD-44.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn accept_play(&mut self, request: PlayRequest) -> Result<(), CommandError> {
        self.answered(request.ticket)?;
        let (number, active) = self.streams.get(request.stream).ok_or(CommandError::Expired)?;
        active.role = Role::Plays(streams::Player::new());
        Answers::new(&mut self.link).playing(number, &request.name, request.reset);
        Ok(())
    }

    /// Refuses a request, with the code that is usual for its kind: `NetConnection.Connect.Rejected`,
    /// `NetStream.Publish.BadName`, `NetStream.Play.StreamNotFound`. See CMD-23, CMD-36, CMD-45.
    ///
    /// Behind a refused connect the session is over: the next poll returns [`SessionError::Refused`]. Behind any other it
    /// returns [`ServerEvent::Ended`].
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn reject(&mut self, request: impl Into<Request>, reason: &str) -> Result<(), CommandError> {
        let request = request.into();
        let code = match request {
            Request::Connect(_) => code::CONNECT_REJECTED,
            Request::Publish(_) => code::PUBLISH_BAD_NAME,
            Request::Play(_) => code::PLAY_STREAM_NOT_FOUND,
        };
        self.reject_with(request, Status::new(Level::Error, code, reason))
    }

    /// Refuses a request with a status of the program's own.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn reject_with(&mut self, request: impl Into<Request>, status: Status) -> Result<(), CommandError> {
        let request = request.into();
        self.answered(request.ticket())?;
        match request {
            Request::Connect(_) => self.refuse_connect(status),
            Request::Publish(PublishRequest { stream, .. }) | Request::Play(PlayRequest { stream, .. }) => {
                self.refuse_stream(stream, &status);
            }
        }
        Ok(())
    }

    /// Grants the [`PlaybackControl::Seek`] that was just polled. Media may go back in time from now on. See CMD-50.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn accept_seek(&mut self, stream: StreamId, position: f64) -> Result<(), CommandError> {
        if !matches!(self.pending, Some(Pending::Seek { stream: asked }) if asked == stream) {
            return Err(CommandError::Expired);
        }
        self.pending = None;
        let number = self.player(stream)?;
        Answers::new(&mut self.link).sought(number, position);
        Ok(())
    }

    /// Grants the [`PlaybackControl::Play2`] that was just polled. See CMD-47.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was answered or refused before.
    pub fn accept_transition(&mut self, stream: StreamId, name: &str) -> Result<(), CommandError> {
        if !matches!(self.pending, Some(Pending::Transition { stream: asked }) if asked == stream) {
            return Err(CommandError::Expired);
        }
        self.pending = None;
        let number = self.player(stream)?;
        Answers::new(&mut self.link).transition(number, name);
        Ok(())
    }

    /// Answers a [`ServerEvent::Command`]: `_result`, null, `values`. If no answer is wanted, none is sent. See CMD-3.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was refused before, [`CommandError::Amf`] for values that AMF cannot express,
    /// [`CommandError::TooLong`] for more than fits a message. The call is used up, so the client hears `_error` then.
    pub fn reply(&mut self, call: Call, values: &[Value]) -> Result<(), CommandError> {
        self.answered_call(&call.origin)?;
        let mut answers = Answers::new(&mut self.link);
        answers.result(&call.origin, &Value::Null, values).inspect_err(|_| {
            let status = Status::new(Level::Error, code::CALL_FAILED, "no answer that can be sent");
            let _ = answers.error(&call.origin, &status);
        })
    }

    /// Refuses a [`ServerEvent::Command`]: `_error`, null, the status. If no answer is wanted, none is sent.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was refused before.
    pub fn reply_error(&mut self, call: Call, status: &Status) -> Result<(), CommandError> {
        self.answered_call(&call.origin)?;
        Answers::new(&mut self.link).error(&call.origin, status)
    }

    /// Keeps a [`ServerEvent::Command`] open beyond the next poll, to be answered whenever the program can.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was refused before, [`CommandError::TooMany`] with [`Limits::max_calls`] open.
    pub fn defer(&mut self, call: &Call) -> Result<(), CommandError> {
        let max = self.config.limits.max_calls;
        if self.deferred.len() >= max {
            return Err(CommandError::TooMany { what: "calls", max });
        }
        self.answered_call(&call.origin)?;
        self.deferred.push(call.origin.ticket);
        Ok(())
    }

    /// The number of a stream on the wire, for images of messages that are made elsewhere. `None` if it has ended.
    pub fn message_stream_id(&self, stream: StreamId) -> Option<u32> {
        self.streams.number(stream)
    }

    /// What the client said about Enhanced RTMP, once it is accepted.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.client().map(|client| &client.capabilities)
    }

    /// Does the player of a stream want media of this kind at the moment? `false` if it does not play.
    pub fn wants(&self, stream: StreamId, kind: MediaKind) -> bool {
        matches!(self.streams.role(stream), Some(Role::Plays(player)) if player.wants(kind))
    }

    fn client(&self) -> Option<&Accepted> {
        match &self.connection {
            Connection::Accepted(client) => Some(client),
            _ => None,
        }
    }

    fn player(&mut self, stream: StreamId) -> Result<u32, CommandError> {
        let (number, active) = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        if matches!(active.role, Role::Plays(_)) { Ok(number) } else { Err(NOT_PLAYING) }
    }
}

crate::drive::delegate_to_link!(ServerSession, ServerEvent);

const NOT_PLAYING: CommandError = CommandError::WrongState("the stream does not play");
