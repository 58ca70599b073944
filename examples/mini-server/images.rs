//! What to send to players, made once for all that stand at the same place of a stream.

use std::sync::Arc;

use bytes::Bytes;
use rtmp_session::live::{Cursor, NextImage};

use crate::logs::Rendition;
use crate::registry::{State, Stream};

/// The images of one stream, looked up by place. Nearly all players stand at the same place, so one look at the stream
/// serves them all.
pub(crate) struct Images {
    stream: Arc<Stream>,
    /// Steps that were looked up, newest last.
    known: Vec<Step>,
    for_many: bool,
}

/// One step of a reader.
pub(crate) struct Step {
    /// Who can take it; `None`: everybody.
    rendition: Option<Rendition>,
    from: Cursor,
    /// Where it stands then.
    pub(crate) to: Cursor,
    /// What to send: nothing, or about as much as one write should carry. With many players it is one piece.
    pub(crate) images: Vec<Bytes>,
    /// Messages are missing before it.
    pub(crate) gap: bool,
    pub(crate) behind: Behind,
}

/// What is behind that which a reader was given, as of that look.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Behind {
    More,
    /// Nothing yet.
    Nothing,
    /// Nothing, and there is no publisher.
    End,
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
        Self { stream: Arc::clone(stream), known: Vec::new(), for_many }
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Looks again from now on: the stream may have gone on.
    pub(crate) fn refresh(&mut self) {
        self.known.clear();
    }

    /// What a reader of `rendition` at `cursor` gets next.
    pub(crate) fn step(&mut self, rendition: Rendition, cursor: &Cursor) -> &Step {
        let index = match self.known.iter().rposition(|step| step.is_for(rendition, cursor)) {
            Some(index) => index,
            None => self.look(rendition, cursor),
        };
        &self.known[index]
    }

    fn look(&mut self, rendition: Rendition, cursor: &Cursor) -> usize {
        let mut step = Step::take(&self.stream.lock(), rendition, cursor);
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
    /// Whether it has something for a player that knows that there was no publisher.
    pub(crate) fn is_news(&self) -> bool {
        self.behind != Behind::End || !self.images.is_empty()
    }

    fn is_for(&self, rendition: Rendition, cursor: &Cursor) -> bool {
        self.from == *cursor && self.rendition.is_none_or(|only| only == rendition)
    }

    fn take(state: &State, rendition: Rendition, cursor: &Cursor) -> Self {
        let mut step = Self {
            // One that was taken before the logs part leads no further than to where they do.
            rendition: (!state.logs.are_one()).then_some(rendition),
            from: cursor.clone(),
            to: cursor.clone(),
            images: Vec::new(),
            gap: false,
            behind: Behind::More,
        };
        let log = state.logs.of(rendition);
        let mut len = 0;
        while len < FULL {
            match log.next_image(&mut step.to) {
                NextImage::Image(image) => {
                    len += image.len();
                    step.images.push(image);
                }
                NextImage::Gap(_) => step.gap = true,
                NextImage::Pending | NextImage::Ended => {
                    step.behind = Behind::the_head_of(state);
                    break;
                }
            }
        }
        step
    }
}

impl Behind {
    pub(crate) fn the_head_of(state: &State) -> Self {
        if state.is_published() { Self::Nothing } else { Self::End }
    }
}

/// Bytes that one write should carry: beyond this, larger writes gain nothing.
pub(crate) const FULL: usize = 256 << 10;
/// Places looked up that are remembered: nearly all players are at one, and blocked ones are not asked.
const MOST_KNOWN: usize = 8;

#[cfg(test)]
mod tests {
    use rtmp_session::Media;

    use super::*;
    use crate::memory::Memory;
    use crate::registry::Registry;

    /// The second reader of a place is given what the first one was, and hears no more of the stream than that.
    #[test]
    fn no_reader_hears_of_the_end_before_it_has_the_last_message() {
        let registry = Registry::new(Memory::new(32 << 20), 4, false);
        let seat = registry.seat("a");
        let publication = registry.publish("a").unwrap();
        let early = seat.lock().logs.of(Rendition::Full).subscribe();
        publication.push_batch(&mut vec![Media::audio(0, vec![0xaf, 1, 1])]);
        let mut images = Images::for_many(seat.stream());
        let first = images.step(Rendition::Full, &early);
        assert!(first.behind == Behind::Nothing);
        let then = first.to.clone();
        // Meanwhile, on another thread.
        publication.push_batch(&mut vec![Media::audio(20, vec![0xaf, 1, 2])]);
        drop(publication);
        assert!(images.step(Rendition::Full, &then).behind == Behind::End);
        assert!(images.step(Rendition::Full, &early).behind == Behind::Nothing);
    }
}
