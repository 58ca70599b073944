//! What references of a message can point at.

use alloc::vec::Vec;

use crate::AmfError;

/// Where a complex value stands: from behind its marker on. Not `done` while it is being read.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) start: usize,
    pub(super) marker: u8,
    done: bool,
}

/// The complex values of a message in the order of their beginning (AMF0-25). Most messages have one or two, which
/// need no allocation.
#[derive(Default)]
pub(super) struct References {
    first: [Extent; Self::FEW],
    more: Vec<Extent>,
    len: usize,
}

impl References {
    const FEW: usize = 4;

    /// Numbers a value that begins.
    pub(super) fn begin(&mut self, marker: u8, start: usize) -> usize {
        let (number, extent) = (self.len, Extent { start, marker, done: false });
        match self.first.get_mut(number) {
            Some(slot) => *slot = extent,
            None => self.more.push(extent),
        }
        self.len += 1;
        number
    }

    pub(super) fn end(&mut self, number: usize) {
        let extent = self.first.get_mut(number).or_else(|| self.more.get_mut(number.wrapping_sub(Self::FEW)));
        if let Some(extent) = extent {
            extent.done = true;
        }
    }

    /// The value that the reference at `offset` points at. It has to be complete (AMF0-28).
    pub(super) fn target(&self, index: u16, offset: usize) -> Result<Extent, AmfError> {
        let (number, len) = (usize::from(index), self.len);
        let extent = self.first[..len.min(Self::FEW)].get(number);
        let extent = extent.or_else(|| self.more.get(number.wrapping_sub(Self::FEW)));
        match extent {
            None => Err(AmfError::UnknownReference { index: index.into(), len, offset }),
            Some(extent) if !extent.done => Err(AmfError::Cycle { index: index.into(), offset }),
            Some(extent) => Ok(*extent),
        }
    }
}
