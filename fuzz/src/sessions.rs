//! Sessions of both roles against any peer: no panic, errors are final, what is queued for a peer that does not read is
//! bounded, and every byte sent is well-formed RTMP.

use super::script::Script;
use bytes::{Buf, BytesMut};
use rtmp_session::chunk::{ChunkDecoder, ChunkLimits};
use rtmp_session::handshake::{HANDSHAKE_LEN, Seed};
use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, Drive, Limits, LinkConfig, Media, MediaKind, PlaybackControl, RtmpUrl,
    ServerConfig, ServerEvent, ServerSession, SessionError, StreamId,
};
use std::time::{Duration, Instant};

/// Answers that may wait for a peer that does not read.
const MAX_REPLY_BYTES: usize = 8 << 10;
/// No single thing that a program here asks for queues more than this.
const OWN_BYTES: usize = 4 << 10;

/// One byte for what the program does, one for the cut; then what a client sends behind its handshake.
pub fn server(data: &[u8]) {
    let mut script = Script(data);
    let (program, cut) = (script.byte(), script.byte());
    let config = ServerConfig::default().link(link());
    let mut run = Run::new(ServerSession::new(config, Instant::now()), program);
    run.feed(&plain_handshake());
    run.drive(serve);
    for piece in script.pieces(cut) {
        run.feed(piece);
        run.drive(serve);
        run.pass_time();
    }
    run.finish(serve);
}

/// The same for what a server sends.
pub fn client(data: &[u8]) {
    let mut script = Script(data);
    let (program, cut) = (script.byte(), script.byte());
    let url: RtmpUrl = "rtmp://user:password@host/app/name?token=1".parse().expect("a good URL");
    let mut session = ClientSession::new(ClientConfig::default().link(link()), &url, Instant::now());
    let stream = if program & 1 == 0 { session.play("name") } else { session.publish("name") };
    if program & 2 == 0 {
        session.play("other");
    }
    let mut run = Run::new(session, program);
    run.feed(&plain_handshake());
    let mut act =
        |session: &mut ClientSession, event: Option<ClientEvent>, program: u8| watch(session, event, program, stream);
    run.drive(&mut act);
    for piece in script.pieces(cut) {
        run.feed(piece);
        run.drive(&mut act);
        run.pass_time();
    }
    run.finish(&mut act);
}

fn link() -> LinkConfig {
    let limits = Limits::default().max_reply_bytes(MAX_REPLY_BYTES).max_streams(4).max_calls(8);
    LinkConfig::default().seed(Seed::new([3; 32])).limits(limits)
}

/// C0, C1 and C2, or S0, S1 and S2, of a peer that is satisfied with anything.
fn plain_handshake() -> Vec<u8> {
    let mut bytes = vec![0; HANDSHAKE_LEN];
    bytes[0] = 3;
    bytes
}

/// How a server program answers. The bits of `program`: 1 refuses connects, 2 refuses streams, 4 never answers, 8 sends
/// media to players.
fn serve(session: &mut ServerSession, event: Option<ServerEvent>, program: u8) {
    let accepts = program & 2 == 0;
    // A command may come too late, since the peer may have ended what it is about; that is never worse than an error.
    let _ = match event {
        _ if program & 4 != 0 => Ok(()),
        Some(ServerEvent::Connect(request)) if program & 1 == 0 => session.accept_connect(request),
        Some(ServerEvent::Connect(request)) => session.reject(request, "not here"),
        Some(ServerEvent::Publish(request)) if accepts => session.accept_publish(request),
        Some(ServerEvent::Publish(request)) => session.reject(request, "not you"),
        Some(ServerEvent::Play(request)) if accepts => {
            let stream = request.stream;
            session
                .accept_play(request)
                .map(|()| send(stream, |stream, media| session.send_media(stream, media), program))
        }
        Some(ServerEvent::Play(request)) => session.reject(request, "no such stream"),
        Some(ServerEvent::Playback { stream, control: PlaybackControl::Seek { position } }) => {
            session.accept_seek(stream, position)
        }
        Some(ServerEvent::Playback { stream, control: PlaybackControl::Play2(parameters) }) => {
            session.accept_transition(stream, &parameters.stream_name)
        }
        Some(ServerEvent::Command { call, .. }) if accepts => session.reply(call, &[]),
        Some(ServerEvent::Media { stream, .. }) if program & 8 != 0 => session.end_stream(stream, "enough"),
        _ => Ok(()),
    };
}

