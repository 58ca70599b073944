//! Protocol control and user control messages, by their requirements. Through a link, which acts on them, and a session.

mod support;

use rtmp_session::{
    ClientEvent, ClientSession, Link, Media, MessageError, ServerSession, SessionError, UserControl,
    chunk::{BandwidthLimit, ChunkSize, ChunkStreamId, Control, ControlError, Message, MessageType, encode_once},
};
use support::{
    Pair, Peer, client_config, drain, epoch, feed, handshaken, link_config, messages, server_config, vector, video,
};

/// A link at a server, behind its handshake.
fn link() -> Link {
    let mut link = Link::server(link_config().chunk_size(ChunkSize::DEFAULT), epoch());
    feed(&mut link, &[&[3][..], &[0; 2 * 1536]].concat());
    assert!(link.poll_event().unwrap().is_none());
    drain(&mut link);
    link
}

fn wire(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::DEFAULT).unwrap().to_vec()
}

/// The message in a vector, as a link gives it out.
fn message_in(id: &str) -> Message {
    let mut link = link();
    feed(&mut link, &vector(id));
    link.poll_event().unwrap().expect("one message")
}

#[test]
fn v_ctl_01_02_03_04_05_protocol_control_both_ways() {
    let window = 2_500_000;
    for (id, control) in [
        ("V-CTL-01", Control::SetChunkSize(ChunkSize::new(4096).unwrap())),
        ("V-CTL-02", Control::Abort(ChunkStreamId::VIDEO)),
        ("V-CTL-03", Control::Acknowledgement(window)),
        ("V-CTL-04", Control::WindowAckSize(window)),
        ("V-CTL-05", Control::SetPeerBandwidth { window, limit: BandwidthLimit::DYNAMIC }),
    ] {
        assert_eq!(Control::parse(&message_in(id)), Ok(Some(control)), "{id}");
        assert_eq!(wire(&control.to_message()), vector(id), "{id}");
    }
}

#[test]
fn v_ctl_10_11_12_13_14_15_16_17_18_19_20_user_control_both_ways() {
    let answer = vector("V-CTL-20")[14..].to_vec();
    for (id, event) in [
        ("V-CTL-10", UserControl::StreamBegin(1)),
        ("V-CTL-11", UserControl::StreamEof(1)),
        ("V-CTL-12", UserControl::StreamDry(1)),
        ("V-CTL-13", UserControl::SetBufferLength { stream_id: 1, length: 3000 }),
        ("V-CTL-14", UserControl::StreamIsRecorded(1)),
        ("V-CTL-15", UserControl::PingRequest(0x0102_0304)),
        ("V-CTL-16", UserControl::PingResponse(0x0102_0304)),
        ("V-CTL-17", UserControl::SwfVerifyRequest(Some(1))),
        ("V-CTL-18", UserControl::BufferEmpty(1)),
        ("V-CTL-19", UserControl::BufferReady(1)),
        ("V-CTL-20", UserControl::SwfVerifyResponse(answer.into())),
    ] {
        assert_eq!(UserControl::parse(&message_in(id).payload), Ok(event.clone()), "{id}");
        assert_eq!(wire(&event.to_message()), vector(id), "{id}");
    }
}

#[test]
fn v_ctl_90_91_93_chunk_sizes_that_are_fatal() {
    for id in ["V-CTL-90", "V-CTL-91", "V-CTL-93"] {
        let mut link = link();
        feed(&mut link, &vector(id));
        let error = link.poll_event().unwrap_err();
        assert!(matches!(error, SessionError::Chunk(rtmp_session::chunk::ChunkError::ChunkSize(_))), "{id}: {error}");
        assert_eq!(link.poll_event(), Err(error), "{id}: sticky");
    }
}

