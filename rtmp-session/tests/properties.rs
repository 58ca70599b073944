//! What holds for all inputs: any cut, any bytes, any order of commands.

mod support;

use allocation_counter::measure;
use proptest::prelude::*;
use rtmp_session::{
    ClientEvent, ClientSession, Drive, Level, Limits, LinkConfig, Media, MediaKind, Play2, PlayOptions, ServerConfig,
    ServerEvent, ServerSession, Status, StreamId,
    amf::{AmfLimits, Object, Value},
    chunk::{ChunkEncoder, ChunkLimits, ChunkSize, ChunkStreamId, Message, MessageType, SendQueue, encode_once},
    code,
    shared_object::{SharedObjectEvent, SharedObjectForm, SharedObjectLimits, SharedObjectMessage},
};
use support::{Cut, Pair, drain, epoch, feed, server_config};

fn media() -> impl Strategy<Value = Media> {
    let kinds = prop_oneof![Just(MediaKind::Audio), Just(MediaKind::Video), Just(MediaKind::Data)];
    (kinds, any::<u32>(), prop::collection::vec(any::<u8>(), 1..700)).prop_map(|(kind, timestamp, mut payload)| {
        if kind == MediaKind::Data {
            payload[0] = 3; // not a string: names have a meaning
        }
        Media { kind, timestamp, payload: payload.into() }
    })
}

/// One thing that a client program may do.
#[derive(Clone, Debug)]
enum Act {
    Publish,
    Play,
    SendMedia(usize, Media),
    EndStream(usize),
    Pause(usize, bool),
    Seek(usize),
    ReceiveAudio(usize, bool),
    ReceiveVideo(usize, bool),
    Play2(usize),
    Call,
    Notify(&'static str, Option<usize>),
    Share,
    ServerShares,
    ServerNotifies(&'static str, Option<usize>),
    ServerStatus(&'static str, Option<usize>),
    ServerSeeks(usize),
    ServerMedia(usize, Media),
    ServerEnds(usize),
    ServerUnpublishes(usize),
    Drive,
    Accept(bool),
    /// From now on refuse with this status, if there is one.
    Refuse(Option<&'static str>),
}

fn command_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "createStream",
        "deleteStream",
        "closeStream",
        "publish",
        "play",
        "FCPublish",
        "FCUnpublish",
        "pause",
        "seek",
        "connect",
        "_result",
        "onStatus",
        "whatever",
        "releaseStream",
        "getStreamLength",
        "play2",
        "receiveAudio",
        "receiveVideo",
    ])
}

/// Of streams: with one of the connection a program would say what its session does not know.
fn status_code() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        code::PUBLISH_BAD_NAME,
        code::PUBLISH_DENIED,
        code::PLAY_STREAM_NOT_FOUND,
        code::PLAY_STOP,
        "Application.Says.Something",
    ])
}

fn act() -> impl Strategy<Value = Act> {
    let at = || 0..6_usize;
    prop_oneof![
        2 => Just(Act::Publish),
        2 => Just(Act::Play),
        4 => (at(), media()).prop_map(|(at, media)| Act::SendMedia(at, media)),
        1 => at().prop_map(Act::EndStream),
        1 => (at(), any::<bool>()).prop_map(|(at, on)| Act::Pause(at, on)),
        1 => at().prop_map(Act::Seek),
        1 => (at(), any::<bool>()).prop_map(|(at, on)| Act::ReceiveAudio(at, on)),
        1 => (at(), any::<bool>()).prop_map(|(at, on)| Act::ReceiveVideo(at, on)),
        1 => at().prop_map(Act::Play2),
        1 => Just(Act::Call),
        1 => Just(Act::Share),
        1 => Just(Act::ServerShares),
        2 => (command_name(), prop::option::of(at())).prop_map(|(name, at)| Act::ServerNotifies(name, at)),
        1 => (status_code(), prop::option::of(at())).prop_map(|(code, at)| Act::ServerStatus(code, at)),
        1 => at().prop_map(Act::ServerSeeks),
        3 => (command_name(), prop::option::of(at())).prop_map(|(name, at)| Act::Notify(name, at)),
        4 => (at(), media()).prop_map(|(at, media)| Act::ServerMedia(at, media)),
        1 => at().prop_map(Act::ServerEnds),
        1 => at().prop_map(Act::ServerUnpublishes),
        4 => Just(Act::Drive),
        1 => prop::bool::weighted(0.8).prop_map(Act::Accept),
        1 => prop::option::of(status_code()).prop_map(Act::Refuse),
    ]
}

