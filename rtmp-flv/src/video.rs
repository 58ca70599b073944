//! The header in front of every video payload: legacy and enhanced.

use crate::{
    Anomalies, Anomaly, FlvError, FourCc, PacketKind, TrackLayout, VideoCommand,
    error::Payload,
    prefix::Prefix,
    track::{VideoTracks, read_composition_time},
};

/// Packet type of a multitrack packet. For audio it is 5. See ERTMP-44.
pub(crate) const MULTITRACK: u8 = 6;

/// What the first bytes of a video payload say: an RTMP video message or the body of an FLV video tag, which are the
/// same thing (FLV-21).
///
/// ```
/// use rtmp_flv::{PacketKind, VideoCodec, VideoHeader};
///
/// // Enhanced: a key frame of HEVC, presented 40 ms after its own time.
/// let header = VideoHeader::parse(&[0x91, b'h', b'v', b'c', b'1', 0, 0, 40, 0x26, 0x01])?;
/// assert!(header.is_keyframe() && header.enhanced);
/// assert_eq!((header.codec, header.composition_time, header.body), (VideoCodec::Hevc, 40, 8));
///
/// // Legacy: the configuration of an AVC stream.
/// let header = VideoHeader::parse(&[0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x1e])?;
/// assert!(header.is_sequence_header() && !header.is_keyframe());
/// # Ok::<(), rtmp_flv::FlvError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoHeader {
    /// The frame type; a habit rather than a fact on anything but coded frames.
    pub frame: FrameKind,
    /// The codec. With [`TrackLayout::ManyCodecs`] the codec of the first track.
    pub codec: VideoCodec,
    /// What the payload carries.
    pub packet: PacketKind,
    /// Presentation time minus the message's own time, in ms, from -8388608 to 8388607. 0 where the format has none, and
    /// with several tracks, which have one each ([`VideoTrack::composition_time`](crate::VideoTrack::composition_time)).
    pub composition_time: i32,
    /// To be added to the presentation time of this payload only, in ns, 0 to 999999. See ERTMP-14.
    pub nano_offset: u32,
    /// How tracks are named.
    pub tracks: TrackLayout,
    /// Whether this is an Enhanced RTMP header.
    pub enhanced: bool,
    /// Where the body starts, in bytes from the start of the payload: what the codec's own reader gets. With several
    /// tracks, where the first of them starts; see [`VideoHeader::tracks`].
    pub body: usize,
    /// What was tolerated.
    pub anomalies: Anomalies,
}

impl VideoHeader {
    /// Peeks at the first bytes of `data`. Allocates nothing, whatever they are.
    ///
    /// Any codec is classified, known or not; [`VideoCodec::known`] tells which it is.
    ///
    /// # Errors
    /// [`FlvError`] when the payload is to be dropped: empty, cut inside its header, or of a packet type that no version
    /// of the format defines. See ERTMP-3, FLV-43.
    pub fn parse(data: &[u8]) -> Result<Self, FlvError> {
        let &first = data.first().ok_or(FlvError::EmptyVideo)?;
        if first & 0x80 == 0 { Self::parse_legacy(data, first) } else { Self::parse_enhanced(data, first) }
    }

