//! Peeks into codec configurations and key frames: how large is the picture, how many channels are there?
//!
//! For tools that show what a stream is. Each reader takes the body behind a payload header, gives `None` for what it
//! cannot make sense of, and never panics.
//!
//! ```
//! use rtmp_flv::{AudioHeader, codec::AudioFormat};
//!
//! let payload = [0xaf, 0, 0x11, 0x90];
//! let header = AudioHeader::parse(&payload)?;
//! let format = AudioFormat::of(&header, &payload[header.body..]).unwrap();
//! assert_eq!((format.sample_rate, format.channels), (48_000, 2));
//! # Ok::<(), rtmp_flv::FlvError>(())
//! ```

pub mod aac;
pub mod av1;
pub mod avc;
mod bits;
pub mod flac;
pub mod frame;
pub mod hevc;
mod name;
pub mod opus;
pub mod vpx;
pub mod vvc;

use crate::{AudioCodec, AudioHeader, PacketKind, VideoCodec, VideoHeader};

pub use name::{audio_codec_string, video_codec_string};

/// The picture of a stream.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VideoFormat {
    /// Width in pixels, if told.
    pub width: Option<u32>,
    /// Height in pixels, if told.
    pub height: Option<u32>,
    /// Profile number of the codec, if told.
    pub profile: Option<u8>,
    /// Level number as the codec counts it, if told.
    pub level: Option<u8>,
    /// Bits per sample, if told.
    pub bit_depth: Option<u8>,
    /// Frames per second, if told.
    pub frame_rate: Option<f64>,
}

impl VideoFormat {
    /// What a sequence start or a key frame says; `None` for any other packet, or if nothing can be read. VP8, VP9 and
    /// Sorenson H.263 tell the size in key frames only.
    ///
    /// `body` is what follows the header, or the body of one of its tracks, whose codec then stands in the header.
    pub fn of(header: &VideoHeader, body: &[u8]) -> Option<Self> {
        match header.packet {
            PacketKind::SequenceStart => Self::of_config(header.codec, body),
            _ if header.is_keyframe() => Self::of_keyframe(header.codec, body),
            _ => None,
        }
    }

    fn of_config(codec: VideoCodec, body: &[u8]) -> Option<Self> {
        match codec {
            VideoCodec::Avc => {
                let config = avc::AvcConfig::parse(body)?;
                let sequence = config.sequence();
                Some(Self {
                    width: sequence.map(|s| s.width),
                    height: sequence.map(|s| s.height),
                    profile: Some(config.profile),
                    level: Some(config.level),
                    bit_depth: sequence.map(|s| s.bit_depth),
                    frame_rate: sequence.and_then(|s| s.frame_rate),
                })
            }
            VideoCodec::Hevc => {
                let config = hevc::HevcConfig::parse(body)?;
                let format = Self::sized(config.size());
                Some(Self { frame_rate: config.frame_rate, ..format }.with(
                    config.profile,
                    config.level,
                    config.bit_depth,
                ))
            }
            VideoCodec::Vvc => {
                let config = vvc::VvcConfig::parse(body)?;
                let format = Self::sized(Some((config.width, config.height)));
                Some(Self { frame_rate: config.frame_rate, ..format }.with(
                    config.profile,
                    config.level,
                    config.bit_depth,
                ))
            }
            VideoCodec::Av1 => {
                let config = av1::Av1Config::parse(body)?;
                let sequence = config.sequence();
                let format = Self::sized(sequence.map(|s| (s.width, s.height)));
                let frame_rate = sequence.and_then(|s| s.frame_rate);
                Some(Self { frame_rate, ..format }.with(config.profile, config.level, config.bit_depth))
            }
            VideoCodec::Vp9 | VideoCodec::Vp8 => {
                let config = vpx::VpConfig::parse(body)?;
                Some(Self::default().with(config.profile, config.level, config.bit_depth))
            }
            _ => None,
        }
    }

    fn of_keyframe(codec: VideoCodec, body: &[u8]) -> Option<Self> {
        let size = match codec {
            VideoCodec::Vp9 => vpx::vp9_size(body)?,
            VideoCodec::Vp8 => vpx::vp8_size(body)?,
            VideoCodec::SORENSON_H263 => vpx::sorenson_size(body)?,
            VideoCodec::Av1 => {
                let sequence = av1::Av1Sequence::find(body)?;
                (sequence.width, sequence.height)
            }
            _ => return None,
        };
        Some(Self::sized(Some(size)))
    }

    fn sized(size: Option<(u32, u32)>) -> Self {
        Self { width: size.map(|s| s.0), height: size.map(|s| s.1), ..Self::default() }
    }

    fn with(self, profile: u8, level: u8, bit_depth: u8) -> Self {
        Self { profile: Some(profile), level: Some(level), bit_depth: Some(bit_depth), ..self }
    }

    /// This, and where it is silent what `earlier` said: a configuration and the first key frame complete each other.
    #[must_use]
    pub fn or(self, earlier: Self) -> Self {
        Self {
            width: self.width.or(earlier.width),
            height: self.height.or(earlier.height),
            profile: self.profile.or(earlier.profile),
            level: self.level.or(earlier.level),
            bit_depth: self.bit_depth.or(earlier.bit_depth),
            frame_rate: self.frame_rate.or(earlier.frame_rate),
        }
    }
}

/// The sound of a stream.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioFormat {
    /// Samples per second that a decoder puts out.
    pub sample_rate: u32,
    /// Channels; 0 if the stream leaves that open.
    pub channels: u8,
}

impl AudioFormat {
    /// What a sequence start says, or a frame of a codec that has none; `None` if nothing can be read from this packet.
    ///
    /// `body` is what follows the header, or the body of one of its tracks, whose codec then stands in the header.
    pub fn of(header: &AudioHeader, body: &[u8]) -> Option<Self> {
        match (header.packet, header.codec) {
            (PacketKind::SequenceStart, AudioCodec::Aac) => {
                let config = aac::AacConfig::parse(body)?;
                Some(Self { sample_rate: config.sample_rate, channels: config.channels })
            }
            (PacketKind::SequenceStart, AudioCodec::Opus) => {
                let head = opus::OpusHead::parse(body)?;
                Some(Self { sample_rate: OPUS_RATE, channels: head.channels })
            }
            (PacketKind::SequenceStart, AudioCodec::Flac) => {
                let info = flac::StreamInfo::parse(body)?;
                Some(Self { sample_rate: info.sample_rate, channels: info.channels })
            }
            (PacketKind::CodedFrames, AudioCodec::Opus) => {
                opus::packet_channels(body).map(|channels| Self { sample_rate: OPUS_RATE, channels })
            }
            (PacketKind::CodedFrames, AudioCodec::Mp3) => frame::mp3(body),
            (PacketKind::CodedFrames, AudioCodec::Ac3 | AudioCodec::Eac3) => frame::ac3(body),
            (PacketKind::CodedFrames, AudioCodec::Legacy(_)) => {
                let sound = header.sound?;
                Some(Self { sample_rate: sound.sample_rate()?, channels: sound.channels()? })
            }
            _ => None,
        }
    }
}

/// What every Opus decoder puts out.
const OPUS_RATE: u32 = 48_000;

/// A slice with its length in 16 bits in front, and what follows it.
fn length_prefixed(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = data.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(len)))
}
