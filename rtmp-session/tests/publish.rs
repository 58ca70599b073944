//! Publishing, from connect to the end, as each kind of client does it.

mod support;

use rtmp_session::{
    ClientEvent, CommandError, Media, MessageError, PublishKind, ServerEvent, ServerSession, StreamId,
    amf::{Object, Value, amf0},
    chunk::{Message, MessageType},
};
use support::{Cut, Pair, Peer, Saw, audio, command_amf3, data, drain, epoch, metadata, server_config, values, video};

/// A server that accepts everything, and what came out of it.
#[derive(Default)]
struct Seen {
    published: Vec<(StreamId, String, Option<String>, PublishKind)>,
    unknown_kinds: Vec<Option<String>>,
    media: Vec<Media>,
    ended: Vec<StreamId>,
}

impl Seen {
    fn take(&mut self, session: &mut ServerSession, event: ServerEvent) {
        match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Publish(request) => {
                self.published.push((
                    request.stream,
                    request.name.clone(),
                    request.query.clone(),
                    request.kind.clone(),
                ));
                self.unknown_kinds.push(request.unknown_kind.clone());
                session.accept_publish(request).unwrap();
            }
            ServerEvent::Media { media, .. } => self.media.push(media),
            ServerEvent::Ended { stream } => self.ended.push(stream),
            other => panic!("unexpected {other:?}"),
        }
    }
}

/// Talks to a server that accepts everything.
fn run(peer: &mut Peer) -> (ServerSession, Seen) {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut seen = Seen::default();
    peer.talk(&mut session, |session, event| seen.take(session, event)).unwrap();
    (session, seen)
}

#[test]
fn publish_survives_any_cut() {
    for cut in [Cut::Whole, Cut::Every(1), Cut::Every(7), Cut::Random(3)] {
        let (mut pair, stream, at_server) = Pair::publishing(cut);
        let sent = [metadata(0), video(0, 20_000), audio(10, 300), video(40, 6), audio(33, 3)];
        for media in &sent {
            pair.client.send_media(stream, media).unwrap();
        }
        pair.drive();
        assert_eq!(pair.server_media(), sent, "{cut:?}");
        pair.client.end_stream(stream).unwrap();
        pair.drive();
        assert_eq!(pair.saw.last(), Some(&Saw::Ended { stream: at_server }));
        assert_eq!((pair.client_error, pair.server_error), (None, None));
    }
}

