//! Lists and members one by one, for serde. An error of one of them says which.

use serde::de::{
    DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess,
    value::{BorrowedStrDeserializer, SeqDeserializer},
};

use super::SerdeError;
use crate::{AmfString, Value};

/// The items of a list.
pub(super) struct Items<I: Iterator> {
    items: SeqDeserializer<I, SerdeError>,
    index: usize,
}

impl<'de, T: IntoDeserializer<'de, SerdeError>, I: Iterator<Item = T>> Items<I> {
    pub(super) fn new(items: I) -> Self {
        Self { items: SeqDeserializer::new(items), index: 0 }
    }

    /// An error if items are left.
    pub(super) fn end(self) -> Result<(), SerdeError> {
        self.items.end()
    }
}

impl<'de, T: IntoDeserializer<'de, SerdeError>, I: Iterator<Item = T>> SeqAccess<'de> for Items<I> {
    type Error = SerdeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, SerdeError> {
        let item = self.items.next_element_seed(seed).map_err(|error| error.in_item(self.index))?;
        self.index += 1;
        Ok(item)
    }

    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(&self.items)
    }
}

/// What a member is called: by a name in objects, by any value in dictionaries.
#[derive(Clone, Copy)]
pub(super) enum Key<'de> {
    Name(&'de AmfString),
    Value(&'de Value),
}

/// The members of an object or dictionary.
pub(super) struct Members<'de, I> {
    members: I,
    /// The one whose key was given out.
    current: Option<(Key<'de>, &'de Value)>,
}

impl<'de, I: Iterator<Item = (Key<'de>, &'de Value)>> Members<'de, I> {
    pub(super) fn new(members: I) -> Self {
        Self { members, current: None }
    }

    /// An error if members are left.
    pub(super) fn end(self) -> Result<(), SerdeError> {
        match self.members.count() {
            0 => Ok(()),
            left => Err(SerdeError::custom(format_args!("{left} members too many"))),
        }
    }
}

impl<'de, I: Iterator<Item = (Key<'de>, &'de Value)>> MapAccess<'de> for Members<'de, I> {
    type Error = SerdeError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, SerdeError> {
        self.current = self.members.next();
        match self.current {
            None => Ok(None),
            Some((Key::Name(name), _)) => seed.deserialize(BorrowedStrDeserializer::new(name.as_str())).map(Some),
            Some((Key::Value(key), _)) => seed.deserialize(key).map(Some),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, SerdeError> {
        let (key, value) =
            self.current.take().ok_or_else(|| SerdeError::custom("a value was asked for before its key"))?;
        seed.deserialize(value).map_err(|error| match key {
            Key::Name(name) => error.in_member(name),
            Key::Value(key) => error.in_member(key.as_str().unwrap_or("key that is not text")),
        })
    }

    fn size_hint(&self) -> Option<usize> {
        match self.members.size_hint() {
            (low, Some(high)) if low == high => Some(low),
            _ => None,
        }
    }
}