fn cut() -> impl Strategy<Value = Cut> {
    prop_oneof![Just(Cut::Whole), (1..300_usize).prop_map(Cut::Every), any::<u64>().prop_map(Cut::Random)]
}

fn server_streams(pair: &Pair) -> Vec<StreamId> {
    let stream = |saw: &support::Saw| match saw {
        support::Saw::Publish { stream, .. } | support::Saw::Play { stream, .. } => Some(*stream),
        _ => None,
    };
    pair.saw.iter().filter_map(stream).collect()
}

fn perform(pair: &mut Pair, streams: &mut Vec<StreamId>, act: Act) {
    let at_client = |at: usize| streams.get(at).copied().unwrap_or_else(|| *streams.last().expect("one at least"));
    let theirs = server_streams(pair);
    // What the program does at the wrong time is its own fault and changes nothing: errors are expected here.
    let _ = match act {
        Act::Publish => {
            streams.push(pair.client.publish("cam"));
            Ok(())
        }
        Act::Play => {
            streams.push(pair.client.play_with("cam", PlayOptions::default()));
            Ok(())
        }
        Act::SendMedia(at, media) => pair.client.send_media(at_client(at), &media),
        Act::EndStream(at) => pair.client.end_stream(at_client(at)),
        Act::Pause(at, on) => pair.client.pause(at_client(at), on, 0.0),
        Act::Seek(at) => pair.client.seek(at_client(at), 1.0),
        Act::ReceiveAudio(at, on) => pair.client.receive_audio(at_client(at), on),
        Act::ReceiveVideo(at, on) => pair.client.receive_video(at_client(at), on),
        Act::Play2(at) => pair.client.play2(at_client(at), &Play2::default()),
        Act::Call => pair.client.call("echo", &[1.0.into()]).map(drop),
        Act::Notify(name, at) => pair.client.notify(at.map(at_client), name, &["cam".into()]),
        Act::Share => pair.client.send_shared_object(&shared(SharedObjectEvent::Use)),
        Act::ServerShares => pair.server.send_shared_object(&shared(SharedObjectEvent::Clear)),
        Act::ServerNotifies(name, at) => {
            pair.server.notify(at.and_then(|at| theirs.get(at).copied()), name, &["cam".into()])
        }
        Act::ServerStatus(code, at) => {
            let status = Status::new(Level::Error, code, "");
            pair.server.send_status(at.and_then(|at| theirs.get(at).copied()), &status)
        }
        Act::ServerSeeks(at) => theirs.get(at).map_or(Ok(()), |stream| pair.server.accept_seek(*stream, 0.0)),
        Act::ServerMedia(at, media) => theirs.get(at).map_or(Ok(()), |stream| pair.server.send_media(*stream, &media)),
        Act::ServerEnds(at) => theirs.get(at).map_or(Ok(()), |stream| pair.server.end_stream(*stream, "over")),
        Act::ServerUnpublishes(at) => theirs.get(at).map_or(Ok(()), |stream| pair.server.notify_unpublished(*stream)),
        Act::Drive => {
            pair.drive();
            Ok(())
        }
        Act::Accept(on) => {
            pair.accept = on;
            Ok(())
        }
        Act::Refuse(code) => {
            pair.refuse = code.map(|code| Status::new(Level::Error, code, "no"));
            Ok(())
        }
    };
}

fn shared(event: SharedObjectEvent) -> SharedObjectMessage {
    SharedObjectMessage {
        name: "object".into(),
        version: 0,
        persistent: false,
        form: SharedObjectForm::Amf0,
        events: vec![event],
    }
}

/// A plain handshake, as either side sends it.
fn handshake() -> Vec<u8> {
    let mut wire = vec![3];
    wire.resize(1 + 2 * 1536, 7);
    wire
}

