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

/// CHK-2: the first one to three bytes of a chunk, and what follows them. `None` until all of it is there, as below.
#[inline]
pub(crate) fn parse_basic(bytes: &[u8]) -> Option<(Format, u32, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let format = match first >> 6 {
        0 => Format::Full,
        1 => Format::SameStream,
        2 => Format::SameLength,
        _ => Format::Continue,
    };
    match first & 0x3f {
        0 => rest.split_first().map(|(&low, rest)| (format, 64 + u32::from(low), rest)),
        // CHK-3: little-endian, although the figure in the text does not say so.
        1 => rest.split_first_chunk().map(|(id, rest)| (format, 64 + u32::from(u16::from_le_bytes(*id)), rest)),
        id => Some((format, u32::from(id), rest)),
    }
}

/// A message header of format 0, 1 or 2. Each has the fields of the next, and more behind them:
/// time (3 bytes), length (3), type (1), message stream (4). See CHK-8 to CHK-10.
#[derive(Clone, Copy)]
pub(crate) struct MessageHeader<'a> {
    fields: &'a [u8],
    extended: Option<&'a [u8; 4]>,
}

impl<'a> MessageHeader<'a> {
    /// The header in front of `bytes`, and what follows it.
    #[inline]
    pub(crate) fn parse(format: Format, bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (fields, rest) = bytes.split_at_checked(MESSAGE_HEADER_LEN[format as usize])?;
        if !fields.starts_with(&[0xff; 3]) {
            return Some((Self { fields, extended: None }, rest));
        }
        let (extended, rest) = rest.split_first_chunk()?;
        Some((Self { fields, extended: Some(extended) }, rest))
    }

    /// Format 0: absolute; formats 1 and 2: since the previous message.
    #[inline]
    pub(crate) fn time(self) -> u32 {
        match (self.extended, self.fields) {
            // CHK-16: the full value, not the excess.
            (Some(value), _) => u32::from_be_bytes(*value),
            (None, &[a, b, c, ..]) => be24(a, b, c),
            (None, _) => 0,
        }
    }

    #[inline]
    pub(crate) fn is_extended(self) -> bool {
        self.extended.is_some()
    }

    /// Not in format 2.
    #[inline]
    pub(crate) fn len_and_kind(self) -> Option<(u32, MessageType)> {
        match *self.fields {
            [_, _, _, a, b, c, kind, ..] => Some((be24(a, b, c), MessageType(kind))),
            _ => None,
        }
    }

    /// In format 0 only. CHK-12: the only little-endian field.
    #[inline]
    pub(crate) fn stream_id(self) -> Option<u32> {
        match *self.fields {
            [.., a, b, c, d] if self.fields.len() == MESSAGE_HEADER_LEN[0] => Some(u32::from_le_bytes([a, b, c, d])),
            _ => None,
        }
    }
}

#[inline]
fn be24(a: u8, b: u8, c: u8) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// A header being written: at most 3 + 11 + 4 bytes, on the stack.
///
/// It is put together as one number, lowest byte first, and stored at once: what is stored byte by byte and then copied
/// in one piece makes the processor wait for its own stores.
pub(crate) struct HeaderBytes {
    bytes: [u8; 18],
    len: usize,
    /// The extended timestamp in it, which continuation chunks repeat (CHK-17).
    extended: Option<u32>,
}

impl HeaderBytes {
    /// The first header of a message. `time` is absolute in format 0, a delta in formats 1 and 2, and not there in 3.
    #[inline]
    pub(crate) fn first(format: Format, message: &Message, time: u32) -> Self {
        // CHK-8: time, length, type, message stream; CHK-12: the last one little-endian.
        let fields = u128::from(be24_in_memory(time.min(EXTENDED)))
            | u128::from(be24_in_memory(message.payload.len() as u32)) << 24
            | u128::from(message.kind.0) << 48
            | u128::from(message.stream_id) << 56;
        let extended = (format != Format::Continue && time >= EXTENDED).then_some(time);
        Self::new(format, message.chunk_stream, fields, extended)
    }

    /// The header of all chunks of a message but the first, which has this one. See CHK-17, CHK-19.
    #[inline]
    pub(crate) fn continuation(&self, id: ChunkStreamId, repeat_extended: bool) -> Self {
        Self::new(Format::Continue, id, 0, self.extended.filter(|_| repeat_extended))
    }

    /// As much of `fields` as the format has, between the basic header and the extended timestamp.
    #[inline]
    fn new(format: Format, id: ChunkStreamId, fields: u128, extended: Option<u32>) -> Self {
        let (basic, basic_len) = basic(format, id);
        let mut bytes = [0; 18];
        bytes[..16].copy_from_slice(&(u128::from(basic) | fields << (8 * basic_len)).to_le_bytes());
        let mut len = basic_len + MESSAGE_HEADER_LEN[format as usize];
        if let Some(time) = extended {
            bytes[len..len + 4].copy_from_slice(&time.to_be_bytes());
            len += 4;
        }
        Self { bytes, len, extended }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// CHK-4: the shortest form of the basic header, lowest byte first, and its length.
#[inline]
fn basic(format: Format, id: ChunkStreamId) -> (u32, usize) {
    let (format, id) = ((format as u32) << 6, id.get());
    match id {
        ..64 => (format | id, 1),
        64..320 => (format | (id - 64) << 8, 2),
        // CHK-3: this one is little-endian.
        _ => (format | 1 | (id - 64) << 8, 3),
    }
}

/// 24 bits that lie in memory highest byte first, in a number that will be stored lowest byte first.
#[inline]
fn be24_in_memory(value: u32) -> u32 {
    value.swap_bytes() >> 8
}

/// CHK-16: from here on a time or delta has an extended field. 0xFFFFFE is the largest that has not.
pub(crate) const EXTENDED: u32 = 0xff_ffff;
/// Bytes of the message header in each format.
const MESSAGE_HEADER_LEN: [usize; 4] = [11, 7, 3, 0];