#[test]
fn cmd_60_client_publishes_as_encoders_do() {
    let mut server = Peer::server();
    let url = "rtmp://example.com/live/cam?token=1".parse().unwrap();
    let mut client = rtmp_session::ClientSession::new(support::client_config(), &url, epoch());
    client.publish(&url.stream);
    server.talk(&mut client, |_, event| panic!("{event:?} before an answer")).unwrap();
    assert_eq!(server.kinds(), [MessageType::SET_CHUNK_SIZE, MessageType::COMMAND_AMF0]);
    let (stream, name, transaction, args) = server.commands().remove(0);
    assert_eq!((stream, name.as_str(), transaction), (0, "connect", 1.0));
    let keys: Vec<_> = args[0].as_object().unwrap().entries.iter().map(|(key, _)| key.to_string()).collect();
    let usual = "app flashVer tcUrl fpad capabilities audioCodecs videoCodecs videoFunction";
    assert_eq!(keys.join(" "), usual, "CMD-9, CMD-12, CMD-15");
    assert_eq!(args[0]["app"], "live");
    assert_eq!(args[0]["tcUrl"], "rtmp://example.com/live");

    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.talk(&mut client, |_, event| assert!(matches!(event, ClientEvent::Connected))).unwrap();
    server.command(0, "_result", 4.0, &[Value::Null, 9.0.into()]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    let said: Vec<_> = server.commands().into_iter().skip(1).map(|(stream, name, id, _)| (stream, name, id)).collect();
    let expected = [(0, "releaseStream", 2.0), (0, "FCPublish", 3.0), (0, "createStream", 4.0), (9, "publish", 5.0)];
    assert_eq!(said, expected.map(|(stream, name, id)| (stream, name.to_owned(), id)));
    assert_eq!(server.commands()[4].3, [Value::Null, "cam?token=1".into(), "live".into()], "CMD-33, CMD-34");
}

#[test]
fn ctl_27_cmd_20_21_22_answers_to_connect_in_order() {
    let mut peer = Peer::client();
    peer.connect("live");
    run(&mut peer);
    let expected = [
        MessageType::WINDOW_ACK_SIZE,
        MessageType::SET_PEER_BANDWIDTH,
        MessageType::SET_CHUNK_SIZE,
        MessageType::USER_CONTROL,
        MessageType::COMMAND_AMF0,
    ];
    // The link answers the bandwidth with a window of its own, which the server does not answer.
    assert_eq!(peer.kinds(), expected);
    let (stream, name, transaction, values) = peer.commands().remove(0);
    assert_eq!((stream, name.as_str(), transaction), (0, "_result", 1.0), "CMD-21");
    assert_eq!(values[0]["fmsVer"], "FMS/3,0,1,123", "CMD-22");
    assert_eq!(values[1]["level"], "status");
    assert_eq!(values[1]["code"], "NetConnection.Connect.Success");
    assert_eq!(values[1]["objectEncoding"], 0.0);
    assert_eq!(values[1].get("capsEx"), None, "ERTMP-79: nothing of it to a client that said nothing of it");
}

#[test]
fn cmd_10_26_27_31_32_35_38_60_connect_with_pipelined_commands() {
    // librtmp and FFmpeg send releaseStream, FCPublish and createStream in one piece; here connect is in it too.
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "releaseStream", 2.0, &[Value::Null, "cam".into()]);
    peer.command(0, "FCPublish", 3.0, &[Value::Null, "cam".into()]);
    peer.command(0, "createStream", 4.0, &[Value::Null]);
    peer.command(1, "publish", 5.0, &[Value::Null, "cam".into(), "live".into()]);
    peer.send(&video(0, 100).to_message(1)); // CMD-38
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.published.len(), 1);
    assert_eq!(seen.media, [video(0, 100)], "media before the answer is not lost");
    let names = peer.command_names();
    let expected = [
        "_result/NetConnection.Connect.Success",
        "_result", // releaseStream, CMD-31
        "_result", // FCPublish, CMD-32
        "onFCPublish/NetStream.Publish.Start",
        "_result", // createStream, CMD-26
        "onStatus/NetStream.Publish.Start",
    ];
    assert_eq!(names, expected);
    let commands = peer.commands();
    assert_eq!(commands[4].3, [Value::Null, 1.0.into()], "CMD-10, CMD-27: null, then the number, from 1 on");
    assert_eq!(commands[5].0, 1, "CMD-35: on the stream's own number");
}

#[test]
fn cmd_2_29_gstreamer_uses_transaction_0_and_deletes_by_name() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "releaseStream", 0.0, &[Value::Null, "cam".into()]);
    peer.command(0, "FCPublish", 0.0, &[Value::Null, "cam".into()]);
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 0.0, &[Value::Null, "cam".into(), "live".into()]);
    peer.send(&video(0, 10).to_message(1));
    peer.command(0, "deleteStream", 0.0, &[Value::Null, "cam".into()]);
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.media.len(), 1);
    assert_eq!(seen.ended, [seen.published[0].0], "CMD-29: named by a string");
    assert!(!peer.commands().iter().any(|(_, name, id, _)| name == "_result" && *id == 0.0), "CMD-2");
}

#[test]
fn cmd_34_39_fcunpublish_ends_the_publish_once() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam?key=1".into()]);
    peer.command(0, "FCUnpublish", 4.0, &[Value::Null, "cam?key=1".into()]);
    peer.command(0, "deleteStream", 5.0, &[Value::Null, 1.0.into()]);
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.published[0].1, "cam", "CMD-34");
    assert_eq!(seen.published[0].2.as_deref(), Some("key=1"));
    assert_eq!(seen.ended, [seen.published[0].0]);
    assert!(peer.command_names().contains(&"onFCUnpublish/NetStream.Unpublish.Success".into()));
}

#[test]
fn cmd_62_publish_without_announcing_it() {
    // nginx-rtmp: createStream and publish alone, and Stream Begin from the client.
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 0.0, &[Value::Null, "cam".into(), "live".into()]);
    peer.send(&rtmp_session::UserControl::StreamBegin(1).to_message());
    peer.send(&metadata(0).to_message(1)); // onMetaData without @setDataFrame
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.media, [metadata(0)]);
}

