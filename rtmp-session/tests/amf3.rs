//! Peers that speak AMF3: types 15 and 17. See MSG-3 to MSG-6, ERTMP-99, AMF3-43.

mod support;

use rtmp_session::{
    ClientEvent, ClientSession, ExternalClasses, Media, MessageError, ServerEvent, ServerSession,
    amf::{AmfError, Object, Value, amf0, amf3::ExternalInput},
    chunk::{Message, MessageType},
    shared_object::SharedObjectEvent,
};
use support::{Pair, Peer, command_amf3, epoch, server_config, values, vector};

#[test]
fn v_cmd_12_msg_4_cmd_16_ertmp_83_a_status_in_amf3() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config().amf3(true), &url, epoch());
    let message = Message { payload: vector("V-CMD-12").into(), ..command_amf3(0, "", 0.0, &[]) };
    server.send(&message);
    // MSG-4: the selector byte may be missing.
    server.send(&Message { payload: message.payload.slice(1..), ..message.clone() });
    let mut codes = Vec::new();
    server
        .talk(&mut client, |_, event| {
            let ClientEvent::Status { status, .. } = event else { panic!("{event:?}") };
            codes.push(status.code);
        })
        .unwrap();
    assert_eq!(codes, ["OK", "OK"]);
    assert_eq!(server.commands()[0].3[0]["objectEncoding"], 3.0, "CMD-16");
}

#[test]
fn msg_04_other_selectors_are_rejected() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    let plain = command_amf3(0, "createStream", 2.0, &[Value::Null]);
    for (payload, expected) in [
        (vec![3, 2, 0, 0], MessageError::Selector(3)),
        (vec![], MessageError::Empty(MessageType::COMMAND_AMF3)),
        (vec![0], MessageError::Empty(MessageType::COMMAND_AMF3)),
    ] {
        peer.send(&Message { payload: payload.into(), ..plain.clone() });
        peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
        assert_eq!(session.stats().last_rejected, Some(expected));
    }
}

#[test]
fn msg_3_7_data_of_a_lone_selector_is_rejected_by_its_own_type() {
    for (kind, payload) in
        [(MessageType::DATA_AMF3, &[0][..]), (MessageType::DATA_AMF3, &[]), (MessageType::DATA_AMF0, &[])]
    {
        let message = Message { kind, payload: payload.to_vec().into(), ..command_amf3(1, "", 0.0, &[]) };
        assert_eq!(Media::from_message(message), Err(MessageError::Empty(kind)));
    }
}

#[test]
fn msg_5_6_ertmp_99_100_amf3_43_calls_in_amf3_are_answered_in_amf3() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live").with("objectEncoding", 3.0);
    peer.send(&command_amf3(0, "connect", 1.0, &[Value::Object(object).in_amf3()]));
    let argument = Value::Object(Object::new().with("n", 5)).in_amf3();
    peer.send(&command_amf3(0, "echo", 2.0, &[Value::Null, argument.clone()]));
    peer.command(0, "echo", 3.0, &[Value::Null, argument.clone()]); // MSG-5
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => {
            assert_eq!((request.app.as_str(), request.object_encoding), ("live", 3.0));
            session.accept_connect(request).unwrap();
        }
        ServerEvent::Command { call, .. } => {
            assert_eq!(call.args[0]["n"].as_f64(), Some(5.0));
            let values = call.args.clone();
            session.reply(call, &values).unwrap();
        }
        other => panic!("{other:?}"),
    })
    .unwrap();
    let answers: Vec<_> =
        peer.said.iter().filter(|message| message.payload.len() > 20).map(|message| message.kind).collect();
    assert_eq!(answers, [MessageType::COMMAND_AMF3, MessageType::COMMAND_AMF3, MessageType::COMMAND_AMF0]);
    let commands = peer.commands();
    assert_eq!(commands[0].3[1]["objectEncoding"], 3.0);
    assert_eq!(commands[1].3[1], argument, "value for value");
}

#[test]
fn cmd_16_msg_6_amf0_clients_hear_amf0() {
    let mut pair = Pair::new();
    pair.drive();
    pair.server.notify(None, "hello", &[1.0.into()]).unwrap();
    let said = support::messages_in_large_chunks(&support::drain(&mut pair.server));
    assert_eq!(said[0].kind, MessageType::COMMAND_AMF0);
}

