//! Commands on the wire, byte for byte, and what a session does with each. See CMD-1 to CMD-62.

mod support;

use rtmp_session::{
    Call, ClientEvent, ClientSession, Level, ServerEvent, ServerSession, SessionError, Status, StreamId, UserControl,
    amf::{AmfLimits, Object, Value, amf0},
    chunk::{BandwidthLimit, Control, Message, MessageType},
    code,
};
use support::{Cut, Pair, Peer, Saw, client_config, epoch, link_config, server_config, vector};

/// The vector as a command message.
fn said(id: &str, stream_id: u32) -> Message {
    Message { payload: vector(id).into(), ..support::command(stream_id, "", 0.0, &[]) }
}

fn values_of(id: &str) -> Vec<Value> {
    amf0::decode_all(&vector(id), &AmfLimits::default()).unwrap()
}

fn accept(session: &mut ServerSession, event: ServerEvent) -> Option<StreamId> {
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => {
            let stream = request.stream;
            session.accept_publish(request).unwrap();
            return Some(stream);
        }
        ServerEvent::Play(request) => {
            let stream = request.stream;
            session.accept_play(request).unwrap();
            return Some(stream);
        }
        _ => {}
    }
    None
}

#[test]
fn v_cmd_01_03_04_05_07_10_13_a_publisher_in_the_words_of_the_vectors() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    for (id, stream) in [("V-CMD-01", 0), ("V-CMD-03", 0), ("V-CMD-04", 0), ("V-CMD-05", 0), ("V-CMD-07", 1)] {
        peer.send(&said(id, stream));
    }
    peer.send(&Message { payload: vector("V-CMD-13").into(), ..support::data(1, &[]) });
    peer.send(&said("V-CMD-10", 0));
    let (mut names, mut media, mut ended) = (Vec::new(), Vec::new(), 0);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => {
            assert_eq!((request.app.as_str(), request.tc_url.as_str()), ("live", "rtmp://h/live"));
            session.accept_connect(request).unwrap();
        }
        ServerEvent::Publish(request) => {
            names.push(request.name.clone());
            session.accept_publish(request).unwrap();
        }
        ServerEvent::Media { media: one, .. } => media.push(one),
        ServerEvent::Ended { .. } => ended += 1,
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert_eq!((names, ended), (vec!["key".to_owned()], 1));
    assert_eq!(media[0].payload[..], vector("V-CMD-13")[16..], "MSG-12");
    // V-CMD-06: what createStream of V-CMD-05 is answered with, to the byte.
    assert!(peer.said.iter().any(|message| message.payload[..] == vector("V-CMD-06")[..]), "CMD-10, CMD-26");
}

#[test]
fn v_cmd_02_06_08_a_server_in_the_words_of_the_vectors() {
    let url = "rtmp://h/live/key".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let stream = client.publish("key");
    let mut server = Peer::server();
    server.send(&said("V-CMD-02", 0));
    server.send(&said("V-CMD-06", 0));
    server.send(&said("V-CMD-08", 1));
    let mut events = Vec::new();
    server.talk(&mut client, |_, event| events.push(event)).unwrap();
    assert!(
        matches!(events[..], [ClientEvent::Connected, ClientEvent::Started { stream: started }] if started == stream)
    );
    // What we send is what the vectors say.
    let sent: Vec<_> = server.said.iter().map(|message| message.payload.to_vec()).collect();
    assert!(
        sent.contains(&vector("V-CMD-03")) && sent.contains(&vector("V-CMD-04")) && sent.contains(&vector("V-CMD-05"))
    );
    assert!(sent.contains(&vector("V-CMD-07")), "CMD-33");
}

#[test]
fn v_cmd_09_14_a_player_in_the_words_of_the_vectors() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    peer.send(&said("V-CMD-01", 0));
    peer.send(&said("V-CMD-05", 0));
    peer.send(&said("V-CMD-09", 1));
    let mut name = String::new();
    peer.talk(&mut session, |session, event| {
        if let ServerEvent::Play(request) = &event {
            name = request.name.clone();
        }
        accept(session, event);
    })
    .unwrap();
    assert_eq!(name, "key");
    let access = peer.said.iter().find(|message| message.kind == MessageType::DATA_AMF0).unwrap();
    assert_eq!(access.payload[..], vector("V-CMD-14")[..], "MSG-13");
}

#[test]
fn v_cmd_11_a_refusal_that_carries_authentication() {
    let url = "rtmp://h/live/key".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let mut server = Peer::server();
    server.send(&said("V-CMD-11", 0));
    let error = server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap_err();
    let SessionError::Refused(status) = error else { panic!("{error}") };
    assert_eq!(status.code, code::CONNECT_REJECTED);
    assert!(status.description.contains("authmod=adobe"), "AUTH-1: {}", status.description);
}

