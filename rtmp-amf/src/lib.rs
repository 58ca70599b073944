//! AMF0 and AMF3, the binary formats of RTMP commands, metadata and FLV script tags: bytes to values, values to bytes.
//! No IO, `no_std` with `alloc`, no `unsafe`.
//!
//! One type serves both formats. A [`Value`] is read with accessors that treat alike what a program wants to treat alike,
//! and keeps apart what the wire keeps apart, so that decoding and encoding again gives the same bytes. The crate knows the
//! types of values and nothing of what they mean: commands are the business of `rtmp-session`, script tags that of
//! `rtmp-flv`.
//!
//! # On the wire
//!
//! ```text
//!  a message: values one behind the other, each a marker and its payload
//!
//!  02 0007 "connect"   00 3FF0000000000000   03  0003 "app"  02 0004 "live"  …  0000 09
//!  │  │                │  │                  │   └ name ──┘  └ value ─────┘     └ end ┘
//!  │  length           │  double             object
//!  string              number
//!
//!  11 0A 0B 01  07 "app"  06 09 "live"  …  01
//!  │  └──────── one AMF3 value: its own markers, lengths in one to four bytes, later
//!  │            texts, objects and classes as references to earlier ones
//!  AMF3 follows
//! ```
//!
//! # Decoding
//!
//! ```
//! use rtmp_amf::{AmfError, AmfLimits, Object, Value, amf0};
//!
//! fn handle(message: &[u8], limits: &AmfLimits) -> Result<String, AmfError> {
//!     let mut decoder = amf0::Decoder::new(message, limits);
//!     let mut values = Vec::new();
//!     while let Some(value) = decoder.next_value()? {
//!         values.push(value);
//!     }
//!     Ok(match values.as_slice() {
//!         [name, id, object, ..] if *name == "connect" => {
//!             format!("call {:?} connects to {}", id.as_u32(), object["app"].as_str().unwrap_or("nothing"))
//!         }
//!         _ => format!("{} values", values.len()),
//!     })
//! }
//!
//! let mut message = Vec::new();
//! for value in [Value::from("connect"), 1.into(), Object::new().with("app", "live").into()] {
//!     amf0::encode(&value, &mut message)?;
//! }
//! assert_eq!(handle(&message, &AmfLimits::default())?, "call Some(1) connects to live");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`amf0::decode_all`] does the loop in one call. [`amf0::peek_str`] and [`amf0::skip`] look at a message without building
//! anything, for a relay that hands it on. With feature `serde`, `from_value` and `to_value` fill types of your own.
//!
//! # What a peer can do
//!
//! Nothing is allocated for a length or count that the message only claims. [`AmfLimits`] bounds depth, number of values and
//! bytes; a reference costs what it copies, so that references to references cannot explode; a value that contains itself is
//! an error. What real peers get wrong is let pass: counts of ECMA arrays, text that is not UTF-8 (kept byte for byte), a
//! missing end at the end of a message. Ids such as `AMF0-17` in this documentation are those of the [lists for
//! AMF0](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/amf0.md) and [AMF3](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/amf3.md).
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

extern crate alloc;

/// The crate whose `Bytes` and `BufMut` stand in this one's functions.
pub use bytes;

pub mod amf0;
pub mod amf3;
mod composite;
mod convert;
mod display;
mod error;
mod input;
mod limits;
mod object;
#[cfg(feature = "serde")]
mod serde;
mod string;
mod value;

pub use composite::{Date, Dictionary, ExternalPart, Externalizable, MixedArray, Vector, VectorItems};
pub use error::{AmfEncodeError, AmfError};
pub use limits::AmfLimits;
pub use object::{Object, Sealed, Traits};
#[cfg(feature = "serde")]
pub use serde::{SerdeError, from_value, to_value};
pub use string::AmfString;
pub use value::Value;

/// The program in the README is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
