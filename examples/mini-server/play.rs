//! One play from its request to its end: its place among the players of a walker, and its line in the log.

use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use rtmp_session::StreamId;

use crate::images::Images;
use crate::log::Seconds;
use crate::player::{Player, Ticket};
use crate::registry::Seat;
use crate::socket::Socket;
use crate::walker::Walker;
use crate::worker::{Core, IMAGES};

pub(crate) struct Play {
    stream: StreamId,
    /// Keeps the stream in the registry.
    seat: Seat,
    walker: Rc<Walker>,
    ticket: Rc<Ticket>,
    socket: Rc<Socket>,
    peer: SocketAddr,
    since: Instant,
    /// Bytes sent before it.
    sent: u64,
}

impl Play {
    pub(crate) fn new(core: &Rc<Core>, socket: &Rc<Socket>, stream: StreamId, seat: Seat, peer: SocketAddr) -> Self {
        let walker = core.walker(seat.stream());
        let sent = socket.borrow_mut().session().stats().bytes_sent;
        let ticket = walker.join(Player::new(socket, stream, &seat, fits(socket, stream)));
        Self { stream, seat, walker, ticket, socket: Rc::clone(socket), peer, since: Instant::now(), sent }
    }

    pub(crate) fn stream(&self) -> StreamId {
        self.stream
    }

    /// Sends what the player lacks.
    pub(crate) fn pump(&self) {
        self.walker.player(&self.ticket).pump(&mut Images::for_one(self.seat.stream()));
    }

    /// The player took a part of what waits for it.
    pub(crate) fn note_progress(&self) {
        self.walker.player(&self.ticket).note_progress(&self.seat);
    }

    /// The player paused, went on, or chose other kinds of media.
    pub(crate) fn choose(&self) {
        self.walker.player(&self.ticket).choose(&self.seat, fits(&self.socket, self.stream));
    }

    pub(crate) fn end(self, why: &dyn fmt::Display) {
        self.walker.leave(&self.ticket);
        let bytes = self.socket.borrow_mut().session().stats().bytes_sent - self.sent;
        let (seconds, gaps) = (Seconds(self.since.elapsed()), self.ticket.gaps.get());
        tracing::info!(peer = %self.peer, %why, bytes, %seconds, gaps, "play ended");
    }
}

/// Whether the images made for everyone are right for this stream of this connection.
fn fits(socket: &Socket, stream: StreamId) -> bool {
    let mut io = socket.borrow_mut();
    let session = io.session();
    session.message_stream_id(stream) == Some(IMAGES.message_stream)
        && session.outgoing_chunk_size() == IMAGES.chunk_size
}