#[test]
fn v_ctl_92_94_95_96_97_98_99_odd_ones_that_are_not() {
    for (id, rejected) in [
        ("V-CTL-92", false),
        ("V-CTL-94", false),
        ("V-CTL-95", true),
        ("V-CTL-96", false),
        ("V-CTL-97", false),
        ("V-CTL-98", true),
        ("V-CTL-99", false),
    ] {
        let mut link = link();
        feed(&mut link, &vector(id));
        assert!(link.poll_event().unwrap().is_some(), "{id}: given out all the same");
        assert!(link.poll_event().unwrap().is_none(), "{id}");
        assert_eq!(link.stats().messages_rejected, u64::from(rejected), "{id}");
        assert!(drain(&mut link).is_empty(), "{id}: nothing to answer");
    }
}

#[test]
fn ctl_1_acts_on_any_chunk_stream_and_message_stream_at_any_time() {
    let mut link = link();
    let odd = Message {
        chunk_stream: ChunkStreamId::AUDIO,
        stream_id: 9,
        timestamp: 77,
        ..Control::WindowAckSize(50_000).to_message()
    };
    feed(&mut link, &wire(&odd));
    link.poll_event().unwrap();
    assert_eq!(link.receive_window(), Some(50_000));
}

#[test]
fn ctl_2_bodies_too_short_and_too_long() {
    for kind in [MessageType::ACKNOWLEDGEMENT, MessageType::WINDOW_ACK_SIZE, MessageType::SET_PEER_BANDWIDTH] {
        let mut link = link();
        let message =
            |len: usize| Message { kind, payload: vec![1; len].into(), ..Control::Acknowledgement(0).to_message() };
        feed(&mut link, &wire(&message(3)));
        link.poll_event().unwrap();
        let rejected = link.stats().last_rejected;
        assert!(matches!(rejected, Some(MessageError::Control(ControlError::TooShort { .. }))), "{rejected:?}");
        feed(&mut link, &wire(&message(50)));
        link.poll_event().unwrap();
        assert_eq!(link.stats().messages_rejected, 1, "what follows the fields is ignored");
    }
}

#[test]
fn ctl_3_4_5_6_8_chunk_sizes_hold_for_the_side_that_sends_them() {
    let mut pair = Pair::new();
    pair.drive();
    let config = rtmp_session::LinkConfig::default();
    assert!((4096..=65_536).contains(&config.chunk_size.get()), "CTL-8");
    let mut link = link();
    for size in [1, 50, 70_000, ChunkSize::MAX.get()] {
        let size = ChunkSize::new(size).unwrap();
        feed(&mut link, &encode_once(&Control::SetChunkSize(size).to_message(), ChunkSize::DEFAULT).unwrap());
        assert!(link.poll_event().unwrap().is_some());
        feed(&mut link, &encode_once(&video(0, 5_000).to_message(1), size).unwrap());
        assert_eq!(link.poll_event().unwrap(), Some(video(0, 5_000).to_message(1)));
        assert_eq!(link.outgoing_chunk_size(), ChunkSize::DEFAULT, "the other direction keeps its own");
        // Back to 128 for the next round.
        feed(&mut link, &encode_once(&Control::SetChunkSize(ChunkSize::DEFAULT).to_message(), size).unwrap());
        link.poll_event().unwrap();
    }
}

#[test]
fn ctl_9_10_11_abort() {
    let mut link = link();
    // Nothing unfinished there, an id that is not in use, and one that cannot be.
    for id in [3_u32, 63, 0] {
        let body: bytes::Bytes = id.to_be_bytes().to_vec().into();
        feed(&mut link, &wire(&Message { payload: body, ..Control::Abort(ChunkStreamId::VIDEO).to_message() }));
        assert!(link.poll_event().unwrap().is_some());
    }
    let whole = wire(&video(1000, 200).to_message(1));
    feed(&mut link, &whole[..140]);
    assert!(link.poll_event().unwrap().is_none());
    feed(&mut link, &wire(&Control::Abort(ChunkStreamId::VIDEO).to_message()));
    assert!(link.poll_event().unwrap().is_some());
    // A delta of 10 to the time of the message that was given up.
    feed(&mut link, &[0x46, 0, 0, 10, 0, 0, 1, 9, 0xcc]);
    let next = link.poll_event().unwrap().unwrap();
    assert_eq!((next.timestamp, &next.payload[..]), (1010, &[0xcc][..]));
}

