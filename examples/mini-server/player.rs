//! One player as its walker sees it.

use std::cell::Cell;
use std::rc::Rc;

use rtmp_session::live::{Cursor, Next};
use rtmp_session::{MediaKind, StreamId};

use crate::images::{Behind, FULL, Images, Step};
use crate::logs::Rendition;
use crate::readers::Moved;
use crate::registry::Stream;
use crate::socket::{Io, Socket};

/// A place in a stream and a socket to send to. Lies in the list of its walker, next to the players before and behind
/// it: while thousands are walked, nothing is looked for in memory but the socket.
pub(crate) struct Player {
    socket: Rc<Socket>,
    reader: Reader,
    way: Way,
    /// There is no publisher, and the player knows.
    idle: bool,
    /// Its stream counts it among those that take no more.
    blocked: Option<Moved>,
    pub(crate) ticket: Rc<Ticket>,
}

/// What is brought to the player, from where.
struct Reader {
    cursor: Cursor,
    rendition: Rendition,
    /// On the connection.
    stream: StreamId,
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
        let rendition = Rendition::for_client(socket.borrow_mut().session());
        let state = published.lock();
        Self {
            socket: Rc::clone(socket),
            reader: Reader { cursor: state.logs.of(rendition).subscribe(), rendition, stream },
            way: if fits { Way::Images } else { Way::Messages },
            idle: !state.is_published(),
            blocked: None,
            ticket: Rc::default(),
        }
    }

    /// The player paused, went on, or chose other kinds of media.
    pub(crate) fn choose(&mut self, published: &Stream, fits: bool) {
        let mut io = self.socket.borrow_mut();
        let mut wants = |kind| io.session().wants(self.reader.stream, kind);
        self.way = match (wants(MediaKind::Audio), wants(MediaKind::Video)) {
            (true, true) if fits => Way::Images,
            (false, false) => Way::Paused,
            _ => Way::Messages,
        };
        // What was left out would be missing to the decoder: start anew, at a key frame.
        self.reader.cursor = published.lock().logs.of(self.reader.rendition).subscribe();
        drop(io);
        if self.way == Way::Paused {
            // It takes nothing now because it wants nothing: a publisher need not wait for it.
            self.set_blocked(false, published);
        }
    }

    /// Sends what there is, unless the socket is blocked; then the task of the connection waits for it and calls again.
    pub(crate) fn pump(&mut self, images: &mut Images) {
        let mut io = self.socket.borrow_mut();
        if io.is_blocked() || self.way == Way::Paused {
            return;
        }
        loop {
            // A publish may be over before this looks: what it left is there to be sent.
            if self.idle && self.reader.step(images).is_news() {
                self.idle = false;
                let _ = io.session().notify_published(self.reader.stream);
            }
            let behind = match self.way {
                // What has come since that look comes behind the news of it.
                _ if self.idle => Behind::End,
                Way::Images => self.reader.send_images(&self.ticket, &mut io, images),
                _ => self.reader.send_messages(&self.ticket, &mut io, images),
            };
            if behind == Behind::End && !self.idle {
                self.idle = true;
                let _ = io.session().notify_unpublished(self.reader.stream);
            }
            if !io.try_flush() {
                drop(io);
                self.set_blocked(true, images.stream());
                return self.socket.wake();
            }
            if behind != Behind::More {
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

impl Reader {
    fn step<'a>(&self, images: &'a mut Images) -> &'a Step {
        images.step(self.rendition, &self.cursor)
    }

    /// Sends one good write.
    fn send_images(&mut self, ticket: &Ticket, io: &mut Io, images: &mut Images) -> Behind {
        let step = self.step(images);
        if step.gap {
            ticket.count_gap();
        }
        for image in &step.images {
            io.send(image);
        }
        self.cursor.clone_from(&step.to);
        step.behind
    }

    /// The same, message by message.
    fn send_messages(&mut self, ticket: &Ticket, io: &mut Io, images: &Images) -> Behind {
        let state = images.stream().lock();
        let log = state.logs.of(self.rendition);
        while io.session().send_queue().len() < FULL {
            match log.next(&mut self.cursor) {
                Next::Media(media) => {
                    // The stream may have ended by now, which its task will hear of.
                    let _ = io.session().send_media(self.stream, &media);
                }
                Next::Gap(_) => ticket.count_gap(),
                Next::Pending | Next::Ended => return Behind::the_head_of(&state),
            }
        }
        Behind::More
    }
}

impl Ticket {
    fn count_gap(&self) {
        self.gaps.set(self.gaps.get() + 1);
    }
}
