//! What a client session reports.

use core::fmt;

use rtmp_amf::Value;

use crate::{Call, CallId, Media, Status, StreamId, UserControl, shared_object::SharedObjectMessage, shown::Hidden};

/// What [`ClientSession::poll_event`](crate::ClientSession::poll_event) returns.
#[non_exhaustive]
pub enum ClientEvent {
    /// The server accepted the connect command. A refusal is [`SessionError::Refused`](crate::SessionError::Refused).
    Connected,
    /// The server accepted a publish or play: media may be sent, or will come.
    Started {
        /// The stream.
        stream: StreamId,
    },
    /// Audio, video or data of a stream that is played.
    Media {
        /// The stream.
        stream: StreamId,
        /// What came.
        media: Media,
    },
    /// A stream is over: refused, failed, or ended by the server; [`Status::is_error`] tells which. A player's stream is not
    /// over when its publisher leaves: that is a [`Status`](Self::Status).
    Ended {
        /// The stream; the handle is used up.
        stream: StreamId,
        /// Why.
        status: Status,
    },
    /// The server asks for a new connection. [`ClientSession::successor`](crate::ClientSession::successor) makes it; this
    /// one goes on meanwhile. Comes only if [`CapsEx::RECONNECT`](crate::CapsEx::RECONNECT) was announced; else the status
    /// comes. See ERTMP-92 to ERTMP-97.
    Reconnect {
        /// Where to, as the server wrote it: whole or relative; `None`: to the same place.
        url: Option<String>,
    },
    /// The answer to a [`call`](crate::ClientSession::call).
    Reply {
        /// The call.
        call: CallId,
        /// The values of the answer, the command object first.
        values: Vec<Value>,
    },
    /// The refusal of a [`call`](crate::ClientSession::call).
    CallFailed {
        /// The call.
        call: CallId,
        /// Why.
        status: Status,
    },
    /// The server has closed the connection in an orderly way: every stream has [ended](Self::Ended) and every call has
    /// failed by now, and nothing more will come of it. Write out the queue, close. See CMD-25.
    Closed {
        /// Why.
        status: Status,
    },
    /// A status that ends nothing.
    ///
    /// Among them [`code::PLAY_UNPUBLISH_NOTIFY`](crate::code::PLAY_UNPUBLISH_NOTIFY): the publisher of a live stream that is
    /// played has left. The stream stays and goes on with the next publisher, who may never come, so a player that wants to
    /// end with the publisher has to look for it; `tokio::connect` shows one. See CMD-46.
    Status {
        /// The stream it is about; `None`: the connection.
        stream: Option<StreamId>,
        /// What it says.
        status: Status,
    },
    /// A user control event about a stream, a SWF verification request, or an event that nobody knows. A request that
    /// [`ClientConfig::swf_verification`](crate::ClientConfig::swf_verification) answers is answered by then.
    Control(UserControl),
    /// A command of the server that the session does not know. Answer with
    /// [`reply`](crate::ClientSession::reply), or ignore it, which answers `_error`. See CMD-7.
    Command {
        /// The command.
        call: Call,
    },
    /// Something happened to a shared object. Hand it to the [`SharedObject`](crate::shared_object::SharedObject) of that
    /// name.
    SharedObject(SharedObjectMessage),
}

/// Hides where to connect anew and what calls are answered with: tokens and keys sit in either.
impl fmt::Debug for ClientEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("Connected"),
            Self::Started { stream } => f.debug_struct("Started").field("stream", stream).finish(),
            Self::Media { stream, media } => {
                f.debug_struct("Media").field("stream", stream).field("media", media).finish()
            }
            Self::Ended { stream, status } => {
                f.debug_struct("Ended").field("stream", stream).field("status", status).finish()
            }
            Self::Closed { status } => f.debug_struct("Closed").field("status", status).finish(),
            Self::Reconnect { url } => f.debug_struct("Reconnect").field("url", &url.as_deref().map(Hidden)).finish(),
            Self::Reply { call, values } => {
                f.debug_struct("Reply").field("call", call).field("values", &values.len()).finish()
            }
            Self::CallFailed { call, status } => {
                f.debug_struct("CallFailed").field("call", call).field("status", status).finish()
            }
            Self::Status { stream, status } => {
                f.debug_struct("Status").field("stream", stream).field("status", status).finish()
            }
            Self::Control(event) => f.debug_tuple("Control").field(event).finish(),
            Self::Command { call } => f.debug_struct("Command").field("call", call).finish(),
            Self::SharedObject(message) => f.debug_tuple("SharedObject").field(message).finish(),
        }
    }
}
