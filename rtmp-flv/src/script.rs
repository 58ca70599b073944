//! Script data: a name and values, such as `onMetaData` or `onCuePoint`.

use crate::{FlvEncodeError, Tag, TagKind};
use alloc::vec::Vec;
use bytes::Bytes;
use rtmp_amf::{AmfError, AmfLimits, AmfString, Value, amf0};

/// The content of a script tag, or of an RTMP data message.
///
/// What is not valid AMF stays a tag or message with the bytes it has: pass it on (FLV-55).
///
/// ```
/// use rtmp_flv::{ScriptData, TagKind, amf::{AmfLimits, Object}};
///
/// let script = ScriptData::new("onCuePoint", vec![Object::new().with("name", "goal").into()]);
/// let tag = script.to_tag(2000)?;
/// let read = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default())?;
/// assert_eq!((read.name.as_str(), &read.values[0]["name"]), ("onCuePoint", &"goal".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptData {
    /// What is told, or the method that is called.
    pub name: AmfString,
    /// The values that follow. One for `onMetaData`, by the text; some writers add others. See FLV-45.
    pub values: Vec<Value>,
    /// Bytes at the end that are no value, such as the `00 00 09` of an old writer; they are ignored.
    pub trailing: usize,
}

impl ScriptData {
    /// Script data of this name with these values.
    pub fn new(name: impl Into<AmfString>, values: Vec<Value>) -> Self {
        Self { name: name.into(), values, trailing: 0 }
    }

    /// Reads the body of a tag of `kind`, or of an RTMP data message of the same type.
    ///
    /// A [`TagKind::ScriptAmf3`] body starts with a selector byte, which may be missing (FLV-46). Values that can be
    /// read are kept when something behind them cannot.
    ///
    /// # Errors
    /// [`AmfError`] if there is not so much as a name and what follows it is no value.
    pub fn parse(kind: TagKind, data: &[u8], limits: &AmfLimits) -> Result<Self, AmfError> {
        let data = match (kind, data) {
            (TagKind::ScriptAmf3, [0, rest @ ..]) => rest,
            _ => data,
        };
        let mut decoder = amf0::Decoder::new(data, limits);
        let Some(Value::String(name)) = decoder.next_value()? else {
            return Err(AmfError::UnknownMarker { marker: data.first().copied().unwrap_or_default(), offset: 0 });
        };
        let mut values = Vec::new();
        loop {
            let at = decoder.rest().len();
            match decoder.next_value() {
                Ok(Some(value)) => values.push(value),
                Ok(None) => return Ok(Self { name, values, trailing: at }),
                Err(error) if values.is_empty() => return Err(error),
                Err(_) => return Ok(Self { name, values, trailing: at }),
            }
        }
    }

    /// A [`TagKind::Script`] tag with this content.
    ///
    /// # Errors
    /// [`FlvEncodeError::Amf`] if AMF cannot carry the values, [`FlvEncodeError::TooLong`] if a tag cannot.
    pub fn to_tag(&self, timestamp: u32) -> Result<Tag, FlvEncodeError> {
        self.tag(TagKind::Script, timestamp)
    }

    /// A [`TagKind::ScriptAmf3`] tag with this content. Values in AMF3 form ([`Value::in_amf3`]) stay in that form.
    ///
    /// # Errors
    /// As [`ScriptData::to_tag`].
    pub fn to_amf3_tag(&self, timestamp: u32) -> Result<Tag, FlvEncodeError> {
        self.tag(TagKind::ScriptAmf3, timestamp)
    }

    fn tag(&self, kind: TagKind, timestamp: u32) -> Result<Tag, FlvEncodeError> {
        let mut data = Vec::new();
        if kind == TagKind::ScriptAmf3 {
            data.push(0);
        }
        amf0::encode(&Value::String(self.name.clone()), &mut data)?;
        amf0::encode_all(&self.values, &mut data)?;
        if data.len() > Tag::MAX_DATA_LEN {
            return Err(FlvEncodeError::TooLong(data.len()));
        }
        Ok(Tag { kind, timestamp, data: Bytes::from(data) })
    }

    /// Whether this is `onMetaData`, in either spelling of the text. See FLV-47.
    pub fn is_on_meta_data(&self) -> bool {
        self.name == "onMetaData" || self.name == "onMetadata"
    }

    /// Whether a player keeps events of this name to itself. See FLV-54.
    pub fn is_reserved_name(&self) -> bool {
        RESERVED_NAMES.contains(&self.name.as_str())
    }
}

const RESERVED_NAMES: [&str; 15] = [
    "attachAudio",
    "attachVideo",
    "call",
    "close",
    "getBufferInfo",
    "onStatus",
    "pause",
    "play",
    "play2",
    "publish",
    "receiveAudio",
    "receiveVideo",
    "seek",
    "send",
    "setBufferTime",
];
