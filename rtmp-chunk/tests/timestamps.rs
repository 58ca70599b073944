//! Times, deltas and the extended field, CHK-16 to CHK-30.

mod support;

use proptest::prelude::*;
use rtmp_chunk::{ChunkDecoder, ChunkEncoder, MessageType};
use support::{audio, feed, message, pattern, size, video, writer::Writer};

#[test]
fn chk_16_extended_field_from_0xffffff_on() {
    for (time, len) in [(0xff_fffe, 12), (0xff_ffff, 16), (0x100_0000, 16), (u32::MAX, 16)] {
        let wire = feed::encode(&mut ChunkEncoder::new(), &[audio(4, time, &[])]);
        assert_eq!(wire.len(), len, "{time:#x}");
        assert_eq!(feed::decode(&wire).whole()[0].timestamp, time);
    }
}

#[test]
fn chk_17_19_continuation_repeats_the_extended_delta_which_is_not_added_again() {
    let mut writer = Writer::new();
    writer.write(&video(4, 10, &pattern(1)), 0);
    writer.write(&video(4, 0x0200_0000, &pattern(300)), 1); // format 1, extended delta
    writer.write(&video(4, 0x0200_0010, &pattern(300)), 1); // format 1, small delta: nothing to repeat
    assert_eq!(feed::decode(&writer.wire).whole(), writer.completed);
}

