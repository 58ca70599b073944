//! Shared objects: any message decodes or fails and survives being written; whatever strangers send, those who follow an
//! object see what the store holds.

use super::script::Script;
use bytes::Bytes;
use rtmp_session::amf::{AmfString, Value, amf0};
use rtmp_session::chunk::{ChunkStreamId, Message, MessageType};
use rtmp_session::shared_object::{
    Access, Delivery, Member, SharedObject, SharedObjectForm, SharedObjectLimits, SharedObjectMessage,
    SharedObjectStore,
};

const NAME: &str = "so1";

/// A story: an operation at a time, by followers or by strangers with messages of their own making.
pub fn shared_object(data: &[u8]) {
    let mut script = Script(data);
    let forms = [SharedObjectForm::Amf0, SharedObjectForm::Amf0Wrapped, SharedObjectForm::Amf3];
    let followers = forms.map(|form| SharedObject::new(NAME, false, limits()).form(form));
    let mut world = World { store: SharedObjectStore::new(limits()), followers };
    while !script.is_over() {
        world.step(&mut script);
        world.check();
    }
}

fn limits() -> SharedObjectLimits {
    SharedObjectLimits::default().max_objects(4).max_objects_per_member(2).max_properties(8).max_bytes(4096)
}

struct World {
    store: SharedObjectStore,
    followers: [SharedObject; 3],
}

impl World {
    fn step(&mut self, script: &mut Script<'_>) {
        let (operation, who) = (script.byte(), script.byte());
        let number = usize::from(who % 3);
        let follower = &mut self.followers[number];
        let key = ["a", "b", "c", "d"][usize::from(who >> 6)];
        let message = match operation % 8 {
            0 => follower.connect(),
            1 => follower.close(),
            2 => follower.set(key, f64::from(script.byte())),
            3 => follower.remove(key),
            4 => follower.send("handler", vec![Value::from("text")]),
            _ => return self.strange(operation, who, script),
        };
        let deliveries = self.store.handle(Member(number as u64), &message, Access::ReadWrite);
        self.deliver(deliveries);
    }

    /// A message from somebody who follows nothing.
    fn strange(&mut self, operation: u8, who: u8, script: &mut Script<'_>) {
        let member = Member(10 + u64::from(who % 4));
        if operation == 255 {
            return self.store.leave(member);
        }
        let kind = if operation & 8 == 0 { MessageType::SHARED_OBJECT_AMF0 } else { MessageType::SHARED_OBJECT_AMF3 };
        let length = usize::from(script.short());
        let message = envelope(kind, script.bytes(length));
        let Ok(decoded) = SharedObjectMessage::decode(&message, &limits()) else { return };
        survives(&decoded);
        let access = [Access::None, Access::Read, Access::ReadWrite][usize::from(who >> 4) % 3];
        let deliveries = self.store.handle(member, &decoded, access);
        self.deliver(deliveries);
    }

    fn deliver(&mut self, deliveries: Vec<Delivery>) {
        for Delivery { to, message } in deliveries {
            survives(&message);
            for Member(number) in to {
                if let Some(follower) = self.followers.get_mut(number as usize) {
                    follower.handle(&message).expect("the store sends what followers understand");
                }
            }
        }
    }

    /// Every connected follower sees the store's properties.
    fn check(&self) {
        assert!(self.store.objects().count() <= limits().max_objects);
        for follower in self.followers.iter().filter(|follower| follower.is_connected()) {
            let (_, properties) = self.store.properties(NAME).expect("an object in use exists");
            assert_eq!(bytes_of(follower.iter()), bytes_of(properties));
        }
    }
}

/// Properties in the order of their keys, by their bytes, since NaN is not equal to itself.
fn bytes_of<'a>(properties: impl Iterator<Item = (&'a AmfString, &'a Value)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all: Vec<_> = properties
        .map(|(key, value)| {
            let mut bytes = Vec::new();
            amf0::encode(value, &mut bytes).expect("it came off the wire");
            (key.as_bytes().to_vec(), bytes)
        })
        .collect();
    all.sort();
    all
}

/// Written and read again, a message is the same bytes.
fn survives(message: &SharedObjectMessage) {
    let Ok(written) = message.to_message() else { return };
    let wide = SharedObjectLimits::default().max_message_len(1 << 24).max_events(1 << 16);
    let wide = wide.amf(rtmp_session::amf::AmfLimits::default().max_values(1 << 20).max_bytes(1 << 26).max_depth(256));
    let again = SharedObjectMessage::decode(&written, &wide).expect("we wrote it");
    assert_eq!(again.to_message().expect("it could be written before").payload, written.payload);
}

fn envelope(kind: MessageType, body: &[u8]) -> Message {
    let chunk_stream = ChunkStreamId::new(3).expect("in range");
    Message { kind, stream_id: 0, timestamp: 0, chunk_stream, payload: Bytes::copy_from_slice(body) }
}
