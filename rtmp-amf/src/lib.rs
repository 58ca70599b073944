//! AMF0 and AMF3 values, one value type for both, hand-written and bounded.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
