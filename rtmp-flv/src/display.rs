//! Codecs and kinds of tags by the names that people use.

use crate::{AudioCodec, TagKind, VideoCodec};
use alloc::format;
use core::fmt::{self, Display, Formatter};

/// The usual name: `H.264`, `HEVC`, `VP9`; of a codec without one its number or FourCC, and `video` where none is named.
///
/// ```
/// use rtmp_flv::{FourCc, VideoCodec};
/// assert_eq!(VideoCodec::Avc.to_string(), "H.264");
/// assert_eq!(VideoCodec::Other(FourCc(*b"xxxx")).to_string(), "xxxx");
/// ```
impl Display for VideoCodec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Avc => "H.264",
            Self::Hevc => "HEVC",
            Self::Vvc => "VVC",
            Self::Av1 => "AV1",
            Self::Vp9 => "VP9",
            Self::Vp8 => "VP8",
            &Self::SORENSON_H263 => "Sorenson H.263",
            &Self::SCREEN => "screen video",
            &Self::SCREEN_2 => "screen video 2",
            &Self::VP6 => "VP6",
            &Self::VP6_ALPHA => "VP6 with alpha",
            Self::Legacy(id) => return f.pad(&format!("video codec {id}")),
            Self::Other(four_cc) => return four_cc.fmt(f),
            Self::Unspecified => "video",
        })
    }
}

/// The usual name: `AAC`, `Opus`, `AC-3`; of a codec without one its number or FourCC, and `audio` where none is named.
///
/// ```
/// use rtmp_flv::AudioCodec;
/// assert_eq!(AudioCodec::Aac.to_string(), "AAC");
/// assert_eq!(AudioCodec::Legacy(12).to_string(), "audio format 12");
/// ```
impl Display for AudioCodec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aac => "AAC",
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
            Self::Flac => "FLAC",
            Self::Ac3 => "AC-3",
            Self::Eac3 => "E-AC-3",
            &Self::PCM => "PCM",
            &Self::G711_A => "G.711 A-law",
            &Self::G711_U => "G.711 µ-law",
            &Self::SPEEX => "Speex",
            Self::Legacy(1) => "ADPCM",
            Self::Legacy(4..=6) => "Nellymoser",
            Self::Legacy(id) => return f.pad(&format!("audio format {id}")),
            Self::Other(four_cc) => return four_cc.fmt(f),
            Self::Unspecified => "audio",
        })
    }
}

/// `audio`, `video`, `script`, `script AMF3`, `encrypted`.
impl Display for TagKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Script => "script",
            Self::ScriptAmf3 => "script AMF3",
            Self::Encrypted(_) => "encrypted",
        })
    }
}
