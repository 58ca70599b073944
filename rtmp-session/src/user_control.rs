//! User control events, message type 4. See UCM-1 to UCM-9.

use bytes::{BufMut, Bytes, BytesMut};
use rtmp_chunk::{ChunkStreamId, Message, MessageType};

use crate::MessageError;

/// What a user control message says. Message stream numbers are those of the wire. See UCM-3.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserControl {
    /// Event 0, from a server: the stream can be used.
    StreamBegin(u32),
    /// Event 1, from a server: playing is over.
    StreamEof(u32),
    /// Event 2, from a server: no data for a while.
    StreamDry(u32),
    /// Event 3, from a client: how much it buffers.
    SetBufferLength {
        /// Message stream.
        stream_id: u32,
        /// Milliseconds.
        length: u32,
    },
    /// Event 4, from a server: the stream is a recording.
    StreamIsRecorded(u32),
    /// Event 6: asks for a response with the same time, in milliseconds.
    PingRequest(u32),
    /// Event 7: the time of the request.
    PingResponse(u32),
    /// Event 26, from a server: asks for a SWF verification response of this type. See UCM-6.
    SwfVerifyRequest(Option<u8>),
    /// Event 27, from a client: the 42 bytes that
    /// [`SwfVerification::answer`](rtmp_handshake::SwfVerification::answer) makes. Sent as it is, whatever its length;
    /// readers refuse fewer bytes, and [`UserControl::parse`] drops those behind. See SWFV-3.
    SwfVerifyResponse(Bytes),
    /// Event 31, from a server: it has sent one client buffer and pauses.
    BufferEmpty(u32),
    /// Event 32, from a server: it goes on.
    BufferReady(u32),
    /// Any other event; to be ignored. See UCM-4.
    Other {
        /// The event.
        event: u16,
        /// Its data.
        data: Bytes,
    },
}

impl UserControl {
    /// Reads the body of a user control message. Bytes behind the fields are ignored.
    ///
    /// # Errors
    /// [`MessageError::UserControl`] if it is shorter than its fields. See UCM-5.
    pub fn parse(body: &Bytes) -> Result<Self, MessageError> {
        let short = |event| MessageError::UserControl { event, len: body.len() };
        let event = body.first_chunk().copied().map(u16::from_be_bytes).ok_or_else(|| short(0xffff))?;
        let data = &body[2..];
        let u32_at = |at: usize| {
            data.get(at..)
                .and_then(|rest| rest.first_chunk().copied())
                .map(u32::from_be_bytes)
                .ok_or_else(|| short(event))
        };
        Ok(match event {
            0 => Self::StreamBegin(u32_at(0)?),
            1 => Self::StreamEof(u32_at(0)?),
            2 => Self::StreamDry(u32_at(0)?),
            3 => Self::SetBufferLength { stream_id: u32_at(0)?, length: u32_at(4)? },
            4 => Self::StreamIsRecorded(u32_at(0)?),
            6 => Self::PingRequest(u32_at(0)?),
            7 => Self::PingResponse(u32_at(0)?),
            26 => Self::SwfVerifyRequest(data.first().copied()),
            27 if data.len() < SWF_RESPONSE_LEN => return Err(short(event)),
            27 => Self::SwfVerifyResponse(body.slice(2..2 + SWF_RESPONSE_LEN)),
            31 => Self::BufferEmpty(u32_at(0)?),
            32 => Self::BufferReady(u32_at(0)?),
            _ => Self::Other { event, data: body.slice(2..) },
        })
    }

    /// The message that says this: on chunk stream 2, message stream 0, at time 0. See UCM-1.
    pub fn to_message(&self) -> Message {
        let mut body = BytesMut::with_capacity(10);
        body.put_u16(self.event());
        match self {
            Self::StreamBegin(value)
            | Self::StreamEof(value)
            | Self::StreamDry(value)
            | Self::StreamIsRecorded(value)
            | Self::PingRequest(value)
            | Self::PingResponse(value)
            | Self::BufferEmpty(value)
            | Self::BufferReady(value) => body.put_u32(*value),
            Self::SetBufferLength { stream_id, length } => {
                body.put_u32(*stream_id);
                body.put_u32(*length);
            }
            Self::SwfVerifyRequest(kind) => body.extend(kind),
            Self::SwfVerifyResponse(data) | Self::Other { data, .. } => body.put_slice(data),
        }
        Message {
            kind: MessageType::USER_CONTROL,
            stream_id: 0,
            timestamp: 0,
            chunk_stream: ChunkStreamId::CONTROL,
            payload: body.freeze(),
        }
    }

    fn event(&self) -> u16 {
        match self {
            Self::StreamBegin(_) => 0,
            Self::StreamEof(_) => 1,
            Self::StreamDry(_) => 2,
            Self::SetBufferLength { .. } => 3,
            Self::StreamIsRecorded(_) => 4,
            Self::PingRequest(_) => 6,
            Self::PingResponse(_) => 7,
            Self::SwfVerifyRequest(_) => 26,
            Self::SwfVerifyResponse(_) => 27,
            Self::BufferEmpty(_) => 31,
            Self::BufferReady(_) => 32,
            Self::Other { event, .. } => *event,
        }
    }
}

/// See SWFV-3.
const SWF_RESPONSE_LEN: usize = 42;