#[test]
fn node_media_server_sends_everything_on_message_stream_0() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into(), "live".into()]);
    for media in [metadata(0), audio(0, 10), video(0, 10)] {
        peer.send(&media.to_message(0));
    }
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.media, [metadata(0), audio(0, 10), video(0, 10)]);
}

#[test]
fn msg_11_media_on_a_stream_that_never_was() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.send(&video(0, 10).to_message(0));
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.send(&video(0, 10).to_message(1));
    peer.send(&video(0, 10).to_message(77));
    let (session, seen) = run(&mut peer);
    assert_eq!(seen.media, []);
    assert_eq!(session.stats().messages_ignored, 3);
}

#[test]
fn msg_3_4_12_set_data_frame_is_sliced_off() {
    let object = Value::EcmaArray(Object::new().with("width", 1280.0).with("height", 720.0));
    let stored = Media::data(0, values(&["onMetaData".into(), object.clone()]));
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    let framed = data(1, &["@setDataFrame".into(), "onMetaData".into(), object]);
    peer.send(&framed);
    // MSG-3: type 15 has a selector byte in front; MSG-4: or has none.
    peer.send(&Message {
        kind: MessageType::DATA_AMF3,
        payload: [&[0], &framed.payload[..]].concat().into(),
        ..framed.clone()
    });
    peer.send(&Message { kind: MessageType::DATA_AMF3, ..framed });
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.media, [stored.clone(), stored.clone(), stored]);
}

#[test]
fn amf0_22_msg_12_set_data_frame_is_sliced_off_in_any_kind_of_string_and_number() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    let kinds: [&[u8]; 3] =
        [b"\x02\x00\x0d@setDataFrame", b"\x0c\x00\x00\x00\x0d@setDataFrame", b"\x11\x06\x1b@setDataFrame"];
    let named = &metadata(0).payload[..];
    for framed in [[kinds[0], named].concat(), [kinds[1], named].concat(), [kinds[2], named].concat()] {
        peer.send(&Media::data(0, framed).to_message(1));
    }
    peer.send(&Media::data(0, [kinds.concat(), named.to_vec()].concat()).to_message(1));
    for alone in kinds {
        peer.send(&Media::data(0, alone).to_message(1));
    }
    let (session, seen) = run(&mut peer);
    assert_eq!(seen.media, [metadata(0), metadata(0), metadata(0), metadata(0)]);
    assert_eq!(session.stats().last_rejected, Some(MessageError::EmptyDataFrame));
    assert_eq!(session.stats().messages_rejected, 3);
}

#[test]
fn amf0_22_msg_12_a_client_asks_to_keep_metadata_named_with_a_long_string() {
    let (mut pair, stream, _) = Pair::publishing(Cut::Whole);
    let long = Media::data(0, &b"\x0c\x00\x00\x00\x0aonMetaData\x05"[..]);
    pair.client.send_media(stream, &long).unwrap();
    let sent = drain(&mut pair.client);
    let asked = b"@setDataFrame\x0c\x00\x00\x00\x0aonMetaData";
    assert!(sent.windows(asked.len()).any(|window| window == asked), "{sent:02x?}");
}

#[test]
fn msg_07_empty_messages() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    peer.send(&Media::audio(0, vec![]).to_message(1));
    peer.send(&Media::video(0, vec![]).to_message(1));
    peer.send(&Media::data(0, vec![]).to_message(1));
    let nothing = Message { payload: Vec::new().into(), ..support::command(0, "x", 0.0, &[]) };
    peer.send(&nothing);
    let (session, seen) = run(&mut peer);
    assert_eq!(seen.media, [Media::audio(0, vec![])], "silence is delivered, nothing else");
    let stats = session.stats();
    assert_eq!((stats.messages_ignored, stats.messages_rejected), (1, 2));
}

