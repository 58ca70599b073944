//! What shared objects may cost.

use rtmp_amf::AmfLimits;

/// Bounds on shared objects. See SO-10.
///
/// Sizes are those of the AMF0 encoding. Decoded, a value of one byte takes some 50 bytes of memory, so the worst case
/// of a store is about 50 times `max_bytes`; text takes as much as it is long.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedObjectLimits {
    /// Longest message accepted, in bytes. Default 32 KiB. Decoding one takes up to about 50 times that.
    pub max_message_len: usize,
    /// Events in one message. Default 1024; Flash Player sends one, servers one for each property.
    pub max_events: usize,
    /// Bounds on each value. Besides, an event never decodes to more values than it has bytes, nor to more than 16 times
    /// as much text, so that references cannot multiply what was sent.
    pub amf: AmfLimits,
    /// Longest name of an object, in bytes. Default 256.
    pub max_name_len: usize,
    /// Objects a store holds, and a client uses. Default 256. One more is refused with
    /// `SharedObject.ObjectCreationFailed`. Whoever may read an object may name one that is not there: it counts until its
    /// users have left, and longer only if it is persistent and was changed.
    pub max_objects: usize,
    /// Objects that one client uses in a store. Default 32.
    pub max_objects_per_member: usize,
    /// Properties of one object. Default 1024.
    pub max_properties: usize,
    /// Bytes of all properties, keys and values, in a store, or in a client's view of one object. Default 1 MiB.
    pub max_bytes: usize,
}

impl SharedObjectLimits {
    /// Sets [`SharedObjectLimits::max_message_len`].
    #[must_use]
    pub fn max_message_len(mut self, bytes: usize) -> Self {
        self.max_message_len = bytes;
        self
    }

    /// Sets [`SharedObjectLimits::max_events`].
    #[must_use]
    pub fn max_events(mut self, count: usize) -> Self {
        self.max_events = count;
        self
    }

    /// Sets [`SharedObjectLimits::amf`].
    #[must_use]
    pub fn amf(mut self, limits: AmfLimits) -> Self {
        self.amf = limits;
        self
    }

    /// Sets [`SharedObjectLimits::max_name_len`].
    #[must_use]
    pub fn max_name_len(mut self, bytes: usize) -> Self {
        self.max_name_len = bytes;
        self
    }

    /// Sets [`SharedObjectLimits::max_objects`].
    #[must_use]
    pub fn max_objects(mut self, count: usize) -> Self {
        self.max_objects = count;
        self
    }

    /// Sets [`SharedObjectLimits::max_objects_per_member`].
    #[must_use]
    pub fn max_objects_per_member(mut self, count: usize) -> Self {
        self.max_objects_per_member = count;
        self
    }

    /// Sets [`SharedObjectLimits::max_properties`].
    #[must_use]
    pub fn max_properties(mut self, count: usize) -> Self {
        self.max_properties = count;
        self
    }

    /// Sets [`SharedObjectLimits::max_bytes`].
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl Default for SharedObjectLimits {
    fn default() -> Self {
        Self {
            max_message_len: 32 << 10,
            max_events: 1024,
            amf: AmfLimits::default(),
            max_name_len: 256,
            max_objects: 256,
            max_objects_per_member: 32,
            max_properties: 1024,
            max_bytes: 1 << 20,
        }
    }
}
