//! FLAC: STREAMINFO.

/// A STREAMINFO block (RFC 9639, 8.2).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// Samples in the smallest block.
    pub min_block_size: u16,
    /// Samples in the largest block.
    pub max_block_size: u16,
    /// Samples per second.
    pub sample_rate: u32,
    /// Channels, 1 to 8.
    pub channels: u8,
    /// Bits per sample, 4 to 32.
    pub bits_per_sample: u8,
}

impl StreamInfo {
    /// Reads the body of a FLAC sequence start in either form: with `fLaC` and a block header in front as the text has
    /// it, or the bare block as it is sent; `None` if it is neither. See ERTMP-34.
    pub fn parse(body: &[u8]) -> Option<Self> {
        const LEN: usize = 34;
        let block = match body.strip_prefix(b"fLaC") {
            Some(rest) => rest.get(4..)?,
            None if body.len() == LEN => body,
            None => return None,
        };
        let block = block.first_chunk::<LEN>()?;
        let packed = u64::from_be_bytes(*block[10..].first_chunk()?);
        Some(Self {
            min_block_size: u16::from_be_bytes([block[0], block[1]]),
            max_block_size: u16::from_be_bytes([block[2], block[3]]),
            sample_rate: (packed >> 44) as u32,
            channels: (packed >> 41 & 7) as u8 + 1,
            bits_per_sample: (packed >> 36 & 0x1f) as u8 + 1,
        })
    }
}
