//! Playing, from connect to the end, as each kind of client does it.

mod support;

use rtmp_session::{
    ClientEvent, ClientSession, CommandError, MediaKind, Play2, PlayOptions, PlayStart, PlaybackControl, ServerEvent,
    ServerSession, StreamId, UserControl,
    amf::{Object, Value},
    chunk::{Message, MessageType},
};
use support::{Cut, Pair, Peer, Saw, audio, epoch, metadata, server_config, video};

/// A play: its name, query, start, duration, and whether it resets.
type Played = (StreamId, String, Option<String>, PlayStart, Option<f64>, bool);

/// What a server that accepts everything was asked to play.
#[derive(Default)]
struct Seen {
    played: Vec<Played>,
    controls: Vec<PlaybackControl>,
    ended: Vec<StreamId>,
}

impl Seen {
    fn take(&mut self, session: &mut ServerSession, event: ServerEvent) {
        match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Play(request) => {
                let (name, query) = (request.name.clone(), request.query.clone());
                self.played.push((request.stream, name, query, request.start, request.duration, request.reset));
                session.accept_play(request).unwrap();
            }
            ServerEvent::Playback { control, .. } => self.controls.push(control),
            ServerEvent::Ended { stream } => self.ended.push(stream),
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn run(peer: &mut Peer) -> (ServerSession, Seen) {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut seen = Seen::default();
    peer.talk(&mut session, |session, event| seen.take(session, event)).unwrap();
    (session, seen)
}

/// A session with one player, and the peer that plays.
fn playing() -> (Peer, ServerSession, StreamId) {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 4.0, &[Value::Null, "cam".into(), (-2000.0).into()]);
    let (session, seen) = run(&mut peer);
    peer.said.clear();
    (peer, session, seen.played[0].0)
}

fn talk(peer: &mut Peer, session: &mut ServerSession) -> Seen {
    let mut seen = Seen::default();
    peer.talk(session, |session, event| seen.take(session, event)).unwrap();
    seen
}

#[test]
fn play_survives_any_cut() {
    for cut in [Cut::Whole, Cut::Every(1), Cut::Every(5), Cut::Random(9)] {
        let (mut pair, stream, at_server) = Pair::playing(cut);
        let sent = [metadata(0), video(0, 70_000), audio(10, 300), video(40, 6)];
        for media in &sent {
            pair.server.send_media(at_server, media).unwrap();
        }
        pair.drive();
        assert_eq!(pair.client_media(), sent, "{cut:?}");
        pair.client.end_stream(stream).unwrap();
        pair.drive();
        assert_eq!(pair.saw.last(), Some(&Saw::Ended { stream: at_server }));
        assert_eq!((pair.client_error, pair.server_error), (None, None));
    }
}

#[test]
fn cmd_44_msg_13_answers_to_play_in_order() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into()]);
    run(&mut peer);
    let behind_connect = peer.said.len() - 4;
    let tail = &peer.said[behind_connect..];
    assert_eq!(tail[0].payload[..], [0, 0, 0, 0, 0, 1], "Stream Begin 1");
    assert_eq!(peer.command_names()[2..], ["onStatus/NetStream.Play.Reset", "onStatus/NetStream.Play.Start"]);
    // MSG-13, V-CMD-14
    assert_eq!(tail[3].payload[..], b"\x02\0\x11|RtmpSampleAccess\x01\x01\x01\x01"[..]);
    assert!(tail[1..].iter().all(|message| message.stream_id == 1), "on the player's own stream");
}

#[test]
fn cmd_51_ffmpeg_asks_for_the_length_first() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.send(&rtmp_session::chunk::Control::WindowAckSize(2_500_000).to_message());
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(0, "getStreamLength", 3.0, &[Value::Null, "cam".into()]);
    peer.command(1, "play", 4.0, &[Value::Null, "cam".into(), (-2000.0).into()]);
    peer.send(&UserControl::SetBufferLength { stream_id: 1, length: 3000 }.to_message());
    peer.command(0, "deleteStream", 5.0, &[Value::Null, 1.0.into()]);
    let (_, seen) = run(&mut peer);
    let length = peer.commands().into_iter().find(|(_, _, id, _)| *id == 3.0).unwrap();
    assert_eq!((length.1.as_str(), length.3), ("_result", vec![Value::Null, 0.0.into()]), "CMD-51");
    assert_eq!(seen.controls, [PlaybackControl::BufferLength { length: 3000 }]);
    assert_eq!(seen.ended, [seen.played[0].0]);
}

