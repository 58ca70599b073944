//! Commands: types 20 and 17. See CMD-1 to CMD-10.

use core::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use rtmp_amf::{AmfEncodeError, AmfError, AmfLimits, Value, amf0, amf3::ExternalReader};
use rtmp_chunk::{ChunkStreamId, Message, MessageType};

use crate::{MessageError, media::skip_selector};

/// A command from the peer.
///
/// Not `Clone`: [`ServerSession::reply`](crate::ServerSession::reply) consumes it, so that it is answered once.
#[derive(PartialEq)]
pub struct Call {
    /// What is called.
    pub name: String,
    /// Names the answer; 0 if none is wanted. See CMD-2.
    pub transaction: f64,
    /// The command object; [`Value::Null`] for most commands.
    pub object: Value,
    /// The arguments. See CMD-1.
    pub args: Vec<Value>,
    pub(crate) origin: Origin,
}

/// Where a command came from, and so where its answer goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Origin {
    /// Message stream on the wire.
    pub(crate) stream_id: u32,
    pub(crate) transaction: f64,
    /// It came in the AMF3 form; the answer goes back in the same. See MSG-6.
    pub(crate) amf3: bool,
    /// Tells this call from all others of the session.
    pub(crate) ticket: u64,
}

impl Call {
    /// Does the peer want an answer? See CMD-2.
    pub fn wants_reply(&self) -> bool {
        self.transaction != 0.0
    }

    /// An argument as text.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.args.get(index).and_then(Value::as_str)
    }

    /// An argument as a number.
    pub fn number(&self, index: usize) -> Option<f64> {
        self.args.get(index).and_then(Value::as_f64)
    }

    /// Reads a command message. A missing transaction is 0, a missing object is null (CMD-6); a fault in the arguments
    /// leaves those before it usable (AMF0-38).
    pub(crate) fn decode(
        message: &Message,
        limits: &AmfLimits,
        external: &dyn ExternalReader,
    ) -> Result<Self, MessageError> {
        let amf3 = message.kind == MessageType::COMMAND_AMF3;
        let payload =
            if amf3 { skip_selector(message.kind, message.payload.clone())? } else { message.payload.clone() };
        if payload.is_empty() {
            return Err(MessageError::Empty(message.kind));
        }
        let mut values = values(&payload, limits, external)?.into_iter();
        let name = values.next().and_then(|value| value.as_str().map(str::to_owned)).ok_or(MessageError::NoName)?;
        let transaction = values.next().and_then(|value| value.as_f64()).filter(|id| id.is_finite()).unwrap_or(0.0);
        let object = values.next().unwrap_or(Value::Null);
        let origin = Origin { stream_id: message.stream_id, transaction, amf3, ticket: 0 };
        Ok(Self { name, transaction, object, args: values.collect(), origin })
    }
}

/// Shows how many arguments there are, not what they hold: names are often keys.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("name", &self.name)
            .field("transaction", &self.transaction)
            .field("args", &self.args.len())
            .finish_non_exhaustive()
    }
}

/// A command of ours, to be put on a chunk stream and a message stream.
pub(crate) struct Command<'a> {
    pub(crate) name: &'a str,
    pub(crate) transaction: f64,
    pub(crate) object: &'a Value,
    pub(crate) args: &'a [Value],
}

impl Command<'_> {
    /// The message: on chunk stream 3 for the connection, 5 for a stream. See CHK-47.
    pub(crate) fn to_message(&self, stream_id: u32, amf3: bool) -> Result<Message, AmfEncodeError> {
        let mut body = BytesMut::with_capacity(256);
        if amf3 {
            body.put_u8(0); // MSG-3: AMF0 values follow, AMF3 ones behind their marker.
        }
        amf0::encode(&self.name.into(), &mut body)?;
        amf0::encode(&self.transaction.into(), &mut body)?;
        amf0::encode(self.object, &mut body)?;
        for value in self.args {
            amf0::encode(value, &mut body)?;
        }
        let payload: Bytes = body.freeze();
        let kind = if amf3 { MessageType::COMMAND_AMF3 } else { MessageType::COMMAND_AMF0 };
        let chunk_stream = if stream_id == 0 { ChunkStreamId::COMMAND } else { ChunkStreamId::DATA };
        Ok(Message { kind, stream_id, timestamp: 0, chunk_stream, payload })
    }
}

/// The values of a command, up to the first that cannot be read. An error if not even the first three can, and for a
/// class that nobody knows.
fn values(payload: &[u8], limits: &AmfLimits, external: &dyn ExternalReader) -> Result<Vec<Value>, MessageError> {
    let mut decoder = amf0::Decoder::new(payload, limits).external(external);
    let mut values = Vec::new();
    loop {
        match decoder.next_value() {
            Ok(Some(value)) => values.push(value),
            Ok(None) => return Ok(values),
            // Well-formed, but not for us: without its arguments it would be another call.
            Err(source @ AmfError::UnknownExternalizable { .. }) => {
                return Err(MessageError::Amf { what: "command", source });
            }
            // AMF0-38: name, transaction and object decide whether a command can be handled.
            Err(_) if values.len() >= 3 => return Ok(values),
            Err(source) => return Err(MessageError::Amf { what: "command", source }),
        }
    }
}
