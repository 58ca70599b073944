//! What peers tell each other about Enhanced RTMP in connect. See ERTMP-74 to ERTMP-84.

use rtmp_amf::{Object, Value};

/// The Enhanced RTMP capabilities of one side, as they stand in the connect object or in the answer to it.
///
/// An absent property means nothing: encoders send FourCC codecs without any announcement, and a server relays them.
/// See ERTMP-7, ERTMP-8.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `fourCcList`: codecs of both kinds, `*` for any. The form of version 1. See ERTMP-74.
    pub fourcc_list: Vec<String>,
    /// `videoFourCcInfoMap`. See ERTMP-75.
    pub video: FourCcInfoMap,
    /// `audioFourCcInfoMap`. See ERTMP-75.
    pub audio: FourCcInfoMap,
    /// `capsEx`. See ERTMP-77.
    pub caps_ex: CapsEx,
    /// `videoFunction`. Clients send it; what a server's is worth, the text does not say. See ERTMP-78.
    pub video_function: VideoFunction,
}

impl Capabilities {
    /// Adds a codec to [`Capabilities::fourcc_list`].
    #[must_use]
    pub fn fourcc(mut self, fourcc: impl Into<String>) -> Self {
        self.fourcc_list.push(fourcc.into());
        self
    }

    /// Adds a codec to [`Capabilities::video`].
    #[must_use]
    pub fn video(mut self, fourcc: impl Into<String>, mask: FourCcMask) -> Self {
        self.video.0.push((fourcc.into(), mask));
        self
    }

    /// Adds a codec to [`Capabilities::audio`].
    #[must_use]
    pub fn audio(mut self, fourcc: impl Into<String>, mask: FourCcMask) -> Self {
        self.audio.0.push((fourcc.into(), mask));
        self
    }

    /// Sets [`Capabilities::caps_ex`].
    #[must_use]
    pub fn caps_ex(mut self, caps: CapsEx) -> Self {
        self.caps_ex = caps;
        self
    }

    /// Sets [`Capabilities::video_function`].
    #[must_use]
    pub fn video_function(mut self, bits: VideoFunction) -> Self {
        self.video_function = bits;
        self
    }

    /// Does it speak of Enhanced RTMP? A client that seeks on its own has done so since long before.
    pub fn is_enhanced(&self) -> bool {
        let plain = Self { video_function: self.video_function, ..Self::default() };
        *self != plain || self.video_function.0 & !VideoFunction::CLIENT_SEEK.0 != 0
    }

    /// Reads them from a connect object or an information object. A property of the wrong type counts as absent, and so
    /// does a codec whose name is longer than a FourCC, or stands behind 64 others of its kind. See ERTMP-82.
    pub fn from_value(object: &Value) -> Self {
        let caps_ex = ["capsEx", "CapsEx"].iter().find_map(|key| object.get(key).and_then(Value::as_f64));
        Self {
            fourcc_list: object.get("fourCcList").map(strings).unwrap_or_default(),
            video: object.get("videoFourCcInfoMap").map(FourCcInfoMap::from_value).unwrap_or_default(),
            audio: object.get("audioFourCcInfoMap").map(FourCcInfoMap::from_value).unwrap_or_default(),
            caps_ex: CapsEx(caps_ex.map_or(0, bits)),
            video_function: VideoFunction(object.get("videoFunction").and_then(Value::as_f64).map_or(0, bits)),
        }
    }

    /// Appends them to an object of ours. `with_list`: the list too; some cameras fail on any array in an answer to
    /// connect, so a server leaves it out unless the client sent one. See ERTMP-79.
    pub(crate) fn write_to(&self, object: &mut Object, with_list: bool) {
        let mut put = |key: &str, value: Value| object.push(key, value);
        if with_list && !self.fourcc_list.is_empty() {
            put("fourCcList", Value::Array(self.fourcc_list.iter().map(|name| name.as_str().into()).collect()));
        }
        if !self.video.0.is_empty() {
            put("videoFourCcInfoMap", self.video.to_value());
        }
        if !self.audio.0.is_empty() {
            put("audioFourCcInfoMap", self.audio.to_value());
        }
        if self.caps_ex.0 != 0 {
            put("capsEx", f64::from(self.caps_ex.0).into());
        }
    }
}

