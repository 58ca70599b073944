//! The server's end of a connection.

mod answers;
mod commands;
mod deny;
mod event;
mod request;
mod streams;

use std::{collections::VecDeque, io, time::Instant};

use bytes::BytesMut;
use rtmp_amf::Value;
use rtmp_chunk::{ChunkSize, Message, MessageType, SendQueue};
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
    Call, Capabilities, CommandError, Drive, ExternalClasses, Level, Limits, Link, Media, MediaKind, ServerConfig,
    SessionError, Stats, Status, StreamId, UserControl, aggregate::Unbundled, code, command::Origin,
    shared_object::SharedObjectMessage,
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

    /// Sends media to a player. What the player does not want at the moment (paused, no audio, no video) is left out.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play,
    /// [`CommandError::TooLong`] for a payload over 16 777 215 bytes.
    pub fn send_media(&mut self, stream: StreamId, media: &Media) -> Result<(), CommandError> {
        let (number, active) = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        let Role::Plays(player) = active.role else { return Err(NOT_PLAYING) };
        if !player.wants(media.kind) {
            return Ok(());
        }
        self.link.send(&media.to_message(number))
    }

    /// Ends a stream from our side. A player hears Stream EOF, `UnpublishNotify` and `Play.Stop`, a publisher
    /// `NetStream.Publish.Rejected`; see CMD-46. No [`ServerEvent::Ended`] follows.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if its request is not answered.
    pub fn end_stream(&mut self, stream: StreamId, reason: &str) -> Result<(), CommandError> {
        let (number, active) = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        let role = active.role;
        match role {
            Role::AsksToPublish | Role::AsksToPlay => return Err(NOT_ANSWERED),
            Role::Publishes => Answers::unasked(&mut self.link).kicked(number, reason),
            Role::Plays(_) => Answers::unasked(&mut self.link).stopped(number, reason),
        }
        self.streams.end(stream);
        Ok(())
    }

    /// Ends the playing of a recording whose last byte was sent: Stream EOF, `Play.Stop`, `onPlayStatus` with
    /// `Play.Complete`. No [`ServerEvent::Ended`] follows. `duration` is in seconds. See CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn complete_stream(&mut self, stream: StreamId, duration: f64, bytes: u64) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).completed(number, duration, bytes);
        self.streams.end(stream);
        Ok(())
    }

    /// Tells a player that the publisher has left: Stream EOF and `UnpublishNotify`. The player stays and may hear
    /// [`notify_published`](Self::notify_published) later. See CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn notify_unpublished(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).unpublished(number, "the publisher left");
        Ok(())
    }

    /// Tells a waiting player that a publisher has come: Stream Begin and `PublishNotify`. See CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn notify_published(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).published(number);
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

    /// Calls a procedure of the client, without an answer. On a stream, or on the connection.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::Amf`] for values that AMF cannot express.
    pub fn notify(&mut self, stream: Option<StreamId>, name: &str, values: &[Value]) -> Result<(), CommandError> {
        let number = self.wire_number(stream)?;
        Answers::unasked(&mut self.link).call(number, name, values)
    }

    /// Sends an `onStatus`. About a stream, or about the connection. See CMD-57.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended.
    pub fn send_status(&mut self, stream: Option<StreamId>, status: &Status) -> Result<(), CommandError> {
        let number = self.wire_number(stream)?;
        Answers::unasked(&mut self.link).call(number, "onStatus", &[status.to_value()])
    }

    /// Sends what happens to a shared object. See SO-5 to SO-7.
    ///
    /// # Errors
    /// [`CommandError::Amf`] for names and values that AMF cannot express, [`CommandError::TooLong`] for more than fits a
    /// message.
    pub fn send_shared_object(&mut self, message: &SharedObjectMessage) -> Result<(), CommandError> {
        self.link.send(&message.to_message()?)
    }

    /// Sends a user control event, such as Stream Dry or Buffer Empty. Streams in it are numbers of the wire; see
    /// [`message_stream_id`](Self::message_stream_id).
    ///
    /// # Errors
    /// [`CommandError::Closed`] if the connection is over.
    pub fn send_control(&mut self, event: &UserControl) -> Result<(), CommandError> {
        self.link.send(&event.to_message())
    }

    /// Asks the client to connect anew: to `url`, whole or relative, or to where it is now. See ERTMP-92, ERTMP-93.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] if the client did not announce that it can. See ERTMP-95.
    pub fn request_reconnect(&mut self, url: Option<&str>) -> Result<(), CommandError> {
        let can = self.client().is_some_and(|client| client.capabilities.caps_ex.contains(crate::CapsEx::RECONNECT));
        if !can {
            return Err(CommandError::WrongState("the client did not announce that it can reconnect"));
        }
        let mut status = Status::new(Level::Status, code::RECONNECT_REQUEST, "the server asks to connect anew");
        if let Some(url) = url {
            status = status.with("tcUrl", url);
        }
        self.send_status(None, &status)
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

    fn wire_number(&self, stream: Option<StreamId>) -> Result<u32, CommandError> {
        match stream {
            Some(stream) => self.streams.number(stream).ok_or(CommandError::UnknownStream),
            None => Ok(0),
        }
    }

    /// What comes of a message; more than one event wait in the queue.
    fn handle(&mut self, message: Message) -> Option<ServerEvent> {
        match message.kind {
            MessageType::AUDIO | MessageType::VIDEO | MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => {
                return self.handle_media(message);
            }
            MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => self.handle_command(&message),
            MessageType::USER_CONTROL => self.handle_user_control(&message),
            MessageType::SHARED_OBJECT_AMF0 | MessageType::SHARED_OBJECT_AMF3 if self.client().is_some() => {
                self.handle_shared_object(&message);
            }
            MessageType(1..=6) => {}
            // MSG-8.
            _ => self.link.ignore(),
        }
        self.events.pop_front()
    }

    fn handle_media(&mut self, message: Message) -> Option<ServerEvent> {
        // MSG-11. The video message without a byte of MSG-7 says nothing.
        let silent = message.kind == MessageType::VIDEO && message.payload.is_empty();
        let Some(stream) = self.streams.publisher(message.stream_id).filter(|_| !silent) else {
            self.link.ignore();
            return None;
        };
        match Media::from_message(message) {
            Ok(media) => media.map(|media| ServerEvent::Media { stream, media }),
            Err(error) => {
                self.link.reject(error);
                None
            }
        }
    }

    fn handle_shared_object(&mut self, message: &Message) {
        let limits = &self.config.limits.shared_object;
        match SharedObjectMessage::decode_with(message, limits, &self.config.external_classes) {
            Ok(message) => self.events.push_back(ServerEvent::SharedObject(message)),
            Err(error) => self.link.reject(error.into()),
        }
    }

    fn handle_user_control(&mut self, message: &Message) {
        // The link has answered pings, and counted what cannot be read.
        let (stream_id, length) = match UserControl::parse(&message.payload) {
            Ok(UserControl::SetBufferLength { stream_id, length }) => (stream_id, length),
            Ok(UserControl::SwfVerifyResponse(answer)) => {
                self.events.push_back(ServerEvent::SwfVerification(answer));
                return;
            }
            _ => return,
        };
        // UCM-9. librtmp names stream 0 before it has one.
        match self.streams.on(stream_id) {
            Some(active) if matches!(active.role, Role::Plays(_)) => {
                let stream = active.id;
                let control = PlaybackControl::BufferLength { length };
                self.events.push_back(ServerEvent::Playback { stream, control });
            }
            _ => self.link.ignore(),
        }
    }

    /// The client is done with a stream.
    fn ended(&mut self, stream: StreamId) {
        self.events.push_back(ServerEvent::Ended { stream });
    }
}

crate::drive::delegate_to_link!(ServerSession, ServerEvent);

const NOT_PLAYING: CommandError = CommandError::WrongState("the stream does not play");
const NOT_ANSWERED: CommandError = CommandError::WrongState("its request is not answered yet");
