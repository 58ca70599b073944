//! Shared objects: wire format, store and follower, and what a hostile peer can make of them.

mod support;

use bytes::Bytes;
use proptest::prelude::*;
use rtmp_session::amf::{AmfError, AmfString, Object, Value};
use rtmp_session::chunk::{ChunkStreamId, Message, MessageType};
use rtmp_session::shared_object::*;

fn vector(id: &str) -> Bytes {
    support::vector(id).into()
}

fn wire(kind: MessageType, payload: impl Into<Bytes>) -> Message {
    Message { kind, stream_id: 0, timestamp: 0, chunk_stream: ChunkStreamId::COMMAND, payload: payload.into() }
}

fn decode(payload: impl Into<Bytes>) -> Result<SharedObjectMessage, SharedObjectError> {
    SharedObjectMessage::decode(&wire(MessageType::SHARED_OBJECT_AMF0, payload), &SharedObjectLimits::default())
}

fn so1(version: u32, events: Vec<SharedObjectEvent>) -> SharedObjectMessage {
    SharedObjectMessage { name: "so1".into(), version, persistent: false, form: SharedObjectForm::Amf0, events }
}

fn change(key: &str, value: impl Into<Value>) -> SharedObjectEvent {
    SharedObjectEvent::Change { key: key.into(), value: value.into() }
}

fn request(key: &str, value: impl Into<Value>) -> SharedObjectEvent {
    SharedObjectEvent::RequestChange { key: key.into(), value: value.into() }
}

fn status(code: &str) -> SharedObjectEvent {
    SharedObjectEvent::Status { code: code.into(), level: "error".into() }
}

/// A vector reads as `message`, and `message` is written as the vector.
fn check(id: &str, message: SharedObjectMessage) {
    assert_eq!(decode(vector(id)).as_ref(), Ok(&message), "{id}");
    let written = message.to_message().unwrap();
    assert_eq!((written.kind, written.payload), (MessageType::SHARED_OBJECT_AMF0, vector(id)), "{id}");
}

#[test]
fn v_so_01_so_01_use() {
    check("V-SO-01", so1(0, vec![SharedObjectEvent::Use]));
}

#[test]
fn v_so_02_use_success_and_clear() {
    check("V-SO-02", so1(1, vec![SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear]));
}

#[test]
fn v_so_03_request_change() {
    check("V-SO-03", so1(1, vec![request("x", 1)]));
}

#[test]
fn v_so_04_success() {
    check("V-SO-04", so1(2, vec![SharedObjectEvent::Success { key: "x".into() }]));
}

#[test]
fn v_so_05_change() {
    check("V-SO-05", so1(2, vec![change("x", 1)]));
}

#[test]
fn v_so_06_send_message() {
    let event = SharedObjectEvent::SendMessage { handler: "hello".into(), args: vec![5.into()] };
    check("V-SO-06", so1(2, vec![event]));
}

#[test]
fn v_so_07_persistent_status() {
    let message = SharedObjectMessage { persistent: true, ..so1(2, vec![status("SharedObject.NoWriteAccess")]) };
    check("V-SO-07", message);
}

#[test]
fn v_so_08_request_remove() {
    check("V-SO-08", so1(3, vec![SharedObjectEvent::RequestRemove { key: "x".into() }]));
}

#[test]
fn v_so_09_remove() {
    check("V-SO-09", so1(3, vec![SharedObjectEvent::Remove { key: "x".into() }]));
}

#[test]
fn so_01_one_bit_of_the_flags_says_persistent() {
    for (flags, persistent) in [(0_u32, false), (1, false), (2, true), (3, true), (4, false), (1 << 31, false)] {
        let mut body = vector("V-SO-01").to_vec();
        body[9..13].copy_from_slice(&flags.to_be_bytes());
        assert_eq!(decode(body).unwrap().persistent, persistent, "flags {flags:#x}");
    }
}

#[test]
fn so_02_an_event_longer_than_the_message_is_refused() {
    let whole = vector("V-SO-03");
    for len in 0..whole.len() {
        match decode(whole.slice(..len)) {
            // The head alone is a message without events.
            Ok(message) => assert_eq!((len, message.events.len()), (17, 0)),
            Err(SharedObjectError::Cut { .. }) => assert_ne!(len, 17),
            Err(other) => panic!("{len}: {other}"),
        }
    }
    let mut huge = whole.to_vec();
    huge[18..22].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(decode(huge), Err(SharedObjectError::Cut { what: "the data of an event" }));
}

