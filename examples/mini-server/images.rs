//! What to send to players, made once for all that stand at the same place of a stream.

use std::sync::Arc;

use bytes::Bytes;
use rtmp_session::live::{Cursor, NextImage};

use crate::registry::{State, Stream};

/// The images of one stream, looked up by place. Nearly all players stand at the same place, so one look at the stream
/// serves them all.
pub(crate) struct Images {
    stream: Arc<Stream>,
    /// Steps that were looked up, newest last.
    known: Vec<Step>,
    is_published: bool,
    for_many: bool,
}

/// One step of a reader.
pub(crate) struct Step {
    from: Cursor,
    /// Where it stands then.
    pub(crate) to: Cursor,
    /// What to send: nothing, or about as much as one write should carry. With many players it is one piece.
    pub(crate) images: Vec<Bytes>,
    /// Messages are missing before it.
    pub(crate) gap: bool,
    /// There is nothing behind it yet.
    pub(crate) caught_up: bool,
}

impl Images {
    /// For many players: a contiguous piece is cheaper to send than a list, and it is made once for all.
    pub(crate) fn for_many(stream: &Arc<Stream>) -> Self {
        Self::new(stream, true)
    }

    /// For one player, for whom copying would not pay.
    pub(crate) fn for_one(stream: &Arc<Stream>) -> Self {
        Self::new(stream, false)
    }

    fn new(stream: &Arc<Stream>, for_many: bool) -> Self {
        let is_published = stream.lock().is_published();
        Self { stream: Arc::clone(stream), known: Vec::new(), is_published, for_many }
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Whether there is a publisher, as of the last look.
    pub(crate) fn is_published(&self) -> bool {
        self.is_published
    }

    /// Looks again from now on: the stream may have gone on.
    pub(crate) fn refresh(&mut self) {
        self.known.clear();
    }

    /// What a reader at `cursor` gets next.
    pub(crate) fn step(&mut self, cursor: &Cursor) -> &Step {
        let index = match self.known.iter().rposition(|step| step.from == *cursor) {
            Some(index) => index,
            None => self.look(cursor),
        };
        &self.known[index]
    }

    fn look(&mut self, cursor: &Cursor) -> usize {
        let mut step = {
            let state = self.stream.lock();
            self.is_published = state.is_published();
            Step::take(&state, cursor)
        };
        if self.for_many && step.images.len() > 1 {
            step.images = vec![self.stream.hold(step.images.concat())];
        }
        if self.known.len() == MOST_KNOWN {
            self.known.remove(0);
        }
        self.known.push(step);
        self.known.len() - 1
    }
}

impl Step {
    fn take(state: &State, cursor: &Cursor) -> Self {
        let mut step =
            Self { from: cursor.clone(), to: cursor.clone(), images: Vec::new(), gap: false, caught_up: false };
        let mut len = 0;
        while len < FULL {
            match state.channel.next_image(&mut step.to) {
                NextImage::Image(image) => {
                    len += image.len();
                    step.images.push(image);
                }
                NextImage::Gap(_) => step.gap = true,
                NextImage::Pending | NextImage::Ended => {
                    step.caught_up = true;
                    break;
                }
            }
        }
        step
    }
}

/// Bytes that one write should carry: beyond this, larger writes gain nothing.
pub(crate) const FULL: usize = 256 << 10;
/// Places looked up that are remembered: nearly all players are at one, and blocked ones are not asked.
const MOST_KNOWN: usize = 8;
