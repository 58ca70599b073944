//! File header and tags: the pieces that a file is made of.

use crate::{Anomalies, Anomaly};
use bytes::{BufMut, Bytes};

/// The header at the start of a file. See FLV-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// 1 in every file known.
    pub version: u8,
    /// Whether the file says that it has audio. A hint: tracks are found by their tags. See FLV-3.
    pub audio: bool,
    /// Whether the file says that it has video. A hint, as above.
    pub video: bool,
}

impl FileHeader {
    /// Length of the fixed part, in bytes.
    pub const LEN: usize = 9;

    /// The header of a file that holds or may come to hold audio and video.
    pub const fn new(audio: bool, video: bool) -> Self {
        Self { version: 1, audio, video }
    }

    /// What a file starts with, up to the first tag: the header and PreviousTagSize0. See FLV-1, FLV-5.
    pub const fn to_bytes(self) -> [u8; 13] {
        let flags = (self.audio as u8) << 2 | self.video as u8;
        [b'F', b'L', b'V', self.version, flags, 0, 0, 0, Self::LEN as u8, 0, 0, 0, 0]
    }
}

impl Default for FileHeader {
    fn default() -> Self {
        Self::new(true, true)
    }
}

/// What a tag holds. See FLV-14, FLV-56.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagKind {
    /// Type 8: what an RTMP audio message holds.
    Audio,
    /// Type 9: what an RTMP video message holds.
    Video,
    /// Type 18: a name and values in AMF0, such as `onMetaData`.
    Script,
    /// Type 15: the same with values in AMF3 among them. See FLV-46.
    ScriptAmf3,
    /// A tag of the given type (8, 9, 15 or 18) in an encryption envelope. Its body must not be read as media. See
    /// FLV-56.
    Encrypted(u8),
}

impl TagKind {
    /// The kind of a tag whose first byte is this; `None` if the type is unknown. Reserved bits do not matter.
    pub const fn from_type_byte(byte: u8) -> Option<Self> {
        let tag_type = byte & 0x1f;
        match tag_type {
            8 | 9 | 15 | 18 if byte & FILTER != 0 => Some(Self::Encrypted(tag_type)),
            8 => Some(Self::Audio),
            9 => Some(Self::Video),
            15 => Some(Self::ScriptAmf3),
            18 => Some(Self::Script),
            _ => None,
        }
    }

    /// The first byte of such a tag.
    pub const fn type_byte(self) -> u8 {
        match self {
            Self::Audio => 8,
            Self::Video => 9,
            Self::Script => 18,
            Self::ScriptAmf3 => 15,
            Self::Encrypted(tag_type) => tag_type & 0x1f | FILTER,
        }
    }
}

/// Marks a tag as encrypted. See FLV-56.
const FILTER: u8 = 0x20;

/// One tag: the FLV form of an RTMP audio, video or data message, with the same body. See FLV-21.
///
/// [`Tag::head`] and [`Tag::tail`] are arrays, so that `[head, data, tail]` can be written without copying the body.
///
/// ```
/// # use {bytes::Bytes, rtmp_flv::{Tag, TagKind}};
/// let tag = Tag { kind: TagKind::Audio, timestamp: 23, data: Bytes::from_static(&[0xaf, 1, 0x21, 0x10]) };
/// let mut file = Vec::new();
/// tag.encode(&mut file);
/// assert_eq!(file, [&tag.head()[..], &tag.data, &tag.tail()].concat());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Tag {
    /// What the tag holds.
    pub kind: TagKind,
    /// Time in ms. In a file it is a signed number that should not be negative ([`Tag::signed_time`]); in RTMP it is
    /// unsigned and wraps. See FLV-12, FLV-23.
    pub timestamp: u32,
    /// The body.
    pub data: Bytes,
}

impl Tag {
    /// Length of [`Tag::head`], in bytes.
    pub const HEAD_LEN: usize = 11;
    /// Length of [`Tag::tail`], in bytes.
    pub const TAIL_LEN: usize = 4;
    /// Longest body that the format has room for, in bytes.
    pub const MAX_DATA_LEN: usize = 0xff_ffff;

    /// The tag header. The time is written modulo 2^31 (FLV-12).
    ///
    /// A body longer than [`Tag::MAX_DATA_LEN`] cannot be told to a reader: the header then says that length.
    #[inline]
    pub fn head(&self) -> [u8; 11] {
        let [_, l1, l2, l3] = self.data_len().to_be_bytes();
        let [t0, t1, t2, t3] = (self.timestamp & 0x7fff_ffff).to_be_bytes();
        [self.kind.type_byte(), l1, l2, l3, t1, t2, t3, t0, 0, 0, 0]
    }

    /// PreviousTagSize, which follows the body. See FLV-6.
    #[inline]
    pub fn tail(&self) -> [u8; 4] {
        (self.data_len() + Self::HEAD_LEN as u32).to_be_bytes()
    }

    /// Appends head, body and tail to `out`, copying the body.
    #[inline]
    pub fn encode(&self, out: &mut impl BufMut) {
        out.put_slice(&self.head());
        out.put_slice(&self.data);
        out.put_slice(&self.tail());
    }

    /// Bytes that the tag takes in a file.
    pub fn encoded_len(&self) -> usize {
        Self::HEAD_LEN + self.data.len() + Self::TAIL_LEN
    }

    /// The time as a file has it, in ms. See FLV-12.
    pub const fn signed_time(&self) -> i32 {
        self.timestamp as i32
    }

    fn data_len(&self) -> u32 {
        self.data.len().min(Self::MAX_DATA_LEN) as u32
    }
}

impl core::fmt::Debug for Tag {
    /// The body's length instead of its bytes.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tag")
            .field("kind", &self.kind)
            .field("timestamp", &self.timestamp)
            .field("data_len", &self.data.len())
            .finish()
    }
}

/// The 11 bytes in front of a tag's body, as a file has them. See FLV-11.
#[derive(Clone, Copy)]
pub(crate) struct TagHead {
    pub(crate) type_byte: u8,
    pub(crate) len: usize,
    pub(crate) timestamp: u32,
    stream_id: [u8; 3],
}

impl TagHead {
    #[inline]
    pub(crate) fn parse(h: &[u8; Tag::HEAD_LEN]) -> Self {
        Self {
            type_byte: h[0],
            len: u32::from_be_bytes([0, h[1], h[2], h[3]]) as usize,
            timestamp: u32::from_be_bytes([h[7], h[4], h[5], h[6]]),
            stream_id: [h[8], h[9], h[10]],
        }
    }

    #[inline]
    pub(crate) fn kind(&self) -> Option<TagKind> {
        TagKind::from_type_byte(self.type_byte)
    }

    #[inline]
    pub(crate) fn anomalies(&self) -> Anomalies {
        let mut found = Anomalies::NONE;
        found.insert_if(self.type_byte & 0xc0 != 0 || self.stream_id != [0; 3], Anomaly::ReservedBits);
        found.insert_if(self.timestamp > 0x7fff_ffff, Anomaly::NegativeTime);
        found
    }

    /// Whether a writer in its senses may have written this: for readers that look for a tag among damage.
    pub(crate) fn is_plausible(&self, max_len: usize) -> bool {
        self.kind().is_some() && self.type_byte & 0xc0 == 0 && self.stream_id == [0; 3] && self.len <= max_len
    }
}
