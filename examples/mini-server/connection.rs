//! The task of one connection: reads, answers, and waits for what its walkers could not send.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtmp_session::{
    ConnectRequest, Level, PlayRequest, PlaybackControl, PublishRequest, Request, ServerEvent, ServerSession,
    SessionError, Status, StreamId, code,
};
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use crate::log::Seconds;
use crate::names::{Plain, Redacted};
use crate::play::Play;
use crate::publisher::Publisher;
use crate::registry::Refusal;
use crate::socket::Socket;
use crate::worker::Core;

/// A future that ends with the connection.
pub(crate) struct Connection {
    core: Rc<Core>,
    socket: Rc<Socket>,
    number: u64,
    peer: SocketAddr,
    since: Instant,
    publishers: Vec<Publisher>,
    plays: Vec<Play>,
    /// Something to send that no walker will: a new player, or one whose socket was blocked.
    must_pump: bool,
    /// Nothing is read before that time.
    held_until: Option<Instant>,
    timer: Option<Timer>,
    closing: Option<Closing>,
}

struct Timer {
    at: Instant,
    sleep: Pin<Box<Sleep>>,
}

/// The last words are being sent.
struct Closing {
    why: Why,
    /// How long the peer may take to hear them.
    until: Instant,
    is_shut_down: bool,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("closed by the peer")]
    Closed,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("refused: {0}")]
    Refused(&'static str),
    #[error("took nothing for {} s", STUCK.as_secs())]
    Stuck,
    #[error("held on to media for which there is no memory")]
    Late,
    #[error("unfinished messages for which there is no memory")]
    Evicted,
    #[error("the server is going down")]
    Stopped,
}

impl Connection {
    pub(crate) fn spawn(core: &Rc<Core>, stream: TcpStream, peer: SocketAddr) {
        // Answers are small, and each goes out in one write: waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let now = Instant::now();
        let session = ServerSession::new(core.server.sessions.clone(), now);
        let socket = Rc::new(Socket::new(session, stream));
        let number = core.enter(&socket);
        tokio::task::spawn_local(Self {
            core: Rc::clone(core),
            socket,
            number,
            peer,
            since: now,
            publishers: Vec::new(),
            plays: Vec::new(),
            must_pump: false,
            held_until: None,
            timer: None,
            closing: None,
        });
    }

    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<Why> {
        self.socket.set_waker(cx.waker());
        if self.core.is_stopping.get() && self.closing.is_none() {
            self.stop();
        }
        if self.closing.is_none() {
            match self.receive(cx) {
                Ok(()) => {}
                Err(why) => {
                    self.publish_batch();
                    // A last status may be in the queue; if the socket does not take it now, nobody waits for it.
                    self.socket.borrow_mut().try_flush();
                    return Poll::Ready(why);
                }
            }
            self.publish_batch();
            if !self.may_go_on_publishing(cx) {
                return Poll::Ready(Why::Evicted);
            }
        }
        match self.send(cx) {
            Poll::Ready(Err(error)) => return Poll::Ready(error.into()),
            Poll::Ready(Ok(())) if self.closing.is_some() => return self.close(cx),
            _ => {}
        }
        if self.publishers.is_empty() {
            self.socket.borrow_mut().session().release_memory();
        }
        self.watch_clock(cx)
    }

    /// Takes in all there is, or a good deal of it.
    fn receive(&mut self, cx: &mut Context<'_>) -> Result<(), Why> {
        let mut budget = READ_BUDGET;
        loop {
            self.held_until = self.publishers.first_mut().and_then(|publisher| publisher.holds_until(cx.waker()));
            if self.held_until.is_some() {
                return Ok(());
            }
            let has_more = self.handle_events()?;
            if self.closing.is_some() {
                return Ok(());
            }
            if has_more {
                self.publish_batch();
                continue;
            }
            if budget == 0 {
                // There is more; the others first.
                cx.waker().wake_by_ref();
                return Ok(());
            }
            let Poll::Ready(read) = self.read(cx) else { return Ok(()) };
            match read? {
                0 => {
                    self.socket.borrow_mut().session().handle_eof()?;
                    return Err(Why::Closed);
                }
                count => budget = budget.saturating_sub(count),
            }
        }
    }

