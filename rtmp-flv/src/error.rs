//! What can be wrong with a file or with the payload of an audio or video message.

use crate::FourCc;

/// Which payload an error is about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// An audio message or tag.
    Audio,
    /// A video message or tag.
    Video,
}

impl core::fmt::Display for Payload {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio",
            Self::Video => "video",
        })
    }
}

/// Why a file cannot be read on, or why one payload has to be dropped.
///
/// From [`TagDecoder`](crate::TagDecoder) it is final: the decoder returns the same error again. From the payload
/// headers ([`VideoHeader`](crate::VideoHeader), [`AudioHeader`](crate::AudioHeader) and what follows them) it
/// concerns that one payload; what comes after it is unharmed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlvError {
    /// The file does not start with `FLV`.
    #[error("not an FLV file: it starts with {0:02x?} (FLV-2)")]
    BadSignature([u8; 3]),
    /// The file's version is not 1 and [`TagDecoder::require_version_1`](crate::TagDecoder::require_version_1) is on.
    #[error("FLV version {0} where 1 is required (FLV-2)")]
    BadVersion(u8),
    /// The body of the file cannot start there.
    #[error("data offset {offset} is outside of 9 to {max} (FLV-4)")]
    BadDataOffset {
        /// DataOffset of the file.
        offset: u32,
        /// Largest one allowed.
        max: usize,
    },
    /// A tag announces more than [`FlvLimits::max_tag_len`](crate::FlvLimits::max_tag_len).
    #[error("tag of {len} bytes at offset {offset} is over the limit of {max} (FLV-10)")]
    TagTooLong {
        /// Where the tag header starts, in bytes from the start of the input.
        offset: u64,
        /// Bytes announced.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A second file header where a tag should be: two files one behind the other.
    #[error("a second FLV header at offset {offset} (FLV-8)")]
    SecondHeader {
        /// Where it starts, in bytes from the start of the input.
        offset: u64,
    },
    /// A video payload of no bytes, which says nothing. (An audio payload of no bytes is silence.)
    #[error("empty video payload (FLV-20)")]
    EmptyVideo,
    /// The payload ends inside its header.
    #[error("{payload} payload of {len} bytes ends inside its {part} (needs {needed})")]
    Truncated {
        /// Audio or video.
        payload: Payload,
        /// What is cut.
        part: &'static str,
        /// Length from which the part would be whole, in bytes.
        needed: usize,
        /// Length of the payload, in bytes.
        len: usize,
    },
    /// A packet type that no version of the format defines.
    #[error("unknown {payload} packet type {packet_type} (ERTMP-3)")]
    UnknownPacketType {
        /// Audio or video.
        payload: Payload,
        /// The packet type seen.
        packet_type: u8,
    },
    /// A multitrack type other than 0, 1 and 2.
    #[error("unknown multitrack type {0} (ERTMP-19)")]
    UnknownMultitrackType(u8),
    /// Multitrack or ModEx as the packet type of the tracks.
    #[error("packet type {0} inside a multitrack packet (ERTMP-20)")]
    NestedPacketType(u8),
    /// A multitrack payload without a track.
    #[error("multitrack packet without a track (ERTMP-27)")]
    NoTracks,
    /// One track announces more bytes than the payload has left.
    #[error("track {track} of {len} bytes where {left} are left (ERTMP-26)")]
    TrackTooLong {
        /// Track id.
        track: u8,
        /// Bytes announced.
        len: usize,
        /// Bytes left.
        left: usize,
    },
    /// More ModEx units in front of one packet than any use of them explains.
    #[error("more than {0} ModEx units (ERTMP-11)")]
    TooManyModEx(usize),
    /// A codec that only an application which knows it can decode; see
    /// [`VideoCodec::known`](crate::VideoCodec::known). Parsing a header never returns this.
    #[error("unknown codec {0} (ERTMP-3)")]
    UnknownFourCc(FourCc),
    /// A channel order that is not defined.
    #[error("unknown channel order {0} (ERTMP-37)")]
    UnknownChannelOrder(u8),
    /// The encryption envelope of a tag cannot be read.
    #[error("bad encryption header: {0} (FLV-57)")]
    BadEncryptionHeader(&'static str),
}
