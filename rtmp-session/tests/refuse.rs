//! What is not accepted is refused, so that every client hears it.

mod support;

use rtmp_session::{
    CapsEx, ClientEvent, ClientSession, CommandError, Level, ServerEvent, ServerSession, SessionError, Status,
    amf::{Object, Value},
};
use support::{Pair, Peer, Saw, epoch, server_config};

fn connected() -> (Peer, ServerSession) {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.talk(&mut session, accept_connect).unwrap();
    peer.said.clear();
    (peer, session)
}

fn accept_connect(session: &mut ServerSession, event: ServerEvent) {
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn cmd_23_ignored_connect_is_refused() {
    let mut pair = Pair::new();
    pair.accept = false;
    pair.client.publish("cam");
    pair.drive();
    let Some(SessionError::Refused(status)) = &pair.server_error else { panic!("{:?}", pair.server_error) };
    assert_eq!(status.code, "NetConnection.Connect.Rejected");
    let Some(SessionError::Refused(heard)) = &pair.client_error else { panic!("{:?}", pair.client_error) };
    assert_eq!(heard, status, "the last word was in the queue");
    assert_eq!(pair.server.poll_event().unwrap_err(), pair.server_error.clone().unwrap(), "sticky");
}

#[test]
fn cmd_23_connect_refused_with_words_of_the_program() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    let status = Status::new(Level::Error, "NetConnection.Connect.InvalidApp", "no such app").with("details", "live");
    let error = peer
        .talk(&mut session, |session, event| {
            let ServerEvent::Connect(request) = event else { panic!() };
            session.reject_with(request, status.clone()).unwrap();
        })
        .unwrap_err();
    assert_eq!(error, SessionError::Refused(Box::new(status.clone())));
    let (_, name, transaction, values) = peer.commands().remove(0);
    assert_eq!((name.as_str(), transaction, &values[0]), ("_error", 1.0, &Value::Null));
    assert_eq!(Status::from_value(&values[1]), status);
    assert_eq!(error.to_string(), "connection refused: NetConnection.Connect.InvalidApp (no such app)");
}

#[test]
fn cmd_18_connect_without_app_or_url() {
    for object in [Object::new(), Object::new().with("app", "live"), Object::new().with("app", 7).with("tcUrl", "x")] {
        let mut peer = Peer::client();
        let mut session = ServerSession::new(server_config(), epoch());
        peer.command(0, "connect", 1.0, &[Value::Object(object)]);
        let error = peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap_err();
        assert!(matches!(error, SessionError::Refused(_)));
        assert_eq!(peer.command_names(), ["_error/NetConnection.Connect.Rejected"]);
    }
}

#[test]
fn cmd_11_commands_before_connect() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.command(0, "createStream", 1.0, &[Value::Null]);
    peer.command(1, "publish", 2.0, &[Value::Null, "cam".into()]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into()]);
    peer.command(0, "close", 0.0, &[Value::Null]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(peer.command_names(), ["_error/NetConnection.Call.Failed", "_error/NetConnection.Call.Failed"]);
    peer.connect("live");
    peer.talk(&mut session, accept_connect).unwrap();
    assert_eq!(peer.command_names()[2..], ["_result/NetConnection.Connect.Success"], "no harm done");
}

#[test]
fn cmd_19_a_second_connect_changes_nothing() {
    let (mut peer, mut session) = connected();
    peer.connect("other");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.talk(&mut session, accept_connect).unwrap();
    assert_eq!(peer.command_names(), ["_error/NetConnection.Call.Failed", "_result"]);
}

#[test]
fn cmd_36_publish_refused_lets_the_program_close() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "taken".into()]);
    let (mut refused, mut ended) = (None, None);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Publish(request) => {
            refused = Some(request.stream);
            session.reject(request, "already publishing").unwrap();
        }
        ServerEvent::Ended { stream } => ended = Some(stream),
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert!(refused.is_some());
    assert_eq!(ended, refused, "librtmp would wait for ever");
    let (stream, name, _, values) = peer.commands().remove(1);
    assert_eq!((stream, name.as_str()), (1, "onStatus"));
    assert_eq!(values[1]["code"], "NetStream.Publish.BadName");
    assert_eq!(values[1]["level"], "error");
    assert_eq!(values[1]["description"], "already publishing");
    // The message stream is free again.
    peer.command(1, "publish", 4.0, &[Value::Null, "free".into()]);
    let mut name = String::new();
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Publish(request) = event else { return };
        name = request.name.clone();
        session.accept_publish(request).unwrap();
    })
    .unwrap();
    assert_eq!(name, "free");
}

