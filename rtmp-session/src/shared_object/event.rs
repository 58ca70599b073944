//! Events: what a shared object message is made of.

use core::iter;

use bytes::{BufMut, Bytes};
use rtmp_amf::{
    AmfEncodeError, AmfError, AmfLimits, AmfString, Value, amf0,
    amf3::{self, ExternalReader},
};

use super::{SharedObjectError, SharedObjectForm};

/// One event of a shared object. See SO-4.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub enum SharedObjectEvent {
    /// A client begins to use the object (type 1).
    Use,
    /// A client stops using it (type 2).
    Release,
    /// A client asks to set a property (type 3).
    RequestChange {
        /// Which property.
        key: AmfString,
        /// Its new value.
        value: Value,
    },
    /// The server has set a property (type 4). On the wire several may share one event; they are told apart here.
    Change {
        /// Which property.
        key: AmfString,
        /// Its value.
        value: Value,
    },
    /// The server has set what this client asked for (type 5).
    Success {
        /// Which property.
        key: AmfString,
    },
    /// A message to all who use the object (type 6).
    SendMessage {
        /// The function that shall handle it.
        handler: AmfString,
        /// What it is given.
        args: Vec<Value>,
    },
    /// The server refuses something, or reports (type 7).
    Status {
        /// Such as `SharedObject.NoWriteAccess`. See ST-5.
        code: AmfString,
        /// `status`, `warning` or `error`.
        level: AmfString,
    },
    /// All properties are gone (type 8).
    Clear,
    /// The server has removed a property (type 9).
    Remove {
        /// Which property.
        key: AmfString,
    },
    /// A client asks to remove a property (type 10).
    RequestRemove {
        /// Which property.
        key: AmfString,
    },
    /// The client now uses the object (type 11).
    UseSuccess,
    /// An event of another type: kept for proxies, ignored by the rest (SO-8).
    Unknown {
        /// Its type.
        kind: u8,
        /// Its data.
        data: Bytes,
    },
}

impl SharedObjectEvent {
    /// Decodes the event of type `kind` with this data and hands the result to `found`; more than one if it holds several
    /// properties.
    pub(super) fn decode(
        kind: u8,
        data: &Bytes,
        form: SharedObjectForm,
        limits: &AmfLimits,
        external: &dyn ExternalReader,
        mut found: impl FnMut(Self) -> Result<(), SharedObjectError>,
    ) -> Result<(), SharedObjectError> {
        // References would let a few bytes become thousands of values, in each of many events. Those of AMF3 to strings
        // and traits are ordinary, hence the room for text.
        let max_bytes = limits.max_bytes.min(16 * data.len());
        let limits = &limits.clone().max_values(limits.max_values.min(data.len())).max_bytes(max_bytes);
        let mut rest = &data[..];
        match kind {
            USE => found(Self::Use),
            RELEASE => found(Self::Release),
            REQUEST_CHANGE | CHANGE => {
                while !rest.is_empty() {
                    let key = take_text(&mut rest, "the key of an event")?;
                    let value = form.decode(&mut rest, limits, external)?;
                    found(if kind == CHANGE {
                        Self::Change { key, value }
                    } else {
                        Self::RequestChange { key, value }
                    })?;
                }
                Ok(())
            }
            SUCCESS => found(Self::Success { key: take_text(&mut rest, "the key of an event")? }),
            SEND_MESSAGE => {
                let mut values = form.decode_all(rest, limits, external)?.into_iter();
                let Some(Value::String(handler)) = values.next().map(Value::into_plain) else {
                    return Err(SharedObjectError::NoHandler);
                };
                found(Self::SendMessage { handler, args: values.collect() })
            }
            STATUS => {
                let code = take_text(&mut rest, "the code of a status")?;
                let level = take_text(&mut rest, "the level of a status")?;
                found(Self::Status { code, level })
            }
            CLEAR => found(Self::Clear),
            REMOVE => found(Self::Remove { key: take_text(&mut rest, "the key of an event")? }),
            REQUEST_REMOVE => found(Self::RequestRemove { key: take_text(&mut rest, "the key of an event")? }),
            USE_SUCCESS => found(Self::UseSuccess),
            _ => found(Self::Unknown { kind, data: data.clone() }),
        }
    }

    /// Does it ask for a change?
    pub(super) const fn is_request(&self) -> bool {
        matches!(self, Self::RequestChange { .. } | Self::RequestRemove { .. })
    }

