//! What a client session reports.

use rtmp_amf::Value;

use crate::{Call, CallId, Media, Status, StreamId, UserControl, shared_object::SharedObjectMessage};

/// What [`ClientSession::poll_event`](crate::ClientSession::poll_event) returns.
#[non_exhaustive]
#[derive(Debug)]
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
    /// A stream is over: refused, failed, or ended by the server.
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
    /// A status that ends nothing.
    Status {
        /// The stream it is about; `None`: the connection.
        stream: Option<StreamId>,
        /// What it says.
        status: Status,
    },
    /// A user control event about a stream, or one that nobody knows.
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
