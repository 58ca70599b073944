//! A session and the socket it writes to, shared by the task of a connection and the walkers of what it plays.

use std::cell::{RefCell, RefMut};
use std::future::Future;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use bytes::{Buf, Bytes};
use rtmp_session::ServerSession;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

pub(crate) struct Socket {
    io: RefCell<Io>,
    /// Of the task of the connection.
    waker: RefCell<Waker>,
}

/// Small, so that what a walker needs for a write lies in a cache line or two. The session is elsewhere: a walk over
/// thousands of players does not touch it.
pub(crate) struct Io {
    /// Nothing is queued, for sure.
    is_clean: bool,
    blocked: Option<Blocked>,
    failed: Option<io::Error>,
    stream: TcpStream,
    /// Bytes written past the queue that the session has not heard of.
    untold: u64,
    session: Box<ServerSession>,
}

/// The peer did not take what was sent.
#[derive(Clone, Copy)]
pub(crate) struct Blocked {
    /// Since then not all was taken.
    pub(crate) begin: Instant,
    /// Since then nothing was taken, as far as anybody looked.
    pub(crate) since: Instant,
    /// Bytes that had been taken by then.
    taken: u64,
}

impl Socket {
    pub(crate) fn new(session: ServerSession, stream: TcpStream) -> Self {
        let io = Io { is_clean: false, blocked: None, failed: None, stream, untold: 0, session: Box::new(session) };
        Self { io: RefCell::new(io), waker: RefCell::new(Waker::noop().clone()) }
    }

    /// Nobody keeps it across a wait, so it is always free.
    pub(crate) fn borrow_mut(&self) -> RefMut<'_, Io> {
        self.io.borrow_mut()
    }

    pub(crate) fn set_waker(&self, waker: &Waker) {
        self.waker.borrow_mut().clone_from(waker);
    }

    /// Has the task of the connection look at things.
    pub(crate) fn wake(&self) {
        self.waker.borrow().wake_by_ref();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        tracing::trace!("a session is given back");
    }
}

impl Io {
    pub(crate) fn session(&mut self) -> &mut ServerSession {
        self.is_clean = false;
        self.session.send_queue().count_taken(mem::take(&mut self.untold));
        &mut self.session
    }

    /// When the session wants to know the time.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.session.poll_timeout()
    }

    /// Sends what is not the session's own. What the socket does not take is queued.
    pub(crate) fn send(&mut self, image: &Bytes) {
        let mut written = 0;
        while self.is_clean && written < image.len() {
            // Not by way of the runtime: what it knows of the socket lies elsewhere in memory, and is of use only when
            // the socket is blocked.
            match SockRef::from(&self.stream).send(&image[written..]) {
                Ok(count) => written += count,
                // Whatever it is: flushing the queue will meet it again.
                Err(_) => self.is_clean = false,
            }
        }
        self.untold += written as u64;
        if written < image.len() {
            self.session().send_queue().push(image.slice(written..));
        }
    }

    /// Waits to be writable, or will never be so again.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked.is_some() || self.failed.is_some()
    }

    pub(crate) fn blocked(&self) -> Option<Blocked> {
        self.blocked
    }

    /// Whether the peer took anything since it was found blocked. Begins to count anew.
    pub(crate) fn has_moved(&mut self, now: Instant) -> bool {
        let taken = self.session().send_queue().taken();
        let Some(blocked) = &mut self.blocked else { return true };
        let moved = taken != blocked.taken;
        *blocked = Blocked { since: now, taken, ..*blocked };
        moved
    }

    /// Writes what is queued, as far as the socket takes it. False if some is left, which the task must wait for.
    pub(crate) fn try_flush(&mut self) -> bool {
        while !self.is_clean {
            let queue = self.session.send_queue();
            if queue.is_empty() {
                self.is_clean = true;
                break;
            }
            // Mostly it is one image, and the plain call is the cheaper one.
            let written = if queue.chunk().len() == queue.len() {
                self.stream.try_write(queue.chunk())
            } else {
                let mut pieces = [IoSlice::new(&[]); MAX_PIECES];
                let count = queue.chunks_vectored(&mut pieces);
                self.stream.try_write_vectored(&pieces[..count])
            };
            match written {
                Ok(count) => queue.advance(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        self.failed = Some(error);
                    }
                    self.block();
                    return false;
                }
            }
        }
        true
    }

    /// As [`Io::try_flush`], but has the task woken when there is room.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            let queue = self.session.send_queue();
            if queue.is_empty() {
                self.is_clean = true;
                self.blocked = None;
                return Poll::Ready(Ok(()));
            }
            let mut pieces = [IoSlice::new(&[]); MAX_PIECES];
            let count = queue.chunks_vectored(&mut pieces);
            match Pin::new(&mut self.stream).poll_write_vectored(cx, &pieces[..count]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => queue.advance(count),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.block();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Reads over `buffer`.
    pub(crate) fn poll_read_over(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }

    /// Reads into the session's own buffer, where payloads can stay. Ready with the number of bytes.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let buffer = self.session.recv_buffer();
        // The future holds no state between polls, so a new one each time is a plain poll.
        pin!(self.stream.read_buf(buffer)).poll(cx)
    }

    /// Does not keep back the TCP acknowledgement of what was just read. Some clients write a header and a body apart and
    /// wait for the first to be acknowledged: twice 40 ms before ffmpeg plays or publishes.
    pub(crate) fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        // No more than a wish.
        let _ = SockRef::from(&self.stream).set_tcp_quickack(true);
    }

    /// Says that nothing more will be sent.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn block(&mut self) {
        let taken = self.session().send_queue().taken();
        self.blocked.get_or_insert_with(|| {
            let now = Instant::now();
            Blocked { begin: now, since: now, taken }
        });
    }
}

/// Pieces handed to one write.
const MAX_PIECES: usize = 64;