#[test]
fn cmd_17_42_52_ucm_9_librtmp_subscribes_and_names_stream_0_before_it_has_one() {
    let mut peer = Peer::client();
    // `-C` adds values behind the connect object (CMD-17).
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    let extra = [Value::Object(object), true.into(), "hello".into(), Value::Object(Object::new().with("n", 3.5))];
    peer.command(0, "connect", 1.0, &extra);
    peer.send(&UserControl::SetBufferLength { stream_id: 0, length: 300 }.to_message()); // UCM-9
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(0, "FCSubscribe", 3.0, &[Value::Null, "cam".into()]);
    peer.command(1, "play", 4.0, &[Value::Null, "cam".into(), (-1000.0).into()]);
    let mut session = ServerSession::new(server_config(), epoch());
    let mut arguments = Vec::new();
    let mut seen = Seen::default();
    peer.talk(&mut session, |session, event| {
        if let ServerEvent::Connect(request) = &event {
            arguments = request.args.clone();
        }
        seen.take(session, event);
    })
    .unwrap();
    assert_eq!(arguments.len(), 3);
    assert_eq!(arguments[1], "hello");
    assert_eq!(seen.played[0].3, PlayStart::Live, "CMD-42: -1000 is -1");
    assert_eq!(seen.controls, []);
    assert!(peer.command_names().contains(&"onFCSubscribe/NetStream.Play.Start".into()), "CMD-52");
}

#[test]
fn cmd_41_42_gstreamer_plays_with_transaction_0_and_nginx_with_three_numbers() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into(), (-2.0).into()]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into(), (-2000.0).into(), (-1000.0).into()]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into(), (-2.0).into(), (-1.0).into(), true.into()]);
    peer.command(1, "play", 0.0, &[Value::Null, "cam".into(), 30.0.into(), 10.0.into(), 0.0.into()]);
    let (_, seen) = run(&mut peer);
    let asked: Vec<_> = seen.played.iter().map(|play| (play.3, play.4, play.5)).collect();
    let live = (PlayStart::LiveOrRecorded, None, true);
    assert_eq!(asked, [live, live, live, (PlayStart::Recorded(30.0), Some(10.0), false)], "CMD-41, CMD-42");
    assert_eq!(seen.ended.len(), 3, "a play takes the place of the one before");
    let resets = peer.command_names().iter().filter(|name| name.ends_with("Play.Reset")).count();
    assert_eq!(resets, 3);
}

#[test]
fn cmd_8_12_url_7_flash_plays_a_whole_url() {
    let mut peer = Peer::client();
    // Flash sends pageUrl as undefined.
    let object = Object::new()
        .with("app", "live/?vhost=x")
        .with("tcUrl", "rtmp://h/live?vhost=x")
        .with("pageUrl", Value::Undefined)
        .with("flashver", "WIN 9,0,124,0");
    peer.command(0, "connect", 1.0, &[Value::EcmaArray(object)]); // CMD-8
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "play", 0.0, &[Value::Null, "rtmp://h/live/cam?token=1".into()]);
    let mut session = ServerSession::new(server_config(), epoch());
    let mut seen = Seen::default();
    peer.talk(&mut session, |session, event| {
        match &event {
            ServerEvent::Connect(request) => {
                assert_eq!((request.app.as_str(), request.query.as_deref()), ("live", Some("vhost=x")), "URL-7");
                assert_eq!(request.flash_ver, "WIN 9,0,124,0", "CMD-12");
                assert_eq!(request.page_url, None);
                let shown = format!("{request:?}");
                assert!(!shown.contains("vhost") && !shown.contains("rtmp://"), "{shown}");
            }
            ServerEvent::Play(request) => {
                let shown = format!("{request:?}");
                assert!(!shown.contains("cam") && !shown.contains("token"), "names are keys: {shown}");
            }
            _ => {}
        }
        seen.take(session, event);
    })
    .unwrap();
    assert_eq!((seen.played[0].1.as_str(), seen.played[0].2.as_deref()), ("cam", Some("token=1")));
}

#[test]
fn cmd_54_checkbw_is_answered() {
    let mut peer = Peer::client();
    peer.connect("live");
    peer.command(0, "_checkbw", 5.0, &[Value::Null]);
    run(&mut peer);
    assert!(peer.commands().iter().any(|(_, name, id, _)| name == "_result" && *id == 5.0), "CMD-54");
}