#[test]
fn so_03_type_16_has_a_selector_and_its_values() {
    let decode = |payload: Vec<u8>| {
        SharedObjectMessage::decode(&wire(MessageType::SHARED_OBJECT_AMF3, payload), &SharedObjectLimits::default())
    };
    let with = |selector: u8| [&[selector], &vector("V-SO-03")[..]].concat();
    let read = decode(with(0)).unwrap();
    assert_eq!((read.form, &read.events[..]), (SharedObjectForm::Amf0Wrapped, &[request("x", 1)][..]));
    assert_eq!(read.to_message().unwrap().payload, with(0));
    // An AMF3 integer behind its marker in the wrapped form, and bare in the other.
    let mut marked = with(0);
    marked.splice(19..23, [0, 0, 0, 6]);
    marked.truncate(26);
    marked.extend_from_slice(&[0x11, 0x04, 0x01]);
    let read = decode(marked).unwrap();
    let SharedObjectEvent::RequestChange { value, .. } = &read.events[0] else { panic!("{read:?}") };
    assert_eq!(value.as_i64(), Some(1));
    let message = SharedObjectMessage { form: SharedObjectForm::Amf3, ..so1(1, vec![request("x", Value::Integer(1))]) };
    let written = message.to_message().unwrap();
    assert_eq!(written.payload[0], 3);
    assert!(written.payload.ends_with(&[0, 1, b'x', 0x04, 0x01]));
    assert_eq!(decode(written.payload.to_vec()), Ok(message));
    assert_eq!(decode(with(7)), Err(SharedObjectError::Selector(7)));
    assert_eq!(decode(vec![]), Err(SharedObjectError::Cut { what: "the selector byte" }));
}

#[test]
fn so_04_several_pairs_may_follow_one_another_in_a_change() {
    let mut body = vector("V-SO-05").to_vec();
    body.extend_from_slice(&[0, 1, b'y', 5]);
    body[21] += 4;
    assert_eq!(decode(body).unwrap().events, [change("x", 1), change("y", Value::Null)]);
}

#[test]
fn so_04_a_message_without_a_handler_is_refused() {
    let mut body = vector("V-SO-01").to_vec();
    body[17] = 6;
    assert_eq!(decode(body), Err(SharedObjectError::NoHandler));
}

#[test]
fn so_08_unknown_events_are_skipped_by_their_length() {
    let mut body = vector("V-SO-01").to_vec();
    body.extend_from_slice(&[99, 0, 0, 0, 2, 1, 2, 2, 0, 0, 0, 0]);
    let unknown = SharedObjectEvent::Unknown { kind: 99, data: vec![1, 2].into() };
    let expected = vec![SharedObjectEvent::Use, unknown, SharedObjectEvent::Release];
    let message = decode(body.clone()).unwrap();
    assert_eq!(message.events, expected);
    assert_eq!(message.to_message().unwrap().payload, body);
}

// ---- the store ----

const ALICE: Member = Member(1);
const BOB: Member = Member(2);

fn store() -> SharedObjectStore {
    SharedObjectStore::new(SharedObjectLimits::default())
}

fn handle(store: &mut SharedObjectStore, member: Member, events: Vec<SharedObjectEvent>) -> Vec<Delivery> {
    store.handle(member, &so1(0, events), Access::ReadWrite)
}

/// What `member` gets of these deliveries.
fn gets(deliveries: &[Delivery], member: Member) -> Vec<SharedObjectEvent> {
    deliveries.iter().filter(|d| d.to.contains(&member)).flat_map(|d| d.message.events.clone()).collect()
}

#[test]
fn so_05_a_new_user_is_told_the_present_state() {
    let mut store = store();
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear]);
    handle(&mut store, ALICE, vec![request("b", "two"), request("a", 1)]);
    let told = handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let expected = [SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear, change("a", 1), change("b", "two")];
    assert_eq!(gets(&told, BOB), expected);
    assert!(gets(&told, ALICE).is_empty());
}

