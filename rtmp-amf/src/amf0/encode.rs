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
pub fn encode_all(values: &[Value], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    values.iter().try_for_each(|value| encode(value, out))
}

fn put_value(value: &Value, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
    match value {
        Value::Number(number) => put_number(*number, out),
        Value::Boolean(value) => out.put_slice(&[marker::BOOLEAN, u8::from(*value)]),
        Value::String(text) => put_string(text, out)?,
        Value::Null => out.put_u8(marker::NULL),
        Value::Undefined => out.put_u8(marker::UNDEFINED),
        Value::Unsupported => out.put_u8(marker::UNSUPPORTED),
        Value::XmlDocument(text) => put_long(marker::XML_DOCUMENT, text.as_bytes(), out)?,
        Value::Date(date) => {
            out.put_u8(marker::DATE);
            out.put_f64(date.millis);
            out.put_i16(date.time_zone);
        }
        Value::Object(object) => {
            match &object.traits {
                Some(traits) if !traits.class.is_empty() || traits.sealed == Sealed::default() => {
                    out.put_u8(marker::TYPED_OBJECT);
                    put_name(&traits.class, out)?;
                }
                // No class: sealed members are all there is, and AMF0 does not know them.
                _ => out.put_u8(marker::OBJECT),
            }
            put_members(object, out, depth)?;
        }
        Value::EcmaArray(object) => {
            out.put_u8(marker::ECMA_ARRAY);
            out.put_u32(count(object.len())?);
            put_members(object, out, depth)?;
        }
        Value::Array(items) => {
            let depth = deeper(depth)?;
            out.put_u8(marker::STRICT_ARRAY);
            out.put_u32(count(items.len())?);
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
fn put_number(number: f64, out: &mut impl BufMut) {
    let mut bytes = [marker::NUMBER; 9];
    bytes[1..].copy_from_slice(&number.to_be_bytes());
    out.put_slice(&bytes);
}

#[inline]
fn put_name(name: &AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let bytes = name.as_bytes();
    let Ok(len) = u16::try_from(bytes.len()) else { return Err(AmfEncodeError::NameTooLong { len: bytes.len() }) };
    out.put_u16(len);
    out.put_slice(bytes);
    Ok(())
}

fn put_string(text: &AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let bytes = text.as_bytes();
    // More than 65 535 bytes have to be a long string (AMF0-4, AMF0-41).
    let Ok(len) = u16::try_from(bytes.len()) else { return put_long(marker::LONG_STRING, bytes, out) };
    let [high, low] = len.to_be_bytes();
    out.put_slice(&[marker::STRING, high, low]);
    out.put_slice(bytes);
    Ok(())
}

fn put_long(marker: u8, bytes: &[u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    out.put_u8(marker);
    out.put_u32(count(bytes.len())?);
    out.put_slice(bytes);
    Ok(())
}

fn count(len: usize) -> Result<u32, AmfEncodeError> {
    u32::try_from(len).map_err(|_| AmfEncodeError::TooLong { len })
}

fn deeper(depth: usize) -> Result<usize, AmfEncodeError> {
    let max = AmfLimits::DEPTH_CEILING;
    if depth < max { Ok(depth + 1) } else { Err(AmfEncodeError::TooDeep { max }) }
}
