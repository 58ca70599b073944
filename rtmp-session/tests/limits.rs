//! What a peer can make a session hold: each limit, and the memory it admits.

mod support;

use allocation_counter::measure;
use rtmp_session::{
    ClientSession, Drive, Limits, Link, LinkConfig, Media, MediaKind, ServerConfig, ServerEvent, ServerSession,
    SessionError, StreamId, UserControl,
    amf::{Object, Value},
    chunk::{ChunkError, ChunkSize, Control, Message, MessageType},
};
use support::{Cut, Pair, Peer, drain, epoch, feed, handshaken, link_config, server_config, video};

fn with_limits(limits: Limits) -> ServerConfig {
    ServerConfig::default().link(link_config().limits(limits))
}

fn accept(session: &mut ServerSession, event: ServerEvent) {
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        ServerEvent::Play(request) => session.accept_play(request).unwrap(),
        _ => {}
    }
}

fn poll_all(session: &mut ServerSession) -> Result<(), SessionError> {
    while let Some(event) = session.poll_event()? {
        accept(session, event);
    }
    Ok(())
}

/// A session that has been through the handshake and takes raw chunks.
fn raw() -> ServerSession {
    let mut session = ServerSession::new(server_config(), epoch());
    handshaken(&mut session);
    session
}

#[test]
fn max_command_len() {
    let long = "x".repeat(32 << 10);
    let mut peer = Peer::client();
    peer.command(0, "connect", 1.0, &[Value::Null, long.as_str().into()]);
    let mut session = ServerSession::new(server_config(), epoch());
    let error = peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { max: 32_768, .. })), "{error}");
    // A publisher may send longer messages, but no longer commands.
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, "cam".into()]);
    peer.talk(&mut session, accept).unwrap();
    peer.command(0, "call", 4.0, &[Value::Null, long.as_str().into()]);
    let error = peer.talk(&mut session, accept).unwrap_err();
    assert!(matches!(error, SessionError::Limit { max: 32_768, value, .. } if value > 32_768), "{error}");

    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config(), &url, epoch());
    server.command(0, "_result", 1.0, &[Value::Null, long.as_str().into()]);
    let error = server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap_err();
    assert!(matches!(error, SessionError::Limit { max: 32_768, .. }), "{error}");
}

#[test]
fn max_name_len() {
    let long = "n".repeat(1025);
    let query = format!("{}?{}", "n".repeat(1024), "q".repeat(20_000));
    for command in ["publish", "play", "FCPublish"] {
        let args = [Value::Null, long.as_str().into()];
        let mut peer = Peer::client();
        peer.connect("live");
        peer.command(0, "createStream", 2.0, &[Value::Null]);
        peer.command(1, command, 3.0, &[Value::Null, query.as_str().into()]);
        peer.command(1, "closeStream", 3.0, &[Value::Null]);
        let mut session = ServerSession::new(server_config(), epoch());
        peer.talk(&mut session, accept).unwrap();
        peer.command(1, command, 3.0, &args);
        let error = peer.talk(&mut session, accept).unwrap_err();
        assert_eq!(error, SessionError::Limit { what: "bytes of a name", value: 1025, max: 1024 });
    }
    let mut peer = Peer::client();
    peer.connect(&long);
    let error = peer.talk(&mut ServerSession::new(server_config(), epoch()), accept).unwrap_err();
    assert!(matches!(error, SessionError::Limit { value: 1025, .. }));
}

#[test]
fn max_calls_of_the_client() {
    let mut pair = Pair::with(
        support::client_config().link(link_config().limits(Limits::default().max_calls(2))),
        server_config(),
    );
    pair.drive();
    pair.client.call("a", &[]).unwrap();
    pair.client.call("b", &[]).unwrap();
    let error = pair.client.call("c", &[]).unwrap_err();
    assert_eq!(error.to_string(), "calls: 2 are open, which is the limit");
    pair.drive();
    pair.client.call("c", &[]).unwrap();
}

