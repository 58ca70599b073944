//! Codecs without a configuration: what the first frame says.

use super::{AudioFormat, bits::Bits};

/// Rate and channels of an MP3 frame (ISO/IEC 11172-3, 2.4.1.3). It decides over the flags in front of it (FLV-32).
pub fn mp3(frame: &[u8]) -> Option<AudioFormat> {
    let &[0xff, second, third, fourth] = frame.first_chunk()? else { return None };
    let version = second >> 3 & 3;
    let index = usize::from(third >> 2 & 3);
    if second & 0xe0 != 0xe0 || version == 1 || index == 3 || second >> 1 & 3 == 0 {
        return None;
    }
    let divisor = match version {
        3 => 1, // MPEG-1
        2 => 2, // MPEG-2
        _ => 4, // MPEG-2.5
    };
    let sample_rate = [44_100, 48_000, 32_000][index] / divisor;
    Some(AudioFormat { sample_rate, channels: if fourth >> 6 == 3 { 1 } else { 2 } })
}

/// Rate and channels of an AC-3 or E-AC-3 sync frame (ETSI TS 102 366).
pub fn ac3(frame: &[u8]) -> Option<AudioFormat> {
    let (&[0x0b, 0x77], rest) = frame.split_first_chunk()? else { return None };
    // The bit stream id stands at the same place in both.
    let bit_stream_id = rest.get(3)? >> 3;
    let (sample_rate, mode, low_frequency) = if bit_stream_id <= 10 { ac3_info(rest)? } else { eac3_info(rest)? };
    let channels = [2, 1, 2, 3, 3, 4, 4, 5][mode as usize] + u8::from(low_frequency);
    Some(AudioFormat { sample_rate, channels })
}

const RATES: [u32; 3] = [48_000, 44_100, 32_000];

fn ac3_info(rest: &[u8]) -> Option<(u32, u32, bool)> {
    let mut bits = Bits::new(rest.get(2..)?);
    let sample_rate = *RATES.get(bits.bits(2)? as usize)?;
    bits.skip(6 + 5 + 3)?; // frmsizecod, bsid, bsmod
    let mode = bits.bits(3)?;
    if mode & 1 != 0 && mode != 1 {
        bits.skip(2)?; // cmixlev
    }
    if mode & 4 != 0 {
        bits.skip(2)?; // surmixlev
    }
    if mode == 2 {
        bits.skip(2)?; // dsurmod
    }
    Some((sample_rate, mode, bits.bit()?))
}

fn eac3_info(rest: &[u8]) -> Option<(u32, u32, bool)> {
    let mut bits = Bits::new(rest);
    bits.skip(2 + 3 + 11)?; // strmtyp, substreamid, frmsiz
    let sample_rate = match (bits.bits(2)?, bits.bits(2)?) {
        (3, half) => *RATES.get(half as usize)? / 2,
        (full, _) => RATES[full as usize],
    };
    Some((sample_rate, bits.bits(3)?, bits.bit()?))
}
