//! What a recording consists of, whatever kind of file it came from.

use bytes::Bytes;
use rtmp_session::chunk::{ChunkStreamId, Message, MessageType};

/// One message of a connection, or one tag of a file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Which direction of which connection; empty for a file that has only one.
    pub(crate) source: String,
    /// Seconds since the capture began, where that is known.
    pub(crate) time: Option<f64>,
    pub(crate) kind: MessageType,
    /// Message stream id; of a tag, its stream id.
    pub(crate) stream: u32,
    /// `None` for the tag of a file.
    pub(crate) chunk_stream: Option<ChunkStreamId>,
    /// Milliseconds modulo 2^32.
    pub(crate) timestamp: u32,
    pub(crate) payload: Bytes,
}

impl Entry {
    pub(crate) fn of_message(source: &str, time: Option<f64>, message: Message) -> Self {
        Self {
            source: source.to_owned(),
            time,
            kind: message.kind,
            stream: message.stream_id,
            chunk_stream: Some(message.chunk_stream),
            timestamp: message.timestamp,
            payload: message.payload,
        }
    }

    /// As the message that it was or could be.
    pub(crate) fn to_message(&self) -> Message {
        Message {
            kind: self.kind,
            stream_id: self.stream,
            timestamp: self.timestamp,
            chunk_stream: self.chunk_stream.unwrap_or(ChunkStreamId::DATA),
            payload: self.payload.clone(),
        }
    }
}

/// Something in a recording that is not as the specification has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Which direction of which connection; empty for a file that has only one.
    pub(crate) source: String,
    /// Where: the number of a message or the offset of a byte.
    pub(crate) place: String,
    /// The numbered requirement in `docs/spec`.
    pub(crate) requirement: &'static str,
    pub(crate) text: String,
    /// Nothing behind it can be read.
    pub(crate) fatal: bool,
}

/// Where what was read goes.
pub(crate) trait Report {
    fn entry(&mut self, entry: &Entry);

    /// Something to know that is neither a message nor a fault.
    fn note(&mut self, source: &str, text: &str);

    fn fault(&mut self, fault: &Fault);

    /// The end of the recording.
    fn finish(&mut self) {}
}
