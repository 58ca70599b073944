//! Basic and message headers, CHK-1 to CHK-15, and who uses which chunk stream.

mod support;

use rtmp_chunk::{ChunkEncoder, ChunkError, ChunkStreamId, Control, Message, MessageType};
use support::{audio, feed, id, message, pattern, video};

#[test]
fn chk_1_8_chunk_is_basic_header_message_header_extended_timestamp_data() {
    let message = Message { stream_id: 0x0403_0201, ..video(5, 0x0100_0203, &[0xd0, 0xd1]) };
    let wire = [
        &[0x05][..],                                 // basic header
        &[0xff, 0xff, 0xff, 0, 0, 2, 9, 1, 2, 3, 4], // message header
        &[0x01, 0x00, 0x02, 0x03],                   // extended timestamp
        &[0xd0, 0xd1],                               // data
    ]
    .concat();
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message)), wire);
    assert_eq!(feed::decode(&wire).whole(), [message]);
}

#[test]
fn chk_2_5_every_id_in_every_form() {
    for chunk_stream in 2..=65_599 {
        let expected = audio(chunk_stream, 0, &[1]);
        let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&expected));
        let form = match chunk_stream {
            2..64 => 1,
            64..320 => 2,
            _ => 3,
        };
        assert_eq!(wire.len(), form + 12, "chunk stream {chunk_stream}");
        assert_eq!(feed::decode(&wire).whole(), [expected]);
    }
    assert_eq!([0, 1, 65_600].map(ChunkStreamId::new), [None; 3]);
}

#[test]
fn chk_4_both_forms_share_one_state() {
    // Format 0 in the short form, then format 3 in the long one: the length and the time are known.
    let wire = [&[0, 1, 0, 0, 20, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa][..], &[0xc1, 1, 0, 0xbb]].concat();
    assert_eq!(feed::decode(&wire).whole(), [audio(65, 20, &[0xaa]), audio(65, 40, &[0xbb])]);
}

#[test]
fn chk_6_47_48_usual_chunk_streams_are_below_64_and_apart() {
    use std::collections::BTreeSet;
    let usual = [
        ChunkStreamId::CONTROL,
        ChunkStreamId::COMMAND,
        ChunkStreamId::AUDIO,
        ChunkStreamId::DATA,
        ChunkStreamId::VIDEO,
    ];
    assert!(usual.iter().all(|id| id.get() < 64));
    assert_eq!(usual.iter().collect::<BTreeSet<_>>().len(), usual.len());
    assert_eq!((usual[0].get(), usual[1].get()), (2, 3));
}

#[test]
fn chk_7_any_message_on_any_chunk_stream() {
    let messages = [
        message(2, 0, MessageType::COMMAND_AMF0, b"command"),
        message(2, 0, MessageType::USER_CONTROL, &[0, 6, 0, 0, 0, 0]),
        Message { chunk_stream: id(900), ..Control::WindowAckSize(5000).to_message() },
    ];
    assert_eq!(feed::decode(&feed::encode(&mut ChunkEncoder::new(), &messages)).whole(), messages);
}

#[test]
fn chk_9_10_11_12_shorter_formats_keep_the_rest() {
    let wire = [
        &[0x04, 0, 0, 100, 0, 0, 2, 9, 7, 0, 0, 1, 0xa0, 0xa1][..],
        &[0x44, 0, 0, 10, 0, 0, 1, 8, 0xb0],
        &[0x84, 0, 0, 20, 0xc0],
        &[0xc4, 0xd0],
    ]
    .concat();
    let expected =
        [video(4, 100, &[0xa0, 0xa1]), audio(4, 110, &[0xb0]), audio(4, 130, &[0xc0]), audio(4, 150, &[0xd0])]
            .map(|message| Message { stream_id: 0x0100_0007, ..message });
    assert_eq!(feed::decode(&wire).whole(), expected);
}

#[test]
fn chk_13_18_length_counts_payload_only() {
    let message = video(300, 0x0200_0000, &pattern(500));
    let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
    assert_eq!(wire[2 + 3..2 + 6], [0, 0x01, 0xf4]);
    // Four chunks: basic headers of two bytes and extended timestamps of four, and 128 payload bytes in each but the last.
    assert_eq!(wire.len(), 11 + 4 * (2 + 4) + 500);
    assert_eq!(feed::decode(&wire).whole(), [message]);
}

