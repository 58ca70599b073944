//! RTMP sessions for both roles, without IO.
#![forbid(unsafe_code)]

pub use {rtmp_amf as amf, rtmp_chunk as chunk, rtmp_flv as flv, rtmp_handshake as handshake};

mod aggregate;
#[cfg(feature = "auth")]
pub mod auth;
mod caps;
mod client;
pub mod code;
mod command;
mod config;
mod drive;
mod error;
mod flow;
mod id;
mod link;
#[cfg(feature = "live")]
pub mod live;
mod media;
mod name;
mod receive;
mod server;
pub mod shared_object;
mod stats;
mod status;
mod timers;
#[cfg(feature = "tokio")]
pub mod tokio;
mod url;
mod user_control;

pub use caps::{Capabilities, CapsEx, FourCcInfoMap, FourCcMask, VideoFunction};
pub use client::{ClientEvent, ClientSession, PlayOptions};
pub use command::Call;
pub use config::{ClientConfig, Limits, LinkConfig, ServerConfig};
pub use drive::Drive;
pub use error::{CommandError, CutOff, MessageError, SessionError, Timeout};
pub use id::{CallId, StreamId};
pub use link::Link;
pub use media::{Media, MediaKind};
pub use server::{
    ConnectRequest, Play2, PlayRequest, PlayStart, PlaybackControl, PublishKind, PublishRequest, Request, ServerEvent,
    ServerSession,
};
pub use stats::Stats;
pub use status::{Level, Status};
pub use url::{Credentials, RtmpUrl, UrlError};
pub use user_control::UserControl;
