//! Opus: identification header.

/// An Opus identification header (RFC 7845, 5.1).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusHead {
    /// Channels put out.
    pub channels: u8,
    /// Samples to throw away at the start, at 48 kHz.
    pub pre_skip: u16,
    /// Samples per second of what was encoded; a decoder puts out 48000. 0 if not told.
    pub input_sample_rate: u32,
    /// Gain to apply, in 1/256 dB.
    pub output_gain: i16,
    /// Channel mapping family: 0 mono or stereo, 1 surround, 255 undefined.
    pub mapping_family: u8,
}

impl OpusHead {
    /// Reads the header; `None` if it is cut, or something else.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let &[version, channels, skip0, skip1, r0, r1, r2, r3, gain0, gain1, mapping_family] =
            body.strip_prefix(b"OpusHead")?.first_chunk()?;
        // The upper half of the version changes with incompatible layouts.
        (version & 0xf0 == 0).then(|| Self {
            channels,
            pre_skip: u16::from_le_bytes([skip0, skip1]),
            input_sample_rate: u32::from_le_bytes([r0, r1, r2, r3]),
            output_gain: i16::from_le_bytes([gain0, gain1]),
            mapping_family,
        })
    }
}

/// Channels of a packet, from its first byte (RFC 6716, 3.1), for streams without a header (ERTMP-33).
pub fn packet_channels(packet: &[u8]) -> Option<u8> {
    packet.first().map(|toc| if toc & 4 == 0 { 1 } else { 2 })
}
