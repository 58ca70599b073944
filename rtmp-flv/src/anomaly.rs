//! What was wrong but could be used all the same.

use core::fmt;

macro_rules! anomalies {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $text:literal;)*) => {
        /// One departure from the format that is tolerated and reported.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Anomaly {
            $($(#[$doc])* $name,)*
        }

        impl Anomaly {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The requirement that was not met, such as `FLV-6`.
            pub const fn requirement(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
        }

        impl fmt::Display for Anomaly {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => concat!($text, " (", $id, ")")),* })
            }
        }
    };
}

anomalies! {
    /// The file header's version is not 1.
    FileVersion = "FLV-2", "file version is not 1";
    /// PreviousTagSize0 is not 0.
    FirstTagSize = "FLV-5", "the first PreviousTagSize is not 0";
    /// A PreviousTagSize does not match the tag before it.
    PreviousTagSize = "FLV-6", "a PreviousTagSize does not match its tag";
    /// A second file header; reading restarted there.
    SecondHeader = "FLV-8", "a second file header";
    /// The time of a tag is negative when read as the signed number it is.
    NegativeTime = "FLV-12", "negative time";
    /// A tag of an unknown type was skipped.
    UnknownTagType = "FLV-15", "unknown tag type";
    /// Reserved bits of a tag header, or its StreamID, are not 0.
    ReservedBits = "FLV-16", "reserved bits or StreamID of a tag are not 0";
    /// A video or script tag without a body was skipped.
    EmptyTag = "FLV-20", "video or script tag without a body";
    /// Bytes that are no tag were skipped.
    Resynchronised = "FLV-6", "bytes that are no tag were skipped";
    /// An empty codec configuration where the codec needs one.
    EmptyConfig = "FLV-28", "empty codec configuration";
    /// An AAC frame with an ADTS header.
    AdtsHeader = "FLV-29", "AAC frame with an ADTS header";
    /// NAL units behind start codes instead of lengths.
    StartCodes = "FLV-38", "NAL units behind start codes";
    /// A legacy codec number that was never given out officially.
    UnofficialCodec = "FLV-42", "unofficial codec number";
    /// Bytes behind the end of what the packet type explains.
    TrailingBytes = "ERTMP-4", "bytes behind the end of the packet";
    /// A ModEx size of 255 or less behind the escape for larger ones.
    LongModExSize = "ERTMP-12", "small ModEx size in the long form";
    /// A ModEx unit of unknown type was skipped.
    UnknownModEx = "ERTMP-13", "unknown ModEx type";
    /// A nanosecond offset of fewer than three bytes was ignored.
    ShortNanoOffset = "ERTMP-15", "nanosecond offset shorter than three bytes";
    /// A nanosecond offset of a millisecond or more was ignored.
    NanoOffsetRange = "ERTMP-15", "nanosecond offset above 999999";
    /// CodedFramesX of a codec that has no composition time to leave out.
    NeedlessFramesX = "ERTMP-50", "CodedFramesX of a codec without composition time";
    /// A reserved frame type.
    ReservedFrameType = "ERTMP-55", "reserved frame type";
}

/// A set of [`Anomaly`]s; a few bits, no allocation.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Anomalies(u32);

impl Anomalies {
    pub(crate) const NONE: Self = Self(0);

    /// Whether nothing was found.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this was found.
    pub const fn contains(self, anomaly: Anomaly) -> bool {
        self.0 & (1 << anomaly as u32) != 0
    }

    /// What was found, in the order of [`Anomaly`].
    pub fn iter(self) -> impl Iterator<Item = Anomaly> {
        Anomaly::ALL.iter().copied().filter(move |&anomaly| self.contains(anomaly))
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0 |= others.0;
    }

    pub(crate) fn insert(&mut self, anomaly: Anomaly) {
        self.0 |= 1 << anomaly as u32;
    }

    pub(crate) fn insert_if(&mut self, found: bool, anomaly: Anomaly) {
        self.0 |= u32::from(found) << anomaly as u32;
    }
}

impl fmt::Debug for Anomalies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
