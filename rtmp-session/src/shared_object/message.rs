//! The message that carries events: types 16 and 19.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use rtmp_amf::{AmfEncodeError, AmfString, amf3::ExternalReader};
use rtmp_chunk::{ChunkStreamId, Message, MessageType};

use super::event::{put_text, take_text};
use super::{SharedObjectError, SharedObjectEvent, SharedObjectLimits};
use crate::ExternalClasses;

/// A shared object message: a name, and what happens to the object of that name. See SO-1.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedObjectMessage {
    /// Name of the object.
    pub name: AmfString,
    /// Version of the object: the server's figure, which grows with every change (SO-9).
    pub version: u32,
    /// Does the object outlive its users?
    pub persistent: bool,
    /// How it is, or was, put on the wire.
    pub form: SharedObjectForm,
    /// What happens.
    pub events: Vec<SharedObjectEvent>,
}

/// Message type and format of the values. See SO-1, SO-3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharedObjectForm {
    /// Type 19, AMF0 values.
    #[default]
    Amf0,
    /// Type 16 with selector 0: AMF0 values, and AMF3 ones behind their marker.
    Amf0Wrapped,
    /// Type 16 with selector 3: AMF3 values.
    Amf3,
}

impl SharedObjectMessage {
    /// Reads a message of type 16 or 19.
    ///
    /// # Errors
    /// When it is neither, is cut off, holds a value that cannot be read, or passes a limit.
    pub fn decode(message: &Message, limits: &SharedObjectLimits) -> Result<Self, SharedObjectError> {
        Self::decode_with(message, limits, &ExternalClasses::default())
    }

    /// The same, with externalizable objects of one's own classes in it.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_with(
        message: &Message,
        limits: &SharedObjectLimits,
        external: &dyn ExternalReader,
    ) -> Result<Self, SharedObjectError> {
        let mut body = message.payload.clone();
        SharedObjectError::check("length of a shared object message", body.len(), limits.max_message_len)?;
        let form = match message.kind {
            MessageType::SHARED_OBJECT_AMF0 => SharedObjectForm::Amf0,
            MessageType::SHARED_OBJECT_AMF3 => take_selector(&mut body)?,
            other => return Err(SharedObjectError::Kind(other)),
        };
        let mut rest = &body[..];
        let name = take_text(&mut rest, "the name")?;
        SharedObjectError::check("length of a shared object's name", name.len(), limits.max_name_len)?;
        let Some((&[v0, v1, v2, v3, f0, f1, f2, f3, ..], _)) = rest.split_first_chunk::<12>() else {
            return Err(SharedObjectError::Cut { what: "version and flags" });
        };
        body.advance(body.len() - rest.len() + 12);
        Ok(Self {
            name,
            version: u32::from_be_bytes([v0, v1, v2, v3]),
            persistent: u32::from_be_bytes([f0, f1, f2, f3]) & PERSISTENT != 0,
            form,
            events: decode_events(body, form, limits, external)?,
        })
    }

    /// The message to send: message stream 0, chunk stream 3 (SO-10).
    ///
    /// # Errors
    /// When a name, key or value has no wire format, such as a key longer than 65 535 bytes.
    pub fn to_message(&self) -> Result<Message, AmfEncodeError> {
        let mut body = BytesMut::new();
        match self.form {
            SharedObjectForm::Amf0 => {}
            SharedObjectForm::Amf0Wrapped => body.put_u8(0),
            SharedObjectForm::Amf3 => body.put_u8(3),
        }
        put_text(&self.name, &mut body)?;
        body.put_u32(self.version);
        body.put_u32(if self.persistent { PERSISTENT } else { 0 });
        body.put_u32(0);
        for event in &self.events {
            body.put_u8(event.kind());
            let start = body.len();
            body.put_u32(0);
            event.encode_data(self.form, &mut body)?;
            // A message is at most 16 MiB, which whoever sends it checks.
            let len = (body.len() - start - 4) as u32;
            body[start..start + 4].copy_from_slice(&len.to_be_bytes());
        }
        let kind = match self.form {
            SharedObjectForm::Amf0 => MessageType::SHARED_OBJECT_AMF0,
            SharedObjectForm::Amf0Wrapped | SharedObjectForm::Amf3 => MessageType::SHARED_OBJECT_AMF3,
        };
        let payload = body.freeze();
        Ok(Message { kind, stream_id: 0, timestamp: 0, chunk_stream: ChunkStreamId::COMMAND, payload })
    }
}

/// The byte in front of everything else in type 16 (SO-3).
fn take_selector(body: &mut Bytes) -> Result<SharedObjectForm, SharedObjectError> {
    if body.is_empty() {
        return Err(SharedObjectError::Cut { what: "the selector byte" });
    }
    match body.get_u8() {
        0 => Ok(SharedObjectForm::Amf0Wrapped),
        3 => Ok(SharedObjectForm::Amf3),
        other => Err(SharedObjectError::Selector(other)),
    }
}

fn decode_events(
    mut body: Bytes,
    form: SharedObjectForm,
    limits: &SharedObjectLimits,
    external: &dyn ExternalReader,
) -> Result<Vec<SharedObjectEvent>, SharedObjectError> {
    let mut events = Vec::new();
    while !body.is_empty() {
        let Some(&[kind, l0, l1, l2, l3]) = body.first_chunk() else {
            return Err(SharedObjectError::Cut { what: "the head of an event" });
        };
        body.advance(5);
        let len = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if len > body.len() {
            return Err(SharedObjectError::Cut { what: "the data of an event" });
        }
        let data = body.split_to(len);
        SharedObjectEvent::decode(kind, &data, form, &limits.amf, external, |event| {
            events.push(event);
            SharedObjectError::check("events in a shared object message", events.len(), limits.max_events)
        })?;
    }
    Ok(events)
}

/// Bit of the flags field (SO-1).
const PERSISTENT: u32 = 2;
