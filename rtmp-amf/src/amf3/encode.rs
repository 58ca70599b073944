//! Values to bytes.

use alloc::{collections::BTreeMap, vec::Vec};

use bytes::BufMut;

use super::{MAX_LEN, marker, object_header, u29};
use crate::{
    AmfEncodeError, AmfLimits, AmfString, Dictionary, ExternalPart, Externalizable, MixedArray, Object, Sealed, Value,
    Vector, VectorItems,
};

/// Writes one value, without references: every reader understands the result, whatever its tables hold (AMF3-44).
///
/// # Errors
/// Any [`AmfEncodeError`]; part of the value may then stand in `out`.
///
/// # Panics
/// When `out` cannot grow and is too short, as every `BufMut` does.
pub fn encode(value: &Value, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    Writer::without_references().put_value(value, out, 0)
}

/// Writes one value as Flash Player does: a text or the traits of a class that occurred before become a reference.
/// The value has to be the first AMF3 in its message (AMF0-34). Composite values are written in full, as a tree holds
/// them.
///
/// # Errors
/// As [`encode`].
pub fn encode_with_references(value: &Value, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    Writer { tables: Some(Written::default()) }.put_value(value, out, 0)
}

/// Writes values; knows what it wrote if it is to refer to it.
pub(crate) struct Writer<'v> {
    tables: Option<Written<'v>>,
}

/// Texts and traits with their numbers.
#[derive(Default)]
struct Written<'v> {
    strings: BTreeMap<&'v [u8], u32>,
    traits: BTreeMap<TraitsKey<'v>, u32>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct TraitsKey<'v> {
    class: &'v [u8],
    header: u32,
    sealed: Vec<&'v [u8]>,
}

impl<'v> Writer<'v> {
    pub(crate) const fn without_references() -> Self {
        Self { tables: None }
    }

    pub(crate) fn put_value(
        &mut self,
        value: &'v Value,
        out: &mut impl BufMut,
        depth: usize,
    ) -> Result<(), AmfEncodeError> {
        match value.plain() {
            Value::Undefined | Value::Unsupported => out.put_u8(marker::UNDEFINED),
            Value::Null => out.put_u8(marker::NULL),
            Value::Boolean(false) => out.put_u8(marker::FALSE),
            Value::Boolean(true) => out.put_u8(marker::TRUE),
            Value::Number(number) => put_double(*number, out),
            Value::Integer(number) => put_integer(*number, out),
            Value::String(text) => {
                out.put_u8(marker::STRING);
                self.put_text(text, out)?;
            }
            Value::Date(date) => {
                out.put_slice(&[marker::DATE, 1]);
                out.put_f64(date.millis);
            }
            Value::Xml(text) => put_bytes(marker::XML, text.as_bytes(), out)?,
            Value::XmlDocument(text) => put_bytes(marker::XML_DOCUMENT, text.as_bytes(), out)?,
            Value::ByteArray(bytes) => put_bytes(marker::BYTE_ARRAY, bytes, out)?,
            container => self.put_container(container, out, deeper(depth)?)?,
        }
        Ok(())
    }

    fn put_container(&mut self, value: &'v Value, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
        match value {
            Value::Array(items) => {
                out.put_u8(marker::ARRAY);
                put_count(items.len(), out)?;
                self.put_members(&[], out, depth)?;
                self.put_items(items, out, depth)
            }
            Value::EcmaArray(object) => {
                out.put_slice(&[marker::ARRAY, 1]);
                self.put_members(&object.entries, out, depth)
            }
            Value::MixedArray(array) => self.put_mixed(array, out, depth),
            Value::Object(object) => self.put_object(object, out, depth),
            Value::Vector(vector) => self.put_vector(vector, out, depth),
            Value::Dictionary(dictionary) => self.put_dictionary(dictionary, out, depth),
            Value::Externalizable(object) => self.put_external(object, out, depth),
            // All others are written without nesting.
            _ => Ok(()),
        }
    }

    fn put_items(&mut self, items: &'v [Value], out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
        items.iter().try_for_each(|item| self.put_value(item, out, depth))
    }

    /// Names and values, and the empty name behind them.
    fn put_members(
        &mut self,
        members: &'v [(AmfString, Value)],
        out: &mut impl BufMut,
        depth: usize,
    ) -> Result<(), AmfEncodeError> {
        for (key, value) in members {
            if key.is_empty() {
                return Err(AmfEncodeError::EmptyName);
            }
            self.put_text(key, out)?;
            self.put_value(value, out, depth)?;
        }
        out.put_u8(1);
        Ok(())
    }

    fn put_mixed(&mut self, array: &'v MixedArray, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
        out.put_u8(marker::ARRAY);
        put_count(array.dense.len(), out)?;
        self.put_members(&array.named.entries, out, depth)?;
        self.put_items(&array.dense, out, depth)
    }

    fn put_object(&mut self, object: &'v Object, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
        const NO_CLASS: &[u8] = &[];
        let (class, sealed) = match &object.traits {
            Some(traits) => (traits.class.as_bytes(), traits.sealed),
            None => (NO_CLASS, Sealed::default()),
        };
        let (sealed, dynamic, kind) = match sealed {
            Sealed::All => (object.entries.as_slice(), None, object_header::SEALED),
            Sealed::First(count) => {
                let (sealed, dynamic) = object.entries.split_at(count.min(object.entries.len()));
                (sealed, Some(dynamic), object_header::DYNAMIC)
            }
        };
        let header = traits_header(sealed.len(), kind)?;
        out.put_u8(marker::OBJECT);
        self.put_traits(class, header, sealed, out)?;
        for (_, value) in sealed {
            self.put_value(value, out, depth)?;
        }
        dynamic.map_or(Ok(()), |members| self.put_members(members, out, depth))
    }