#[test]
fn max_calls_deferred_by_the_server() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(with_limits(Limits::default().max_calls(2)), epoch());
    peer.connect("live");
    for id in 0..3 {
        peer.command(0, "slow", 10.0 + f64::from(id), &[Value::Null]);
    }
    let mut refused = 0;
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Command { call, .. } => refused += usize::from(session.defer(&call).is_err()),
        other => accept(session, other),
    })
    .unwrap();
    assert_eq!(refused, 1);
    assert_eq!(peer.command_names().last().unwrap(), "_error/NetConnection.Call.Failed");
}

#[test]
fn max_reply_bytes_stops_a_peer_that_asks_and_never_reads() {
    let ping = UserControl::PingRequest(1).to_message();
    // The longest names that are echoed.
    let name = Value::from("n".repeat(1024).as_str());
    let questions: [&dyn Fn(&mut Peer); 6] = [
        &|peer| peer.command(0, "FCPublish", 2.0, &[Value::Null, name.clone()]),
        &|peer| peer.command(0, "FCSubscribe", 2.0, &[Value::Null, name.clone()]),
        &|peer| peer.send(&ping),
        &|peer| peer.command(0, "createStream", 2.0, &[Value::Null]),
        &|peer| peer.command(0, "whatever", 2.0, &[Value::Null]),
        &|peer| peer.command(1, "publish", 2.0, &[Value::Null, "cam".into()]),
    ];
    for (at, question) in questions.iter().enumerate() {
        let mut peer = Peer::client();
        let mut session = ServerSession::new(server_config(), epoch());
        peer.connect("live");
        peer.command(0, "createStream", 2.0, &[Value::Null]);
        peer.talk(&mut session, accept).unwrap();
        let mut asked = 0;
        let error = loop {
            question(&mut peer);
            asked += 1;
            feed(&mut session, &drain(&mut peer.link));
            if let Err(error) = poll_all(&mut session) {
                break error;
            }
            assert!(asked < 20_000, "question {at}");
        };
        assert!(matches!(error, SessionError::Limit { max: 16_384, .. }), "question {at}: {error}");
        assert!(session.queued() < 18_000, "question {at}: {}", session.queued());
    }
}

#[test]
fn replies_that_are_read_never_run_out() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    for _ in 0..10_000 {
        peer.send(&UserControl::PingRequest(1).to_message());
        peer.talk(&mut session, accept).unwrap();
    }
    assert_eq!(peer.said.len(), 10_000);
    // A queue that is never empty, and moves: a player with much to read may ask as often as it likes.
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    for _ in 0..3_000 {
        pair.server.send_media(at_server, &video(0, 5_000)).unwrap();
        feed(&mut pair.server, &one_chunk(&UserControl::PingRequest(1).to_message()));
        assert!(pair.server.poll_event().unwrap().is_none());
        let (_, queue) = pair.server.buffers();
        let keep = 2_000.min(queue.len());
        let written = queue.len() - keep;
        bytes::Buf::advance(queue, written);
    }
}

/// One message in one chunk.
fn one_chunk(message: &Message) -> Vec<u8> {
    rtmp_session::chunk::encode_once(message, ChunkSize::MAX).unwrap().to_vec()
}

