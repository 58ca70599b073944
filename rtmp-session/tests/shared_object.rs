//! Shared objects on the wire, and what a hostile peer can make of them. See SO-1 to SO-4, SO-8, SO-10.

mod shared_object_support;
mod support;

use proptest::prelude::*;
use rtmp_session::amf::{AmfError, Value};
use rtmp_session::chunk::MessageType;
use rtmp_session::shared_object::*;
use shared_object_support::*;

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
}
