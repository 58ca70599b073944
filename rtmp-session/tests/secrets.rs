//! Stream keys, passwords and what authentication says stand in no `Debug` and no error text.

mod support;

use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, Level, ServerEvent, ServerSession, SessionError, Status,
    amf::{Object, Value},
    code,
};
use support::{Peer, client_config, drain, epoch, feed, server_config};

const SECRETS: [&str; 4] = ["k3y", "t0ken", "pa55word", "5alt"];

fn shows_nothing(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn client(config: ClientConfig) -> ClientSession {
    ClientSession::new(config, &"rtmp://user:pa55word@h/live/k3y".parse().unwrap(), epoch())
}

fn accept(session: &mut ServerSession, event: ServerEvent) {
    shows_nothing(&format!("{event:?}"));
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        _ => {}
    }
}

#[test]
fn url_08_keys_do_not_show() {
    let mut publisher = client(client_config().argument("t0ken"));
    publisher.publish("k3y");
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "k3y?t0ken".into()]);
    let mut session = ServerSession::new(server_config(), epoch());
    peer.talk(&mut session, accept).unwrap();
    for shown in [format!("{publisher:?}"), format!("{session:?}"), format!("{:?}", peer.said)] {
        shows_nothing(&shown);
    }
}

#[test]
fn bytes_that_wait_do_not_show() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.talk(&mut session, accept).unwrap();
    peer.command(1, "FCPublish", 3.0, &[Value::Null, "k3y".into()]);
    feed(&mut session, &drain(&mut peer.link));
    shows_nothing(&format!("{session:?}"));
    shows_nothing(&format!("{:?}", session.poll_event()));
}

#[test]
fn auth_12_a_challenge_shows_nowhere() {
    let challenge = "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=u&salt=5alt&challenge=t0ken";
    let status = Status::new(Level::Error, code::CONNECT_REJECTED, challenge);
    let mut server = Peer::server();
    let mut session = client(client_config());
    server.command(0, "_error", 1.0, &[Value::Null, status.to_value()]);
    let error = server.talk(&mut session, |_, _| {}).unwrap_err();
    let SessionError::Refused(refusal) = &error else { panic!("{error}") };
    assert_eq!(refusal.description, challenge, "the program gets it whole");
    for shown in [error.to_string(), format!("{error:?}"), format!("{session:?}")] {
        shows_nothing(&shown);
        assert!(shown.contains(code::CONNECT_REJECTED) || shown.contains("ClientSession"), "{shown}");
    }
}

#[test]
fn what_a_status_adds_does_not_show() {
    let status = Status::new(Level::Status, code::PLAY_START, "words").with("details", "k3y");
    assert!(format!("{status:?}").contains("words"));
    shows_nothing(&format!("{status:?}"));
    shows_nothing(&format!("{:?}", ClientEvent::Status { stream: None, status }));
    let url = Some("rtmp://h/live?t0ken".to_owned());
    shows_nothing(&format!("{:?}", ClientEvent::Reconnect { url }));
    let mut server = Peer::server();
    let mut session = client(client_config());
    server.command(0, "_result", 1.0, &[Value::Null]);
    let mut calls = 0;
    server
        .talk(&mut session, |session, event| {
            if let ClientEvent::Connected = event {
                session.call("token", &[]).unwrap();
            }
        })
        .unwrap();
    let object = Object::new().with("token", "t0ken");
    server.command(0, "_result", 2.0, &[Value::Null, Value::Object(object)]);
    server
        .talk(&mut session, |_, event| {
            calls += usize::from(matches!(event, ClientEvent::Reply { .. }));
            shows_nothing(&format!("{event:?}"));
        })
        .unwrap();
    assert_eq!(calls, 1);
}

#[test]
fn words_of_a_peer_cannot_forge_a_line_of_a_log() {
    let words = format!("sorry\n2026-01-01 INFO all is well\u{1b}[2J{}", "x".repeat(10_000));
    let status = Status::new(Level::Error, format!("Net\r\nConnection{}", "y".repeat(10_000)), words);
    let shown = SessionError::Refused(Box::new(status)).to_string();
    assert!(shown.contains("sorry"), "{shown}");
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() < 600, "{} bytes", shown.len());
}