#[test]
fn ctl_17_acknowledgements_by_window_with_a_floor() {
    for (window, expected) in [(50_000, 20), (1, 50), (0, 0)] {
        let mut session = raw();
        feed(&mut session, &one_chunk(&Control::WindowAckSize(window).to_message()));
        feed(&mut session, &one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message()));
        poll_all(&mut session).unwrap();
        let mut acknowledgements = Vec::new();
        let message = one_chunk(&video(0, 1_000 - 12).to_message(1));
        for _ in 0..1_000 {
            feed(&mut session, &message);
            poll_all(&mut session).unwrap();
            for said in support::messages(&drain(&mut session)) {
                assert_eq!(said.kind, MessageType::ACKNOWLEDGEMENT);
                acknowledgements.push(u32::from_be_bytes(said.payload[..].try_into().unwrap()));
            }
        }
        // 1 000 000 bytes, in pieces of 1000; the floor is 16 KiB.
        let count = acknowledgements.len();
        assert!(count.abs_diff(expected) <= 10 * usize::from(expected == 50), "window {window}: {count}");
        if window == 50_000 {
            let steps: Vec<_> = acknowledgements.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(
                steps.iter().all(|step| *step == 50_000),
                "CTL-13, CTL-14: chunk bytes, headers included: {steps:?}"
            );
        }
        if window == 0 {
            assert_eq!(session.stats().messages_rejected, 0, "CTL-18: ignored");
        }
    }
}

#[test]
fn ctl_23_ctl_24_ctl_26_peer_bandwidth() {
    use rtmp_session::chunk::BandwidthLimit;
    let mut session = raw();
    let answers = |session: &mut ServerSession, window, limit| -> Vec<u32> {
        feed(session, &one_chunk(&Control::SetPeerBandwidth { window, limit }.to_message()));
        poll_all(session).unwrap();
        support::messages(&drain(session))
            .iter()
            .map(|message| {
                assert_eq!(message.kind, MessageType::WINDOW_ACK_SIZE);
                u32::from_be_bytes(message.payload[..].try_into().unwrap())
            })
            .collect()
    };
    assert_eq!(answers(&mut session, 10, BandwidthLimit::DYNAMIC), [], "dynamic before a hard one is ignored");
    assert_eq!(answers(&mut session, 0, BandwidthLimit::HARD), []);
    assert_eq!(answers(&mut session, 5_000, BandwidthLimit::HARD), [5_000]);
    assert_eq!(answers(&mut session, 5_000, BandwidthLimit::HARD), [], "nothing new");
    assert_eq!(answers(&mut session, 6_000, BandwidthLimit::DYNAMIC), [6_000], "as hard behind a hard one");
    assert_eq!(answers(&mut session, 7_000, BandwidthLimit::SOFT), [], "min with 6000");
    assert_eq!(answers(&mut session, 4_000, BandwidthLimit::SOFT), [4_000]);
    assert_eq!(answers(&mut session, 9_000, BandwidthLimit::DYNAMIC), [], "the last one was soft");
    assert_eq!(answers(&mut session, 9_000, BandwidthLimit(3)), [], "V-CTL-96");
    assert_eq!(session.stats().send_window, Some(4_000));
}

#[test]
fn ctl_15_ctl_20_acknowledgements_of_the_peer() {
    let mut session = raw();
    let mut expected = 0;
    for (sequence, step) in [(1_000, 1_000), (u32::MAX - 5, 0), (10, 16), (5, 5), (105, 100), (0xf000_0000, 0), (0, 0)]
    {
        feed(&mut session, &one_chunk(&Control::Acknowledgement(sequence).to_message()));
        poll_all(&mut session).unwrap();
        expected += step;
        assert_eq!(session.stats().bytes_acknowledged, expected, "only differences count, wraps and restarts pass");
    }
    let sent = session.stats().bytes_sent;
    for sequence in 0..100 {
        feed(&mut session, &one_chunk(&Control::Acknowledgement(sequence * 1_000).to_message()));
        poll_all(&mut session).unwrap();
        assert!(session.stats().bytes_acknowledged <= sent, "no more than was sent");
    }
}

