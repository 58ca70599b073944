//! Media: what flows between publishers, players and files.

use core::fmt;

use bytes::Bytes;
use rtmp_chunk::{ChunkDecoder, ChunkStreamId, Message, MessageType};
use rtmp_flv::{Tag, TagKind};

use crate::{MessageError, data_name::skip_set_data_frame};

/// What a [`Media`] payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// The body of an FLV audio tag.
    Audio,
    /// The body of an FLV video tag.
    Video,
    /// AMF0 values, the first of them a name such as `onMetaData`, without `@setDataFrame`. See MSG-12.
    Data,
}

/// One audio, video or data message. Cloning is cheap: the payload is reference-counted.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// What the payload is.
    pub kind: MediaKind,
    /// Milliseconds since a moment the publisher chose, modulo 2^32; compare with serial arithmetic. See CHK-26.
    pub timestamp: u32,
    /// The message as it stood on the wire.
    pub payload: Bytes,
}

impl Media {
    /// An audio message: the body of an FLV audio tag.
    pub fn audio(timestamp: u32, payload: impl Into<Bytes>) -> Self {
        Self { kind: MediaKind::Audio, timestamp, payload: payload.into() }
    }

    /// A video message: the body of an FLV video tag.
    pub fn video(timestamp: u32, payload: impl Into<Bytes>) -> Self {
        Self { kind: MediaKind::Video, timestamp, payload: payload.into() }
    }

    /// A data message: AMF0 values, a name first.
    pub fn data(timestamp: u32, payload: impl Into<Bytes>) -> Self {
        Self { kind: MediaKind::Data, timestamp, payload: payload.into() }
    }

    /// Reads an audio, video or data message; `None` for every other type. Copies nothing: selector byte and
    /// every `@setDataFrame` are sliced off. See MSG-3, MSG-4, MSG-12.
    ///
    /// # Errors
    /// [`MessageError`] if it is a data message with nothing in it. See MSG-7.
    pub fn from_message(message: Message) -> Result<Option<Self>, MessageError> {
        let timestamp = message.timestamp;
        match message.kind {
            MessageType::AUDIO => Ok(Some(Self::audio(timestamp, message.payload))),
            MessageType::VIDEO => Ok(Some(Self::video(timestamp, message.payload))),
            MessageType::DATA_AMF0 => data_frame(message.payload).map(|payload| Some(Self::data(timestamp, payload))),
            MessageType::DATA_AMF3 => {
                let payload = skip_selector(message.kind, message.payload)?;
                data_frame(payload).map(|payload| Some(Self::data(timestamp, payload)))
            }
            _ => Ok(None),
        }
    }

    /// The same to keep for long. What a session gives out is a slice of its read buffer if it is at most 32 KiB long, and
    /// keeps all of that alive, a few hundred KiB: such a payload is copied here. A longer one has a buffer of its own, and
    /// is shared.
    ///
    /// For queues that are bounded by what is in them. A [`Channel`](crate::live::Channel) does it by itself.
    #[must_use]
    pub fn detached(&self) -> Self {
        let payload = if self.payload.len() <= ChunkDecoder::SLICED_MAX {
            Bytes::copy_from_slice(&self.payload)
        } else {
            self.payload.clone()
        };
        Self { payload, ..*self }
    }

    /// The message that carries it on message stream `stream_id`; shares the payload.
    pub fn to_message(&self, stream_id: u32) -> Message {
        let (kind, chunk_stream) = match self.kind {
            MediaKind::Audio => (MessageType::AUDIO, ChunkStreamId::AUDIO),
            MediaKind::Video => (MessageType::VIDEO, ChunkStreamId::VIDEO),
            MediaKind::Data => (MessageType::DATA_AMF0, ChunkStreamId::DATA),
        };
        Message { kind, stream_id, timestamp: self.timestamp, chunk_stream, payload: self.payload.clone() }
    }
}

/// Shows the length of the payload, not its bytes.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("kind", &self.kind)
            .field("timestamp", &self.timestamp)
            .field("payload_len", &self.payload.len())
            .finish()
    }
}

/// An RTMP payload is an FLV tag body: this moves it.
impl From<Media> for Tag {
    fn from(media: Media) -> Self {
        let kind = match media.kind {
            MediaKind::Audio => TagKind::Audio,
            MediaKind::Video => TagKind::Video,
            MediaKind::Data => TagKind::Script,
        };
        Self { kind, timestamp: media.timestamp, data: media.payload }
    }
}

/// An FLV tag body is an RTMP payload: this moves it. Tags of a kind that RTMP does not know are given back.
impl TryFrom<Tag> for Media {
    type Error = Tag;

    fn try_from(tag: Tag) -> Result<Self, Tag> {
        let kind = match tag.kind {
            TagKind::Audio => MediaKind::Audio,
            TagKind::Video => MediaKind::Video,
            TagKind::Script => MediaKind::Data,
            // An AMF3 script tag has a selector byte in front; an encrypted one is no media at all.
            _ => return Err(tag),
        };
        Ok(Self { kind, timestamp: tag.timestamp, payload: tag.data })
    }
}

/// The AMF0 string that asks a server to keep what follows, as it stands in front of it.
pub(crate) const SET_DATA_FRAME: &[u8] = b"\x02\x00\x0d@setDataFrame";

/// The values behind `@setDataFrame`, or all of them.
fn data_frame(payload: Bytes) -> Result<Bytes, MessageError> {
    if payload.is_empty() {
        return Err(MessageError::Empty(MessageType::DATA_AMF0));
    }
    let frame = skip_set_data_frame(&payload);
    if frame.is_empty() { Err(MessageError::EmptyDataFrame) } else { Ok(payload.slice_ref(frame)) }
}

/// What follows the selector byte of a message of type 15, 16 or 17. See MSG-3, MSG-4.
pub(crate) fn skip_selector(kind: MessageType, payload: Bytes) -> Result<Bytes, MessageError> {
    match payload.first() {
        None => Err(MessageError::Empty(kind)),
        Some(0) if payload.len() == 1 => Err(MessageError::Empty(kind)),
        Some(0) => Ok(payload.slice(1..)),
        // Some senders leave the selector out: the marker of an AMF0 string, the name, comes first then.
        Some(2) => Ok(payload),
        Some(&selector) => Err(MessageError::Selector(selector)),
    }
}
