//! This crate's types in other formats, and as fields of other types.

use alloc::{string::String, vec::Vec};
use core::fmt;

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};

use crate::{AmfString, Date, Object, Value, VectorItems};

/// Tells our own serializer that the number in it is a date.
pub(super) const DATE: &str = "$rtmp_amf::Date";

impl Serialize for AmfString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for AmfString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = AmfString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AmfString, E> {
                Ok(text.into())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<AmfString, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_string(TextVisitor)
    }
}

impl Serialize for Date {
    /// As the milliseconds since 1970.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DATE, &self.millis)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_map(ValueVisitor)?;
        value.into_object().map_err(|_| Error::custom("not a map"))
    }
}

impl Serialize for Value {
    /// As what it means: the AMF0 and AMF3 forms of a thing are not told apart, and class names are left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.plain() {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Integer(number) => serializer.serialize_i32(*number),
            Self::String(text) | Self::Xml(text) | Self::XmlDocument(text) => serializer.serialize_str(text),
            Self::Object(object) | Self::EcmaArray(object) => object.serialize(serializer),
            Self::Array(items) => items.serialize(serializer),
            Self::MixedArray(array) => {
                let mut map = serializer.serialize_map(Some(array.named.len() + array.dense.len()))?;
                array.named.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                array.dense.iter().enumerate().try_for_each(|(index, item)| map.serialize_entry(&index, item))?;
                map.end()
            }
            Self::Date(date) => date.serialize(serializer),
            Self::ByteArray(bytes) => serializer.serialize_bytes(bytes),
            Self::Vector(vector) => match &vector.items {
                VectorItems::Int(items) => items.serialize(serializer),
                VectorItems::Uint(items) => items.serialize(serializer),
                VectorItems::Number(items) => items.serialize(serializer),
                VectorItems::Object { items, .. } => items.serialize(serializer),
            },
            Self::Dictionary(dictionary) => {
                let mut map = serializer.serialize_map(Some(dictionary.entries.len()))?;
                dictionary.entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Self::Externalizable(object) => {
                let values: Vec<&Self> = object.body.iter().filter_map(crate::ExternalPart::as_value).collect();
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                values.into_iter().try_for_each(|value| list.serialize_element(value))?;
                list.end()
            }
            Self::Null | Self::Undefined | Self::Unsupported | Self::Amf3(_) => serializer.serialize_unit(),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::ByteArray(Bytes::copy_from_slice(bytes)))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some((name, value)) = map.next_entry::<AmfString, Value>()? {
            object.push(name, value);
        }
        Ok(object.into())
    }
}