#[test]
fn an_idle_session_holds_little() {
    // What a client sends, taken from a talk with another session.
    let mut other = ServerSession::new(server_config(), epoch());
    let mut wire = Vec::new();
    let mut link = Link::client(link_config(), epoch());
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    link.send(&support::command(0, "connect", 1.0, &[Value::Object(object)])).unwrap();
    link.send(&support::command(0, "createStream", 2.0, &[Value::Null])).unwrap();
    link.send(&support::command(1, "play", 3.0, &[Value::Null, "cam".into()])).unwrap();
    loop {
        let said = drain(&mut link);
        wire.extend_from_slice(&said);
        feed(&mut other, &said);
        poll_all(&mut other).unwrap();
        let answer = drain(&mut other);
        feed(&mut link, &answer);
        while link.poll_event().unwrap().is_some() {}
        if said.is_empty() && answer.is_empty() {
            break;
        }
    }
    let mut session = None;
    let made = measure(|| {
        let mut fresh = ServerSession::new(server_config(), epoch());
        fresh.recv_buffer().extend_from_slice(&wire);
        poll_all(&mut fresh).unwrap();
        let (_, queue) = fresh.buffers();
        let len = queue.len();
        bytes::Buf::advance(queue, len);
        fresh.release_memory();
        session = Some(fresh);
    });
    let size = size_of::<ServerSession>();
    let heap = made.bytes_current;
    assert!(heap + size as i64 <= 2_500, "{heap} bytes on the heap and {size} in the session itself");
    let session = session.unwrap();
    assert_eq!(session.queued(), 0);
}

/// What a client says until its publish is accepted.
fn admission() -> Vec<u8> {
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    let commands = [
        support::command(0, "connect", 1.0, &[Value::Object(object)]),
        support::command(0, "createStream", 2.0, &[Value::Null]),
        support::command(1, "publish", 3.0, &[Value::Null, "cam".into()]),
    ];
    commands.iter().flat_map(one_chunk).collect()
}

/// A session with a publisher whose chunks are as large as can be.
fn publishing_in_large_chunks() -> (ServerSession, StreamId) {
    let mut session = raw();
    feed(&mut session, &one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message()));
    feed(&mut session, &admission());
    let mut stream = None;
    while let Some(event) = session.poll_event().unwrap() {
        if let ServerEvent::Publish(request) = &event {
            stream = Some(request.stream);
        }
        accept(&mut session, event);
    }
    (session, stream.expect("it asks to publish"))
}

/// How much media comes out.
fn media_of(session: &mut ServerSession) -> Result<usize, SessionError> {
    let mut media = 0;
    while let Some(event) = session.poll_event()? {
        media += usize::from(matches!(event, ServerEvent::Media { .. }));
        accept(session, event);
    }
    Ok(media)
}

#[test]
fn only_an_accepted_publisher_may_send_long_messages() {
    let frame = one_chunk(&video(0, 1 << 20).to_message(1));
    let size = one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message());
    let mut session = raw();
    feed(&mut session, &size);
    feed(&mut session, &frame);
    let error = poll_all(&mut session).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { max: 32_768, .. })), "{error}");
    // Nor many that are unfinished.
    let mut session = raw();
    let error = (3..64_u8).find_map(|id| {
        feed(&mut session, &[&[id, 0, 0, 0, 0, 0x7f, 0xff, 8, 1, 0, 0, 0][..], &[0; 128]].concat());
        feed(&mut session, &[&[0xc0 | id][..], &[0; 128]].concat().repeat(100));
        poll_all(&mut session).err()
    });
    let too_many = matches!(error, Some(SessionError::Chunk(ChunkError::TooManyPartialBytes { max: 32_768, .. })));
    assert!(too_many, "{error:?}");
    // It waits behind the publish, and is welcome when that is accepted.
    let mut session = raw();
    feed(&mut session, &size);
    feed(&mut session, &[admission(), frame].concat());
    assert_eq!(media_of(&mut session).unwrap(), 1);
}