    /// See FLV-34, FLV-35.
    fn parse_legacy(data: &[u8], first: u8) -> Result<Self, FlvError> {
        let mut header = Self {
            frame: FrameKind::new(first >> 4),
            codec: VideoCodec::from_legacy_id(first & 0x0f),
            packet: PacketKind::CodedFrames,
            composition_time: 0,
            nano_offset: 0,
            tracks: TrackLayout::Single,
            enhanced: false,
            body: 1,
            anomalies: Anomalies::default(),
        };
        header.anomalies.insert_if(header.frame.is_reserved(), Anomaly::ReservedFrameType);
        header.anomalies.insert_if(matches!(first & 0x0f, 0 | 1 | 8..=15), Anomaly::UnofficialCodec);
        if header.frame == FrameKind::Command {
            return Ok(header.legacy_command(data));
        }
        // Codecs 12 and 13 were never given out, and came with AVC's layout. See FLV-42.
        if matches!(header.codec, VideoCodec::Avc | VideoCodec::Hevc | VideoCodec::Av1) {
            let mut prefix = Prefix::new(data, Payload::Video, 0);
            let packet_type = prefix.byte("AVC packet type")?;
            let composition_time = read_composition_time(prefix.bytes("composition time")?);
            header.body = prefix.at;
            header.packet = match packet_type {
                0 => PacketKind::SequenceStart,
                1 => PacketKind::CodedFrames,
                2 => PacketKind::SequenceEnd,
                packet_type => return Err(FlvError::UnknownPacketType { payload: Payload::Video, packet_type }),
            };
            // FLV-35: without meaning, and not always 0, on the other two.
            if header.packet == PacketKind::CodedFrames {
                header.composition_time = composition_time;
            }
            header.check_body(prefix.rest());
        }
        Ok(header)
    }

    /// FLV-41: in practice two bytes; with AVC the text also allows for its packet type and composition time.
    fn legacy_command(mut self, data: &[u8]) -> Self {
        let at = match (data.len(), self.codec) {
            (2, _) => 1,
            (6.., VideoCodec::Avc) => 5,
            (len, _) => len,
        };
        let command = data.get(at).map_or(VideoCommand::Missing, |&byte| VideoCommand::new(byte));
        self.packet = PacketKind::Command(command);
        self.body = data.len();
        self
    }

    /// See ERTMP-43.
    fn parse_enhanced(data: &[u8], first: u8) -> Result<Self, FlvError> {
        let mut prefix = Prefix::new(data, Payload::Video, first & 0x0f);
        prefix.read_mod_ex()?;
        let frame = FrameKind::new(first >> 4 & 7);
        if frame == FrameKind::Command && prefix.packet_type != packet_type::METADATA {
            return Self::enhanced_command(prefix);
        }
        if prefix.packet_type > MULTITRACK {
            // ERTMP-55. Asked for before the FourCC, which such a packet need not have.
            return Err(unknown_packet_type(prefix.packet_type));
        }
        let (tracks, four_cc) = prefix.read_layout(MULTITRACK)?;
        let packet = packet_kind(prefix.packet_type)?;
        let mut header = Self {
            frame,
            codec: VideoCodec::from_four_cc(four_cc),
            packet,
            composition_time: 0,
            nano_offset: prefix.nano_offset,
            tracks,
            enhanced: true,
            body: 0,
            anomalies: prefix.anomalies,
        };
        header.anomalies.insert_if(
            header.frame.is_reserved() && header.packet != PacketKind::Metadata,
            Anomaly::ReservedFrameType, // ERTMP-60: metadata has any frame type.
        );
        if tracks.track_id().is_some() {
            if header.codec.has_composition_time() && packet == PacketKind::CodedFrames {
                header.composition_time = read_composition_time(prefix.bytes("composition time")?);
            }
            header.check_body(prefix.rest());
        }
        header.body = prefix.at;
        Ok(header)
    }

    /// ERTMP-54: one byte and no FourCC; the packet type has no meaning.
    fn enhanced_command(mut prefix: Prefix<'_>) -> Result<Self, FlvError> {
        let command = VideoCommand::new(prefix.byte("video command")?);
        prefix.anomalies.insert_if(!prefix.rest().is_empty(), Anomaly::TrailingBytes);
        Ok(Self {
            frame: FrameKind::Command,
            codec: VideoCodec::Unspecified,
            packet: PacketKind::Command(command),
            composition_time: 0,
            nano_offset: prefix.nano_offset,
            tracks: TrackLayout::Single,
            enhanced: true,
            body: prefix.at,
            anomalies: prefix.anomalies,
        })
    }