#[test]
fn cmd_46_the_publisher_leaves_and_comes_back() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Every(11));
    pair.server.send_media(at_server, &video(0, 100)).unwrap();
    pair.server.notify_unpublished(at_server).unwrap();
    pair.server.notify_published(at_server).unwrap();
    pair.server.send_media(at_server, &video(40, 100)).unwrap();
    pair.drive();
    assert_eq!(pair.client_media().len(), 2, "the player stays");
    assert_eq!(
        pair.heard_codes(),
        ["NetStream.Play.Reset", "NetStream.Play.UnpublishNotify", "NetStream.Play.PublishNotify"]
    );
    let number = pair.client.message_stream_id(stream).unwrap();
    let controls: Vec<_> = pair
        .heard
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Control(control) => Some(control.clone()),
            _ => None,
        })
        .collect();
    let begin = UserControl::StreamBegin(number);
    let expected = [UserControl::StreamBegin(0), begin.clone(), UserControl::StreamEof(number), begin];
    assert_eq!(controls, expected);
}

#[test]
fn cmd_46_a_live_stream_ends() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    pair.server.end_stream(at_server, "over").unwrap();
    pair.drive();
    let Some(ClientEvent::Ended { stream: ended, status }) = pair.heard.last() else { panic!("{:?}", pair.heard) };
    assert_eq!((*ended, status.code.as_str()), (stream, "NetStream.Play.Stop"));
    assert_eq!(pair.server.send_media(at_server, &video(0, 9)), Err(CommandError::UnknownStream));
}

#[test]
fn cmd_46_a_recording_ends() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    pair.server.complete_stream(at_server, 12.5, 1_000).unwrap();
    pair.drive();
    assert!(
        pair.heard.iter().any(|event| matches!(event, ClientEvent::Ended { stream: ended, .. } if *ended == stream))
    );

    // The data message alone, as some servers send it.
    let (mut peer, mut session, at_server) = playing();
    session.complete_stream(at_server, 12.5, 1_000).unwrap();
    talk(&mut peer, &mut session);
    let message = peer.said.iter().find(|message| message.kind == MessageType::DATA_AMF0).unwrap();
    let values = rtmp_session::amf::amf0::decode_all(&message.payload, &Default::default()).unwrap();
    assert_eq!(values[0], "onPlayStatus");
    assert_eq!(
        (values[1]["code"].clone(), values[1]["duration"].clone()),
        ("NetStream.Play.Complete".into(), 12.5.into())
    );
}

#[test]
fn cmd_26_29_streams_that_the_server_ended_are_given_back() {
    // More recordings, one behind the other, than a connection may have streams at once.
    let mut pair = Pair::new();
    pair.drive();
    for _ in 0..40 {
        let stream = pair.client.play("clip");
        pair.drive();
        let at_server = pair.server_stream().unwrap();
        pair.server.complete_stream(at_server, 1.0, 1).unwrap();
        pair.drive();
        let ended = |event: &ClientEvent| matches!(event, ClientEvent::Ended { stream: ended, status } if *ended == stream && !status.is_error());
        assert!(pair.heard.iter().any(ended), "{:?}", pair.heard.last());
    }
    // The same for publishers that are refused.
    pair.accept = false;
    for _ in 0..40 {
        pair.client.publish("cam");
        pair.drive();
        assert_eq!(pair.heard_codes().last(), Some(&"NetStream.Publish.BadName"));
    }
}

#[test]
fn cmd_30_close_stream_ends_a_play_without_a_word() {
    // NetStream.Unpublish.Success is for publishers.
    let (mut peer, mut session, stream) = playing();
    peer.command(1, "closeStream", 0.0, &[Value::Null]);
    let seen = talk(&mut peer, &mut session);
    assert_eq!(seen.ended, [stream]);
    assert!(peer.said.is_empty(), "{:?}", peer.said);
}

#[test]
fn cmd_39_fc_unpublish_ends_no_play_of_that_name() {
    let (mut peer, mut session, stream) = playing();
    peer.command(0, "FCUnpublish", 5.0, &[Value::Null, "cam".into()]);
    let seen = talk(&mut peer, &mut session);
    assert_eq!(seen.ended, []);
    assert_eq!(peer.command_names(), ["_result", "onFCUnpublish/NetStream.Unpublish.Success"]);
    session.send_media(stream, &video(0, 10)).unwrap();
}