#[test]
fn so_05_the_state_comes_once_however_often_it_is_asked_for() {
    let mut store = store();
    let used = SharedObjectEvent::UseSuccess;
    let state = SharedObjectEvent::Clear;
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use, SharedObjectEvent::Use]);
    assert_eq!(gets(&told, ALICE), [used.clone(), state.clone(), used.clone()]);
    assert_eq!(gets(&handle(&mut store, ALICE, vec![SharedObjectEvent::Use]), ALICE), std::slice::from_ref(&used));
    let flapping = (0..100).flat_map(|_| [SharedObjectEvent::Release, SharedObjectEvent::Use]).collect();
    let told = gets(&handle(&mut store, ALICE, flapping), ALICE);
    assert_eq!((told.len(), told.iter().filter(|event| **event == state).count()), (101, 1));
}

#[test]
fn so_06_success_to_the_asker_and_change_to_all_others() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let told = handle(&mut store, ALICE, vec![request("x", 1)]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::Success { key: "x".into() }]);
    assert_eq!(gets(&told, BOB), [change("x", 1)]);
    let told = handle(&mut store, BOB, vec![SharedObjectEvent::RequestRemove { key: "x".into() }]);
    let removed = [SharedObjectEvent::Remove { key: "x".into() }];
    assert_eq!((gets(&told, ALICE), gets(&told, BOB)), (removed.to_vec(), removed.to_vec()));
    assert_eq!(store.get("so1", "x"), None);
}

#[test]
fn so_06_st_05_what_is_not_allowed_gets_a_status() {
    let mut store = store();
    let told = store.handle(ALICE, &so1(0, vec![SharedObjectEvent::Use]), Access::None);
    assert_eq!(gets(&told, ALICE), [status("SharedObject.NoReadAccess")]);
    store.handle(ALICE, &so1(0, vec![SharedObjectEvent::Use]), Access::Read);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let told = store.handle(ALICE, &so1(0, vec![request("x", 1), request("y", 1)]), Access::Read);
    assert_eq!(gets(&told, ALICE), vec![status("SharedObject.NoWriteAccess"); 2], "an answer to each request");
    assert!(gets(&told, BOB).is_empty());
    let told = handle(&mut store, Member(3), vec![request("x", 1)]);
    assert_eq!(gets(&told, Member(3)), [status("SharedObject.NoWriteAccess")], "only users may change it");
    let persistent = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = store.handle(Member(3), &persistent, Access::ReadWrite);
    assert_eq!(gets(&told, Member(3)), [status("SharedObject.BadPersistence")]);
}

#[test]
fn so_07_messages_reach_all_users_the_sender_included() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let hello = SharedObjectEvent::SendMessage { handler: "hello".into(), args: vec![5.into()] };
    let told = handle(&mut store, ALICE, vec![hello.clone()]);
    assert_eq!((gets(&told, ALICE), gets(&told, BOB)), (vec![hello.clone()], vec![hello.clone()]));
    assert!(handle(&mut store, Member(3), vec![hello]).is_empty(), "only users may send");
}

#[test]
fn so_08_a_servers_events_from_a_client_are_ignored() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use, request("x", 1)]);
    let events = vec![
        SharedObjectEvent::Clear,
        change("x", 2),
        SharedObjectEvent::Remove { key: "x".into() },
        SharedObjectEvent::UseSuccess,
        status("SharedObject.NoWriteAccess"),
        SharedObjectEvent::Unknown { kind: 77, data: Bytes::new() },
    ];
    assert!(handle(&mut store, ALICE, events).is_empty());
    assert_eq!(store.get("so1", "x"), Some(&1.into()));
}

#[test]
fn so_09_the_version_grows_with_every_accepted_change() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    let told = handle(&mut store, ALICE, vec![request("x", 1)]);
    assert_eq!(told[0].message.version, 1);
    let told = handle(&mut store, ALICE, vec![request("x", 2), request("y", 2)]);
    assert_eq!(told[0].message.version, 3);
    store.handle(ALICE, &so1(0, vec![request("x", 3)]), Access::Read);
    assert_eq!(store.properties("so1").unwrap().0, 3, "a refused change does not count");
}

#[test]
fn so_09_the_version_grows_when_properties_are_removed() {
    let mut store = store();
    let version = |told: &[Delivery]| told[0].message.version;
    let remove = |key: &str| SharedObjectEvent::RequestRemove { key: key.into() };
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use, request("x", 1), request("y", 1)]);
    assert_eq!(version(&told), 2);
    assert_eq!(version(&handle(&mut store, ALICE, vec![remove("x")])), 3, "by a client");
    assert_eq!(version(&handle(&mut store, ALICE, vec![remove("x")])), 3, "there was none");
    assert_eq!(version(&store.remove("so1", "y").unwrap()), 4, "by the server");
    assert_eq!(version(&store.clear("so1").unwrap()), 5);
    assert_eq!(version(&store.set("so1", "x", 1).unwrap()), 6);
    assert_eq!(store.properties("so1").unwrap().0, 6);
}

