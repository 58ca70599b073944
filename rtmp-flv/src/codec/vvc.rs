//! H.266: VvcDecoderConfigurationRecord.

use super::bits::Bits;

/// The parts of a VvcDecoderConfigurationRecord (ISO/IEC 14496-15) that a player is chosen by.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VvcConfig {
    /// general_profile_idc: 1 is Main 10.
    pub profile: u8,
    /// Whether the tier is High.
    pub high_tier: bool,
    /// general_level_idc: sixteen times the major number plus three times the minor one.
    pub level: u8,
    /// Bits per sample.
    pub bit_depth: u8,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Average frames per second, if told.
    pub frame_rate: Option<f64>,
}

impl VvcConfig {
    /// Reads the record; `None` if it is cut or does not tell about profile and picture.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(body);
        bits.skip(7)?; // reserved, LengthSizeMinusOne
        if !bits.bit()? {
            return None; // ptl_present_flag
        }
        bits.skip(9)?; // ols_idx
        let sub_layers = bits.bits(3)?;
        bits.skip(4)?; // constant_frame_rate, chroma_format_idc
        let bit_depth = bits.bits(3)? as u8 + 8;
        bits.skip(5 + 2)?;
        let constraint_bytes = bits.bits(6)?;
        let profile = bits.bits(7)? as u8;
        let high_tier = bits.bit()?;
        let level = bits.bits(8)? as u8;
        bits.skip(8 * constraint_bytes)?; // two flags, then constraint info
        let present = bits.bits(sub_layers.saturating_sub(1))?;
        if sub_layers > 1 {
            bits.skip(8 - (sub_layers - 1))?;
        }
        bits.skip(8 * present.count_ones())?; // sublayer_level_idc
        let sub_profiles = bits.bits(8)?;
        bits.skip(32 * sub_profiles)?;
        let (width, height, rate) = (bits.bits(16)?, bits.bits(16)?, bits.bits(16)?);
        let frame_rate = (rate != 0).then(|| f64::from(rate) / 256.0);
        Some(Self { profile, high_tier, level, bit_depth, width, height, frame_rate })
    }
}