#[test]
fn chk_18_extended_field_does_not_count_into_the_chunk() {
    let message = video(4, u32::MAX, &pattern(256));
    let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
    assert_eq!(wire[16..16 + 128], pattern(256)[..128]);
    assert_eq!(wire[16 + 128..16 + 128 + 5], [0xc4, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(wire[16 + 128 + 5..], pattern(256)[128..]);
}

#[test]
fn chk_20_format_3_starting_a_message_uses_the_value_on_the_wire() {
    // FFmpeg compares the 24-bit fields only, so the extended value may be another than before.
    let wire = [
        &[0x04, 0, 0, 0, 0, 0, 1, 9, 1, 0, 0, 0, 0xaa][..],
        &[0x84, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0xbb],
        &[0xc4, 2, 0, 0, 0, 0xcc],
        &[0xc4, 2, 0, 0, 0, 0xdd],
    ]
    .concat();
    let times: Vec<_> = feed::decode(&wire).whole().iter().map(|message| message.timestamp).collect();
    assert_eq!(times, [0, 0x0100_0000, 0x0300_0000, 0x0500_0000]);
}

/// Messages at large times as a writer sends them that leaves the extended field out on continuation chunks.
fn omitting(payloads: &[Vec<u8>]) -> Writer {
    let mut writer = Writer::new();
    writer.repeat_extended = false;
    for (at, payload) in payloads.iter().enumerate() {
        writer.write(&video(4, 0x0123_4567 + 40 * at as u32, payload), 0);
    }
    writer
}

#[test]
fn chk_21_extended_field_left_out_on_continuation_chunks() {
    // 513 bytes: the last chunk is one byte, less than the field would be.
    let writer = omitting(&[pattern(513), pattern(128), vec![0x7f; 300], pattern(129)]);
    assert_eq!(feed::decode(&writer.wire).whole(), writer.completed);
    let every_byte = feed::decode_pieces(&mut ChunkDecoder::default(), writer.wire.chunks(1));
    assert_eq!(every_byte.whole(), writer.completed);
}

#[test]
fn chk_21_short_last_chunk_without_the_field_is_not_waited_for() {
    // The byte equals the first of the field: only here the decoder cannot know yet.
    for (last, waits) in [(0x7f, false), (0x01, true)] {
        let mut payload = vec![0x7f; 129];
        payload[128] = last;
        let writer = omitting(&[payload]);
        assert_eq!(feed::decode(&writer.wire).cut_off, waits);
    }
}

#[test]
fn chk_21_strict_takes_the_four_bytes_whatever_they_hold() {
    let mut wire = feed::encode(&mut ChunkEncoder::new(), &[video(4, 0x0100_0000, &pattern(129))]);
    let field = wire.len() - 1 - 4;
    wire[field..field + 4].copy_from_slice(b"else");
    let mut strict = ChunkDecoder::default().strict_extended_timestamps(true);
    assert_eq!(feed::decode_with(&mut strict, &wire).whole(), [video(4, 0x0100_0000, &pattern(129))]);
}

#[test]
fn chk_21_encoder_may_leave_the_field_out() {
    let message = video(4, 0x0100_0000, &pattern(400));
    let full = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
    let short = feed::encode(&mut ChunkEncoder::new().omit_extended_timestamps(true), std::slice::from_ref(&message));
    assert_eq!(short.len(), full.len() - 3 * 4);
    assert_eq!(feed::decode(&short).whole(), [message]);
}

#[test]
fn chk_22_extended_field_with_a_small_value_is_repeated_like_any_other() {
    let wire =
        [&[0x04, 0xff, 0xff, 0xff, 0, 0, 2, 9, 1, 0, 0, 0, 0, 0, 0, 5, 0xaa][..], &[0xc4, 0, 0, 0, 5, 0xbb]].concat();
    let mut decoder = feed::decoder_at(size(1));
    assert_eq!(feed::decode_with(&mut decoder, &wire).whole(), [video(4, 5, &[0xaa, 0xbb])]);
}

#[test]
fn chk_23_deltas_are_counted_per_chunk_stream() {
    let mut writer = Writer::new();
    for (chunk_stream, time) in [(4, 100), (6, 5000), (4, 130), (6, 5040), (4, 160), (6, 5080)] {
        writer.write(&audio(chunk_stream, time, &[0; 3]), 1);
    }
    assert_eq!(feed::decode(&writer.wire).whole(), writer.completed);
}

#[test]
fn chk_24_format_3_adds_the_last_delta_again_and_again() {
    let wire = [&[0x04, 0, 0, 100, 0, 0, 0, 8, 1, 0, 0, 0, 0x84, 0, 0, 7][..], &[0xc4; 50]].concat();
    let times: Vec<_> = feed::decode(&wire).whole().iter().map(|message| message.timestamp).collect();
    let expected: Vec<_> = std::iter::once(100).chain((1..=51).map(|n| 100 + 7 * n)).collect();
    assert_eq!(times, expected);
}

#[test]
fn chk_25_format_3_behind_format_0_with_extended_field() {
    // The delta is the value on the wire, which is the time itself once more.
    let wire = [&[0x04, 0xff, 0xff, 0xff, 0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 0][..], &[0xc4, 1, 0, 0, 0]].concat();
    assert_eq!(feed::decode(&wire).whole(), [audio(4, 0x0100_0000, &[]), audio(4, 0x0200_0000, &[])]);
}

#[test]
fn chk_26_28_all_32_bits_are_kept_across_the_wrap() {
    let messages: Vec<_> = (0..100).map(|n| audio(4, (u32::MAX - 1000).wrapping_add(n * 20), &[n as u8])).collect();
    for delta in [false, true] {
        let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(delta), &messages);
        assert_eq!(feed::decode(&wire).whole(), messages);
    }
}

#[test]
fn chk_27_30_encoder_has_no_delta_for_a_step_back_or_a_long_gap() {
    let messages = [
        audio(4, 1000, &[1]),
        audio(4, 969, &[2]),               // back by 31
        audio(4, 969 + 0xff_fffe, &[3]),   // longest gap with a plain delta
        audio(4, 969 + 0x1ff_fffd, &[4]),  // one more
        audio(4, 969 + 0x9000_0000, &[5]), // more than half the circle
    ];
    let mut encoder = ChunkEncoder::new().delta_headers(true);
    let formats: Vec<_> =
        messages.iter().map(|message| feed::encode(&mut encoder, std::slice::from_ref(message))[0] >> 6).collect();
    assert_eq!(formats, [0, 0, 2, 0, 0]);
}

#[test]
fn chk_27_decoder_adds_a_wrapped_delta() {
    // librtmp, with audio and video on one chunk stream, ends a stream by -31 ms.
    let wire = [
        &[0x04, 0, 0x10, 0, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa][..],
        &[0x44, 0xff, 0xff, 0xff, 0, 0, 1, 9, 0xff, 0xff, 0xff, 0xe1, 0xbb],
    ]
    .concat();
    assert_eq!(feed::decode(&wire).whole(), [audio(4, 0x1000, &[0xaa]), video(4, 0x1000 - 31, &[0xbb])]);
}

#[test]
fn chk_29_time_may_go_back() {
    let messages = [audio(4, 5000, &[1]), audio(4, 10, &[2]), audio(4, 5000, &[3])];
    assert_eq!(feed::decode(&feed::encode(&mut ChunkEncoder::new(), &messages)).whole(), messages);
}

proptest! {
    #[test]
    fn chk_21_omitting_and_repeating_writers_are_both_understood(
        time in 0xff_ffff_u32..0x8000_0000,
        len in 1_usize..2000,
        repeat in any::<bool>(),
        cuts in support::strategy::cuts(),
    ) {
        // Payload bytes with the top bit set cannot look like the start of these times.
        let payload: Vec<_> = pattern(len).iter().map(|byte| byte | 0x80).collect();
        let mut writer = Writer::new();
        writer.repeat_extended = repeat;
        writer.write(&message(4, time, MessageType::VIDEO, &payload), 0);
        let outcome = feed::decode_pieces(&mut ChunkDecoder::default(), feed::cut(&writer.wire, &cuts));
        prop_assert_eq!(outcome.whole(), writer.completed);
    }
}
