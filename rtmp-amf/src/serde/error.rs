//! What keeps a value and a type apart.

use alloc::string::{String, ToString};
use core::fmt::Display;

use serde::{de, ser};

/// A value does not fit a type, or a type does not fit AMF.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerdeError {
    /// What serde or the type says: a missing field, a wrong type, a number out of range.
    #[error("{0}")]
    Message(String),
    /// An integer over 2⁵³, which a double cannot hold for sure (AMF0-43).
    #[error("integer {0} does not fit a double (AMF0-43)")]
    IntegerTooLarge(i128),
    /// A map key that is neither text nor a number nor a truth value.
    #[error("a key of a map is not text")]
    KeyNotText,
}

impl de::Error for SerdeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

impl ser::Error for SerdeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}
