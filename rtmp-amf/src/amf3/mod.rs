//! AMF3: what AMF0 carries behind its marker 0x11, once a peer has asked for object encoding 3.
//!
//! A value is one marker byte and its payload. Texts, composite values and the traits of objects are numbered as they
//! occur, and later ones may be references to them; the three tables live as long as the message (AMF3-19).
//! RTMP and FLV never carry AMF3 alone: [`amf0`](crate::amf0) calls this module where the marker says so, and most
//! programs need nothing of it.
//!
//! ```
//! use rtmp_amf::{AmfLimits, Object, Value, amf3};
//!
//! let mut bytes = Vec::new();
//! amf3::encode(&Object::new().with("a", Value::Integer(1)).into(), &mut bytes)?;
//! assert_eq!(bytes, [0x0a, 0x0b, 0x01, 0x03, b'a', 0x04, 0x01, 0x01]);
//!
//! let value = amf3::decode(&mut &bytes[..], &AmfLimits::default())?;
//! assert_eq!(value["a"].as_u32(), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod external;
mod tables;
mod u29;

pub(crate) use decode::Reader;
pub use decode::{Decoder, decode, decode_all};
pub(crate) use encode::Writer;
pub use encode::{encode, encode_with_references};
pub use external::{ExternalInput, ExternalReader};
pub(crate) use tables::Tables;
pub use u29::{decode_u29, encode_u29};

/// Largest length or count: 28 bits, since the lowest bit of the U29 tells a reference (AMF3-18).
const MAX_LEN: usize = (1 << 28) - 1;

/// The type markers (AMF3-5).
mod marker {
    pub(super) const UNDEFINED: u8 = 0x00;
    pub(super) const NULL: u8 = 0x01;
    pub(super) const FALSE: u8 = 0x02;
    pub(super) const TRUE: u8 = 0x03;
    pub(super) const INTEGER: u8 = 0x04;
    pub(super) const DOUBLE: u8 = 0x05;
    pub(super) const STRING: u8 = 0x06;
    pub(super) const XML_DOCUMENT: u8 = 0x07;
    pub(super) const DATE: u8 = 0x08;
    pub(super) const ARRAY: u8 = 0x09;
    pub(super) const OBJECT: u8 = 0x0a;
    pub(super) const XML: u8 = 0x0b;
    pub(super) const BYTE_ARRAY: u8 = 0x0c;
    pub(super) const VECTOR_INT: u8 = 0x0d;
    pub(super) const VECTOR_UINT: u8 = 0x0e;
    pub(super) const VECTOR_NUMBER: u8 = 0x0f;
    pub(super) const VECTOR_OBJECT: u8 = 0x10;
    pub(super) const DICTIONARY: u8 = 0x11;
}

/// The low bits of the U29 in front of an object (AMF3-28).
mod object_header {
    pub(super) const TRAITS_REFERENCE: u32 = 0b01;
    pub(super) const SEALED: u32 = 0b0011;
    pub(super) const DYNAMIC: u32 = 0b1011;
    pub(super) const DYNAMIC_FLAG: u32 = 0b1000;
    pub(super) const EXTERNALIZABLE: u32 = 0b0111;
}
