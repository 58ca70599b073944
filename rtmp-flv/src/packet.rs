//! What a payload carries, for audio and video alike.

/// What a packet is for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// The codec's configuration, which a decoder needs before the first frame.
    SequenceStart,
    /// Coded frames. Video of some codecs has a composition time in front of them.
    CodedFrames,
    /// Coded video frames whose composition time is 0 and not sent.
    CodedFramesX,
    /// No more frames of this sequence.
    SequenceEnd,
    /// Video: properties such as `colorInfo`, as AMF name and value pairs. See ERTMP-59.
    Metadata,
    /// Video: AV1's configuration as an MPEG-2 TS descriptor. See ERTMP-53.
    Mpeg2TsSequenceStart,
    /// Audio: which channel is which. See ERTMP-37.
    MultichannelConfig,
    /// Video: a command to the player, no picture. See FLV-41, ERTMP-54.
    Command(VideoCommand),
    /// Audio: an empty payload: nothing is heard until the next one. See ERTMP-41.
    Silence,
}

/// What a command frame asks for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VideoCommand {
    /// Client-side seeking starts.
    StartSeek,
    /// Client-side seeking ends.
    EndSeek,
    /// A reserved value; to be ignored.
    Other(u8),
    /// A legacy command frame of another shape than those that are known; to be ignored.
    Missing,
}

impl VideoCommand {
    pub(crate) const fn new(byte: u8) -> Self {
        match byte {
            0 => Self::StartSeek,
            1 => Self::EndSeek,
            other => Self::Other(other),
        }
    }

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::StartSeek => 0,
            Self::EndSeek => 1,
            Self::Other(byte) => byte,
            Self::Missing => 0xff,
        }
    }
}

/// How a payload names its tracks. See ERTMP-19, ERTMP-24.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackLayout {
    /// A plain payload: the default track, 0.
    Single,
    /// One track, named.
    One(u8),
    /// Several tracks of one codec.
    Many,
    /// Several tracks, each with its codec.
    ManyCodecs,
}

impl TrackLayout {
    /// The track's id if there is only one track.
    pub const fn track_id(self) -> Option<u8> {
        match self {
            Self::Single => Some(0),
            Self::One(id) => Some(id),
            Self::Many | Self::ManyCodecs => None,
        }
    }
}