#[test]
fn cmd_36_45_ignored_publish_and_play_are_refused() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    peer.command(1, "play", 4.0, &[Value::Null, "cam".into()]);
    let mut events = Vec::new();
    peer.talk(&mut session, |_, event| events.push(event)).unwrap();
    assert!(matches!(
        events[..],
        [ServerEvent::Publish(_), ServerEvent::Ended { .. }, ServerEvent::Play(_), ServerEvent::Ended { .. }]
    ));
    let codes = ["_result", "onStatus/NetStream.Publish.BadName", "onStatus/NetStream.Play.StreamNotFound"];
    assert_eq!(peer.command_names(), codes, "CMD-36, CMD-45");
}

#[test]
fn an_answer_that_comes_too_late_is_the_programs_fault() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    peer.command(0, "unknown", 4.0, &[Value::Null]);
    let (mut kept, mut call) = (None, None);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Publish(request) => kept = Some(request),
        ServerEvent::Ended { stream } => {
            let request = kept.take().unwrap();
            assert_eq!(request.stream, stream);
            assert_eq!(session.accept_publish(request), Err(CommandError::Expired));
            assert_eq!(session.end_stream(stream, ""), Err(CommandError::UnknownStream));
        }
        ServerEvent::Command { call: asked, .. } => call = Some(asked),
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert_eq!(session.reply(call.unwrap(), &[]), Err(CommandError::Expired));
    assert!(session.poll_event().unwrap().is_none(), "and nothing happened to the session");
}

#[test]
fn cmd_07_unknown_commands() {
    let (mut peer, mut session) = connected();
    peer.command(0, "whatever", 7.0, &[Value::Null, 1.0.into()]);
    peer.command(0, "whatever", 0.0, &[Value::Null]);
    peer.command(0, "sum", 8.0, &[Value::Null, 1.0.into(), 2.0.into()]);
    peer.command(0, "later", 9.0, &[Value::Null]);
    peer.command(0, "no", 10.0, &[Value::Null]);
    let mut open = None;
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Command { stream: None, call } = event else { panic!() };
        match call.name.as_str() {
            "sum" => {
                let sum = call.number(0).unwrap() + call.number(1).unwrap();
                session.reply(call, &[sum.into()]).unwrap();
            }
            "later" => {
                session.defer(&call).unwrap();
                open = Some(call);
            }
            "no" => session.reply_error(call, &Status::new(Level::Error, "App.No", "never")).unwrap(),
            _ => {}
        }
    })
    .unwrap();
    session.reply(open.unwrap(), &["at last".into()]).unwrap();
    peer.talk(&mut session, |_, _| {}).unwrap();
    let answers: Vec<_> =
        peer.commands().into_iter().map(|(_, name, id, mut values)| (name, id, values.pop())).collect();
    assert_eq!(answers[0].0, "_error");
    assert_eq!(answers[0].2.as_ref().unwrap()["code"], "NetConnection.Call.Failed");
    assert_eq!(answers[1], ("_result".into(), 8.0, Some(3.0.into())), "transaction 0 is not answered");
    assert_eq!((answers[2].0.as_str(), answers[2].1), ("_error", 10.0));
    assert_eq!(answers[3], ("_result".into(), 9.0, Some("at last".into())));
}

#[test]
fn cmd_05_answers_to_nothing_are_ignored() {
    let (mut peer, mut session) = connected();
    peer.command(0, "_result", 99.0, &[Value::Null]);
    peer.command(0, "_error", f64::NAN, &[Value::Null]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(session.stats().messages_ignored, 2);

    // Before connect they are no commands to be refused either: two servers would refuse each other's refusals.
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.command(0, "_error", 99.0, &[Value::Null]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert!(peer.said.is_empty(), "{:?}", peer.said);

    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config(), &url, epoch());
    server.command(0, "_result", 99.0, &[Value::Null]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
}

#[test]
fn cmd_06_missing_parts_of_commands() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[]); // no object
    let name_only = support::values(&["createStream".into()]);
    peer.send(&rtmp_session::chunk::Message { payload: name_only, ..support::command(0, "", 0.0, &[]) });
    let no_name = support::values(&[7.0.into(), 1.0.into(), Value::Null]);
    peer.send(&rtmp_session::chunk::Message { payload: no_name, ..support::command(0, "", 0.0, &[]) });
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(peer.command_names(), ["_result"], "transaction 0 is not answered");
    let stats = session.stats();
    assert_eq!(stats.messages_rejected, 1);
    assert_eq!(stats.last_rejected, Some(rtmp_session::MessageError::NoName));
}