/// How a client program acts. The bits of `program`: 4 answers calls, 8 sends media.
fn watch(session: &mut ClientSession, event: Option<ClientEvent>, program: u8, stream: StreamId) {
    match event {
        Some(ClientEvent::Connected) => drop(session.call("question", &[])),
        Some(ClientEvent::Started { stream }) => {
            send(stream, |stream, media| session.send_media(stream, media), program);
            drop(session.pause(stream, true, 0.0));
        }
        Some(ClientEvent::Command { call }) if program & 4 != 0 => drop(session.reply(call, &[])),
        Some(ClientEvent::Reconnect { url }) => drop(session.successor(url.as_deref(), Instant::now())),
        Some(ClientEvent::Media { .. }) if program & 4 != 0 => drop(session.end_stream(stream)),
        _ => {}
    }
}

fn send<E>(stream: StreamId, mut send_media: impl FnMut(StreamId, &Media) -> Result<(), E>, program: u8) {
    if program & 8 != 0 {
        for kind in [MediaKind::Data, MediaKind::Audio, MediaKind::Video] {
            let payload = &b"\x02\x00\x01x and more"[..];
            drop(send_media(stream, &Media { kind, timestamp: u32::MAX, payload: payload.into() }));
        }
    }
}

/// A session with its peer's bytes, its program and its clock.
struct Run<S> {
    session: S,
    program: u8,
    now: Instant,
    failed: Option<SessionError>,
    sent: Vec<u8>,
    /// Bytes that the program itself may have queued.
    own: usize,
}

impl<S: Drive> Run<S> {
    fn new(session: S, program: u8) -> Self {
        // Time zero of the session is a moment ago; all that follows counts from here.
        Self { session, program, now: Instant::now(), failed: None, sent: Vec::new(), own: HANDSHAKE_LEN + OWN_BYTES }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.session.buffers().0.extend_from_slice(bytes);
    }

    /// Polls until there is nothing, letting the program act on each event.
    fn drive(&mut self, mut act: impl FnMut(&mut S, Option<S::Event>, u8)) {
        loop {
            let event = match self.session.poll_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) => {
                    if let Some(before) = &self.failed {
                        assert_eq!(before, &error, "an error is final");
                    }
                    self.failed = Some(error);
                    break;
                }
            };
            assert!(self.failed.is_none(), "an event after an error");
            self.own += OWN_BYTES;
            act(&mut self.session, Some(event), self.program);
        }
        if self.program & 16 == 0 {
            self.write();
        } else {
            let queued = self.session.queued();
            assert!(queued <= MAX_REPLY_BYTES + self.own, "{queued} bytes wait for a peer that does not read");
        }
    }

    fn write(&mut self) {
        let (_, queue) = self.session.buffers();
        while queue.has_remaining() {
            let piece = queue.chunk();
            self.sent.extend_from_slice(piece);
            let count = piece.len();
            queue.advance(count);
        }
    }

    /// With bit 32, half a minute passes between reads.
    fn pass_time(&mut self) {
        if self.program & 32 != 0 {
            self.now += Duration::from_secs(20);
            self.own += OWN_BYTES;
            self.tell_time();
        }
    }

    fn tell_time(&mut self) {
        if let Err(error) = self.session.handle_timeout(self.now) {
            if let Some(before) = &self.failed {
                assert_eq!(before, &error, "an error is final");
            }
            self.failed = Some(error);
        }
        let next = self.session.poll_timeout();
        assert!(self.failed.is_none() || next.is_none(), "a session that is over waits for nothing");
        assert!(next.is_none_or(|at| at > self.now), "who keeps the time would never sleep");
    }

    /// The peer closes; all that was ever sent is well formed.
    fn finish(mut self, mut act: impl FnMut(&mut S, Option<S::Event>, u8)) {
        let _ = self.session.handle_eof();
        self.drive(&mut act);
        self.write();
        self.now += Duration::from_secs(3600);
        self.tell_time();
        self.session.release_memory();
        assert!(self.sent.len() >= HANDSHAKE_LEN, "the handshake was answered");
        let mut sent = BytesMut::from(&self.sent[HANDSHAKE_LEN..]);
        let mut decoder = ChunkDecoder::new(ChunkLimits::default()).strict_extended_timestamps(true);
        while decoder.decode(&mut sent).expect("we sent it").is_some() {}
        assert!(sent.is_empty() && !decoder.is_mid_message(), "we never send half a message");
    }
}