#[test]
fn a_temporary_object_ends_with_its_last_user_and_a_persistent_one_stays() {
    for persistent in [false, true] {
        let mut store = store();
        let message = SharedObjectMessage { persistent, ..so1(0, vec![SharedObjectEvent::Use, request("x", 1)]) };
        store.handle(ALICE, &message, Access::ReadWrite);
        store.handle(
            BOB,
            &SharedObjectMessage { persistent, ..so1(0, vec![SharedObjectEvent::Use]) },
            Access::ReadWrite,
        );
        store.leave(ALICE);
        assert_eq!(store.get("so1", "x"), Some(&1.into()));
        handle(&mut store, BOB, vec![SharedObjectEvent::Release]);
        assert_eq!(store.get("so1", "x").is_some(), persistent);
        assert_eq!(store.objects().count(), usize::from(persistent));
    }
}

#[test]
fn so_10_a_persistent_object_that_was_only_asked_for_goes_with_its_users() {
    let limits = SharedObjectLimits::default();
    let mut store = SharedObjectStore::new(limits.clone());
    let ask = |store: &mut SharedObjectStore, number: usize, access| {
        let name = format!("made up {number}").as_str().into();
        let message = SharedObjectMessage { name, persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
        assert_eq!(gets(&store.handle(ALICE, &message, access), ALICE)[0], SharedObjectEvent::UseSuccess);
        message
    };
    for number in 0..2 * limits.max_objects {
        let message = ask(&mut store, number, Access::Read);
        if number % 2 == 0 {
            store.leave(ALICE);
        } else {
            store.handle(
                ALICE,
                &SharedObjectMessage { events: vec![SharedObjectEvent::Release], ..message },
                Access::Read,
            );
        }
    }
    assert_eq!(store.objects().count(), 0);

    // What the server has put there stays, empty or not; so does what was written once, and removed again.
    store.restore("restored", 0, []);
    let message = ask(&mut store, 1, Access::ReadWrite);
    for event in [request("x", 1), SharedObjectEvent::RequestRemove { key: "x".into() }] {
        store.handle(ALICE, &SharedObjectMessage { events: vec![event], ..message.clone() }, Access::ReadWrite);
    }
    ask(&mut store, 2, Access::Read);
    store.clear("made up 2").unwrap();
    store.leave(ALICE);
    let kept: Vec<_> = store.objects().map(|(name, persistent)| (name.as_str(), persistent)).collect();
    assert_eq!(kept, [("made up 1", true), ("made up 2", true), ("restored", true)]);
}

#[test]
fn a_persistent_object_survives_a_restart_through_its_caller() {
    let mut store = store();
    let message = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use, request("x", 1)]) };
    store.handle(ALICE, &message, Access::ReadWrite);
    let (version, properties) = store.properties("so1").unwrap();
    let saved: Vec<_> = properties.map(|(key, value)| (key.clone(), value.clone())).collect();

    let mut restarted = SharedObjectStore::new(SharedObjectLimits::default());
    assert_eq!(restarted.restore("so1", version, saved.clone()), 1);
    assert_eq!(restarted.restore("so1", version, saved), 0, "it is there already");
    let message = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = restarted.handle(BOB, &message, Access::ReadWrite);
    assert_eq!(gets(&told, BOB)[2..], [change("x", 1)]);
    assert_eq!(told[0].message.version, 1);
}

#[test]
fn the_server_changes_objects_itself() {
    let mut store = store();
    assert_eq!(store.set("so1", "x", 1), None);
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    assert_eq!(gets(&store.set("so1", "x", 1).unwrap(), ALICE), [change("x", 1)]);
    let expected = SharedObjectEvent::SendMessage { handler: "hi".into(), args: vec![] };
    assert_eq!(gets(&store.send("so1", "hi", vec![]), ALICE), [expected]);
    assert_eq!(gets(&store.remove("so1", "x").unwrap(), ALICE), [SharedObjectEvent::Remove { key: "x".into() }]);
    assert_eq!(store.remove("so1", "x"), None);
    store.set("so1", "y", 1);
    assert_eq!(gets(&store.clear("so1").unwrap(), ALICE), [SharedObjectEvent::Clear]);
    assert_eq!(store.properties("so1").unwrap().1.count(), 0);
}

