//! Peers that mean harm: every limit, and arbitrary bytes.

mod support;

use bytes::BytesMut;
use proptest::prelude::*;
use rtmp_chunk::{ChunkDecoder, ChunkError, ChunkLimits, encode_once};
use support::{audio, feed, pattern, size, strategy, video, writer::Writer};

#[test]
fn chk_37_length_over_the_limit_is_refused_at_its_header() {
    let limits = ChunkLimits::default().max_message_len(1000);
    for len in [999, 1000, 1001] {
        let mut decoder = ChunkDecoder::new(limits.clone());
        let mut writer = Writer::new();
        writer.begin(&video(6, 0, &pattern(len)), 0);
        let outcome = feed::decode_with(&mut decoder, &writer.wire[..12]);
        let too_long = ChunkError::MessageTooLong { chunk_stream: 6, len, max: 1000 };
        assert_eq!(outcome.error, (len > 1000).then_some(too_long));
    }
}

#[test]
fn limits_may_change_between_messages() {
    let limits = |bytes| ChunkLimits::default().max_message_len(bytes).max_partial_bytes(bytes);
    let mut writer = Writer::new();
    writer.write(&video(6, 0, &pattern(2000)), 0);
    let mut decoder = ChunkDecoder::new(limits(1000));
    decoder.set_limits(limits(4000));
    // Lower again while more than that is unfinished: it may end, a new one of its kind may not begin.
    let mut src = BytesMut::from(&writer.wire[..1900]);
    assert!(decoder.decode(&mut src).unwrap().is_none());
    decoder.set_limits(limits(1000));
    src.extend_from_slice(&writer.wire[1900..]);
    assert_eq!(decoder.decode(&mut src).unwrap().unwrap().payload, pattern(2000));
    src.extend_from_slice(&writer.wire);
    let error = decoder.decode(&mut src).unwrap_err();
    assert_eq!(error, ChunkError::MessageTooLong { chunk_stream: 6, len: 2000, max: 1000 });
}

#[test]
fn chk_39_chunk_streams_over_the_limit() {
    let limits = ChunkLimits::default().max_chunk_streams(3);
    let mut decoder = ChunkDecoder::new(limits);
    let mut writer = Writer::new();
    for chunk_stream in [4, 700, 65_599, 4, 700, 65_599, 5] {
        writer.write(&audio(chunk_stream, 0, &[1]), 0);
    }
    let outcome = feed::decode_with(&mut decoder, &writer.wire);
    assert_eq!(outcome.messages.len(), 6);
    assert_eq!(outcome.error, Some(ChunkError::TooManyChunkStreams { chunk_stream: 5, max: 3 }));
}

#[test]
fn chk_39_a_thousand_chunk_streams_by_default() {
    let mut writer = Writer::new();
    for chunk_stream in 2..1002 {
        writer.write(&audio(chunk_stream, 0, &[1]), 0);
    }
    let outcome = feed::decode(&writer.wire);
    assert_eq!(outcome.messages.len(), 64);
    assert_eq!(outcome.error, Some(ChunkError::TooManyChunkStreams { chunk_stream: 66, max: 64 }));
}

#[test]
fn chk_39_all_chunk_streams_when_the_limit_allows_them() {
    let mut decoder = ChunkDecoder::new(ChunkLimits::default().max_chunk_streams(usize::MAX));
    let mut writer = Writer::new();
    // From both ends towards the middle, so that the order of ids is not the order of arrival.
    for n in 0..32_799 {
        writer.write(&audio(2 + n, 0, &[1]), 0);
        writer.write(&audio(65_599 - n, 0, &[2]), 0);
    }
    writer.write(&audio(40_000, 5, &[3]), 1);
    let messages = feed::decode_with(&mut decoder, &writer.wire).whole();
    assert!(messages == writer.completed);
}

#[test]
fn chk_39_partial_bytes_over_the_limit() {
    let limits = ChunkLimits::default().max_partial_bytes(100_000);
    let mut decoder = feed::agree(ChunkDecoder::new(limits), size(10_000));
    let mut writer = Writer::new();
    writer.write(&support::writer::set_chunk_size(10_000), 0);
    let start = writer.wire.len();
    for chunk_stream in 10..21 {
        writer.begin(&video(chunk_stream, 0, &pattern(50_000)), 0);
    }
    let outcome = feed::decode_with(&mut decoder, &writer.wire[start..]);
    let ChunkError::TooManyPartialBytes { bytes, max: 100_000 } = outcome.error() else { panic!("another error") };
    assert!(bytes > 100_000);
}