    fn check_body(&mut self, body: &[u8]) {
        use PacketKind as P;
        let (empty, known) = (body.is_empty(), self.codec.known().is_ok());
        self.anomalies.insert_if(self.packet == P::SequenceStart && empty && known, Anomaly::EmptyConfig);
        self.anomalies.insert_if(self.packet == P::SequenceEnd && !empty, Anomaly::TrailingBytes);
        if matches!(self.packet, P::CodedFrames | P::CodedFramesX) && self.codec.has_composition_time() {
            // FLV-38: as a length, 1 would be a NAL unit of nothing but its header.
            self.anomalies.insert_if(body.starts_with(&[0, 0, 0, 1]), Anomaly::StartCodes);
        } else if self.packet == P::CodedFramesX {
            self.anomalies.insert_if(known, Anomaly::NeedlessFramesX);
        }
    }

    /// Whether decoding can start here. A sequence header is not a key frame although it claims to be one. See ERTMP-56.
    pub fn is_keyframe(&self) -> bool {
        matches!(self.frame, FrameKind::Key | FrameKind::GeneratedKey) && self.is_frame()
    }

    /// Whether this is the configuration that a decoder needs before the first frame, identified by its packet type and
    /// not by its frame type. An empty one is no configuration. See FLV-40, FLV-28.
    pub fn is_sequence_header(&self) -> bool {
        matches!(self.packet, PacketKind::SequenceStart | PacketKind::Mpeg2TsSequenceStart)
            && !self.anomalies.contains(Anomaly::EmptyConfig)
    }

    /// Whether the frame may be left out without harm to any other.
    pub fn is_disposable(&self) -> bool {
        self.frame == FrameKind::Disposable && matches!(self.packet, PacketKind::CodedFrames | PacketKind::CodedFramesX)
    }

    /// Whether this is a picture, or part of one.
    pub fn is_frame(&self) -> bool {
        matches!(self.packet, PacketKind::CodedFrames | PacketKind::CodedFramesX)
    }

    /// Whether this is a Metadata packet such as `colorInfo`, valid for what follows it. See ERTMP-59.
    pub fn is_metadata(&self) -> bool {
        self.packet == PacketKind::Metadata
    }

    /// The tracks of the payload `data` that this header was parsed from: one, or as many as its layout says.
    ///
    /// A track that cannot be used is an error of its own and does not end the iteration, unless its length is wrong.
    /// See ERTMP-26.
    pub fn tracks<'a>(&self, data: &'a [u8]) -> VideoTracks<'a> {
        VideoTracks::new(self, data)
    }
}

/// Enhanced video packet types. See ERTMP-43.
pub(crate) mod packet_type {
    pub(crate) const METADATA: u8 = 4;
}

fn packet_kind(packet_type: u8) -> Result<PacketKind, FlvError> {
    match packet_type {
        0 => Ok(PacketKind::SequenceStart),
        1 => Ok(PacketKind::CodedFrames),
        2 => Ok(PacketKind::SequenceEnd),
        3 => Ok(PacketKind::CodedFramesX),
        packet_type::METADATA => Ok(PacketKind::Metadata),
        5 => Ok(PacketKind::Mpeg2TsSequenceStart),
        other => Err(unknown_packet_type(other)),
    }
}

fn unknown_packet_type(packet_type: u8) -> FlvError {
    FlvError::UnknownPacketType { payload: Payload::Video, packet_type }
}

/// The frame type of a video payload. See FLV-34, ERTMP-43.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Decoding can start here.
    Key,
    /// Needs frames before it.
    Inter,
    /// An inter frame that no other frame needs. H.263 only, by the text.
    Disposable,
    /// A key frame made by a server.
    GeneratedKey,
    /// No picture: a command to the player.
    Command,
    /// 0, 6 or 7: not a key frame.
    Reserved(u8),
}

