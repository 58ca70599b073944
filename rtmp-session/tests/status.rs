//! What a client that plays makes of what a server says of its streams: statuses, as commands and as data, and the events
//! of user control. See CMD-46, CMD-57, CMD-58, UCM-3.

mod support;

use rtmp_session::{
    ClientEvent, ClientSession, CommandError, Play2, Status, StreamId, UserControl,
    amf::{Object, Value},
    chunk::Message,
};
use support::{Cut, Pair, Peer, audio, epoch, metadata, values, video};

#[test]
fn cmd_57_a_data_message_does_not_speak_for_the_connection() {
    // Whatever a publisher sends as data reaches players: it must not close their connections, or lead them elsewhere.
    for code in ["NetConnection.Connect.Rejected", "NetConnection.Connect.ReconnectRequest"] {
        let config = support::client_config()
            .capabilities(rtmp_session::Capabilities::default().caps_ex(rtmp_session::CapsEx::RECONNECT));
        let mut session = ClientSession::new(config, &"rtmp://h/live".parse().unwrap(), epoch());
        let mut server = Peer::server();
        session.play("cam");
        server.command(0, "_result", 1.0, &[Value::Null]);
        server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
        server.talk(&mut session, |_, _| {}).unwrap();
        let object = Object::new().with("level", "error").with("code", code).with("tcUrl", "rtmp://evil/live");
        let message = support::data(0, &["onStatus".into(), Value::Object(object)]);
        let payload = message.payload.clone();
        server.send(&message);
        let mut media = Vec::new();
        server
            .talk(&mut session, |_, event| match event {
                ClientEvent::Media { media: one, .. } => media.push(one.payload),
                ClientEvent::Started { .. } => {}
                other => panic!("{other:?}"),
            })
            .unwrap();
        assert_eq!(media, [payload], "it is data of the stream");
    }
}

/// A client that plays, and a server that says what a test wants.
fn played() -> (Peer, ClientSession, StreamId) {
    let mut session = ClientSession::new(support::client_config(), &"rtmp://h/live".parse().unwrap(), epoch());
    let mut server = Peer::server();
    let stream = session.play("cam");
    server.command(0, "_result", 1.0, &[Value::Null]);
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.send(&audio(0, 5).to_message(1));
    server.talk(&mut session, |_, _| {}).unwrap();
    (server, session, stream)
}

fn status_data(name: &str, level: &str, code: &str) -> Message {
    support::data(1, &[name.into(), Value::Object(Object::new().with("level", level).with("code", code))])
}

#[test]
fn cmd_46_57_a_data_message_does_not_end_a_live_stream() {
    let (mut server, mut session, stream) = played();
    let codes = ["NetStream.Play.Complete", "NetStream.Play.Stop", "NetStream.Play.StreamNotFound", "NetStream.Failed"];
    for (name, code) in codes.iter().flat_map(|code| [("onStatus", code), ("onPlayStatus", code)]) {
        server.send(&status_data(name, "error", code));
        let mut heard = Vec::new();
        server.talk(&mut session, |_, event| heard.push(event)).unwrap();
        assert!(matches!(&heard[..], [ClientEvent::Media { stream: of, .. }] if *of == stream), "{code}: {heard:?}");
    }
    server.send(&status_data("onStatus", "status", "NetStream.Data.Start"));
    server
        .talk(&mut session, |_, event| {
            assert!(matches!(&event, ClientEvent::Status { stream: Some(of), .. } if *of == stream), "{event:?}");
        })
        .unwrap();
}

#[test]
fn cmd_46_the_data_message_ends_a_recording_behind_its_stream_eof() {
    let (mut server, mut session, stream) = played();
    let complete = status_data("onPlayStatus", "status", "NetStream.Play.Complete");
    let mut ended = Vec::new();
    // A seek says end and begin.
    for event in [UserControl::StreamEof(1), UserControl::StreamBegin(1)] {
        server.send(&event.to_message());
    }
    server.send(&complete);
    server.talk(&mut session, |_, event| ended.extend(is_ended(&event))).unwrap();
    assert_eq!(ended, []);
    server.send(&UserControl::StreamEof(1).to_message());
    server.send(&complete);
    server.talk(&mut session, |_, event| ended.extend(is_ended(&event))).unwrap();
    assert_eq!(ended, [stream]);
}

