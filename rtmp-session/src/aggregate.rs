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
                link.check()?;
                match aggregate.next() {
                    Some(Ok(message)) => return Ok(Some(message)),
                    Some(Err(error)) => link.reject(error),
                    None => self.aggregate = None,
                }
            }
            match link.poll_event()? {
                Some(message) if message.kind == MessageType::AGGREGATE => {
                    self.aggregate = Some(Box::new(Aggregate::new(message)));
                }
                other => return Ok(other),
            }
        }
    }
}

/// What is left of an aggregate message. Sub-messages are sliced off, not copied.
struct Aggregate {
    whole: Message,
    rest: Bytes,
    /// Time of the aggregate less time of its first sub-message, once that is known. See AGG-4.
    offset: Option<u32>,
}

impl Aggregate {
    fn new(message: Message) -> Self {
        Self { rest: message.payload.clone(), whole: message, offset: None }
    }

    /// The next sub-message as a message of its own: on the stream of the aggregate (AGG-3), with its time rebased.
    /// `None` at the end.
    ///
    /// # Errors
    /// [`MessageError::AggregateCut`] ends it, [`MessageError::NotAggregable`] leaves one sub-message out.
    fn next(&mut self) -> Option<Result<Message, MessageError>> {
        if self.rest.is_empty() {
            return None;
        }
        let Some(head) = self.rest.first_chunk::<HEAD_LEN>().copied() else {
            return Some(Err(self.cut(HEAD_LEN - self.rest.len())));
        };
        let len = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        // AGG-2: in the order of FLV, the high byte last.
        let time = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
        self.rest.advance(HEAD_LEN);
        if self.rest.len() < len {
            return Some(Err(self.cut(len - self.rest.len())));
        }
        let payload = self.rest.split_to(len);
        // AGG-5: the back pointer may be wrong, and missing behind the last one.
        self.rest.advance(self.rest.len().min(BACK_POINTER_LEN));
        let offset = *self.offset.get_or_insert_with(|| self.whole.timestamp.wrapping_sub(time));
        let kind = MessageType(head[0]);
        if kind == MessageType::AGGREGATE || (1..=6).contains(&kind.0) {
            return Some(Err(MessageError::NotAggregable(kind)));
        }
        Some(Ok(Message { kind, timestamp: time.wrapping_add(offset), payload, ..self.whole.clone() }))
    }

    fn cut(&mut self, missing: usize) -> MessageError {
        self.rest.clear();
        MessageError::AggregateCut { missing }
    }
}

/// Shows how much is left, not what it holds.
impl fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregate").field("whole", &self.whole).field("rest", &self.rest.len()).finish()
    }
}

const HEAD_LEN: usize = 11;
const BACK_POINTER_LEN: usize = 4;
