//! One session on one byte stream.

use super::{Error, Transport};
use crate::{ClientSession, Drive, ServerSession};
use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use ::tokio::time::{Duration, Instant, Sleep, sleep_until, timeout};
use bytes::Buf;
use futures_core::Stream;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

/// The server's end of an accepted connection.
pub type ServerConnection = Connection<ServerSession, Transport>;
/// The client's end of a connection that [`connect`](super::connect) made.
pub type ClientConnection = Connection<ClientSession, Transport>;

/// A session together with the byte stream that carries it.
///
/// `S` is a [`ServerSession`], a [`ClientSession`], a [`Link`](crate::Link), or any other [`Drive`]; `IO` is anything
/// that reads and writes: a TCP or TLS socket, a Unix socket, an in-memory pipe.
///
/// It is also a [`Stream`] of the session's events, and, for the two roles, a [`Sink`](futures_sink::Sink) of
/// `(StreamId, Media)`.
#[derive(Debug)]
pub struct Connection<S, IO = Transport> {
    session: S,
    io: IO,
    timer: Option<Timer>,
    /// Events and reads since the task last gave way to others.
    streak: u32,
    /// Written bytes that the transport may still hold back (TLS records).
    unflushed: bool,
    /// The peer sends no more.
    eof: bool,
    /// Reported once what had already arrived is delivered: a peer that says goodbye and closes makes our answer fail.
    write_error: Option<io::Error>,
    /// The stream of events has ended.
    ended: bool,
}

