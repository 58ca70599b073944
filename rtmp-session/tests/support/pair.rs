//! A client session and a server session, and the network between them.

use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use rtmp_session::{
    Capabilities, ClientConfig, ClientEvent, ClientSession, CommandError, Drive, Media, PlaybackControl, Request,
    RtmpUrl, ServerConfig, ServerEvent, ServerSession, SessionError, Status, StreamId,
    shared_object::SharedObjectMessage,
};

/// How the network cuts what it carries.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Whole,
    Every(usize),
    /// Pieces of pseudo-random length, from this seed.
    Random(u64),
}

/// What came out of the server, without the requests: the pair has accepted or refused those.
#[derive(Clone, Debug, PartialEq)]
pub enum Saw {
    Connect { app: String, capabilities: Capabilities },
    Publish { stream: StreamId, name: String, query: Option<String> },
    Play { stream: StreamId, name: String, query: Option<String> },
    Media { stream: StreamId, media: Media },
    Playback { stream: StreamId, control: PlaybackControl },
    Ended { stream: StreamId },
    Closed,
    Command { name: String },
    SwfVerification { answer: Bytes },
    SharedObject(SharedObjectMessage),
}

pub struct Pair {
    pub client: ClientSession,
    pub server: ServerSession,
    pub now: Instant,
    pub cut: Cut,
    /// Accept what is asked for, or ignore it.
    pub accept: bool,
    /// Refuse it in so many words instead.
    pub refuse: Option<Status>,
    pub saw: Vec<Saw>,
    pub heard: Vec<ClientEvent>,
    pub client_error: Option<SessionError>,
    pub server_error: Option<SessionError>,
    random: u64,
}

impl Pair {
    pub fn new() -> Self {
        Self::with(super::client_config(), super::server_config())
    }

    pub fn with(client: ClientConfig, server: ServerConfig) -> Self {
        let now = super::epoch();
        let url: RtmpUrl = "rtmp://example.com/live/cam".parse().expect("a URL");
        Self {
            client: ClientSession::new(client, &url, now),
            server: ServerSession::new(server, now),
            now,
            cut: Cut::Whole,
            accept: true,
            refuse: None,
            saw: Vec::new(),
            heard: Vec::new(),
            client_error: None,
            server_error: None,
            random: 1,
        }
    }

