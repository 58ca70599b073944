//! What felled other implementations, or was meant to: over the wire into a session, each by its name.

mod support;

use allocation_counter::measure;
use rtmp_session::{
    Media, MessageError, ServerConfig, ServerEvent, ServerSession, SessionError,
    amf::{AmfError, Object, Value},
    chunk::{ChunkError, ChunkSize, ChunkStreamId, Control, Message, MessageType, encode_once},
};
use support::{Peer, audio, drain, epoch, feed, handshaken, link_config, server_config, unhex, values, vector, video};

/// A session with a publisher on message stream 1, that takes raw chunks of 128 bytes.
fn publishing() -> ServerSession {
    publishing_to(server_config())
}

fn publishing_to(config: ServerConfig) -> ServerSession {
    let mut session = ServerSession::new(config, epoch());
    handshaken(&mut session);
    let object = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    for message in [
        support::command(0, "connect", 1.0, &[Value::Object(object)]),
        support::command(0, "createStream", 2.0, &[Value::Null]),
        support::command(1, "publish", 3.0, &[Value::Null, "cam".into()]),
    ] {
        feed(&mut session, &chunks(&message));
    }
    assert_eq!(poll(&mut session).unwrap(), []);
    drain(&mut session);
    session
}

fn chunks(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::DEFAULT).unwrap().to_vec()
}

fn raw_command(payload: Vec<u8>) -> Vec<u8> {
    chunks(&Message { payload: payload.into(), ..support::command(0, "", 0.0, &[]) })
}

/// The media that comes out; everything that is asked for is accepted.
fn poll(session: &mut ServerSession) -> Result<Vec<Media>, SessionError> {
    let mut media = Vec::new();
    while let Some(event) = session.poll_event()? {
        match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
            ServerEvent::Play(request) => session.accept_play(request).unwrap(),
            ServerEvent::Media { media: one, .. } => media.push(one),
            _ => {}
        }
    }
    Ok(media)
}

/// The session still works.
fn is_well(session: &mut ServerSession) {
    feed(session, &chunks(&audio(7, 20).to_message(1)));
    assert_eq!(poll(session).unwrap(), [audio(7, 20)]);
}

#[test]
fn hs_3_garbage_before_the_handshake() {
    for (first, expected) in [(b'G', true), (0x16, true), (0, true), (255, true), (3, false)] {
        let mut session = ServerSession::new(server_config(), epoch());
        feed(&mut session, &[first]);
        feed(&mut session, b"ET / HTTP/1.1\r\n\r\n");
        let result = session.poll_event();
        assert_eq!(matches!(result, Err(SessionError::Handshake(_))), expected, "{first}: {result:?}");
        assert!(drain(&mut session).is_empty(), "HS-3: nothing is written");
    }
}

#[test]
fn hs_8_garbage_in_the_handshake_is_random_bytes() {
    let mut session = ServerSession::new(server_config(), epoch());
    feed(&mut session, &[3]);
    feed(&mut session, &(0..2 * 1536_u32).map(|at| ((at * 7919) >> 3) as u8).collect::<Vec<_>>());
    assert!(session.poll_event().unwrap().is_none(), "HS-8");
    assert_eq!(drain(&mut session).len(), 3073);
}

#[test]
fn garbage_behind_the_handshake() {
    let mut session = ServerSession::new(server_config(), epoch());
    handshaken(&mut session);
    feed(&mut session, &[0xff; 100]);
    let error = poll(&mut session).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::NoLength { .. })), "{error}");
    assert_eq!(session.poll_event().unwrap_err(), error);
}

#[test]
fn audio_interleaved_in_a_video_message_of_several_chunks() {
    let whole = chunks(&video(40, 400).to_message(1));
    let small = chunks(&audio(41, 20).to_message(1));
    let large = chunks(&audio(42, 300).to_message(1));
    for between in [&small, &large] {
        let mut session = publishing();
        // Behind the first chunk of the video: 12 bytes of header, 128 of payload.
        feed(&mut session, &whole[..140]);
        feed(&mut session, between);
        feed(&mut session, &whole[140..]);
        let media = poll(&mut session).unwrap();
        assert_eq!(media[1], video(40, 400));
        assert!(media[0] == audio(41, 20) || media[0] == audio(42, 300));
        is_well(&mut session);
    }
}

