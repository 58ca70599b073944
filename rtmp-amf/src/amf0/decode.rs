//! Bytes to values.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use super::{marker, references::References};
use crate::{
    AmfError, AmfLimits, AmfString, Date, Object, Traits, Value,
    amf3::{self, ExternalReader},
    input::Input,
    string::fill,
};

/// Decodes one value and moves `src` behind it.
///
/// References reach back to the beginning of this value only; a message whose values refer to each other needs
/// [`decode_all`] or a [`Decoder`].
///
/// # Errors
/// Any [`AmfError`]; `src` then stays where it was.
pub fn decode(src: &mut &[u8], limits: &AmfLimits) -> Result<Value, AmfError> {
    let mut decoder = Decoder::new(src, limits);
    let mut value = Value::Undefined;
    decoder.value(&mut value)?;
    let len = decoder.input.position();
    *src = &src[len..];
    Ok(value)
}

/// Decodes all values of a message.
///
/// # Errors
/// Any [`AmfError`]. The values before the faulty one are lost; use a [`Decoder`] to keep them (AMF0-38).
pub fn decode_all(src: &[u8], limits: &AmfLimits) -> Result<Vec<Value>, AmfError> {
    let mut decoder = Decoder::new(src, limits);
    let mut values = Vec::with_capacity(4);
    while !decoder.at_end()? {
        values.push(Value::Undefined);
        decoder.value(last(&mut values))?;
    }
    Ok(values)
}

/// Decodes a message value by value.
///
/// The limits hold for all values together, and references reach back to the beginning of the message (AMF0-27).
/// Values before a faulty one stay usable (AMF0-38).
///
/// ```
/// use rtmp_amf::{AmfLimits, Value, amf0};
///
/// let message = [0x02, 0, 1, b'f', 0x01, 1, 0x12];
/// let limits = AmfLimits::default();
/// let mut decoder = amf0::Decoder::new(&message, &limits);
/// assert_eq!(decoder.next_value()?, Some("f".into()));
/// assert_eq!(decoder.next_value()?, Some(true.into()));
/// assert!(decoder.next_value().is_err());
/// # Ok::<(), rtmp_amf::AmfError>(())
/// ```
pub struct Decoder<'a> {
    pub(super) input: Input<'a>,
    pub(super) references: References,
    amf3: amf3::Tables,
    external: Option<&'a dyn ExternalReader>,
    /// Set while a reference is being copied: the values met were numbered when they were first read.
    copying: bool,
    missing_end: bool,
    pub(super) failed: Option<AmfError>,
}

