//! AAC: AudioSpecificConfig.

use super::bits::Bits;

/// The parts of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) that a player is chosen by.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AacConfig {
    /// Audio object type: 2 is LC, 5 is HE-AAC (SBR), 29 is HE-AAC v2 (PS).
    pub object_type: u8,
    /// Samples per second that a decoder puts out, those of an SBR extension included.
    pub sample_rate: u32,
    /// Channels, or 0 if the configuration leaves that to a program config element.
    pub channels: u8,
}

impl AacConfig {
    /// Reads the configuration; `None` if it is cut or has a reserved sample rate. Bytes behind what is needed are
    /// ignored (FLV-28).
    ///
    /// ```
    /// let config = rtmp_flv::codec::aac::AacConfig::parse(&[0x12, 0x10]).unwrap();
    /// assert_eq!((config.object_type, config.sample_rate, config.channels), (2, 44_100, 2));
    /// ```
    pub fn parse(body: &[u8]) -> Option<Self> {
        const SBR: u8 = 5;
        const PS: u8 = 29;
        let mut bits = Bits::new(body);
        let object_type = read_object_type(&mut bits)?;
        let mut sample_rate = read_sample_rate(&mut bits)?;
        let channels = match bits.bits(4)? {
            configuration @ 0..=6 => configuration as u8,
            7 | 12 | 14 => 8,
            11 => 7,
            13 => 24,
            _ => return None,
        };
        if matches!(object_type, SBR | PS) {
            sample_rate = read_sample_rate(&mut bits)?;
        }
        let channels = if object_type == PS { 2 } else { channels };
        Some(Self { object_type, sample_rate, channels })
    }

    /// What the object type is called.
    pub const fn profile_name(&self) -> &'static str {
        match self.object_type {
            1 => "AAC Main",
            2 => "AAC LC",
            3 => "AAC SSR",
            4 => "AAC LTP",
            5 => "HE-AAC",
            23 => "AAC LD",
            29 => "HE-AAC v2",
            39 => "AAC ELD",
            42 => "xHE-AAC",
            _ => "AAC",
        }
    }
}

fn read_object_type(bits: &mut Bits<'_>) -> Option<u8> {
    match bits.bits(5)? {
        31 => Some(bits.bits(6)? as u8 + 32),
        object_type => Some(object_type as u8),
    }
}

fn read_sample_rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.bits(4)? as usize {
        15 => bits.bits(24),
        index => SAMPLE_RATES.get(index).copied(),
    }
}

const SAMPLE_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
