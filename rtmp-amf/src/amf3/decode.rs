//! Bytes to values.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use bytes::Bytes;

use super::{
    ExternalReader, Tables, external, marker, object_header,
    tables::{ClassKind, Extent, TraitsEntry, entry},
    u29,
};
use crate::{
    AmfError, AmfLimits, AmfString, Date, Dictionary, Externalizable, MixedArray, Object, Sealed, Traits, Value,
    Vector, VectorItems, input::Input,
};

/// Decodes one value and moves `src` behind it. References reach back to the beginning of this value only.
///
/// # Errors
/// Any [`AmfError`]; `src` then stays where it was.
pub fn decode(src: &mut &[u8], limits: &AmfLimits) -> Result<Value, AmfError> {
    let mut decoder = Decoder::new(src, limits);
    let value = decoder.reader().value()?;
    let len = decoder.input.position();
    *src = &src[len..];
    Ok(value)
}

/// Decodes values to the end of the input, with tables of references for all.
///
/// # Errors
/// Any [`AmfError`]. The values before the faulty one are lost; use a [`Decoder`] to keep them.
pub fn decode_all(src: &[u8], limits: &AmfLimits) -> Result<Vec<Value>, AmfError> {
    let mut decoder = Decoder::new(src, limits);
    let mut values = Vec::new();
    while let Some(value) = decoder.next_value()? {
        values.push(value);
    }
    Ok(values)
}

/// Decodes value by value; limits and tables of references hold for all together.
pub struct Decoder<'a> {
    input: Input<'a>,
    tables: Tables,
    external: Option<&'a dyn ExternalReader>,
    failed: Option<AmfError>,
}

/// Shows how much is left, not the bytes: commands carry stream keys.
impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("rest_len", &self.rest().len())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<'a> Decoder<'a> {
    /// A decoder at the first byte of a message.
    pub fn new(message: &'a [u8], limits: &'a AmfLimits) -> Self {
        Self { input: Input::new(message, limits), tables: Tables::default(), external: None, failed: None }
    }

    /// Gives the decoder a reader for externalizable classes.
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
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.input.left() == 0 {
            return Ok(None);
        }
        self.reader().value().map(Some).inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// The bytes not yet decoded.
    pub fn rest(&self) -> &'a [u8] {
        self.input.rest()
    }

    fn reader(&mut self) -> Reader<'_, 'a> {
        Reader { input: &mut self.input, tables: &mut self.tables, external: self.external, copying: false }
    }
}

/// Reads values from a message that may be AMF0 around them.
pub(crate) struct Reader<'r, 'a> {
    pub(crate) input: &'r mut Input<'a>,
    pub(crate) tables: &'r mut Tables,
    pub(crate) external: Option<&'a dyn ExternalReader>,
    /// Set while a reference is being copied: what is met was entered in the tables when it was first read.
    pub(crate) copying: bool,
}