#[test]
fn msg_3_data_in_amf3_reaches_the_program_without_its_selector() {
    let body = values(&["onTextData".into(), Value::Object(Object::new().with("text", "x")).in_amf3()]);
    assert!(body.contains(&0x11), "an AMF3 value behind its marker");
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    let payload = [&[0], &body[..]].concat();
    peer.send(&Message { kind: MessageType::DATA_AMF3, payload: payload.into(), ..support::data(1, &[]) });
    peer.send(&Message { kind: MessageType::DATA_AMF3, payload: vec![7].into(), ..support::data(1, &[]) });
    let mut media = Vec::new();
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        ServerEvent::Media { media: one, .. } => media.push(one),
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert_eq!(media, [Media::data(0, body)], "MSG-3");
    assert_eq!(session.stats().last_rejected, Some(MessageError::Selector(7)));
    assert!(amf0::decode_all(&media[0].payload, &Default::default()).is_ok());
}

/// The body of our class `P` is a byte and a value.
fn class_p(class: &str, body: &mut ExternalInput<'_, '_>) -> Result<bool, AmfError> {
    if class == "P" {
        body.u8()?;
        body.value()?;
    }
    Ok(class == "P")
}

/// An object of class `P` in AMF3: its byte is 9, its value the integer 5.
const OBJECT: [u8; 7] = [0x0a, 0x07, 0x03, b'P', 9, 0x04, 5];

/// A command with such an object for its first argument, and a number behind it.
fn call_with_object(name: &str) -> Message {
    let plain = command_amf3(0, name, 7.0, &[Value::Null]);
    let number = values(&[2.0.into()]);
    Message { payload: [&plain.payload[..], &[0x11], &OBJECT, &number].concat().into(), ..plain }
}

/// A shared object message that sets `key` to such an object.
fn change_with_object() -> Message {
    let data = [&[0, 3][..], b"key", &OBJECT].concat();
    let events = [&[4, 0, 0, 0, data.len() as u8], &data[..]].concat();
    let body = [&[3, 0, 2][..], b"so", &[0; 12], &events].concat();
    Message { kind: MessageType::SHARED_OBJECT_AMF3, payload: body.into(), ..support::data(0, &[]) }
}

fn is_p(value: &Value) -> bool {
    let value = if let Value::Amf3(inner) = value { inner } else { value };
    matches!(value, Value::Externalizable(object) if object.class == "P")
}

#[test]
fn amf3_31_a_server_reads_the_externalizable_classes_it_was_told_of() {
    for known in [true, false] {
        let config = server_config();
        let config = if known { config.external_classes(ExternalClasses::new(class_p)) } else { config };
        let mut session = ServerSession::new(config, epoch());
        let mut peer = Peer::client();
        peer.connect("live");
        peer.send(&call_with_object("take"));
        peer.send(&change_with_object());
        let (mut calls, mut changes) = (0, 0);
        peer.talk(&mut session, |session, event| match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Command { call, .. } => {
                assert!(is_p(&call.args[0]) && call.args[1] == 2.0, "{:?}", call.args);
                calls += 1;
            }
            ServerEvent::SharedObject(message) => {
                let [SharedObjectEvent::Change { value, .. }] = &message.events[..] else { panic!("{message:?}") };
                assert!(is_p(value));
                changes += 1;
            }
            other => panic!("{other:?}"),
        })
        .unwrap();
        let rejected = session.stats().messages_rejected;
        assert_eq!((calls, changes, rejected), if known { (1, 1, 0) } else { (0, 0, 2) });
    }
}

#[test]
fn amf3_31_a_client_reads_the_externalizable_classes_it_was_told_of() {
    for known in [true, false] {
        let config = support::client_config();
        let config = if known { config.external_classes(ExternalClasses::new(class_p)) } else { config };
        let mut session = ClientSession::new(config, &"rtmp://h/live".parse().unwrap(), epoch());
        let mut server = Peer::server();
        server.command(0, "_result", 1.0, &[Value::Null]);
        server.send(&call_with_object("take"));
        server.send(&change_with_object());
        let mut heard = Vec::new();
        server.talk(&mut session, |_, event| heard.push(event)).unwrap();
        let stats = session.stats();
        if known {
            let [_, ClientEvent::Command { call }, ClientEvent::SharedObject(_)] = &heard[..] else {
                panic!("{heard:?}")
            };
            assert!(is_p(&call.args[0]) && call.args[1] == 2.0, "{:?}", call.args);
            assert_eq!(stats.messages_rejected, 0);
        } else {
            assert_eq!((heard.len(), stats.messages_rejected), (1, 2), "{heard:?}");
        }
    }
}