    pub fn cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        if let Cut::Random(seed) = cut {
            self.random = seed | 1;
        }
        self
    }

    /// A pair with a publisher that has started.
    pub fn publishing(cut: Cut) -> (Self, StreamId, StreamId) {
        let mut pair = Self::new().cut(cut);
        let stream = pair.client.publish("cam");
        pair.drive();
        let at_server = pair.server_stream().expect("the server saw the publish");
        (pair, stream, at_server)
    }

    /// A pair with a player that has started.
    pub fn playing(cut: Cut) -> (Self, StreamId, StreamId) {
        let mut pair = Self::new().cut(cut);
        let stream = pair.client.play("cam");
        pair.drive();
        let at_server = pair.server_stream().expect("the server saw the play");
        (pair, stream, at_server)
    }

    /// Moves bytes and events until both sides are idle.
    pub fn drive(&mut self) {
        for _ in 0..1_000_000 {
            let before = (self.client.stats(), self.server.stats(), self.saw.len(), self.heard.len());
            self.poll();
            let piece = self.piece();
            carry(&mut self.client, &mut self.server, piece);
            self.poll();
            let piece = self.piece();
            carry(&mut self.server, &mut self.client, piece);
            self.poll();
            let after = (self.client.stats(), self.server.stats(), self.saw.len(), self.heard.len());
            if before == after && self.client.queued() == 0 && self.server.queued() == 0 {
                return;
            }
            if self.client_error.is_some() || self.server_error.is_some() {
                return;
            }
        }
        panic!("the sessions never come to rest");
    }

    /// Lets time pass in steps of one second, with both sides told and driven.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end && self.client_error.is_none() && self.server_error.is_none() {
            self.now = (self.now + Duration::from_secs(1)).min(end);
            let now = self.now;
            self.client_error = self.client.handle_timeout(now).err();
            self.server_error = self.server.handle_timeout(now).err();
            self.drive();
        }
    }

    /// What is still under way arrives, then both sides find the connection closed.
    pub fn hang_up(&mut self) {
        for _ in 0..2 {
            carry(&mut self.client, &mut self.server, usize::MAX);
            carry(&mut self.server, &mut self.client, usize::MAX);
            self.poll();
        }
        self.client_error = self.client_error.take().or_else(|| self.client.handle_eof().err());
        self.server_error = self.server_error.take().or_else(|| self.server.handle_eof().err());
        self.poll();
    }

    pub fn server_media(&self) -> Vec<Media> {
        let media = |saw: &Saw| if let Saw::Media { media, .. } = saw { Some(media.clone()) } else { None };
        self.saw.iter().filter_map(media).collect()
    }

    pub fn client_media(&self) -> Vec<Media> {
        let media =
            |event: &ClientEvent| if let ClientEvent::Media { media, .. } = event { Some(media.clone()) } else { None };
        self.heard.iter().filter_map(media).collect()
    }

    /// The stream that the server saw last.
    pub fn server_stream(&self) -> Option<StreamId> {
        self.saw.iter().rev().find_map(|saw| match saw {
            Saw::Publish { stream, .. } | Saw::Play { stream, .. } => Some(*stream),
            _ => None,
        })
    }

    pub fn heard_codes<'a>(&'a self) -> Vec<&'a str> {
        let code = |event: &'a ClientEvent| match event {
            ClientEvent::Status { status, .. } | ClientEvent::Ended { status, .. } => Some(status.code.as_str()),
            _ => None,
        };
        self.heard.iter().filter_map(code).collect()
    }

    fn poll(&mut self) {
        if self.client_error.is_none() {
            loop {
                match self.client.poll_event() {
                    Ok(Some(event)) => self.heard.push(event),
                    Ok(None) => break,
                    Err(error) => {
                        self.client_error = Some(error);
                        break;
                    }
                }
            }
        }
        if self.server_error.is_none() {
            loop {
                match self.server.poll_event() {
                    Ok(Some(event)) => self.answer(event),
                    Ok(None) => break,
                    Err(error) => {
                        self.server_error = Some(error);
                        // The last status may still be in its queue.
                        carry(&mut self.server, &mut self.client, usize::MAX);
                        break;
                    }
                }
            }
        }
    }

    fn answer(&mut self, event: ServerEvent) {
        let saw = match event {
            ServerEvent::Connect(request) => {
                let saw = Saw::Connect { app: request.app.clone(), capabilities: request.capabilities.clone() };
                self.decide(request, ServerSession::accept_connect);
                saw
            }
            ServerEvent::Publish(request) => {
                let (stream, name, query) = (request.stream, request.name.clone(), request.query.clone());
                self.decide(request, ServerSession::accept_publish);
                Saw::Publish { stream, name, query }
            }
            ServerEvent::Play(request) => {
                let (stream, name, query) = (request.stream, request.name.clone(), request.query.clone());
                self.decide(request, ServerSession::accept_play);
                Saw::Play { stream, name, query }
            }
            ServerEvent::Media { stream, media } => Saw::Media { stream, media },
            ServerEvent::Playback { stream, control } => Saw::Playback { stream, control },
            ServerEvent::Ended { stream } => Saw::Ended { stream },
            ServerEvent::Closed => Saw::Closed,
            ServerEvent::Command { call, .. } => {
                let name = call.name.clone();
                if name == "echo" {
                    let values = call.args.clone();
                    self.server.reply(call, &values).expect("just polled");
                }
                Saw::Command { name }
            }
            ServerEvent::SharedObject(message) => Saw::SharedObject(message),
            ServerEvent::SwfVerification(answer) => Saw::SwfVerification { answer },
            other => panic!("an event that the tests do not know: {other:?}"),
        };
        self.saw.push(saw);
    }

    fn decide<R: Into<Request>>(&mut self, request: R, accept: fn(&mut ServerSession, R) -> Result<(), CommandError>) {
        match &self.refuse {
            Some(status) => self.server.reject_with(request, status.clone()).expect("just polled"),
            None if self.accept => accept(&mut self.server, request).expect("just polled"),
            None => {}
        }
    }

    fn piece(&mut self) -> usize {
        match self.cut {
            Cut::Whole => usize::MAX,
            Cut::Every(len) => len,
            Cut::Random(_) => {
                // xorshift64
                self.random ^= self.random << 13;
                self.random ^= self.random >> 7;
                self.random ^= self.random << 17;
                (self.random % 97) as usize + 1
            }
        }
    }
}

/// Carries one piece from a queue to a buffer.
fn carry(from: &mut impl Drive, to: &mut impl Drive, most: usize) {
    let (_, queue) = from.buffers();
    let (buffer, _) = to.buffers();
    let mut left = most.min(queue.len());
    while left > 0 {
        let chunk = queue.chunk();
        let take = chunk.len().min(left);
        buffer.extend_from_slice(&chunk[..take]);
        queue.advance(take);
        left -= take;
    }
}
