//! The client's end of a connection.

mod commands;
mod deadlines;
mod event;
mod messages;
mod requests;
mod streams;

use std::{collections::VecDeque, io, time::Instant};

use bytes::BytesMut;
use rtmp_amf::Object;
use rtmp_chunk::{ChunkSize, SendQueue};
use rtmp_handshake::Peer;

use self::{
    commands::closed,
    deadlines::{Awaited, Deadlines},
    streams::{Phase, Purpose, Streams},
};
pub use self::{event::ClientEvent, streams::PlayOptions};
use crate::{
    CallId, Capabilities, ClientConfig, CommandError, Drive, Level, Link, PublishKind, RtmpUrl, SessionError, Stats,
    Status, StreamId, Timeout, aggregate::Unbundled, code, command::Origin,
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
/// fn publish(url: &RtmpUrl, mut frames: impl Iterator<Item = Media>) -> Result<(), Box<dyn Error>> {
///     let mut socket = TcpStream::connect(url.authority())?;
///     socket.set_read_timeout(Some(Duration::from_millis(20)))?; // it listens between two frames: their pace
///     socket.set_write_timeout(Some(Duration::from_secs(1)))?; // then it listens first: no waiting for each other
///     let mut session = ClientSession::new(ClientConfig::default(), url, Instant::now());
///     let stream = session.publish(&url.stream);
///     let mut started = false;
///     loop {
///         while let Some(event) = session.poll_event()? {
///             match event {
///                 ClientEvent::Started { .. } => started = true,
///                 ClientEvent::Ended { status, .. } => return Err(status.to_string().into()),
///                 _ => {}
///             }
///         }
///         if started && session.queued() == 0 {
///             let Some(media) = frames.next() else { break };
///             session.send_media(stream, &media)?;
///         }
///         session.write_to(&mut socket)?;
///         match session.read_from(&mut socket) {
///             Ok(0) => return Err("closed".into()),
///             Err(error) if !matches!(error.kind(), WouldBlock | TimedOut) => return Err(error.into()),
///             _ => session.handle_timeout(Instant::now())?,
///         }
///     }
///     session.end_stream(stream)?;
///     session.write_to(&mut socket)?;
///     socket.shutdown(Shutdown::Write)?;
///     // Closing over unread answers would reset the connection under what the server has not read yet.
///     socket.set_read_timeout(Some(Duration::from_secs(1)))?;
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

    /// CMD-7.
    fn refuse_unanswered(&mut self) {
        let Some(origin) = self.pending.take() else { return };
        let status = Status::new(Level::Error, code::CALL_FAILED, "no such procedure");
        let _ = self.answer("_error", &origin, &[status.to_value()]);
    }
}

crate::drive::delegate_to_link!(ClientSession, ClientEvent);