#[test]
fn ctl_13_14_16_17_19_acknowledges_what_came_when_a_window_is_full() {
    let mut link = link();
    let message = wire(&video(0, 4_000).to_message(1));
    let send = |link: &mut Link, count: usize| {
        for _ in 0..count {
            feed(link, &message);
            while link.poll_event().unwrap().is_some() {}
        }
        messages(&drain(link))
    };
    assert_eq!(send(&mut link, 10), [], "CTL-19: none before the peer names a window");
    let before = 10 * message.len();
    let window = wire(&Control::WindowAckSize(100_000).to_message());
    feed(&mut link, &window);
    while link.poll_event().unwrap().is_some() {}
    let said = send(&mut link, 30);
    assert_eq!(said.len(), 1);
    let sequence = u32::from_be_bytes(said[0].payload[..].try_into().unwrap()) as usize;
    assert!(sequence >= 100_000 && sequence <= before + window.len() + 30 * message.len(), "{sequence}");
    assert_eq!((sequence - window.len()) % message.len(), 0, "CTL-14: every chunk byte, no handshake byte");
}

#[test]
fn ctl_13_14_bytes_that_wait_for_the_rest_of_a_chunk_count_as_received() {
    let mut link = link();
    let window = wire(&Control::WindowAckSize(16 << 10).to_message());
    feed(&mut link, &window);
    while link.poll_event().unwrap().is_some() {}
    // Whole messages, and of one more all but the last byte of its header.
    let message = wire(&video(0, 20_000).to_message(1));
    feed(&mut link, &[&message[..], &message[..11]].concat());
    while link.poll_event().unwrap().is_some() {}
    let said = messages(&drain(&mut link));
    assert_eq!(
        Control::parse(&said[0]),
        Ok(Some(Control::Acknowledgement((window.len() + message.len() + 11) as u32)))
    );
}

#[test]
fn an_end_inside_a_chunk_header_is_no_clean_end() {
    let message = wire(&video(0x0100_0000, 200).to_message(1));
    for len in 1..message.len() {
        let mut link = link();
        feed(&mut link, &message[..len]);
        assert!(link.poll_event().unwrap().is_none());
        let cut = SessionError::UnexpectedEof(rtmp_session::CutOff::Message);
        assert_eq!(link.handle_eof(), Err(cut), "behind {len} bytes");
    }
    let mut link = link();
    feed(&mut link, &message);
    assert!(link.poll_event().unwrap().is_some());
    assert_eq!(link.handle_eof(), Ok(()));
}

#[test]
fn ctl_20_21_22_acknowledgements_nobody_asked_for() {
    let mut link = link();
    for stream_id in [0, 5] {
        feed(&mut link, &wire(&Message { stream_id, ..Control::Acknowledgement(1_000).to_message() }));
        link.poll_event().unwrap();
    }
    assert_eq!(link.stats().bytes_acknowledged, 1_000);
    assert_eq!(link.stats().messages_rejected, 0);
    // Without any, as encoders do: sending is not held up.
    for time in 0..2_000 {
        link.send(&video(time, 4_000).to_message(1)).unwrap();
    }
    assert!(link.queued() > 8_000_000);
}