#[test]
fn ucm_3_media_behind_a_stream_eof_is_dropped_until_the_stream_begins_again() {
    let (mut server, mut session, _) = played();
    let delivered = |server: &mut Peer, session: &mut ClientSession| {
        let sent = [audio(0, 5), video(0, 9), metadata(0)];
        sent.iter().for_each(|media| server.send(&media.to_message(1)));
        let mut media = Vec::new();
        server
            .talk(session, |_, event| {
                if let ClientEvent::Media { media: one, .. } = event {
                    media.push(one)
                }
            })
            .unwrap();
        assert!(media.is_empty() || media == sent, "{media:?}");
        !media.is_empty()
    };
    let end = UserControl::StreamEof(1).to_message();
    let status = |code: &str| {
        let status = Object::new().with("level", "status").with("code", code);
        support::command(1, "onStatus", 0.0, &[Value::Null, Value::Object(status)])
    };
    let word_of_the_server = [
        UserControl::StreamBegin(1).to_message(),
        status("NetStream.Play.Start"),
        status("NetStream.Play.PublishNotify"),
        status("NetStream.Seek.Notify"),
        status("NetStream.Unpause.Notify"),
        status_data("onPlayStatus", "status", "NetStream.Play.Switch"),
        status_data("onPlayStatus", "status", "NetStream.Play.TransitionComplete"),
        status_data("onStatus", "status", "NetStream.Data.Start"),
    ];
    for begin in word_of_the_server {
        server.send(&end);
        let ignored = session.stats().messages_ignored;
        assert!(!delivered(&mut server, &mut session));
        assert_eq!(session.stats().messages_ignored, ignored + 3);
        server.send(&UserControl::StreamBegin(2).to_message());
        server.send(&status("NetStream.Play.UnpublishNotify"));
        assert!(!delivered(&mut server, &mut session), "nothing of it begins");
        server.send(&begin);
        assert!(delivered(&mut server, &mut session), "{begin:?}");
    }
}

#[test]
fn ucm_3_media_behind_a_stream_eof_is_wanted_again_with_a_new_command() {
    type Command = fn(&mut ClientSession, StreamId) -> Result<(), CommandError>;
    let commands: [Command; 4] = [
        |session, stream| session.seek(stream, 0.0),
        |session, stream| session.pause(stream, false, 0.0),
        |session, stream| session.receive_video(stream, true),
        |session, stream| session.play2(stream, &Play2::default()),
    ];
    for command in commands {
        let (mut server, mut session, stream) = played();
        server.send(&UserControl::StreamEof(1).to_message());
        server.talk(&mut session, |_, _| {}).unwrap();
        session.set_buffer_length(stream, 1000).unwrap();
        server.send(&audio(0, 5).to_message(1));
        server.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
        command(&mut session, stream).unwrap();
        server.send(&audio(0, 5).to_message(1));
        let mut heard = 0;
        server.talk(&mut session, |_, _| heard += 1).unwrap();
        assert_eq!(heard, 1);
    }
}

fn is_ended(event: &ClientEvent) -> Option<StreamId> {
    match event {
        ClientEvent::Ended { stream, .. } => Some(*stream),
        _ => None,
    }
}

