//! A client's view of one object.

use std::collections::VecDeque;

use rtmp_amf::{AmfString, Value};

use super::properties::Properties;
use super::{SharedObjectError, SharedObjectEvent, SharedObjectForm, SharedObjectLimits, SharedObjectMessage};

/// One shared object as a client sees it: the server's properties, without delay or guess of its own. What this client
/// asks for shows when the server has said yes (SO-6).
///
/// The verbs make messages; send them on message stream 0. Hand what comes back to [`handle`](Self::handle).
#[derive(Clone, Debug)]
pub struct SharedObject {
    name: AmfString,
    persistent: bool,
    form: SharedObjectForm,
    limits: SharedObjectLimits,
    version: u32,
    is_connected: bool,
    properties: Properties,
    /// Asked for and not yet answered, in order. Its length is this program's own doing.
    pending: VecDeque<Request>,
}

#[derive(Clone, Debug)]
enum Request {
    Connect,
    Set {
        key: AmfString,
        value: Value,
    },
    Remove {
        key: AmfString,
    },
    /// One of these, asked for before a [`SharedObject::close`]: it will still be answered, but does not count any more.
    Void {
        answer: Answer,
    },
}

/// What a request is answered with, unless refused.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    UseSuccess,
    Success(AmfString),
    Remove(AmfString),
}

/// What a message has changed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub enum SharedObjectUpdate {
    /// The server lets this client use the object; its properties follow.
    Connected,
    /// A property was set, by another client or by the server.
    Changed(AmfString),
    /// A property was set as this client asked.
    Accepted(AmfString),
    /// A property was removed.
    Removed(AmfString),
    /// All properties were removed.
    Cleared,
    /// A message to all who use the object.
    Message {
        /// The function that shall handle it.
        handler: AmfString,
        /// What it is given.
        args: Vec<Value>,
    },
    /// The server refuses something, or reports. With level `error` it answers the oldest request without an answer, which
    /// is given up: a status does not say which it means, but answers come in order.
    Status {
        /// Such as `SharedObject.NoWriteAccess`. See ST-5.
        code: AmfString,
        /// `status`, `warning` or `error`.
        level: AmfString,
    },
}

impl SharedObject {
    /// An object that is not in use yet; send what [`connect`](Self::connect) returns. A persistent one outlives its users.
    pub fn new(name: &str, persistent: bool, limits: SharedObjectLimits) -> Self {
        Self {
            name: name.into(),
            persistent,
            form: SharedObjectForm::default(),
            limits,
            version: 0,
            is_connected: false,
            properties: Properties::default(),
            pending: VecDeque::new(),
        }
    }

    /// Sets how messages are put on the wire: default AMF0 in type 19.
    #[must_use]
    pub fn form(mut self, form: SharedObjectForm) -> Self {
        self.form = form;
        self
    }

    /// Asks to use the object.
    pub fn connect(&mut self) -> SharedObjectMessage {
        self.pending.push_back(Request::Connect);
        self.message(SharedObjectEvent::Use)
    }

    /// Stops using it. The properties are forgotten.
    pub fn close(&mut self) -> SharedObjectMessage {
        self.is_connected = false;
        self.properties.clear();
        for request in &mut self.pending {
            *request = Request::Void { answer: request.answer() };
        }
        self.message(SharedObjectEvent::Release)
    }

