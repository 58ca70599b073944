//! What references of a message can point at (AMF3-19).

use alloc::vec::Vec;

use crate::{AmfError, AmfString};

/// The three tables of a message, each in the order of the wire. They only grow, so that an index means the same
/// wherever in the message it stands.
#[derive(Default)]
pub(crate) struct Tables {
    /// Where the bytes of each literal text stand.
    pub(super) strings: Vec<(usize, usize)>,
    pub(super) objects: Vec<Extent>,
    pub(super) traits: Vec<TraitsEntry>,
}

/// Where a composite value stands: from behind its marker on. Not `done` while it is being read.
pub(super) struct Extent {
    pub(super) marker: u8,
    pub(super) start: usize,
    pub(super) done: bool,
}

/// The traits of a class, and where they stand: from behind the U29 that announces them.
pub(super) struct TraitsEntry {
    pub(super) class: AmfString,
    pub(super) sealed: Vec<AmfString>,
    pub(super) kind: ClassKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassKind {
    Sealed,
    Dynamic,
    Externalizable,
}

/// The entry of a table.
pub(super) fn entry<T>(table: &[T], index: u32, offset: usize) -> Result<&T, AmfError> {
    let unknown = || AmfError::UnknownReference { index, len: table.len(), offset };
    table.get(index as usize).ok_or_else(unknown)
}