    fn put_traits(
        &mut self,
        class: &'v [u8],
        header: u32,
        sealed: &'v [(AmfString, Value)],
        out: &mut impl BufMut,
    ) -> Result<(), AmfEncodeError> {
        if let Some(tables) = &mut self.tables {
            let sealed = sealed.iter().map(|(name, _)| name.as_bytes()).collect();
            let next = tables.traits.len() as u32;
            let number = *tables.traits.entry(TraitsKey { class, header, sealed }).or_insert(next);
            if number != next {
                u29::put(number << 2 | object_header::TRAITS_REFERENCE, out);
                return Ok(());
            }
        }
        u29::put(header, out);
        self.put_text_bytes(class, out)?;
        sealed.iter().try_for_each(|(name, _)| self.put_text(name, out))
    }

    fn put_external(
        &mut self,
        object: &'v Externalizable,
        out: &mut impl BufMut,
        depth: usize,
    ) -> Result<(), AmfEncodeError> {
        out.put_u8(marker::OBJECT);
        self.put_traits(object.class.as_bytes(), object_header::EXTERNALIZABLE, &[], out)?;
        for part in &object.body {
            match part {
                ExternalPart::Bytes(bytes) => out.put_slice(bytes),
                ExternalPart::Value(value) => self.put_value(value, out, depth)?,
            }
        }
        Ok(())
    }

    fn put_vector(&mut self, vector: &'v Vector, out: &mut impl BufMut, depth: usize) -> Result<(), AmfEncodeError> {
        let fixed = u8::from(vector.fixed);
        let mut head = |marker, count| {
            out.put_u8(marker);
            put_count(count, out)?;
            out.put_u8(fixed);
            Ok(())
        };
        match &vector.items {
            VectorItems::Int(items) => {
                head(marker::VECTOR_INT, items.len())?;
                items.iter().for_each(|item| out.put_i32(*item));
            }
            VectorItems::Uint(items) => {
                head(marker::VECTOR_UINT, items.len())?;
                items.iter().for_each(|item| out.put_u32(*item));
            }
            VectorItems::Number(items) => {
                head(marker::VECTOR_NUMBER, items.len())?;
                items.iter().for_each(|item| out.put_f64(*item));
            }
            VectorItems::Object { class, items } => {
                head(marker::VECTOR_OBJECT, items.len())?;
                self.put_text(class, out)?;
                self.put_items(items, out, depth)?;
            }
        }
        Ok(())
    }

    fn put_dictionary(
        &mut self,
        dictionary: &'v Dictionary,
        out: &mut impl BufMut,
        depth: usize,
    ) -> Result<(), AmfEncodeError> {
        out.put_u8(marker::DICTIONARY);
        put_count(dictionary.entries.len(), out)?;
        out.put_u8(u8::from(dictionary.weak_keys));
        for (key, value) in &dictionary.entries {
            self.put_value(key, out, depth)?;
            self.put_value(value, out, depth)?;
        }
        Ok(())
    }

    fn put_text(&mut self, text: &'v AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
        self.put_text_bytes(text.as_bytes(), out)
    }

    fn put_text_bytes(&mut self, text: &'v [u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
        // The empty text has no number (AMF3-14).
        if let (Some(tables), false) = (&mut self.tables, text.is_empty()) {
            let next = tables.strings.len() as u32;
            let number = *tables.strings.entry(text).or_insert(next);
            if number != next {
                u29::put(number << 1, out);
                return Ok(());
            }
        }
        put_count(text.len(), out)?;
        out.put_slice(text);
        Ok(())
    }
}

fn put_integer(number: i32, out: &mut impl BufMut) {
    // 29 bits of two's complement, and a double for what does not fit (AMF3-8, AMF3-9).
    const RANGE: core::ops::Range<i32> = -(1 << 28)..1 << 28;
    if !RANGE.contains(&number) {
        return put_double(number.into(), out);
    }
    out.put_u8(marker::INTEGER);
    u29::put(number as u32 & 0x1fff_ffff, out);
}

fn put_double(number: f64, out: &mut impl BufMut) {
    out.put_u8(marker::DOUBLE);
    out.put_f64(number);
}

fn put_bytes(marker: u8, bytes: &[u8], out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    out.put_u8(marker);
    put_count(bytes.len(), out)?;
    out.put_slice(bytes);
    Ok(())
}

/// A length or count with the bit that says that no reference is meant.
fn put_count(len: usize, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    if len > MAX_LEN {
        return Err(AmfEncodeError::TooLong { len });
    }
    u29::put((len as u32) << 1 | 1, out);
    Ok(())
}

/// The header of traits given in full: the number of sealed members has 25 of its 29 bits (AMF3-28).
fn traits_header(sealed: usize, kind: u32) -> Result<u32, AmfEncodeError> {
    match u32::try_from(sealed) {
        Ok(count) if count < 1 << 25 => Ok(count << 4 | kind),
        _ => Err(AmfEncodeError::TooLong { len: sealed }),
    }
}

fn deeper(depth: usize) -> Result<usize, AmfEncodeError> {
    let max = AmfLimits::DEPTH_CEILING;
    if depth < max { Ok(depth + 1) } else { Err(AmfEncodeError::TooDeep { max }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not through the encoder: that many members take gigabytes.
    #[test]
    fn amf3_3_28_the_number_of_sealed_members_has_25_bits() {
        for kind in [object_header::SEALED, object_header::DYNAMIC] {
            let most = (1 << 25) - 1;
            assert_eq!(traits_header(most, kind), Ok(0x1fff_fff0 | kind));
            for count in [most + 1, u32::MAX as usize] {
                assert_eq!(traits_header(count, kind), Err(AmfEncodeError::TooLong { len: count }));
            }
        }
    }
}