#[test]
fn audio_longer_than_the_video_so_far() {
    let mut session = publishing();
    let whole = chunks(&video(40, 4_000).to_message(1));
    feed(&mut session, &whole[..140]);
    feed(&mut session, &chunks(&audio(41, 900).to_message(1)));
    feed(&mut session, &whole[140..]);
    assert_eq!(poll(&mut session).unwrap(), [audio(41, 900), video(40, 4_000)]);
}

#[test]
fn chk_33_a_new_header_inside_a_message() {
    for header in [&[0x06, 0, 0, 50, 0, 0, 10, 9, 1, 0, 0, 0][..], &[0x46, 0, 0, 10, 0, 0, 10, 9]] {
        let mut session = publishing();
        feed(&mut session, &chunks(&video(40, 400).to_message(1))[..140]);
        feed(&mut session, header);
        feed(&mut session, &[0x27; 10]);
        let error = poll(&mut session).unwrap_err();
        assert!(
            matches!(error, SessionError::Chunk(ChunkError::Interrupted { chunk_stream: 6, .. })),
            "CHK-33: {error}"
        );
        let mut session = publishing_to(server_config().link(link_config().drop_partial(true)));
        feed(&mut session, &chunks(&video(40, 400).to_message(1))[..140]);
        feed(&mut session, header);
        feed(&mut session, &[0x27; 10]);
        let media = poll(&mut session).unwrap();
        assert!(matches!(&media[..], [Media { payload, .. }] if payload[..] == [0x27; 10]), "CHK-33: {media:?}");
        assert_eq!(session.stats().messages_dropped, 1);
        is_well(&mut session);
    }
}

#[test]
fn amf_nested_100_000_deep() {
    // Over the limit of a command: the connection ends before anything is decoded.
    let nested = |depth: usize| {
        let mut payload = values(&["x".into(), 1.0.into()]).to_vec();
        payload.extend([0x0a, 0, 0, 0, 1].repeat(depth));
        payload
    };
    let mut session = publishing();
    feed(&mut session, &raw_command(nested(100_000)));
    assert!(matches!(poll(&mut session).unwrap_err(), SessionError::Limit { max: 32_768, .. }));
    // Within it: the command is dropped, the connection goes on.
    let mut session = publishing();
    feed(&mut session, &raw_command(nested(6_000)));
    assert_eq!(poll(&mut session).unwrap(), []);
    let rejected = session.stats().last_rejected;
    assert!(matches!(rejected, Some(MessageError::Amf { source: AmfError::TooDeep { .. }, .. })), "{rejected:?}");
    is_well(&mut session);
    // A data message is not decoded at all.
    let mut session = publishing();
    let payload: bytes::Bytes = nested(100_000).into();
    feed(&mut session, &chunks(&Media::data(0, payload.clone()).to_message(1)));
    assert_eq!(poll(&mut session).unwrap(), [Media::data(0, payload)]);
}

#[test]
fn counts_and_lengths_of_4_gib_in_five_bytes() {
    let bodies: [&[u8]; 3] = [
        &[0x0a, 0xff, 0xff, 0xff, 0xff], // strict array: 300 GB elsewhere
        &[0x08, 0xff, 0xff, 0xff, 0xff], // ECMA array: 833 GB elsewhere
        &[0x0c, 0xff, 0xff, 0xff, 0xff], // long string: 4 GiB elsewhere
    ];
    for body in bodies {
        let mut session = publishing();
        let mut payload = values(&["x".into(), 1.0.into()]).to_vec();
        payload.extend_from_slice(body);
        let wire = raw_command(payload);
        let cost = measure(|| {
            feed(&mut session, &wire);
            assert_eq!(poll(&mut session).unwrap(), []);
        });
        assert!(cost.bytes_max < 64 << 10, "{} bytes", cost.bytes_max);
        is_well(&mut session);
    }
}

