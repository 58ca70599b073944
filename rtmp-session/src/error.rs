//! Whose fault it is: the peer's ([`SessionError`], [`MessageError`]) or the caller's ([`CommandError`]).

use rtmp_amf::{AmfEncodeError, AmfError};
use rtmp_chunk::{ChunkError, ControlError, MessageTooLong, MessageType};
use rtmp_handshake::HandshakeError;

use crate::{Status, shared_object::SharedObjectError};

/// The peer's fault: the connection is over.
///
/// Sticky: the session returns the same error from then on. The send queue may hold a last status for the peer; write
/// it out, then close.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The handshake failed: the peer does not speak RTMP, or a form of it that is not supported.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The framing is lost, or a limit of the chunk layer was passed.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// A limit of [`Limits`](crate::Limits) was passed.
    #[error("{what}: {value} is over the limit of {max}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The number seen.
        value: usize,
        /// The number allowed.
        max: usize,
    },
    /// The connect command was answered with no: by the server (at a client), or by this program (at a server).
    #[error("connection refused: {0}")]
    Refused(Box<Status>),
    /// Nothing came in time.
    #[error("{0}")]
    TimedOut(Timeout),
    /// The peer closed inside the handshake or a message.
    #[error("the peer closed inside {0}")]
    UnexpectedEof(CutOff),
}

/// What did not come in time. See [`SessionError::TimedOut`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Timeout {
    /// The handshake was not complete within [`LinkConfig::handshake_timeout`](crate::LinkConfig::handshake_timeout).
    /// See HS-15.
    #[error("the handshake was not complete in time (HS-15)")]
    Handshake,
    /// No connect command came, or no answer to ours, within the same time, counted from the start.
    #[error("no connect command, or no answer to it, came in time")]
    Connect,
    /// A server left our createStream, publish or play without its answer for
    /// [`ClientConfig::answer_timeout`](crate::ClientConfig::answer_timeout).
    #[error("the server did not start a publish or play in time")]
    Start,
    /// Nothing was heard for [`LinkConfig::idle_timeout`](crate::LinkConfig::idle_timeout), pings included.
    #[error("the peer was silent for too long")]
    Idle,
    /// The peer speaks, and did not take what was queued for it, nor more than 4 KiB of it, within
    /// [`LinkConfig::idle_timeout`](crate::LinkConfig::idle_timeout).
    #[error("the peer does not take what is sent to it")]
    Write,
}

/// Where the peer stopped. See [`SessionError::UnexpectedEof`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutOff {
    /// Before the handshake was complete.
    #[error("the handshake")]
    Handshake,
    /// Between the first and the last byte of a message.
    #[error("a message")]
    Message,
}

/// One message was dropped; the connection goes on. See [`Stats::last_rejected`](crate::Stats::last_rejected).
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MessageError {
    /// A command or data message holds a value that cannot be read.
    #[error("{what}: {source}")]
    Amf {
        /// The part of the message.
        what: &'static str,
        /// What is wrong with it.
        source: AmfError,
    },
    /// A command or data message is empty. See MSG-7.
    #[error("empty message of type {kind} (MSG-7)", kind = .0.0)]
    Empty(MessageType),
    /// A command whose name is not a string. See CMD-6.
    #[error("command without a name (CMD-6)")]
    NoName,
    /// A command that lacks a value it cannot do without.
    #[error("{command} without {value}")]
    Missing {
        /// The command.
        command: &'static str,
        /// The value.
        value: &'static str,
    },
    /// The selector byte of a message of type 15 to 17 is not 0. See MSG-4.
    #[error("selector byte {0} instead of 0 (MSG-4)")]
    Selector(u8),
    /// A `@setDataFrame` with nothing behind it. See MSG-12.
    #[error("@setDataFrame without data (MSG-12)")]
    EmptyDataFrame,
    /// A protocol control message that cannot be read. See CTL-2.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A user control event shorter than its fields. See UCM-5.
    #[error("user control event {event} of {len} bytes is too short (UCM-5)")]
    UserControl {
        /// The event; 0xffff if even that was cut off.
        event: u16,
        /// Bytes in the message.
        len: usize,
    },
    /// A shared object message that cannot be read. See SO-2.
    #[error(transparent)]
    SharedObject(#[from] SharedObjectError),
    /// An aggregate message is cut off; what came before was delivered. See AGG-6.
    #[error("aggregate message ends {missing} bytes early (AGG-6)")]
    AggregateCut {
        /// Bytes missing.
        missing: usize,
    },
    /// A message that may not stand inside an aggregate. See AGG-7.
    #[error("message of type {kind} inside an aggregate (AGG-7)", kind = .0.0)]
    NotAggregable(MessageType),
}

/// The caller's fault: nothing happened, the session is as before.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CommandError {
    /// No such stream: the handle is of another session, or the stream has ended.
    #[error("no such stream, or it has ended")]
    UnknownStream,
    /// Not now: for example media to a publisher, or before the stream was accepted.
    #[error("not possible now: {0}")]
    WrongState(&'static str),
    /// The request was answered or refused before: an answer must come before the next `poll_event`.
    #[error("the request was answered before, or refused because no answer came before the next poll")]
    Expired,
    /// A payload longer than the wire can carry. See CHK-37.
    #[error(transparent)]
    TooLong(#[from] MessageTooLong),
    /// A value that AMF cannot express.
    #[error(transparent)]
    Amf(#[from] AmfEncodeError),
    /// More streams or unanswered calls than [`Limits`](crate::Limits) allow.
    #[error("{what}: {max} are open, which is the limit")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// The number allowed.
        max: usize,
    },
    /// The connection is over.
    #[error("the connection is over")]
    Closed,
}