#[test]
fn members_are_answered_in_the_form_they_speak() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    let amf3 = SharedObjectMessage { form: SharedObjectForm::Amf3, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = store.handle(BOB, &amf3, Access::ReadWrite);
    assert_eq!(told[0].message.form, SharedObjectForm::Amf3);
    let told = store.set("so1", "x", 1).unwrap();
    let forms: Vec<_> = told.iter().map(|d| (d.message.form, d.to.clone())).collect();
    assert_eq!(forms, [(SharedObjectForm::Amf0, vec![ALICE]), (SharedObjectForm::Amf3, vec![BOB])]);
}

// ---- limits ----

#[test]
fn so_10_messages_and_names_are_bounded() {
    let limits = SharedObjectLimits::default().max_message_len(30).max_name_len(2).max_events(1);
    let decode = |id| SharedObjectMessage::decode(&wire(MessageType::SHARED_OBJECT_AMF0, vector(id)), &limits);
    let limit = |what, value, max| Err(SharedObjectError::Limit { what, value, max });
    assert_eq!(decode("V-SO-03"), limit("length of a shared object message", 34, 30));
    assert_eq!(decode("V-SO-01"), limit("length of a shared object's name", 3, 2));
    let limits = limits.max_name_len(3);
    let two = SharedObjectMessage::decode(&wire(MessageType::SHARED_OBJECT_AMF0, vector("V-SO-02")), &limits);
    assert_eq!(two, limit("events in a shared object message", 2, 1));
    assert_eq!(
        SharedObjectMessage::decode(&wire(MessageType::AUDIO, vector("V-SO-01")), &limits),
        Err(SharedObjectError::Kind(MessageType::AUDIO))
    );
}

