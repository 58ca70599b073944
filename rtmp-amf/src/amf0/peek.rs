//! Looking at a message without building values.

use super::{Decoder, marker};
use crate::{AmfError, AmfLimits};

/// The string at the front of `src`, in short or long form. `None` when there is none, it is cut off or not UTF-8.
///
/// The first value of a command or data message is its name, so this tells what a message is without an allocation.
///
/// ```
/// let message = [0x02, 0, 7, b'p', b'u', b'b', b'l', b'i', b's', b'h', 0x05];
/// assert_eq!(rtmp_amf::amf0::peek_str(&message), Some("publish"));
/// ```
pub fn peek_str(src: &[u8]) -> Option<&str> {
    let (len, rest) = match src {
        [marker::STRING, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [marker::LONG_STRING, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return None,
    };
    core::str::from_utf8(rest.get(..len)?).ok()
}

/// Moves `src` behind its first value and returns the bytes of that value.
///
/// Text and containers are passed over where they stand; nothing is copied. So a relay slices `@setDataFrame` off a
/// message and hands on the rest untouched:
///
/// ```
/// use rtmp_amf::{AmfLimits, amf0};
///
/// let mut message = Vec::new();
/// amf0::encode_all(&["@setDataFrame".into(), "onMetaData".into()], &mut message)?;
/// let mut rest = &message[..];
/// if amf0::peek_str(rest) == Some("@setDataFrame") {
///     amf0::skip(&mut rest, &AmfLimits::default())?;
/// }
/// assert_eq!(amf0::peek_str(rest), Some("onMetaData"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`decode`](super::decode); `src` then stays where it was.
pub fn skip<'a>(src: &mut &'a [u8], limits: &AmfLimits) -> Result<&'a [u8], AmfError> {
    let message = *src;
    let mut decoder = Decoder::new(message, limits);
    decoder.skip()?;
    let (value, rest) = message.split_at(message.len() - decoder.rest().len());
    *src = rest;
    Ok(value)
}