/// Shows how much is left, not the bytes: commands carry stream keys.
impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("rest_len", &self.rest().len())
            .field("missing_end", &self.missing_end)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<'a> Decoder<'a> {
    /// A decoder at the first byte of a message.
    pub fn new(message: &'a [u8], limits: &'a AmfLimits) -> Self {
        Self {
            input: Input::new(message, limits),
            references: References::default(),
            amf3: amf3::Tables::default(),
            external: None,
            copying: false,
            missing_end: false,
            failed: None,
        }
    }

    /// Gives the decoder a reader for externalizable classes, which AMF3 values may hold.
    #[must_use]
    pub fn external(mut self, reader: &'a dyn ExternalReader) -> Self {
        self.external = Some(reader);
        self
    }

    /// The next value; `None` at the end of the message.
    ///
    /// # Errors
    /// Any [`AmfError`], and the same again on every later call.
    pub fn next_value(&mut self) -> Result<Option<Value>, AmfError> {
        if self.at_end()? {
            return Ok(None);
        }
        let mut value = Value::Undefined;
        self.value(&mut value).inspect_err(|error| self.failed = Some(error.clone()))?;
        Ok(Some(value))
    }

    /// The bytes not yet decoded.
    pub fn rest(&self) -> &'a [u8] {
        self.input.rest()
    }

    /// Whether the message ended without the end of an object, which was let pass (AMF0-17).
    pub fn missing_end(&self) -> bool {
        self.missing_end
    }

    /// Reads a value to the place where it is to stay: moving it there would cost more than reading it.
    /// What most values are is kept apart from the others so that it costs no call.
    #[inline(always)]
    fn value(&mut self, slot: &mut Value) -> Result<(), AmfError> {
        self.input.spend_value()?;
        let offset = self.input.position();
        match self.input.u8()? {
            marker::NUMBER => fill(slot, Value::Number(self.input.f64()?)),
            marker::BOOLEAN => fill(slot, Value::Boolean(self.input.u8()? != 0)),
            marker::STRING => {
                fill(slot, Value::String(AmfString::new()));
                let Value::String(text) = slot else { return Ok(()) };
                return self.input.short_text(text);
            }
            marker => fill(slot, self.other_value(marker, offset)?),
        }
        Ok(())
    }

    #[inline(never)]
    fn other_value(&mut self, marker: u8, offset: usize) -> Result<Value, AmfError> {
        Ok(match marker {
            marker::NULL => Value::Null,
            marker::UNDEFINED => Value::Undefined,
            marker::UNSUPPORTED => Value::Unsupported,
            marker::LONG_STRING => Value::String(self.long_text()?),
            marker::XML_DOCUMENT => Value::XmlDocument(self.long_text()?),
            marker::DATE => {
                Value::Date(Date { millis: self.input.f64()?, time_zone: i16::from_be_bytes(self.input.array()?) })
            }
            marker::OBJECT | marker::ECMA_ARRAY | marker::STRICT_ARRAY | marker::TYPED_OBJECT => {
                self.numbered(marker, |decoder| decoder.complex_value(marker))?
            }
            marker::REFERENCE => self.reference(offset)?,
            marker::AMF3 => self.amf3_value()?,
            _ => return Err(AmfError::UnknownMarker { marker, offset }),
        })
    }

    pub(super) fn at_end(&self) -> Result<bool, AmfError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        // FLV 10.0 put an object end behind the last value of a script tag (AMF0-39).
        Ok(matches!(self.input.rest(), [] | [0, 0, marker::OBJECT_END]))
    }

    /// Reads a value that takes a number in the table of references, once the marker is read.
    pub(super) fn numbered<T>(
        &mut self,
        marker: u8,
        read: impl FnOnce(&mut Self) -> Result<T, AmfError>,
    ) -> Result<T, AmfError> {
        let start = self.input.position();
        self.input.enter(start)?;
        let number = if self.copying { None } else { Some(self.references.begin(marker, start)) };
        let value = read(self)?;
        if let Some(number) = number {
            self.references.end(number);
        }
        self.input.leave();
        Ok(value)
    }

    fn complex_value(&mut self, marker: u8) -> Result<Value, AmfError> {
        Ok(match marker {
            marker::OBJECT => Value::Object(self.members(16)?),
            marker::ECMA_ARRAY => {
                // The count is only approximate; the end decides (AMF0-15).
                let count = self.input.u32()? as usize;
                Value::EcmaArray(self.members(count)?)
            }
            marker::STRICT_ARRAY => Value::Array(self.items()?),
            _ => {
                let mut class = AmfString::new();
                self.input.short_text(&mut class)?;
                let mut object = self.members(16)?;
                object.traits = Some(Box::new(Traits { class, ..Traits::default() }));
                Value::Object(object)
            }
        })
    }

    fn members(&mut self, expected: usize) -> Result<Object, AmfError> {
        let mut object = Object::new();
        if self.at_members_end()? {
            return Ok(object);
        }
        let entries = &mut object.entries;
        entries.reserve_exact(self.input.first_room(expected.max(4)));
        loop {
            entries.push((AmfString::new(), Value::Undefined));
            let (key, value) = last(entries);
            self.input.short_text(key)?;
            self.value(value)?;
            if self.at_members_end()? {
                break;
            }
        }
        if entries.len() * 4 <= entries.capacity() {
            entries.shrink_to_fit();
        }
        Ok(object)
    }

    /// Whether the members of an object end here; if so, moves behind the end.
    pub(super) fn at_members_end(&mut self) -> Result<bool, AmfError> {
        // An empty name without the end marker behind it is a name like any other (AMF0-10).
        if let Some([0, 0, marker::OBJECT_END]) = self.input.rest().first_chunk() {
            self.input.take(3)?;
            return Ok(true);
        }
        if self.input.left() > 0 {
            return Ok(false);
        }
        if self.input.limits().strict_end {
            return Err(AmfError::MissingEnd { offset: self.input.position() });
        }
        self.missing_end = true;
        Ok(true)
    }

    fn items(&mut self) -> Result<Vec<Value>, AmfError> {
        let count = self.item_count()?;
        let mut items = Vec::with_capacity(self.input.first_room(count));
        for _ in 0..count {
            items.push(Value::Undefined);
            self.value(last(&mut items))?;
        }
        Ok(items)
    }

    pub(super) fn item_count(&mut self) -> Result<usize, AmfError> {
        let count = self.input.u32()? as usize;
        self.input.check_count(count, 1)?;
        Ok(count)
    }

    /// Copies the value a reference points at by reading it once more, charged like any other (AMF0-31).
    fn reference(&mut self, offset: usize) -> Result<Value, AmfError> {
        let index = self.input.u16()?;
        let target = self.references.target(index, offset)?;
        let (resume, nested) = (self.input.position(), self.copying);
        self.input.set_position(target.start);
        self.copying = true;
        let value = self.numbered(target.marker, |decoder| decoder.complex_value(target.marker))?;
        self.copying = nested;
        self.input.set_position(resume);
        Ok(value)
    }

    /// One AMF3 value, with tables shared by all of the message (AMF0-33, AMF0-34).
    pub(super) fn amf3_value(&mut self) -> Result<Value, AmfError> {
        let mut reader = amf3::Reader {
            input: &mut self.input,
            tables: &mut self.amf3,
            external: self.external,
            copying: self.copying,
        };
        Ok(reader.value()?.in_amf3())
    }

    fn long_text(&mut self) -> Result<AmfString, AmfError> {
        let len = self.input.u32()? as usize;
        self.input.text(len)
    }
}

/// The item just pushed.
fn last<T>(items: &mut [T]) -> &mut T {
    items.last_mut().expect("an item was pushed")
}