#[test]
fn msg_3_6_cmd_16_commands_in_amf3_form() {
    // Flash with objectEncoding 3: type 17, a 0, then AMF0 values. Answers come back in the same form (MSG-6).
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live").with("objectEncoding", 3.0);
    let mut peer = Peer::client();
    peer.command(0, "connect", 1.0, &[Value::Object(object)]);
    peer.send(&command_amf3(0, "createStream", 2.0, &[Value::Null]));
    peer.send(&command_amf3(1, "publish", 3.0, &[Value::Null, "cam".into()]));
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.published.len(), 1);
    assert_eq!(peer.commands()[0].3[1]["objectEncoding"], 3.0, "CMD-16");
    let created = peer.said.iter().find(|message| message.kind == MessageType::COMMAND_AMF3).unwrap();
    assert_eq!(created.payload[0], 0);
}

#[test]
fn cmd_30_close_stream_leaves_the_message_stream() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    for name in ["first", "second"] {
        peer.command(1, "publish", 0.0, &[Value::Null, name.into()]);
        peer.command(1, "closeStream", 0.0, &[Value::Null]);
    }
    let (_, seen) = run(&mut peer);
    assert_eq!(seen.published.len(), 2);
    assert_ne!(seen.published[0].0, seen.published[1].0, "a handle is never used twice");
    assert_eq!(seen.ended, [seen.published[0].0, seen.published[1].0]);
    let unpublished = peer.command_names().iter().filter(|name| name.ends_with("Unpublish.Success")).count();
    assert_eq!(unpublished, 2);
}

#[test]
fn cmd_33_cmd_40_kinds_of_publish() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    let words: [&[Value]; 6] =
        [&[], &["live".into()], &["record".into()], &["append".into()], &["appendWithGap".into()], &["odd".into()]];
    for word in words {
        peer.command(1, "publish", 0.0, &[&[Value::Null, "cam".into()], word].concat());
        peer.command(1, "publish", 0.0, &[Value::Null, false.into()]); // ActionScript's publish(false)
    }
    let (_, seen) = run(&mut peer);
    let kinds: Vec<_> = seen.published.iter().map(|publish| publish.3.as_str()).collect();
    assert_eq!(kinds, ["live", "live", "record", "append", "appendWithGap", "live"]);
    assert_eq!(seen.unknown_kinds, [None, None, None, None, None, Some("odd".to_owned())]);
    assert_eq!(seen.ended.len(), 6);
}

#[test]
fn cmd_37_client_waits_for_the_status_and_not_for_a_result() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = rtmp_session::ClientSession::new(support::client_config().announce_publish(false), &url, epoch());
    let stream = client.publish("cam");
    server.talk(&mut client, |_, _| {}).unwrap();
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, _| {}).unwrap();
    server.command(1, "_result", 3.0, &[Value::Null]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    assert!(matches!(client.send_media(stream, &audio(0, 3)), Err(CommandError::WrongState(_))));
    let status = Object::new().with("level", "status").with("code", "NetStream.Publish.Start");
    // Some servers answer on stream 0.
    server.command(0, "onStatus", 0.0, &[Value::Null, Value::Object(status)]);
    let mut started = false;
    server.talk(&mut client, |_, event| started |= matches!(event, ClientEvent::Started { .. })).unwrap();
    assert!(started);
    client.send_media(stream, &audio(0, 3)).unwrap();
}

#[test]
fn cmd_38_bytes_wait_while_the_program_thinks() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.link.poll_event().unwrap();
    let request = loop {
        support::feed(&mut session, &drain(&mut peer.link));
        match session.poll_event().unwrap() {
            Some(ServerEvent::Connect(request)) => break request,
            Some(other) => panic!("{other:?}"),
            None => {
                support::feed(&mut peer.link, &drain(&mut session));
                peer.link.poll_event().unwrap();
            }
        }
    };
    assert!(!session.recv_buffer().is_empty(), "createStream waits in the buffer");
    session.accept_connect(request).unwrap();
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert!(peer.command_names().contains(&"_result".into()), "and is answered now");
}

#[test]
fn a_server_may_end_a_publish() {
    let (mut pair, stream, at_server) = Pair::publishing(Cut::Whole);
    pair.server.end_stream(at_server, "maintenance").unwrap();
    pair.drive();
    let Some(ClientEvent::Ended { stream: ended, status }) = pair.heard.last() else { panic!("{:?}", pair.heard) };
    assert_eq!((*ended, status.code.as_str()), (stream, "NetStream.Publish.Rejected"));
    assert_eq!(status.description, "maintenance");
    assert_eq!(pair.client.send_media(stream, &audio(0, 3)), Err(CommandError::UnknownStream));
    assert_eq!(pair.server.end_stream(at_server, "again"), Err(CommandError::UnknownStream));
}