#[test]
fn cmd_46_msg_9_a_status_that_comes_as_data_may_be_as_long_as_a_command() {
    let (mut server, mut session, stream) = played();
    for (len, is_status) in [(30_000, true), (33_000, false)] {
        let text = "x".repeat(len);
        let object =
            Object::new().with("level", "status").with("code", "NetStream.Data.Start").with("description", text);
        server.send(&support::data(1, &["onStatus".into(), Value::Object(object)]));
        let mut heard = Vec::new();
        server.talk(&mut session, |_, event| heard.push(event)).unwrap();
        match &heard[..] {
            [ClientEvent::Status { stream: Some(of), .. }] if is_status && *of == stream => {}
            [ClientEvent::Media { stream: of, .. }] if !is_status && *of == stream => {}
            other => panic!("{len} bytes: {other:?}"),
        }
    }
}

#[test]
fn cmd_46_amf0_33_34_a_server_may_write_the_name_of_its_data_in_amf3() {
    let (mut server, mut session, stream) = played();
    // An object of no class with `code`, `name` and no other property, the latter by reference to the name in front.
    let mut body = values(&[Value::from("onPlayStatus").in_amf3()]).to_vec();
    body.extend_from_slice(b"\x11\x0a\x0b\x01\x09code\x06\x2bNetStream.Play.Switch\x09name\x06\x00\x01");
    let access = values(&[Value::from("|RtmpSampleAccess").in_amf3(), true.into(), true.into()]);
    for payload in [body.into(), access] {
        server.send(&Message { payload, ..support::data(1, &[]) });
    }
    let mut heard = Vec::new();
    server.talk(&mut session, |_, event| heard.push(event)).unwrap();
    let [ClientEvent::Status { stream: Some(of), status }] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((*of, status.code.as_str()), (stream, "NetStream.Play.Switch"));
    assert_eq!(status.more.get("name").and_then(Value::as_str), Some("onPlayStatus"));
}

#[test]
fn cmd_57_what_is_said_of_the_connection_counts_on_stream_0_alone() {
    let (mut server, mut session, stream) = played();
    let say = |server: &mut Peer, number, level: &str, code: &str| {
        let status = Object::new().with("level", level).with("code", code).with("tcUrl", "rtmp://evil/live");
        server.command(number, "onStatus", 0.0, &[Value::Null, Value::Object(status)]);
    };
    let mut heard = Vec::new();
    say(&mut server, 1, "status", "NetConnection.Connect.Closed");
    say(&mut server, 1, "status", "NetConnection.Connect.ReconnectRequest");
    server.talk(&mut session, |_, event| heard.push(event)).unwrap();
    let of_the_stream =
        |event: &ClientEvent| matches!(event, ClientEvent::Status { stream: Some(of), .. } if *of == stream);
    assert!(heard.len() == 2 && heard.iter().all(of_the_stream), "{heard:?}");
    // An error ends what it is about.
    say(&mut server, 1, "error", "NetConnection.Connect.Rejected");
    heard.clear();
    server.talk(&mut session, |_, event| heard.push(event)).unwrap();
    assert!(matches!(&heard[..], [ClientEvent::Ended { stream: of, .. }] if *of == stream), "{heard:?}");
    say(&mut server, 0, "status", "NetConnection.Connect.Closed");
    heard.clear();
    server.talk(&mut session, |_, event| heard.push(event)).unwrap();
    assert!(matches!(&heard[..], [ClientEvent::Closed { .. }]), "{heard:?}");
}

#[test]
fn cmd_58_errors_end_a_stream_and_warnings_do_not() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    let warning = Status::new(rtmp_session::Level::Warning, "NetStream.Play.InsufficientBW", "slow");
    pair.server.send_status(Some(at_server), &warning).unwrap();
    pair.drive();
    assert!(!pair.heard.iter().any(|event| matches!(event, ClientEvent::Ended { .. })));
    let error = Status::new(rtmp_session::Level::Error, "NetStream.Play.FileStructureInvalid", "");
    pair.server.send_status(Some(at_server), &error).unwrap();
    pair.drive();
    let Some(ClientEvent::Ended { stream: ended, status }) = pair.heard.last() else { panic!("{:?}", pair.heard) };
    assert_eq!((*ended, status), (stream, &error));
}
