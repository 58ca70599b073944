//! A client session on its socket, read through a buffer that all connections of a thread share.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use rtmp_session::tokio::{Transport, connect};
use rtmp_session::{ClientConfig, ClientEvent, ClientSession, RtmpUrl};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWrite, Interest};
use tokio::time::{Instant, Sleep, sleep_until};

/// Read into by whoever has something to read, and empty in between. Thousands of players in turn then read into memory that
/// is in the cache, and hold none themselves.
#[derive(Clone)]
pub(crate) struct Scratch(Rc<RefCell<BytesMut>>);

impl Default for Scratch {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(BytesMut::with_capacity(SCRATCH_LEN))))
    }
}

pub(crate) struct Wire {
    pub(crate) session: ClientSession,
    socket: Transport,
    scratch: Scratch,
    timer: Pin<Box<Sleep>>,
}

/// What a turn brought.
pub(crate) enum Turn {
    /// This many bytes; ask the session for events.
    Read(usize),
    /// Everything that was queued is written. Only if it was waited for.
    Flushed,
}

impl Wire {
    pub(crate) async fn connect(url: &RtmpUrl, scratch: Scratch) -> io::Result<Self> {
        let (session, socket) = connect(url, ClientConfig::default()).await?.into_parts();
        let timer = Box::pin(sleep_until(Instant::now()));
        Ok(Self { session, socket, scratch, timer })
    }

    /// Writes what is queued and reads what has come. The events that a read brings go to `handle`
    /// before the next read of this thread. Returns when there was a read; with `flush`, also when nothing is queued any more.
    pub(crate) async fn turn(
        &mut self,
        flush: bool,
        mut handle: impl FnMut(ClientEvent) -> Result<(), String>,
    ) -> Result<Turn, String> {
        std::future::poll_fn(|cx| {
            self.poll_time(cx)?;
            if self.poll_write(cx).map_err(text)? && flush {
                return Poll::Ready(Ok(Turn::Flushed));
            }
            match self.poll_read(cx, &mut handle)? {
                Some(count) => Poll::Ready(Ok(Turn::Read(count))),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Has the kernel keep no more than about `bytes` of what comes and is not read.
    pub(crate) fn receive_at_most(&self, bytes: usize) -> io::Result<()> {
        let socket = self.socket.tcp().ok_or(io::ErrorKind::NotConnected)?;
        SockRef::from(socket).set_recv_buffer_size(bytes)
    }

    /// Throws away what has come, and says how much it was.
    pub(crate) async fn discard(&self) -> io::Result<usize> {
        let socket = self.socket.tcp().ok_or(io::ErrorKind::NotConnected)?;
        socket.readable().await?;
        let mut scratch = self.scratch.0.borrow_mut();
        let room = scratch.spare_capacity_mut();
        match socket.try_io(Interest::READABLE, || SockRef::from(socket).recv_with_flags(room, DISCARD)) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }

    /// True when nothing is queued.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        loop {
            let queue = self.session.send_queue();
            if queue.is_empty() {
                return Ok(true);
            }
            let mut pieces = [io::IoSlice::new(&[]); MAX_PIECES];
            let count = queue.chunks_vectored(&mut pieces);
            match Pin::new(&mut self.socket).poll_write_vectored(cx, &pieces[..count])? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(count) => queue.advance(count),
                Poll::Pending => return Ok(false),
            }
        }
    }

    /// The bytes of one read, if there were any, which the session then has worked up.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        handle: &mut impl FnMut(ClientEvent) -> Result<(), String>,
    ) -> Result<Option<usize>, String> {
        let scratch = self.scratch.0.clone();
        let mut spare = scratch.borrow_mut();
        let own = self.session.recv_buffer();
        spare.extend_from_slice(own);
        std::mem::swap(&mut *spare, own);
        let read = pin!(self.socket.read_buf(self.session.recv_buffer())).poll(cx);
        let result = match read {
            Poll::Pending => Ok(None),
            Poll::Ready(Err(error)) => Err(text(error)),
            Poll::Ready(Ok(0)) => {
                Err(self.session.handle_eof().map_or_else(text, |()| "closed by the server".to_owned()))
            }
            Poll::Ready(Ok(count)) => self.take_events(handle).map(|()| Some(count)),
        };
        // Back again: only what the session could not use yet stays with it.
        let shared = self.session.recv_buffer();
        spare.clear();
        spare.extend_from_slice(shared);
        shared.clear();
        std::mem::swap(&mut *spare, shared);
        // The messages are gone, so this is the same memory from its beginning.
        spare.reserve(SCRATCH_LEN);
        result
    }

    fn take_events(&mut self, handle: &mut impl FnMut(ClientEvent) -> Result<(), String>) -> Result<(), String> {
        while let Some(event) = self.session.poll_event().map_err(text)? {
            handle(event)?;
        }
        Ok(())
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Result<(), String> {
        while let Some(deadline) = self.session.poll_timeout() {
            // A deadline that moved on is met when the timer fires; only an earlier one is set at once.
            if self.timer.deadline().into_std() > deadline {
                self.timer.as_mut().reset(deadline.into());
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                break;
            }
            let now = Instant::now();
            if deadline <= now.into_std() {
                self.session.handle_timeout(now.into_std()).map_err(text)?;
            }
            if let Some(next) = self.session.poll_timeout() {
                self.timer.as_mut().reset(next.into());
            }
        }
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// As much as a socket that waited a little has.
const SCRATCH_LEN: usize = 256 << 10;
const MAX_PIECES: usize = 64;
/// tcp(7): MSG_TRUNC takes bytes off the queue of a TCP socket without copying them. Elsewhere they are copied.
const DISCARD: i32 = if cfg!(target_os = "linux") { 0x20 } else { 0 };
