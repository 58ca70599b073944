//! What to send to players, made once for all that stand at the same place of a stream.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rtmp_session::live::{Cursor, NextImage};

use crate::registry::{State, Stream};

/// The images of one stream, looked up by place. Nearly all players stand at the same place, so one look at the stream,
/// and one gathering of its batches into a contiguous piece, serves them all.
pub(crate) struct Images {
    stream: Arc<Stream>,
    /// Steps that were looked up, newest last.
    known: Vec<Step>,
    published: bool,
}

#[derive(Clone)]
struct Step {
    from: Cursor,
    to: Cursor,
    found: Found,
}

#[derive(Clone)]
pub(crate) enum Found {
    Image(Bytes),
    Gap,
    Nothing,
}

impl Images {
    pub(crate) fn new(stream: &Arc<Stream>) -> Self {
        let published = stream.lock().is_published();
        Self { stream: Arc::clone(stream), known: Vec::new(), published }
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Whether there is a publisher, as of the last look.
    pub(crate) fn is_published(&self) -> bool {
        self.published
    }

    /// Looks again from now on: the stream may have gone on.
    pub(crate) fn refresh(&mut self) {
        self.known.clear();
    }

    /// What stands at `cursor`, which moves behind it.
    pub(crate) fn next(&mut self, cursor: &mut Cursor) -> Found {
        if let Some(step) = self.known.iter().rev().find(|step| step.from == *cursor) {
            cursor.clone_from(&step.to);
            return step.found.clone();
        }
        let from = cursor.clone();
        let found = {
            let state = self.stream.lock();
            self.published = state.is_published();
            look(&state, cursor)
        };
        let found = gather(found);
        if self.known.len() == MOST_KNOWN {
            self.known.remove(0);
        }
        self.known.push(Step { from, to: cursor.clone(), found: found.clone() });
        found
    }
}

enum Looked {
    Images(Vec<Bytes>),
    Gap,
    Nothing,
}

/// Takes images up to what one write should carry.
fn look(state: &State, cursor: &mut Cursor) -> Looked {
    let mut images = Vec::new();
    let mut len = 0;
    while len < FULL {
        // A gap must be told by itself, so it is left for the next look.
        let before = cursor.clone();
        match state.channel.next_image(cursor) {
            NextImage::Image(image) => {
                len += image.len();
                images.push(image);
            }
            NextImage::Gap(_) if images.is_empty() => return Looked::Gap,
            NextImage::Gap(_) => {
                *cursor = before;
                break;
            }
            NextImage::Pending | NextImage::Ended => break,
        }
    }
    if images.is_empty() { Looked::Nothing } else { Looked::Images(images) }
}

/// A contiguous piece is cheaper to send than a list, and it is made once for all who stand here.
fn gather(looked: Looked) -> Found {
    let images = match looked {
        Looked::Images(images) => images,
        Looked::Gap => return Found::Gap,
        Looked::Nothing => return Found::Nothing,
    };
    if let [image] = &*images {
        return Found::Image(image.clone());
    }
    let mut gathered = BytesMut::with_capacity(images.iter().map(Bytes::len).sum());
    images.iter().for_each(|image| gathered.extend_from_slice(image));
    Found::Image(gathered.freeze())
}

/// Bytes that one write should carry: beyond this, larger writes gain nothing.
pub(crate) const FULL: usize = 256 << 10;
/// Places looked up that are remembered: nearly all players are at one, and blocked ones are not asked.
const MOST_KNOWN: usize = 8;
