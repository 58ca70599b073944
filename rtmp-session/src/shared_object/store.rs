//! A server's side: the objects, who uses them, and who must be told what.

use std::collections::BTreeMap;

use rtmp_amf::{AmfString, Value};

use super::properties::Properties;
use super::{SharedObjectEvent, SharedObjectForm, SharedObjectLimits, SharedObjectMessage};
use crate::code;

/// The shared objects of one application (name spaces are the caller's: one store for each).
///
/// Hand it what clients send, with [`handle`](Self::handle), say when one is gone, with [`leave`](Self::leave), and send
/// the [`Delivery`]s it returns. The server itself may change objects too: [`set`](Self::set), [`remove`](Self::remove),
/// [`clear`](Self::clear), [`send`](Self::send).
///
/// A temporary object ends with its last user. A persistent one stays once somebody has changed it or the server has put it
/// there; until then it ends with its last user too, so that nobody fills the store with names. It is the caller who keeps
/// it beyond the life of the store, from [`properties`](Self::properties) through [`restore`](Self::restore).
///
/// Every count and size is bounded by [`SharedObjectLimits`]; what does not fit is refused with a status. What is not
/// bounded is what waits for a member that does not read: a message of a few bytes may bring the state of an object, and
/// each one reaches all its users. Look at [`queued`](crate::ServerSession::queued) before sending a delivery.
#[derive(Clone, Debug)]
pub struct SharedObjectStore {
    limits: SharedObjectLimits,
    objects: BTreeMap<AmfString, Object>,
}

/// Who uses objects: a number of the caller's, one for each connection, not used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member(pub u64);

/// What a member may do with the object its message names. The caller decides, for each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing; to use the object is refused with `SharedObject.NoReadAccess`.
    None,
    /// Follow it, and send messages; changes are refused with `SharedObject.NoWriteAccess`.
    Read,
    /// Everything.
    ReadWrite,
}

/// A message, and who must get it. Encode it once and send it to each, on the connection's message stream 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The receivers.
    pub to: Vec<Member>,
    /// What they get.
    pub message: SharedObjectMessage,
}

#[derive(Clone, Debug)]
struct Object {
    version: u32,
    persistent: bool,
    /// Somebody who may has changed it, or the server has put it there.
    established: bool,
    properties: Properties,
    /// Each speaks the form it asked in.
    members: BTreeMap<Member, SharedObjectForm>,
}

impl SharedObjectStore {
    /// An empty store.
    pub const fn new(limits: SharedObjectLimits) -> Self {
        Self { limits, objects: BTreeMap::new() }
    }

    /// Takes in a message of `member`, which has this access to the object it names.
    pub fn handle(&mut self, member: Member, message: &SharedObjectMessage, access: Access) -> Vec<Delivery> {
        let mut outcome = Outcome::default();
        for event in &message.events {
            self.handle_event(member, message, event, access, &mut outcome);
        }
        self.deliver(member, message, outcome)
    }

    /// Takes `member` out of every object: its connection is gone.
    pub fn leave(&mut self, member: Member) {
        self.objects.retain(|_, object| {
            object.members.remove(&member);
            object.is_needed()
        });
    }

    /// Puts a persistent object back, as it was before the server was started, or makes a new one. Returns the number
    /// of properties put in: none if there is an object of this name, and fewer than given if they do not fit the limits.
    pub fn restore(
        &mut self,
        name: &str,
        version: u32,
        properties: impl IntoIterator<Item = (AmfString, Value)>,
    ) -> usize {
        let name = AmfString::from(name);
        if self.objects.contains_key(&name) || !self.has_room_for(&name) {
            return 0;
        }
        let room = self.room();
        let mut object = Object { version, established: true, ..Object::new(true) };
        for (key, value) in properties {
            // What does not fit stays out.
            let _ = object.properties.insert(&key, value, self.limits.max_properties, room);
        }
        let count = object.properties.len();
        self.objects.insert(name, object);
        count
    }

    /// Sets a property on behalf of the server. `None` if there is no such object or the value does not fit the limits.
    pub fn set(&mut self, name: &str, key: &str, value: impl Into<Value>) -> Option<Vec<Delivery>> {
        let (key, value) = (AmfString::from(key), value.into());
        self.write(&AmfString::from(name), &key, &value)
            .then(|| self.announce(name, SharedObjectEvent::Change { key, value }))
    }

    /// Removes a property on behalf of the server. `None` if there is none.
    pub fn remove(&mut self, name: &str, key: &str) -> Option<Vec<Delivery>> {
        let object = self.objects.get_mut(&AmfString::from(name))?;
        let key = AmfString::from(key);
        object.remove(&key).then(|| self.announce(name, SharedObjectEvent::Remove { key }))
    }