#[test]
fn two_streams_on_one_connection() {
    let mut pair = Pair::new();
    let cam = pair.client.publish("cam");
    let mic = pair.client.publish("mic");
    pair.drive();
    pair.client.send_media(cam, &video(0, 10)).unwrap();
    pair.client.send_media(mic, &audio(0, 10)).unwrap();
    pair.drive();
    let streams: Vec<_> = pair
        .saw
        .iter()
        .filter_map(|saw| match saw {
            Saw::Media { stream, media } => Some((*stream, media.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(streams.len(), 2);
    assert_ne!(streams[0].0, streams[1].0);
    assert_ne!(pair.client.message_stream_id(cam), pair.client.message_stream_id(mic));
    pair.client.end_stream(cam).unwrap();
    pair.drive();
    pair.client.send_media(mic, &audio(20, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.server_media().len(), 3);
}

#[test]
fn a_stream_may_be_ended_before_it_has_a_number() {
    let mut pair = Pair::new();
    let stream = pair.client.publish("cam");
    pair.client.end_stream(stream).unwrap();
    pair.drive();
    assert!(!pair.saw.iter().any(|saw| matches!(saw, Saw::Publish { .. })), "{:?}", pair.saw);
    let stream = pair.client.publish("cam");
    pair.client.end_stream(stream).unwrap();
    pair.drive();
    assert!(!pair.saw.iter().any(|saw| matches!(saw, Saw::Publish { .. })), "{:?}", pair.saw);
    assert_eq!(pair.client.end_stream(stream), Err(CommandError::UnknownStream));
}

#[test]
fn cmd_29_a_stream_that_was_ended_before_it_had_a_number_is_given_back() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let config = support::client_config().announce_publish(false);
    let mut client = rtmp_session::ClientSession::new(config, &url, epoch());
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.talk(&mut client, |_, _| {}).unwrap();
    let stream = client.publish("cam");
    client.end_stream(stream).unwrap();
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    server.command(0, "_result", 2.0, &[Value::Null, 7.0.into()]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    let said = server.commands().pop().unwrap();
    assert_eq!(said, (0, "deleteStream".into(), 0.0, vec![Value::Null, 7.0.into()]));
    assert_eq!(server.commands().len(), 3, "connect and createStream before it, no publish");
}

#[test]
fn cmd_29_39_what_a_client_says_at_the_end_of_a_stream() {
    for (publishes, announces) in [(true, true), (true, false), (false, true), (false, false)] {
        let config = support::client_config().announce_publish(announces).announce_play(announces);
        let mut pair = Pair::with(config, server_config());
        let stream = if publishes { pair.client.publish("cam") } else { pair.client.play("cam") };
        pair.drive();
        pair.client.end_stream(stream).unwrap();
        let said = support::messages_in_large_chunks(&drain(&mut pair.client));
        let names: Vec<_> = said.iter().filter_map(|message| amf0::peek_str(&message.payload)).collect();
        let expected = if publishes && announces { &["FCUnpublish", "deleteStream"][..] } else { &["deleteStream"] };
        assert_eq!(names, expected);
    }
}

#[test]
fn msg_12_only_data_gets_a_set_data_frame() {
    let (mut pair, stream, _) = Pair::publishing(Cut::Whole);
    // Media of an unknown codec may begin with the very bytes of an onMetaData.
    let text = metadata(0).payload;
    for media in [Media::audio(0, text.clone()), Media::video(0, text.clone()), Media::data(0, text)] {
        pair.client.send_media(stream, &media).unwrap();
        let sent = support::messages_in_large_chunks(&drain(&mut pair.client)).remove(0).payload;
        let is_data = media.kind == rtmp_session::MediaKind::Data;
        assert_eq!(sent.starts_with(b"\x02\x00\x0d@setDataFrame"), is_data, "{media:?}");
        assert!(sent.ends_with(&media.payload));
    }
}