#[test]
fn the_limits_of_a_publisher_end_with_the_publish() {
    let ends: [(&str, Vec<Value>); 3] = [
        ("deleteStream", vec![Value::Null, 1.0.into()]),
        ("closeStream", vec![Value::Null]),
        ("FCUnpublish", vec![Value::Null, "cam".into()]),
    ];
    let frame = one_chunk(&video(0, 1 << 20).to_message(1));
    for (command, args) in ends {
        let (mut session, _) = publishing_in_large_chunks();
        feed(&mut session, &frame);
        assert_eq!(media_of(&mut session).unwrap(), 1);
        feed(&mut session, &one_chunk(&support::command(1, command, 4.0, &args)));
        feed(&mut session, &frame);
        let error = media_of(&mut session).unwrap_err();
        assert!(
            matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { max: 32_768, .. })),
            "{command}: {error}"
        );
    }
}

#[test]
fn msg_11_media_under_way_when_a_server_ends_a_publish_is_ignored() {
    let frame = one_chunk(&video(0, 1 << 20).to_message(1));
    let (mut session, stream) = publishing_in_large_chunks();
    session.end_stream(stream, "enough").unwrap();
    feed(&mut session, &frame);
    assert_eq!(media_of(&mut session).unwrap(), 0);
    // What the client says next tells that it has heard of it.
    feed(&mut session, &one_chunk(&support::command(0, "deleteStream", 0.0, &[Value::Null, 1.0.into()])));
    feed(&mut session, &frame);
    assert!(media_of(&mut session).is_err());
}

/// Everything that a client may leave behind when it does not publish, at once.
#[test]
fn a_client_that_does_not_publish_holds_some_hundred_kib_at_the_most() {
    let ping = one_chunk(&UserControl::PingRequest(1).to_message());
    let mut session = None;
    let cost = measure(|| {
        let mut fresh = raw();
        feed(&mut fresh, &ping.repeat(900));
        poll_all(&mut fresh).unwrap();
        // One message in many chunks, all but the last of them, and one in one chunk.
        feed(&mut fresh, &[&[3, 0, 0, 0, 0, 0x7f, 0xff, 20, 0, 0, 0, 0][..], &[0; 128]].concat());
        feed(&mut fresh, &[&[0xc3][..], &[0; 128]].concat().repeat(254));
        poll_all(&mut fresh).unwrap();
        feed(&mut fresh, &one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message()));
        feed(&mut fresh, &[&[4, 0, 0, 0, 0, 0x7f, 0xff, 20, 0, 0, 0, 0][..], &[0; 32_000]].concat());
        poll_all(&mut fresh).unwrap();
        fresh.release_memory();
        session = Some(fresh);
    });
    let session = session.unwrap();
    assert!(session.queued() > 16_000, "{} bytes of answers wait", session.queued());
    let held = session.stats().bytes_held;
    assert!(held > 64_000, "{held} bytes are held for what it sent");
    assert!(cost.bytes_current < 136 << 10, "{} bytes", cost.bytes_current);
}

#[test]
fn memory_follows_what_came_and_not_what_was_announced() {
    // A message of almost 8 MiB is announced, on as many chunk streams as there may be, with one byte each.
    let mut session = raw();
    feed(&mut session, &admission());
    poll_all(&mut session).unwrap();
    let cost = measure(|| {
        for id in 3..64_u8 {
            let header = [id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0, 0xaa];
            feed(&mut session, &header);
            feed(&mut session, &[0; 127]);
            poll_all(&mut session).unwrap();
        }
    });
    assert!(cost.bytes_max < 8 << 20, "{} bytes for 8 KiB received", cost.bytes_max);
}

#[test]
fn chk_37_a_message_over_the_limit_ends_at_its_header() {
    let mut session = raw();
    let cost = measure(|| {
        feed(&mut session, &[4, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0, 0xaa]);
        let error = poll_all(&mut session).unwrap_err();
        assert!(matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { len: 0xff_ffff, .. })), "{error}");
    });
    assert!(cost.bytes_max < 16 << 10, "{}", cost.bytes_max);
}