#[test]
fn cmd_1_2_3_4_form_of_a_command() {
    for id in (1..=11).map(|number| format!("V-CMD-{number:02}")) {
        let values = values_of(&id);
        assert!(values[0].as_str().is_some() && values[1].as_f64().is_some(), "{id}: name, transaction");
        assert!(values[2].is_null() || values[2].as_object().is_some(), "{id}: object or null");
        assert_eq!(support::values(&values), vector(&id), "{id}: the same bytes again");
    }
    // A call of any name is a call; arguments are a plain sequence of any types.
    let mut pair = Pair::new();
    pair.drive();
    pair.client.call("call", &[1.0.into(), Value::Array(vec!["a".into()]), Value::Null]).unwrap();
    pair.drive();
    assert!(pair.saw.contains(&Saw::Command { name: "call".into() }));
}

#[test]
fn cmd_8_9_12_13_14_17_connect_objects_in_any_order() {
    let object = Object::new()
        .with("videoCodecs", 252.0)
        .with("unknown", Value::Array(vec![]))
        .with("tcUrl", "rtmp://h/live?x=1")
        .with("audioCodecs", 3191.0)
        .with("swfUrl", "http://h/p.swf")
        .with("app", "/live/");
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    peer.command(0, "connect", 1.0, &[Value::EcmaArray(object.clone()), "secret".into()]);
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        assert_eq!((request.app.as_str(), request.tc_url.as_str()), ("live", "rtmp://h/live?x=1"));
        assert_eq!((request.swf_url.as_deref(), request.flash_ver.as_str()), (Some("http://h/p.swf"), ""));
        assert_eq!(request.wire, object, "everything is kept, in order");
        assert_eq!(request.wire.get("audioCodecs").and_then(Value::as_u32), Some(3191));
        assert_eq!(request.args, [Value::from("secret")], "CMD-17");
        session.accept_connect(request).unwrap();
    })
    .unwrap();
}

#[test]
fn cmd_15_17_what_a_client_may_add_to_connect() {
    let config = client_config().property("type", "nonprivate").argument(true).argument("key").flash_ver("FMLE/3.0");
    let url = "rtmp://h/live/key".parse().unwrap();
    let mut client = ClientSession::new(config, &url, epoch());
    let mut server = Peer::server();
    server.talk(&mut client, |_, _| {}).unwrap();
    let (_, name, transaction, values) = server.commands().remove(0);
    assert_eq!((name.as_str(), transaction), ("connect", 1.0), "CMD-2, CMD-11");
    assert_eq!((values[0]["type"].clone(), values[0]["flashVer"].clone()), ("nonprivate".into(), "FMLE/3.0".into()));
    assert_eq!(
        (values[0]["audioCodecs"].as_u32(), values[0]["videoCodecs"].as_u32()),
        (Some(4071), Some(252)),
        "CMD-15"
    );
    assert_eq!(values[1..], [Value::from(true), "key".into()]);
}

#[test]
fn cmd_20_21_22_answer_to_connect_in_one_piece() {
    let mut session = ServerSession::new(server_config(), epoch());
    support::handshaken(&mut session);
    let connect =
        rtmp_session::chunk::encode_once(&said("V-CMD-01", 0), rtmp_session::chunk::ChunkSize::DEFAULT).unwrap();
    support::feed(&mut session, &connect);
    let Some(ServerEvent::Connect(request)) = session.poll_event().unwrap() else { panic!() };
    assert_eq!(session.queued(), 0);
    session.accept_connect(request).unwrap();
    let slices = bytes::Buf::chunk(session.send_queue()).len();
    assert_eq!(slices, session.queued(), "one write takes it all");
}

#[test]
fn cmd_31_32_announcements_are_answered_and_change_nothing() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    peer.connect("live");
    for (at, name) in ["releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "FCUnsubscribe"].iter().enumerate() {
        peer.command(0, name, 10.0 + at as f64, &[Value::Null, "key".into()]);
    }
    peer.talk(&mut session, |session, event| assert_eq!(accept(session, event), None)).unwrap();
    let names = peer.command_names();
    let expected = [
        "_result",
        "_result",
        "onFCPublish/NetStream.Publish.Start",
        "_result",
        "onFCUnpublish/NetStream.Unpublish.Success",
        "_result",
        "onFCSubscribe/NetStream.Play.Start",
        "_result",
        "onFCUnsubscribe/NetStream.Play.Stop",
    ];
    assert_eq!(names[1..], expected);
    assert_eq!(peer.commands()[3].3[1]["description"], "key");
}