impl<'a> Reader<'_, 'a> {
    pub(crate) fn value(&mut self) -> Result<Value, AmfError> {
        self.input.spend_value()?;
        let offset = self.input.position();
        Ok(match self.input.u8()? {
            marker::UNDEFINED => Value::Undefined,
            marker::NULL => Value::Null,
            marker::FALSE => Value::Boolean(false),
            marker::TRUE => Value::Boolean(true),
            marker::INTEGER => Value::Integer(sign_extend(u29::read(self.input)?)),
            marker::DOUBLE => Value::Number(self.input.f64()?),
            marker::STRING => Value::String(self.text()?),
            marker @ marker::XML_DOCUMENT..=marker::DICTIONARY => self.composite(marker)?,
            marker => return Err(AmfError::UnknownMarker { marker, offset }),
        })
    }

    /// A value that is numbered in the table of objects: a reference, or the value itself (AMF3-20).
    fn composite(&mut self, marker: u8) -> Result<Value, AmfError> {
        let start = self.input.position();
        let header = u29::read(self.input)?;
        if header & 1 == 0 {
            return self.object_reference(marker, header >> 1, start);
        }
        // A container enters the table before its members (AMF3-20).
        let number = self.tables.objects.len();
        if !self.copying {
            self.tables.objects.push(Extent { marker, start, done: false });
        }
        let value = self.literal(marker, header, start)?;
        if !self.copying {
            self.tables.objects[number].done = true;
        }
        Ok(value)
    }

    fn literal(&mut self, marker: u8, header: u32, start: usize) -> Result<Value, AmfError> {
        let count = (header >> 1) as usize;
        match marker {
            // The other bits of a date's header have no meaning (AMF3-24).
            marker::DATE => return Ok(Value::Date(Date::new(self.input.f64()?))),
            marker::XML => return Ok(Value::Xml(self.input.text(count)?)),
            marker::XML_DOCUMENT => return Ok(Value::XmlDocument(self.input.text(count)?)),
            marker::BYTE_ARRAY => return self.byte_array(count),
            _ => {}
        }
        self.input.enter(start)?;
        let value = match marker {
            marker::ARRAY => self.array(count)?,
            marker::OBJECT => self.object(header)?,
            marker::DICTIONARY => self.dictionary(count)?,
            _ => self.vector(marker, count)?,
        };
        self.input.leave();
        Ok(value)
    }

    /// Copies the value a reference points at by reading it once more, charged like any other (AMF3-38).
    fn object_reference(&mut self, marker: u8, index: u32, offset: usize) -> Result<Value, AmfError> {
        let target = entry(&self.tables.objects, index, offset)?;
        if target.marker != marker {
            return Err(AmfError::ReferenceType { index, offset });
        }
        if !target.done {
            return Err(AmfError::Cycle { index, offset });
        }
        let (resume, nested) = (self.input.position(), self.copying);
        self.input.set_position(target.start);
        self.copying = true;
        let value = self.composite(marker)?;
        self.copying = nested;
        self.input.set_position(resume);
        Ok(value)
    }

    /// Text or a reference to an earlier one (AMF3-13).
    fn text(&mut self) -> Result<AmfString, AmfError> {
        let offset = self.input.position();
        let header = u29::read(self.input)?;
        if header & 1 == 0 {
            let (start, end) = *entry(&self.tables.strings, header >> 1, offset)?;
            return self.input.text_at(start, self.input.between(start, end));
        }
        let (start, len) = (self.input.position(), (header >> 1) as usize);
        let text = self.input.text(len)?;
        // The empty text is never in the table (AMF3-14); equal ones are entered again (AMF3-16).
        if len > 0 && !self.copying {
            self.tables.strings.push((start, start + len));
        }
        Ok(text)
    }

    fn byte_array(&mut self, len: usize) -> Result<Value, AmfError> {
        let bytes = self.input.take(len)?;
        self.input.spend_bytes(len)?;
        Ok(Value::ByteArray(Bytes::copy_from_slice(bytes)))
    }

    fn array(&mut self, count: usize) -> Result<Value, AmfError> {
        self.input.check_count(count, 1)?;
        let mut named = Object::new();
        self.members(&mut named)?;
        let dense = self.items(count)?;
        Ok(match (named.is_empty(), dense.is_empty()) {
            (true, _) => Value::Array(dense),
            (false, true) => Value::EcmaArray(named),
            (false, false) => Value::MixedArray(Box::new(MixedArray { named, dense })),
        })
    }

    fn items(&mut self, count: usize) -> Result<Vec<Value>, AmfError> {
        self.input.check_count(count, 1)?;
        let mut items = Vec::with_capacity(self.input.first_room(count));
        for _ in 0..count {
            items.push(self.value()?);
        }
        Ok(items)
    }

    /// Names and values up to the empty name.
    fn members(&mut self, object: &mut Object) -> Result<(), AmfError> {
        loop {
            let key = self.text()?;
            if key.is_empty() {
                return Ok(());
            }
            let value = self.value()?;
            object.entries.push((key, value));
        }
    }

    fn object(&mut self, header: u32) -> Result<Value, AmfError> {
        let number = self.traits(header)?;
        let (class, kind) = {
            let traits = &self.tables.traits[number];
            (traits.class.clone(), traits.kind)
        };
        self.input.spend_bytes(class.len())?;
        if kind == ClassKind::Externalizable {
            let reader = Reader {
                input: &mut *self.input,
                tables: &mut *self.tables,
                external: self.external,
                copying: self.copying,
            };
            let body = external::read_body(reader, &class)?;
            return Ok(Value::Externalizable(Box::new(Externalizable { class, body })));
        }
        let mut object = Object::new();
        let sealed = self.tables.traits[number].sealed.len();
        for member in 0..sealed {
            let name = self.tables.traits[number].sealed[member].clone();
            self.input.spend_bytes(name.len())?;
            object.entries.push((name, self.value()?));
        }
        if kind == ClassKind::Dynamic {
            self.members(&mut object)?;
        }
        let sealed = if kind == ClassKind::Sealed { Sealed::All } else { Sealed::First(sealed) };
        if !class.is_empty() || sealed != Sealed::default() {
            object.traits = Some(Box::new(Traits { class, sealed }));
        }
        Ok(Value::Object(object))
    }

    /// The traits of an object by their number, entered in the table if they are new (AMF3-28, AMF3-29).
    fn traits(&mut self, header: u32) -> Result<usize, AmfError> {
        let start = self.input.position();
        if header & 0b11 == object_header::TRAITS_REFERENCE {
            entry(&self.tables.traits, header >> 2, start)?;
            return Ok((header >> 2) as usize);
        }
        if self.copying {
            let number = self.tables.traits.binary_search_by_key(&start, |traits| traits.start);
            // They were entered when they were first read, unless a reader of externalizable bodies now reads other
            // bytes than then.
            let unknown = |_| AmfError::UnknownReference { index: 0, len: self.tables.traits.len(), offset: start };
            let number = number.map_err(unknown)?;
            self.input.set_position(self.tables.traits[number].end);
            return Ok(number);
        }
        let externalizable = header & 0b111 == object_header::EXTERNALIZABLE;
        let kind = match header & object_header::DYNAMIC_FLAG {
            _ if externalizable => ClassKind::Externalizable,
            0 => ClassKind::Sealed,
            _ => ClassKind::Dynamic,
        };
        let count = if externalizable { 0 } else { (header >> 4) as usize };
        let class = self.text()?;
        self.input.check_count(count, 1)?;
        let mut sealed = Vec::with_capacity(self.input.first_room(count));
        for _ in 0..count {
            self.input.spend_value()?;
            sealed.push(self.text()?);
        }
        let end = self.input.position();
        self.tables.traits.push(TraitsEntry { class, sealed, kind, start, end });
        Ok(self.tables.traits.len() - 1)
    }

    fn vector(&mut self, marker: u8, count: usize) -> Result<Value, AmfError> {
        let fixed = self.input.u8()? != 0;
        let items = match marker {
            marker::VECTOR_INT => VectorItems::Int(self.numbers(count, i32::from_be_bytes)?),
            marker::VECTOR_UINT => VectorItems::Uint(self.numbers(count, u32::from_be_bytes)?),
            marker::VECTOR_NUMBER => VectorItems::Number(self.numbers(count, f64::from_be_bytes)?),
            _ => VectorItems::Object { class: self.text()?, items: self.items(count)? },
        };
        Ok(Value::Vector(Box::new(Vector { fixed, items })))
    }

    fn numbers<T, const N: usize>(&mut self, count: usize, read: fn([u8; N]) -> T) -> Result<Vec<T>, AmfError> {
        self.input.check_count(count, N)?;
        self.input.spend_bytes(count * N)?;
        (0..count).map(|_| self.input.array().map(read)).collect()
    }

    fn dictionary(&mut self, count: usize) -> Result<Value, AmfError> {
        let weak_keys = self.input.u8()? != 0;
        self.input.check_count(count, 2)?;
        let mut entries = Vec::with_capacity(self.input.first_room(count));
        for _ in 0..count {
            entries.push((self.value()?, self.value()?));
        }
        Ok(Value::Dictionary(Dictionary { weak_keys, entries }))
    }
}

/// 29 bits of two's complement (AMF3-8).
fn sign_extend(value: u32) -> i32 {
    (value << 3) as i32 >> 3
}
