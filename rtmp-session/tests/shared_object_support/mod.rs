//! Messages of shared objects, and a store to hand them to.
#![allow(dead_code, reason = "each test program uses a part of it")]

use bytes::Bytes;
use proptest::prelude::*;
use rtmp_session::amf::{AmfString, Object, Value};
use rtmp_session::chunk::{ChunkStreamId, Message, MessageType};
use rtmp_session::shared_object::*;

pub(crate) fn vector(id: &str) -> Bytes {
    crate::support::vector(id).into()
}

pub(crate) fn wire(kind: MessageType, payload: impl Into<Bytes>) -> Message {
    Message { kind, stream_id: 0, timestamp: 0, chunk_stream: ChunkStreamId::COMMAND, payload: payload.into() }
}

pub(crate) fn decode(payload: impl Into<Bytes>) -> Result<SharedObjectMessage, SharedObjectError> {
    SharedObjectMessage::decode(&wire(MessageType::SHARED_OBJECT_AMF0, payload), &SharedObjectLimits::default())
}

pub(crate) fn so1(version: u32, events: Vec<SharedObjectEvent>) -> SharedObjectMessage {
    SharedObjectMessage { name: "so1".into(), version, persistent: false, form: SharedObjectForm::Amf0, events }
}

pub(crate) fn change(key: &str, value: impl Into<Value>) -> SharedObjectEvent {
    SharedObjectEvent::Change { key: key.into(), value: value.into() }
}

pub(crate) fn request(key: &str, value: impl Into<Value>) -> SharedObjectEvent {
    SharedObjectEvent::RequestChange { key: key.into(), value: value.into() }
}

pub(crate) fn status(code: &str) -> SharedObjectEvent {
    SharedObjectEvent::Status { code: code.into(), level: "error".into() }
}

pub(crate) const ALICE: Member = Member(1);
pub(crate) const BOB: Member = Member(2);

pub(crate) fn store() -> SharedObjectStore {
    SharedObjectStore::new(SharedObjectLimits::default())
}

pub(crate) fn handle(store: &mut SharedObjectStore, member: Member, events: Vec<SharedObjectEvent>) -> Vec<Delivery> {
    store.handle(member, &so1(0, events), Access::ReadWrite)
}

/// What `member` gets of these deliveries.
pub(crate) fn gets(deliveries: &[Delivery], member: Member) -> Vec<SharedObjectEvent> {
    deliveries.iter().filter(|d| d.to.contains(&member)).flat_map(|d| d.message.events.clone()).collect()
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::Undefined),
        any::<bool>().prop_map(Value::Boolean),
        (-1e9..1e9).prop_map(Value::Number),
        "[a-z]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,5}", inner), 0..4)
                .prop_map(|entries| Value::from(entries.into_iter().fold(Object::new(), |o, (k, v)| o.with(k, v)))),
        ]
    })
}

pub(crate) fn event() -> impl Strategy<Value = SharedObjectEvent> {
    let key = || "[a-d]".prop_map(AmfString::from);
    prop_oneof![
        Just(SharedObjectEvent::Use),
        Just(SharedObjectEvent::Release),
        Just(SharedObjectEvent::Clear),
        Just(SharedObjectEvent::UseSuccess),
        (key(), value()).prop_map(|(key, value)| SharedObjectEvent::RequestChange { key, value }),
        (key(), value()).prop_map(|(key, value)| SharedObjectEvent::Change { key, value }),
        key().prop_map(|key| SharedObjectEvent::Success { key }),
        key().prop_map(|key| SharedObjectEvent::Remove { key }),
        key().prop_map(|key| SharedObjectEvent::RequestRemove { key }),
        (key(), prop::collection::vec(value(), 0..3))
            .prop_map(|(handler, args)| SharedObjectEvent::SendMessage { handler, args }),
        (key(), key()).prop_map(|(code, level)| SharedObjectEvent::Status { code, level }),
        (12..=255_u8, prop::collection::vec(any::<u8>(), 0..9))
            .prop_map(|(kind, data)| SharedObjectEvent::Unknown { kind, data: data.into() }),
    ]
}