#[test]
fn the_230_byte_reference_bomb() {
    // Each array holds the one before many times: 2.3 GB elsewhere.
    let mut payload = values(&["x".into(), 1.0.into(), Value::Null]).to_vec();
    payload.extend([0x0a, 0, 0, 0, 1, 0x05]);
    for level in 0..24_u8 {
        payload.extend([0x0a, 0, 0, 0, 2, 0x07, 0, level, 0x07, 0, level]);
    }
    assert!(payload.len() < 300);
    let mut session = publishing();
    let wire = raw_command(payload);
    let cost = measure(|| {
        feed(&mut session, &wire);
        poll(&mut session).unwrap();
    });
    assert!(cost.bytes_max < 1 << 20, "{} bytes", cost.bytes_max);
    is_well(&mut session);
}

#[test]
fn a_truncated_string() {
    let mut session = publishing();
    feed(&mut session, &raw_command(vec![0x02, 0, 5, b'a', b'b']));
    assert_eq!(poll(&mut session).unwrap(), []);
    assert!(matches!(session.stats().last_rejected, Some(MessageError::Amf { .. })));
    is_well(&mut session);
}

#[test]
fn commands_with_too_few_values() {
    let mut session = publishing();
    for all in
        [&["publish".into()][..], &["play".into(), 0.0.into()], &["deleteStream".into(), 0.0.into(), Value::Null]]
    {
        feed(&mut session, &raw_command(values(all).to_vec()));
    }
    assert_eq!(poll(&mut session).unwrap(), []);
    is_well(&mut session);
}

#[test]
fn a_lone_set_data_frame() {
    let mut session = publishing();
    feed(&mut session, &chunks(&support::data(1, &["@setDataFrame".into()])));
    assert_eq!(poll(&mut session).unwrap(), []);
    assert_eq!(session.stats().last_rejected, Some(MessageError::EmptyDataFrame));
    is_well(&mut session);
}

#[test]
fn amf0_5_text_that_is_not_utf_8() {
    let mut peer = Peer::client();
    let odd = Value::String(rtmp_session::amf::AmfString::from_bytes(&[b'c', 0xff, b'm']));
    let object = Object::new().with("app", odd.clone()).with("tcUrl", odd.clone());
    peer.command(0, "connect", 1.0, &[Value::Object(object)]);
    peer.command(0, "createStream", 2.0, &[Value::Null]);
    peer.command(1, "publish", 3.0, &[Value::Null, odd.clone()]);
    peer.command(0, "FCUnpublish", 4.0, &[Value::Null, odd]);
    let mut session = ServerSession::new(server_config(), epoch());
    let (mut name, mut ended) = (String::new(), 0);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => {
            name = request.name.clone();
            session.accept_publish(request).unwrap();
        }
        ServerEvent::Ended { .. } => ended += 1,
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert_eq!((name.as_str(), ended), ("c\u{fffd}m", 1), "AMF0-5: shown with a replacement");
}

#[test]
fn ctl_18_26_window_size_0_and_bandwidth_0() {
    let mut session = publishing();
    for vector in ["02000000000004050000000000000000", "0200000000000506000000000000000002"] {
        feed(&mut session, &unhex(vector));
    }
    is_well(&mut session);
    assert_eq!(session.stats().messages_rejected, 0);
    assert!(drain(&mut session).is_empty());
}

#[test]
fn ctl_6_7_chunk_sizes_0_1_and_2_to_the_31() {
    for id in ["V-CTL-90", "V-CTL-91", "V-CTL-93"] {
        let mut session = publishing();
        feed(&mut session, &vector(id));
        let error = poll(&mut session).unwrap_err();
        assert!(matches!(error, SessionError::Chunk(ChunkError::ChunkSize(_))), "CTL-6, CTL-7: {error}");
    }
    let mut session = publishing();
    feed(&mut session, &unhex("02000000000004010000000000000001"));
    feed(&mut session, &encode_once(&audio(5, 9).to_message(1), ChunkSize::new(1).unwrap()).unwrap());
    assert_eq!(poll(&mut session).unwrap(), [audio(5, 9)]);
}

