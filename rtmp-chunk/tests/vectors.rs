//! The byte vectors V-CHK and V-CTL of docs/spec, as they stand.

mod support;

use rtmp_chunk::{BandwidthLimit, ChunkDecoder, ChunkEncoder, ChunkError, Control, ControlError, Message, MessageType};
use support::{audio, feed, id, message, pattern, size, vectors::vector, video};

/// The messages of a vector that is right and whole, in chunks of 128 bytes.
#[track_caller]
fn messages(name: &str) -> Vec<Message> {
    feed::decode(&vector(name)).whole()
}

/// The same in chunks of 4 bytes.
fn at_size_4(name: &str) -> feed::Outcome {
    feed::decode_with(&mut feed::decoder_at(size(4)), &vector(name))
}

/// The one protocol control message of a vector.
#[track_caller]
fn control(name: &str) -> Result<Option<Control>, ControlError> {
    let messages = messages(name);
    assert_eq!(messages.len(), 1);
    Control::parse(&messages[0])
}

/// A message that differs from what `support::message` makes in its message stream.
fn on_stream(stream_id: u32, message: Message) -> Message {
    Message { stream_id, ..message }
}

#[test]
fn v_chk_01_02_03_first_example_of_the_text() {
    let payload = pattern(32);
    let wire = ["V-CHK-01", "V-CHK-02", "V-CHK-03", "V-CHK-03"].map(|name| [vector(name), payload.clone()].concat());
    let expected = [1000, 1020, 1040, 1060].map(|time| on_stream(12_345, audio(3, time, &payload)));
    assert_eq!(feed::decode(&wire.concat()).whole(), expected);
}

#[test]
fn v_chk_04_second_example_of_the_text() {
    let payload = pattern(307);
    let wire = [&vector("V-CHK-04"), &payload[..128], &[0xc4], &payload[128..256], &[0xc4], &payload[256..]].concat();
    let expected = on_stream(12_346, video(4, 1000, &payload));
    assert_eq!(feed::decode(&wire).whole(), std::slice::from_ref(&expected));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), &[expected]), wire);
}

/// A basic header of format 0 in front of a message of one byte: read, and written if it is the shortest form.
#[track_caller]
fn basic_header(name: &str, chunk_stream: u32, is_shortest: bool) {
    let wire = [&vector(name)[..], &[0, 0, 40, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa]].concat();
    let expected = audio(chunk_stream, 40, &[0xaa]);
    assert_eq!(feed::decode(&wire).whole(), std::slice::from_ref(&expected));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), &[expected]) == wire, is_shortest);
}

#[test]
fn v_chk_10_csid_2() {
    basic_header("V-CHK-10", 2, true);
}

#[test]
fn v_chk_11_csid_63() {
    basic_header("V-CHK-11", 63, true);
}

#[test]
fn v_chk_12_csid_64() {
    basic_header("V-CHK-12", 64, true);
}

#[test]
fn v_chk_13_csid_319() {
    basic_header("V-CHK-13", 319, true);
}

#[test]
fn v_chk_14_csid_320() {
    basic_header("V-CHK-14", 320, true);
}

#[test]
fn v_chk_15_csid_365_is_little_endian() {
    basic_header("V-CHK-15", 365, true);
}

#[test]
fn v_chk_16_csid_65599() {
    basic_header("V-CHK-16", 65_599, true);
}

#[test]
fn v_chk_17_csid_64_in_the_long_form() {
    basic_header("V-CHK-17", 64, false);
}

#[test]
fn v_chk_18_csid_319_in_the_long_form() {
    basic_header("V-CHK-18", 319, false);
}

/// A basic header of format 3 inside a message of two chunks, both ways.
#[track_caller]
fn continuation_header(name: &str, chunk_stream: u32) {
    let expected = audio(chunk_stream, 40, &pattern(129));
    let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&expected));
    assert!(wire.ends_with(&[vector(name), pattern(129)[128..].to_vec()].concat()));
    assert_eq!(feed::decode(&wire).whole(), [expected]);
}

#[test]
fn v_chk_19_continuation_on_csid_64() {
    continuation_header("V-CHK-19", 64);
}

#[test]
fn v_chk_20_continuation_on_csid_320() {
    continuation_header("V-CHK-20", 320);
}

#[test]
fn v_chk_21_delta_header_on_csid_64() {
    let expected = [audio(64, 40, &[1]), audio(64, 60, &[2, 3])];
    let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(true), &expected);
    let second = [&vector("V-CHK-21")[..], &[0, 0, 20, 0, 0, 2, 8, 2, 3]].concat();
    assert!(wire.ends_with(&second));
    assert_eq!(feed::decode(&wire).whole(), expected);
}

#[test]
fn v_chk_22_message_on_csid_64() {
    assert_eq!(messages("V-CHK-22"), [audio(64, 0, &[0xaa])]);
}