    /// Asks to set a property.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> SharedObjectMessage {
        let (key, value) = (AmfString::from(key), value.into());
        self.pending.push_back(Request::Set { key: key.clone(), value: value.clone() });
        self.message(SharedObjectEvent::RequestChange { key, value })
    }

    /// Asks to remove a property.
    pub fn remove(&mut self, key: &str) -> SharedObjectMessage {
        let key = AmfString::from(key);
        self.pending.push_back(Request::Remove { key: key.clone() });
        self.message(SharedObjectEvent::RequestRemove { key })
    }

    /// Sends a message to all who use the object, this client included.
    pub fn send(&self, handler: &str, args: Vec<Value>) -> SharedObjectMessage {
        self.message(SharedObjectEvent::SendMessage { handler: handler.into(), args })
    }

    /// Takes in a message of the server. One for another object changes nothing.
    ///
    /// # Errors
    /// When the server sends more than the limits allow. What came before in the message has taken effect.
    pub fn handle(&mut self, message: &SharedObjectMessage) -> Result<Vec<SharedObjectUpdate>, SharedObjectError> {
        let mut updates = Vec::new();
        if message.name != self.name {
            return Ok(updates);
        }
        self.version = message.version; // The server's figure counts (SO-9).
        for event in &message.events {
            updates.extend(self.handle_event(event)?);
        }
        Ok(updates)
    }

    /// A property.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.properties.get(key)
    }

    /// All properties, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&AmfString, &Value)> {
        self.properties.iter()
    }

    /// Name of the object.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's version of the object, as of the last message.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Has the server let this client use it?
    pub const fn is_connected(&self) -> bool {
        self.is_connected
    }

    fn handle_event(&mut self, event: &SharedObjectEvent) -> Result<Option<SharedObjectUpdate>, SharedObjectError> {
        Ok(Some(match event {
            SharedObjectEvent::UseSuccess => {
                if let Some(Request::Void { .. }) = self.answered(&Answer::UseSuccess) {
                    return Ok(None);
                }
                self.is_connected = true;
                SharedObjectUpdate::Connected
            }
            SharedObjectEvent::Clear => {
                self.properties.clear();
                SharedObjectUpdate::Cleared
            }
            SharedObjectEvent::Change { key, value } => {
                self.write(key, value.clone())?;
                SharedObjectUpdate::Changed(key.clone())
            }
            SharedObjectEvent::Success { key } => {
                let Some(Request::Set { key, value }) = self.answered(&Answer::Success(key.clone())) else {
                    return Ok(None);
                };
                self.write(&key, value)?;
                SharedObjectUpdate::Accepted(key)
            }
            SharedObjectEvent::Remove { key } => {
                // Ours or another client's: only the oldest request can be meant.
                let answer = Answer::Remove(key.clone());
                if self.pending.front().is_some_and(|request| request.answer() == answer) {
                    self.pending.pop_front();
                }
                self.properties.remove(key);
                SharedObjectUpdate::Removed(key.clone())
            }
            SharedObjectEvent::SendMessage { handler, args } => {
                SharedObjectUpdate::Message { handler: handler.clone(), args: args.clone() }
            }
            SharedObjectEvent::Status { code, level } => {
                // What is said of saving to a disk answers none of ours (ST-5).
                if level == "error" && !code.starts_with("SharedObject.Flush.") {
                    self.pending.pop_front();
                }
                SharedObjectUpdate::Status { code: code.clone(), level: level.clone() }
            }
            // What only clients say, from a server, and the unknown (SO-8).
            _ => return Ok(None),
        }))
    }

    /// The oldest request that waits for this answer. Those before it were passed over by the server.
    fn answered(&mut self, answer: &Answer) -> Option<Request> {
        let index = self.pending.iter().position(|request| request.answer() == *answer)?;
        self.pending.drain(..=index).next_back()
    }

    fn write(&mut self, key: &AmfString, value: Value) -> Result<(), SharedObjectError> {
        let limits = &self.limits;
        self.properties.insert(key, value, limits.max_properties, limits.max_bytes).map_err(|_| {
            if self.properties.len() >= limits.max_properties {
                let (value, max) = (self.properties.len() + 1, limits.max_properties);
                SharedObjectError::Limit { what: "properties of a shared object", value, max }
            } else {
                let (value, max) = (self.properties.bytes(), limits.max_bytes);
                SharedObjectError::Limit { what: "bytes of a shared object with the next property", value, max }
            }
        })
    }

    fn message(&self, event: SharedObjectEvent) -> SharedObjectMessage {
        SharedObjectMessage {
            name: self.name.clone(),
            version: self.version,
            persistent: self.persistent,
            form: self.form,
            events: vec![event],
        }
    }
}

impl Request {
    fn answer(&self) -> Answer {
        match self {
            Self::Connect => Answer::UseSuccess,
            Self::Set { key, .. } => Answer::Success(key.clone()),
            Self::Remove { key } => Answer::Remove(key.clone()),
            Self::Void { answer } => answer.clone(),
        }
    }
}