    /// Tells what the session holds for its publisher; false if that is too much. Then the rest is not waited for: memory
    /// is wanted now.
    fn may_go_on_publishing(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(publisher) = self.publishers.first_mut() else { return true };
        let mut io = self.socket.borrow_mut();
        let session = io.session();
        if publisher.may_hold(session.stats().bytes_held, cx.waker()) {
            return true;
        }
        let _ = session.end_stream(publisher.stream(), &Why::Evicted.to_string());
        io.try_flush();
        false
    }

    /// One read: of a publisher into its session's buffer, where payloads can stay; else over the thread's scratch
    /// buffer, so that nobody who is silent holds one.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut io = self.socket.borrow_mut();
        if !self.publishers.is_empty() {
            return io.poll_read(cx);
        }
        let mut scratch = self.core.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(io.poll_read_over(cx, &mut buffer))?;
        if self.plays.is_empty() {
            io.acknowledge_at_once();
        }
        let input: &mut BytesMut = io.session().recv_buffer();
        input.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// What the bytes mean that were read, as far as one batch may go; whether there may be more.
    fn handle_events(&mut self) -> Result<bool, Why> {
        loop {
            let event = self.socket.borrow_mut().session().poll_event()?;
            match event {
                None => return Ok(false),
                Some(ServerEvent::Media { stream, media }) => {
                    if self.choose_publisher(stream) {
                        let mut batch = self.core.batch.borrow_mut();
                        batch.push(media);
                        if batch.len() >= LONGEST_BATCH {
                            return Ok(true);
                        }
                    }
                }
                Some(ServerEvent::Connect(request)) => self.accept_connect(request),
                Some(ServerEvent::Publish(request)) => self.answer_publish(request),
                Some(ServerEvent::Play(request)) => self.accept_play(request),
                Some(ServerEvent::Playback { stream, control }) => self.handle_playback(stream, &control),
                Some(ServerEvent::Ended { stream }) => self.end_stream(stream, &"ended by the client"),
                Some(ServerEvent::Closed) => self.closing = Some(Closing::new(Why::Closed)),
                // Commands that we do not know are answered with an error, seeking in a live stream too.
                Some(_) => {}
            }
            if self.closing.is_some() {
                return Ok(false);
            }
        }
    }

    fn accept_connect(&mut self, request: ConnectRequest) {
        let (app, client) = (Plain(&request.app), Plain(&request.flash_ver));
        tracing::info!(peer = %self.peer, %app, %client, "connect");
        let _ = self.socket.borrow_mut().session().accept_connect(request);
    }

    fn answer_publish(&mut self, request: PublishRequest) {
        if self.core.server.publish_key.as_ref().is_some_and(|key| !key.is_in(request.query.as_deref())) {
            return self.refuse(request, code::PUBLISH_DENIED, "the publish key is missing or wrong");
        }
        let key = key(&request.app, &request.name);
        let publication = match self.core.server.registry.publish(&key) {
            _ if request.name.is_empty() => {
                return self.refuse(request, code::PUBLISH_BAD_NAME, "a stream needs a name");
            }
            Ok(publication) if publication.has_room() => publication,
            Ok(_) => return self.refuse(request, code::PUBLISH_REJECTED, "there is no memory for media left"),
            Err(Refusal::Taken) => {
                return self.refuse(request, code::PUBLISH_BAD_NAME, "the stream is already being published");
            }
            Err(Refusal::Full) => {
                return self.refuse(request, code::PUBLISH_REJECTED, "too many streams are published");
            }
        };
        let mut io = self.socket.borrow_mut();
        let publisher = Publisher::new(&self.core.server, publication, &request, self.peer);
        // It cannot have expired: no event was polled since.
        let _ = io.session().accept_publish(request);
        drop(io);
        self.leave_front();
        self.publishers.insert(0, publisher);
    }

    /// Says no to a publish or play, and closes: librtmp would wait for ever.
    fn refuse(&mut self, request: impl Into<Request>, code: &str, reason: &'static str) {
        let status = Status::new(Level::Error, code, reason);
        let _ = self.socket.borrow_mut().session().reject_with(request, status);
        self.closing = Some(Closing::new(Why::Refused(reason)));
    }

