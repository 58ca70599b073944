//! The message streams of one connection and what happens on them.

use core::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{MediaKind, StreamId};

/// Streams by number on the wire. There are few, so lists are searched.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    slots: Vec<Slot>,
    handles: u64,
}

/// A message stream that `createStream` handed out.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Number on the wire.
    pub(crate) number: u32,
    pub(crate) active: Option<Active>,
}

/// A publish or play, from its request on.
pub(crate) struct Active {
    pub(crate) id: StreamId,
    /// Of its name as the client wrote it, query and all: it names the stream so later too.
    name: Fingerprint,
    pub(crate) role: Role,
}

/// Hides the name: it is often a key.
impl fmt::Debug for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Active").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Tells names apart in eight bytes: with their queries they may be as long as a command. A client that finds two names
/// with one fingerprint confuses its own streams and nobody else's.
#[derive(Clone, Copy, PartialEq)]
struct Fingerprint(u64);

impl Fingerprint {
    fn of(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self(hasher.finish())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    /// The program has not answered yet.
    AsksToPublish,
    AsksToPlay,
    Publishes,
    Plays(Player),
}

/// What a player wants to get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Player {
    pub(crate) paused: bool,
    pub(crate) audio: bool,
    pub(crate) video: bool,
}

impl Player {
    pub(crate) const fn new() -> Self {
        Self { paused: false, audio: true, video: true }
    }

    pub(crate) const fn wants(self, kind: MediaKind) -> bool {
        match kind {
            MediaKind::Audio => self.audio && !self.paused,
            MediaKind::Video => self.video && !self.paused,
            MediaKind::Data => true,
        }
    }
}

impl Streams {
    /// A new message stream: the smallest free number from 1 on (CMD-27), so that a client that starts anew gets the
    /// number that ready-made images of messages are addressed to.
    pub(crate) fn create(&mut self, max: usize) -> Option<u32> {
        if self.slots.len() >= max {
            return None;
        }
        let number = (1..).find(|number| self.slots.iter().all(|slot| slot.number != *number))?;
        self.slots.push(Slot { number, active: None });
        Some(number)
    }

    /// Removes a message stream; gives back what happened on it.
    pub(crate) fn delete(&mut self, number: u32) -> Option<Active> {
        let at = self.slots.iter().position(|slot| slot.number == number)?;
        self.slots.swap_remove(at).active
    }

    /// Something begins on a message stream. Gives back its handle, and what it takes the place of.
    pub(crate) fn begin(&mut self, number: u32, name: &str, role: Role) -> Option<(StreamId, Option<Active>)> {
        self.handles += 1;
        let id = StreamId(self.handles);
        let slot = self.slots.iter_mut().find(|slot| slot.number == number)?;
        Some((id, slot.active.replace(Active { id, name: Fingerprint::of(name), role })))
    }

    /// It is over; the message stream stays.
    pub(crate) fn end(&mut self, id: StreamId) -> Option<(u32, Active)> {
        let slot = self.slots.iter_mut().find(|slot| slot.active.as_ref().is_some_and(|active| active.id == id))?;
        Some((slot.number, slot.active.take()?))
    }

    /// Its number on the wire, and the thing itself.
    pub(crate) fn get(&mut self, id: StreamId) -> Option<(u32, &mut Active)> {
        self.slots.iter_mut().find_map(|slot| {
            let number = slot.number;
            slot.active.as_mut().filter(|active| active.id == id).map(|active| (number, active))
        })
    }

    pub(crate) fn number(&self, id: StreamId) -> Option<u32> {
        let has = |slot: &&Slot| slot.active.as_ref().is_some_and(|active| active.id == id);
        self.slots.iter().find(has).map(|slot| slot.number)
    }

    pub(crate) fn role(&self, id: StreamId) -> Option<Role> {
        let active = |slot: &Slot| slot.active.as_ref().filter(|active| active.id == id).map(|active| active.role);
        self.slots.iter().find_map(active)
    }

    pub(crate) fn exists(&self, number: u32) -> bool {
        self.slots.iter().any(|slot| slot.number == number)
    }

    pub(crate) fn on(&mut self, number: u32) -> Option<&mut Active> {
        self.slots.iter_mut().find(|slot| slot.number == number)?.active.as_mut()
    }

    /// The message stream of a name, as the client wrote it.
    pub(crate) fn named(&self, name: &str) -> Option<u32> {
        let name = Fingerprint::of(name);
        let has = |slot: &&Slot| slot.active.as_ref().is_some_and(|active| active.name == name);
        self.slots.iter().find(has).map(|slot| slot.number)
    }

    /// The publisher that media on a message stream belongs to. node-media-server sends all on 0: it means the only one.
    pub(crate) fn publisher(&self, number: u32) -> Option<StreamId> {
        let mut publishers = self.slots.iter().filter_map(|slot| {
            let active = slot.active.as_ref().filter(|active| active.role == Role::Publishes)?;
            (number == 0 || slot.number == number).then_some(active.id)
        });
        let first = publishers.next()?;
        publishers.next().is_none().then_some(first)
    }

    pub(crate) fn any_publishes(&self) -> bool {
        self.slots.iter().any(|slot| slot.active.as_ref().is_some_and(|active| active.role == Role::Publishes))
    }

    /// Everything that happens, gone.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = StreamId> + '_ {
        self.slots.drain(..).filter_map(|slot| slot.active).map(|active| active.id)
    }
}
