//! The client session on a socket, for tests: it waits for what it is told to.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rtmp_session::{Capabilities, CapsEx, ClientConfig, ClientEvent, ClientSession, Media, RtmpUrl, StreamId};

use crate::process::HANG;

pub(crate) struct Client {
    pub(crate) session: ClientSession,
    socket: TcpStream,
    pub(crate) stream: StreamId,
    /// Came while something else was waited for.
    early: VecDeque<ClientEvent>,
    closed: bool,
}

impl Client {
    pub(crate) fn connect(url: &str) -> (Self, RtmpUrl) {
        Self::connect_with(ClientConfig::default(), url)
    }

    fn connect_with(config: ClientConfig, url: &str) -> (Self, RtmpUrl) {
        let url: RtmpUrl = url.parse().unwrap();
        let socket = TcpStream::connect((url.host.as_str(), url.port)).expect("the server listens");
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        socket.set_write_timeout(Some(HANG)).unwrap();
        let mut session = ClientSession::new(config, &url, Instant::now());
        let stream = session.play("not used");
        session.end_stream(stream).unwrap();
        (Self { session, socket, stream, early: VecDeque::new(), closed: false }, url)
    }

    /// Publishes; returns when the server has said yes.
    pub(crate) fn publish(url: &str) -> Self {
        let mut client = Self::ask_to_publish(url);
        client.wait_until_started();
        client
    }

    pub(crate) fn ask_to_publish(url: &str) -> Self {
        let (mut client, url) = Self::connect(url);
        client.stream = client.session.publish(&url.stream);
        client
    }

    /// Plays; returns when the server has said yes.
    pub(crate) fn play(url: &str) -> Self {
        Self::play_with(ClientConfig::default(), url)
    }

    /// The same of a player that announces that it reads messages of several tracks.
    pub(crate) fn play_tracks(url: &str) -> Self {
        let capabilities = Capabilities::default().caps_ex(CapsEx::MULTITRACK);
        Self::play_with(ClientConfig::default().capabilities(capabilities), url)
    }

    fn play_with(config: ClientConfig, url: &str) -> Self {
        let (mut client, url) = Self::connect_with(config, url);
        client.stream = client.session.play(&url.stream);
        client.wait_until_started();
        client
    }

    pub(crate) fn wait_until_started(&mut self) {
        let stream = self.stream;
        self.wait_for("the stream to start", |event| {
            matches!(event, ClientEvent::Started { stream: started } if *started == stream).then_some(())
        });
    }

    pub(crate) fn send(&mut self, media: &Media) {
        self.session.send_media(self.stream, media).expect("it is started");
        self.flush();
    }

    pub(crate) fn send_all(&mut self, stream: &[Media]) {
        for media in stream {
            self.session.send_media(self.stream, media).expect("it is started");
        }
        self.flush();
    }

    /// Ends the stream as encoders do, and closes.
    pub(crate) fn end(mut self) {
        self.session.end_stream(self.stream).unwrap();
        self.flush();
    }

    pub(crate) fn flush(&mut self) {
        self.session.write_to(&mut self.socket).expect("the server reads");
    }

    /// The next `count` messages of the stream that this client plays.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Media> {
        let stream = self.stream;
        (0..count).map(|_| self.next_of(stream)).collect()
    }

    pub(crate) fn next_of(&mut self, stream: StreamId) -> Media {
        self.wait_for("media", |event| match event {
            ClientEvent::Media { stream: of, media } if *of == stream => Some(media.clone()),
            _ => None,
        })
    }

    /// Messages up to one that `last` is true of.
    pub(crate) fn take_until(&mut self, last: impl Fn(&Media) -> bool) -> Vec<Media> {
        let mut taken = Vec::new();
        loop {
            let media = self.take(1).remove(0);
            let is_last = last(&media);
            taken.push(media);
            if is_last {
                return taken;
            }
        }
    }

    /// Waits for a status about the stream, or its end with one.
    pub(crate) fn wait_for_status(&mut self, code: &str) {
        self.wait_for(code, |event| match event {
            ClientEvent::Status { status, .. } | ClientEvent::Ended { status, .. } => {
                (status.code == code).then_some(())
            }
            _ => None,
        });
    }

    /// Waits for an event. Those that come before it are kept for later.
    pub(crate) fn wait_for<T>(&mut self, what: &str, mut wanted: impl FnMut(&ClientEvent) -> Option<T>) -> T {
        let end = Instant::now() + HANG;
        let mut seen = 0;
        loop {
            while let Some(event) = self.early.get(seen) {
                if let Some(found) = wanted(event) {
                    self.early.remove(seen);
                    return found;
                }
                seen += 1;
            }
            match self.session.poll_event() {
                Ok(Some(event)) => self.early.push_back(event),
                Ok(None) if self.closed => panic!("the server closed before {what}"),
                Ok(None) => {
                    self.flush();
                    self.read();
                }
                Err(error) => panic!("waiting for {what}: {error}"),
            }
            assert!(Instant::now() < end, "waited in vain for {what}; got {:?}", self.early);
        }
    }

    /// Reads until the session has an answer to what it read; neither that nor what was queued before is sent yet.
    pub(crate) fn read_until_it_says_more(&mut self) {
        let queued = self.session.send_queue().len();
        let end = Instant::now() + HANG;
        while self.session.send_queue().len() == queued {
            assert!(Instant::now() < end, "the server says nothing that has to be answered");
            self.read();
            while let Some(event) = self.session.poll_event().expect("the server speaks RTMP") {
                self.early.push_back(event);
            }
        }
    }

    /// Waits until the server closes the connection.
    pub(crate) fn wait_for_close(&mut self) {
        let end = Instant::now() + HANG;
        while !self.closed {
            while let Ok(Some(event)) = self.session.poll_event() {
                self.early.push_back(event);
            }
            let _ = self.session.write_to(&mut self.socket);
            self.read();
            assert!(Instant::now() < end, "the server does not close");
        }
    }

    /// All media that came so far, or comes within a moment.
    pub(crate) fn drain(&mut self) -> Vec<Media> {
        let mut idle = 0;
        while idle < 20 && !self.closed {
            match self.session.poll_event() {
                Ok(Some(event)) => {
                    idle = 0;
                    self.early.push_back(event);
                }
                Ok(None) => {
                    idle += 1;
                    self.flush();
                    self.read();
                }
                Err(_) => break,
            }
        }
        let media = |event| match event {
            ClientEvent::Media { media, .. } => Some(media),
            _ => None,
        };
        self.early.drain(..).filter_map(media).collect()
    }

    fn read(&mut self) {
        let mut bytes = [0; 64 << 10];
        match self.socket.read(&mut bytes) {
            Ok(0) => self.closed = true,
            Ok(count) => self.session.recv_buffer().extend_from_slice(&bytes[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => self.closed = true,
        }
    }
}
