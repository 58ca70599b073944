//! Named members in order.

use alloc::{boxed::Box, vec, vec::Vec};
use core::ops::Index;

use crate::{AmfString, Value};

/// Named members in the order of the wire, duplicates kept (AMF0-8, AMF3-32).
///
/// The same type serves AMF0 objects, typed objects and ECMA arrays, and the objects of AMF3.
///
/// ```
/// use rtmp_amf::Object;
///
/// let info = Object::new().with("level", "status").with("clientid", 7);
/// assert_eq!(info["level"], "status");
/// assert_eq!(info.get("details"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The members. A look-up by name takes the last of a name.
    pub entries: Vec<(AmfString, Value)>,
    /// Class name and sealed members; `None` for an anonymous object, which is what AMF0 calls object.
    pub traits: Option<Box<Traits>>,
}

/// What a typed object has beside its members: the class name, and in AMF3 which members the class declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Name of the class. Empty for an anonymous AMF3 object with sealed members.
    pub class: AmfString,
    /// Which members are sealed. AMF0 does not know the difference and neither reads nor writes it.
    pub sealed: Sealed,
}

/// Which members of an AMF3 object its class declares (AMF3-28, AMF3-30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// The first so many members (all, when there are fewer); the class is dynamic and the others were added.
    First(usize),
    /// All members; the class is not dynamic.
    All,
}

impl Default for Sealed {
    /// A dynamic class without sealed members.
    fn default() -> Self {
        Self::First(0)
    }
}

impl Object {
    /// An anonymous object without members.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), traits: None }
    }

    /// Adds a member behind the others.
    #[must_use]
    pub fn with(mut self, key: impl Into<AmfString>, value: impl Into<Value>) -> Self {
        self.push(key, value);
        self
    }

    /// Makes this an object of a class: a typed object in AMF0, a dynamic class without sealed members in AMF3.
    #[must_use]
    pub fn with_class(mut self, class: impl Into<AmfString>) -> Self {
        self.traits = Some(Box::new(Traits { class: class.into(), sealed: Sealed::default() }));
        self
    }

    /// Adds a member behind the others, whether or not there is one of this name.
    pub fn push(&mut self, key: impl Into<AmfString>, value: impl Into<Value>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Replaces the last member of this name in its place, or adds one.
    pub fn set(&mut self, key: impl Into<AmfString>, value: impl Into<Value>) {
        let key = key.into();
        match self.entries.iter_mut().rev().find(|entry| entry.0 == key) {
            Some(entry) => entry.1 = value.into(),
            None => self.entries.push((key, value.into())),
        }
    }

    /// Removes all members of this name; returns the value of the last.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let mut last = None;
        self.entries.retain_mut(|(name, value)| {
            let matches = name == key;
            if matches {
                last = Some(core::mem::take(value));
            }
            !matches
        });
        last
    }

    /// The value of the last member of this name (AMF0-8).
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().rev().find(|entry| entry.0 == key).map(|entry| &entry.1)
    }

    /// The value of the last member of this name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().rev().find(|entry| entry.0 == key).map(|entry| &mut entry.1)
    }

    /// Name of the class; `None` when there is none or it is empty.
    pub fn class(&self) -> Option<&str> {
        self.traits.as_ref().map(|traits| traits.class.as_str()).filter(|class| !class.is_empty())
    }

    /// The members in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&AmfString, &Value)> + ExactSizeIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Index<&str> for Object {
    type Output = Value;

    /// The value of the last member of this name; [`Value::Undefined`] when there is none.
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&Value::Undefined)
    }
}

impl<K: Into<AmfString>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        Self { entries: members.into_iter().map(|(key, value)| (key.into(), value.into())).collect(), traits: None }
    }
}

impl<K: Into<AmfString>, V: Into<Value>> Extend<(K, V)> for Object {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, members: I) {
        self.entries.extend(members.into_iter().map(|(key, value)| (key.into(), value.into())));
    }
}

impl IntoIterator for Object {
    type Item = (AmfString, Value);
    type IntoIter = vec::IntoIter<(AmfString, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
