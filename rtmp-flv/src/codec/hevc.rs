//! H.265: HEVCDecoderConfigurationRecord and sequence parameter set.

use super::bits::Bits;

/// The parts of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15) that a player is chosen by.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HevcConfig<'a> {
    /// general_profile_space, 0 to 3.
    pub profile_space: u8,
    /// Whether the tier is High.
    pub high_tier: bool,
    /// general_profile_idc: 1 is Main, 2 is Main 10.
    pub profile: u8,
    /// general_profile_compatibility_flags.
    pub compatibility: u32,
    /// general_constraint_indicator_flags.
    pub constraints: [u8; 6],
    /// general_level_idc: thirty times the level.
    pub level: u8,
    /// Bits per luma sample.
    pub bit_depth: u8,
    /// Average frames per second, if told.
    pub frame_rate: Option<f64>,
    /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
    pub length_size: u8,
    /// The first sequence parameter set, with its NAL header; empty if there is none.
    pub sps: &'a [u8],
}

impl<'a> HevcConfig<'a> {
    /// Reads the record; `None` if it is cut or of another version.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = body.split_first_chunk::<23>()?;
        if head[0] != 1 {
            return None;
        }
        let mut sps: &[u8] = &[];
        for _ in 0..head[22] {
            let (&[nal_type, count_high, count_low], units) = rest.split_first_chunk()?;
            rest = units;
            for _ in 0..u16::from_be_bytes([count_high, count_low]) {
                let (unit, behind) = super::length_prefixed(rest)?;
                rest = behind;
                if nal_type & 0x3f == NAL_SPS && sps.is_empty() {
                    sps = unit;
                }
            }
        }
        let rate = u16::from_be_bytes([head[19], head[20]]);
        Some(Self {
            profile_space: head[1] >> 6,
            high_tier: head[1] & 0x20 != 0,
            profile: head[1] & 0x1f,
            compatibility: u32::from_be_bytes([head[2], head[3], head[4], head[5]]),
            constraints: [head[6], head[7], head[8], head[9], head[10], head[11]],
            level: head[12],
            bit_depth: (head[17] & 7) + 8,
            frame_rate: (rate != 0).then(|| f64::from(rate) / 256.0),
            length_size: (head[21] & 3) + 1,
            sps,
        })
    }

    /// Width and height in pixels; `None` if there is no sequence parameter set or it is damaged.
    pub fn size(&self) -> Option<(u32, u32)> {
        picture_size(self.sps)
    }
}

const NAL_SPS: u8 = 33;

/// Width and height of a sequence parameter set with its NAL header (ITU-T H.265, 7.3.2.2), in pixels, cropped.
fn picture_size(sps: &[u8]) -> Option<(u32, u32)> {
    let (&[nal_type, _], rest) = sps.split_first_chunk()?;
    if nal_type >> 1 & 0x3f != NAL_SPS {
        return None;
    }
    let mut bits = Bits::of_nal_unit(rest);
    bits.skip(4)?; // sps_video_parameter_set_id
    let sub_layers = bits.bits(3)?; // sps_max_sub_layers_minus1
    bits.bit()?; // sps_temporal_id_nesting_flag
    skip_profile_tier_level(&mut bits, sub_layers)?;
    bits.ue()?; // sps_seq_parameter_set_id
    let chroma_format = bits.ue()?;
    let separate_planes = chroma_format == 3 && bits.bit()?;
    let (width, height) = (bits.ue()?, bits.ue()?);
    if !bits.bit()? {
        return Some((width, height));
    }
    let [left, right, top, bottom] = [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?];
    let chroma = if separate_planes { 0 } else { chroma_format };
    let crop_x = left.checked_add(right)?.checked_mul(if matches!(chroma, 1 | 2) { 2 } else { 1 })?;
    let crop_y = top.checked_add(bottom)?.checked_mul(if chroma == 1 { 2 } else { 1 })?;
    Some((width.checked_sub(crop_x)?, height.checked_sub(crop_y)?))
}

fn skip_profile_tier_level(bits: &mut Bits<'_>, sub_layers: u32) -> Option<()> {
    bits.skip(88 + 8)?; // general profile, tier and constraints; level
    let flags: u32 = bits.bits(2 * sub_layers)?;
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers))?;
    }
    for layer in (0..sub_layers).rev() {
        let present = flags >> (2 * layer);
        bits.skip(if present & 2 != 0 { 88 } else { 0 } + if present & 1 != 0 { 8 } else { 0 })?;
    }
    Some(())
}