    fn accept_play(&mut self, request: PlayRequest) {
        if !self.core.server.registry.has_room() {
            return self.refuse(request, code::PLAY_FAILED, "there is no memory for media left");
        }
        let seat = self.core.server.registry.seat(&key(&request.app, &request.name));
        let stream = request.stream;
        let (app, name) = (Plain(&request.app), Redacted(&request.name));
        tracing::info!(peer = %self.peer, %app, %name, "play");
        let play = Play::new(&self.core, &self.socket, stream, seat, self.peer);
        // It cannot have expired: no event was polled since.
        let _ = self.socket.borrow_mut().session().accept_play(request);
        self.plays.push(play);
        self.must_pump = true;
    }

    fn handle_playback(&mut self, stream: StreamId, control: &PlaybackControl) {
        let choice = matches!(
            control,
            PlaybackControl::Pause { .. } | PlaybackControl::ReceiveAudio(_) | PlaybackControl::ReceiveVideo(_)
        );
        if let Some(play) = self.plays.iter().find(|play| choice && play.stream() == stream) {
            play.choose();
            self.must_pump = true;
        }
    }

    /// What was read so far belongs to one publisher; when another's turn comes, it is published.
    /// False if there is none.
    fn choose_publisher(&mut self, stream: StreamId) -> bool {
        let Some(index) = self.publishers.iter().position(|publisher| publisher.stream() == stream) else {
            return false;
        };
        if index > 0 {
            self.leave_front();
            self.publishers.swap(0, index);
        }
        true
    }

    /// The first publisher will be another one: what was read is still this one's; what the session holds is not, for
    /// that counts for the first one.
    fn leave_front(&mut self) {
        self.publish_batch();
        if let Some(first) = self.publishers.first_mut() {
            first.may_hold(0, Waker::noop());
        }
    }

    fn publish_batch(&mut self) {
        let mut batch = self.core.batch.borrow_mut();
        if let Some(publisher) = self.publishers.first_mut().filter(|_| !batch.is_empty()) {
            publisher.push_batch(&mut batch);
        }
    }

    fn end_stream(&mut self, stream: StreamId, why: &dyn fmt::Display) {
        self.publish_batch();
        if let Some(index) = self.publishers.iter().position(|publisher| publisher.stream() == stream) {
            self.publishers.remove(index).end(why);
        }
        if let Some(index) = self.plays.iter().position(|play| play.stream() == stream) {
            self.plays.remove(index).end(why);
        }
    }

