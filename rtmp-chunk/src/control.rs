//! Protocol control messages: types 1, 2, 3, 5 and 6. See CTL-1 to CTL-28.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{ChunkSize, ChunkStreamId, Message, MessageType};

/// What a protocol control message says.
///
/// The decoder has already acted on [`Control::SetChunkSize`] and [`Control::Abort`] when it returns their message;
/// the others are for the layer above.
///
/// ```
/// # use rtmp_chunk::{Control, ControlError};
/// let message = Control::WindowAckSize(2_500_000).to_message();
/// assert_eq!(Control::parse(&message)?, Some(Control::WindowAckSize(2_500_000)));
/// # Ok::<(), ControlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Type 1: size of the chunks its sender sends from the next one on. See CTL-3.
    SetChunkSize(ChunkSize),
    /// Type 2: the unfinished message of this chunk stream will not be finished. See CTL-9.
    Abort(ChunkStreamId),
    /// Type 3: bytes received so far, modulo 2^32. See CTL-13.
    Acknowledgement(u32),
    /// Type 5: bytes the receiver may take in before it sends an acknowledgement. 0 is to be ignored. See CTL-16, CTL-18.
    WindowAckSize(u32),
    /// Type 6: limit of the receiver's own output window. See CTL-23.
    SetPeerBandwidth {
        /// The window in bytes. 0 is to be ignored. See CTL-26.
        window: u32,
        /// How to take it.
        limit: BandwidthLimit,
    },
}

/// The limit type of [`Control::SetPeerBandwidth`]. An open set: unknown values are to be ignored. See CTL-26.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BandwidthLimit(pub u8);

impl BandwidthLimit {
    /// The window becomes the given one.
    pub const HARD: Self = Self(0);
    /// The window becomes the smaller of the given one and the one in effect.
    pub const SOFT: Self = Self(1);
    /// As hard if the last limit was hard, else to be ignored.
    pub const DYNAMIC: Self = Self(2);
}

impl Control {
    /// Reads a protocol control message; `None` for every other type.
    ///
    /// Accepted on any chunk stream and message stream, and with a body longer than its fields. See CTL-1, CTL-2.
    ///
    /// # Errors
    /// [`ControlError`] if the body is too short or its value means nothing. In a Set Chunk Size that is fatal, and the
    /// decoder has reported it; else the message alone is to be dropped.
    pub fn parse(message: &Message) -> Result<Option<Self>, ControlError> {
        let body = &message.payload[..];
        Ok(Some(match message.kind {
            MessageType::SET_CHUNK_SIZE => Self::SetChunkSize(parse_chunk_size(body, false)?),
            MessageType::ABORT => {
                let id = be32(message.kind, body)?;
                Self::Abort(ChunkStreamId::new(id).ok_or(ControlError::NoSuchChunkStream { id })?)
            }
            MessageType::ACKNOWLEDGEMENT => Self::Acknowledgement(be32(message.kind, body)?),
            MessageType::WINDOW_ACK_SIZE => Self::WindowAckSize(be32(message.kind, body)?),
            MessageType::SET_PEER_BANDWIDTH => {
                let window = be32(message.kind, body)?;
                let limit = *body.get(4).ok_or_else(|| too_short(message.kind, body, 5))?;
                Self::SetPeerBandwidth { window, limit: BandwidthLimit(limit) }
            }
            _ => return Ok(None),
        }))
    }

    /// The message that says this: on chunk stream 2, message stream 0, at time 0. See CTL-1.
    pub fn to_message(self) -> Message {
        let mut body = BytesMut::with_capacity(5);
        let kind = match self {
            Self::SetChunkSize(size) => {
                body.put_u32(size.get());
                MessageType::SET_CHUNK_SIZE
            }
            Self::Abort(id) => {
                body.put_u32(id.get());
                MessageType::ABORT
            }
            Self::Acknowledgement(received) => {
                body.put_u32(received);
                MessageType::ACKNOWLEDGEMENT
            }
            Self::WindowAckSize(window) => {
                body.put_u32(window);
                MessageType::WINDOW_ACK_SIZE
            }
            Self::SetPeerBandwidth { window, limit } => {
                body.put_u32(window);
                body.put_u8(limit.0);
                MessageType::SET_PEER_BANDWIDTH
            }
        };
        let payload: Bytes = body.freeze();
        Message { kind, stream_id: 0, timestamp: 0, chunk_stream: ChunkStreamId::CONTROL, payload }
    }
}

/// A protocol control message whose body cannot be read.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The body is shorter than its fields. See CTL-2.
    #[error("body of {len} bytes in a message of type {kind}, which needs {need} (CTL-2)", kind = kind.0)]
    TooShort {
        /// Type of the message.
        kind: MessageType,
        /// Bytes in the body.
        len: usize,
        /// Bytes needed.
        need: usize,
    },
    /// A chunk size of 0, or with its top bit set. See CTL-6, CTL-7.
    #[error("chunk size {size:#x} is not within 1 and 0x7fffffff (CTL-6, CTL-7)")]
    ChunkSizeOutOfRange {
        /// The value on the wire.
        size: u32,
    },
    /// Abort names an id that no chunk stream can have. See CTL-10.
    #[error("abort of chunk stream {id}, which cannot exist (CTL-10)")]
    NoSuchChunkStream {
        /// The value on the wire.
        id: u32,
    },
}

/// The body of Set Chunk Size. `ignore_top_bit` is the lenient reading of CTL-7.
pub(crate) fn parse_chunk_size(body: &[u8], ignore_top_bit: bool) -> Result<ChunkSize, ControlError> {
    let wire = be32(MessageType::SET_CHUNK_SIZE, body)?;
    let size = if ignore_top_bit { wire & 0x7fff_ffff } else { wire };
    if size > 0x7fff_ffff {
        return Err(ControlError::ChunkSizeOutOfRange { size });
    }
    // CTL-5: anything above the longest message means the same as the longest message.
    ChunkSize::new(size.min(ChunkSize::MAX.get())).ok_or(ControlError::ChunkSizeOutOfRange { size: wire })
}

/// The id in the body of Abort, if it has one.
pub(crate) fn parse_abort(body: &[u8]) -> Option<u32> {
    body.first_chunk().copied().map(u32::from_be_bytes)
}

fn be32(kind: MessageType, body: &[u8]) -> Result<u32, ControlError> {
    body.first_chunk().copied().map(u32::from_be_bytes).ok_or_else(|| too_short(kind, body, 4))
}

fn too_short(kind: MessageType, body: &[u8], need: usize) -> ControlError {
    ControlError::TooShort { kind, len: body.len(), need }
}
