//! Recorded streams of real programs against what another dissector read in them; see tests/data/README.md.

mod support;

use std::collections::BTreeMap;

use rtmp_chunk::{ChunkDecoder, ChunkEncoder, Message, MessageType};
use sha2::{Digest, Sha256};
use support::{feed, vectors::unhex};

/// Audio and video: type, timestamp, length, first half of the SHA-256.
type Media = (u8, u32, usize, Vec<u8>);

struct Expected {
    counts: BTreeMap<u8, usize>,
    media: Vec<Media>,
}

impl Expected {
    fn parse(table: &str) -> Self {
        let mut expected = Self { counts: BTreeMap::new(), media: Vec::new() };
        for line in table.lines() {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["count", kind, count] => {
                    expected.counts.insert(kind.parse().unwrap(), count.parse().unwrap());
                }
                [kind, time, len, hash] => {
                    let media = (kind.parse().unwrap(), time.parse().unwrap(), len.parse().unwrap(), unhex(hash));
                    expected.media.push(media);
                }
                _ => panic!("not a row: {line}"),
            }
        }
        expected
    }

    #[track_caller]
    fn check(&self, messages: &[Message]) {
        let mut counts = BTreeMap::new();
        for message in messages {
            *counts.entry(message.kind.0).or_insert(0) += 1;
        }
        assert_eq!(counts, self.counts);
        let is_media = |message: &&Message| matches!(message.kind, MessageType::AUDIO | MessageType::VIDEO);
        let media: Vec<Media> = messages
            .iter()
            .filter(is_media)
            .map(|message| {
                let hash = Sha256::digest(&message.payload)[..16].to_vec();
                (message.kind.0, message.timestamp, message.payload.len(), hash)
            })
            .collect();
        assert!(media == self.media);
    }
}

/// In one piece, in network-sized reads and byte by byte; then written again by our encoder and read once more.
#[track_caller]
fn replay(wire: &[u8], table: &str) {
    let expected = Expected::parse(table);
    let messages = feed::decode(wire).whole();
    expected.check(&messages);
    for read in [1, 1448] {
        let outcome = feed::decode_pieces(&mut ChunkDecoder::default(), wire.chunks(read));
        assert!(outcome.whole() == messages);
    }
    for delta in [false, true] {
        let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(delta), &messages);
        assert!(feed::decode(&wire).whole() == messages);
    }
}

macro_rules! captures {
    ($($test:ident: $file:literal),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay(
                    include_bytes!(concat!("data/", $file, ".chunks")),
                    include_str!(concat!("data/", $file, ".tsv")),
                );
            }
        )*
    };
}

captures! {
    ffmpeg_publishes_with_all_four_formats: "ffmpeg5-publish-h264-aac.c2s",
    gstreamer_publishes_in_chunks_of_128_bytes: "gst-rtmp2sink-publish-h264-aac.c2s",
    librtmp_steps_back_by_a_wrapped_delta: "librtmp-publish-h264b-aac.c2s",
    librtmp_jumps_by_an_extended_delta: "librtmp-publish-tsjump.c2s",
    nginx_rtmp_repeats_the_extended_timestamp_on_99_chunks: "rtmpdump-play-extts-sorenson-chunk128.s2c",
}
