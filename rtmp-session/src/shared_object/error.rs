//! What can be wrong with a shared object message.

use rtmp_amf::AmfError;
use rtmp_chunk::MessageType;

/// The peer's fault: this message cannot be used. The connection can go on without it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SharedObjectError {
    /// A message of another type than 16 and 19.
    #[error("message of type {kind} is no shared object message", kind = .0.0)]
    Kind(MessageType),
    /// The selector byte of a message of type 16 is neither 0 nor 3. See SO-3.
    #[error("selector byte {0} of a shared object message is neither 0 nor 3 (SO-3)")]
    Selector(u8),
    /// The message or one of its events ends inside a field, or an event is longer than the message. See SO-2.
    #[error("shared object message is cut off in {what} (SO-2)")]
    Cut {
        /// The field.
        what: &'static str,
    },
    /// A value that cannot be read.
    #[error("value of a shared object event: {0}")]
    Amf(#[from] AmfError),
    /// A Send Message whose first value is not the name of a handler. See SO-4.
    #[error("shared object message to a handler without a name (SO-4)")]
    NoHandler,
    /// A limit of [`SharedObjectLimits`](super::SharedObjectLimits) was passed.
    #[error("{what}: {value} is over the limit of {max}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The number seen.
        value: usize,
        /// The number allowed.
        max: usize,
    },
}

impl SharedObjectError {
    /// Fails if `value` is over `max`.
    pub(super) const fn check(what: &'static str, value: usize, max: usize) -> Result<(), Self> {
        if value > max { Err(Self::Limit { what, value, max }) } else { Ok(()) }
    }
}
