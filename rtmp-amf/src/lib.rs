//! AMF0 and AMF3 values, one value type for both, hand-written and bounded.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod amf0;
pub mod amf3;
mod composite;
mod convert;
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