impl FrameKind {
    const fn new(number: u8) -> Self {
        match number {
            1 => Self::Key,
            2 => Self::Inter,
            3 => Self::Disposable,
            4 => Self::GeneratedKey,
            5 => Self::Command,
            other => Self::Reserved(other),
        }
    }

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::Inter => 2,
            Self::Disposable => 3,
            Self::GeneratedKey => 4,
            Self::Command => 5,
            Self::Reserved(number) => number & 7,
        }
    }

    const fn is_reserved(self) -> bool {
        matches!(self, Self::Reserved(_))
    }
}

/// A video codec, however it was named.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// H.264: legacy number 7 and `avc1`.
    Avc,
    /// H.265: `hvc1`, and the unofficial legacy number 12.
    Hevc,
    /// H.266: `vvc1`.
    Vvc,
    /// `av01`, and the unofficial legacy number 13.
    Av1,
    /// `vp09`
    Vp9,
    /// `vp08`
    Vp8,
    /// Another legacy number, 0 to 15.
    Legacy(u8),
    /// Another FourCC.
    Other(FourCc),
    /// A command frame names no codec in an enhanced header. See ERTMP-54.
    Unspecified,
}

impl VideoCodec {
    /// Sorenson H.263, legacy number 2.
    pub const SORENSON_H263: Self = Self::Legacy(2);
    /// Screen video, legacy number 3.
    pub const SCREEN: Self = Self::Legacy(3);
    /// VP6, legacy number 4.
    pub const VP6: Self = Self::Legacy(4);
    /// VP6 with alpha channel, legacy number 5.
    pub const VP6_ALPHA: Self = Self::Legacy(5);
    /// Screen video version 2, legacy number 6.
    pub const SCREEN_2: Self = Self::Legacy(6);

    /// The codec of a legacy CodecID. Only its low four bits count. See FLV-34, FLV-42.
    pub const fn from_legacy_id(id: u8) -> Self {
        match id & 0x0f {
            7 => Self::Avc,
            12 => Self::Hevc,
            13 => Self::Av1,
            other => Self::Legacy(other),
        }
    }

    /// The codec of a FourCC. See ERTMP-45.
    pub const fn from_four_cc(four_cc: FourCc) -> Self {
        match four_cc {
            FourCc::AVC => Self::Avc,
            FourCc::HEVC => Self::Hevc,
            FourCc::VVC => Self::Vvc,
            FourCc::AV1 => Self::Av1,
            FourCc::VP9 => Self::Vp9,
            FourCc::VP8 => Self::Vp8,
            other => Self::Other(other),
        }
    }

    /// The legacy CodecID to write, if there is an official one.
    pub const fn legacy_id(self) -> Option<u8> {
        match self {
            Self::Avc => Some(7),
            Self::Legacy(id) => Some(id & 0x0f),
            _ => None,
        }
    }

    /// The FourCC to write, if there is one.
    pub const fn four_cc(self) -> Option<FourCc> {
        match self {
            Self::Avc => Some(FourCc::AVC),
            Self::Hevc => Some(FourCc::HEVC),
            Self::Vvc => Some(FourCc::VVC),
            Self::Av1 => Some(FourCc::AV1),
            Self::Vp9 => Some(FourCc::VP9),
            Self::Vp8 => Some(FourCc::VP8),
            Self::Other(four_cc) => Some(four_cc),
            Self::Legacy(_) | Self::Unspecified => None,
        }
    }

    /// This codec, or the error with which a decoder rejects a FourCC that is not in the standard's table. A relay has
    /// no need to ask. See ERTMP-3, ERTMP-45.
    ///
    /// # Errors
    /// [`FlvError::UnknownFourCc`]
    pub const fn known(self) -> Result<Self, FlvError> {
        match self {
            Self::Other(four_cc) => Err(FlvError::UnknownFourCc(four_cc)),
            known => Ok(known),
        }
    }

    /// Whether enhanced coded frames of this codec have a composition time. See ERTMP-48.
    pub const fn has_composition_time(self) -> bool {
        matches!(self, Self::Avc | Self::Hevc | Self::Vvc)
    }
}
