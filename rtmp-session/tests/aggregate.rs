//! Aggregate messages, as a server takes them apart. See AGG-1 to AGG-8.

mod support;

use rtmp_session::{
    Media, MessageError, ServerEvent, ServerSession, SessionError, Stats,
    amf::Value,
    chunk::{ChunkStreamId, Message, MessageType},
};
use support::{Peer, epoch, server_config, vector};

/// A sub-message, with the time in the order of FLV and its back pointer.
fn part(kind: u8, time: u32, stream_id: u8, data: &[u8]) -> Vec<u8> {
    let [_, len @ ..] = (data.len() as u32).to_be_bytes();
    let [high, low @ ..] = time.to_be_bytes();
    let back_pointer = 11 + data.len() as u32;
    [&[kind][..], &len, &low, &[high, 0, 0, stream_id], data, &back_pointer.to_be_bytes()].concat()
}

fn aggregate(timestamp: u32, body: impl Into<bytes::Bytes>) -> Message {
    let (kind, chunk_stream) = (MessageType::AGGREGATE, ChunkStreamId::AUDIO);
    Message { kind, stream_id: 1, timestamp, chunk_stream, payload: body.into() }
}

/// A client that publishes on the message streams 1 and 2, before it has said so.
fn publishers() -> Peer {
    let mut peer = Peer::client();
    peer.connect("live");
    for (number, name) in [(1, "cam"), (2, "mic")] {
        peer.command(0, "createStream", 2.0, &[Value::Null]);
        peer.command(number, "publish", 3.0, &[Value::Null, name.into()]);
    }
    peer
}

/// What a server that accepts everything gets from it: the message stream and the media, and what was counted.
fn media(peer: &mut Peer) -> (Vec<(u32, Media)>, Stats) {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut media = Vec::new();
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        ServerEvent::Media { stream, media: one } => media.push((session.message_stream_id(stream).unwrap(), one)),
        other => panic!("{other:?}"),
    })
    .unwrap();
    (media, session.stats())
}

/// The times of the audio messages in an aggregate of time `whole` with sub-messages of these times.
fn times(whole: u32, parts: &[u32]) -> Vec<u32> {
    let mut peer = publishers();
    let body: Vec<u8> = parts.iter().flat_map(|time| part(8, *time, 0, &[0xaf, 1, 0x21])).collect();
    peer.send(&aggregate(whole, body));
    media(&mut peer).0.into_iter().map(|(_, media)| media.timestamp).collect()
}

#[test]
fn agg_1_4_5_6_8_v_agg_01_an_aggregate_is_taken_apart() {
    let mut peer = publishers();
    let body = vector("V-AGG-01");
    peer.send(&aggregate(5000, body.clone()));
    // AGG-5: the last back pointer may be missing. AGG-6: what is cut off is rejected, what came before stays.
    peer.send(&aggregate(5000, body[..body.len() - 4].to_vec()));
    peer.send(&aggregate(5000, body[..body.len() - 5].to_vec()));
    let (media, stats) = media(&mut peer);
    let first = || (1, Media::audio(5000, vec![0xaf, 1, 0x21]));
    let second = || (1, Media::audio(5023, vec![0xaf, 1, 0x22]));
    assert_eq!(media, [first(), second(), first(), second(), first()]);
    assert_eq!(stats.messages_rejected, 1);
    assert_eq!(stats.last_rejected, Some(MessageError::AggregateCut { missing: 1 }));
}

#[test]
fn agg_2_the_high_byte_of_a_time_stands_behind_the_low_ones() {
    assert_eq!(times(0x00ff_fff0, &[0x00ff_fff0, 0x0100_0010]), [0x00ff_fff0, 0x0100_0010]);
    assert_eq!(times(0, &[0x0102_0304, 0x0506_0708]), [0, 0x0404_0404]);
}

