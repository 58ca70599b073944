//! RTMP sessions for both roles, without IO.
#![forbid(unsafe_code)]

pub use {rtmp_amf as amf, rtmp_chunk as chunk, rtmp_flv as flv, rtmp_handshake as handshake};

mod url;

pub use url::{Credentials, RtmpUrl, UrlError};
