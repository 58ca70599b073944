//! Values into types.

use alloc::{collections::BTreeMap, vec::Vec};

use serde::{
    de::{
        Deserializer, Error, IntoDeserializer, Unexpected, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{
    SerdeError,
    access::{Items, Key, Members},
};
use crate::{AmfString, Value, VectorItems};

impl<'de> Deserializer<'de> for &'de Value {
    type Error = SerdeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        match self.plain() {
            Value::Undefined | Value::Null | Value::Unsupported => visitor.visit_unit(),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i32(*value),
            Value::Number(number) => visit_number(self, *number, visitor),
            Value::Date(date) => visitor.visit_f64(date.millis),
            Value::String(text) | Value::Xml(text) | Value::XmlDocument(text) => {
                visitor.visit_borrowed_str(text.as_str())
            }
            Value::ByteArray(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Array(_) | Value::Vector(_) => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        // Not by way of an integer, which would lose the sign of a zero.
        match self.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        match self.plain() {
            Value::String(text) | Value::Xml(text) | Value::XmlDocument(text) => {
                visitor.visit_borrowed_bytes(text.as_bytes())
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if let Some(items) = self.as_array() {
            return visit_list(items, visitor);
        }
        match self.plain() {
            Value::ByteArray(bytes) => visit_list(bytes.iter().copied(), visitor),
            Value::Vector(vector) => match &vector.items {
                VectorItems::Int(items) => visit_list(items.iter().copied(), visitor),
                VectorItems::Uint(items) => visit_list(items.iter().copied(), visitor),
                VectorItems::Number(items) => visit_list(items.iter().copied(), visitor),
                VectorItems::Object { items, .. } => visit_list(items, visitor),
            },
            Value::Object(_) | Value::EcmaArray(_) | Value::Dictionary(_) | Value::Externalizable(_) => {
                Err(SerdeError::invalid_type(Unexpected::Map, &visitor))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if let Some(object) = self.as_object() {
            return visit_members(last_of_each(&object.entries), visitor);
        }
        match self.plain() {
            Value::Dictionary(dictionary) => {
                visit_members(dictionary.entries.iter().map(|(key, value)| (Key::Value(key), value)), visitor)
            }
            Value::Externalizable(object) => match object.as_value() {
                Some(value) => value.deserialize_any(visitor),
                None => Err(SerdeError::invalid_type(Unexpected::Other("externalizable object"), &visitor)),
            },
            Value::Array(_) | Value::Vector(_) => Err(SerdeError::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant is its name, or an object whose one member has that name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        if let Some(variant) = self.as_str() {
            return visitor.visit_enum(BorrowedStrDeserializer::new(variant));
        }
        match self.as_object().map(|object| object.entries.as_slice()) {
            Some([_]) => {
                let members = last_of_each(self.as_object().map_or(&[], |object| &object.entries));
                MapAccessDeserializer::new(Members::new(members)).deserialize_enum(name, variants, visitor)
            }
            _ => Err(SerdeError::invalid_type(Unexpected::Other("what is not a variant"), &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string unit unit_struct identifier
    }
}

/// A whole number that a double holds for sure is an integer to serde, so that it fills both kinds of fields.
fn visit_number<'de, V: Visitor<'de>>(value: &Value, number: f64, visitor: V) -> Result<V::Value, SerdeError> {
    match value.as_i64() {
        Some(whole) if whole != 0 || number.is_sign_positive() => match u64::try_from(whole) {
            Ok(whole) => visitor.visit_u64(whole),
            Err(_) => visitor.visit_i64(whole),
        },
        _ => visitor.visit_f64(number),
    }
}

fn visit_list<'de, T, V>(items: impl IntoIterator<Item = T>, visitor: V) -> Result<V::Value, SerdeError>
where
    T: IntoDeserializer<'de, SerdeError>,
    V: Visitor<'de>,
{
    let mut list = Items::new(items.into_iter());
    let value = visitor.visit_seq(&mut list)?;
    list.end()?;
    Ok(value)
}

fn visit_members<'de, V: Visitor<'de>>(
    members: impl Iterator<Item = (Key<'de>, &'de Value)>,
    visitor: V,
) -> Result<V::Value, SerdeError> {
    let mut map = Members::new(members);
    let value = visitor.visit_map(&mut map)?;
    map.end()?;
    Ok(value)
}

/// The members without those that a later one of the same name replaces (AMF0-8), for derived types refuse a field that
/// comes twice.
fn last_of_each(entries: &[(AmfString, Value)]) -> impl Iterator<Item = (Key<'_>, &Value)> {
    let last: BTreeMap<&[u8], usize> =
        entries.iter().enumerate().map(|(index, (name, _))| (name.as_bytes(), index)).collect();
    let mut kept: Vec<usize> = last.into_values().collect();
    kept.sort_unstable();
    kept.into_iter().map(|index| {
        let (name, value) = &entries[index];
        (Key::Name(name), value)
    })
}

impl<'de> IntoDeserializer<'de, SerdeError> for &'de Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
