//! AMF0: values of commands, data messages and FLV script tags.
//!
//! A value is one marker byte and its payload; a message is a list of values. [`decode_all`] reads a whole message,
//! [`decode`] one value of a list whose rest the caller wants to handle otherwise, and a [`Decoder`] value by value
//! with the tables of references shared, as the format defines them, by the whole message.
//!
//! ```
//! use rtmp_amf::{AmfLimits, Object, Value, amf0};
//!
//! let mut message = Vec::new();
//! amf0::encode(&"connect".into(), &mut message)?;
//! amf0::encode(&1.into(), &mut message)?;
//! amf0::encode(&Object::new().with("app", "live").into(), &mut message)?;
//!
//! let values = amf0::decode_all(&message, &AmfLimits::default())?;
//! assert_eq!(values[0], "connect");
//! assert_eq!(values[2]["app"], "live");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod peek;
mod references;
mod skip;

pub use decode::{Decoder, decode, decode_all};
pub use encode::{encode, encode_all};
pub use peek::{peek_str, skip};

/// The type markers (AMF0-1).
mod marker {
    pub(super) const NUMBER: u8 = 0x00;
    pub(super) const BOOLEAN: u8 = 0x01;
    pub(super) const STRING: u8 = 0x02;
    pub(super) const OBJECT: u8 = 0x03;
    pub(super) const NULL: u8 = 0x05;
    pub(super) const UNDEFINED: u8 = 0x06;
    pub(super) const REFERENCE: u8 = 0x07;
    pub(super) const ECMA_ARRAY: u8 = 0x08;
    pub(super) const OBJECT_END: u8 = 0x09;
    pub(super) const STRICT_ARRAY: u8 = 0x0a;
    pub(super) const DATE: u8 = 0x0b;
    pub(super) const LONG_STRING: u8 = 0x0c;
    pub(super) const UNSUPPORTED: u8 = 0x0d;
    pub(super) const XML_DOCUMENT: u8 = 0x0f;
    pub(super) const TYPED_OBJECT: u8 = 0x10;
    pub(super) const AMF3: u8 = 0x11;
}
