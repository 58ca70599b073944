//! What a decoder must know before the first frame: metadata and sequence headers, per track.

use super::{ChannelConfig, classify::Role};
use crate::Media;

/// Metadata and sequence headers in force at one point of a stream.
///
/// Per track: the sequence header, and what may follow it (channel layout, colour). See MSG-14, ERTMP-72.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    version: u64,
    entries: Vec<(Role, Media)>,
}

impl Headers {
    /// All of them, in the order in which they must be sent: metadata first, then as the publisher sent them.
    pub fn iter(&self) -> impl Iterator<Item = &Media> {
        self.entries.iter().map(|(_, media)| media)
    }

    /// The newest `onMetaData` message.
    pub fn metadata(&self) -> Option<&Media> {
        self.entries.iter().find(|(role, _)| *role == Role::Metadata).map(|(_, media)| media)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// None so far.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Memory beside the payloads.
    pub(super) fn overhead(&self) -> usize {
        self.entries.len() * size_of::<(Role, Media)>()
    }

    /// Differs between any two states of one channel's headers.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn get(&self, index: usize) -> Option<&Media> {
        self.entries.get(index).map(|(_, media)| media)
    }

    /// The headers of a publish that has sent none yet.
    pub(super) fn cleared(&self) -> Self {
        Self { version: self.version + 1, ..Self::default() }
    }

    /// What they are after `media`; `None` if the same as before. Of a header that does not fit the limit, what it
    /// replaces goes all the same: a decoder does better with no configuration than with one that is out of date.
    pub(super) fn with(&self, role: &Role, media: &Media, config: &ChannelConfig) -> Option<Self> {
        let known = self.entries.iter().any(|(old, kept)| old == role && kept.payload == media.payload);
        if known {
            return None;
        }
        let mut new = Self { version: self.version + 1, entries: self.entries.clone() };
        new.entries.retain(|(old, _)| !role.replaces(old));
        if !new.has_room(media.payload.len(), config.max_header_bytes) {
            return (new.len() < self.len()).then_some(new);
        }
        // Kept for hours: a slice would hold the whole read buffer that it came in.
        let media = Media { payload: config.hold(media.payload.to_vec()), ..media.clone() };
        match role {
            Role::Metadata => new.entries.insert(0, (role.clone(), media)),
            _ => new.entries.push((role.clone(), media)),
        }
        Some(new)
    }

    fn has_room(&self, len: usize, max_bytes: usize) -> bool {
        let held: usize = self.entries.iter().map(|(_, media)| media.payload.len()).sum();
        held + len <= max_bytes && self.len() < MAX_HEADERS
    }

    /// Without the metadata; `None` if there was none. See MSG-12.
    pub(super) fn without_metadata(&self) -> Option<Self> {
        self.metadata()?;
        let mut new = Self { version: self.version + 1, ..self.clone() };
        new.entries.retain(|(role, _)| *role != Role::Metadata);
        Some(new)
    }
}

/// Sixteen tracks of each kind with two headers each.
const MAX_HEADERS: usize = 65;
