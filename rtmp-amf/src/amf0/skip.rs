//! Passing over values that nobody wants.

use super::{Decoder, marker};
use crate::AmfError;

impl<'a> Decoder<'a> {
    /// Passes over the next value without building it and returns its bytes; `None` at the end of the message.
    ///
    /// The value is checked and numbered as if it had been decoded, except that text may be anything.
    ///
    /// # Errors
    /// Any [`AmfError`], and the same again on every later call.
    pub fn skip_value(&mut self) -> Result<Option<&'a [u8]>, AmfError> {
        if self.at_end()? {
            return Ok(None);
        }
        let start = self.input.position();
        self.skip().inspect_err(|error| self.failed = Some(error.clone()))?;
        Ok(Some(self.input.between(start, self.input.position())))
    }

    pub(super) fn skip(&mut self) -> Result<(), AmfError> {
        self.input.spend_value()?;
        let offset = self.input.position();
        let marker = self.input.u8()?;
        let len = match marker {
            marker::NUMBER => 8,
            marker::BOOLEAN => 1,
            marker::NULL | marker::UNDEFINED | marker::UNSUPPORTED => 0,
            marker::DATE => 10,
            marker::STRING => self.input.u16()?.into(),
            marker::LONG_STRING | marker::XML_DOCUMENT => self.input.u32()? as usize,
            marker::REFERENCE => {
                let index = self.input.u16()?;
                return self.references.target(index, offset).map(drop);
            }
            marker::OBJECT | marker::ECMA_ARRAY | marker::STRICT_ARRAY | marker::TYPED_OBJECT => {
                return self.numbered(marker, |decoder| decoder.skip_complex(marker));
            }
            // AMF3 has no way to know a length but to read; its tables need what it contains.
            marker::AMF3 => return self.amf3_value().map(drop),
            _ => return Err(AmfError::UnknownMarker { marker, offset }),
        };
        self.input.take(len).map(drop)
    }

    fn skip_complex(&mut self, marker: u8) -> Result<(), AmfError> {
        if marker == marker::STRICT_ARRAY {
            let count = self.item_count()?;
            return (0..count).try_for_each(|_| self.skip());
        }
        if marker == marker::ECMA_ARRAY {
            self.input.u32()?;
        }
        if marker == marker::TYPED_OBJECT {
            self.skip_name()?;
        }
        while !self.at_members_end()? {
            self.skip_name()?;
            self.skip()?;
        }
        Ok(())
    }

    fn skip_name(&mut self) -> Result<(), AmfError> {
        let len = self.input.u16()?;
        self.input.take(len.into()).map(drop)
    }
}
