//! One player as its walker sees it.

use std::cell::Cell;
use std::rc::Rc;

use rtmp_session::live::{Cursor, Next};
use rtmp_session::{MediaKind, StreamId};

use crate::images::{FULL, Images};
use crate::readers::Moved;
use crate::registry::Stream;
use crate::socket::{Io, Socket};

/// A place in a stream and a socket to send to. Lies in the list of its walker, next to the players before and behind
/// it: while thousands are walked, nothing is looked for in memory but the socket.
pub(crate) struct Player {
    socket: Rc<Socket>,
    cursor: Cursor,
    stream: StreamId,
    way: Way,
    /// There is no publisher, and the player knows.
    idle: bool,
    /// Its stream counts it among those that take no more.
    blocked: Option<Moved>,
    pub(crate) ticket: Rc<Ticket>,
}

/// What the task of a connection holds of a player that is in the list of a walker.
#[derive(Default)]
pub(crate) struct Ticket {
    /// Where in the list.
    pub(crate) slot: Cell<usize>,
    /// How often it was too slow, so that messages were left out.
    pub(crate) gaps: Cell<u64>,
}

/// How a player gets what it gets.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Wire images that are the same for everyone.
    Images,
    /// Messages that its own session puts on the wire: another message stream, or a part of the media only.
    Messages,
    /// Nothing.
    Paused,
}

impl Player {
    /// `fits`: the connection has the message stream and chunk size that images are made for.
    pub(crate) fn new(socket: &Rc<Socket>, stream: StreamId, published: &Stream, fits: bool) -> Self {
        let state = published.lock();
        Self {
            socket: Rc::clone(socket),
            cursor: state.channel.subscribe(),
            stream,
            way: if fits { Way::Images } else { Way::Messages },
            idle: !state.is_published(),
            blocked: None,
            ticket: Rc::default(),
        }
    }

    /// The player paused, went on, or chose other kinds of media.
    pub(crate) fn choose(&mut self, published: &Stream, fits: bool) {
        let mut io = self.socket.borrow_mut();
        let mut wants = |kind| io.session().wants(self.stream, kind);
        self.way = match (wants(MediaKind::Audio), wants(MediaKind::Video)) {
            (true, true) if fits => Way::Images,
            (false, false) => Way::Paused,
            _ => Way::Messages,
        };
        // What was left out would be missing to the decoder: start anew, at a key frame.
        self.cursor = published.lock().channel.subscribe();
    }

    /// Sends what there is, unless the socket is blocked; then the task of the connection waits for it and calls again.
    pub(crate) fn pump(&mut self, images: &mut Images) {
        let mut io = self.socket.borrow_mut();
        if io.is_blocked() || self.way == Way::Paused {
            return;
        }
        loop {
            // A publish may be over before this looks: what it left is there to be sent.
            if self.idle && (images.is_published() || !images.step(&self.cursor).images.is_empty()) {
                self.idle = false;
                let _ = io.session().notify_published(self.stream);
            }
            let caught_up = match self.way {
                Way::Images => send_images(&mut self.cursor, &self.ticket, &mut io, images),
                _ => send_messages(self.stream, &mut self.cursor, &self.ticket, &mut io, images),
            };
            if caught_up && !self.idle && !images.is_published() {
                self.idle = true;
                let _ = io.session().notify_unpublished(self.stream);
            }
            if !io.try_flush() {
                drop(io);
                self.set_blocked(true, images.stream());
                return self.socket.wake();
            }
            if caught_up {
                drop(io);
                return self.set_blocked(false, images.stream());
            }
        }
    }

    /// Tells the stream whether the player keeps up; each time that it does not, it has taken something before.
    pub(crate) fn set_blocked(&mut self, is_blocked: bool, stream: &Stream) {
        self.blocked = match (self.blocked, is_blocked) {
            (None, false) => return,
            (None, true) => Some(stream.lock().readers.block()),
            (Some(moved), true) => Some(stream.lock().readers.moved(moved)),
            (Some(moved), false) => {
                stream.lock().readers.unblock(moved);
                None
            }
        };
    }

    /// It took something, but not all.
    pub(crate) fn note_progress(&mut self, stream: &Stream) {
        self.set_blocked(self.blocked.is_some(), stream);
    }
}

/// Sends one good write. Returns whether there is nothing left.
fn send_images(cursor: &mut Cursor, ticket: &Ticket, io: &mut Io, images: &mut Images) -> bool {
    let step = images.step(cursor);
    if step.gap {
        ticket.gaps.set(ticket.gaps.get() + 1);
    }
    for image in &step.images {
        io.send(image);
    }
    cursor.clone_from(&step.to);
    step.caught_up
}

/// The same, message by message.
fn send_messages(stream: StreamId, cursor: &mut Cursor, ticket: &Ticket, io: &mut Io, images: &Images) -> bool {
    let state = images.stream().lock();
    while io.session().send_queue().len() < FULL {
        match state.channel.next(cursor) {
            Next::Media(media) => {
                // The stream may have ended by now, which its task will hear of.
                let _ = io.session().send_media(stream, &media);
            }
            Next::Gap(_) => ticket.gaps.set(ticket.gaps.get() + 1),
            Next::Pending | Next::Ended => return true,
        }
    }
    false
}
