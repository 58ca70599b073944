//! What can be wrong with a message, and what cannot be written.

use alloc::string::String;

/// The bytes are not AMF, or over a limit. `offset` counts bytes from the start of the input.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmfError {
    /// The input ends inside a value (AMF0-37, AMF3-39), or a length or count says more than can follow (AMF0-20,
    /// AMF3-36).
    #[error("{needed} bytes needed at offset {offset}, {left} left (AMF0-37)")]
    Truncated {
        /// Where the missing bytes should begin.
        offset: usize,
        /// Bytes that must follow, at least.
        needed: usize,
        /// Bytes that follow.
        left: usize,
    },
    /// A marker of no known type, or of a reserved one (AMF0-13, AMF0-36, AMF3-6).
    #[error("unknown type marker {marker:#04x} at offset {offset} (AMF0-36)")]
    UnknownMarker {
        /// The marker.
        marker: u8,
        /// Where it stands.
        offset: usize,
    },
    /// A reference to something that has not occurred (AMF0-28, AMF3-22).
    #[error("reference {index} at offset {offset} to a table of {len} entries (AMF0-28)")]
    UnknownReference {
        /// The index.
        index: u32,
        /// Entries so far.
        len: usize,
        /// Where the reference stands.
        offset: usize,
    },
    /// A reference to a value of another type than the marker in front says (AMF3-21).
    #[error("reference {index} at offset {offset} is to a value of another type (AMF3-21)")]
    ReferenceType {
        /// The index.
        index: u32,
        /// Where the reference stands.
        offset: usize,
    },
    /// A reference to a value that contains it (AMF0-28, AMF3-23). Legal on the wire, but not a tree.
    #[error("reference {index} at offset {offset} is to a value that contains it (AMF0-28)")]
    Cycle {
        /// The index.
        index: u32,
        /// Where the reference stands.
        offset: usize,
    },
    /// Containers nested deeper than [`AmfLimits::max_depth`](crate::AmfLimits::max_depth).
    #[error("nested deeper than {max} at offset {offset} (AMF0-30)")]
    TooDeep {
        /// Levels allowed.
        max: usize,
        /// Where the container stands that is one too many.
        offset: usize,
    },
    /// More values than [`AmfLimits::max_values`](crate::AmfLimits::max_values).
    #[error("more than {max} values at offset {offset} (AMF0-31)")]
    TooManyValues {
        /// Values allowed.
        max: usize,
        /// Where the value stands that is one too many.
        offset: usize,
    },
    /// More text and bytes than [`AmfLimits::max_bytes`](crate::AmfLimits::max_bytes).
    #[error("more than {max} bytes of text and data at offset {offset}")]
    TooManyBytes {
        /// Bytes allowed.
        max: usize,
        /// Where the text stands that is too much.
        offset: usize,
    },
    /// Text that is not UTF-8, with [`AmfLimits::strict_utf8`](crate::AmfLimits::strict_utf8) set (AMF0-5).
    #[error("text at offset {offset} is not UTF-8 (AMF0-5)")]
    NotUtf8 {
        /// Where the text begins.
        offset: usize,
    },
    /// An object whose end is missing, with [`AmfLimits::strict_end`](crate::AmfLimits::strict_end) set (AMF0-17).
    #[error("the input ends at offset {offset} without the end of an object (AMF0-17)")]
    MissingEnd {
        /// Length of the input.
        offset: usize,
    },
    /// An externalizable object of a class for which there is no reader (AMF3-31).
    #[error("no reader for the externalizable class {class:?} at offset {offset} (AMF3-31)")]
    UnknownExternalizable {
        /// Name of the class.
        class: String,
        /// Where the body begins.
        offset: usize,
    },
}

/// A value cannot be written. What was written of it before the fault was met stays in the buffer.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmfEncodeError {
    /// A member or class name longer than 65 535 bytes, which AMF0 cannot carry (AMF0-41).
    #[error("name of {len} bytes is over the 65535 that AMF0 can carry (AMF0-41)")]
    NameTooLong {
        /// Bytes in the name.
        len: usize,
    },
    /// Text, bytes or a number of items too large for its length field: 2³² − 1 in AMF0, 2²⁸ − 1 in AMF3 (AMF3-3).
    #[error("length or count {len} does not fit its field (AMF3-3)")]
    TooLong {
        /// Bytes or items.
        len: usize,
    },
    /// A named member of an AMF3 array or a dynamic member of an AMF3 object has an empty name, which would read as
    /// the end of the members (AMF3-27).
    #[error("an AMF3 member cannot have an empty name (AMF3-27)")]
    EmptyName,
    /// Containers nested deeper than [`AmfLimits::DEPTH_CEILING`](crate::AmfLimits::DEPTH_CEILING).
    #[error("nested deeper than {max} (AMF0-30)")]
    TooDeep {
        /// Levels allowed.
        max: usize,
    },
}