#[test]
fn cmd_49_pause_is_obeyed() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    pair.client.pause(stream, true, 1500.0).unwrap();
    pair.drive();
    assert!(!pair.server.wants(at_server, MediaKind::Video));
    pair.server.send_media(at_server, &video(0, 10)).unwrap();
    pair.server.send_media(at_server, &metadata(0)).unwrap();
    pair.client.pause(stream, false, 1500.0).unwrap();
    pair.drive();
    pair.server.send_media(at_server, &video(40, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.client_media(), [metadata(0), video(40, 10)]);
    assert_eq!(pair.heard_codes()[1..], ["NetStream.Pause.Notify", "NetStream.Unpause.Notify"]);
    // Which media is later than the position only the program knows: it is told.
    let told =
        |paused| Saw::Playback { stream: at_server, control: PlaybackControl::Pause { paused, position: 1500.0 } };
    let controls: Vec<_> = pair.saw.iter().filter(|saw| matches!(saw, Saw::Playback { .. })).collect();
    assert_eq!(controls, [&told(true), &told(false)]);
}

#[test]
fn cmd_49_pause_raw_and_a_pause_of_nothing() {
    let (mut peer, mut session, _) = playing();
    peer.command(1, "pauseRaw", 0.0, &[Value::Null, true.into(), 1500.0.into()]);
    talk(&mut peer, &mut session);
    assert_eq!(peer.command_names(), ["onStatus/NetStream.Pause.Notify"]);
    peer.command(7, "pause", 9.0, &[Value::Null, true.into(), 0.0.into()]);
    talk(&mut peer, &mut session);
    assert_eq!(peer.command_names()[1..], ["_error/NetConnection.Call.Failed"]);
}

#[test]
fn cmd_48_receive_audio_and_video() {
    let (mut pair, stream, at_server) = Pair::playing(Cut::Whole);
    pair.client.receive_audio(stream, false).unwrap();
    pair.drive();
    pair.server.send_media(at_server, &audio(0, 10)).unwrap();
    pair.server.send_media(at_server, &video(0, 10)).unwrap();
    pair.client.receive_audio(stream, true).unwrap();
    pair.client.receive_video(stream, false).unwrap();
    pair.drive();
    pair.server.send_media(at_server, &audio(20, 10)).unwrap();
    pair.server.send_media(at_server, &video(20, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.client_media(), [video(0, 10), audio(20, 10)]);
    assert_eq!(
        pair.heard_codes()[1..],
        ["NetStream.Seek.Notify", "NetStream.Play.Start"],
        "true is answered, false not"
    );
}

#[test]
fn cmd_50_seek_granted_and_refused() {
    let (mut peer, mut session, stream) = playing();
    peer.command(1, "seek", 0.0, &[Value::Null, 4000.0.into()]);
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Playback { stream, control: PlaybackControl::Seek { position } } = event else { panic!() };
        session.accept_seek(stream, position).unwrap();
        assert_eq!(session.accept_seek(stream, position), Err(CommandError::Expired));
    })
    .unwrap();
    assert_eq!(peer.command_names(), ["onStatus/NetStream.Seek.Notify", "onStatus/NetStream.Play.Start"]);
    peer.command(1, "seek", 0.0, &[Value::Null, 4000.0.into()]);
    talk(&mut peer, &mut session);
    assert_eq!(peer.command_names()[2..], ["onStatus/NetStream.Seek.Failed"], "nobody granted it");
    assert_eq!(session.accept_seek(stream, 0.0), Err(CommandError::Expired));
}

#[test]
fn cmd_47_play2_granted_and_refused() {
    let (mut peer, mut session, _) = playing();
    let parameters = Object::new()
        .with("streamName", "cam_high")
        .with("oldStreamName", "cam")
        .with("start", 1.0)
        .with("len", 2.0)
        .with("offset", 3.0)
        .with("transition", "switch");
    peer.command(1, "play2", 0.0, &[Value::Null, Value::Object(parameters)]);
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Playback { stream, control: PlaybackControl::Play2(asked) } = event else { panic!() };
        assert_eq!((asked.stream_name.as_str(), asked.old_stream_name.as_deref()), ("cam_high", Some("cam")));
        assert_eq!((asked.start, asked.len, asked.offset), (Some(1.0), Some(2.0), Some(3.0)));
        assert_eq!(asked.transition.as_deref(), Some("switch"));
        session.accept_transition(stream, &asked.stream_name).unwrap();
    })
    .unwrap();
    assert_eq!(peer.command_names(), ["onStatus/NetStream.Play.Transition"]);
    peer.command(1, "play2", 0.0, &[Value::Null, Value::Object(Object::new().with("streamName", "x"))]);
    talk(&mut peer, &mut session);
    peer.command(1, "play2", 0.0, &[Value::Null]);
    talk(&mut peer, &mut session);
    assert_eq!(peer.command_names()[1..], ["onStatus/NetStream.Play.Failed", "onStatus/NetStream.Play.Failed"]);
}

