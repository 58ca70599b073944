//! What every adapter needs of a session.

use std::time::Instant;

use bytes::BytesMut;
use rtmp_chunk::SendQueue;

use crate::SessionError;

/// Everything that can be driven by bytes and time: [`Link`](crate::Link), [`ServerSession`](crate::ServerSession) and
/// [`ClientSession`](crate::ClientSession). Adapters are written once against this.
///
/// The loop is always the same:
///
/// ```text
///  1  poll_event until None      answer requests, take media; commands you call append to the send queue
///  2  wait for any of            socket readable · socket writable (if the queue is not empty) · poll_timeout · your news
///  3  do that one thing          read into the buffer · write from the queue · handle_timeout(now) · call a command
///  4  goto 1
/// ```
///
/// No order within a round can break anything; forgetting step 1 only delays.
pub trait Drive {
    /// What comes out.
    type Event;

    /// The buffer to read into, with room for a good read, and the queue to write from. Both at once, so that reading
    /// and writing can be polled together. Read on only when [`poll_event`](Self::poll_event) has returned `None`: the
    /// buffer grows with what is read and not polled. A handshake goes on here too, so that a program that waits until
    /// everything is written need not poll.
    fn buffers(&mut self) -> (&mut BytesMut, &mut SendQueue);

    /// Bytes waiting to be sent: those in the send queue, and those of messages that wait for the end of the handshake.
    /// Whether there is something to write now, the queue itself tells.
    fn queued(&self) -> usize;

    /// The next event, or `None` until something is done to the session.
    ///
    /// # Errors
    /// [`SessionError`] when the connection is over through the peer's doing. Sticky. The send queue may hold a last
    /// word for the peer: write it out, then close.
    fn poll_event(&mut self) -> Result<Option<Self::Event>, SessionError>;

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called next.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Tells the session what time it is. Calling it early or late does no harm.
    ///
    /// # Errors
    /// [`SessionError::TimedOut`] when the peer has been silent for too long; the connection is over.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError>;

    /// Tells the session that the peer has closed its side. Call it when [`poll_event`](Self::poll_event) has returned
    /// `None` for everything that was read.
    ///
    /// # Errors
    /// [`SessionError::UnexpectedEof`] if the peer stopped inside the handshake or a message.
    fn handle_eof(&mut self) -> Result<(), SessionError>;

    /// Frees what an idle session does not need: buffers that are empty. They come back by themselves.
    fn release_memory(&mut self);
}

/// What a session built on a [`Link`](crate::Link) passes on to it, as methods of its own and as [`Drive`].
macro_rules! delegate_to_link {
    ($session:ty, $event:ty) => {
        impl $session {
            /// The buffer to read into, with room for a good read. It grows with what is read and not polled. See
            /// [`Drive::buffers`].
            pub fn recv_buffer(&mut self) -> &mut BytesMut {
                self.link.recv_buffer()
            }

            /// The queue to write from.
            pub fn send_queue(&mut self) -> &mut SendQueue {
                self.link.send_queue()
            }

            /// One read into the receive buffer; 0 bytes mean that the peer has closed its side.
            ///
            /// # Errors
            /// The reader's.
            pub fn read_from(&mut self, reader: &mut impl io::Read) -> io::Result<usize> {
                self.link.read_from(reader)
            }

            /// Writes from the send queue until it is empty or the writer would block.
            ///
            /// # Errors
            /// The writer's.
            pub fn write_to(&mut self, writer: &mut impl io::Write) -> io::Result<usize> {
                self.link.write_to(writer)
            }

            /// See [`Drive::handle_eof`].
            ///
            /// # Errors
            /// [`SessionError::UnexpectedEof`].
            pub fn handle_eof(&mut self) -> Result<(), SessionError> {
                self.link.handle_eof()
            }

            /// Frees buffers that are empty. They come back by themselves.
            pub fn release_memory(&mut self) {
                self.link.release_memory();
                self.events.shrink_to_fit();
            }

            /// Bytes waiting to be sent. See [`Drive::queued`].
            pub fn queued(&self) -> usize {
                self.link.queued()
            }

            /// What the handshake told about the peer, once it is done.
            pub fn peer(&self) -> Option<&Peer> {
                self.link.peer()
            }

            /// Size of the chunks we send. Wire images for this connection must be cut to it.
            pub fn outgoing_chunk_size(&self) -> ChunkSize {
                self.link.outgoing_chunk_size()
            }

            /// What was counted so far.
            pub fn stats(&self) -> Stats {
                self.link.stats()
            }
        }

        impl Drive for $session {
            type Event = $event;

            fn buffers(&mut self) -> (&mut BytesMut, &mut SendQueue) {
                self.link.buffers()
            }

            fn queued(&self) -> usize {
                self.queued()
            }

            fn poll_event(&mut self) -> Result<Option<$event>, SessionError> {
                self.poll_event()
            }

            fn poll_timeout(&self) -> Option<Instant> {
                self.poll_timeout()
            }

            fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError> {
                self.handle_timeout(now)
            }

            fn handle_eof(&mut self) -> Result<(), SessionError> {
                self.handle_eof()
            }

            fn release_memory(&mut self) {
                self.release_memory();
            }
        }
    };
}
pub(crate) use delegate_to_link;
