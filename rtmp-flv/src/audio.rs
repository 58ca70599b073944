//! The header in front of every audio payload: legacy and enhanced.

use crate::{
    Anomalies, Anomaly, FlvError, FourCc, PacketKind, TrackLayout, error::Payload, prefix::Prefix, track::AudioTracks,
};

/// Packet type of a multitrack packet. For video it is 6. See ERTMP-44.
pub(crate) const MULTITRACK: u8 = 5;

/// What the first bytes of an audio payload say: an RTMP audio message or the body of an FLV audio tag, which are the
/// same thing (FLV-21).
///
/// ```
/// use rtmp_flv::{AudioCodec, AudioHeader, PacketKind};
///
/// // Legacy: AudioSpecificConfig of an AAC stream.
/// let header = AudioHeader::parse(&[0xaf, 0, 0x12, 0x10])?;
/// assert!(header.is_sequence_header() && header.codec == AudioCodec::Aac);
///
/// // Enhanced: an Opus packet.
/// let header = AudioHeader::parse(&[0x91, b'O', b'p', b'u', b's', 0xfc, 0x01])?;
/// assert_eq!((header.codec, header.packet, header.body), (AudioCodec::Opus, PacketKind::CodedFrames, 5));
/// # Ok::<(), rtmp_flv::FlvError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioHeader {
    /// The codec. With [`TrackLayout::ManyCodecs`] the codec of the first track.
    pub codec: AudioCodec,
    /// What the payload carries.
    pub packet: PacketKind,
    /// Rate, size and channels as a legacy header has them; `None` in an enhanced one. See ERTMP-30.
    pub sound: Option<Sound>,
    /// To be added to the presentation time of this payload only, in ns, 0 to 999999. See ERTMP-14.
    pub nano_offset: u32,
    /// How tracks are named.
    pub tracks: TrackLayout,
    /// Whether this is an Enhanced RTMP header.
    pub enhanced: bool,
    /// Where the body starts, in bytes from the start of the payload: what the codec's own reader gets. With several
    /// tracks, where the first of them starts; see [`AudioHeader::tracks`].
    pub body: usize,
    /// What was tolerated.
    pub anomalies: Anomalies,
}

impl AudioHeader {
    /// Peeks at the first bytes of `data`. Allocates nothing, whatever they are.
    ///
    /// An empty payload is [`PacketKind::Silence`]. Any codec is classified, known or not; [`AudioCodec::known`] tells
    /// which it is.
    ///
    /// # Errors
    /// [`FlvError`] when the payload is to be dropped: cut inside its header, or of a packet type that no version of the
    /// format defines. See ERTMP-3.
    pub fn parse(data: &[u8]) -> Result<Self, FlvError> {
        match data.first() {
            None => Ok(Self::SILENCE),
            Some(&first) if first >> 4 == EX_HEADER => Self::parse_enhanced(data, first),
            Some(&first) => Self::parse_legacy(data, first),
        }
    }

    /// What an empty payload says. See ERTMP-41, FLV-20.
    pub const SILENCE: Self = Self {
        codec: AudioCodec::Unspecified,
        packet: PacketKind::Silence,
        sound: None,
        nano_offset: 0,
        tracks: TrackLayout::Single,
        enhanced: false,
        body: 0,
        anomalies: Anomalies::NONE,
    };

    /// See FLV-25, FLV-27.
    fn parse_legacy(data: &[u8], first: u8) -> Result<Self, FlvError> {
        let mut header = Self {
            codec: AudioCodec::from_legacy_id(first >> 4),
            packet: PacketKind::CodedFrames,
            sound: Some(Sound(first)),
            body: 1,
            ..Self::SILENCE
        };
        if header.codec == AudioCodec::Aac {
            let mut prefix = Prefix::new(data, Payload::Audio, 0);
            header.packet = match prefix.byte("AAC packet type")? {
                0 => PacketKind::SequenceStart,
                1 => PacketKind::CodedFrames,
                packet_type => return Err(unknown_packet_type(packet_type)),
            };
            header.body = prefix.at;
            header.check_body(prefix.rest());
        }
        Ok(header)
    }

