//! Protocol control messages as far as the chunk layer goes: CTL-1 to CTL-12, and the bodies of the others.

mod support;

use bytes::Bytes;
use proptest::prelude::*;
use rtmp_chunk::{
    BandwidthLimit, ChunkDecoder, ChunkEncoder, ChunkError, ChunkSize, Control, ControlError, Message, MessageType,
    SendQueue,
};
use support::{feed, id, message, pattern, size, strategy, video, writer::Writer};

fn control() -> impl Strategy<Value = Control> {
    prop_oneof![
        (1_u32..=0xff_ffff).prop_map(|bytes| Control::SetChunkSize(size(bytes))),
        strategy::chunk_stream().prop_map(|chunk_stream| Control::Abort(id(chunk_stream))),
        any::<u32>().prop_map(Control::Acknowledgement),
        any::<u32>().prop_map(Control::WindowAckSize),
        (any::<u32>(), any::<u8>())
            .prop_map(|(window, limit)| Control::SetPeerBandwidth { window, limit: BandwidthLimit(limit) }),
    ]
}

#[test]
fn ctl_6_7_no_encoder_can_be_given_a_chunk_size_of_0() {
    assert_eq!(ChunkSize::new(0), None);
    assert_eq!([1, 0xff_ffff].map(|bytes| ChunkSize::new(bytes).map(ChunkSize::get)), [Some(1), Some(0xff_ffff)]);
    assert_eq!(ChunkSize::new(0x100_0000), None);
}

proptest! {
    #[test]
    fn control_messages_read_as_written(control in control()) {
        let message = control.to_message();
        prop_assert_eq!(Control::parse(&message), Ok(Some(control)));
        prop_assert_eq!(message.chunk_stream.get(), 2);
        prop_assert_eq!((message.stream_id, message.timestamp), (0, 0));
    }

    #[test]
    fn any_body_of_any_type_is_read_or_refused(kind in any::<u8>(), body in prop::collection::vec(any::<u8>(), 0..8)) {
        let message = message(2, 0, MessageType(kind), &body);
        match Control::parse(&message) {
            Ok(None) => prop_assert!(![1, 2, 3, 5, 6].contains(&kind)),
            Ok(Some(control)) => prop_assert_eq!(control.to_message().kind, message.kind),
            Err(ControlError::TooShort { len, need, .. }) => prop_assert!(len == body.len() && len < need),
            Err(_) => prop_assert!(kind <= 2),
        }
    }
}

#[test]
fn ctl_1_control_acts_on_any_chunk_stream_and_message_stream_at_any_time() {
    let set = Message { stream_id: 7, timestamp: 99, chunk_stream: id(500), ..support::writer::set_chunk_size(500) };
    let mut writer = Writer::new();
    writer.write(&set, 0);
    writer.write(&video(6, 0, &pattern(500)), 0);
    assert_eq!(writer.wire.len(), (14 + 4) + 12 + 500);
    assert_eq!(feed::decode(&writer.wire).whole(), [set, video(6, 0, &pattern(500))]);
}

#[test]
fn ctl_2_short_body_is_fatal_in_set_chunk_size_and_rejected_in_the_others() {
    for kind in [2, 3, 5, 6].map(MessageType) {
        let short = message(2, 0, kind, &[0, 0, 0]);
        assert!(matches!(Control::parse(&short), Err(ControlError::TooShort { len: 3, .. })), "{kind:?}");
        let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&short));
        assert_eq!(feed::decode(&wire).whole(), [short]);
    }
    for len in 0..4 {
        let wire = feed::encode(&mut ChunkEncoder::new(), &[message(2, 0, MessageType::SET_CHUNK_SIZE, &pattern(len))]);
        assert!(matches!(feed::decode(&wire).error(), ChunkError::ChunkSize(ControlError::TooShort { .. })));
    }
}

#[test]
fn ctl_2_longer_body_is_read_up_to_its_fields() {
    let long = message(2, 0, MessageType::SET_CHUNK_SIZE, &[0, 0, 16, 0, 1, 2, 3]);
    assert_eq!(Control::parse(&long), Ok(Some(Control::SetChunkSize(size(4096)))));
    let rest = feed::encode(&mut feed::pair(size(4096)).0, &[video(6, 0, &pattern(4096))]);
    let wire = [feed::encode(&mut ChunkEncoder::new(), &[long]), rest].concat();
    assert_eq!(feed::decode(&wire).whole()[1], video(6, 0, &pattern(4096)));
}

#[test]
fn ctl_3_4_announced_size_holds_from_the_next_chunk_on() {
    let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
    let message = video(6, 0, &pattern(300));
    encoder.encode(&message, &mut queue).unwrap();
    encoder.set_chunk_size(size(300), &mut queue);
    assert_eq!(encoder.chunk_size(), size(300));
    encoder.encode(&message, &mut queue).unwrap();
    let wire = feed::drain(&mut queue);
    assert_eq!(wire.len(), (12 + 300 + 2) + 16 + (12 + 300));
    assert_eq!(feed::decode(&wire).whole()[2], message);
}

#[test]
fn ctl_4_set_chunk_size_that_is_passed_on_takes_effect_in_the_encoder_too() {
    let mut encoder = ChunkEncoder::new();
    let messages = [support::writer::set_chunk_size(300), video(6, 0, &pattern(300))];
    let wire = feed::encode(&mut encoder, &messages);
    assert_eq!(wire.len(), 16 + 12 + 300);
    assert_eq!(feed::decode(&wire).whole(), messages);
}

