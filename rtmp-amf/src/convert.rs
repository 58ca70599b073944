//! From Rust's types to [`Value`], and comparison with them.

use alloc::{boxed::Box, string::String, vec::Vec};

use bytes::Bytes;

use crate::{AmfString, Date, Dictionary, Externalizable, MixedArray, Object, Value, Vector};

macro_rules! from {
    ($($source:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

// Whole numbers become `Number`: it is the kind every AMF0 peer reads. `Integer` is for who names it.
from! {
    bool => Boolean, f64 => Number, f32 => Number, i8 => Number, u8 => Number, i16 => Number, u16 => Number,
    i32 => Number, u32 => Number, &str => String, &String => String, String => String, AmfString => String,
    Object => Object, Date => Date, Bytes => ByteArray, MixedArray => MixedArray, Vector => Vector,
    Dictionary => Dictionary, Externalizable => Externalizable, Box<Vector> => Vector, Box<MixedArray> => MixedArray,
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self> + Clone> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        Self::Array(items.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    /// `None` becomes `null`.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        matches!(self.plain(), Self::String(text) if text == other)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialEq<bool> for Value {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl PartialEq<f64> for Value {
    fn eq(&self, other: &f64) -> bool {
        self.as_f64() == Some(*other)
    }
}
