//! A message and the numbers in its header, each a type that can only hold what the wire can carry.

use alloc::format;
use core::fmt::{self, Write};

use bytes::Bytes;

/// One RTMP message: what the chunks of one chunk stream add up to.
///
/// Cloning is cheap: the payload is reference-counted.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What the payload is.
    pub kind: MessageType,
    /// The message stream it belongs to: 0 for the connection itself, else a number handed out by `createStream`.
    /// Values above 0xFF_FFFF should not occur but are tolerated. See CHK-41.
    pub stream_id: u32,
    /// Milliseconds since a moment the sender chose, modulo 2^32; compare with serial arithmetic. See CHK-26.
    pub timestamp: u32,
    /// The chunk stream it came on, or is to be sent on.
    pub chunk_stream: ChunkStreamId,
    /// At most [`Message::MAX_LEN`] bytes; may be empty. See CHK-35.
    pub payload: Bytes,
}

impl Message {
    /// Longest payload the 24-bit length field can announce: 16 777 215 bytes. See CHK-37.
    pub const MAX_LEN: usize = 0xff_ffff;
}

/// Shows the length of the payload, not its bytes: commands carry stream keys.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("kind", &self.kind)
            .field("stream_id", &self.stream_id)
            .field("timestamp", &self.timestamp)
            .field("chunk_stream", &self.chunk_stream)
            .field("payload_len", &self.payload.len())
            .finish()
    }
}

/// The type byte of a message. An open set: unknown values pass through untouched. See CHK-42.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageType(pub u8);

impl MessageType {
    /// Protocol control: size of the sender's chunks from now on.
    pub const SET_CHUNK_SIZE: Self = Self(1);
    /// Protocol control: give up the unfinished message of one chunk stream.
    pub const ABORT: Self = Self(2);
    /// Protocol control: how many bytes the sender has received so far.
    pub const ACKNOWLEDGEMENT: Self = Self(3);
    /// User control: stream begin and end, buffer length, ping.
    pub const USER_CONTROL: Self = Self(4);
    /// Protocol control: how many bytes the receiver may take in before it acknowledges.
    pub const WINDOW_ACK_SIZE: Self = Self(5);
    /// Protocol control: how large the receiver's own output window shall be.
    pub const SET_PEER_BANDWIDTH: Self = Self(6);
    /// Audio; the payload is the body of an FLV audio tag.
    pub const AUDIO: Self = Self(8);
    /// Video; the payload is the body of an FLV video tag.
    pub const VIDEO: Self = Self(9);
    /// Data such as onMetaData, AMF3 form.
    pub const DATA_AMF3: Self = Self(15);
    /// Shared object, AMF3 form.
    pub const SHARED_OBJECT_AMF3: Self = Self(16);
    /// Command, AMF3 form.
    pub const COMMAND_AMF3: Self = Self(17);
    /// Data such as onMetaData, AMF0.
    pub const DATA_AMF0: Self = Self(18);
    /// Shared object, AMF0.
    pub const SHARED_OBJECT_AMF0: Self = Self(19);
    /// Command, AMF0.
    pub const COMMAND_AMF0: Self = Self(20);
    /// Several audio, video and data messages in one.
    pub const AGGREGATE: Self = Self(22);

    const fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::SET_CHUNK_SIZE => "set chunk size",
            Self::ABORT => "abort",
            Self::ACKNOWLEDGEMENT => "acknowledgement",
            Self::USER_CONTROL => "user control",
            Self::WINDOW_ACK_SIZE => "window ack size",
            Self::SET_PEER_BANDWIDTH => "set peer bandwidth",
            Self::AUDIO => "audio",
            Self::VIDEO => "video",
            Self::DATA_AMF3 => "data AMF3",
            Self::SHARED_OBJECT_AMF3 => "shared object AMF3",
            Self::COMMAND_AMF3 => "command AMF3",
            Self::DATA_AMF0 => "data AMF0",
            Self::SHARED_OBJECT_AMF0 => "shared object AMF0",
            Self::COMMAND_AMF0 => "command AMF0",
            Self::AGGREGATE => "aggregate",
            _ => return None,
        })
    }
}

/// In words: `audio`, `set chunk size`, `command AMF0`, `type 99`.
impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words() {
            Some(words) => f.pad(words),
            None => f.pad(&format!("type {}", self.0)),
        }
    }
}

/// The name of the constant: `COMMAND_AMF0`, `MessageType(99)`.
impl fmt::Debug for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(words) = self.words() else { return write!(f, "MessageType({})", self.0) };
        let mut letters = words.chars().map(|char| if char == ' ' { '_' } else { char.to_ascii_uppercase() });
        letters.try_for_each(|char| f.write_char(char))
    }
}

/// A chunk stream id: 2 to 65 599. See CHK-2 and CHK-5.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkStreamId(u32);

impl ChunkStreamId {
    /// 2, where protocol control messages belong. See CTL-1.
    pub const CONTROL: Self = Self(2);
    /// 3, where everyone sends the commands of the connection. See CHK-47.
    pub const COMMAND: Self = Self(3);
    /// 4, a usual place for audio.
    pub const AUDIO: Self = Self(4);
    /// 5, a usual place for the commands and data messages of a stream.
    pub const DATA: Self = Self(5);
    /// 6, a usual place for video. Apart from audio, so that a long video message may be interleaved. See CHK-48.
    pub const VIDEO: Self = Self(6);
    /// Smallest id: 2.
    pub const MIN: Self = Self(2);
    /// Largest id: 65 599.
    pub const MAX: Self = Self(65_599);

    /// `None` outside 2..=65 599. Stay below 64 when sending: some peers know no longer form. See CHK-6.
    pub const fn new(id: u32) -> Option<Self> {
        if id >= Self::MIN.0 && id <= Self::MAX.0 { Some(Self(id)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for ChunkStreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ChunkStreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Payload bytes per chunk in one direction: 1 to 16 777 215. See CTL-3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkSize(u32);

impl ChunkSize {
    /// 128, the size in force in both directions until Set Chunk Size. See CHK-43.
    pub const DEFAULT: Self = Self(128);
    /// 16 777 215: no message is longer, so anything larger means the same. See CTL-5.
    pub const MAX: Self = Self(0xff_ffff);

    /// `None` outside 1..=16 777 215.
    pub const fn new(bytes: u32) -> Option<Self> {
        if bytes >= 1 && bytes <= Self::MAX.0 { Some(Self(bytes)) } else { None }
    }

    /// The number of bytes.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Debug for ChunkSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ChunkSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::MessageType;

    #[test]
    fn message_types_in_words_and_by_the_name_of_their_constant() {
        let kinds = [MessageType::SET_CHUNK_SIZE, MessageType::AUDIO, MessageType::DATA_AMF3, MessageType(99)];
        assert_eq!(kinds.map(|kind| kind.to_string()), ["set chunk size", "audio", "data AMF3", "type 99"]);
        assert_eq!(format!("{kinds:?}"), "[SET_CHUNK_SIZE, AUDIO, DATA_AMF3, MessageType(99)]");
        assert_eq!(format!("{:<8}|{:>8}", MessageType::VIDEO, MessageType(99)), "video   | type 99");
        let named = (0..=255).filter(|&number| MessageType(number).words().is_some());
        assert!(named.eq((1..=6).chain(8..=9).chain(15..=20).chain([22])), "CHK-42");
    }
}