#[test]
fn v_chk_23_message_on_csid_319() {
    assert_eq!(messages("V-CHK-23"), [audio(319, 0, &[0xaa])]);
}

#[test]
fn v_chk_24_message_on_csid_320() {
    assert_eq!(messages("V-CHK-24"), [audio(320, 0, &[0xaa])]);
}

#[test]
fn v_chk_25_message_on_csid_65599() {
    assert_eq!(messages("V-CHK-25"), [audio(65_599, 0, &[0xaa])]);
}

/// One audio message on chunk stream 3, read and written.
#[track_caller]
fn both_ways(name: &str, time: u32) {
    let expected = audio(3, time, &[0xaa]);
    assert_eq!(messages(name), std::slice::from_ref(&expected));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), &[expected]), vector(name));
}

#[test]
fn v_chk_30_largest_time_without_extended_field() {
    both_ways("V-CHK-30", 0xff_fffe);
}

#[test]
fn v_chk_31_smallest_time_with_extended_field() {
    both_ways("V-CHK-31", 0xff_ffff);
}

#[test]
fn v_chk_32_extended_field_holds_the_full_value() {
    both_ways("V-CHK-32", 0x100_0000);
}

#[test]
fn v_chk_33_continuation_repeats_the_extended_field() {
    let expected = video(4, 16_777_216, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(at_size_4("V-CHK-33").whole(), std::slice::from_ref(&expected));
    let (mut encoder, _) = feed::pair(size(4));
    assert_eq!(feed::encode(&mut encoder, &[expected]), vector("V-CHK-33"));
}

#[test]
fn v_chk_34_extended_delta() {
    assert_eq!(messages("V-CHK-34"), [video(4, 0, &[1]), video(4, 16_777_216, &[2])]);
}

#[test]
fn v_chk_35_format_3_keeps_the_delta() {
    let expected = [video(4, 1000, &[1]), video(4, 1020, &[2]), video(4, 1040, &[3])];
    assert_eq!(messages("V-CHK-35"), expected);
}

#[test]
fn v_chk_36_format_3_behind_format_0_adds_the_time_itself() {
    assert_eq!(messages("V-CHK-36"), [audio(4, 26, &[1]), audio(4, 52, &[2])]);
}

#[test]
fn v_chk_37_first_header_of_format_1_as_librtmp_sends_it() {
    let pong = message(2, 0, MessageType::USER_CONTROL, &[0, 7, 0, 0, 0x0d, 0x0f]);
    assert_eq!(messages("V-CHK-37"), [on_stream(0, pong)]);
}

#[test]
fn v_chk_38_time_wraps() {
    assert_eq!(messages("V-CHK-38"), [audio(4, 4_294_967_280, &[1]), audio(4, 16, &[2])]);
}

#[test]
fn v_chk_39_empty_message() {
    let expected = audio(4, 40, &[]);
    assert_eq!(messages("V-CHK-39"), std::slice::from_ref(&expected));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), &[expected]), vector("V-CHK-39"));
}

#[test]
fn v_chk_40_interleaved_messages() {
    let expected = [audio(5, 0, &[0xb1, 0xb2]), video(4, 0, &[0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6])];
    assert_eq!(at_size_4("V-CHK-40").whole(), expected);
}

#[test]
fn v_chk_41_abort_then_delta() {
    let outcome = at_size_4("V-CHK-41").whole();
    assert_eq!(Control::parse(&outcome[0]), Ok(Some(Control::Abort(id(4)))));
    assert_eq!(outcome[1..], [video(4, 10, &[0xc1])]);
}

#[test]
fn v_chk_42_format_3_starting_a_message_repeats_the_extended_field() {
    let expected = [video(4, 5, &[1]), video(4, 16_777_220, &[2]), video(4, 33_554_435, &[3])];
    assert_eq!(messages("V-CHK-42"), expected);
}

#[test]
fn v_chk_90_first_header_of_format_3() {
    let error = feed::decode(&vector("V-CHK-90")).error();
    assert_eq!(error, ChunkError::NoLength { chunk_stream: 3, format: 3 });
}

#[test]
fn v_chk_91_first_header_of_format_2() {
    let error = feed::decode(&vector("V-CHK-91")).error();
    assert_eq!(error, ChunkError::NoLength { chunk_stream: 3, format: 2 });
}

#[track_caller]
fn interrupted(name: &str) {
    let outcome = at_size_4(name);
    assert_eq!(outcome.messages, []);
    assert_eq!(outcome.error, Some(ChunkError::Interrupted { chunk_stream: 4, received: 4, len: 6 }));

    let mut lenient = feed::agree(ChunkDecoder::default().drop_partial(true), size(4));
    let outcome = feed::decode_with(&mut lenient, &vector(name));
    assert_eq!(outcome.whole(), [video(4, 5, &[0xb1, 0xb2])]);
    assert_eq!(lenient.dropped_messages(), 1);
}