#[test]
fn chk_39_partial_bytes_up_to_the_limit() {
    // Ten messages of 10 000 bytes at once, to the last byte of the limit.
    let limits = ChunkLimits::default().max_partial_bytes(100_000);
    let mut decoder = ChunkDecoder::new(limits);
    let mut writer = Writer::new();
    for chunk_stream in 10..20 {
        writer.begin(&video(chunk_stream, 0, &pattern(10_000)), 0);
    }
    for _ in 1..10_000_usize.div_ceil(128) {
        (10..20).for_each(|chunk_stream| writer.go_on(chunk_stream));
    }
    assert_eq!(feed::decode_with(&mut decoder, &writer.wire).whole().len(), 10);
}

#[test]
fn chk_39_partial_bytes_up_to_the_limit_in_one_chunk() {
    // More than is reserved at first, so the buffer has to grow, to the last byte of the limit.
    for (len, max, fits) in [(100_000, 100_000, true), (100_000, 99_999, false)] {
        let limits = ChunkLimits::default().max_partial_bytes(max);
        let mut decoder = feed::agree(ChunkDecoder::new(limits), size(200_000));
        let wire = encode_once(&video(6, 0, &pattern(len)), size(200_000)).unwrap();
        let outcome = feed::decode_with(&mut decoder, &wire);
        assert_eq!(outcome.messages.len(), usize::from(fits));
        assert_eq!(outcome.error, (!fits).then_some(ChunkError::TooManyPartialBytes { bytes: len, max }));
    }
}

#[test]
fn chk_39_budget_comes_back_when_messages_end() {
    let limits = ChunkLimits::default().max_partial_bytes(10_000);
    let mut decoder = ChunkDecoder::new(limits).drop_partial(true);
    let mut writer = Writer::new();
    let mut wire = Vec::new();
    for n in 0..100 {
        writer.write(&video(6, 40 * n, &pattern(9000)), 0);
        // Interrupted by another.
        let mut cut_off = Writer::new();
        cut_off.begin(&video(6, 0, &pattern(9000)), 0);
        wire = [std::mem::take(&mut writer.wire), cut_off.wire].concat();
        assert_eq!(feed::decode_with(&mut decoder, &wire).messages.len(), 1, "round {n}");
    }
    assert!(!wire.is_empty());
    assert_eq!(decoder.dropped_messages(), 99);
}

#[test]
fn flood_of_empty_messages() {
    let wire = [&[0x04, 0, 0, 40, 0, 0, 0, 8, 1, 0, 0, 0][..], &[0xc4; 2000]].concat();
    let outcome = feed::decode(&wire);
    assert_eq!(outcome.messages.len(), 1024);
    assert_eq!(outcome.error, Some(ChunkError::TooManyEmptyMessages { max: 1024 }));

    // With anything between them it is silence, not a flood.
    let mut decoder = ChunkDecoder::new(ChunkLimits::default().max_empty_run(2));
    let mut writer = Writer::new();
    for n in 0..100 {
        writer.write(&audio(4, n, &[]), 0);
        writer.write(&audio(4, n, &[]), 0);
        writer.write(&audio(4, n, &[1]), 0);
    }
    assert_eq!(feed::decode_with(&mut decoder, &writer.wire).whole().len(), 300);
}

#[test]
fn decoder_is_finished_after_an_error() {
    let mut decoder = ChunkDecoder::default();
    let mut input = BytesMut::from(&[0xc3][..]);
    let error = decoder.decode(&mut input).unwrap_err();
    // Neither more input nor right input brings it back.
    let mut writer = Writer::new();
    writer.write(&audio(4, 0, &[1]), 0);
    assert_eq!(decoder.decode(&mut BytesMut::from(&writer.wire[..])), Err(error.clone()));
    assert_eq!(decoder.decode(&mut BytesMut::new()), Err(error));
}

#[test]
fn errors_name_the_number_seen_and_the_bound() {
    let error = ChunkError::MessageTooLong { chunk_stream: 6, len: 9_000_000, max: 8 << 20 };
    assert_eq!(error.to_string(), "message of 9000000 bytes on chunk stream 6 is over the limit of 8388608 (CHK-37)");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(wire in prop::collection::vec(any::<u8>(), 0..4000), cuts in strategy::cuts()) {
        feed::decode_pieces(&mut ChunkDecoder::default(), feed::cut(&wire, &cuts));
        feed::decode_pieces(&mut ChunkDecoder::default().drop_partial(true), feed::cut(&wire, &cuts));
    }

    /// Mostly right, so that the damage is met deep inside.
    #[test]
    fn damaged_streams_never_panic(
        (mut wire, _) in strategy::interleaved(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cuts in strategy::cuts(),
    ) {
        for (at, byte) in damage {
            let at = at.index(wire.len());
            wire[at] = byte;
        }
        let whole = feed::decode(&wire);
        prop_assert_eq!(feed::decode_pieces(&mut ChunkDecoder::default(), feed::cut(&wire, &cuts)), whole);
    }
}