/// The format of the header that each message gets, in the order of the wire.
fn formats(messages: &[Message]) -> Vec<u8> {
    let mut encoder = ChunkEncoder::new().delta_headers(true);
    let wires: Vec<_> =
        messages.iter().map(|message| feed::encode(&mut encoder, std::slice::from_ref(message))).collect();
    assert_eq!(feed::decode(&wires.concat()).whole(), messages);
    wires.iter().map(|wire| wire[0] >> 6).collect()
}

#[test]
fn chk_14_15_delta_headers_take_the_shortest_format() {
    let messages = [
        audio(4, 1000, &[1]),    // first on the chunk stream
        audio(4, 1020, &[2, 3]), // other length
        video(4, 1040, &[4, 5]), // other type
        video(4, 1070, &[6, 7]), // other delta
        video(4, 1100, &[8, 9]), // nothing new
        video(4, 1130, &[8, 9]), // nothing new behind format 3
        video(4, 1129, &[1, 1]), // earlier
        Message { stream_id: 2, ..video(4, 1200, &[1, 1]) },
    ];
    assert_eq!(formats(&messages), [0, 1, 1, 2, 3, 3, 0, 0]);
}

#[test]
fn chk_15_25_never_format_3_straight_behind_format_0() {
    // The delta equals the time of the full header, which the two readings of CHK-25 take differently.
    assert_eq!(formats(&[audio(4, 20, &[1]), audio(4, 40, &[2])]), [0, 2]);
    assert_eq!(formats(&[audio(4, 0, &[1]), audio(4, 0, &[2])]), [0, 2]);
}

#[test]
fn chk_15_chunk_streams_are_told_apart() {
    assert_eq!(
        formats(&[audio(4, 20, &[1]), video(6, 20, &[2]), audio(4, 40, &[1]), video(6, 40, &[2])]),
        [0, 0, 2, 2]
    );
}

#[test]
fn every_message_has_a_full_header_unless_delta_headers_are_asked_for() {
    let message = audio(4, 40, &[1]);
    let mut encoder = ChunkEncoder::new();
    let first = feed::encode(&mut encoder, std::slice::from_ref(&message));
    assert_eq!(feed::encode(&mut encoder, &[message]), first);
}

#[test]
fn chk_34_formats_2_and_3_first_on_a_chunk_stream_name_no_length() {
    for (byte, format) in [(0x85, 2), (0xc5, 3)] {
        // Another chunk stream has been used: state is not shared.
        let wire = [&feed::encode(&mut ChunkEncoder::new(), &[audio(4, 0, &[1])])[..], &[byte, 0, 0, 0]].concat();
        let outcome = feed::decode(&wire);
        assert_eq!(outcome.messages.len(), 1);
        assert_eq!(outcome.error, Some(ChunkError::NoLength { chunk_stream: 5, format }));
    }
}

#[test]
fn chk_34_format_1_first_on_a_chunk_stream_starts_at_time_0_on_message_stream_0() {
    let wire = [0x43, 0, 0, 25, 0, 0, 1, 20, 0xaa];
    let expected = Message { stream_id: 0, ..message(3, 25, MessageType::COMMAND_AMF0, &[0xaa]) };
    assert_eq!(feed::decode(&wire).whole(), [expected]);
}

#[test]
fn chk_36_one_chunk_stream_carries_any_mix_of_types_and_message_streams() {
    let messages = [
        audio(4, 0, &[1]),
        Message { stream_id: 2, ..video(4, 0, &[2, 3]) },
        message(4, 10, MessageType::DATA_AMF0, b"data"),
    ];
    for delta in [false, true] {
        let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(delta), &messages);
        assert_eq!(feed::decode(&wire).whole(), messages);
    }
}

#[test]
fn chk_41_message_stream_of_32_bits() {
    let message = Message { stream_id: u32::MAX, ..audio(4, 0, &[1]) };
    let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
    assert_eq!(feed::decode(&wire).whole(), [message]);
}

#[test]
fn chk_42_every_type_passes_untouched() {
    for kind in (0..=255).map(MessageType).filter(|kind| *kind != MessageType::SET_CHUNK_SIZE) {
        let message = message(4, 7, kind, &[0, 0, 0, 9, 9]);
        let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
        assert_eq!(feed::decode(&wire).whole(), [message], "{kind:?}");
    }
}
