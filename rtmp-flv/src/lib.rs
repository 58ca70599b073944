//! FLV tags and files, audio and video payload headers, Enhanced RTMP v2.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
