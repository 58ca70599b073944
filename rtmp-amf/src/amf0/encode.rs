//! Values to bytes.

use bytes::BufMut;

use super::marker;
use crate::{AmfEncodeError, AmfLimits, AmfString, Object, Sealed, Value, amf3::Writer};

/// Writes one value.
///
/// # Errors
/// A name longer than AMF0 can carry, or nesting deeper than [`AmfLimits::DEPTH_CEILING`]; part of the value may then
/// stand in `out`.
///
/// # Panics
/// When `out` cannot grow and is too short, as every `BufMut` does.
pub fn encode(value: &Value, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    put_value(value, out, 0)
}

/// Writes all values of a message.
///
/// # Errors
/// As [`encode`].
///
/// # Panics
/// As [`encode`].
pub fn encode_all(values: &[Value], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    values.iter().try_for_each(|value| put_value(value, out, 0))
}

/// What most values are, kept apart from the others so that it costs no call.
#[inline(always)]
fn put_value(value: &Value, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
    match value {
        Value::Number(number) => out.put_slice(&marked::<8, 9>(marker::NUMBER, number.to_be_bytes())),
        Value::Boolean(value) => out.put_slice(&[marker::BOOLEAN, u8::from(*value)]),
        Value::String(text) => return put_string(text, out),
        _ => return put_other(value, out, depth),
    }
    Ok(())
}

#[inline(never)]
fn put_other(value: &Value, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
    match value {
        Value::Null => out.put_u8(marker::NULL),
        Value::Undefined => out.put_u8(marker::UNDEFINED),
        Value::Unsupported => out.put_u8(marker::UNSUPPORTED),
        Value::XmlDocument(text) => put_long(marker::XML_DOCUMENT, text.as_bytes(), out)?,
        Value::Date(date) => {
            out.put_slice(&marked::<8, 9>(marker::DATE, date.millis.to_be_bytes()));
            out.put_i16(date.time_zone);
        }
        Value::Object(object) => {
            put_object_head(object, out)?;
            put_members(object, out, depth)?;
        }
        Value::EcmaArray(object) => {
            out.put_slice(&marked::<4, 5>(marker::ECMA_ARRAY, count(object.len())?));
            put_members(object, out, depth)?;
        }
        Value::Array(items) => {
            let depth = deeper(depth)?;
            out.put_slice(&marked::<4, 5>(marker::STRICT_ARRAY, count(items.len())?));
            for item in items {
                put_value(item, out, depth)?;
            }
        }
        // AMF0 has no form for the others, or the value is to be in AMF3. References could be misread from the second
        // such value of a message on (AMF0-34).
        _ => {
            out.put_u8(marker::AMF3);
            Writer::without_references().put_value(value, out, depth)?;
        }
    }
    Ok(())
}

fn put_object_head(object: &Object, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    match &object.traits {
        Some(traits) if !traits.class.is_empty() || traits.sealed == Sealed::default() => {
            out.put_u8(marker::TYPED_OBJECT);
            put_name(&traits.class, out)
        }
        // No class: sealed members are all there is, and AMF0 does not know them.
        _ => {
            out.put_u8(marker::OBJECT);
            Ok(())
        }
    }
}

fn put_members(object: &Object, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
    let depth = deeper(depth)?;
    for (key, value) in &object.entries {
        put_name(key, out)?;
        put_value(value, out, depth)?;
    }
    out.put_slice(&[0, 0, marker::OBJECT_END]);
    Ok(())
}

#[inline]
fn put_name(name: &AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let Some(wire) = name.as_wire() else { return put_long_name(name.as_bytes(), out) };
    out.put_slice(wire);
    Ok(())
}

#[inline(never)]
fn put_long_name(name: &[u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let Ok(len) = u16::try_from(name.len()) else { return Err(AmfEncodeError::NameTooLong { len: name.len() }) };
    out.put_u16(len);
    out.put_slice(name);
    Ok(())
}

#[inline]
fn put_string(text: &AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let Some(wire) = text.as_wire() else { return put_long_string(text.as_bytes(), out) };
    out.put_u8(marker::STRING);
    out.put_slice(wire);
    Ok(())
}

#[inline(never)]
fn put_long_string(bytes: &[u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    // More than 65 535 bytes have to be a long string (AMF0-4, AMF0-41).
    let Ok(len) = u16::try_from(bytes.len()) else { return put_long(marker::LONG_STRING, bytes, out) };
    out.put_slice(&marked::<2, 3>(marker::STRING, len.to_be_bytes()));
    out.put_slice(bytes);
    Ok(())
}

fn put_long(marker: u8, bytes: &[u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    out.put_slice(&marked::<4, 5>(marker, count(bytes.len())?));
    out.put_slice(bytes);
    Ok(())
}

/// A marker and what follows it in one piece.
#[inline]
fn marked<const N: usize, const M: usize>(marker: u8, bytes: [u8; N]) -> [u8; M] {
    const { assert!(M == N + 1) };
    let mut piece = [marker; M];
    piece[1..].copy_from_slice(&bytes);
    piece
}

fn count(len: usize) -> Result<[u8; 4], AmfEncodeError> {
    u32::try_from(len).map(u32::to_be_bytes).map_err(|_| AmfEncodeError::TooLong { len })
}

fn deeper(depth: usize) -> Result<usize, AmfEncodeError> {
    let max = AmfLimits::DEPTH_CEILING;
    if depth < max { Ok(depth + 1) } else { Err(AmfEncodeError::TooDeep { max }) }
}