#[test]
fn agg_3_the_stream_of_the_aggregate_counts_and_not_those_inside() {
    let mut peer = publishers();
    let body: Vec<u8> = [0, 1, 2, 9].iter().flat_map(|stream| part(8, 0, *stream, &[0xaf, 1, *stream])).collect();
    peer.send(&aggregate(0, body));
    let on_1 = [0, 1, 2, 9].map(|stream| (1, Media::audio(0, vec![0xaf, 1, stream])));
    assert_eq!(media(&mut peer).0, on_1);
}

#[test]
fn agg_4_times_move_together_modulo_2_to_the_32() {
    assert_eq!(times(5, &[10, 30]), [5, 25], "back");
    assert_eq!(times(0xffff_fff0, &[0, 0x20]), [0xffff_fff0, 0x10], "over the end");
    assert_eq!(times(0x10, &[0xffff_fff0, 0]), [0x10, 0x20], "from before the end");
}

#[test]
fn agg_5_a_wrong_back_pointer_is_tolerated() {
    let mut peer = publishers();
    let mut first = part(8, 0, 1, &[0xaf, 1, 0x21]);
    first.splice(14.., [0xff; 4]);
    peer.send(&aggregate(0, [first, part(8, 20, 1, &[0xaf, 1, 0x22])].concat()));
    let (media, stats) = media(&mut peer);
    assert_eq!((media.len(), stats.messages_rejected), (2, 0));
}

#[test]
fn agg_6_a_header_or_data_cut_anywhere_leaves_what_came_before() {
    let whole = [part(8, 0, 1, &[0xaf, 1, 0x21]), part(8, 20, 1, &[0xaf, 1, 0x22])].concat();
    for len in 1..whole.len() {
        let mut peer = publishers();
        peer.send(&aggregate(0, whole[..len].to_vec()));
        let (media, stats) = media(&mut peer);
        // 14 bytes are a sub-message, 4 more its back pointer.
        let (complete, is_cut) = (usize::from(len >= 14) + usize::from(len >= 32), !matches!(len, 14..=18 | 32..));
        assert_eq!((media.len(), stats.messages_rejected), (complete, u64::from(is_cut)), "{len} bytes");
    }
}

#[test]
fn agg_7_neither_control_nor_an_aggregate_may_be_inside() {
    for kind in [1, 2, 3, 4, 5, 6, 22] {
        let mut peer = publishers();
        // Set Chunk Size, Abort and the others as they would be in force outside; AGG-4: the offset is that of the first
        // sub-message, also where that is left out.
        let control = part(kind, 100, 1, &[0, 0, 0, 1, 0, 0, 0, 1]);
        peer.send(&aggregate(5000, [control, part(8, 123, 1, &[0xaf, 1, 0x22])].concat()));
        peer.send(&Media::audio(6000, vec![0xaf, 1, 0x23]).to_message(1));
        let (media, stats) = media(&mut peer);
        let expected = [(1, Media::audio(5023, vec![0xaf, 1, 0x22])), (1, Media::audio(6000, vec![0xaf, 1, 0x23]))];
        assert_eq!(media, expected, "type {kind}");
        assert_eq!(stats.messages_rejected, 1, "type {kind}");
        assert_eq!(stats.last_rejected, Some(MessageError::NotAggregable(MessageType(kind))));
    }
}

#[test]
fn an_aggregate_does_not_outlive_the_connection() {
    let mut peer = publishers();
    // Over the limit of a command (MSG-9), with audio behind it.
    let long = support::command(0, "x", 0.0, &[Value::Null, "x".repeat(70_000).as_str().into()]).payload;
    peer.send(&aggregate(0, [part(20, 0, 0, &long), part(8, 0, 0, &[0xaf, 1, 0x22])].concat()));
    let mut session = ServerSession::new(server_config(), epoch());
    let mut media = 0;
    let error = peer
        .talk(&mut session, |session, event| match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
            _ => media += 1,
        })
        .unwrap_err();
    assert!(matches!(error, SessionError::Limit { max: 32_768, .. }), "{error}");
    assert_eq!(media, 0, "nothing comes behind the end");
}
