//! Codec names as the web writes them (RFC 6381), such as `avc1.42C01E`.

use super::{aac::AacConfig, av1::Av1Config, avc::AvcConfig, hevc::HevcConfig, vpx::VpConfig};
use crate::{AudioCodec, VideoCodec};
use alloc::{format, string::String};
use core::fmt::Write;

/// The name of a video codec with profile and level from the body of its sequence start; `None` if that cannot be read,
/// or there is no such name.
pub fn video_codec_string(codec: VideoCodec, config: &[u8]) -> Option<String> {
    match codec {
        VideoCodec::Avc => {
            let c = AvcConfig::parse(config)?;
            Some(format!("avc1.{:02X}{:02X}{:02X}", c.profile, c.compatibility, c.level))
        }
        VideoCodec::Hevc => HevcConfig::parse(config).map(|c| hevc_string(&c)),
        VideoCodec::Av1 => {
            let c = Av1Config::parse(config)?;
            let tier = if c.high_tier { 'H' } else { 'M' };
            Some(format!("av01.{}.{:02}{tier}.{:02}", c.profile, c.level, c.bit_depth))
        }
        VideoCodec::Vp9 | VideoCodec::Vp8 => {
            let c = VpConfig::parse(config)?;
            let name = if codec == VideoCodec::Vp9 { "vp09" } else { "vp08" };
            Some(format!("{name}.{:02}.{:02}.{:02}", c.profile, c.level, c.bit_depth))
        }
        _ => None,
    }
}

/// ISO/IEC 14496-15, E.3.
fn hevc_string(c: &HevcConfig<'_>) -> String {
    let space = ["", "A", "B", "C"][usize::from(c.profile_space & 3)];
    let tier = if c.high_tier { 'H' } else { 'L' };
    let mut name = format!("hvc1.{space}{}.{:X}.{tier}{}", c.profile, c.compatibility.reverse_bits(), c.level);
    let used = c.constraints.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    for byte in &c.constraints[..used] {
        write!(name, ".{byte:X}").expect("a String takes all");
    }
    name
}

/// The name of an audio codec, of AAC with the object type from the body of its sequence start; `None` if that cannot be
/// read, or there is no such name.
pub fn audio_codec_string(codec: AudioCodec, config: &[u8]) -> Option<String> {
    Some(match codec {
        AudioCodec::Aac => format!("mp4a.40.{}", AacConfig::parse(config)?.object_type),
        AudioCodec::Mp3 => "mp4a.6B".into(),
        AudioCodec::Opus => "opus".into(),
        AudioCodec::Flac => "flac".into(),
        AudioCodec::Ac3 => "ac-3".into(),
        AudioCodec::Eac3 => "ec-3".into(),
        _ => return None,
    })
}