/// A message of any type that announces its true length, one that announces more than it has, or one cut off.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop_oneof![any::<u8>(), prop::sample::select(vec![1, 3, 4, 5, 6, 8, 9, 15, 16, 17, 18, 19, 20, 22])];
    let body = prop_oneof![
        (command_name(), prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(name, body)| [
            &support::values(&[name.into(), 1.0.into(), Value::Null])[..],
            &body
        ]
        .concat()),
        // Much memory for few bytes, as far as it is let.
        (1..3_000_usize).prop_map(|count| {
            [&support::values(&["x".into(), 1.0.into()])[..], &[0x0a, 0, 0, 0x10, 0], &vec![5; count]].concat()
        }),
        prop::collection::vec(any::<u8>(), 0..6_000),
    ];
    (kinds, 0..3_u32, 2..70_u32, body, prop::option::weighted(0.3, 0..6_000_usize)).prop_map(
        |(kind, stream_id, chunk_stream, payload, cut)| {
            let chunk_stream = ChunkStreamId::new(chunk_stream).expect("in range");
            let payload = payload.into();
            let message = Message { kind: MessageType(kind), stream_id, timestamp: 0, chunk_stream, payload };
            let wire = encode_once(&message, ChunkSize::DEFAULT).expect("not too long");
            wire[..cut.unwrap_or(usize::MAX).min(wire.len())].to_vec()
        },
    )
}

fn small_limits() -> LinkConfig {
    let chunk = ChunkLimits::default().max_message_len(16 << 10).max_partial_bytes(32 << 10);
    let amf = AmfLimits::default().max_values(256).max_bytes(8 << 10);
    let shared_object = SharedObjectLimits::default().max_message_len(4 << 10).max_events(64).amf(amf.clone());
    let limits = Limits::default().chunk(chunk).amf(amf).shared_object(shared_object);
    support::link_config().limits(limits.max_command_len(4 << 10).max_reply_bytes(8 << 10))
}

/// Unfinished messages and the old size of one that grows, a whole one, the values of a command, answers that nobody reads,
/// and a receive buffer for what comes in pieces of 1000 bytes.
const ADMITTED: u64 = (64 << 10) + (16 << 10) + (8 << 10) + 256 * 200 + (16 << 10) + (16 << 10);

