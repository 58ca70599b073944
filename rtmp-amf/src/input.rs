//! The bytes of one message with a position, and what has been spent of its limits.

use core::str;

use crate::{AmfError, AmfLimits, AmfString};

/// A message being read.
pub(crate) struct Input<'a> {
    data: &'a [u8],
    position: usize,
    limits: &'a AmfLimits,
    values_left: usize,
    bytes_left: usize,
    depth: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(data: &'a [u8], limits: &'a AmfLimits) -> Self {
        Self { data, position: 0, limits, values_left: limits.max_values, bytes_left: limits.max_bytes, depth: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn set_position(&mut self, position: usize) {
        self.position = position;
    }

    pub(crate) fn limits(&self) -> &'a AmfLimits {
        self.limits
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.data[self.position..]
    }

    pub(crate) fn left(&self) -> usize {
        self.data.len() - self.position
    }

    /// The bytes between two positions that were read over before.
    pub(crate) fn between(&self, start: usize, end: usize) -> &'a [u8] {
        &self.data[start..end]
    }

    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], AmfError> {
        // Compared with what is there before anything is done with it (AMF0-40).
        let Some(bytes) = self.rest().get(..len) else { return Err(self.truncated(len)) };
        self.position += len;
        Ok(bytes)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], AmfError> {
        let Some(bytes) = self.rest().first_chunk::<N>() else { return Err(self.truncated(N)) };
        self.position += N;
        Ok(*bytes)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, AmfError> {
        Ok(self.array::<1>()?[0])
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, AmfError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, AmfError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn f64(&mut self) -> Result<f64, AmfError> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// Text whose length comes first as two bytes, put where it is to stay.
    #[inline]
    pub(crate) fn short_text(&mut self, text: &mut AmfString) -> Result<(), AmfError> {
        let Some(len) = text.set_short_ascii(self.rest()) else { return self.other_text(text) };
        self.position += 2 + len;
        self.spend_bytes(len)
    }

    #[inline(never)]
    fn other_text(&mut self, text: &mut AmfString) -> Result<(), AmfError> {
        let len = self.u16()?;
        *text = self.text(len.into())?;
        Ok(())
    }

    /// Text of `len` bytes.
    #[inline]
    pub(crate) fn text(&mut self, len: usize) -> Result<AmfString, AmfError> {
        let start = self.position;
        let bytes = self.take(len)?;
        self.text_at(start, bytes)
    }

    /// Text whose bytes stand at `start`.
    #[inline]
    pub(crate) fn text_at(&mut self, start: usize, bytes: &[u8]) -> Result<AmfString, AmfError> {
        self.spend_bytes(bytes.len())?;
        if let Ok(text) = str::from_utf8(bytes) {
            return Ok(text.into());
        }
        if self.limits.strict_utf8 {
            return Err(AmfError::NotUtf8 { offset: start });
        }
        // The text to be shown is kept beside the bytes; paid for before it is made.
        self.spend_bytes(AmfString::shown_len(bytes))?;
        Ok(AmfString::from_bytes(bytes))
    }

    /// Refuses a count of items of at least `size` bytes each when the input is too short for them (AMF0-20, AMF3-36).
    pub(crate) fn check_count(&self, count: usize, size: usize) -> Result<(), AmfError> {
        let needed = count.saturating_mul(size);
        if needed > self.left() { Err(self.truncated(needed)) } else { Ok(()) }
    }

    #[inline]
    pub(crate) fn spend_value(&mut self) -> Result<(), AmfError> {
        let Some(left) = self.values_left.checked_sub(1) else {
            return Err(AmfError::TooManyValues { max: self.limits.max_values, offset: self.position });
        };
        self.values_left = left;
        Ok(())
    }

    #[inline]
    pub(crate) fn spend_bytes(&mut self, len: usize) -> Result<(), AmfError> {
        let Some(left) = self.bytes_left.checked_sub(len) else {
            return Err(AmfError::TooManyBytes { max: self.limits.max_bytes, offset: self.position });
        };
        self.bytes_left = left;
        Ok(())
    }

    /// Enters a container that begins behind the marker before `start`.
    pub(crate) fn enter(&mut self, start: usize) -> Result<(), AmfError> {
        let max = self.limits.max_depth.min(AmfLimits::DEPTH_CEILING);
        if self.depth >= max {
            return Err(AmfError::TooDeep { max, offset: start.saturating_sub(1) });
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// How many items to make room for when the first of a container has been announced: what the bytes left can hold
    /// if the items are of common size, and never many, whatever the message claims.
    pub(crate) fn first_room(&self, claimed: usize) -> usize {
        // As many levels as there can be make room together for no more than the values they may have.
        let fair_part = 1 + self.values_left / AmfLimits::DEPTH_CEILING;
        claimed.min(1 + self.left() / 12).min(fair_part).min(32)
    }

    #[cold]
    pub(crate) fn truncated(&self, needed: usize) -> AmfError {
        AmfError::Truncated { offset: self.position, needed, left: self.left() }
    }
}