    /// See ERTMP-30.
    fn parse_enhanced(data: &[u8], first: u8) -> Result<Self, FlvError> {
        let mut prefix = Prefix::new(data, Payload::Audio, first & 0x0f);
        prefix.read_mod_ex()?;
        if prefix.packet_type != MULTITRACK {
            // ERTMP-42. Asked for before the FourCC, which such a packet need not have.
            packet_kind(prefix.packet_type)?;
        }
        let (tracks, four_cc) = prefix.read_layout(MULTITRACK)?;
        let mut header = Self {
            codec: AudioCodec::from_four_cc(four_cc),
            packet: packet_kind(prefix.packet_type)?,
            sound: None,
            nano_offset: prefix.nano_offset,
            tracks,
            enhanced: true,
            body: prefix.at,
            anomalies: prefix.anomalies,
        };
        if tracks.track_id().is_some() {
            header.check_body(prefix.rest());
        }
        Ok(header)
    }

    fn check_body(&mut self, body: &[u8]) {
        match self.packet {
            // ERTMP-32: Opus may leave it out; the others have none to send.
            PacketKind::SequenceStart if matches!(self.codec, AudioCodec::Aac | AudioCodec::Flac) => {
                self.anomalies.insert_if(body.is_empty(), Anomaly::EmptyConfig);
            }
            PacketKind::CodedFrames if self.codec == AudioCodec::Aac => {
                // FLV-29: twelve set bits start an ADTS header, and no raw frame anyone has seen.
                let adts = matches!(body, [0xff, second, _, _, _, _, _, ..] if second & 0xf6 == 0xf0);
                self.anomalies.insert_if(adts, Anomaly::AdtsHeader);
            }
            PacketKind::SequenceEnd => self.anomalies.insert_if(!body.is_empty(), Anomaly::TrailingBytes),
            _ => {}
        }
    }

    /// Whether this is the configuration that a decoder needs before the first frame. An empty one of a codec that needs
    /// a filled one is no configuration. See FLV-28, ERTMP-32.
    pub fn is_sequence_header(&self) -> bool {
        self.packet == PacketKind::SequenceStart && !self.anomalies.contains(Anomaly::EmptyConfig)
    }

    /// Whether this says which channel is which, for all that follows on its track. See ERTMP-39.
    pub fn is_multichannel_config(&self) -> bool {
        self.packet == PacketKind::MultichannelConfig
    }

    /// Whether this asks for silence: an empty payload or the end of a sequence. See ERTMP-40, ERTMP-41.
    pub fn is_silence(&self) -> bool {
        matches!(self.packet, PacketKind::Silence | PacketKind::SequenceEnd)
    }

    /// The tracks of the payload `data` that this header was parsed from: one, or as many as its layout says.
    ///
    /// A track that cannot be used is an error of its own and does not end the iteration, unless its length is wrong.
    /// See ERTMP-26.
    pub fn tracks<'a>(&self, data: &'a [u8]) -> AudioTracks<'a> {
        AudioTracks::new(self, data)
    }
}

/// SoundFormat 9 marks an enhanced header. See ERTMP-2.
pub(crate) const EX_HEADER: u8 = 9;

/// Enhanced audio packet types. See ERTMP-30.
pub(crate) mod packet_type {
    pub(crate) const MULTICHANNEL_CONFIG: u8 = 4;
}

fn packet_kind(packet_type: u8) -> Result<PacketKind, FlvError> {
    match packet_type {
        0 => Ok(PacketKind::SequenceStart),
        1 => Ok(PacketKind::CodedFrames),
        2 => Ok(PacketKind::SequenceEnd),
        packet_type::MULTICHANNEL_CONFIG => Ok(PacketKind::MultichannelConfig),
        other => Err(unknown_packet_type(other)),
    }
}

fn unknown_packet_type(packet_type: u8) -> FlvError {
    FlvError::UnknownPacketType { payload: Payload::Audio, packet_type }
}

/// The first byte of a legacy audio payload. See FLV-25.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sound(pub u8);

impl Sound {
    /// The byte of every AAC payload, whatever the real figures are. See FLV-26.
    pub const AAC: Self = Self(0xaf);

    /// SoundFormat, 0 to 15.
    pub const fn format(self) -> u8 {
        self.0 >> 4
    }

