//! The value tree.

use alloc::{boxed::Box, vec::Vec};
use core::ops::Index;

use bytes::Bytes;

use crate::{AmfString, Date, Dictionary, Externalizable, MixedArray, Object, Vector};

/// A value of AMF0 or AMF3.
///
/// Both formats decode to this type and every value can be written in both; where a format lacks a type the variant
/// says what is written instead. Distinct forms of the wire stay distinct variants, so that decoding and encoding again
/// gives the same bytes (AMF0-42): `Number` and `Integer`, the two kinds of XML, `Object` and `EcmaArray`.
///
/// Read it with the accessors, which treat alike what a program wants to treat alike: objects, ECMA arrays and
/// dictionaries ([`get`](Self::get), AMF0-16, AMF3-45), numbers and integers ([`as_f64`](Self::as_f64), AMF3-10), and
/// values with or without an AMF3 wrapper.
///
/// ```
/// use rtmp_amf::{Object, Value};
///
/// let info = Value::from(Object::new().with("app", "live").with("caps", 15).with("tags", vec!["a", "b"]));
/// assert_eq!(info["app"], "live");
/// assert_eq!(info["caps"].as_u32(), Some(15));
/// assert_eq!(info["tags"][1], "b");
/// assert_eq!(info["no"]["such"]["member"], Value::Undefined);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `undefined`.
    #[default]
    Undefined,
    /// `null`.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A double; NaN and infinities pass bit for bit. The only kind of number AMF0 has.
    Number(f64),
    /// An AMF3 integer, −2²⁸ to 2²⁸ − 1; outside that range it is written as a double (AMF3-9).
    Integer(i32),
    /// Text. In AMF0 longer than 65 535 bytes becomes a long string by itself.
    String(AmfString),
    /// An object, anonymous or of a class.
    Object(Object),
    /// An AMF0 ECMA array; in AMF3 an array that has only named members.
    EcmaArray(Object),
    /// A strict array of AMF0, a dense array of AMF3.
    Array(Vec<Self>),
    /// An AMF3 array with named members and a dense part.
    MixedArray(Box<MixedArray>),
    /// A point in time.
    Date(Date),
    /// AMF3's XML (E4X).
    Xml(AmfString),
    /// AMF0's XML document, AMF3's XMLDocument.
    XmlDocument(AmfString),
    /// An AMF3 byte array.
    ByteArray(Bytes),
    /// An AMF3 vector.
    Vector(Box<Vector>),
    /// An AMF3 dictionary.
    Dictionary(Dictionary),
    /// An AMF3 object with a body of its class's own making.
    Externalizable(Box<Externalizable>),
    /// AMF0's stand-in for a value its writer could not write. In AMF3 written as `undefined`.
    Unsupported,
    /// In AMF0: this value is written in AMF3, behind the marker 0x11 (AMF0-33). In AMF3 just the value.
    /// Types that AMF0 lacks get the marker without it.
    Amf3(Box<Self>),
}

impl Value {
    /// Wraps the value so that AMF0 writes it in AMF3 form. Types that AMF0 lacks are left as they are.
    #[must_use]
    pub fn in_amf3(self) -> Self {
        match self {
            Self::Amf3(_)
            | Self::Integer(_)
            | Self::MixedArray(_)
            | Self::Xml(_)
            | Self::ByteArray(_)
            | Self::Vector(_)
            | Self::Dictionary(_)
            | Self::Externalizable(_) => self,
            other => Self::Amf3(Box::new(other)),
        }
    }

    /// The value itself, without AMF3 wrappers.
    pub fn plain(&self) -> &Self {
        let mut value = self;
        while let Self::Amf3(inner) = value {
            value = inner;
        }
        value
    }

    /// The value itself, taken out of AMF3 wrappers.
    #[must_use]
    pub fn into_plain(self) -> Self {
        let mut value = self;
        while let Self::Amf3(inner) = value {
            value = *inner;
        }
        value
    }

    /// Whether this is `null` or `undefined`, between which commands do not distinguish (AMF0-12).
    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Self::Null | Self::Undefined)
    }

    /// The text of a string or XML; where it is not UTF-8, with replacement characters.
    pub fn as_str(&self) -> Option<&str> {
        match self.plain() {
            Self::String(text) | Self::Xml(text) | Self::XmlDocument(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The truth value of a boolean. Numbers are not taken for one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.plain() {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a number or integer.
    pub fn as_f64(&self) -> Option<f64> {
        match self.plain() {
            Self::Number(value) => Some(*value),
            Self::Integer(value) => Some(f64::from(*value)),
            _ => None,
        }
    }

    /// The value of a number or integer that is whole and in range, as ids have to be (AMF0-43).
    pub fn as_i64(&self) -> Option<i64> {
        // 2^53: up to there a double holds every whole number.
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        let value = self.as_f64()?;
        let whole = value as i64;
        (value.abs() <= WHOLE && whole as f64 == value).then_some(whole)
    }

    /// The value of a number or integer that is whole and in range, as ids have to be (AMF0-43).
    pub fn as_u32(&self) -> Option<u32> {
        self.as_i64()?.try_into().ok()
    }

    /// The members of an object, an ECMA array or the named part of a mixed array.
    pub fn as_object(&self) -> Option<&Object> {
        match self.plain() {
            Self::Object(object) | Self::EcmaArray(object) => Some(object),
            Self::MixedArray(array) => Some(&array.named),
            _ => None,
        }
    }

    /// The members of an object, an ECMA array or the named part of a mixed array, taken out of the value.
    /// The value itself when it has none.
    ///
    /// # Errors
    /// Returns the value unchanged when it has no members.
    pub fn into_object(self) -> Result<Object, Self> {
        match self.into_plain() {
            Self::Object(object) | Self::EcmaArray(object) => Ok(object),
            Self::MixedArray(array) => Ok(array.named),
            other => Err(other),
        }
    }

    /// The items of an array, the dense part of a mixed array, the items of a vector of objects.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self.plain() {
            Self::Array(items) => Some(items),
            Self::MixedArray(array) => Some(&array.dense),
            Self::Vector(vector) => match &vector.items {
                crate::VectorItems::Object { items, .. } => Some(items),
                _ => None,
            },
            Self::Externalizable(external) => external.as_value()?.as_array(),
            _ => None,
        }
    }

    /// The date.
    pub fn as_date(&self) -> Option<Date> {
        match self.plain() {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The content of a byte array.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self.plain() {
            Self::ByteArray(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The last member of this name of an object, an ECMA array, an array with named members or a dictionary.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self.plain() {
            Self::Dictionary(dictionary) => {
                dictionary.entries.iter().rev().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
            }
            value => value.as_object()?.get(key),
        }
    }
}

impl Index<&str> for Value {
    type Output = Self;

    /// As [`get`](Self::get); [`Value::Undefined`] when there is no such member, and never a panic.
    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&Self::Undefined)
    }
}

impl Index<usize> for Value {
    type Output = Self;

    /// The item of an array; [`Value::Undefined`] when there is none, and never a panic.
    fn index(&self, index: usize) -> &Self {
        self.as_array().and_then(|items| items.get(index)).unwrap_or(&Self::Undefined)
    }
}
