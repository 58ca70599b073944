//! VP8, VP9 and Sorenson H.263, which say their size in key frames only.

use super::bits::Bits;

/// A VPCodecConfigurationRecord. It does not tell the size of the picture; [`vp9_size`] does.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VpConfig {
    /// Profile, 0 to 3.
    pub profile: u8,
    /// Ten times the level.
    pub level: u8,
    /// Bits per sample: 8, 10 or 12.
    pub bit_depth: u8,
}

impl VpConfig {
    /// Reads the record, with or without the four bytes that stand in front of it in an MP4 file (ERTMP-47); `None` if
    /// it is cut.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body = if body.len() >= 12 { body.strip_prefix(&[1, 0, 0, 0]).unwrap_or(body) } else { body };
        let &[profile, level, depth] = body.first_chunk()?;
        Some(Self { profile, level, bit_depth: depth >> 4 })
    }
}

/// Width and height of a VP9 key frame, in pixels; `None` if it is none. VP9 Bitstream Specification, 6.2.
pub fn vp9_size(frame: &[u8]) -> Option<(u32, u32)> {
    const SRGB: u32 = 7;
    let mut bits = Bits::new(frame);
    if bits.bits(2)? != 2 {
        return None; // frame_marker
    }
    let profile = bits.bits(1)? | bits.bits(1)? << 1;
    if profile == 3 {
        bits.bit()?;
    }
    if bits.bit()? || bits.bit()? {
        return None; // show_existing_frame, or no key frame
    }
    bits.skip(2)?; // show_frame, error_resilient_mode
    if bits.bits(24)? != 0x49_83_42 {
        return None; // frame_sync_code
    }
    if profile >= 2 {
        bits.bit()?; // ten_or_twelve_bit
    }
    let odd_profile = profile & 1 == 1;
    if bits.bits(3)? == SRGB {
        bits.skip(if odd_profile { 1 } else { 0 })?;
    } else {
        bits.skip(if odd_profile { 1 + 3 } else { 1 })?; // color_range; subsampling
    }
    Some((bits.bits(16)? + 1, bits.bits(16)? + 1))
}

/// Width and height of a VP8 key frame, in pixels; `None` if it is none. RFC 6386, 9.1.
pub fn vp8_size(frame: &[u8]) -> Option<(u32, u32)> {
    let &[first, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = frame.first_chunk()? else { return None };
    let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    (first & 1 == 0).then(|| (size(w0, w1), size(h0, h1)))
}

/// Width and height of a Sorenson H.263 picture, in pixels (Video File Format Specification, H263VIDEOPACKET).
pub fn sorenson_size(picture: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits::new(picture);
    if bits.bits(17)? != 1 {
        return None; // PictureStartCode
    }
    bits.skip(5 + 8)?; // Version, TemporalReference
    Some(match bits.bits(3)? {
        0 => (bits.bits(8)?, bits.bits(8)?),
        1 => (bits.bits(16)?, bits.bits(16)?),
        2 => (352, 288),
        3 => (176, 144),
        4 => (128, 96),
        5 => (320, 240),
        6 => (160, 120),
        _ => return None,
    })
}
