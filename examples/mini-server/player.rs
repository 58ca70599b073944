//! One play of one connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rtmp_session::live::{Cursor, Next};
use rtmp_session::{MediaKind, StreamId};

use crate::images::{FULL, Images};
use crate::registry::Seat;
use crate::socket::{Io, Socket};

/// A player: a place in a stream and a socket to send to. Its walker and the task of its connection both bring it on;
/// they live on the same thread and never wait while they do.
pub(crate) struct Player {
    socket: Rc<Socket>,
    stream: StreamId,
    seat: Seat,
    cursor: RefCell<Cursor>,
    way: Cell<Way>,
    /// There is no publisher, and the player knows.
    idle: Cell<bool>,
    gaps: Cell<u64>,
    /// Index in the walker's list.
    pub(crate) slot: Cell<usize>,
}

/// How the player gets what it gets.
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
    pub(crate) fn new(socket: &Rc<Socket>, stream: StreamId, seat: Seat, fits: bool) -> Rc<Self> {
        let state = seat.lock();
        let cursor = state.channel.subscribe();
        let idle = !state.is_published();
        drop(state);
        Rc::new(Self {
            socket: Rc::clone(socket),
            stream,
            seat,
            cursor: RefCell::new(cursor),
            way: Cell::new(if fits { Way::Images } else { Way::Messages }),
            idle: Cell::new(idle),
            gaps: Cell::new(0),
            slot: Cell::new(0),
        })
    }

    pub(crate) fn stream(&self) -> StreamId {
        self.stream
    }

    pub(crate) fn seat(&self) -> &Seat {
        &self.seat
    }

    /// How often it was too slow, so that messages were left out.
    pub(crate) fn gaps(&self) -> u64 {
        self.gaps.get()
    }

    /// The player paused, went on, or chose other kinds of media.
    pub(crate) fn choose(&self, fits: bool) {
        let mut io = self.socket.borrow_mut();
        let session = io.session();
        let mut wants = |kind| session.wants(self.stream, kind);
        let way = match (wants(MediaKind::Audio), wants(MediaKind::Video)) {
            (true, true) if fits => Way::Images,
            (false, false) => Way::Paused,
            _ => Way::Messages,
        };
        // What was left out would be missing to the decoder: start anew, at a key frame.
        *self.cursor.borrow_mut() = self.seat.lock().channel.subscribe();
        self.way.set(way);
    }

    /// Sends what there is, unless the socket is blocked; then the task of the connection waits for it and calls again.
    pub(crate) fn pump(&self, images: &mut Images) {
        let mut io = self.socket.borrow_mut();
        let way = self.way.get();
        if io.is_blocked() || way == Way::Paused {
            return;
        }
        loop {
            if self.idle.get() && images.is_published() {
                self.idle.set(false);
                let _ = io.session().notify_published(self.stream);
            }
            let caught_up = match way {
                Way::Images => self.send_images(&mut io, images),
                _ => self.send_messages(&mut io, images),
            };
            if caught_up && !self.idle.get() && !images.is_published() {
                self.idle.set(true);
                let _ = io.session().notify_unpublished(self.stream);
            }
            if !io.try_flush() {
                drop(io);
                return self.socket.wake();
            }
            if caught_up {
                return;
            }
        }
    }

    /// Sends one good write. Returns whether there is nothing left.
    fn send_images(&self, io: &mut Io, images: &mut Images) -> bool {
        let mut cursor = self.cursor.borrow_mut();
        let step = images.step(&cursor);
        if step.gap {
            self.gaps.set(self.gaps.get() + 1);
        }
        for image in &step.images {
            io.send(image);
        }
        cursor.clone_from(&step.to);
        step.caught_up
    }

    /// The same, message by message.
    fn send_messages(&self, io: &mut Io, images: &Images) -> bool {
        let mut cursor = self.cursor.borrow_mut();
        let state = images.stream().lock();
        while io.session().send_queue().len() < FULL {
            match state.channel.next(&mut cursor) {
                Next::Media(media) => {
                    // The stream may have ended by now, which its task will hear of.
                    let _ = io.session().send_media(self.stream, &media);
                }
                Next::Gap(_) => self.gaps.set(self.gaps.get() + 1),
                Next::Pending | Next::Ended => return true,
            }
        }
        false
    }
}
