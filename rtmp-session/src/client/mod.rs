//! The client's end of a connection.

mod commands;
mod deadlines;
mod event;
mod streams;

use std::{collections::VecDeque, io, time::Instant};

use bytes::{BufMut, Bytes, BytesMut};
use rtmp_amf::{Object, Value};
use rtmp_chunk::{ChunkSize, Message, MessageType, SendQueue};
use rtmp_handshake::Peer;

use self::{
    commands::closed,
    deadlines::{Awaited, Deadlines},
    streams::{Phase, Purpose, Streams},
};
pub use self::{event::ClientEvent, streams::PlayOptions};
use crate::{
    Call, CallId, Capabilities, ClientConfig, CommandError, Drive, Level, Link, Media, MediaKind, Play2, PublishKind,
    RtmpUrl, SessionError, Stats, Status, StreamId, Timeout, UserControl,
    aggregate::Unbundled,
    code,
    command::{Command, Origin},
    media::SET_DATA_FRAME,
    shared_object::SharedObjectMessage,
};

/// The client's end of one connection. What the program wants to publish and play can be said at once: it is sent as soon
/// as the server allows.
///
/// ```
/// use rtmp_session::{ClientConfig, ClientEvent, ClientSession, Media, RtmpUrl};
/// use std::io::{self, ErrorKind::{TimedOut, WouldBlock}};
/// use std::net::{Shutdown, TcpStream};
/// use std::{error::Error, time::{Duration, Instant}};
///
/// fn publish(url: &RtmpUrl, frames: impl Iterator<Item = Media>) -> Result<(), Box<dyn Error>> {
///     let mut socket = TcpStream::connect(url.authority())?;
///     socket.set_read_timeout(Some(Duration::from_secs(1)))?; // so that the session is told the time
///     let mut session = ClientSession::new(ClientConfig::default(), url, Instant::now());
///     let stream = session.publish(&url.stream);
///     'start: loop {
///         while let Some(event) = session.poll_event()? {
///             match event {
///                 ClientEvent::Started { .. } => break 'start,
///                 ClientEvent::Ended { status, .. } => return Err(status.code.into()),
///                 _ => {}
///             }
///         }
///         session.write_to(&mut socket)?;
///         match session.read_from(&mut socket) {
///             Ok(0) => return Err("closed".into()),
///             Err(error) if !matches!(error.kind(), WouldBlock | TimedOut) => return Err(error.into()),
///             _ => session.handle_timeout(Instant::now())?,
///         }
///     }
///     for media in frames {
///         session.send_media(stream, &media)?;
///         session.write_to(&mut socket)?;
///     }
///     session.end_stream(stream)?;
///     session.write_to(&mut socket)?;
///     socket.shutdown(Shutdown::Write)?;
///     // Closing over unread answers would reset the connection under what the server has not read yet.
///     let _ = io::copy(&mut socket, &mut io::sink());
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct ClientSession {
    link: Link,
    messages: Unbundled,
    config: Box<ClientConfig>,
    url: Box<RtmpUrl>,
    connection: Connection,
    streams: Streams,
    /// The last transaction id used.
    transactions: u32,
    /// What is to be answered, by transaction id.
    waiting: Vec<(u32, Waiting)>,
    deadlines: Deadlines,
    calls: u64,
    /// A command of the server that the next poll refuses.
    pending: Option<Origin>,
    tickets: u64,
    events: VecDeque<ClientEvent>,
    capabilities: Capabilities,
    /// What the server said about itself.
    server: Object,
    /// Reconnect requests followed up to this connection.
    reconnects: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Connection {
    /// connect is on its way.
    Connecting,
    Connected,
    /// The server closed it.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Waiting {
    Connect,
    CreateStream(StreamId),
    /// publish or play: only a refusal says anything, the status is the answer.
    Start(StreamId),
    Call(CallId),
}

impl ClientSession {
    /// A session to the server of `url`. Its first bytes are in the send queue; the connect command follows as soon as the
    /// handshake is done. The stream in `url` is not asked for: say what to do with it.
    pub fn new(config: ClientConfig, url: &RtmpUrl, now: Instant) -> Self {
        let mut link = Link::client(config.link.clone(), now);
        link.await_connect();
        let deadlines = Deadlines::new(config.answer_timeout, now);
        let mut session = Self {
            link,
            messages: Unbundled::default(),
            config: Box::new(config),
            url: Box::new(url.clone()),
            connection: Connection::Connecting,
            streams: Streams::default(),
            transactions: 0,
            waiting: Vec::new(),
            deadlines,
            calls: 0,
            pending: None,
            tickets: 0,
            events: VecDeque::new(),
            capabilities: Capabilities::default(),
            server: Object::new(),
            reconnects: 0,
        };
        session.link.set_chunk_size(session.config.link.chunk_size);
        session.send_connect();
        session
    }

    /// A session that takes this one's place after a [`ClientEvent::Reconnect`]: to the URL the server gave, with all
    /// streams of this session, under the same handles; each starts anew with [`ClientEvent::Started`]. Send sequence
    /// headers and metadata again; time goes on. End this session when the new one has started. See ERTMP-92 to ERTMP-97.
    ///
    /// Another host is not told user and password, nor [`ClientConfig::properties`] and [`ClientConfig::arguments`], unless
    /// [`ClientConfig::trust_reconnect_hosts`] says so. It does hear the names of the streams, which are what is asked of
    /// it; where those are keys, look at the URL first. See ERTMP-96.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] if the URL cannot be used, leads from `rtmps` to `rtmp`, or follows
    /// [`ClientConfig::max_reconnects`] others. See ERTMP-96.
    pub fn successor(&self, url: Option<&str>, now: Instant) -> Result<Self, CommandError> {
        if self.reconnects >= self.config.max_reconnects {
            return Err(CommandError::WrongState("too many reconnect requests in a row (ERTMP-96)"));
        }
        let mut url = match url {
            Some(url) => self
                .url
                .resolve(url)
                .map_err(|_| CommandError::WrongState("cannot follow the reconnect request to its URL (ERTMP-96)"))?,
            None => (*self.url).clone(),
        };
        let mut config = (*self.config).clone();
        if config.trust_reconnect_hosts {
            url.credentials = url.credentials.or_else(|| self.url.credentials.clone());
        } else if !url.host.eq_ignore_ascii_case(&self.url.host) {
            config.properties.clear();
            config.arguments.clear();
        }
        let mut session = Self::new(config, &url, now);
        session.streams = self.streams.anew();
        session.reconnects = self.reconnects + 1;
        Ok(session)
    }

    /// Where the session is connected to.
    pub fn url(&self) -> &RtmpUrl {
        &self.url
    }

    /// Publishes a live stream. Media may be sent behind [`ClientEvent::Started`].
    pub fn publish(&mut self, name: &str) -> StreamId {
        self.publish_as(name, PublishKind::Live)
    }

    /// Publishes a stream, live or to be recorded. See CMD-33.
    pub fn publish_as(&mut self, name: &str, kind: PublishKind) -> StreamId {
        self.start(name, Purpose::Publish(kind))
    }

    /// Plays a stream.
    pub fn play(&mut self, name: &str) -> StreamId {
        self.play_with(name, PlayOptions::default())
    }

    /// Plays a stream in a certain way. See CMD-41.
    pub fn play_with(&mut self, name: &str, options: PlayOptions) -> StreamId {
        self.start(name, Purpose::Play(options))
    }

    /// The next event, or `None` until more bytes are read.
    ///
    /// # Errors
    /// See [`Drive::poll_event`]. [`SessionError::Refused`] if the server refused to connect.
    pub fn poll_event(&mut self) -> Result<Option<ClientEvent>, SessionError> {
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
        if self.link.is_over() {
            return None;
        }
        self.link.poll_timeout().into_iter().chain(self.deadlines.next()).min()
    }

    /// See [`Drive::handle_timeout`]. A call that was not answered within [`ClientConfig::answer_timeout`] becomes a
    /// [`ClientEvent::CallFailed`].
    ///
    /// # Errors
    /// [`SessionError::TimedOut`].
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError> {
        self.link.handle_timeout(now)?;
        if self.link.is_over() {
            return Ok(());
        }
        while let Some(awaited) = self.deadlines.handle(now) {
            match awaited {
                Awaited::Start(_) => return Err(self.link.fail(SessionError::TimedOut(Timeout::Start))),
                Awaited::Call(call) => self.give_up(call),
            }
        }
        Ok(())
    }

    /// Sends media on a stream that publishes. Data named `onMetaData` gets its `@setDataFrame` here. See MSG-12.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it plays or has not started,
    /// [`CommandError::TooLong`] for a payload over 16 777 215 bytes.
    pub fn send_media(&mut self, stream: StreamId, media: &Media) -> Result<(), CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        if !stream.publishes() {
            return Err(CommandError::WrongState("the stream plays"));
        }
        let Phase::Started(number) = stream.phase else {
            return Err(CommandError::WrongState("the stream has not started"));
        };
        let mut message = media.to_message(number);
        if media.kind == MediaKind::Data && media.payload.starts_with(METADATA) {
            let mut payload = BytesMut::with_capacity(SET_DATA_FRAME.len() + media.payload.len());
            payload.put_slice(SET_DATA_FRAME);
            payload.put_slice(&media.payload);
            message.payload = payload.freeze();
        }
        self.link.send(&message)
    }

    /// Ends a stream: `FCUnpublish` if its publish was announced, and `deleteStream`. No [`ClientEvent::Ended`] follows.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended.
    pub fn end_stream(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        self.deadlines.stop(Awaited::Start(stream.id));
        if stream.phase == Phase::Creating {
            stream.phase = Phase::Abandoned;
            return Ok(());
        }
        let id = stream.id;
        let Some(stream) = self.streams.remove(id) else { return Ok(()) };
        self.forget_start(id);
        let Some(number) = stream.number() else { return Ok(()) };
        if stream.publishes() && self.config.announce_publish {
            self.announce("FCUnpublish", &stream.name);
        }
        self.delete_stream(number);
        Ok(())
    }

    /// Pauses a stream that plays, or goes on. `position` is where the player stands, in milliseconds. See CMD-49.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it has not been asked for yet.
    pub fn pause(&mut self, stream: StreamId, paused: bool, position: f64) -> Result<(), CommandError> {
        self.tell(stream, "pause", &[paused.into(), position.into()])
    }

    /// Goes on playing elsewhere: at `position` milliseconds. See CMD-50.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn seek(&mut self, stream: StreamId, position: f64) -> Result<(), CommandError> {
        self.tell(stream, "seek", &[position.into()])
    }

    /// Turns audio off or on again. See CMD-48.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn receive_audio(&mut self, stream: StreamId, on: bool) -> Result<(), CommandError> {
        self.tell(stream, "receiveAudio", &[on.into()])
    }

    /// Turns video off or on again. See CMD-48.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn receive_video(&mut self, stream: StreamId, on: bool) -> Result<(), CommandError> {
        self.tell(stream, "receiveVideo", &[on.into()])
    }

    /// Goes over to another stream without a break. See CMD-47.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn play2(&mut self, stream: StreamId, parameters: &Play2) -> Result<(), CommandError> {
        let mut object = Object::new().with("streamName", parameters.stream_name.as_str());
        let texts = [("oldStreamName", &parameters.old_stream_name), ("transition", &parameters.transition)];
        for (key, text) in texts {
            text.iter().for_each(|text| object.push(key, text.as_str()));
        }
        for (key, number) in [("start", parameters.start), ("len", parameters.len), ("offset", parameters.offset)] {
            number.iter().for_each(|number| object.push(key, *number));
        }
        self.tell(stream, "play2", &[Value::Object(object)])
    }

    /// Tells the server how much is buffered, in milliseconds. See UCM-3.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn set_buffer_length(&mut self, stream: StreamId, length: u32) -> Result<(), CommandError> {
        let stream_id = self.asked(stream)?;
        self.link.send(&UserControl::SetBufferLength { stream_id, length }.to_message())
    }

    /// Calls a procedure of the server; the answer is a [`ClientEvent::Reply`] or [`ClientEvent::CallFailed`], the latter
    /// also when none has come for [`ClientConfig::answer_timeout`]. See CMD-4.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] before [`ClientEvent::Connected`], [`CommandError::TooMany`] with
    /// [`Limits::max_calls`](crate::Limits::max_calls) unanswered, [`CommandError::Amf`] for values that AMF cannot express.
    pub fn call(&mut self, name: &str, args: &[Value]) -> Result<CallId, CommandError> {
        if self.connection != Connection::Connected {
            return Err(CommandError::WrongState("not connected"));
        }
        let max = self.config.link.limits.max_calls;
        if self.waiting.iter().filter(|(_, waiting)| matches!(waiting, Waiting::Call(_))).count() >= max {
            return Err(CommandError::TooMany { what: "calls", max });
        }
        let transaction = self.transactions + 1;
        let command = Command { name, transaction: transaction.into(), object: &Value::Null, args };
        self.link.send(&command.to_message(0, false)?)?;
        self.transactions = transaction;
        self.calls += 1;
        let id = CallId(self.calls);
        self.waiting.push((transaction, Waiting::Call(id)));
        self.deadlines.start(Awaited::Call(id));
        Ok(id)
    }

    /// Calls a procedure of the server, on a stream or on the connection, without an answer.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] before [`ClientEvent::Connected`], [`CommandError::UnknownStream`] if the stream has
    /// ended, [`CommandError::Amf`] for values that AMF cannot express.
    pub fn notify(&mut self, stream: Option<StreamId>, name: &str, args: &[Value]) -> Result<(), CommandError> {
        if self.connection != Connection::Connected {
            return Err(CommandError::WrongState("not connected"));
        }
        let number = stream.map_or(Ok(0), |stream| self.asked(stream))?;
        let command = Command { name, transaction: 0.0, object: &Value::Null, args };
        self.link.send(&command.to_message(number, false)?)
    }

    /// Answers a [`ClientEvent::Command`]: `_result`, null, `values`. If no answer is wanted, none is sent.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was refused before, [`CommandError::Amf`] for values that AMF cannot express,
    /// [`CommandError::TooLong`] for more than fits a message. The call is used up, so the server hears `_error` then.
    pub fn reply(&mut self, call: Call, values: &[Value]) -> Result<(), CommandError> {
        match self.pending {
            Some(origin) if origin.ticket == call.origin.ticket => self.pending = None,
            _ => return Err(CommandError::Expired),
        }
        self.answer("_result", &call.origin, values).inspect_err(|_| {
            let status = Status::new(Level::Error, code::CALL_FAILED, "no answer that can be sent");
            let _ = self.answer("_error", &call.origin, &[status.to_value()]);
        })
    }

    /// Sends what happens to a shared object. See SO-5 to SO-7.
    ///
    /// # Errors
    /// [`CommandError::Amf`] for names and values that AMF cannot express, [`CommandError::TooLong`] for more than fits a
    /// message.
    pub fn send_shared_object(&mut self, message: &SharedObjectMessage) -> Result<(), CommandError> {
        self.link.send(&message.to_message()?)
    }

    /// Sends a user control event, such as a SWF verification response.
    ///
    /// # Errors
    /// [`CommandError::Closed`] if the connection is over.
    pub fn send_control(&mut self, event: &UserControl) -> Result<(), CommandError> {
        self.link.send(&event.to_message())
    }

    /// The number of a stream on the wire, once the server gave it one.
    pub fn message_stream_id(&self, stream: StreamId) -> Option<u32> {
        self.streams.number(stream)
    }

    /// What the server said when it accepted the connect command: its properties, such as `fmsVer`, and the information
    /// object, with `code` and `description`. Empty before that. See CMD-21, CMD-22.
    pub fn server_properties(&self) -> &Object {
        &self.server
    }

    /// What the server said about Enhanced RTMP, once connected. See ERTMP-79.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn start(&mut self, name: &str, purpose: Purpose) -> StreamId {
        let id = self.streams.add(name, purpose);
        match self.connection {
            Connection::Connecting => {} // It waits.
            Connection::Connected => self.create_stream(id),
            Connection::Closed => self.end(id, closed()),
        }
        id
    }

    fn asked(&mut self, stream: StreamId) -> Result<u32, CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        stream.number().ok_or(CommandError::WrongState("the stream was not asked for yet"))
    }

    fn tell(&mut self, stream: StreamId, name: &str, args: &[Value]) -> Result<(), CommandError> {
        let number = self.asked(stream)?;
        let command = Command { name, transaction: 0.0, object: &Value::Null, args };
        self.link.send(&command.to_message(number, false)?)
    }

    /// CMD-7.
    fn refuse_unanswered(&mut self) {
        let Some(origin) = self.pending.take() else { return };
        let status = Status::new(Level::Error, code::CALL_FAILED, "no such procedure");
        let _ = self.answer("_error", &origin, &[status.to_value()]);
    }

    /// What comes of a message; more than one event wait in the queue.
    fn handle(&mut self, message: Message) -> Option<ClientEvent> {
        match message.kind {
            MessageType::AUDIO | MessageType::VIDEO | MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => {
                return self.handle_media(message);
            }
            MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => self.handle_command(&message),
            MessageType::USER_CONTROL => self.handle_user_control(&message.payload),
            MessageType::SHARED_OBJECT_AMF0 | MessageType::SHARED_OBJECT_AMF3 => {
                self.handle_shared_object(&message);
            }
            MessageType(1..=6) => {}
            // MSG-8.
            _ => self.link.ignore(),
        }
        self.events.pop_front()
    }

    fn handle_media(&mut self, message: Message) -> Option<ClientEvent> {
        let number = message.stream_id;
        // MSG-7.
        if message.kind == MessageType::VIDEO && message.payload.is_empty() {
            self.link.ignore();
            return None;
        }
        let media = match Media::from_message(message) {
            Ok(media) => media?,
            Err(error) => {
                self.link.reject(error);
                return None;
            }
        };
        if media.kind == MediaKind::Data && self.handle_stream_data(number, &media.payload) {
            return self.events.pop_front();
        }
        let Some(stream) = self.streams.meant(number, |stream| !stream.publishes()) else {
            self.link.ignore();
            return None;
        };
        let event = ClientEvent::Media { stream: stream.id, media };
        // Some servers send media without saying start.
        if let Phase::Asked(number) = stream.phase {
            stream.phase = Phase::Started(number);
            self.deadlines.stop(Awaited::Start(stream.id));
            self.events.push_back(event);
            return Some(ClientEvent::Started { stream: stream.id });
        }
        Some(event)
    }

    fn handle_shared_object(&mut self, message: &Message) {
        let limits = &self.config.link.limits.shared_object;
        match SharedObjectMessage::decode_with(message, limits, &self.config.external_classes) {
            Ok(message) => self.events.push_back(ClientEvent::SharedObject(message)),
            Err(error) => self.link.reject(error.into()),
        }
    }

    fn handle_user_control(&mut self, body: &Bytes) {
        match UserControl::parse(body) {
            // The link has answered pings, and counted what cannot be read.
            Ok(UserControl::PingRequest(_) | UserControl::PingResponse(_)) | Err(_) => {}
            Ok(event) => {
                match event {
                    UserControl::StreamBegin(number) => self.play_is_heard_of(number, false),
                    UserControl::StreamEof(number) => self.play_is_heard_of(number, true),
                    UserControl::SwfVerifyRequest(kind) => self.answer_swf_request(kind),
                    _ => {}
                }
                self.events.push_back(ClientEvent::Control(event));
            }
        }
    }

    /// UCM-3. The server may say nothing more before there is a publisher.
    fn play_is_heard_of(&mut self, number: u32, is_at_end: bool) {
        if let Some(stream) = self.streams.meant(number, |stream| !stream.publishes()) {
            stream.is_at_end = is_at_end;
            self.deadlines.stop(Awaited::Start(stream.id));
        }
    }

    /// SWFV-1, SWFV-5. librtmp takes a request without a type for one of type 1.
    fn answer_swf_request(&mut self, kind: Option<u8>) {
        let (Some(player), Some(server)) = (self.config.swf_verification, self.link.peer()) else { return };
        if kind.is_none_or(|kind| kind <= 1) {
            let answer = Bytes::copy_from_slice(&player.answer(&server.tail));
            let _ = self.link.answer(&UserControl::SwfVerifyResponse(answer).to_message());
        }
    }
}

crate::drive::delegate_to_link!(ClientSession, ClientEvent);

/// The AMF0 string `onMetaData`.
const METADATA: &[u8] = b"\x02\x00\x0aonMetaData";