/// Feeds a session whose answers nobody reads, up to its first error.
fn take_all<S: Drive>(session: &mut S, wire: &[u8], mut on_event: impl FnMut(&mut S, S::Event)) {
    for piece in wire.chunks(1_000) {
        feed(session, piece);
        loop {
            match session.poll_event() {
                Ok(Some(event)) => on_event(session, event),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

fn accept(session: &mut ServerSession, event: ServerEvent) {
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        ServerEvent::Play(request) => session.accept_play(request).unwrap(),
        _ => {}
    }
}

/// A publish with this media, as the bytes that a client sends.
fn publish(all: &[Media], size: ChunkSize) -> Vec<u8> {
    let mut wire = handshake();
    let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    encoder.set_chunk_size(size, &mut queue);
    let commands = [
        support::command(0, "connect", 1.0, &[Value::Object(object)]),
        support::command(0, "createStream", 2.0, &[Value::Null]),
        support::command(1, "publish", 3.0, &[Value::Null, "cam".into()]),
    ];
    for message in commands.into_iter().chain(all.iter().map(|media| media.to_message(1))) {
        encoder.encode(&message, &mut queue).unwrap();
    }
    let len = queue.len();
    wire.extend_from_slice(&bytes::Buf::copy_to_bytes(&mut queue, len));
    wire
}

/// What a server makes of bytes in these pieces: its events and its answers.
fn served(wire: &[u8], pieces: &[usize]) -> (Vec<String>, Vec<Media>, Vec<u8>) {
    let mut session = ServerSession::new(server_config(), epoch());
    let (mut events, mut media, mut said) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = wire;
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let len = pieces.next().copied().unwrap_or(usize::MAX).min(rest.len());
        feed(&mut session, &rest[..len]);
        rest = &rest[len..];
        loop {
            let event = match session.poll_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) => {
                    events.push(error.to_string());
                    return (events, media, said);
                }
            };
            events.push(format!("{event:?}"));
            match event {
                ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
                ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
                ServerEvent::Media { media: one, .. } => media.push(one),
                _ => {}
            }
        }
        said.extend(drain(&mut session));
    }
    (events, media, said)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_split_gives_the_same_events_and_answers(
        all in prop::collection::vec(media(), 0..12),
        pieces in prop::collection::vec(1..2000_usize, 1..20),
        size in 1..5000_u32,
    ) {
        let wire = publish(&all, ChunkSize::new(size).unwrap());
        let whole = served(&wire, &[usize::MAX]);
        prop_assert_eq!(&whole.1, &all);
        prop_assert_eq!(served(&wire, &pieces), whole);
    }

    #[test]
    fn bytes_with_faults_never_panic_and_give_the_same_in_any_split(
        all in prop::collection::vec(media(), 0..4),
        faults in prop::collection::vec((3000..3600_usize, any::<u8>()), 1..5),
        pieces in prop::collection::vec(1..500_usize, 1..20),
    ) {
        let mut wire = publish(&all, ChunkSize::new(200).unwrap());
        for (at, byte) in faults {
            let at = at % wire.len();
            wire[at] = byte;
        }
        let whole = served(&wire, &[usize::MAX]);
        let split = served(&wire, &pieces);
        prop_assert_eq!(split.0, whole.0);
        prop_assert_eq!(split.1, whole.1);
    }

    #[test]
    fn arbitrary_messages_never_panic_or_hang(
        all in prop::collection::vec((any::<u8>(), 0..3_u32, prop::collection::vec(any::<u8>(), 0..80)), 1..30),
    ) {
        let mut peer = support::Peer::client();
        let mut session = ServerSession::new(server_config(), epoch());
        peer.connect("live");
        for (kind, stream_id, payload) in all {
            // Set Chunk Size would make the link and the session disagree: that is for the test of bytes above.
            if kind != MessageType::SET_CHUNK_SIZE.0 {
                let template = support::command(stream_id, "", 0.0, &[]);
                peer.send(&Message { kind: MessageType(kind), payload: payload.into(), ..template });
            }
        }
        let _typed = peer.talk(&mut session, accept);
    }

    #[test]
    fn a_peer_that_never_reads_holds_no_more_than_the_limits(
        all in prop::collection::vec((command_name(), 0..4_u32, prop::collection::vec(any::<u8>(), 0..2_000)), 1..200),
        cut_off in 0..9_000_usize,
    ) {
        let limits = Limits::default().max_command_len(4 << 10).max_name_len(100).max_reply_bytes(8 << 10);
        let config = ServerConfig::default().link(support::link_config().limits(limits));
        let mut wire = publish(&[], ChunkSize::MAX);
        for (name, stream_id, body) in all {
            let text = String::from_utf8_lossy(&body);
            let message = support::command(stream_id, name, 1.0, &[Value::Null, text.as_ref().into()]);
            wire.extend_from_slice(&encode_once(&message, ChunkSize::MAX).unwrap());
        }
        let unfinished = encode_once(&support::video(0, 9_000).to_message(1), ChunkSize::MAX).unwrap();
        wire.extend_from_slice(&unfinished[..cut_off]);
        let mut session = ServerSession::new(config, epoch());
        let cost = measure(|| {
            let mut pieces = wire.chunks(1_000);
            loop {
                match session.poll_event() {
                    Ok(Some(event)) => match event {
                        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
                        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
                        ServerEvent::Play(request) => session.accept_play(request).unwrap(),
                        // Deferred and never answered.
                        ServerEvent::Command { call, .. } => drop(session.defer(&call)),
                        _ => {}
                    },
                    Ok(None) => match pieces.next() {
                        Some(piece) => feed(&mut session, piece),
                        None => break,
                    },
                    Err(_) => break,
                }
            }
        });
        // Handshake, answers with one more, the unfinished message, and buffers that grow by doubling.
        prop_assert!(session.queued() < 3_073 + (8 << 10) + (5 << 10), "{} bytes queued", session.queued());
        prop_assert!(cost.bytes_current < 64 << 10, "{} bytes kept of {}", cost.bytes_current, wire.len());
        prop_assert!(cost.bytes_max < 128 << 10, "{} bytes at once of {}", cost.bytes_max, wire.len());
    }

    #[test]
    fn whatever_comes_a_session_holds_no_more_than_the_limits(
        all in prop::collection::vec(anything(), 0..60), garbage in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let wire = [all.concat(), garbage].concat();
        let mut server = ServerSession::new(ServerConfig::default().link(small_limits()), epoch());
        let begin = publish(&[], ChunkSize::DEFAULT);
        let all = [begin, wire.clone()].concat();
        let cost = measure(|| take_all(&mut server, &all, accept));
        prop_assert!(cost.bytes_max < ADMITTED, "server: {} bytes for {}", cost.bytes_max, all.len());

        let url = "rtmp://h/live/cam".parse().unwrap();
        let mut client = ClientSession::new(support::client_config().link(small_limits()), &url, epoch());
        client.play("cam");
        let mut answers = handshake();
        for (transaction, value) in [(1.0, Value::Null), (2.0, 1.0.into())] {
            let message = support::command(0, "_result", transaction, &[Value::Null, value]);
            answers.extend_from_slice(&encode_once(&message, ChunkSize::DEFAULT).unwrap());
        }
        let all = [answers, wire].concat();
        let cost = measure(|| take_all(&mut client, &all, |_, _| {}));
        prop_assert!(cost.bytes_max < ADMITTED, "client: {} bytes for {}", cost.bytes_max, all.len());
    }

    #[test]
    fn a_client_takes_arbitrary_messages(
        all in prop::collection::vec((any::<u8>(), 0..3_u32, prop::collection::vec(any::<u8>(), 0..80)), 1..30),
    ) {
        let url = "rtmp://h/live/cam".parse().unwrap();
        let mut client = ClientSession::new(support::client_config(), &url, epoch());
        client.play("cam");
        let mut server = support::Peer::server();
        server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
        server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
        for (kind, stream_id, payload) in all {
            if kind != MessageType::SET_CHUNK_SIZE.0 {
                let template = support::command(stream_id, "", 0.0, &[]);
                server.send(&Message { kind: MessageType(kind), payload: payload.into(), ..template });
            }
        }
        let _typed = server.talk(&mut client, |_, _: ClientEvent| {});
    }

    #[test]
    fn any_order_of_commands_ends_in_agreement_or_a_typed_error(
        acts in prop::collection::vec(act(), 1..40),
        cut in cut(),
    ) {
        let mut pair = Pair::new().cut(cut);
        let mut streams = vec![pair.client.publish("first")];
        for act in acts {
            perform(&mut pair, &mut streams, act);
            if pair.client_error.is_some() || pair.server_error.is_some() {
                break;
            }
        }
        pair.accept = true;
        pair.refuse = None;
        pair.drive();
        if pair.client_error.is_some() || pair.server_error.is_some() {
            pair.hang_up();
            prop_assert!(pair.client_error.is_some(), "{:?}", pair.server_error);
            prop_assert!(pair.server_error.is_some(), "{:?}", pair.client_error);
        } else {
            agree(&mut pair, &streams)?;
        }
    }
}

/// The client ends all it has, then the server has nothing left either; and a new stream works.
fn agree(pair: &mut Pair, streams: &[StreamId]) -> Result<(), TestCaseError> {
    for stream in streams {
        let _ = pair.client.end_stream(*stream);
    }
    pair.drive();
    for stream in server_streams(pair) {
        prop_assert_eq!(pair.server.message_stream_id(stream), None, "a stream that only the server knows");
    }
    let stream = pair.client.publish("last");
    pair.drive();
    if pair.client.message_stream_id(stream).is_some() {
        pair.client.send_media(stream, &support::video(9, 9)).unwrap();
        pair.drive();
        prop_assert_eq!(pair.server_media().pop(), Some(support::video(9, 9)));
    } else {
        // The connect was refused, or all message streams were used up by raw createStream commands.
        let ended = |event: &ClientEvent| matches!(event, ClientEvent::Ended { stream: s, .. } if *s == stream);
        prop_assert!(pair.heard.iter().any(ended), "{:?}", pair.heard);
    }
    Ok(())
}