    /// Its type on the wire.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Use => USE,
            Self::Release => RELEASE,
            Self::RequestChange { .. } => REQUEST_CHANGE,
            Self::Change { .. } => CHANGE,
            Self::Success { .. } => SUCCESS,
            Self::SendMessage { .. } => SEND_MESSAGE,
            Self::Status { .. } => STATUS,
            Self::Clear => CLEAR,
            Self::Remove { .. } => REMOVE,
            Self::RequestRemove { .. } => REQUEST_REMOVE,
            Self::UseSuccess => USE_SUCCESS,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// Writes its data, without type and length.
    pub(super) fn encode_data(&self, form: SharedObjectForm, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
        match self {
            Self::Use | Self::Release | Self::Clear | Self::UseSuccess => Ok(()),
            Self::RequestChange { key, value } | Self::Change { key, value } => {
                put_text(key, out)?;
                form.encode(value, out)
            }
            Self::Success { key } | Self::Remove { key } | Self::RequestRemove { key } => put_text(key, out),
            Self::SendMessage { handler, args } => {
                form.encode(&Value::String(handler.clone()), out)?;
                args.iter().try_for_each(|value| form.encode(value, out))
            }
            Self::Status { code, level } => {
                put_text(code, out)?;
                put_text(level, out)
            }
            Self::Unknown { data, .. } => {
                out.put_slice(data);
                Ok(())
            }
        }
    }
}

impl SharedObjectForm {
    /// One value. See SO-3.
    fn decode(
        self,
        src: &mut &[u8],
        limits: &AmfLimits,
        external: &dyn ExternalReader,
    ) -> Result<Value, SharedObjectError> {
        let (value, left) = match self {
            Self::Amf3 => {
                let mut decoder = amf3::Decoder::new(src, limits).external(external);
                (decoder.next_value()?, decoder.rest().len())
            }
            Self::Amf0 | Self::Amf0Wrapped => {
                let mut decoder = amf0::Decoder::new(src, limits).external(external);
                (decoder.next_value()?, decoder.rest().len())
            }
        };
        *src = &src[src.len() - left..];
        value.ok_or(SharedObjectError::Cut { what: "the value of an event" })
    }

    fn decode_all(
        self,
        src: &[u8],
        limits: &AmfLimits,
        external: &dyn ExternalReader,
    ) -> Result<Vec<Value>, SharedObjectError> {
        let values: Result<_, AmfError> = match self {
            Self::Amf3 => {
                let mut decoder = amf3::Decoder::new(src, limits).external(external);
                iter::from_fn(|| decoder.next_value().transpose()).collect()
            }
            Self::Amf0 | Self::Amf0Wrapped => {
                let mut decoder = amf0::Decoder::new(src, limits).external(external);
                iter::from_fn(|| decoder.next_value().transpose()).collect()
            }
        };
        Ok(values?)
    }

    fn encode(self, value: &Value, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
        match self {
            Self::Amf3 => amf3::encode(value.plain(), out),
            Self::Amf0 | Self::Amf0Wrapped => amf0::encode(value, out),
        }
    }
}

/// A name or key: length of two bytes, no marker. See SO-1, SO-4.
pub(super) fn take_text(src: &mut &[u8], what: &'static str) -> Result<AmfString, SharedObjectError> {
    let cut = SharedObjectError::Cut { what };
    let Some((len, rest)) = src.split_first_chunk() else { return Err(cut) };
    let Some((text, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))) else { return Err(cut) };
    *src = rest;
    Ok(AmfString::from_bytes(text))
}

pub(super) fn put_text(text: &AmfString, out: &mut impl BufMut) -> Result<(), AmfEncodeError> {
    let len = u16::try_from(text.len()).map_err(|_| AmfEncodeError::NameTooLong { len: text.len() })?;
    out.put_u16(len);
    out.put_slice(text.as_bytes());
    Ok(())
}

const USE: u8 = 1;
const RELEASE: u8 = 2;
const REQUEST_CHANGE: u8 = 3;
const CHANGE: u8 = 4;
const SUCCESS: u8 = 5;
const SEND_MESSAGE: u8 = 6;
const STATUS: u8 = 7;
const CLEAR: u8 = 8;
const REMOVE: u8 = 9;
const REQUEST_REMOVE: u8 = 10;
const USE_SUCCESS: u8 = 11;
