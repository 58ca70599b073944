//! FLV tags and files, audio and video payload headers, Enhanced RTMP v2.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod anomaly;
mod audio;
mod build;
pub mod codec;
mod decoder;
mod encode_error;
mod encryption;
mod error;
mod file;
mod fourcc;
mod limits;
mod metadata;
mod multichannel;
mod packet;
mod prefix;
mod resync;
mod script;
mod tag;
mod track;
mod video;
mod video_metadata;

#[cfg(feature = "std")]
pub use self::file::repair;
pub use self::{
    anomaly::{Anomalies, Anomaly},
    audio::{AudioCodec, AudioHeader, Sound},
    decoder::TagDecoder,
    encode_error::FlvEncodeError,
    encryption::EncryptionHeader,
    error::{FlvError, Payload},
    file::{FileScan, FileSummary, FlvWriter, WriterConfig},
    fourcc::FourCc,
    limits::FlvLimits,
    metadata::{Keyframe, Metadata, TrackMetadata},
    multichannel::{Channel, MultichannelConfig},
    packet::{PacketKind, TrackLayout, VideoCommand},
    script::ScriptData,
    tag::{FileHeader, Tag, TagKind},
    track::{AudioTrack, AudioTracks, VideoTrack, VideoTracks},
    video::{FrameKind, VideoCodec, VideoHeader},
    video_metadata::{ColorInfo, VideoMetadata},
};
