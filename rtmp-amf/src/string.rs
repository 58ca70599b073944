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
    /// As AMF0 has it on the wire: a length of two bytes, the text, which is UTF-8, and behind it bytes without meaning.
    Inline([u8; WIRE]),
    Heap(Box<str>),
    NotUtf8(Box<NotUtf8>),
}

/// Size of inline text with its length.
const WIRE: usize = 2 + AmfString::INLINE;

#[derive(Clone)]
struct NotUtf8 {
    bytes: Box<[u8]>,
    shown: Box<str>,
}

impl AmfString {
    /// Longest text that is kept without an allocation, in bytes.
    pub const INLINE: usize = 21;

    /// The empty text.
    pub const fn new() -> Self {
        Self(Repr::Inline([0; WIRE]))
    }

    /// Keeps `bytes` as they are, UTF-8 or not.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(_) => Self::not_utf8(bytes),
        }
    }

    /// Becomes the text at the front of an AMF0 message, whose length comes first, if that is short and ASCII: one copy
    /// of fixed size to the place where the text is to stay. Returns the length of the text; `None` when it is neither,
    /// and nothing happened.
    #[inline]
    pub(crate) fn set_short_ascii(&mut self, message: &[u8]) -> Option<usize> {
        let wire = message.first_chunk::<WIRE>()?;
        let len = usize::from(u16::from_be_bytes([wire[0], wire[1]]));
        if len > Self::INLINE || !is_ascii(wire, len) {
            return None;
        }
        fill(self, Self(Repr::Inline(*wire)));
        Some(len)
    }

    /// Length and text as they stand in AMF0; `None` if they are not at hand as one piece.
    #[inline]
    pub(crate) fn as_wire(&self) -> Option<&[u8]> {
        match &self.0 {
            Repr::Inline(wire) => Some(&wire[..2 + usize::from(wire[1])]),
            _ => None,
        }
    }

    fn not_utf8(bytes: &[u8]) -> Self {
        let mut shown = String::with_capacity(Self::shown_len(bytes));
        for chunk in bytes.utf8_chunks() {
            shown.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                shown.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Self(Repr::NotUtf8(Box::new(NotUtf8 { bytes: bytes.into(), shown: shown.into_boxed_str() })))
    }

    /// How long the text is that bytes which are not UTF-8 are shown as: up to three times as long as they.
    pub(crate) fn shown_len(bytes: &[u8]) -> usize {
        let replaced = |invalid: &[u8]| if invalid.is_empty() { 0 } else { char::REPLACEMENT_CHARACTER.len_utf8() };
        bytes.utf8_chunks().map(|chunk| chunk.valid().len() + replaced(chunk.invalid())).sum()
    }

    /// The text, with replacement characters where the bytes are not UTF-8.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Inline(_) => str::from_utf8(self.as_bytes()).expect("inline text was checked when it was stored"),
            Repr::Heap(text) => text,
            Repr::NotUtf8(odd) => &odd.shown,
        }
    }

    /// The bytes as they stood on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(wire) => &wire[2..2 + usize::from(wire[1])],
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

/// Puts a value where one without heap memory was, which therefore need not be dropped. The compiler cannot know that and
/// would prepare the new value elsewhere, drop the old one and then move.
#[inline(always)]
pub(crate) fn fill<T>(slot: &mut T, value: T) {
    core::mem::forget(core::mem::replace(slot, value));
}

/// Whether the `len` bytes behind the length are ASCII: three words, of which the bytes behind the text are masked out.
#[inline]
fn is_ascii(wire: &[u8; WIRE], len: usize) -> bool {
    // Always there: the compiler sees that it is.
    let word = |at: usize| wire[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let [first, second, third] = ASCII_MASKS[len];
    word(0) & first | word(8) & second | word(15) & third == 0
}

/// The high bits of the bytes that belong to a text of each length, in words at 0, 8 and 15.
const ASCII_MASKS: [[u64; 3]; AmfString::INLINE + 1] = {
    let mut masks = [[0; 3]; AmfString::INLINE + 1];
    let mut len = 0;
    while len <= AmfString::INLINE {
        let mut at = 2;
        while at < 2 + len {
            match at {
                0..8 => masks[len][0] |= 0x80 << (8 * at),
                8..16 => masks[len][1] |= 0x80 << (8 * (at - 8)),
                _ => masks[len][2] |= 0x80 << (8 * (at - 15)),
            }
            at += 1;
        }
        len += 1;
    }
    masks
};

impl From<&str> for AmfString {
    fn from(text: &str) -> Self {
        if text.len() > Self::INLINE {
            return Self(Repr::Heap(text.into()));
        }
        let mut wire = [0; WIRE];
        wire[1] = text.len() as u8;
        wire[2..2 + text.len()].copy_from_slice(text.as_bytes());
        Self(Repr::Inline(wire))
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