    /// Sends what is queued; and what players lack that their walkers cannot bring, for as long as the socket takes it.
    fn send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        for _ in 0..ROUNDS_OF_SENDING {
            let was_blocked = self.socket.borrow_mut().is_blocked();
            ready!(self.flush(cx))?;
            if !was_blocked && !self.must_pump {
                return Poll::Ready(Ok(()));
            }
            self.must_pump = false;
            for play in &self.plays {
                play.pump();
            }
        }
        // It takes all we have, and more comes all the time; the others first.
        self.must_pump = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = self.socket.borrow_mut();
        let waiting = io.is_blocked().then(|| io.session().queued());
        let flushed = io.poll_flush(cx);
        if flushed.is_pending() && waiting.is_some_and(|waiting| io.session().queued() < waiting) {
            drop(io);
            self.plays.iter().for_each(Play::note_progress);
        }
        flushed
    }

    /// The server is going down: tells the peer, whatever it does here.
    fn stop(&mut self) {
        let reason = Why::Stopped.to_string();
        let streams = self.plays.iter().map(Play::stream).chain(self.publishers.iter().map(Publisher::stream));
        let mut io = self.socket.borrow_mut();
        let session = io.session();
        for stream in streams {
            // One that its client has ended needs no word.
            let _ = session.end_stream(stream, &reason);
        }
        self.held_until = None;
        self.closing = Some(Closing::new(Why::Stopped));
    }

    /// Behind the last words: waits until the peer closes too. A socket that is dropped while there is something to read
    /// resets the connection, and the reset may overtake what was said last.
    fn close(&mut self, cx: &mut Context<'_>) -> Poll<Why> {
        let why = |closing: Option<Closing>| closing.map_or(Why::Closed, |closing| closing.why);
        if let Some(closing) = self.closing.as_mut().filter(|closing| !closing.is_shut_down) {
            if ready!(self.socket.borrow_mut().poll_shutdown(cx)).is_err() {
                return Poll::Ready(why(self.closing.take()));
            }
            closing.is_shut_down = true;
        }
        let mut scratch = self.core.scratch.borrow_mut();
        for _ in 0..ROUNDS_OF_SENDING {
            let mut buffer = ReadBuf::new(&mut scratch);
            match self.socket.borrow_mut().poll_read_over(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(why(self.closing.take())),
                Poll::Pending => break,
            }
        }
        drop(scratch);
        self.watch_clock(cx)
    }

    fn watch_clock(&mut self, cx: &mut Context<'_>) -> Poll<Why> {
        let Some(at) = self.deadline() else {
            self.timer = None;
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Timer { at, sleep: Box::pin(sleep_until(at.into())) });
        if timer.at != at {
            timer.at = at;
            timer.sleep.as_mut().reset(at.into());
        }
        ready!(timer.sleep.as_mut().poll(cx));
        self.timer = None;
        if let Some(why) = self.handle_deadline(Instant::now()) {
            return Poll::Ready(why);
        }
        // There may be a ping to send, and there is a new deadline.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn deadline(&self) -> Option<Instant> {
        let io = self.socket.borrow_mut();
        let closing = self.closing.as_ref().map(|closing| closing.until);
        let blocked = io.blocked().map(|blocked| match self.is_dear() {
            true => blocked.begin + LATE,
            false => blocked.since + STUCK,
        });
        [closing, blocked, self.held_until, io.poll_timeout()].into_iter().flatten().min()
    }

    /// A player that does not take what it was sent holds memory that is wanted elsewhere.
    fn is_dear(&self) -> bool {
        !self.plays.is_empty() && self.core.server.registry.memory().is_full()
    }

    fn handle_deadline(&mut self, now: Instant) -> Option<Why> {
        if self.closing.as_ref().is_some_and(|closing| now >= closing.until) {
            return self.closing.take().map(|closing| closing.why);
        }
        let mut io = self.socket.borrow_mut();
        if io.blocked().is_some_and(|blocked| now >= blocked.since + STUCK) && !io.has_moved(now) {
            return Some(Why::Stuck);
        }
        if self.is_dear() && io.blocked().is_some_and(|blocked| now >= blocked.begin + LATE) {
            return Some(Why::Late);
        }
        io.session().handle_timeout(now).err().map(Why::Session)
    }

    fn finish(&mut self, why: &Why) {
        self.core.leave(self.number);
        self.publishers.drain(..).for_each(|publisher| publisher.end(why));
        self.plays.drain(..).for_each(|play| play.end(why));
        let stats = self.socket.borrow_mut().session().stats();
        let (received, sent) = (stats.bytes_received, stats.bytes_sent);
        tracing::info!(peer = %self.peer, %why, received, sent, seconds = %Seconds(self.since.elapsed()), "end");
    }
}

impl Future for Connection {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let why = ready!(self.drive(cx));
        self.finish(&why);
        Poll::Ready(())
    }
}

impl Closing {
    fn new(why: Why) -> Self {
        Self { why, until: Instant::now() + LINGER, is_shut_down: false }
    }
}

/// What a stream is registered under.
fn key(app: &str, name: &str) -> String {
    format!("{app}/{name}")
}

/// Bytes read from one connection before the others of its thread get their turn.
const READ_BUDGET: usize = 256 << 10;
/// Messages pushed at once: a few seconds of a stream, so that a publisher ahead of the clock is held in between.
const LONGEST_BATCH: usize = 256;
const ROUNDS_OF_SENDING: usize = 16;
/// A peer that takes nothing of what waits for it, for this long, is dropped.
const STUCK: Duration = Duration::from_secs(20);
/// When memory is short, a player has so long to take what it was sent.
const LATE: Duration = Duration::from_secs(2);
/// How long the last words may take.
const LINGER: Duration = Duration::from_secs(2);