/// What one side can do with each codec. See ERTMP-75.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FourCcInfoMap(pub Vec<(String, FourCcMask)>);

impl FourCcInfoMap {
    /// What can be done with a codec: what `*` says and what its own entry says. See ERTMP-76.
    pub fn get(&self, fourcc: &str) -> FourCcMask {
        let entries = self.0.iter().filter(|(key, _)| key == fourcc || key == "*");
        FourCcMask(entries.fold(0, |bits, (_, mask)| bits | mask.0))
    }

    fn from_value(value: &Value) -> Self {
        let entries = value.as_object().into_iter().flat_map(|object| &object.entries);
        let codecs = entries.filter(|(key, _)| is_codec(key));
        let masks = codecs.filter_map(|(key, value)| Some((key.to_string(), FourCcMask(bits(value.as_f64()?)))));
        Self(masks.take(MAX_CODECS).collect())
    }

    fn to_value(&self) -> Value {
        let mut object = Object::new();
        for (key, mask) in &self.0 {
            object.push(key.as_str(), f64::from(mask.0));
        }
        Value::Object(object)
    }
}

/// What can be done with a codec. See ERTMP-75.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FourCcMask(pub u32);

impl FourCcMask {
    /// It can be decoded.
    pub const CAN_DECODE: Self = Self(1);
    /// It can be encoded.
    pub const CAN_ENCODE: Self = Self(2);
    /// It can be passed on.
    pub const CAN_FORWARD: Self = Self(4);

    /// Are all bits of `other` set?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for FourCcMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a side can do beyond codecs. Unknown bits are kept. See ERTMP-77.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CapsEx(pub u32);

impl CapsEx {
    /// Reconnect requests are acted on. See ERTMP-95.
    pub const RECONNECT: Self = Self(1);
    /// Multitrack messages can be read.
    pub const MULTITRACK: Self = Self(2);
    /// ModEx prefixes can be read.
    pub const MODEX: Self = Self(4);
    /// Nanosecond offsets are used.
    pub const TIMESTAMP_NANO_OFFSET: Self = Self(8);

    /// Are all bits of `other` set?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for CapsEx {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a side can do with video beyond codecs. Unknown bits are kept. See ERTMP-78.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoFunction(pub u32);

impl VideoFunction {
    /// The client seeks on its own.
    pub const CLIENT_SEEK: Self = Self(1);
    /// High dynamic range can be shown; colorInfo is understood.
    pub const HDR: Self = Self(2);
    /// Metadata packets in video are understood.
    pub const METADATA: Self = Self(4);
    /// Large-scale tiles can be shown.
    pub const LARGE_SCALE_TILE: Self = Self(8);

    /// Are all bits of `other` set?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for VideoFunction {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The strings of an array; an ECMA array with keys "0", "1" is one too. See ERTMP-82.
fn strings(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().filter(|name| is_codec(name)).map(str::to_owned);
    match value {
        Value::Array(values) => values.iter().filter_map(text).take(MAX_CODECS).collect(),
        other => {
            let entries = other.as_object().into_iter().flat_map(|object| &object.entries);
            entries.filter_map(|(_, value)| text(value)).take(MAX_CODECS).collect()
        }
    }
}

/// A FourCC, or `*`.
fn is_codec(name: &str) -> bool {
    name.len() <= 4
}

/// Codecs of a kind that are remembered for as long as the connection lasts; the text knows a dozen.
const MAX_CODECS: usize = 64;

/// A bit field in a double: fractions are cut off, what does not fit saturates.
fn bits(number: f64) -> u32 {
    number as u32
}