    /// Removes all properties on behalf of the server. `None` if there is no such object.
    pub fn clear(&mut self, name: &str) -> Option<Vec<Delivery>> {
        let object = self.objects.get_mut(&AmfString::from(name))?;
        object.properties.clear();
        object.changed();
        Some(self.announce(name, SharedObjectEvent::Clear))
    }

    /// Sends a message on behalf of the server to all who use the object.
    pub fn send(&self, name: &str, handler: &str, args: Vec<Value>) -> Vec<Delivery> {
        self.announce(name, SharedObjectEvent::SendMessage { handler: handler.into(), args })
    }

    /// A property of an object.
    pub fn get(&self, name: &str, key: &str) -> Option<&Value> {
        self.objects.get(&AmfString::from(name))?.properties.get(key)
    }

    /// Version and properties of an object, in the order of their keys.
    pub fn properties(&self, name: &str) -> Option<(u32, impl Iterator<Item = (&AmfString, &Value)>)> {
        let object = self.objects.get(&AmfString::from(name))?;
        Some((object.version, object.properties.iter()))
    }

    /// Names of all objects; for the persistent ones `true`.
    pub fn objects(&self) -> impl Iterator<Item = (&AmfString, bool)> {
        self.objects.iter().map(|(name, object)| (name, object.persistent))
    }

    fn handle_event(
        &mut self,
        member: Member,
        message: &SharedObjectMessage,
        event: &SharedObjectEvent,
        access: Access,
        outcome: &mut Outcome,
    ) {
        let name = &message.name;
        if *event == SharedObjectEvent::Use {
            match self.join(member, message, access) {
                Ok(joined) => outcome.welcome(joined),
                Err(code) => outcome.refuse(code),
            }
            return;
        }
        let Some(object) = self.objects.get_mut(name).filter(|object| object.members.contains_key(&member)) else {
            // Not one of its users: nothing it says about the object counts.
            if event.is_request() {
                outcome.refuse(code::SHARED_OBJECT_NO_WRITE_ACCESS);
            }
            return;
        };
        match event {
            SharedObjectEvent::Release => {
                object.members.remove(&member);
                if !object.is_needed() {
                    self.objects.remove(name);
                }
            }
            SharedObjectEvent::SendMessage { .. } => outcome.tell_all(event.clone()),
            _ if event.is_request() && access != Access::ReadWrite => {
                outcome.refuse(code::SHARED_OBJECT_NO_WRITE_ACCESS)
            }
            SharedObjectEvent::RequestChange { key, value } => {
                if self.write(name, key, value) {
                    outcome.for_asker.push(SharedObjectEvent::Success { key: key.clone() });
                    outcome.for_others.push(SharedObjectEvent::Change { key: key.clone(), value: value.clone() });
                } else {
                    outcome.refuse(code::SHARED_OBJECT_NO_WRITE_ACCESS);
                }
            }
            SharedObjectEvent::RequestRemove { key } => {
                let removed = SharedObjectEvent::Remove { key: key.clone() };
                if object.remove(key) {
                    outcome.for_others.push(removed.clone());
                }
                outcome.for_asker.push(removed);
            }
            // What only servers say, from a client, and the unknown (SO-8).
            _ => {}
        }
    }