/// What a decoder makes of this value in Set Chunk Size.
fn announce(value: u32, decoder: &mut ChunkDecoder) -> feed::Outcome {
    let message = message(2, 0, MessageType::SET_CHUNK_SIZE, &value.to_be_bytes());
    feed::decode_with(decoder, &feed::encode(&mut ChunkEncoder::new(), &[message]))
}

#[test]
fn ctl_5_sizes_above_the_longest_message_are_clamped() {
    for value in [0xff_ffff, 0x100_0000, 0x7fff_ffff] {
        let mut decoder = ChunkDecoder::default();
        assert_eq!(announce(value, &mut decoder).whole().len(), 1);
        let message = video(6, 0, &pattern(100_000));
        let wire = rtmp_chunk::encode_once(&message, ChunkSize::MAX).unwrap();
        assert_eq!(feed::decode_with(&mut decoder, &wire).whole(), [message]);
    }
}

#[test]
fn ctl_6_0_is_fatal_and_1_to_127_are_accepted() {
    let out_of_range = ChunkError::ChunkSize(ControlError::ChunkSizeOutOfRange { size: 0 });
    assert_eq!(announce(0, &mut ChunkDecoder::default()).error(), out_of_range);
    for value in 1..128 {
        let mut decoder = ChunkDecoder::default();
        announce(value, &mut decoder).whole();
        let message = video(6, 0, &pattern(300));
        let wire = rtmp_chunk::encode_once(&message, size(value)).unwrap();
        assert_eq!(feed::decode_with(&mut decoder, &wire).whole(), [message]);
    }
}

#[test]
fn ctl_7_top_bit_is_fatal_or_ignored() {
    for value in [0x8000_0000, 0x8000_1000, u32::MAX] {
        let out_of_range = ChunkError::ChunkSize(ControlError::ChunkSizeOutOfRange { size: value });
        assert_eq!(announce(value, &mut ChunkDecoder::default()).error(), out_of_range);
    }
    let lenient = || ChunkDecoder::default().ignore_chunk_size_top_bit(true);
    assert_eq!(announce(0x8000_1000, &mut lenient()).whole().len(), 1);
    let out_of_range = ChunkError::ChunkSize(ControlError::ChunkSizeOutOfRange { size: 0x8000_0000 });
    assert_eq!(announce(0x8000_0000, &mut lenient()).error(), out_of_range, "0 is 0 even so");
}

#[test]
fn ctl_8_every_size_that_peers_use() {
    for bytes in [128, 4096, 60_000, 65_536, 10_485_760] {
        let (mut encoder, mut decoder) = feed::pair(size(bytes));
        let message = video(6, 0, &pattern(200_000));
        let wire = feed::encode(&mut encoder, std::slice::from_ref(&message));
        assert_eq!(feed::decode_pieces(&mut decoder, wire.chunks(5000)).whole(), [message]);
    }
}

#[test]
fn ctl_9_11_abort_discards_the_partial_message_and_keeps_its_time() {
    let mut writer = Writer::new();
    writer.begin(&video(6, 1000, &pattern(200)), 0);
    writer.write(&Control::Abort(id(6)).to_message(), 0);
    // Format 1: 40 ms behind the aborted message.
    let wire = [&writer.wire[..], &[0x46, 0, 0, 40, 0, 0, 1, 9, 0xaa]].concat();
    assert_eq!(feed::decode(&wire).whole()[1..], [video(6, 1040, &[0xaa])]);
}

#[test]
fn ctl_10_abort_of_nothing_is_ignored() {
    let mut decoder = ChunkDecoder::default();
    let wire = feed::encode(
        &mut ChunkEncoder::new(),
        &[
            video(6, 0, &pattern(200)),
            Control::Abort(id(6)).to_message(),
            Control::Abort(id(65_000)).to_message(),
            message(2, 0, MessageType::ABORT, &[0xff, 0xff, 0xff, 0xff]),
            message(2, 0, MessageType::ABORT, &[0, 6]),
            video(6, 10, &pattern(200)),
        ],
    );
    assert_eq!(feed::decode_with(&mut decoder, &wire).whole().len(), 6);
    assert_eq!(decoder.dropped_messages(), 0);
    let unknown = message(2, 0, MessageType::ABORT, &[0; 4]);
    assert_eq!(Control::parse(&unknown), Err(ControlError::NoSuchChunkStream { id: 0 }));
}

#[test]
fn ctl_12_encoder_never_aborts_by_itself() {
    let messages = [video(6, 0, &pattern(1000)), video(6, 40, &pattern(1000))];
    let decoded = feed::decode(&feed::encode(&mut ChunkEncoder::new(), &messages)).whole();
    assert_eq!(decoded, messages);
}

#[test]
fn ctl_13_16_23_bodies() {
    let bodies = [
        (Control::Acknowledgement(0x0102_0304), &[1, 2, 3, 4][..]),
        (Control::WindowAckSize(0x0102_0304), &[1, 2, 3, 4]),
        (Control::SetPeerBandwidth { window: 0x0102_0304, limit: BandwidthLimit::HARD }, &[1, 2, 3, 4, 0]),
        (Control::SetPeerBandwidth { window: 0x0102_0304, limit: BandwidthLimit::SOFT }, &[1, 2, 3, 4, 1]),
        (Control::SetPeerBandwidth { window: 0x0102_0304, limit: BandwidthLimit::DYNAMIC }, &[1, 2, 3, 4, 2]),
    ];
    for (control, body) in bodies {
        assert_eq!(control.to_message().payload, Bytes::copy_from_slice(body));
    }
}
