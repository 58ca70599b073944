//! Peers that speak AMF3: types 15 and 17. See MSG-3 to MSG-6, ERTMP-99, AMF3-43.

mod support;

use rtmp_session::{
    ClientEvent, Media, MessageError, ServerEvent, ServerSession,
    amf::{Object, Value, amf0},
    chunk::{Message, MessageType},
};
use support::{Pair, Peer, command_amf3, epoch, server_config, values};

#[test]
fn v_cmd_12_msg_4_cmd_16_ertmp_83_a_status_in_amf3() {
    let vector = [
        &[0x00, 0x02, 0x00, 0x08][..],
        b"onStatus",
        &[0; 9],
        &[0x05, 0x11, 0x0a, 0x0b, 0x01, 0x09],
        b"code",
        &[0x06, 0x05],
        b"OK",
        &[0x01],
    ]
    .concat();
    assert_eq!(vector.len(), 36);
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = rtmp_session::ClientSession::new(support::client_config().amf3(true), &url, epoch());
    let message = Message { payload: vector.into(), ..command_amf3(0, "", 0.0, &[]) };
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
