//! The composite types beside objects and plain arrays: dates, vectors, dictionaries, mixed arrays, externalizables.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{AmfString, Object, Value};

/// A point in time (AMF0-21, AMF3-24).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Date {
    /// Milliseconds since 1970-01-01 00:00 UTC; may be negative or a fraction.
    pub millis: f64,
    /// The time zone field of AMF0, minutes from UTC by the FLV text. It does not change the instant and should be 0;
    /// it is kept so that a decoded value is written back unchanged. AMF3 has no such field.
    pub time_zone: i16,
}

impl Date {
    /// The instant `millis` milliseconds after 1970-01-01 00:00 UTC.
    pub const fn new(millis: f64) -> Self {
        Self { millis, time_zone: 0 }
    }
}

/// A typed vector of AMF3 (AMF3-33).
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// Whether its length is fixed.
    pub fixed: bool,
    /// The items.
    pub items: VectorItems,
}

/// The items of a [`Vector`], by their type.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorItems {
    /// Signed 32-bit integers.
    Int(Vec<i32>),
    /// Unsigned 32-bit integers.
    Uint(Vec<u32>),
    /// Numbers.
    Number(Vec<f64>),
    /// Any values.
    Object {
        /// Name of the type of the items; `*` for any.
        class: AmfString,
        /// The items.
        items: Vec<Value>,
    },
}

/// An AMF3 dictionary: keys may be values of any kind (AMF3-34).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dictionary {
    /// Whether keys are held weakly by the program that wrote it.
    pub weak_keys: bool,
    /// Keys and values in the order of the wire.
    pub entries: Vec<(Value, Value)>,
}

/// An AMF3 array with both named members and a dense part (AMF3-27).
///
/// An array with a dense part alone is a [`Value::Array`], one with named members alone a [`Value::EcmaArray`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MixedArray {
    /// The named members. Their traits have no meaning.
    pub named: Object,
    /// The dense part, indices 0 and up.
    pub dense: Vec<Value>,
}

/// An AMF3 object whose body only its class understands (AMF3-31).
///
/// The body is kept as the reader of its class walked it, in pieces, and is written back from them.
/// See [`ExternalReader`](crate::amf3::ExternalReader).
#[derive(Clone, Debug, PartialEq)]
pub struct Externalizable {
    /// Name of the class.
    pub class: AmfString,
    /// The body, piece by piece.
    pub body: Vec<ExternalPart>,
}

/// A piece of the body of an [`Externalizable`].
#[derive(Clone, Debug, PartialEq)]
pub enum ExternalPart {
    /// Bytes as they stand on the wire.
    Bytes(Bytes),
    /// An AMF3 value with its marker.
    Value(Value),
}

impl ExternalPart {
    /// The value, if it is one.
    pub fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Bytes(_) => None,
        }
    }
}

impl Externalizable {
    /// An externalizable whose body is one AMF3 value, as that of `flex.messaging.io.ArrayCollection` is.
    pub fn of_value(class: impl Into<AmfString>, value: impl Into<Value>) -> Self {
        Self { class: class.into(), body: alloc::vec![ExternalPart::Value(value.into())] }
    }

    /// The body when it is exactly one AMF3 value.
    pub fn as_value(&self) -> Option<&Value> {
        match self.body.as_slice() {
            [part] => part.as_value(),
            _ => None,
        }
    }
}