#[test]
fn chk_39_a_thousand_chunk_streams() {
    let mut session = raw();
    let mut result = Ok(());
    for id in 64..1064_u32 {
        let mut chunk = vec![1, (id - 64) as u8, ((id - 64) >> 8) as u8];
        chunk.extend([0, 0, 0, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa]);
        feed(&mut session, &chunk);
        result = poll_all(&mut session);
        if result.is_err() {
            break;
        }
    }
    assert!(matches!(result, Err(SessionError::Chunk(ChunkError::TooManyChunkStreams { max: 64, .. }))), "{result:?}");
}

#[test]
fn a_peer_that_is_given_up_holds_nothing() {
    let mut session = raw();
    feed(&mut session, &[4, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0]);
    feed(&mut session, &vec![0; 1 << 20]);
    assert!(poll_all(&mut session).is_err());
    assert!(session.recv_buffer().is_empty(), "what came behind the fault is gone");
}

#[test]
fn released_memory_leaves_what_waits_in_the_receive_buffer() {
    // A burst of messages that are used up at once, and the beginning of one that is waited for whole.
    let size = one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message());
    let burst = one_chunk(&Control::Acknowledgement(1).to_message()).repeat(10_000);
    let text = "x".repeat(9_000);
    let long = one_chunk(&support::command(0, "x", 0.0, &[Value::Null, text.as_str().into()]));
    let mut session = raw();
    let mut held = 0;
    let cost = measure(|| {
        feed(&mut session, &[&size, &burst, &long[..5_000]].concat());
        poll_all(&mut session).unwrap();
        held = session.stats().bytes_held;
        session.release_memory();
    });
    assert!(held > 150_000, "{held} bytes before");
    let held = session.stats().bytes_held;
    assert!((4_900..10_000).contains(&held), "{held} bytes behind it");
    assert!(cost.bytes_current < 10_000, "{} bytes kept", cost.bytes_current);
    feed(&mut session, &long[5_000..]);
    let before = session.stats().messages_received;
    poll_all(&mut session).unwrap();
    assert_eq!(session.stats().messages_received, before + 1, "nothing of it is lost");
}

#[test]
fn reads_grow_with_what_they_bring() {
    let (mut pair, stream, _) = Pair::publishing(Cut::Whole);
    let room = |session: &mut ServerSession| {
        let buffer = session.recv_buffer();
        buffer.capacity() - buffer.len()
    };
    assert!(room(&mut pair.server) <= 8 << 10);
    let media = Media { kind: MediaKind::Video, timestamp: 0, payload: vec![0; 60_000].into() };
    for _ in 0..40 {
        pair.client.send_media(stream, &media).unwrap();
        let mut wire = &drain(&mut pair.client)[..];
        while !wire.is_empty() {
            let count = pair.server.read_from(&mut wire).unwrap();
            assert!(count > 0);
            poll_all(&mut pair.server).unwrap();
        }
    }
    assert!(room(&mut pair.server) > 16 << 10, "{}", room(&mut pair.server));
}

/// Gives one byte to each read, and counts the room that was made for it.
struct Drip<'a> {
    bytes: &'a [u8],
    room: usize,
}

impl std::io::Read for Drip<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        self.room += room.len();
        self.bytes.read(&mut room[..1])
    }
}

#[test]
fn single_bytes_behind_a_burst_cost_little_each() {
    // `io::Read` wants room that is cleared before: after a burst, as much as the burst wanted.
    let (mut pair, stream, _) = Pair::publishing(Cut::Whole);
    let media = Media { kind: MediaKind::Video, timestamp: 0, payload: vec![0; 60_000].into() };
    for _ in 0..40 {
        pair.client.send_media(stream, &media).unwrap();
        let mut wire = &drain(&mut pair.client)[..];
        while !wire.is_empty() {
            pair.server.read_from(&mut wire).unwrap();
            poll_all(&mut pair.server).unwrap();
        }
    }
    pair.client.send_media(stream, &media).unwrap();
    let wire = drain(&mut pair.client);
    let mut drip = Drip { bytes: &wire, room: 0 };
    for _ in 0..10_000 {
        assert_eq!(pair.server.read_from(&mut drip).unwrap(), 1);
        poll_all(&mut pair.server).unwrap();
    }
    assert!(drip.room < 10_000 * (5 << 10), "{} bytes of room for 10 000", drip.room);
}