#[test]
fn v_chk_92_format_0_inside_a_message() {
    interrupted("V-CHK-92");
}

#[test]
fn v_chk_93_format_1_inside_a_message() {
    interrupted("V-CHK-93");
}

#[test]
fn v_chk_94_length_above_the_limit() {
    let error = feed::decode(&vector("V-CHK-94")).error();
    assert_eq!(error, ChunkError::MessageTooLong { chunk_stream: 4, len: 0xff_ffff, max: 8 << 20 });
}

#[test]
fn v_chk_95_message_stream_above_24_bits() {
    assert_eq!(messages("V-CHK-95"), [on_stream(0x0100_0001, audio(4, 0, &[0xaa]))]);
}

#[test]
fn v_chk_96_extended_field_with_a_small_value() {
    assert_eq!(messages("V-CHK-96"), [audio(4, 5, &[0xaa])]);
}

/// A protocol control message, read and written.
#[track_caller]
fn control_both_ways(name: &str, expected: Control) {
    assert_eq!(control(name), Ok(Some(expected)));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), &[expected.to_message()]), vector(name));
}

#[test]
fn v_ctl_01_set_chunk_size() {
    control_both_ways("V-CTL-01", Control::SetChunkSize(size(4096)));
}

#[test]
fn v_ctl_02_abort() {
    control_both_ways("V-CTL-02", Control::Abort(id(6)));
}

#[test]
fn v_ctl_03_acknowledgement() {
    control_both_ways("V-CTL-03", Control::Acknowledgement(2_500_000));
}

#[test]
fn v_ctl_04_window_acknowledgement_size() {
    control_both_ways("V-CTL-04", Control::WindowAckSize(2_500_000));
}

#[test]
fn v_ctl_05_set_peer_bandwidth() {
    control_both_ways("V-CTL-05", Control::SetPeerBandwidth { window: 2_500_000, limit: BandwidthLimit::DYNAMIC });
}

#[test]
fn v_ctl_90_chunk_size_0() {
    let error = feed::decode(&vector("V-CTL-90")).error();
    assert_eq!(error, ChunkError::ChunkSize(ControlError::ChunkSizeOutOfRange { size: 0 }));
}

#[test]
fn v_ctl_91_chunk_size_with_its_top_bit_set() {
    let error = feed::decode(&vector("V-CTL-91")).error();
    assert_eq!(error, ChunkError::ChunkSize(ControlError::ChunkSizeOutOfRange { size: 0x8000_0080 }));

    // Lenient: 128, so a message of 129 bytes takes two chunks.
    let rest = feed::encode(&mut ChunkEncoder::new(), &[audio(4, 0, &pattern(129))]);
    let mut decoder = feed::agree(ChunkDecoder::default().ignore_chunk_size_top_bit(true), size(4096));
    let outcome = feed::decode_with(&mut decoder, &[vector("V-CTL-91"), rest].concat());
    assert_eq!(outcome.whole()[1], audio(4, 0, &pattern(129)));
}

#[test]
fn v_ctl_92_largest_chunk_size_means_the_longest_message() {
    assert_eq!(control("V-CTL-92"), Ok(Some(Control::SetChunkSize(size(0xff_ffff)))));
}

#[test]
fn v_ctl_93_short_chunk_size() {
    let error = feed::decode(&vector("V-CTL-93")).error();
    let short = ControlError::TooShort { kind: MessageType::SET_CHUNK_SIZE, len: 3, need: 4 };
    assert_eq!(error, ChunkError::ChunkSize(short));
}

#[test]
fn v_ctl_94_window_0_is_read_for_the_layer_above_to_ignore() {
    assert_eq!(control("V-CTL-94"), Ok(Some(Control::WindowAckSize(0))));
}

#[test]
fn v_ctl_95_bandwidth_without_its_limit_type() {
    let short = ControlError::TooShort { kind: MessageType::SET_PEER_BANDWIDTH, len: 4, need: 5 };
    assert_eq!(control("V-CTL-95"), Err(short));
}

#[test]
fn v_ctl_96_unknown_limit_type_is_read_for_the_layer_above_to_ignore() {
    let expected = Control::SetPeerBandwidth { window: 2_500_000, limit: BandwidthLimit(3) };
    assert_eq!(control("V-CTL-96"), Ok(Some(expected)));
}

#[test]
fn v_ctl_99_control_on_another_chunk_stream_acts_all_the_same() {
    let long = audio(4, 0, &pattern(4096));
    let rest = feed::encode(&mut feed::pair(size(4096)).0, std::slice::from_ref(&long));
    let messages = feed::decode(&[vector("V-CTL-99"), rest].concat()).whole();
    assert_eq!(messages[1], long);
}