#[test]
fn cmd_11_a_client_says_nothing_before_it_may() {
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config(), &url, epoch());
    let stream = client.play("cam");
    let wrong_state = |result: Result<(), CommandError>| matches!(result, Err(CommandError::WrongState(_)));
    assert!(
        wrong_state(client.call("f", &[]).map(drop)) && wrong_state(client.notify(None, "f", &[])),
        "not connected"
    );
    let mut server = Peer::server();
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.talk(&mut client, |_, _| {}).unwrap();
    assert!(client.call("f", &[]).is_ok() && client.notify(None, "f", &[]).is_ok());
    // The stream has no number yet.
    assert!(wrong_state(client.pause(stream, true, 0.0)) && wrong_state(client.seek(stream, 0.0)));
    assert!(wrong_state(client.notify(Some(stream), "f", &[])) && wrong_state(client.set_buffer_length(stream, 9)));
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, _| {}).unwrap();
    assert!(client.pause(stream, true, 0.0).is_ok() && client.notify(Some(stream), "f", &[]).is_ok());
    client.end_stream(stream).unwrap();
    assert_eq!(client.pause(stream, true, 0.0), Err(CommandError::UnknownStream));
    assert_eq!(client.notify(Some(stream), "f", &[]), Err(CommandError::UnknownStream));
}

#[test]
fn cmd_2_5_a_transaction_that_is_no_finite_number_wants_no_answer() {
    let (mut peer, mut session) = connected();
    for id in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        peer.command(0, "createStream", id, &[Value::Null]);
        peer.command(0, "whatever", id, &[Value::Null]);
    }
    let mut calls = 0;
    peer.talk(&mut session, |_, event| {
        let ServerEvent::Command { call, .. } = event else { panic!("{event:?}") };
        assert_eq!((call.transaction, call.wants_reply()), (0.0, false));
        calls += 1;
    })
    .unwrap();
    assert_eq!((calls, peer.command_names()), (3, vec![]));
}

#[test]
fn play_and_publish_without_a_name() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 3.0, &[Value::Null]);
    peer.command(1, "play", 4.0, &[Value::Null, 7.0.into()]);
    peer.command(1, "publish", 5.0, &[Value::Null]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    let codes = [
        "_result",
        "onStatus/NetStream.Play.Failed",
        "onStatus/NetStream.Play.Failed",
        "onStatus/NetStream.Publish.BadName",
    ];
    assert_eq!(peer.command_names(), codes);
    assert_eq!(session.stats().messages_rejected, 3);
}

#[test]
fn publishing_twice_on_one_message_stream() {
    let (mut peer, mut session) = connected();
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    for name in ["first", "second"] {
        peer.command(1, "publish", 3.0, &[Value::Null, name.into()]);
    }
    peer.command(1, "play", 3.0, &[Value::Null, "first".into()]);
    let mut names = Vec::new();
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Publish(request) = event else { panic!("{event:?}") };
        names.push(request.name.clone());
        session.accept_publish(request).unwrap();
    })
    .unwrap();
    assert_eq!(names, ["first"]);
    let codes = [
        "_result",
        "onStatus/NetStream.Publish.Start",
        "onStatus/NetStream.Publish.BadName",
        "onStatus/NetStream.Play.Failed",
    ];
    assert_eq!(peer.command_names(), codes);
}

