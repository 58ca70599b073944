//! What a peer can make the decoder hold, counted by the allocator. CHK-37 to CHK-39

mod support;

use allocation_counter::{AllocationInfo, measure};
use bytes::BytesMut;
use rtmp_chunk::{ChunkDecoder, ChunkLimits, encode_once};
use support::{feed, pattern, size, video, writer::Writer};

/// The most bytes that `work` held, and how often it allocated.
fn count(work: impl FnOnce()) -> (usize, usize) {
    let AllocationInfo { bytes_max, count_total, .. } = measure(work);
    (bytes_max as usize, count_total as usize)
}

/// Feeds `wire` in reads of 4 KiB and drops the messages, up to the first error.
fn feed_and_drop(decoder: &mut ChunkDecoder, wire: &[u8]) {
    let mut input = BytesMut::with_capacity(READ);
    for read in wire.chunks(READ) {
        input.reserve(read.len());
        input.extend_from_slice(read);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

#[test]
fn chk_38_39_memory_follows_the_bytes_received_and_stays_within_the_limits() {
    announcing_costs_little();
    announcing_on_every_chunk_stream_costs_little();
    announcing_after_a_large_message_stays_within_the_limits();
    partial_messages_stay_within_their_limit();
    chunk_streams_cost_about_a_hundred_bytes_each();
    long_message_costs_its_length_once_more_while_it_grows();
    whole_messages_are_not_allocated();
    garbage_stays_within_the_limits();
}

/// 16 MiB announced with one byte sent.
fn announcing_costs_little() {
    let limits = ChunkLimits::default().max_message_len(16 << 20);
    let wire = [&[0x04, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0][..], &[0xaa]].concat();
    let mut decoder = ChunkDecoder::new(limits);
    let (peak, _) = count(|| feed_and_drop(&mut decoder, &wire));
    assert!(decoder.is_mid_message());
    assert!(peak < FIRST_RESERVATION + SLACK, "{peak} bytes");
}

fn announcing_on_every_chunk_stream_costs_little() {
    let mut wire = Vec::new();
    for id in 3..63 {
        wire.extend([id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0]);
        wire.extend(pattern(128));
    }
    let mut decoder = ChunkDecoder::default();
    let (peak, _) = count(|| feed_and_drop(&mut decoder, &wire));
    assert!(decoder.is_mid_message());
    assert!(peak < 5 * FIRST_RESERVATION + SLACK, "{peak} bytes for {} received", wire.len());
}

fn announcing_after_a_large_message_stays_within_the_limits() {
    let mut decoder = ChunkDecoder::default();
    let large = encode_once(&video(63, 0, &pattern(4 << 20)), size(128)).unwrap();
    feed_and_drop(&mut decoder, &large);
    let mut wire = Vec::new();
    for id in 3..63 {
        wire.extend([id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0]);
        wire.extend(pattern(128));
    }
    let (peak, _) = count(|| feed_and_drop(&mut decoder, &wire));
    assert!(peak < 5 * (512 << 10) + SLACK, "{peak} bytes for {} received", wire.len());
}

fn partial_messages_stay_within_their_limit() {
    let limit = 1 << 20;
    let mut writer = Writer::new();
    for id in 3..63 {
        writer.begin(&video(id, 0, &pattern(100_000)), 0);
    }
    for _ in 0..300 {
        (3..63).for_each(|id| writer.go_on(id));
    }
    let mut decoder = ChunkDecoder::new(ChunkLimits::default().max_partial_bytes(limit));
    let (peak, _) = count(|| feed_and_drop(&mut decoder, &writer.wire));
    assert!(decoder.decode(&mut BytesMut::new()).is_err(), "over the limit");
    // One buffer may exist twice while it moves.
    assert!(peak < limit + 100_000 + SLACK, "{peak} bytes");
}

fn chunk_streams_cost_about_a_hundred_bytes_each() {
    let count_of = 10_000;
    let mut writer = Writer::new();
    for id in 64..64 + count_of {
        writer.write(&video(id, 0, &[1]), 0);
    }
    let mut decoder = ChunkDecoder::new(ChunkLimits::default().max_chunk_streams(count_of as usize));
    let (peak, _) = count(|| feed_and_drop(&mut decoder, &writer.wire));
    assert!(decoder.decode(&mut BytesMut::new()).is_ok());
    // A growing table exists twice while it moves, once at half its new size.
    assert!(peak < 3 * 100 * count_of as usize + SLACK, "{peak} bytes");
}

fn long_message_costs_its_length_once_more_while_it_grows() {
    let message = video(6, 0, &pattern(8 << 20));
    let wire = encode_once(&message, size(65_536)).unwrap();
    let mut decoder = feed::decoder_at(size(65_536));
    let (peak, allocations) = count(|| feed_and_drop(&mut decoder, &wire));
    // At least its length: a counter that stands still would pass everything else here.
    assert!((8 << 20..2 * (8 << 20) + SLACK).contains(&peak), "{peak} bytes");
    assert!(allocations < 20, "{allocations} allocations");
}

/// No allocation per message where none is copied.
fn whole_messages_are_not_allocated() {
    let messages: Vec<_> = (0..10_000).map(|n| video(6, n, &pattern(300))).collect();
    let (mut encoder, mut decoder) = feed::pair(size(4096));
    let wire = feed::encode(&mut encoder, &messages);
    let (_, allocations) = count(|| feed_and_drop(&mut decoder, &wire));
    assert!(allocations < 10, "{allocations} allocations for {} messages", messages.len());
}

fn garbage_stays_within_the_limits() {
    let limits = || ChunkLimits::default().max_message_len(100_000).max_partial_bytes(200_000);
    for seed in 0..300_u32 {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        let garbage: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            // Small bytes more often: they make chunk headers that mean something.
            if state % 3 == 0 { (state >> 8) as u8 & 0x0f } else { (state >> 8) as u8 }
        })
        .take(50_000)
        .collect();
        let mut decoder = ChunkDecoder::new(limits()).drop_partial(true);
        let (peak, _) = count(|| feed_and_drop(&mut decoder, &garbage));
        assert!(peak < 200_000 + 100_000 + SLACK, "{peak} bytes, seed {seed}");
    }
}

/// One read.
const READ: usize = 4096;
/// As the documentation of `ChunkLimits` has it.
const FIRST_RESERVATION: usize = 64 << 10;
/// The read buffer with a waiting message of 32 KiB, while it grows, and the table of 64 chunk streams.
const SLACK: usize = 3 * (32 << 10) + 2 * 64 * 100;