#[test]
fn messages_that_wait_for_the_handshake_are_queued_like_others() {
    let config = link_config();
    let (mut client, mut server) = (Link::client(config.clone(), epoch()), Link::server(config, epoch()));
    let hello = drain(&mut client);
    for time in 0..10 {
        client.send(&video(time, 100_000).to_message(1)).unwrap();
    }
    assert!(client.queued() > 1_000_000 && client.queued() < 1_010_000, "{}", client.queued());
    assert_eq!(client.stats().bytes_queued, client.queued());
    assert_eq!(drain(&mut client), [], "they cannot be written yet");
    let mut failing = Link::client(link_config(), epoch());
    failing.send(&video(0, 100_000).to_message(1)).unwrap();
    drain(&mut failing);
    feed(&mut failing, &[0x47]);
    failing.poll_event().unwrap_err();
    assert_eq!(failing.queued(), 0, "what never will be sent does not wait");

    // Without a poll: writing alone finishes the handshake.
    feed(&mut server, &hello);
    server.poll_event().unwrap();
    let answer = drain(&mut server);
    feed(&mut client, &answer);
    let wire = drain(&mut client);
    assert!(wire.len() > 1_000_000);
    assert_eq!(client.queued(), 0);
    feed(&mut server, &wire);
    let mut count = 0;
    while let Some(message) = server.poll_event().unwrap() {
        count += u32::from(message.kind == MessageType::VIDEO);
    }
    assert_eq!(count, 10);
}

#[test]
fn ctl_25_28_a_client_needs_no_answer_and_minds_no_times() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    server.send(&Message {
        timestamp: 99,
        ..Control::SetPeerBandwidth { window: 5_000, limit: BandwidthLimit::DYNAMIC }.to_message()
    });
    server.command(0, "_result", 1.0, &[rtmp_session::amf::Value::Null, rtmp_session::amf::Value::Null]);
    let mut connected = false;
    server.talk(&mut client, |_, event| connected |= matches!(event, ClientEvent::Connected)).unwrap();
    assert!(connected);
    assert!(!server.kinds().contains(&MessageType::WINDOW_ACK_SIZE), "dynamic, with no hard limit before it");
}

#[test]
fn ucm_1_2_3_on_any_chunk_stream_with_big_endian_numbers() {
    let event = UserControl::SetBufferLength { stream_id: 0x0102_0304, length: 0x0506_0708 };
    assert_eq!(event.to_message().payload[..], [0, 3, 1, 2, 3, 4, 5, 6, 7, 8]);
    let ping = Message { chunk_stream: ChunkStreamId::DATA, stream_id: 3, ..UserControl::PingRequest(5).to_message() };
    let mut link = link();
    feed(&mut link, &wire(&ping));
    link.poll_event().unwrap();
    assert_eq!(messages(&drain(&mut link)), [UserControl::PingResponse(5).to_message()]);
}

#[test]
fn ucm_4_5_6_unknown_and_short_events() {
    for (body, expected) in [
        (&[0, 5, 1, 2, 3, 4][..], Ok(5)),
        (&[0, 30][..], Ok(30)),
        (&[0, 34, 9], Ok(34)),
        (&[0, 26], Ok(26)),
        (&[0, 0, 0, 0, 1], Err(0)),
        (&[0, 3, 0, 0, 0, 1, 0], Err(3)),
        (&[0, 6, 1], Err(6)),
        (&[0, 27], Err(27)),
        (&[&[0, 27][..], &[1; 41]].concat(), Err(27)),
        (&[7], Err(0xffff)),
        (&[], Err(0xffff)),
    ] {
        let body = bytes::Bytes::copy_from_slice(body);
        match (UserControl::parse(&body), expected) {
            (Ok(UserControl::Other { event, .. }), Ok(number)) => assert_eq!(event, number),
            (Ok(UserControl::SwfVerifyRequest(None)), Ok(26)) => {}
            (Err(MessageError::UserControl { event, len }), Err(number)) => {
                assert_eq!((event, len), (number, body.len()))
            }
            (other, _) => panic!("{body:?}: {other:?}"),
        }
    }
    let long = [&[0, 27][..], &[1; 43]].concat().into();
    assert_eq!(
        UserControl::parse(&long),
        Ok(UserControl::SwfVerifyResponse(vec![1; 42].into())),
        "what follows is none"
    );
}

