//! Basic header and message header: pure functions on bytes, no state. See CHK-1 to CHK-18.

use crate::{ChunkStreamId, Message, MessageType};

/// The two top bits of a chunk: how much of the message header follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// 0: all fields, absolute time.
    Full,
    /// 1: time delta, length, type; the message stream is as before.
    SameStream,
    /// 2: time delta; the rest is as before.
    SameLength,
    /// 3: nothing; the next part of a message, or a new one with everything as before.
    Continue,
}

/// CHK-2: the first one to three bytes of a chunk.
#[derive(Clone, Copy)]
pub(crate) struct BasicHeader {
    pub(crate) format: Format,
    pub(crate) id: u32,
    pub(crate) len: usize,
}

/// `None` until all of it is there.
#[inline]
pub(crate) fn parse_basic(bytes: &[u8]) -> Option<BasicHeader> {
    let first = *bytes.first()?;
    let format = match first >> 6 {
        0 => Format::Full,
        1 => Format::SameStream,
        2 => Format::SameLength,
        _ => Format::Continue,
    };
    let (id, len) = match first & 0x3f {
        0 => (u32::from(*bytes.get(1)?) + 64, 2),
        // CHK-3: little-endian, although the figure in the text does not say so.
        1 => (u32::from(*bytes.get(1)?) + (u32::from(*bytes.get(2)?) << 8) + 64, 3),
        id => (u32::from(id), 1),
    };
    Some(BasicHeader { format, id, len })
}

/// What formats 0, 1 and 2 say, each more than the one after it.
pub(crate) struct MessageHeader {
    /// Format 0: absolute; formats 1 and 2: since the previous message. The extended value if there is one.
    pub(crate) time: u32,
    pub(crate) extended: bool,
    pub(crate) len: u32,
    pub(crate) kind: MessageType,
    pub(crate) stream_id: u32,
    /// Bytes of header, the extended timestamp included.
    pub(crate) size: usize,
}

/// Format 0, CHK-8: time, length, type, message stream.
#[inline]
pub(crate) fn parse_full(bytes: &[u8]) -> Option<MessageHeader> {
    let h: &[u8; 11] = bytes.first_chunk()?;
    let mut header = parse_time(bytes, be24(h[0], h[1], h[2]), 11)?;
    header.len = be24(h[3], h[4], h[5]);
    header.kind = MessageType(h[6]);
    // CHK-12: the only little-endian field.
    header.stream_id = u32::from_le_bytes([h[7], h[8], h[9], h[10]]);
    Some(header)
}

/// Format 1, CHK-9: delta, length, type.
#[inline]
pub(crate) fn parse_same_stream(bytes: &[u8]) -> Option<MessageHeader> {
    let h: &[u8; 7] = bytes.first_chunk()?;
    let mut header = parse_time(bytes, be24(h[0], h[1], h[2]), 7)?;
    header.len = be24(h[3], h[4], h[5]);
    header.kind = MessageType(h[6]);
    Some(header)
}

/// Format 2, CHK-10: delta.
#[inline]
pub(crate) fn parse_same_length(bytes: &[u8]) -> Option<MessageHeader> {
    let h: &[u8; 3] = bytes.first_chunk()?;
    parse_time(bytes, be24(h[0], h[1], h[2]), 3)
}

/// CHK-16: a field of 0xFFFFFF means that the full value follows the header of `size` bytes.
#[inline]
fn parse_time(bytes: &[u8], field: u32, size: usize) -> Option<MessageHeader> {
    let mut header = MessageHeader { time: field, extended: false, len: 0, kind: MessageType(0), stream_id: 0, size };
    if field == EXTENDED {
        header.time = u32::from_be_bytes(*bytes[size..].first_chunk()?);
        header.extended = true;
        header.size += 4;
    }
    Some(header)
}

#[inline]
fn be24(a: u8, b: u8, c: u8) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// A header being written: at most 3 + 11 + 4 bytes, on the stack.
pub(crate) struct HeaderBytes {
    bytes: [u8; 18],
    len: usize,
    /// The extended timestamp in it, which continuation chunks repeat (CHK-17).
    extended: Option<u32>,
}

impl HeaderBytes {
    /// CHK-4: the shortest form of the basic header.
    #[inline]
    pub(crate) fn basic(format: Format, id: ChunkStreamId) -> Self {
        let mut header = Self { bytes: [0; 18], len: 0, extended: None };
        let format = (format as u8) << 6;
        let id = id.get();
        match id {
            ..64 => header.put([format | id as u8]),
            64..320 => header.put([format, (id - 64) as u8]),
            _ => {
                let [low, high, ..] = (id - 64).to_le_bytes();
                header.put([format | 1, low, high]);
            }
        }
        header
    }

    /// Format 0 in full.
    #[inline]
    pub(crate) fn full(message: &Message) -> Self {
        let mut header = Self::basic(Format::Full, message.chunk_stream);
        header.put_u24(message.timestamp.min(EXTENDED));
        header.put_u24(message.payload.len() as u32);
        header.put([message.kind.0]);
        header.put(message.stream_id.to_le_bytes());
        if is_extended(message.timestamp) {
            header.put_extended(message.timestamp);
        }
        header
    }

    /// The header of all chunks of a message but the first, which has this one. See CHK-17, CHK-19.
    #[inline]
    pub(crate) fn continuation(&self, id: ChunkStreamId, repeat_extended: bool) -> Self {
        let mut header = Self::basic(Format::Continue, id);
        if let Some(time) = self.extended.filter(|_| repeat_extended) {
            header.put_extended(time);
        }
        header
    }

    fn put_extended(&mut self, time: u32) {
        self.put(time.to_be_bytes());
        self.extended = Some(time);
    }

    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes[self.len..self.len + N].copy_from_slice(&bytes);
        self.len += N;
    }

    #[inline]
    pub(crate) fn put_u24(&mut self, value: u32) {
        let [_, a, b, c] = value.to_be_bytes();
        self.put([a, b, c]);
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Whether a time or delta needs the extended field. 0xFFFFFE is the largest that does not. See CHK-16.
#[inline]
pub(crate) fn is_extended(time: u32) -> bool {
    time >= EXTENDED
}

const EXTENDED: u32 = 0xff_ffff;
