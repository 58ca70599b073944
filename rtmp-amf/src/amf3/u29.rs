//! U29: unsigned integers of 29 bits in one to four bytes (AMF3-1).

use bytes::BufMut;

use crate::{AmfEncodeError, AmfError, input::Input};

/// Largest value of 29 bits.
const MAX: u32 = (1 << 29) - 1;

/// Reads a U29 and moves `src` behind it. Forms longer than need be are let pass (AMF3-2).
///
/// # Errors
/// [`AmfError::Truncated`] when `src` ends inside it (AMF3-4).
pub fn decode_u29(src: &mut &[u8]) -> Result<u32, AmfError> {
    let limits = crate::AmfLimits::default();
    let mut input = Input::new(src, &limits);
    let value = read(&mut input)?;
    let len = input.position();
    *src = &src[len..];
    Ok(value)
}

/// Writes a U29 in its shortest form.
///
/// # Errors
/// [`AmfEncodeError::TooLong`] from 2²⁹ on (AMF3-3).
pub fn encode_u29(value: u32, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    if value > MAX {
        return Err(AmfEncodeError::TooLong { len: value as usize });
    }
    put(value, out);
    Ok(())
}

/// Seven bits a byte while its high bit is set; a fourth byte gives all its eight.
pub(super) fn read(input: &mut Input<'_>) -> Result<u32, AmfError> {
    let mut value = 0;
    for _ in 0..3 {
        let byte = u32::from(input.u8()?);
        value = value << 7 | byte & 0x7f;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Ok(value << 8 | u32::from(input.u8()?))
}

/// Writes a value that is known to have at most 29 bits.
pub(super) fn put(value: u32, out: &mut impl BufMut) {
    debug_assert!(value <= MAX);
    let more = |shift: u32| (value >> shift) as u8 | 0x80;
    let last = |mask: u32| (value & mask) as u8;
    match value {
        0..0x80 => out.put_u8(last(0x7f)),
        0x80..0x4000 => out.put_slice(&[more(7), last(0x7f)]),
        0x4000..0x20_0000 => out.put_slice(&[more(14), more(7), last(0x7f)]),
        _ => out.put_slice(&[more(22), more(15), more(8), last(0xff)]),
    }
}
