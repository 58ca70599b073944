//! What keeps a value and a type apart.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};
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
    /// The fault is inside a composite value.
    #[error("in `{path}`: {cause}")]
    Within {
        /// Where: `videoTrackIdInfoMap.1.width`, `fourCcList[2]`. Of a name no more than 64 characters are shown, and
        /// what would not print is escaped.
        path: String,
        /// What is wrong there; never a `Within` itself.
        cause: Box<Self>,
    },
}

impl SerdeError {
    /// This error as that of the object that has it in a member of this name.
    pub(super) fn in_member(self, name: &str) -> Self {
        let name: String = name.chars().take(SHOWN_NAME).flat_map(char::escape_debug).collect();
        match self {
            Self::Within { path, cause } if path.starts_with('[') => Self::Within { path: name + &path, cause },
            Self::Within { path, cause } => Self::Within { path: format!("{name}.{path}"), cause },
            cause => Self::Within { path: name, cause: cause.into() },
        }
    }

    /// This error as that of the list that has it in the item of this index.
    pub(super) fn in_item(self, index: usize) -> Self {
        match self {
            Self::Within { path, cause } if path.starts_with('[') => {
                Self::Within { path: format!("[{index}]{path}"), cause }
            }
            Self::Within { path, cause } => Self::Within { path: format!("[{index}].{path}"), cause },
            cause => Self::Within { path: format!("[{index}]"), cause: cause.into() },
        }
    }
}

/// Characters of a name that a path shows: names come from peers.
const SHOWN_NAME: usize = 64;

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