#[derive(Debug)]
struct Timer {
    deadline: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl<S: Drive, IO: AsyncRead + AsyncWrite + Unpin> Connection<S, IO> {
    /// Drives `session` over `io`. Nothing is read or written before the first call of [`next_event`](Self::next_event)
    /// or [`flush`](Self::flush).
    ///
    /// ```
    /// # use rtmp_session::{ServerConfig, ServerSession, tokio::Connection};
    /// let (ours, _theirs) = tokio::io::duplex(4096);
    /// let session = ServerSession::new(ServerConfig::default(), std::time::Instant::now());
    /// let connection = Connection::new(session, ours);
    /// ```
    pub fn new(session: S, io: IO) -> Self {
        Self { session, io, timer: None, streak: 0, unflushed: false, eof: false, write_error: None, ended: false }
    }

    /// The next event, or `None` when the peer has closed the connection between two messages.
    ///
    /// Decodes what has arrived, then writes what is queued, reads more, and handles the session's timeouts, until
    /// there is an event. Cancel safe: dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the transport fails and [`Error::Session`] when the peer broke the protocol, timed out, or
    /// closed inside a message. The connection is over then; a last status for the peer has been sent if the socket
    /// took it.
    pub async fn next_event(&mut self) -> Result<Option<S::Event>, Error> {
        poll_fn(|cx| self.poll_next_event(cx)).await
    }

    /// Waits until everything queued is written. Meanwhile it keeps time and reads ahead a little, so that two peers
    /// that both flush do not wait for each other.
    ///
    /// A program that sends for long should not live in `flush` alone: only [`next_event`](Self::next_event) answers
    /// pings and hears the peer. See [`has_room`](Self::has_room) for the way to do both.
    ///
    /// # Errors
    ///
    /// As for [`next_event`](Self::next_event).
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush_queue(cx)).await
    }

    /// Ends the connection politely: flushes for at most a minute; then, for at most two seconds, closes the sending side,
    /// and reads and drops what still comes until the peer closes too. [Flush](Self::flush) before, if the peer is to have
    /// longer for what is queued.
    ///
    /// Dropping a socket that holds unread bytes resets the connection, and a reset may destroy what the peer has not
    /// read yet. After the last frame of a publish this call is the way out.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Session`] when the queue could not be written, or not in time
    /// ([`io::ErrorKind::TimedOut`]). A peer that is gone already is none.
    pub async fn close(mut self) -> Result<(), Error> {
        use ::tokio::io::AsyncWriteExt;
        timeout(LAST_FLUSH, self.flush())
            .await
            .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))?;
        let goodbye = async {
            let mut scratch = [0; 4096];
            if self.io.shutdown().await.is_ok() && !self.eof {
                while matches!(self.io.read(&mut scratch).await, Ok(1..)) {}
            }
        };
        let _ = timeout(LINGER, goodbye).await;
        Ok(())
    }

    /// The session, for its commands. What they queue is written by the next call of [`next_event`](Self::next_event)
    /// or [`flush`](Self::flush).
    pub fn session(&mut self) -> &mut S {
        &mut self.session
    }

    /// The byte stream, for its addresses and options. Reading from it or writing to it breaks the connection.
    pub fn io(&self) -> &IO {
        &self.io
    }

    /// Whether less than 256 KiB wait to be written. A sender that asks before each message keeps its memory bounded
    /// and its stream fresh:
    ///
    /// ```no_run
    /// # use rtmp_session::{Media, StreamId, tokio::{ClientConnection, Error}};
    /// # async fn run(mut conn: ClientConnection, stream: StreamId,
    /// #              mut frames: tokio::sync::mpsc::Receiver<Media>) -> Result<(), Error> {
    /// loop {
    ///     let room = conn.has_room();
    ///     tokio::select! {
    ///         event = conn.next_event() => if event?.is_none() { return Ok(()) },
    ///         Some(media) = frames.recv(), if room => conn.session().send_media(stream, &media)?,
    ///     }
    /// }
    /// # }
    /// ```
    pub fn has_room(&self) -> bool {
        self.session.queued() < HIGH_WATER
    }

    /// Takes the connection apart. Bytes already read and not yet decoded stay in the session.
    pub fn into_parts(self) -> (S, IO) {
        (self.session, self.io)
    }

    fn poll_next_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<S::Event>, Error>> {
        while self.streak < EVENTS_PER_WAKE {
            self.streak += 1;
            match self.session.poll_event() {
                Ok(Some(event)) => return Poll::Ready(Ok(Some(event))),
                Ok(None) => {}
                Err(error) => {
                    // The session may have queued a last word. If the socket does not take it now, nobody waits for it.
                    self.send(cx);
                    return Poll::Ready(Err(error.into()));
                }
            }
            if self.eof {
                self.session.handle_eof()?;
                return Poll::Ready(Ok(None));
            }
            self.send(cx);
            match self.poll_receive(cx) {
                Poll::Ready(Ok(())) => {}
                // What went wrong first is the cause.
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.write_error.take().unwrap_or(error).into())),
                Poll::Pending => {
                    if let Some(error) = self.write_error.take() {
                        return Poll::Ready(Err(error.into()));
                    }
                    self.streak = 0;
                    return self.poll_clock(cx).map(|failed| Err(failed.into()));
                }
            }
        }
        // A peer that never lets us wait: give way to other tasks, but first do what waiting would have done.
        self.streak = 0;
        self.send(cx);
        if let Poll::Ready(failed) = self.poll_clock(cx) {
            return Poll::Ready(Err(failed.into()));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    pub(super) fn poll_flush_queue(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.send(cx);
            if let Some(error) = self.write_error.take() {
                return Poll::Ready(Err(error.into()));
            }
            if self.session.queued() == 0 && !self.unflushed {
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(failed) = self.poll_clock(cx) {
                return Poll::Ready(Err(failed.into()));
            }
            let (received, queue) = self.session.buffers();
            if self.eof && !queue.has_remaining() && !self.unflushed {
                // What waits for the end of the handshake waits in vain.
                self.session.handle_eof()?;
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
            }
            if self.eof || received.len() >= READ_AHEAD {
                return Poll::Pending;
            }
            ready!(self.poll_receive(cx))?;
            // A handshake may have failed of it, with what waited for its end. Sticky, so the clock tells.
            self.session.buffers();
            self.session.handle_timeout(Instant::now().into_std())?;
        }
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.io).poll_shutdown(cx).map_err(Error::from)
    }

    /// Writes what is queued, as far as the socket takes it. An error is kept for later, see `write_error`.
    fn send(&mut self, cx: &mut Context<'_>) {
        if self.write_error.is_some() {
            return;
        }
        if let Poll::Ready(Err(error)) = self.poll_send(cx) {
            self.write_error = Some(error);
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (_, queue) = self.session.buffers();
        while queue.has_remaining() {
            let mut pieces = [IoSlice::new(&[]); PIECES_PER_WRITE];
            let count = queue.chunks_vectored(&mut pieces);
            match ready!(Pin::new(&mut self.io).poll_write_vectored(cx, &pieces[..count]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => queue.advance(written),
            }
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// One read into the session's buffer.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (buffer, _) = self.session.buffers();
        // The future holds no state between polls, so making a new one each time is a plain poll_read.
        let read = pin!(self.io.read_buf(buffer));
        if ready!(read.poll(cx))? == 0 {
            self.eof = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Sets the timer to the session's deadline and handles it when it has come. Ready only with a fatal error.
    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<crate::SessionError> {
        let Some(deadline) = self.session.poll_timeout().map(Instant::from_std) else {
            self.timer = None;
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Timer { deadline, sleep: Box::pin(sleep_until(deadline)) });
        if timer.deadline != deadline {
            timer.deadline = deadline;
            timer.sleep.as_mut().reset(deadline);
        }
        ready!(timer.sleep.as_mut().poll(cx));
        self.timer = None;
        if let Err(error) = self.session.handle_timeout(Instant::now().into_std()) {
            self.send(cx);
            return Poll::Ready(error);
        }
        // Deadlines come to those who are quiet: a server holds thousands of them.
        self.session.release_memory();
        // Whatever was queued, and the next deadline, are for the poll that follows at once.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The events until the connection is over. Ends after the first error.
impl<S: Drive + Unpin, IO: AsyncRead + AsyncWrite + Unpin> Stream for Connection<S, IO> {
    type Item = Result<S::Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = ready!(self.poll_next_event(cx)).transpose();
        self.ended = !matches!(event, Some(Ok(_)));
        Poll::Ready(event)
    }
}

/// Events and reads handled before a connection gives way to the other tasks of its thread.
const EVENTS_PER_WAKE: u32 = 64;
/// Pieces handed to one `writev`.
const PIECES_PER_WRITE: usize = 64;
/// Bytes waiting to be written above which a sender should hold back.
pub(super) const HIGH_WATER: usize = 256 * 1024;
/// Undecoded bytes up to which `flush` keeps reading.
const READ_AHEAD: usize = 256 * 1024;
/// How long `close` waits for the peer to take what is queued.
const LAST_FLUSH: Duration = Duration::from_secs(60);
/// How long `close` waits for the peer to close.
const LINGER: Duration = Duration::from_secs(2);
