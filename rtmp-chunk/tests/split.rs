//! Reads may cut the wire anywhere. CHK-40

mod support;

use proptest::prelude::*;
use rtmp_chunk::ChunkDecoder;
use support::{feed, pattern, strategy, video, writer::Writer};

proptest! {
    #[test]
    fn chk_40_reads_may_be_cut_anywhere((wire, messages) in strategy::interleaved(), cuts in strategy::cuts()) {
        let outcome = feed::decode_pieces(&mut ChunkDecoder::default(), feed::cut(&wire, &cuts));
        prop_assert_eq!(outcome.whole(), messages);
    }
}

#[test]
fn chk_40_every_single_cut_of_a_small_stream() {
    let mut writer = Writer::new();
    writer.write(&support::writer::set_chunk_size(5), 0);
    writer.write(&video(4, 0x0100_0000, &pattern(12)), 0);
    writer.write(&video(4, 0x0300_0000, &pattern(12)), 3);
    writer.write(&video(320, 7, &pattern(6)), 0);
    for at in 1..writer.wire.len() {
        let (head, tail) = writer.wire.split_at(at);
        let outcome = feed::decode_pieces(&mut ChunkDecoder::default(), [head, tail]);
        assert_eq!(outcome.whole(), writer.completed, "cut at {at}");
    }
}

#[test]
fn chk_40_every_prefix_is_known_to_be_cut_off() {
    let mut writer = Writer::new();
    writer.write(&video(4, 0x0100_0000, &pattern(300)), 0);
    for end in 1..writer.wire.len() {
        let outcome = feed::decode(&writer.wire[..end]);
        assert_eq!((outcome.messages.len(), outcome.error), (0, None));
        assert!(outcome.cut_off, "{end} bytes");
    }
    assert!(!feed::decode(&writer.wire).cut_off);
}
