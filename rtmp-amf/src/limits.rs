//! What a message may cost.

/// Bounds on what one message, or one value decoded alone, may cost, and which faults of peers are let pass.
///
/// The decoded tree holds at most `max_bytes` of text and bytes, and at most 200 bytes for each of `max_values`
/// beside them. References count as often as they are used, since each use becomes a copy (AMF0-31, AMF3-38).
///
/// ```
/// let limits = rtmp_amf::AmfLimits::default().max_values(100_000);     // an FLV file with a long key frame index
/// assert_eq!(limits.max_depth, 32);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmfLimits {
    /// Containers inside one another, AMF0 and AMF3 together. onMetaData needs 4. Default 32; over
    /// [`AmfLimits::DEPTH_CEILING`] is taken as that, since each level costs stack. See AMF0-30, AMF3-37.
    pub max_depth: usize,
    /// Values in the message: members, items and containers, each use of a reference with all it contains.
    /// The largest metadata of live encoders has about 60; the key frame index of a recorded file has two for each
    /// key frame, so read long files with more. Default 4096. See AMF0-31.
    pub max_values: usize,
    /// Bytes of text, names, byte arrays and vector items in the message, each use of a reference counted.
    /// Default 1 MiB.
    pub max_bytes: usize,
    /// Refuse text that is not UTF-8. Off by default: most peers treat text as bytes, and it is kept as it came.
    /// See AMF0-5.
    pub strict_utf8: bool,
    /// Refuse an AMF0 object whose end is missing because the message ends. Off by default: there are encoders whose
    /// last array just stops. See AMF0-17.
    pub strict_end: bool,
}

impl AmfLimits {
    /// Deepest nesting that any limit allows, for decoding and for encoding.
    pub const DEPTH_CEILING: usize = 128;

    /// Sets [`AmfLimits::max_depth`].
    #[must_use]
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }

    /// Sets [`AmfLimits::max_values`].
    #[must_use]
    pub fn max_values(mut self, count: usize) -> Self {
        self.max_values = count;
        self
    }

    /// Sets [`AmfLimits::max_bytes`].
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets [`AmfLimits::strict_utf8`].
    #[must_use]
    pub fn strict_utf8(mut self, on: bool) -> Self {
        self.strict_utf8 = on;
        self
    }

    /// Sets [`AmfLimits::strict_end`].
    #[must_use]
    pub fn strict_end(mut self, on: bool) -> Self {
        self.strict_end = on;
        self
    }
}

impl Default for AmfLimits {
    fn default() -> Self {
        Self { max_depth: 32, max_values: 4096, max_bytes: 1 << 20, strict_utf8: false, strict_end: false }
    }
}
