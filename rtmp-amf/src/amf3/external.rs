//! Externalizable objects: their bodies are read by code that knows their class.

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{Reader, u29};
use crate::{AmfError, ExternalPart, Value};

/// Classes whose body is exactly one AMF3 value, common in remoting (AMF3-31).
const ONE_VALUE: [&str; 3] =
    ["flex.messaging.io.ArrayCollection", "flex.messaging.io.ArrayList", "flex.messaging.io.ObjectProxy"];

/// Knows where the bodies of externalizable classes end.
///
/// Such a body has no length and no type on the wire, so an object of an unknown class ends the decoding. A reader walks the
/// body with the methods of [`ExternalInput`], which records what it passes; the recorded pieces become the
/// [`Externalizable`](crate::Externalizable) and are all that is needed to write it back. The classes `ArrayCollection`,
/// `ArrayList` and `ObjectProxy` of `flex.messaging.io` are built in.
///
/// ```
/// use rtmp_amf::{AmfError, AmfLimits, Value, amf3};
///
/// // The body of our class "P" is a byte and a value.
/// let reader = |class: &str, body: &mut amf3::ExternalInput<'_, '_>| -> Result<bool, AmfError> {
///     if class == "P" {
///         body.u8()?;
///         body.value()?;
///     }
///     Ok(class == "P")
/// };
/// let bytes = [0x0a, 0x07, 0x03, b'P', 9, 0x04, 5];
/// let limits = AmfLimits::default();
/// let mut decoder = amf3::Decoder::new(&bytes, &limits).external(&reader);
/// let Some(Value::Externalizable(object)) = decoder.next_value()? else { panic!() };
/// assert_eq!(object.class, "P");
///
/// let mut again = Vec::new();
/// amf3::encode(&Value::Externalizable(object), &mut again)?;
/// assert_eq!(again, bytes);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ExternalReader {
    /// Walks the body of an object of `class` to its end. `false` when the class is not known; nothing may have been
    /// read then.
    ///
    /// # Errors
    /// What the methods of `body` return; the message is then given up.
    fn read(&self, class: &str, body: &mut ExternalInput<'_, '_>) -> Result<bool, AmfError>;
}

impl<F: Fn(&str, &mut ExternalInput<'_, '_>) -> Result<bool, AmfError>> ExternalReader for F {
    fn read(&self, class: &str, body: &mut ExternalInput<'_, '_>) -> Result<bool, AmfError> {
        self(class, body)
    }
}

/// The body of an externalizable object. What is read is recorded.
pub struct ExternalInput<'r, 'a> {
    reader: Reader<'r, 'a>,
    body: Vec<ExternalPart>,
    /// Bytes passed since the last value.
    raw: Vec<u8>,
}

/// Shows how much is left, not the bytes.
impl fmt::Debug for ExternalInput<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalInput").field("rest_len", &self.rest().len()).finish_non_exhaustive()
    }
}

impl<'r, 'a> ExternalInput<'r, 'a> {
    /// Passes over `len` bytes.
    ///
    /// # Errors
    /// [`AmfError::Truncated`], or [`AmfError::TooManyBytes`] as they are kept.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], AmfError> {
        let bytes = self.reader.input.take(len)?;
        self.reader.input.spend_bytes(len)?;
        self.raw.extend_from_slice(bytes);
        Ok(bytes)
    }

    /// Passes over a byte.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn u8(&mut self) -> Result<u8, AmfError> {
        Ok(self.bytes(1)?[0])
    }

    /// Passes over a U29.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn u29(&mut self) -> Result<u32, AmfError> {
        let start = self.reader.input.position();
        let value = u29::read(self.reader.input)?;
        let len = self.reader.input.position() - start;
        self.reader.input.set_position(start);
        self.bytes(len)?;
        Ok(value)
    }

    /// Passes over an AMF3 value with its marker, and shows it.
    ///
    /// # Errors
    /// Any [`AmfError`].
    pub fn value(&mut self) -> Result<&Value, AmfError> {
        let value = self.reader.value()?;
        self.flush();
        self.body.push(ExternalPart::Value(value));
        match self.body.last() {
            Some(ExternalPart::Value(value)) => Ok(value),
            _ => Ok(&Value::Undefined),
        }
    }

    /// All that follows in the message, the body and what comes behind it, to look ahead.
    pub fn rest(&self) -> &'a [u8] {
        self.reader.input.rest()
    }

    fn flush(&mut self) {
        if !self.raw.is_empty() {
            self.body.push(ExternalPart::Bytes(Bytes::copy_from_slice(&self.raw)));
            self.raw.clear();
        }
    }
}

/// Reads the body of an object of `class`.
pub(super) fn read_body(reader: Reader<'_, '_>, class: &str) -> Result<Vec<ExternalPart>, AmfError> {
    let offset = reader.input.position();
    let custom = reader.external;
    let mut body = ExternalInput { reader, body: Vec::new(), raw: Vec::new() };
    let known = match custom {
        Some(custom) => custom.read(class, &mut body)?,
        None => false,
    };
    if !known {
        if !ONE_VALUE.contains(&class) {
            return Err(AmfError::UnknownExternalizable { class: class.into(), offset });
        }
        body.value()?;
    }
    body.flush();
    Ok(body.body)
}