/// Allocations here; all other work is counted by `benches/compare/instructions`.
#[test]
fn a_ping_flood_is_linear_work() {
    // The same work for each ping, however many there are: allocations say so.
    let mut link = Link::server(LinkConfig::default(), epoch());
    feed(&mut link, &[3]);
    feed(&mut link, &[0; 2 * 1536]);
    assert!(link.poll_event().unwrap().is_none());
    drain(&mut link);
    let ping = one_chunk(&UserControl::PingRequest(1).to_message());
    let mut cost = |count: usize| {
        measure(|| {
            for _ in 0..count {
                feed(&mut link, &ping);
                while link.poll_event().unwrap().is_some() {}
                drain(&mut link);
            }
        })
        .bytes_total
    };
    let (few, many) = (cost(100), cost(1_000));
    assert!(many <= few * 20, "{few} bytes for 100, {many} for 1000");
}

#[test]
fn what_the_program_says_itself_is_no_answer_that_the_peer_does_not_read() {
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    for _ in 0..3 {
        pair.server.notify(None, "onMessage", &["x".repeat(30_000).as_str().into()]).unwrap();
    }
    for _ in 0..1_000 {
        pair.server.notify_unpublished(at_server).unwrap();
        pair.server.notify_published(at_server).unwrap();
    }
    pair.drive();
    assert_eq!((&pair.server_error, &pair.client_error), (&None, &None));
    let long = Value::from("x".repeat(100_000).as_str());
    // An answer of the program may be longer than all that may wait otherwise.
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.command(0, "list", 2.0, &[Value::Null]);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Command { call, .. } => session.reply(call, std::slice::from_ref(&long)).unwrap(),
        other => accept(session, other),
    })
    .unwrap();
    assert_eq!(peer.command_names().last().unwrap(), "_result");
}

#[test]
fn an_accepted_connection_keeps_little_of_what_it_sent() {
    // A connect object full of codecs, and streams with queries as long as a command may be.
    let codecs: Vec<Value> = (0..1_000).map(|at| format!("{at:04}").as_str().into()).collect();
    let masks = (0..500).fold(Object::new(), |object, at| object.with(format!("c{at:03}"), 1.0));
    let object = Object::new()
        .with("app", format!("live?{}", "q".repeat(10_000)))
        .with("tcUrl", "rtmp://h/live")
        .with("fourCcList", Value::Array(codecs))
        .with("videoFourCcInfoMap", Value::Object(masks));
    let mut wire = one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message());
    wire.extend(one_chunk(&support::command(0, "connect", 1.0, &[Value::Object(object)])));
    for stream in 1..=16 {
        let name = format!("{stream}?{}", "q".repeat(30_000));
        wire.extend(one_chunk(&support::command(0, "createStream", 2.0, &[Value::Null])));
        wire.extend(one_chunk(&support::command(stream, "publish", 3.0, &[Value::Null, name.as_str().into()])));
    }
    let mut session = raw();
    let cost = measure(|| {
        for piece in wire.chunks(16 << 10) {
            feed(&mut session, piece);
            poll_all(&mut session).unwrap();
            let (_, queue) = session.buffers();
            let len = queue.len();
            bytes::Buf::advance(queue, len);
        }
        session.release_memory();
    });
    assert!(cost.bytes_current < 64 << 10, "{} bytes kept of {}", cost.bytes_current, wire.len());
    assert_eq!(session.stats().messages_rejected, 0);
    // The long names still name their streams.
    let name = format!("9?{}", "q".repeat(30_000));
    feed(&mut session, &one_chunk(&support::command(0, "FCUnpublish", 4.0, &[Value::Null, name.as_str().into()])));
    assert!(matches!(session.poll_event(), Ok(Some(ServerEvent::Ended { .. }))));
}
