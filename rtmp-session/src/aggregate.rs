//! Aggregate messages, type 22: several messages in one. See AGG-1 to AGG-8.

use core::fmt;

use bytes::{Buf, Bytes};
use rtmp_chunk::{Message, MessageType};

use crate::{Link, MessageError, SessionError};

/// The messages of a link, with those inside an aggregate in its place.
#[derive(Debug, Default)]
pub(crate) struct Unbundled {
    aggregate: Option<Box<Aggregate>>,
}

impl Unbundled {
    /// The next message, as [`Link::poll_event`] does it, errors and all: none comes out of an aggregate behind the end of
    /// the connection.
    pub(crate) fn next(&mut self, link: &mut Link) -> Result<Option<Message>, SessionError> {
        loop {
            while let Some(aggregate) = &mut self.aggregate {
                if let Err(error) = link.check() {
                    self.aggregate = None;
                    return Err(error);
                }
                match aggregate.next() {
                    Some(Ok(message)) => return Ok(Some(message)),
                    Some(Err(error)) => link.reject(error),
                    None => {
                        self.aggregate = None;
                        link.hold_aggregate(0);
                    }
                }
            }
            match link.poll_event()? {
                Some(message) if message.kind == MessageType::AGGREGATE => {
                    link.hold_aggregate(message.payload.len());
                    self.aggregate = Some(Box::new(Aggregate::new(message)));
                }
                other => return Ok(other),
            }
        }
    }
}

/// What is left of an aggregate message.
struct Aggregate {
    /// The aggregate itself; its payload is what is left.
    whole: Message,
    /// Length of all of it.
    len: usize,
    /// Time of the aggregate less time of its first sub-message, once that is known. See AGG-4.
    offset: Option<u32>,
}

impl Aggregate {
    fn new(message: Message) -> Self {
        Self { len: message.payload.len(), whole: message, offset: None }
    }

    /// The next sub-message as a message of its own: on the stream of the aggregate (AGG-3), with its time rebased.
    /// `None` at the end.
    ///
    /// # Errors
    /// [`MessageError::AggregateCut`] ends it, [`MessageError::NotAggregable`] leaves one sub-message out.
    fn next(&mut self) -> Option<Result<Message, MessageError>> {
        let rest = &mut self.whole.payload;
        if rest.is_empty() {
            return None;
        }
        let Some(head) = rest.first_chunk::<HEAD_LEN>().copied() else {
            let missing = HEAD_LEN - rest.len();
            return Some(Err(self.cut(missing)));
        };
        let len = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        // AGG-2: in the order of FLV, the high byte last.
        let time = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
        rest.advance(HEAD_LEN);
        if rest.len() < len {
            let missing = len - rest.len();
            return Some(Err(self.cut(missing)));
        }
        let payload = rest.split_to(len);
        // AGG-5: the back pointer may be wrong, and missing behind the last one.
        rest.advance(rest.len().min(BACK_POINTER_LEN));
        let offset = *self.offset.get_or_insert_with(|| self.whole.timestamp.wrapping_sub(time));
        let kind = MessageType(head[0]);
        if kind == MessageType::AGGREGATE || (1..=6).contains(&kind.0) {
            return Some(Err(MessageError::NotAggregable(kind)));
        }
        // A slice keeps all of the aggregate alive, for as long as a log or a player has it: only what is nearly all of
        // it is worth that.
        let payload = if self.len - len > self.len / SLICED_SHARE { Bytes::copy_from_slice(&payload) } else { payload };
        let Message { stream_id, chunk_stream, .. } = self.whole;
        Some(Ok(Message { kind, stream_id, timestamp: time.wrapping_add(offset), chunk_stream, payload }))
    }

    fn cut(&mut self, missing: usize) -> MessageError {
        self.whole.payload.clear();
        MessageError::AggregateCut { missing }
    }
}

/// Shows how much is left, not what it holds.
impl fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregate").field("rest", &self.whole).field("len", &self.len).finish()
    }
}

const HEAD_LEN: usize = 11;
const BACK_POINTER_LEN: usize = 4;
/// A slice may keep one part in so many alive that is not its own.
const SLICED_SHARE: usize = 8;