#[test]
fn msg_11_commands_on_a_stream_that_never_was() {
    let (mut peer, mut session) = connected();
    for name in ["publish", "play", "pause", "seek"] {
        peer.command(9, name, 5.0, &[Value::Null, "cam".into()]);
        peer.command(9, name, 0.0, &[Value::Null, "cam".into()]);
    }
    for name in ["receiveAudio", "receiveVideo", "play2", "closeStream"] {
        peer.command(9, name, 5.0, &[Value::Null, true.into()]);
        peer.command(9, name, 0.0, &[Value::Null, true.into()]);
    }
    peer.command(0, "deleteStream", 0.0, &[Value::Null, 9.0.into()]);
    peer.command(0, "deleteStream", 0.0, &[Value::Null, (-1.0).into()]);
    peer.command(0, "deleteStream", 0.0, &[Value::Null, "nobody".into()]);
    peer.command(0, "deleteStream", 0.0, &[Value::Null]);
    peer.command(0, "FCUnpublish", 0.0, &[Value::Null, "nobody".into()]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    let names = peer.command_names();
    assert_eq!(names.iter().filter(|name| *name == "_error/NetConnection.Call.Failed").count(), 8, "{names:?}");
}

#[test]
fn cmd_25_close_is_an_orderly_end() {
    let mut pair = Pair::new();
    pair.client.publish("a");
    pair.client.publish("b");
    pair.drive();
    pair.client.notify(None, "close", &[]).unwrap();
    pair.drive();
    let ended = pair.saw.iter().filter(|saw| matches!(saw, Saw::Ended { .. })).count();
    assert_eq!((ended, pair.saw.last()), (2, Some(&Saw::Closed)));
    assert!(pair.server_error.is_none());

    let mut pair = Pair::new();
    let stream = pair.client.play("a");
    pair.drive();
    pair.server.notify(None, "close", &[]).unwrap();
    pair.drive();
    let [.., ended, closed] = &pair.heard[..] else { panic!("{:?}", pair.heard) };
    assert!(matches!(ended, ClientEvent::Ended { stream: ended, .. } if *ended == stream));
    assert!(matches!(closed, ClientEvent::Closed { status } if status.code == "NetConnection.Connect.Closed"));
}

#[test]
fn cmd_25_close_without_streams_is_an_event_too() {
    let mut pair = Pair::new();
    pair.drive();
    pair.client.notify(None, "close", &[]).unwrap();
    pair.drive();
    assert_eq!(pair.saw.last(), Some(&Saw::Closed));
    pair.client.notify(None, "close", &[]).unwrap();
    pair.drive();
    assert_eq!(pair.saw.iter().filter(|saw| **saw == Saw::Closed).count(), 1, "once");

    let mut pair = Pair::new();
    pair.drive();
    pair.server.notify(None, "close", &[]).unwrap();
    pair.server.notify(None, "close", &[]).unwrap();
    pair.drive();
    assert_eq!(pair.heard.iter().filter(|event| matches!(event, ClientEvent::Closed { .. })).count(), 1);

    // Some say it with a status.
    let mut pair = Pair::new();
    pair.drive();
    let status = Status::new(Level::Status, "NetConnection.Connect.Closed", "maintenance");
    pair.server.send_status(None, &status).unwrap();
    pair.drive();
    let Some(ClientEvent::Closed { status }) = pair.heard.last() else { panic!("{:?}", pair.heard) };
    assert_eq!(status.description, "maintenance");
}

#[test]
fn cmd_25_the_close_answers_what_was_asked() {
    let mut server = Peer::server();
    let mut session = ClientSession::new(support::client_config(), &"rtmp://h/live".parse().unwrap(), epoch());
    server.command(0, "_result", 1.0, &[Value::Null]);
    server.talk(&mut session, |_, _| {}).unwrap();
    let asked = session.call("ask", &[]).unwrap();
    let stream = session.play("cam");
    server.command(0, "close", 0.0, &[Value::Null]);
    let mut heard = Vec::new();
    server.talk(&mut session, |_, event| heard.push(event)).unwrap();
    let [
        ClientEvent::Ended { stream: ended, status: first },
        ClientEvent::CallFailed { call: failed, status: second },
        ClientEvent::Closed { status: third },
    ] = &heard[..]
    else {
        panic!("{heard:?}")
    };
    assert_eq!((*ended, *failed), (stream, asked));
    assert!([first, second, third].iter().all(|status| status.code == "NetConnection.Connect.Closed"));
}

#[test]
fn cmd_25_a_stream_wanted_behind_the_close_ends_at_once() {
    let mut server = Peer::server();
    let mut session = ClientSession::new(support::client_config(), &"rtmp://h/live".parse().unwrap(), epoch());
    server.command(0, "_result", 1.0, &[Value::Null]);
    server.command(0, "close", 0.0, &[Value::Null]);
    server.talk(&mut session, |_, _| {}).unwrap();
    let wanted = session.play("cam");
    let event = session.poll_event().unwrap();
    assert!(matches!(event, Some(ClientEvent::Ended { stream, .. }) if stream == wanted), "{event:?}");
}

#[test]
fn cmd_26_27_28_one_stream_too_many() {
    let (mut peer, mut session) = connected();
    for id in 0..17 {
        peer.command(0, "createStream", f64::from(id) + 2.0, &[Value::Null]);
    }
    peer.command(0, "deleteStream", 0.0, &[Value::Null, 5.0.into()]);
    peer.command(0, "createStream", 99.0, &[Value::Null]);
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    let commands = peer.commands();
    assert_eq!(commands[15].3[1], 16.0);
    assert_eq!(
        (commands[16].1.as_str(), commands[16].3[1]["code"].clone()),
        ("_error", "NetConnection.Call.Failed".into())
    );
    assert_eq!(commands[17].3[1], 5.0, "CMD-27: the smallest free number");
}

#[test]
fn cmd_27_a_client_takes_no_stream_0() {
    // The connection itself: what was published on it would be nobody's, and its end the end of everything.
    for number in [Value::from(0.0), Value::from(-1.0), Value::Null] {
        let mut server = Peer::server();
        let url = "rtmp://h/live/cam".parse().unwrap();
        let config = support::client_config().announce_publish(false);
        let mut client = ClientSession::new(config, &url, epoch());
        let stream = client.publish("cam");
        server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
        server.command(0, "_result", 2.0, &[Value::Null, number]);
        let mut events = Vec::new();
        server.talk(&mut client, |_, event| events.push(event)).unwrap();
        let [ClientEvent::Connected, ClientEvent::Ended { stream: ended, status }] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!((*ended, status.level), (stream, Level::Error));
        assert_eq!(client.stats().messages_rejected, 1);
        assert_eq!(server.command_names(), ["connect", "createStream"], "neither publish nor deleteStream");
    }
}

#[test]
fn ertmp_95_reconnect_only_for_clients_that_can() {
    let mut pair = Pair::new();
    pair.drive();
    assert!(matches!(pair.server.request_reconnect(None), Err(CommandError::WrongState(_))));
    let capable =
        support::client_config().capabilities(rtmp_session::Capabilities::default().caps_ex(CapsEx::RECONNECT));
    let mut pair = Pair::with(capable, server_config());
    pair.drive();
    pair.server.request_reconnect(None).unwrap();
    pair.drive();
    assert!(matches!(pair.heard.last(), Some(ClientEvent::Reconnect { url: None })));
}

#[test]
fn cmd_3_4_7_calls_of_the_client_are_answered() {
    let mut pair = Pair::new();
    assert!(matches!(pair.client.call("echo", &[]), Err(CommandError::WrongState(_))), "not connected yet");
    pair.drive();
    let known = pair.client.call("echo", &[5.0.into(), "x".into()]).unwrap();
    let unknown = pair.client.call("nothing", &[]).unwrap();
    pair.drive();
    let mut answers = pair.heard.iter().rev();
    assert!(matches!(answers.next(), Some(ClientEvent::CallFailed { call, status })
        if *call == unknown && status.code == "NetConnection.Call.Failed"));
    assert!(matches!(answers.next(), Some(ClientEvent::Reply { call, values })
        if *call == known && *values == [Value::Null, 5.0.into(), "x".into()]));
}

#[test]
fn cmd_3_an_answer_that_cannot_be_sent_is_an_error_to_the_asker() {
    let key = "k".repeat(70_000);
    let impossible = [Value::Object(Object::new().with(key.as_str(), 1.0))];
    for later in [false, true] {
        let (mut peer, mut session) = connected();
        peer.command(0, "ask", 9.0, &[Value::Null]);
        let mut asked = None;
        peer.talk(&mut session, |session, event| {
            let ServerEvent::Command { call, .. } = event else { panic!("{event:?}") };
            session.defer(&call).unwrap();
            asked = Some(call);
            if !later {
                let call = asked.take().unwrap();
                assert!(matches!(session.reply(call, &impossible), Err(CommandError::Amf(_))));
            }
        })
        .unwrap();
        if let Some(call) = asked {
            assert!(matches!(session.reply(call, &impossible), Err(CommandError::Amf(_))));
        }
        peer.talk(&mut session, |_, _| {}).unwrap();
        assert_eq!(peer.command_names().last().unwrap(), "_error/NetConnection.Call.Failed");
    }
}

#[test]
fn cmd_24_54_55_calls_of_the_server_are_answered() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config(), &url, epoch());
    server.command(0, "onBWDone", 0.0, &[Value::Null]);
    server.command(0, "_onbwcheck", 5.0, &[Value::Null]);
    server.command(0, "ping", 6.0, &[Value::Null]);
    server.command(0, "mine", 7.0, &[Value::Null]);
    server.command(0, "theirs", 8.0, &[Value::Null]);
    server
        .talk(&mut client, |client, event| {
            let ClientEvent::Command { call } = event else { panic!("{event:?}") };
            if call.name == "mine" {
                client.reply(call, &[true.into()]).unwrap();
            }
        })
        .unwrap();
    let answers: Vec<_> = server.commands().into_iter().skip(1).map(|(_, name, id, _)| (name, id)).collect();
    let expected = [("_result", 5.0), ("pong", 6.0), ("_result", 7.0), ("_error", 8.0)];
    assert_eq!(answers, expected.map(|(name, id)| (name.to_owned(), id)), "CMD-24, CMD-54, CMD-55");
}