    /// Makes `member` a user of the object, which comes to be if it was not there. `Ok(false)` if it is one already;
    /// otherwise the code that says why not.
    fn join(&mut self, member: Member, message: &SharedObjectMessage, access: Access) -> Result<bool, &'static str> {
        if access == Access::None {
            return Err(code::SHARED_OBJECT_NO_READ_ACCESS);
        }
        let uses = self.objects.values().filter(|object| object.members.contains_key(&member)).count();
        let may_create = self.has_room_for(&message.name);
        let object = match self.objects.get_mut(&message.name) {
            Some(object) if object.members.contains_key(&member) => return Ok(false),
            _ if uses >= self.limits.max_objects_per_member => return Err(code::SHARED_OBJECT_OBJECT_CREATION_FAILED),
            Some(object) if object.persistent != message.persistent => return Err(code::SHARED_OBJECT_BAD_PERSISTENCE),
            Some(object) => object,
            None if !may_create => return Err(code::SHARED_OBJECT_OBJECT_CREATION_FAILED),
            None => self.objects.entry(message.name.clone()).or_insert_with(|| Object::new(message.persistent)),
        };
        object.members.insert(member, message.form);
        Ok(true)
    }

    /// Sets a property if it fits.
    fn write(&mut self, name: &AmfString, key: &AmfString, value: &Value) -> bool {
        let room = self.room();
        let Some(object) = self.objects.get_mut(name) else { return false };
        let max_bytes = object.properties.bytes() + room;
        let fits = object.properties.insert(key, value.clone(), self.limits.max_properties, max_bytes).is_ok();
        if fits {
            object.changed();
        }
        fits
    }

    /// What the members get when `member` has sent `message`.
    fn deliver(&self, member: Member, message: &SharedObjectMessage, outcome: Outcome) -> Vec<Delivery> {
        let object = self.objects.get(&message.name);
        let mut for_asker = outcome.for_asker;
        let joined = object.filter(|object| object.members.contains_key(&member)).zip(outcome.joined_at);
        if let Some((object, at)) = joined {
            // The state once, as it is after the whole message; the answers behind it lead to the same (SO-5).
            for_asker.splice(at..at, object.introduction());
        }
        let (version, persistent) =
            object.map_or((0, message.persistent), |object| (object.version, object.persistent));
        let to_message =
            |form, events| SharedObjectMessage { name: message.name.clone(), version, persistent, form, events };
        let mut deliveries = Vec::new();
        if !for_asker.is_empty() {
            deliveries.push(Delivery { to: vec![member], message: to_message(message.form, for_asker) });
        }
        if let (Some(object), false) = (object, outcome.for_others.is_empty()) {
            for (form, to) in object.members_by_form(Some(member)) {
                deliveries.push(Delivery { to, message: to_message(form, outcome.for_others.clone()) });
            }
        }
        deliveries
    }

    /// What the members get when the server itself has done something.
    fn announce(&self, name: &str, event: SharedObjectEvent) -> Vec<Delivery> {
        let name = AmfString::from(name);
        let Some(object) = self.objects.get(&name) else { return Vec::new() };
        let (version, persistent) = (object.version, object.persistent);
        let deliver = |(form, to)| {
            let (name, events) = (name.clone(), vec![event.clone()]);
            Delivery { to, message: SharedObjectMessage { name, version, persistent, form, events } }
        };
        object.members_by_form(None).into_iter().map(deliver).collect()
    }

    fn has_room_for(&self, name: &AmfString) -> bool {
        self.objects.len() < self.limits.max_objects && name.len() <= self.limits.max_name_len
    }

    /// Bytes that all properties together may still grow by.
    fn room(&self) -> usize {
        let used: usize = self.objects.values().map(|object| object.properties.bytes()).sum();
        self.limits.max_bytes.saturating_sub(used)
    }
}

impl Object {
    fn new(persistent: bool) -> Self {
        Self { version: 0, persistent, established: false, properties: Properties::default(), members: BTreeMap::new() }
    }

    fn remove(&mut self, key: &AmfString) -> bool {
        let removed = self.properties.remove(key);
        if removed {
            self.changed();
        }
        removed
    }

    fn changed(&mut self) {
        self.version = self.version.wrapping_add(1);
        self.established = true;
    }

    /// What a new user is told, behind the success of its use (SO-5).
    fn introduction(&self) -> Vec<SharedObjectEvent> {
        let mut events = vec![SharedObjectEvent::Clear];
        for (key, value) in self.properties.iter() {
            events.push(SharedObjectEvent::Change { key: key.clone(), value: value.clone() });
        }
        events
    }

    fn members_by_form(&self, except: Option<Member>) -> BTreeMap<SharedObjectForm, Vec<Member>> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for (&member, &form) in self.members.iter().filter(|(member, _)| Some(**member) != except) {
            groups.entry(form).or_default().push(member);
        }
        groups
    }

    fn is_needed(&self) -> bool {
        (self.persistent && self.established) || !self.members.is_empty()
    }
}

/// What one message brings about.
#[derive(Default)]
struct Outcome {
    /// Where in `for_asker` the state belongs, if a member was won.
    joined_at: Option<usize>,
    /// One answer for each request, in their order: a client cannot tell otherwise which was refused.
    for_asker: Vec<SharedObjectEvent>,
    for_others: Vec<SharedObjectEvent>,
}

impl Outcome {
    fn tell_all(&mut self, event: SharedObjectEvent) {
        self.for_asker.push(event.clone());
        self.for_others.push(event);
    }

    fn welcome(&mut self, joined: bool) {
        self.for_asker.push(SharedObjectEvent::UseSuccess);
        if joined {
            self.joined_at = Some(self.for_asker.len());
        }
    }

    fn refuse(&mut self, code: &'static str) {
        self.for_asker.push(SharedObjectEvent::Status { code: code.into(), level: "error".into() });
    }
}
