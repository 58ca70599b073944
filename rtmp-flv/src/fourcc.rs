//! Four-character codes, which name a codec in an enhanced header.

use alloc::string::ToString;
use core::fmt;

/// A four-character code: four bytes in reading order, compared byte for byte (`Opus` is not `opus`). See ERTMP-5.
///
/// The set is open: a code that nobody here has heard of is carried like any other.
///
/// ```
/// use rtmp_flv::FourCc;
/// assert_eq!(FourCc::AV1.to_u32(), 1_635_135_537);
/// assert_eq!(FourCc(*b"xxxx").to_string(), "xxxx");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FourCc(pub [u8; 4]);

impl FourCc {
    /// `avc1`: H.264.
    pub const AVC: Self = Self(*b"avc1");
    /// `hvc1`: H.265.
    pub const HEVC: Self = Self(*b"hvc1");
    /// `vvc1`: H.266.
    pub const VVC: Self = Self(*b"vvc1");
    /// `av01`
    pub const AV1: Self = Self(*b"av01");
    /// `vp09`
    pub const VP9: Self = Self(*b"vp09");
    /// `vp08`
    pub const VP8: Self = Self(*b"vp08");
    /// `mp4a`: AAC.
    pub const AAC: Self = Self(*b"mp4a");
    /// `.mp3`
    pub const MP3: Self = Self(*b".mp3");
    /// `Opus`
    pub const OPUS: Self = Self(*b"Opus");
    /// `fLaC`
    pub const FLAC: Self = Self(*b"fLaC");
    /// `ac-3`
    pub const AC3: Self = Self(*b"ac-3");
    /// `ec-3`: E-AC-3.
    pub const EAC3: Self = Self(*b"ec-3");

    /// The code as a big-endian number, as metadata holds it. See ERTMP-85.
    pub const fn to_u32(self) -> u32 {
        u32::from_be_bytes(self.0)
    }

    /// The code of a big-endian number.
    pub const fn from_u32(number: u32) -> Self {
        Self(number.to_be_bytes())
    }

    /// The code at the start of `data`, if there are four bytes.
    pub(crate) fn peek(data: &[u8]) -> Option<Self> {
        data.first_chunk().copied().map(Self)
    }
}

impl fmt::Display for FourCc {
    /// The four characters; a byte that is not printable ASCII as `\xNN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.escape_ascii().to_string())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FourCc({self})")
    }
}
