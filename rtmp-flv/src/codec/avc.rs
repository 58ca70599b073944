//! H.264: AVCDecoderConfigurationRecord and sequence parameter set.

use super::bits::Bits;

/// The parts of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15) that a player is chosen by.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvcConfig<'a> {
    /// AVCProfileIndication, such as 66 (baseline), 77 (main), 100 (high).
    pub profile: u8,
    /// Constraint flags.
    pub compatibility: u8,
    /// AVCLevelIndication: ten times the level.
    pub level: u8,
    /// Bytes of the length in front of each NAL unit: 1, 2 or 4. See FLV-38.
    pub length_size: u8,
    /// The first sequence parameter set, with its NAL header; empty if there is none.
    pub sps: &'a [u8],
}

impl<'a> AvcConfig<'a> {
    /// Reads the record; `None` if it is cut or of another version.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let (&[version, profile, compatibility, level, length_size, sps_count], rest) = body.split_first_chunk()?;
        if version != 1 {
            return None;
        }
        let sps = match sps_count & 0x1f {
            0 => &[],
            _ => super::length_prefixed(rest)?.0,
        };
        Some(Self { profile, compatibility, level, length_size: (length_size & 3) + 1, sps })
    }

    /// What the sequence parameter set says; `None` if there is none or it is damaged.
    pub fn sequence(&self) -> Option<AvcSequence> {
        AvcSequence::parse(self.sps)
    }
}

/// What a sequence parameter set says about the picture.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AvcSequence {
    /// Width in pixels, cropped.
    pub width: u32,
    /// Height in pixels, cropped.
    pub height: u32,
    /// Bits per luma sample.
    pub bit_depth: u8,
    /// Frames per second, if timing is told and taken for fixed.
    pub frame_rate: Option<f64>,
}

impl AvcSequence {
    /// Reads a sequence parameter set with its NAL header (ITU-T H.264, 7.3.2.1).
    pub fn parse(sps: &[u8]) -> Option<Self> {
        let (&nal_header, rest) = sps.split_first()?;
        if nal_header & 0x1f != 7 {
            return None;
        }
        let mut bits = Bits::of_nal_unit(rest);
        let profile = bits.bits(8)?;
        bits.skip(16)?; // constraint flags, level
        bits.ue()?; // seq_parameter_set_id
        let (mut chroma_format, mut separate_planes, mut bit_depth) = (1, false, 8);
        if HIGH_PROFILES.contains(&profile) {
            chroma_format = bits.ue()?;
            separate_planes = chroma_format == 3 && bits.bit()?;
            bit_depth = u8::try_from(bits.ue()?).ok()?.checked_add(8)?;
            bits.ue()?; // bit_depth_chroma_minus8
            bits.bit()?; // qpprime_y_zero_transform_bypass_flag
            if bits.bit()? {
                skip_scaling_lists(&mut bits, if chroma_format == 3 { 12 } else { 8 })?;
            }
        }
        bits.ue()?; // log2_max_frame_num_minus4
        skip_picture_order(&mut bits)?;
        bits.ue()?; // max_num_ref_frames
        bits.bit()?; // gaps_in_frame_num_value_allowed_flag
        let width = bits.ue()?.checked_add(1)?.checked_mul(16)?;
        let map_units = bits.ue()?.checked_add(1)?;
        let frame_mbs_only = bits.bit()?;
        let fields = if frame_mbs_only { 1 } else { 2 };
        let height = map_units.checked_mul(16 * fields)?;
        if !frame_mbs_only {
            bits.bit()?; // mb_adaptive_frame_field_flag
        }
        bits.bit()?; // direct_8x8_inference_flag
        let (mut crop_x, mut crop_y) = (0, 0);
        if bits.bit()? {
            let [left, right, top, bottom] = [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?];
            let chroma = if separate_planes { 0 } else { chroma_format };
            crop_x = left.checked_add(right)?.checked_mul(if matches!(chroma, 1 | 2) { 2 } else { 1 })?;
            crop_y = top.checked_add(bottom)?.checked_mul(fields * if chroma == 1 { 2 } else { 1 })?;
        }
        let frame_rate = if bits.bit()? { vui_frame_rate(&mut bits) } else { None };
        Some(Self { width: width.checked_sub(crop_x)?, height: height.checked_sub(crop_y)?, bit_depth, frame_rate })
    }
}

/// Profiles whose parameter sets have a chroma format and scaling lists.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

fn skip_scaling_lists(bits: &mut Bits<'_>, count: usize) -> Option<()> {
    for list in 0..count {
        if !bits.bit()? {
            continue;
        }
        let (mut last, mut next) = (8_i32, 8_i32);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = last.wrapping_add(bits.se()?) & 0xff;
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.ue()? {
        0 => bits.ue().map(drop),
        1 => {
            bits.bit()?;
            bits.se()?;
            bits.se()?;
            let count = bits.ue()?;
            (0..count).try_for_each(|_| bits.se().map(drop))
        }
        _ => Some(()),
    }
}

/// Timing of the video usability information (E.1.1). A frame is two ticks.
fn vui_frame_rate(bits: &mut Bits<'_>) -> Option<f64> {
    const EXTENDED_SAR: u32 = 255;
    if bits.bit()? && bits.bits(8)? == EXTENDED_SAR {
        bits.skip(32)?;
    }
    if bits.bit()? {
        bits.bit()?; // overscan_appropriate_flag
    }
    if bits.bit()? {
        bits.skip(4)?; // video_format, video_full_range_flag
        if bits.bit()? {
            bits.skip(24)?; // colour description
        }
    }
    if bits.bit()? {
        bits.ue()?;
        bits.ue()?; // chroma sample location
    }
    if !bits.bit()? {
        return None;
    }
    let (units_in_tick, time_scale) = (bits.bits(32)?, bits.bits(32)?);
    (units_in_tick != 0).then(|| f64::from(time_scale) / (2.0 * f64::from(units_in_tick)))
}
