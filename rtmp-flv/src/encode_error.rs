//! What cannot be written.

use crate::FourCc;

/// A header, a set of tracks or a tag that the format has no place for. Nothing has been written.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlvEncodeError {
    /// A legacy header of a codec that has no official legacy number, or of a packet that legacy headers do not have, or
    /// with tracks or a nanosecond offset. See FLV-42.
    #[error("no legacy header can say this (FLV-34)")]
    NoLegacyForm,
    /// An enhanced header of a codec that has no FourCC, or of a packet that this kind of media does not have.
    #[error("no enhanced header can say this (ERTMP-43)")]
    NoEnhancedForm,
    /// A packet type that the codec does not have. See ERTMP-50, ERTMP-53.
    #[error("{0} has no packet of this type (ERTMP-50)")]
    NotOfThisCodec(FourCc),
    /// A composition time that does not fit in signed 24 bits, or is not 0 where it is not sent.
    #[error("composition time {0} ms cannot be sent (ERTMP-49)")]
    CompositionTime(i32),
    /// A nanosecond offset above 999999.
    #[error("nanosecond offset {0} is above 999999 (ERTMP-14)")]
    NanoOffset(u32),
    /// Tracks that do not fit the layout of their header: not exactly one, another id, another codec, or none at all.
    #[error("the tracks do not fit the layout of their header (ERTMP-19)")]
    Tracks,
    /// More bytes than a length of 24 bits can say.
    #[error("{0} bytes are more than the 16777215 there is room for (ERTMP-21)")]
    TooLong(usize),
    /// A time past 2^31 - 1 ms, where a file has to end. See FLV-23.
    #[error("time {0} ms is past the end of what a file can hold (FLV-23)")]
    TimeOverflow(u64),
    /// Script data that AMF cannot carry.
    #[error(transparent)]
    Amf(#[from] rtmp_amf::AmfEncodeError),
}