#[test]
fn cmd_35_57_59_statuses_on_the_wire() {
    let (pair, ..) = Pair::publishing(Cut::Whole);
    assert!(
        pair.heard.iter().any(|event| matches!(event, ClientEvent::Control(UserControl::StreamBegin(1)))),
        "CMD-35"
    );
    // Nothing but a code: everything else may be missing.
    for value in
        [Object::new().with("code", "X.Y"), Object::new().with("clientid", 7).with("code", "X.Y").with("level", "odd")]
    {
        let status = Status::from_value(&Value::Object(value));
        assert_eq!((status.level, status.code.as_str(), status.description.as_str()), (Level::Status, "X.Y", ""));
    }
    assert_eq!(Status::from_value(&Value::Null).code, "");
    let status = Status::new(Level::Error, code::PLAY_FAILED, "words").with("details", "cam").with("clientid", 7.0);
    assert_eq!(Status::from_value(&status.to_value()), status);
    assert_eq!(status.to_string(), "NetStream.Play.Failed (words)");
}

#[test]
fn cmd_43_53_56_prefixes_pass_and_rare_commands_are_the_programs() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 3.0, &[Value::Null, "mp4:clip.mp4".into()]);
    peer.command(0, "set_playlist", 0.0, &[Value::Null, "a".into()]);
    peer.command(0, "secureTokenResponse", 0.0, &[Value::Null, "x".into()]);
    let (mut name, mut calls) = (String::new(), Vec::new());
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Command { call, .. } => calls.push(call.name.clone()),
        ServerEvent::Play(request) => {
            name = request.name.clone();
            session.accept_play(request).unwrap();
        }
        other => drop(accept(session, other)),
    })
    .unwrap();
    assert_eq!(name, "mp4:clip.mp4");
    assert_eq!(calls, ["set_playlist", "secureTokenResponse"]);
}

#[test]
fn cmd_61_a_player_sends_in_this_order() {
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config().announce_play(true), &url, epoch());
    let stream = client.play("cam");
    let mut server = Peer::server();
    server.send(&said("V-CMD-02", 0));
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, _| {}).unwrap();
    client.end_stream(stream).unwrap();
    server.talk(&mut client, |_, _| {}).unwrap();
    let order: Vec<_> = server
        .said
        .iter()
        .map(|message| match message.kind {
            MessageType::COMMAND_AMF0 => values_in(message)[0].as_str().unwrap().to_owned(),
            MessageType::USER_CONTROL => "buffer length".to_owned(),
            MessageType::SET_CHUNK_SIZE => "chunk size".to_owned(),
            MessageType::WINDOW_ACK_SIZE => "window".to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected =
        ["chunk size", "connect", "window", "createStream", "FCSubscribe", "buffer length", "play", "deleteStream"];
    assert_eq!(order, expected);
    let play = values_in(&server.said[6]);
    assert_eq!(play[2..], [Value::Null, "cam".into(), (-2.0).into()], "CMD-41");
}

#[test]
fn cmd_60_cmd_61_the_window_is_said_once_and_only_by_players() {
    let windows = |server: &Peer| -> Vec<_> {
        let windows = server.said.iter().filter(|message| message.kind == MessageType::WINDOW_ACK_SIZE);
        windows.map(|message| u32::from_be_bytes(message.payload[..].try_into().unwrap())).collect()
    };
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config().link(link_config().window_ack_size(70_000)), &url, epoch());
    let mut server = Peer::server();
    client.publish("cam");
    server.send(&said("V-CMD-02", 0));
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(windows(&server), [], "encoders do not say one");
    client.play("cam");
    client.play("other");
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(windows(&server), [70_000]);

    // One that was said in answer to a bandwidth stays.
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let mut server = Peer::server();
    client.play("cam");
    server.send(&Control::SetPeerBandwidth { window: 50_000, limit: BandwidthLimit::HARD }.to_message());
    server.send(&said("V-CMD-02", 0));
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(windows(&server), [50_000]);
}

fn values_in(message: &Message) -> Vec<Value> {
    amf0::decode_all(&message.payload, &AmfLimits::default()).unwrap()
}

