//! FLV files, and the headers in front of every audio and video payload of RTMP. No IO.
//!
//! RTMP and FLV carry the same payloads: the body of an RTMP audio, video or data message is, byte for byte, the body of
//! an FLV tag. This crate reads and writes both sides of that fact. It finds key frames, codec configurations, metadata
//! and tracks by a peek at the first bytes, in the legacy form and in that of Enhanced RTMP, for every codec, known or
//! not. It neither decodes pictures nor sound, and touches no file: bytes in, tags out, and back.
//!
//! ```text
//!  file     FLV 1 flags 9 │ 0 │ tag │ size │ tag │ size │ ..          TagDecoder, FlvWriter, FileScan, repair
//!                             └──┬──┘
//!  tag      type  length  time  0 │ body                              Tag: head(), data, tail()
//!                                 └──┬─┘                              = payload of an RTMP message
//!  payload                 header    │ what the codec's reader gets   VideoHeader, AudioHeader
//!             legacy       17 01 00 00 28                             key frame, AVC, frames, +40 ms
//!             enhanced     91 h v c 1 00 00 28                        the same of HEVC
//!             with track   96 01 a v c 1 01 00 00 28                  of track 1
//! ```
//!
//! # Reading
//!
//! [`TagDecoder`] takes tags out of a `BytesMut`. A body is a slice of that buffer: nothing is copied.
//!
//! ```
//! use bytes::BytesMut;
//! use rtmp_flv::{FlvLimits, TagDecoder, TagKind, VideoHeader};
//! use std::io::{self, Read};
//!
//! fn count_keyframes(mut file: impl Read) -> io::Result<usize> {
//!     let mut decoder = TagDecoder::new(FlvLimits::default());
//!     let (mut buffer, mut keyframes) = (BytesMut::new(), 0);
//!     let mut read = [0; 65_536];
//!     loop {
//!         while let Some(tag) = decoder.decode(&mut buffer).map_err(io::Error::other)? {
//!             // A payload that cannot be read is no reason to stop: what follows it is unharmed.
//!             if tag.kind == TagKind::Video && VideoHeader::parse(&tag.data).is_ok_and(|header| header.is_keyframe()) {
//!                 keyframes += 1;
//!             }
//!         }
//!         match file.read(&mut read)? {
//!             0 => return Ok(keyframes),
//!             len => buffer.extend_from_slice(&read[..len]),
//!         }
//!     }
//! }
//! # let file = b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x09\0\0\x07\0\0\x28\0\0\0\0\x91av01\x0a\x0b\0\0\0\x12";
//! # assert_eq!(count_keyframes(&file[..])?, 1);
//! # Ok::<(), io::Error>(())
//! ```
//!
//! # Payload headers
//!
//! [`VideoHeader::parse`] and [`AudioHeader::parse`] allocate nothing and look at the first bytes only, so a server can
//! afford them for every message. `is_keyframe`, `is_sequence_header`, `is_metadata` answer what it has to know; `body`
//! is where the codec's own data starts; [`tracks`](VideoHeader::tracks) walks the tracks of a multitrack packet, which
//! may have a codec each. Unknown codecs are classified like known ones and pass through; a program that wants to
//! refuse them asks [`VideoCodec::known`]. Going the other way, [`VideoHeader::new`] makes a header,
//! [`encode`](VideoHeader::encode) writes it and [`encode_tracks`](VideoHeader::encode_tracks) a whole multitrack packet.
//!
//! What is inside: [`codec`] tells the size of a picture and the rate of a sound; [`VideoMetadata`] and [`ColorInfo`]
//! read HDR data, [`MultichannelConfig`] the speakers; [`ScriptData`] and [`Metadata`] are `onMetaData` and its like.
//!
//! # Writing
//!
//! [`Tag::head`] and [`Tag::tail`] are arrays: write `[head, data, tail]` vectored and no payload is copied.
//! [`FlvWriter`] makes a recording of it: times from 0 on, a file that is valid at any instant, and an `onMetaData` tag of
//! constant length at its start that is overwritten in place when duration, size and key frame index are known.
//! [`FileScan`] reads a file through, however it is cut or damaged, and says where to go on; `repair` copies what is whole.
//!
//! # What is wrong but can be used
//!
//! Encoders and tools of twenty years have written FLV. Where one departs from the format in a way that can be read all
//! the same, it is read, and reported as an [`Anomaly`] that names the requirement not met. Errors are for what cannot be
//! used: from [`TagDecoder`] they are final, from a payload header they concern that payload alone.
//! Every size a peer controls is bounded: see [`FlvLimits`].
//!
//! Requirement ids such as `FLV-12` and `ERTMP-19` refer to the lists for
//! [FLV](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/flv.md) and [Enhanced RTMP](https://github.com/rtmp-rs-suite/rtmp/blob/main/docs/spec/enhanced-rtmp-v2.md).
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

extern crate alloc;

/// The crate whose `Bytes`, `BytesMut` and `BufMut` stand in this one's functions.
pub use bytes;
/// AMF values: the content of script tags.
pub use rtmp_amf as amf;

mod anomaly;
mod audio;
mod build;
pub mod codec;
mod decoder;
mod display;
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

/// The README's program.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