#[test]
fn so_10_objects_uses_properties_and_bytes_are_bounded() {
    let limits = SharedObjectLimits::default()
        .max_objects(3)
        .max_objects_per_member(2)
        .max_properties(2)
        .max_bytes(100)
        .max_name_len(10);
    let mut store = SharedObjectStore::new(limits);
    let mut join = |member, name: &str| {
        let message = SharedObjectMessage { name: name.into(), ..so1(0, vec![SharedObjectEvent::Use]) };
        gets(&store.handle(member, &message, Access::ReadWrite), member)[0].clone()
    };
    let full = status("SharedObject.ObjectCreationFailed");
    assert_eq!(join(ALICE, "so1"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(ALICE, "b"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(ALICE, "c"), full, "two uses for each member");
    assert_eq!(join(BOB, "much too long"), full);
    assert_eq!(join(BOB, "c"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(BOB, "d"), full, "three objects");
    assert_eq!(join(BOB, "b"), SharedObjectEvent::UseSuccess, "to use one that is there is no creation");

    let told = handle(&mut store, ALICE, vec![request("x", 1), request("y", 1), request("z", 1), request("x", 2)]);
    let expected = ["x", "y"].map(|key| SharedObjectEvent::Success { key: key.into() });
    assert_eq!(gets(&told, ALICE)[..2], expected);
    assert_eq!(gets(&told, ALICE)[2], status("SharedObject.NoWriteAccess"), "two properties");
    assert_eq!(gets(&told, ALICE)[3], expected[0], "one that is there may change");
    let told = handle(&mut store, ALICE, vec![request("x", "a".repeat(90))]);
    assert_eq!(gets(&told, ALICE), [status("SharedObject.NoWriteAccess")]);
    assert_eq!(store.get("so1", "x"), Some(&2.into()), "refused, it stays as it was");
    let told = handle(&mut store, ALICE, vec![request("x", "a".repeat(80))]);
    assert_eq!(gets(&told, ALICE), [expected[0].clone()]);
}

/// A request to set `x` to a value of these bytes.
fn request_of(value: &[u8]) -> Vec<u8> {
    let data = [&[0, 1, b'x'], value].concat();
    let mut body = vector("V-SO-01").to_vec();
    body[17] = 3;
    body[18..22].copy_from_slice(&(data.len() as u32).to_be_bytes());
    body.extend_from_slice(&data);
    body
}

#[test]
fn so_10_references_cannot_multiply_values() {
    // An array of 50 nulls in an array, and so many references to it; each use becomes a copy.
    let body = |uses: u8| {
        let begin = [&[0x0a, 0, 0, 0, uses + 1, 0x0a, 0, 0, 0, 50][..], &[5; 50]].concat();
        request_of(&[begin, [7, 0, 1].repeat(uses.into())].concat())
    };
    assert!(decode(body(0)).is_ok(), "52 values in 63 bytes");
    // Some 1600 values, fewer than any message may have, in 153 bytes.
    let error = decode(body(30)).unwrap_err();
    assert!(matches!(error, SharedObjectError::Amf(AmfError::TooManyValues { max: 153, .. })), "{error}");
}

#[test]
fn so_10_references_cannot_multiply_text() {
    // An array of a text of 200 bytes and references of two bytes to it, in AMF3.
    let decode = |uses: usize| {
        let [high, low] = [((uses + 1) << 1 | 1) >> 7, ((uses + 1) << 1 | 1) & 0x7f].map(|part| part as u8);
        let begin = [&[0x09, high | 0x80, low, 0x01, 0x06, 0x83, 0x11][..], &[b't'; 200]].concat();
        let body = request_of(&[begin, [0x06, 0x00].repeat(uses)].concat());
        let message = wire(MessageType::SHARED_OBJECT_AMF3, [&[3], &body[..]].concat());
        SharedObjectMessage::decode(&message, &SharedObjectLimits::default())
    };
    assert_eq!(decode(10).map(|message| message.events.len()), Ok(1), "such references are ordinary");
    // 410 bytes and so 6560 of text, where any message may have a mebibyte.
    let error = decode(100).unwrap_err();
    assert!(matches!(error, SharedObjectError::Amf(AmfError::TooManyBytes { max: 6560, .. })), "{error}");
}

#[test]
fn a_follower_is_bounded_too() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default().max_properties(1).max_bytes(50));
    view.handle(&so1(1, vec![change("x", 1)])).unwrap();
    let error = view.handle(&so1(1, vec![change("y", 1)])).unwrap_err();
    assert_eq!(error, SharedObjectError::Limit { what: "properties of a shared object", value: 2, max: 1 });
    assert!(view.handle(&so1(1, vec![change("x", "a".repeat(50))])).is_err());
    assert_eq!(view.get("x"), Some(&1.into()));
}

// ---- the follower ----

#[test]
fn so_09_a_follower_takes_the_servers_version_and_waits_for_its_word() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    assert_eq!(view.connect().to_message().unwrap().payload, vector("V-SO-01"));
    assert!(!view.is_connected());
    let updates = view.handle(&decode(vector("V-SO-02")).unwrap()).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Connected, SharedObjectUpdate::Cleared]);
    assert!(view.is_connected());
    assert_eq!(view.set("x", 1).to_message().unwrap().payload, vector("V-SO-03"));
    assert_eq!(view.get("x"), None);
    let updates = view.handle(&decode(vector("V-SO-04")).unwrap()).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Accepted("x".into())]);
    assert_eq!((view.get("x"), view.version()), (Some(&1.into()), 2));
    let other = SharedObjectMessage { name: "other".into(), ..so1(9, vec![SharedObjectEvent::Clear]) };
    assert!(view.handle(&other).unwrap().is_empty());
    assert_eq!((view.get("x"), view.version()), (Some(&1.into()), 2));
}

#[test]
fn a_refused_change_is_given_up_and_no_other() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    view.set("x", 1);
    view.set("x", 2);
    let updates = view.handle(&so1(1, vec![status("SharedObject.NoWriteAccess")])).unwrap();
    assert!(matches!(&updates[..], [SharedObjectUpdate::Status { code, .. }] if *code == "SharedObject.NoWriteAccess"));
    assert_eq!(view.get("x"), None);
    view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap();
    assert_eq!(view.get("x"), Some(&2.into()));
    // One success more than there were requests changes nothing.
    assert!(view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap().is_empty());
}

#[test]
fn st_5_what_is_said_of_saving_to_a_disk_answers_no_request() {
    let mut view = SharedObject::new("so1", true, SharedObjectLimits::default());
    view.set("x", 1);
    let updates = view.handle(&so1(1, vec![status("SharedObject.Flush.Failed")])).unwrap();
    assert!(matches!(&updates[..], [SharedObjectUpdate::Status { code, .. }] if *code == "SharedObject.Flush.Failed"));
    let updates = view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Accepted("x".into())]);
    assert_eq!(view.get("x"), Some(&1.into()));
}