#[test]
fn ucm_3_8_a_client_hears_what_a_server_says_about_its_streams() {
    let mut server = Peer::server();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let events = [
        UserControl::StreamBegin(1),
        UserControl::StreamDry(1),
        UserControl::StreamIsRecorded(1),
        UserControl::BufferEmpty(1),
        UserControl::BufferReady(1),
        UserControl::SwfVerifyRequest(Some(1)),
        UserControl::StreamEof(1),
        UserControl::Other { event: 30, data: vec![1, 2].into() },
    ];
    events.iter().for_each(|event| server.send(&event.to_message()));
    server.send(&UserControl::PingResponse(1).to_message());
    let mut heard = Vec::new();
    server
        .talk(&mut client, |_, event| match event {
            ClientEvent::Control(event) => heard.push(event),
            other => panic!("{other:?}"),
        })
        .unwrap();
    assert_eq!(heard, events);
    client.send_control(&UserControl::SwfVerifyResponse(vec![1; 42].into())).unwrap();
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(server.said.last().unwrap().payload.len(), 44);
}

#[test]
fn ucm_9_a_buffer_of_0_ms_and_one_of_no_stream() {
    let mut pair = Pair::new();
    let stream = pair.client.play("cam");
    pair.drive();
    pair.client.set_buffer_length(stream, 0).unwrap();
    pair.client.send_control(&UserControl::SetBufferLength { stream_id: 99, length: 5 }).unwrap();
    pair.drive();
    let lengths = pair.saw.iter().filter(|saw| matches!(saw, support::Saw::Playback { .. })).count();
    assert_eq!(lengths, 1);
}

#[test]
fn msg_1_2_8_every_type_has_its_place() {
    let mut session = ServerSession::new(server_config(), epoch());
    handshaken(&mut session);
    for kind in 0..=255 {
        // Those with a body of their own are in other tests.
        if !(1..=6).contains(&kind) && ![15, 16, 17, 18, 19, 20, 22].contains(&kind) {
            let message = Message {
                kind: MessageType(kind),
                stream_id: 0xff_ffff,
                ..Media::audio(u32::MAX, vec![1]).to_message(0)
            };
            feed(&mut session, &wire(&message));
        }
    }
    assert!(session.poll_event().unwrap().is_none());
    let stats = session.stats();
    assert_eq!((stats.messages_ignored, stats.messages_rejected), (256 - 6 - 7, 0));
}

#[test]
fn msg_9_limits_have_the_documented_defaults() {
    let limits = rtmp_session::Limits::default();
    assert_eq!((limits.chunk.max_message_len, limits.chunk.max_partial_bytes), (8 << 20, 16 << 20));
    assert_eq!((limits.chunk.max_chunk_streams, limits.chunk.max_empty_run), (64, 1024));
    assert_eq!((limits.amf.max_depth, limits.amf.max_values, limits.amf.max_bytes), (32, 4096, 1 << 20));
    assert_eq!((limits.max_command_len, limits.max_name_len), (32 << 10, 1 << 10));
    assert_eq!((limits.max_streams, limits.max_calls, limits.max_reply_bytes), (16, 64, 16 << 10));
}

#[test]
fn msg_10_audio_may_overtake_video() {
    let (mut pair, stream, _) = Pair::publishing(support::Cut::Whole);
    for time in [40, 0, 20] {
        pair.client.send_media(stream, &support::audio(time, 9)).unwrap();
        pair.client.send_media(stream, &video(time + 100, 9)).unwrap();
    }
    pair.drive();
    let times: Vec<_> = pair.server_media().iter().map(|media| media.timestamp).collect();
    assert_eq!(times, [40, 140, 0, 100, 20, 120], "in wire order, whatever their times");
}

#[test]
fn an_event_of_a_link_is_every_message() {
    let mut link = link();
    for message in [Control::WindowAckSize(5).to_message(), video(3, 9).to_message(1)] {
        feed(&mut link, &wire(&message));
        assert_eq!(link.poll_event().unwrap(), Some(message));
    }
}
