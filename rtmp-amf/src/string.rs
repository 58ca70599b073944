//! The text of AMF values and the names of their members.

use alloc::{boxed::Box, string::String};
use core::{cmp::Ordering, fmt, hash, ops::Deref, str};

/// Text as AMF carries it: UTF-8 by the letter of the format, any bytes in the wild (AMF0-5).
///
/// Reads as a `str` through `Deref`. Text of up to [`AmfString::INLINE`] bytes, so nearly every member name, lives in
/// the value itself and costs no allocation. Bytes that are not UTF-8 are kept as they came, so that a proxy writes
/// them back unchanged: [`as_str`](Self::as_str) shows them with replacement characters,
/// [`as_bytes`](Self::as_bytes) as they are. Equality, order and hash are those of the bytes.
///
/// ```
/// use rtmp_amf::AmfString;
///
/// let name = AmfString::from("onMetaData");
/// assert_eq!(name, "onMetaData");
/// assert!(name.starts_with("on"));
///
/// let odd = AmfString::from_bytes(&[0xc3, 0x28]);
/// assert_eq!(odd.as_str(), "\u{fffd}(");
/// assert_eq!(odd.as_bytes(), [0xc3, 0x28]);
/// ```
#[derive(Clone)]
pub struct AmfString(Repr);

#[derive(Clone)]
enum Repr {
    /// The first `len` of `bytes` are UTF-8. What lies behind them has no meaning.
    Inline {
        len: u8,
        bytes: [u8; AmfString::INLINE],
    },
    Heap(Box<str>),
    NotUtf8(Box<NotUtf8>),
}

#[derive(Clone)]
struct NotUtf8 {
    bytes: Box<[u8]>,
    shown: Box<str>,
}

impl AmfString {
    /// Longest text that is kept without an allocation, in bytes.
    pub const INLINE: usize = 22;

    /// The empty text.
    pub const fn new() -> Self {
        Self(Repr::Inline { len: 0, bytes: [0; Self::INLINE] })
    }

    /// Keeps `bytes` as they are, UTF-8 or not.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(_) => Self::not_utf8(bytes),
        }
    }

    fn not_utf8(bytes: &[u8]) -> Self {
        let shown = String::from_utf8_lossy(bytes).into_owned().into_boxed_str();
        Self(Repr::NotUtf8(Box::new(NotUtf8 { bytes: bytes.into(), shown })))
    }

    /// The text, with replacement characters where the bytes are not UTF-8.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Inline { len, bytes } => {
                str::from_utf8(&bytes[..usize::from(*len)]).expect("inline text was checked when it was stored")
            }
            Repr::Heap(text) => text,
            Repr::NotUtf8(odd) => &odd.shown,
        }
    }

    /// The bytes as they stood on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Repr::Heap(text) => text.as_bytes(),
            Repr::NotUtf8(odd) => &odd.bytes,
        }
    }

    /// Whether the bytes are UTF-8, so that [`as_str`](Self::as_str) shows them unchanged.
    pub fn is_utf8(&self) -> bool {
        !matches!(self.0, Repr::NotUtf8(_))
    }

    /// Length of [`as_bytes`](Self::as_bytes), in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&str> for AmfString {
    fn from(text: &str) -> Self {
        if text.len() > Self::INLINE {
            return Self(Repr::Heap(text.into()));
        }
        let mut bytes = [0; Self::INLINE];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Self(Repr::Inline { len: text.len() as u8, bytes })
    }
}

impl From<String> for AmfString {
    fn from(text: String) -> Self {
        if text.len() > Self::INLINE { Self(Repr::Heap(text.into_boxed_str())) } else { Self::from(text.as_str()) }
    }
}

impl From<&String> for AmfString {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<AmfString> for String {
    fn from(text: AmfString) -> Self {
        match text.0 {
            Repr::Heap(text) => text.into(),
            _ => text.as_str().into(),
        }
    }
}

impl Deref for AmfString {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for AmfString {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Default for AmfString {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for AmfString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for AmfString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for AmfString {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for AmfString {}

impl PartialEq<str> for AmfString {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for AmfString {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for AmfString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AmfString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl hash::Hash for AmfString {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