    /// Samples per second: by convention where the format fixes it, else as the byte says, which for MP3 at 48000 is
    /// 44100 (FLV-32). `None` for AAC, whose configuration tells. See FLV-26, FLV-30, FLV-31.
    pub const fn sample_rate(self) -> Option<u32> {
        match self.format() {
            10 => None,
            4 | 11 => Some(16_000),
            5 | 7 | 8 | 14 => Some(8_000),
            _ => Some([5_512, 11_025, 22_050, 44_100][(self.0 >> 2 & 3) as usize]),
        }
    }

    /// Bits per sample: 8 or 16. Means something for uncompressed formats only.
    pub const fn sample_bits(self) -> u8 {
        if self.0 & 2 == 0 { 8 } else { 16 }
    }

    /// 1 or 2, or `None` for AAC, whose configuration tells. See FLV-26, FLV-30, FLV-31.
    pub const fn channels(self) -> Option<u8> {
        match self.format() {
            10 => None,
            4 | 5 | 11 => Some(1),
            _ => Some((self.0 & 1) + 1),
        }
    }
}

/// An audio codec, however it was named.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioCodec {
    /// Legacy format 10 and `mp4a`.
    Aac,
    /// Legacy formats 2 and 14 (MP3 at 8 kHz), and `.mp3`.
    Mp3,
    /// `Opus`
    Opus,
    /// `fLaC`
    Flac,
    /// `ac-3`
    Ac3,
    /// E-AC-3: `ec-3`.
    Eac3,
    /// Another legacy SoundFormat, 0 to 15.
    Legacy(u8),
    /// Another FourCC.
    Other(FourCc),
    /// An empty payload names no codec. See ERTMP-41.
    Unspecified,
}

impl AudioCodec {
    /// Uncompressed, little-endian, SoundFormat 3.
    pub const PCM: Self = Self::Legacy(3);
    /// G.711 A-law, SoundFormat 7.
    pub const G711_A: Self = Self::Legacy(7);
    /// G.711 µ-law, SoundFormat 8.
    pub const G711_U: Self = Self::Legacy(8);
    /// Speex, SoundFormat 11.
    pub const SPEEX: Self = Self::Legacy(11);

    /// The codec of a legacy SoundFormat. Only its low four bits count. See FLV-25.
    pub const fn from_legacy_id(id: u8) -> Self {
        match id & 0x0f {
            2 | 14 => Self::Mp3,
            10 => Self::Aac,
            other => Self::Legacy(other),
        }
    }

    /// The codec of a FourCC. See ERTMP-31.
    pub const fn from_four_cc(four_cc: FourCc) -> Self {
        match four_cc {
            FourCc::AAC => Self::Aac,
            FourCc::MP3 => Self::Mp3,
            FourCc::OPUS => Self::Opus,
            FourCc::FLAC => Self::Flac,
            FourCc::AC3 => Self::Ac3,
            FourCc::EAC3 => Self::Eac3,
            other => Self::Other(other),
        }
    }

    /// The legacy SoundFormat to write, if there is one.
    pub const fn legacy_id(self) -> Option<u8> {
        match self {
            Self::Mp3 => Some(2),
            Self::Aac => Some(10),
            Self::Legacy(id) => Some(id & 0x0f),
            _ => None,
        }
    }

    /// The FourCC to write, if there is one.
    pub const fn four_cc(self) -> Option<FourCc> {
        match self {
            Self::Aac => Some(FourCc::AAC),
            Self::Mp3 => Some(FourCc::MP3),
            Self::Opus => Some(FourCc::OPUS),
            Self::Flac => Some(FourCc::FLAC),
            Self::Ac3 => Some(FourCc::AC3),
            Self::Eac3 => Some(FourCc::EAC3),
            Self::Other(four_cc) => Some(four_cc),
            Self::Legacy(_) | Self::Unspecified => None,
        }
    }

    /// This codec, or the error with which a decoder rejects a FourCC that is not in the standard's table. A relay has
    /// no need to ask. See ERTMP-3, ERTMP-31.
    ///
    /// # Errors
    /// [`FlvError::UnknownFourCc`]
    pub const fn known(self) -> Result<Self, FlvError> {
        match self {
            Self::Other(four_cc) => Err(FlvError::UnknownFourCc(four_cc)),
            known => Ok(known),
        }
    }
}