#[test]
fn client_asks_to_play_in_every_way() {
    let mut pair = Pair::new();
    let options = PlayOptions::default().start(PlayStart::Recorded(5.0)).duration(10.0).reset(false);
    let stream = pair.client.play_with("clip", options);
    pair.drive();
    assert!(!pair.heard_codes().contains(&"NetStream.Play.Reset"));
    let play2 = Play2::to("clip_high").old_stream_name("clip").transition("switch");
    let play2 = play2.start(PlayStart::Recorded(5.0)).len(10.0).offset(7.5);
    assert_eq!((play2.start, play2.len, play2.offset), (Some(5.0), Some(10.0), Some(7.5)));
    pair.client.seek(stream, 1000.0).unwrap();
    pair.client.play2(stream, &play2).unwrap();
    pair.client.set_buffer_length(stream, 500).unwrap();
    pair.drive();
    let controls: Vec<_> = pair
        .saw
        .iter()
        .filter_map(|saw| match saw {
            Saw::Playback { control, .. } => Some(control.clone()),
            _ => None,
        })
        .collect();
    let buffered = |length| PlaybackControl::BufferLength { length };
    let sought = PlaybackControl::Seek { position: 1000.0 };
    // The buffer length that goes with play comes before it, for a stream that does not play yet (UCM-9).
    assert_eq!(controls, [sought, PlaybackControl::Play2(play2), buffered(500)]);
    // Both were ignored, which refuses them; a seek that fails leaves the stream where it was.
    let failed = |event: &&ClientEvent| match event {
        ClientEvent::Status { stream: about, status } => {
            *about == Some(stream) && status.code == "NetStream.Seek.Failed"
        }
        _ => false,
    };
    assert_eq!(pair.heard.iter().filter(failed).count(), 1, "{:?}", pair.heard);
}

#[test]
fn msg_13_a_client_takes_media_on_stream_0_and_without_a_start() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config(), &url, epoch());
    let stream = client.play("cam");
    server.talk(&mut client, |_, _| {}).unwrap();
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, _| {}).unwrap();
    server.send(&support::data(1, &["|RtmpSampleAccess".into(), true.into(), true.into()]));
    server.send(&video(0, 10).to_message(0));
    let mut events = Vec::new();
    server.talk(&mut client, |_, event| events.push(event)).unwrap();
    assert!(matches!(events[0], ClientEvent::Started { stream: started } if started == stream), "{events:?}");
    assert!(matches!(&events[1], ClientEvent::Media { media, .. } if *media == video(0, 10)), "{events:?}");
    assert_eq!(events.len(), 2, "MSG-13: speaks of the stream, is no part of it");
}

#[test]
fn media_goes_out_with_full_headers_on_usual_chunk_streams() {
    let (mut peer, mut session, stream) = playing();
    for media in [metadata(0), audio(5, 10), video(5, 10)] {
        session.send_media(stream, &media).unwrap();
    }
    talk(&mut peer, &mut session);
    let sent: Vec<(MessageType, u32, u32)> = peer
        .said
        .iter()
        .map(|message: &Message| (message.kind, message.chunk_stream.get(), message.stream_id))
        .collect();
    let expected = [(MessageType::DATA_AMF0, 5, 1), (MessageType::AUDIO, 4, 1), (MessageType::VIDEO, 6, 1)];
    assert_eq!(sent, expected);
    assert_eq!(session.outgoing_chunk_size().get(), 65_536);
    assert_eq!(session.message_stream_id(stream), Some(1));
}

#[test]
fn a_player_is_no_publisher() {
    let (mut pair, stream, _) = Pair::playing(Cut::Whole);
    assert!(matches!(pair.client.send_media(stream, &audio(0, 3)), Err(CommandError::WrongState(_))));
    let (mut pair, _, at_server) = Pair::publishing(Cut::Whole);
    assert!(matches!(pair.server.send_media(at_server, &audio(0, 3)), Err(CommandError::WrongState(_))));
    assert!(matches!(pair.server.notify_unpublished(at_server), Err(CommandError::WrongState(_))));
}
