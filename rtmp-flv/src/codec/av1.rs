//! AV1: AV1CodecConfigurationRecord and sequence header.

use super::bits::Bits;

/// The parts of an AV1CodecConfigurationRecord (AV1 Codec ISO Media File Format Binding, 2.3.3) that a player is chosen
/// by.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Av1Config<'a> {
    /// seq_profile: 0 is Main.
    pub profile: u8,
    /// seq_level_idx_0.
    pub level: u8,
    /// Whether the tier is High.
    pub high_tier: bool,
    /// Bits per sample: 8, 10 or 12.
    pub bit_depth: u8,
    /// The OBUs of the configuration, of which one is the sequence header, if it is there.
    pub obus: &'a [u8],
}

impl<'a> Av1Config<'a> {
    /// Reads the record; `None` if it is cut or of another version.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let (&[marker, profile_level, flags, _], obus) = body.split_first_chunk()?;
        if marker != 0x81 {
            return None;
        }
        let bit_depth = match flags >> 5 & 3 {
            0 | 1 => 8,
            2 => 10,
            _ => 12,
        };
        Some(Self {
            profile: profile_level >> 5,
            level: profile_level & 0x1f,
            high_tier: flags & 0x80 != 0,
            bit_depth,
            obus,
        })
    }

    /// What the sequence header says; `None` if there is none or it is damaged.
    pub fn sequence(&self) -> Option<Av1Sequence> {
        Av1Sequence::find(self.obus)
    }
}

/// What a sequence header says about the picture.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Av1Sequence {
    /// Largest width in pixels.
    pub width: u32,
    /// Largest height in pixels.
    pub height: u32,
    /// Frames per second, if all pictures last equally long.
    pub frame_rate: Option<f64>,
}

impl Av1Sequence {
    /// Finds the sequence header among OBUs: those of a configuration or of a key frame.
    pub fn find(mut obus: &[u8]) -> Option<Self> {
        const SEQUENCE_HEADER: u8 = 1;
        loop {
            let (&header, mut rest) = obus.split_first()?;
            if header & 4 != 0 {
                rest = rest.get(1..)?; // extension
            }
            let mut len = rest.len();
            if header & 2 != 0 {
                (len, rest) = leb128(rest)?;
            }
            let (payload, behind) = rest.split_at_checked(len)?;
            if header >> 3 & 0x0f == SEQUENCE_HEADER {
                return Self::parse(payload);
            }
            obus = behind;
        }
    }

    /// AV1 Bitstream & Decoding Process Specification, 5.5.1.
    fn parse(payload: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(payload);
        bits.skip(3 + 1)?; // seq_profile, still_picture
        let mut frame_rate = None;
        if bits.bit()? {
            bits.skip(5)?; // reduced_still_picture_header: seq_level_idx
        } else {
            frame_rate = Self::skip_operating_points(&mut bits)?;
        }
        let (width_bits, height_bits) = (bits.bits(4)? + 1, bits.bits(4)? + 1);
        Some(Self { width: bits.bits(width_bits)? + 1, height: bits.bits(height_bits)? + 1, frame_rate })
    }

    /// Timing and operating points, as far as the frame size. Returns the frame rate.
    fn skip_operating_points(bits: &mut Bits<'_>) -> Option<Option<f64>> {
        let (mut frame_rate, mut delay_len) = (None, None);
        if bits.bit()? {
            let (units_in_tick, time_scale) = (bits.bits(32)?, bits.bits(32)?);
            if bits.bit()? {
                let ticks = f64::from(bits.ue()?) + 1.0;
                frame_rate = (units_in_tick != 0).then(|| f64::from(time_scale) / (f64::from(units_in_tick) * ticks));
            }
            if bits.bit()? {
                delay_len = Some(bits.bits(5)? + 1); // decoder model
                bits.skip(32 + 5 + 5)?;
            }
        }
        let display_delay = bits.bit()?;
        for _ in 0..=bits.bits(5)? {
            bits.skip(12)?; // operating_point_idc
            if bits.bits(5)? > 7 {
                bits.bit()?; // seq_tier
            }
            if let Some(len) = delay_len {
                if bits.bit()? {
                    bits.skip(2 * len + 1)?;
                }
            }
            if display_delay && bits.bit()? {
                bits.skip(4)?;
            }
        }
        Some(frame_rate)
    }
}

/// A length of up to 8 bytes, seven bits in each, the least significant first.
fn leb128(data: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (at, &byte) in data.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value.try_into().ok()?, &data[at + 1..]));
        }
    }
    None
}