#[test]
fn chunk_sizes_above_64_kib() {
    // V-CTL-92: 2147483647, and V-CTL-99: on another chunk stream and message stream.
    let mut session = publishing();
    feed(&mut session, &vector("V-CTL-92"));
    feed(&mut session, &encode_once(&video(5, 300_000).to_message(1), ChunkSize::MAX).unwrap());
    assert_eq!(poll(&mut session).unwrap(), [video(5, 300_000)]);
    feed(&mut session, &vector("V-CTL-99"));
    feed(&mut session, &encode_once(&video(5, 9_000).to_message(1), ChunkSize::new(4096).unwrap()).unwrap());
    assert_eq!(poll(&mut session).unwrap(), [video(5, 9_000)]);
}

#[test]
fn msg_8_ucm_4_5_6_unknown_message_types_and_events() {
    let mut session = publishing();
    for kind in [0, 7, 10, 14, 21, 23, 99, 255] {
        let message = Message { kind: MessageType(kind), ..audio(0, 10).to_message(1) };
        feed(&mut session, &chunks(&message));
    }
    // V-CTL-97, V-CTL-98, V-CTL-95, V-CTL-17
    feed(&mut session, &vector("V-CTL-97"));
    feed(&mut session, &vector("V-CTL-98"));
    feed(&mut session, &vector("V-CTL-95"));
    feed(&mut session, &vector("V-CTL-17"));
    is_well(&mut session);
    let stats = session.stats();
    assert_eq!(stats.messages_rejected, 2, "UCM-5 and CTL-26: {stats:?}");
}

#[test]
fn chk_34_a_type_1_header_first_on_a_chunk_stream() {
    // librtmp answers pings so: V-CHK-37.
    let mut session = publishing();
    feed(&mut session, &vector("V-CHK-37"));
    is_well(&mut session);
    // V-CHK-90, V-CHK-91: without a length nothing can be told.
    for wire in [&[0xdf][..], &[0x9f, 0, 0, 20]] {
        let mut session = publishing();
        feed(&mut session, wire);
        let error = poll(&mut session).unwrap_err();
        assert!(matches!(error, SessionError::Chunk(ChunkError::NoLength { chunk_stream: 31, .. })), "{error}");
    }
}

#[test]
fn chk_17_21_type_3_chunks_with_and_without_the_extended_timestamp() {
    let media = video(0x0100_0005, 400);
    let repeated = chunks(&media.to_message(1));
    let mut left_out = repeated[..16 + 128].to_vec();
    let mut rest = &repeated[16 + 128..];
    while !rest.is_empty() {
        left_out.push(rest[0]);
        let end = rest.len().min(5 + 128);
        left_out.extend_from_slice(&rest[5..end]);
        rest = &rest[end..];
    }
    for wire in [&repeated, &left_out] {
        let mut session = publishing();
        feed(&mut session, wire);
        assert_eq!(poll(&mut session).unwrap(), std::slice::from_ref(&media), "CHK-17, CHK-21");
        is_well(&mut session);
    }
}

#[test]
fn chk_23_28_29_timestamps_past_24_and_32_bits() {
    let mut session = publishing();
    let times = [0, 0xff_fffe, 0xff_ffff, 0x100_0000, u32::MAX, 5, 4];
    for time in times {
        feed(&mut session, &chunks(&audio(time, 10).to_message(1)));
    }
    let media = poll(&mut session).unwrap();
    assert_eq!(media.iter().map(|media| media.timestamp).collect::<Vec<_>>(), times, "CHK-23, CHK-28, CHK-29");
}

/// Allocations here; all other work is counted by `benches/compare/instructions`.
#[test]
fn a_mebibyte_in_128_byte_chunks_is_linear_work() {
    let cost = |len: usize| {
        let mut session = publishing();
        let wire = chunks(&video(0, len).to_message(1));
        measure(|| {
            for piece in wire.chunks(1 << 14) {
                feed(&mut session, piece);
                poll(&mut session).unwrap();
            }
        })
        .bytes_total
    };
    let (small, large) = (cost(1 << 17), cost(1 << 20));
    assert!(large < small * 16, "{small} bytes allocated for 128 KiB, {large} for 1 MiB");
}