#[test]
fn st_1_2_3_4_5_6_codes_and_what_they_do_to_a_player() {
    // Level error ends the stream, whatever the code; of the others only the ends of a play do.
    let ends = [code::PLAY_STOP, code::PLAY_COMPLETE, code::UNPUBLISH_SUCCESS];
    for (level, codes) in [
        (
            Level::Status,
            &[
                code::PLAY_STOP,
                code::PLAY_SWITCH,
                code::PLAY_TRANSITION,
                code::PLAY_TRANSITION_COMPLETE,
                code::PLAY_COMPLETE,
                code::PLAY_PUBLISH_NOTIFY,
                code::PLAY_UNPUBLISH_NOTIFY,
                code::PAUSE_NOTIFY,
                code::UNPAUSE_NOTIFY,
                code::SEEK_NOTIFY,
                code::STEP_NOTIFY,
                code::BUFFER_EMPTY,
                code::BUFFER_FULL,
                code::BUFFER_FLUSH,
                code::DATA_START,
                code::VIDEO_DIMENSION_CHANGE,
                code::CLEAR_SUCCESS,
                code::PUBLISH_IDLE,
                code::RECORD_START,
                code::SHARED_OBJECT_FLUSH_SUCCESS,
                code::APPLICATION_SHUTDOWN,
                "Private.Code",
            ][..],
        ),
        (Level::Warning, &[code::PLAY_INSUFFICIENT_BW, code::APPLICATION_SCRIPT_WARNING][..]),
        (
            Level::Error,
            &[
                code::PLAY_STREAM_NOT_FOUND,
                code::PLAY_FAILED,
                code::PLAY_FILE_STRUCTURE_INVALID,
                code::PLAY_NO_SUPPORTED_TRACK_FOUND,
                code::STREAM_FAILED,
                code::STREAM_INVALID_ARG,
                code::RECORD_FAILED,
                code::SHARED_OBJECT_FLUSH_FAILED,
                code::APPLICATION_SCRIPT_ERROR,
            ][..],
        ),
    ] {
        for code in codes {
            let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
            let status = Status::new(level, *code, "");
            pair.server.send_status(Some(at_server), &status).unwrap();
            pair.drive();
            let over = level == Level::Error || ends.contains(code);
            match pair.heard.last().unwrap() {
                ClientEvent::Ended { stream: ended, status: heard } => {
                    assert!(over && *ended == stream && *heard == status, "{code}")
                }
                ClientEvent::Status { stream: about, status: heard } => {
                    assert!(!over && *about == Some(stream) && *heard == status, "{code}");
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }
    for (level, word) in [(Level::Status, "status"), (Level::Warning, "warning"), (Level::Error, "error")] {
        assert_eq!(level.as_str(), word, "ST-1");
        assert_eq!(Status::from_value(&Status::new(level, "X", "").to_value()).level, level);
    }
}

#[test]
fn st_2_7_ertmp_98_codes_of_the_connection() {
    for (level, code, over) in [
        (Level::Status, code::RECONNECT_REQUEST, false), // To a client that did not announce it (ERTMP-95).
        (Level::Status, code::CONNECT_IDLE_TIMEOUT, false),
        (Level::Status, code::CONNECT_NETWORK_CHANGE, false),
        (Level::Error, code::CONNECT_APP_SHUTDOWN, true),
        (Level::Error, code::CONNECT_FAILED, true),
        (Level::Error, code::CONNECT_INVALID_APP, true),
        (Level::Error, code::CONNECT_REJECTED, true),
        (Level::Error, code::CALL_FAILED, false),
        (Level::Error, code::CALL_BAD_VERSION, false),
        (Level::Error, code::CALL_PROHIBITED, false),
        (Level::Error, code::PROXY_NOT_RESPONDING, false),
    ] {
        let mut pair = Pair::new();
        pair.drive();
        pair.server.send_status(None, &Status::new(level, code, "")).unwrap();
        pair.drive();
        assert_eq!(matches!(pair.client_error, Some(SessionError::Refused(_))), over, "{code}");
        assert_eq!(matches!(pair.heard.last(), Some(ClientEvent::Status { stream: None, .. })), !over, "{code}");
    }
    let mut pair = Pair::new();
    pair.drive();
    assert_eq!(pair.client.server_properties()["code"], code::CONNECT_SUCCESS);
    let status = |code: &str| Status::new(Level::Status, code, "");
    pair.server.send_status(None, &status(code::CONNECT_CLOSED)).unwrap();
    pair.drive();
    assert!(matches!(pair.heard.last(), Some(ClientEvent::Closed { status }) if status.is(code::CONNECT_CLOSED)));
    assert!(status("NetConnection.Connect.IdleTimeOut").is(code::CONNECT_IDLE_TIMEOUT));
    assert!(!status("netconnection.connect.closed").is(code::CONNECT_CLOSED), "no folding of case");
    assert!(!status(code::CONNECT_CLOSED).is(code::CONNECT_IDLE_TIMEOUT));
}

#[test]
fn cmd_58_a_client_ignores_no_code_silently() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    pair.server.send_status(Some(at_server), &Status::new(Level::Status, "Made.Up", "")).unwrap();
    pair.server.notify(Some(at_server), "onStatus", &[]).unwrap();
    pair.drive();
    let reported = pair
        .heard
        .iter()
        .filter(|event| matches!(event, ClientEvent::Status { stream: Some(about), .. } if *about == stream));
    assert_eq!(reported.count(), 3, "the reset of play, the made up one, and the empty one");
    let call = |event: &ClientEvent| matches!(event, ClientEvent::Command { call: Call { .. } });
    assert!(!pair.heard.iter().any(call));
}
