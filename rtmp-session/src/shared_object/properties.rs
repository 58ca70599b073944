//! The properties of one object, with their size.

use std::collections::BTreeMap;

use bytes::BytesMut;
use rtmp_amf::{AmfString, Value, amf0};

/// Properties by key, and how many bytes they are on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Properties {
    entries: BTreeMap<AmfString, Property>,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Property {
    value: Value,
    bytes: usize,
}

impl Properties {
    /// Sets a property if it fits: at most `max_count` of them, of at most `max_bytes` together. Gives the value back
    /// otherwise, and leaves everything as it was.
    pub(super) fn insert(
        &mut self,
        key: &AmfString,
        value: Value,
        max_count: usize,
        max_bytes: usize,
    ) -> Result<(), Value> {
        let Some(bytes) = encoded_len(key, &value) else { return Err(value) };
        let former = self.entries.get(key).map(|property| property.bytes);
        let total = self.bytes - former.unwrap_or_default() + bytes;
        if total > max_bytes || (former.is_none() && self.entries.len() >= max_count) {
            return Err(value);
        }
        self.bytes = total;
        self.entries.insert(key.clone(), Property { value, bytes });
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &AmfString) -> bool {
        let Some(removed) = self.entries.remove(key) else { return false };
        self.bytes -= removed.bytes;
        true
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(&AmfString::from(key)).map(|property| &property.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&AmfString, &Value)> {
        self.entries.iter().map(|(key, property)| (key, &property.value))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all keys and values.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Size of a property in AMF0; `None` if it has none.
fn encoded_len(key: &AmfString, value: &Value) -> Option<usize> {
    let mut encoded = BytesMut::new();
    amf0::encode(value, &mut encoded).ok()?;
    u16::try_from(key.len()).ok()?;
    Some(2 + key.len() + encoded.len())
}