#[test]
fn a_legal_key_frame_of_8_mib() {
    let mut session = publishing();
    let media = video(0, 8 << 20);
    let wire = chunks(&media.to_message(1));
    let cost = measure(|| {
        let mut all = Vec::new();
        for piece in wire.chunks(1 << 16) {
            feed(&mut session, piece);
            all.extend(poll(&mut session).unwrap());
        }
        assert_eq!(all, std::slice::from_ref(&media));
    });
    assert!(cost.bytes_max < 20 << 20, "{} bytes at most", cost.bytes_max);
    is_well(&mut session);
}

#[test]
fn eight_mebibytes_in_chunks_of_one_byte() {
    let mut session = publishing();
    let one = ChunkSize::new(1).unwrap();
    feed(&mut session, &chunks(&Control::SetChunkSize(one).to_message()));
    let media = video(0, 8 << 20);
    let wire = encode_once(&media.to_message(1), one).unwrap();
    let mut all = Vec::new();
    let cost = measure(|| {
        for piece in wire.chunks(1 << 16) {
            feed(&mut session, piece);
            all.extend(poll(&mut session).unwrap());
        }
    });
    assert_eq!(all, [media]);
    assert!(cost.bytes_max < 20 << 20, "{} bytes at most", cost.bytes_max);
    assert!(cost.bytes_total < 64 << 20, "{} bytes allocated for {} received", cost.bytes_total, wire.len());
}

#[test]
fn nested_arrays_of_4000_levels() {
    let mut session = publishing();
    let mut payload = values(&["x".into(), 1.0.into()]).to_vec();
    payload.extend([0x0a, 0, 0, 0, 1].repeat(4000));
    payload.push(5);
    let wire = raw_command(payload);
    let cost = measure(|| {
        feed(&mut session, &wire);
        assert_eq!(poll(&mut session).unwrap(), []);
    });
    assert!(cost.bytes_max < 4 * wire.len() as u64, "{} bytes", cost.bytes_max);
    let rejected = session.stats().last_rejected;
    assert!(matches!(rejected, Some(MessageError::Amf { source: AmfError::TooDeep { .. }, .. })), "{rejected:?}");
    is_well(&mut session);
}

#[test]
fn a_flat_array_of_3_megabytes() {
    let items = 3_000_000_u32;
    let mut payload = values(&["x".into(), 1.0.into()]).to_vec();
    payload.push(0x0a);
    payload.extend(items.to_be_bytes());
    payload.extend([0x05].repeat(items as usize));
    let mut session = publishing();
    feed(&mut session, &raw_command(payload));
    let error = poll(&mut session).unwrap_err();
    assert!(matches!(error, SessionError::Limit { .. }), "MSG-9: {error}");
}

#[test]
fn two_hundred_thousand_streams_wanted() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.connect("live");
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        session.accept_connect(request).unwrap();
    })
    .unwrap();
    let mut refused = 0;
    let mut held = 0;
    for _ in 0..200 {
        held = measure(|| {
            for id in 0..1_000 {
                feed(
                    &mut session,
                    &chunks_of_size(&support::command(0, "createStream", f64::from(id), &[Value::Null])),
                );
                assert_eq!(poll(&mut session).unwrap(), []);
                let said = drain(&mut session);
                refused += usize::from(said.windows(6).any(|window| window == b"_error"));
            }
        })
        .bytes_current;
    }
    assert!(refused > 199_000 - 1_000, "{refused}");
    assert!(held < 8 << 10, "{held} bytes more than before");
}

fn chunks_of_size(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::new(65_536).unwrap()).unwrap().to_vec()
}

#[test]
fn chk_7_control_messages_on_the_chunk_stream_of_media() {
    // CHK-7: commands on chunk stream 2, pings on 6.
    let mut session = publishing();
    let ping = rtmp_session::UserControl::PingRequest(9).to_message();
    let message = Message { chunk_stream: ChunkStreamId::VIDEO, stream_id: 1, ..ping };
    feed(&mut session, &chunks(&message));
    let call = Message { chunk_stream: ChunkStreamId::CONTROL, ..support::command(0, "_checkbw", 5.0, &[Value::Null]) };
    feed(&mut session, &chunks(&call));
    is_well(&mut session);
    assert_eq!(support::messages(&drain(&mut session)).len(), 2);
}