#[test]
fn answers_to_requests_before_a_close_do_not_count() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    view.connect();
    view.set("x", 1);
    view.close();
    view.connect();
    view.set("x", 2);
    let success = SharedObjectEvent::Success { key: "x".into() };
    let updates = view.handle(&so1(1, vec![SharedObjectEvent::UseSuccess, success.clone()])).unwrap();
    assert!(updates.is_empty() && !view.is_connected() && view.get("x").is_none());
    view.handle(&so1(2, vec![SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear, success])).unwrap();
    assert_eq!((view.is_connected(), view.get("x")), (true, Some(&2.into())));
}

#[test]
fn so_08_a_clients_events_from_a_server_are_ignored() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    let events = vec![SharedObjectEvent::Use, request("x", 1), SharedObjectEvent::RequestRemove { key: "x".into() }];
    assert!(view.handle(&so1(1, events)).unwrap().is_empty());
    assert_eq!(view.iter().count(), 0);
}

// ---- properties ----

fn value() -> impl Strategy<Value = Value> {
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

fn event() -> impl Strategy<Value = SharedObjectEvent> {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn encode_then_decode_is_identity(
        name in "[a-z]{0,20}", version: u32, persistent: bool, form in 0..3, events in prop::collection::vec(event(), 0..8),
    ) {
        let form = [SharedObjectForm::Amf0, SharedObjectForm::Amf0Wrapped, SharedObjectForm::Amf3][form as usize];
        let message = SharedObjectMessage { name: name.into(), version, persistent, form, events };
        let written = message.to_message().unwrap();
        prop_assert_eq!(SharedObjectMessage::decode(&written, &SharedObjectLimits::default()), Ok(message));
    }

    #[test]
    fn arbitrary_bytes_never_panic(head in 0..3, mut body in prop::collection::vec(any::<u8>(), 0..200)) {
        let kind = if head == 0 { MessageType::SHARED_OBJECT_AMF0 } else { MessageType::SHARED_OBJECT_AMF3 };
        let start: &[u8] = match head { 0 => &[], 1 => &[0], _ => &[3] };
        // Half the time behind a whole head, so that the events are reached.
        if body.first().is_some_and(|byte| byte % 2 == 0) {
            body = [&[0, 1, b'n', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &body[..]].concat();
        }
        let message = wire(kind, [start, &body].concat());
        if let Ok(read) = SharedObjectMessage::decode(&message, &SharedObjectLimits::default()) {
            let _ = SharedObject::new("n", false, SharedObjectLimits::default()).handle(&read);
            store().handle(ALICE, &read, Access::ReadWrite);
        }
    }

    /// Any messages of any clients: in the end, everyone who follows the object sees what the store holds, and the store
    /// never holds more than it may.
    #[test]
    fn every_follower_ends_with_the_state_of_the_store(
        turns in prop::collection::vec((0..3_u64, prop::collection::vec(event(), 1..4)), 0..30),
    ) {
        let limits = SharedObjectLimits::default().max_properties(3).max_bytes(300);
        let mut store = SharedObjectStore::new(limits.clone());
        // As large as the store, or a follower would give up.
        let mut views = [(); 3].map(|()| SharedObject::new("so1", false, limits.clone()));
        for (member, events) in turns {
            let view = &mut views[member as usize];
            // Tell the view what is asked for, as if the program had.
            for event in &events {
                match event {
                    SharedObjectEvent::Use => drop(view.connect()),
                    SharedObjectEvent::RequestChange { key, value } => drop(view.set(key, value.clone())),
                    SharedObjectEvent::RequestRemove { key } => drop(view.remove(key)),
                    SharedObjectEvent::Release => drop(view.close()),
                    _ => {}
                }
            }
            for Delivery { to, message } in store.handle(Member(member), &so1(0, events), Access::ReadWrite) {
                // Over the wire and back.
                let message = SharedObjectMessage::decode(&message.to_message().unwrap(), &limits).unwrap();
                for member in to {
                    views[member.0 as usize].handle(&message).unwrap();
                }
            }
            let held: Vec<_> = store.properties("so1").map(|(_, all)| all.collect()).unwrap_or_default();
            prop_assert!(held.len() <= 3);
            for view in views.iter().filter(|view| view.is_connected()) {
                prop_assert_eq!(&view.iter().collect::<Vec<_>>(), &held);
            }
        }
    }
}
