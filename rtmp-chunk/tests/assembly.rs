//! Putting messages together, CHK-31 to CHK-46: what ends a message, what interrupts it, what is copied.

mod support;

use bytes::{Bytes, BytesMut};
use rtmp_chunk::{ChunkDecoder, ChunkEncoder, Control, Message, encode_once};
use support::{audio, feed, id, pattern, size, video, writer::Writer};

#[test]
fn chk_31_message_ends_when_its_length_is_reached() {
    for bytes in [1, 2, 127, 128, 129, 4096, 65_536] {
        for len in [bytes - 1, bytes, bytes + 1, 3 * bytes] {
            let message = video(6, 40, &pattern(len as usize));
            let (mut encoder, mut decoder) = feed::pair(size(bytes));
            let wire = feed::encode(&mut encoder, std::slice::from_ref(&message));
            assert_eq!(wire.len() as u32, 12 + len + len.div_ceil(bytes).saturating_sub(1));
            assert_eq!(feed::decode_with(&mut decoder, &wire).whole(), [message]);
        }
    }
}

#[test]
fn chk_33_header_inside_a_message_with_each_policy() {
    for format in 0..3 {
        let mut writer = Writer::new();
        writer.begin(&video(6, 40, &pattern(200)), 0);
        // The same header fields again, in the given format: times 40, 80, 80.
        let fields = [0, 0, 40, 0, 0, 200, 9, 1, 0, 0, 0];
        let mut wire = writer.wire;
        wire.push(format << 6 | 6);
        wire.extend(&fields[..[11, 7, 3][usize::from(format)]]);
        wire.extend([&pattern(128)[..], &[0xc6], &pattern(200)[128..]].concat());
        assert!(feed::decode(&wire).error.is_some(), "format {format}");

        let mut lenient = ChunkDecoder::default().drop_partial(true);
        let time = if format == 0 { 40 } else { 80 };
        assert_eq!(feed::decode_with(&mut lenient, &wire).whole(), [video(6, time, &pattern(200))]);
        assert_eq!(lenient.dropped_messages(), 1);
    }
}

#[test]
fn chk_35_empty_messages_are_delivered_in_every_format() {
    let wire = [&[0x04, 0, 0, 40, 0, 0, 0, 8, 1, 0, 0, 0][..], &[0x44, 0, 0, 1, 0, 0, 0, 8], &[0x84, 0, 0, 2], &[0xc4]]
        .concat();
    assert_eq!(feed::decode(&wire).whole(), [40, 41, 43, 45].map(|time| audio(4, time, &[])));
}

#[test]
fn chk_43_chunks_of_128_bytes_at_the_start_in_both_directions() {
    let message = video(6, 0, &pattern(129));
    let wire = feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message));
    assert_eq!(wire.len(), 12 + 128 + 1 + 1);
    // A decoder's chunk size says nothing about an encoder's.
    let mut decoder = feed::decoder_at(size(4096));
    assert_eq!(feed::encode(&mut ChunkEncoder::new(), std::slice::from_ref(&message)), wire);
    let large = encode_once(&message, size(4096)).unwrap();
    assert_eq!(feed::decode_with(&mut decoder, &large).whole(), [message]);
}

#[test]
fn chk_46_after_abort_the_header_state_is_still_usable() {
    let mut writer = Writer::new();
    writer.begin(&video(6, 1000, &pattern(200)), 0);
    writer.write(&Control::Abort(id(6)).to_message(), 0);
    // Format 3 with everything as before: 200 bytes, and the delta is the time (CHK-25).
    let wire = [&writer.wire, &[0xc6][..], &pattern(128), &[0xc6], &pattern(200)[128..]].concat();
    let mut decoder = ChunkDecoder::default();
    let messages = feed::decode_with(&mut decoder, &wire).whole();
    assert_eq!(messages[1], video(6, 2000, &pattern(200)));
    assert_eq!(decoder.dropped_messages(), 1);
}

/// Whether `payload` lies inside the read buffer at `buffer`.
fn is_slice_of(payload: &Bytes, buffer: std::ops::Range<*const u8>) -> bool {
    payload.is_empty() || buffer.contains(&payload.as_ptr())
}

#[test]
fn whole_message_in_one_chunk_is_a_slice_of_the_read_buffer() {
    // The first one fills its chunk, or not.
    for chunk in [20_000, 65_536] {
        let messages = [video(6, 0, &pattern(20_000)), audio(4, 0, &pattern(300))];
        let (mut encoder, mut decoder) = feed::pair(size(chunk));
        let mut input = BytesMut::from(&feed::encode(&mut encoder, &messages)[..]);
        let buffer = input.as_ptr_range();
        for expected in messages {
            let message = decoder.decode(&mut input).unwrap().unwrap();
            assert_eq!(message, expected);
            assert!(is_slice_of(&message.payload, buffer.clone()), "{} bytes of {chunk}", message.payload.len());
        }
    }
}

#[test]
fn chk_38_only_messages_up_to_32_kib_wait_in_the_read_buffer() {
    // However large the chunks are: else the read buffer would grow to the longest message.
    for (len, waits) in [(32 << 10, true), ((32 << 10) + 1, false)] {
        let (mut encoder, mut decoder) = feed::pair(size(1 << 20));
        let wire = feed::encode(&mut encoder, &[video(6, 0, &pattern(len))]);
        let mut input = BytesMut::from(&wire[..wire.len() - 1]);
        let buffer = input.as_ptr_range();
        assert_eq!(decoder.decode(&mut input), Ok(None));
        assert_eq!(input.len(), if waits { len - 1 } else { 0 });
        input.extend_from_slice(&wire[wire.len() - 1..]);
        let message = decoder.decode(&mut input).unwrap().unwrap();
        assert_eq!(message.payload, pattern(len));
        assert!(waits || !is_slice_of(&message.payload, buffer));
    }
}

#[test]
fn small_messages_among_copied_ones_do_not_hold_the_read_buffer() {
    let mut messages = vec![video(6, 0, &pattern(33_000))];
    messages.extend((0..14).map(|n| audio(4, n, &pattern(300))));
    let (mut encoder, mut decoder) = feed::pair(size(4096));
    let mut input = BytesMut::from(&feed::encode(&mut encoder, &messages)[..]);
    let buffer = input.as_ptr_range();
    let mut slices = Vec::new();
    for expected in messages {
        let message = decoder.decode(&mut input).unwrap().unwrap();
        assert_eq!(message, expected);
        slices.push(is_slice_of(&message.payload, buffer.clone()));
    }
    // The 33 000 bytes had to be copied. An eighth of that is copied too; what is more is worth keeping the buffer.
    assert_eq!(slices, [[false; 14].as_slice(), &[true]].concat());
}

#[test]
fn chunks_behind_each_other_are_put_together_in_the_read_buffer() {
    for chunk in [1, 2, 127, 128, 129, 4096] {
        for len in [chunk + 1, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 7 * chunk + 5] {
            let messages =
                [video(6, 40, &pattern(len as usize)), video(63, 50, &pattern(3 * chunk as usize)), audio(4, 60, &[1])];
            let (mut encoder, mut decoder) = feed::pair(size(chunk));
            let mut input = BytesMut::from(&feed::encode(&mut encoder, &messages)[..]);
            let buffer = input.as_ptr_range();
            for expected in messages {
                let message = decoder.decode(&mut input).unwrap().unwrap();
                assert_eq!(message, expected, "{len} bytes in chunks of {chunk}");
                assert!(is_slice_of(&message.payload, buffer.clone()), "{len} bytes in chunks of {chunk}");
            }
            assert_eq!((decoder.decode(&mut input), input.len()), (Ok(None), 0));
        }
    }
}

#[test]
fn chunks_that_are_not_all_there_or_not_behind_each_other_are_copied() {
    let payload = pattern(1000);
    let copied = |wire: &[u8], then: &[u8]| {
        let mut decoder = ChunkDecoder::default();
        let mut input = BytesMut::from(wire);
        let buffer = input.as_ptr_range();
        let mut messages = Vec::new();
        while let Some(message) = decoder.decode(&mut input).unwrap() {
            messages.push(message);
        }
        input.extend_from_slice(then);
        while let Some(message) = decoder.decode(&mut input).unwrap() {
            messages.push(message);
        }
        let long = messages.iter().find(|message| message.payload.len() == payload.len()).unwrap();
        assert_eq!(long.payload, payload);
        assert!(!is_slice_of(&long.payload, buffer));
    };
    let run = |id| {
        let mut encoder = ChunkEncoder::new();
        feed::encode(&mut encoder, &[video(id, 40, &payload)])
    };
    let wire = run(6);
    for cut in [13, 140, 141, wire.len() - 1] {
        copied(&wire[..cut], &wire[cut..]);
    }
    // Another message between any two chunks; the last one among them.
    for before in 1..8 {
        let mut writer = Writer::new();
        writer.begin(&video(6, 40, &payload), 0);
        (1..before).for_each(|_| writer.go_on(6));
        writer.write(&audio(4, 40, &[1, 2, 3]), 0);
        (before..8).for_each(|_| writer.go_on(6));
        copied(&writer.wire, &[]);
    }
    // Continuations of more than one byte.
    copied(&run(64), &[]);
    let mut encoder = ChunkEncoder::new();
    copied(&feed::encode(&mut encoder, &[video(6, 0x0100_0000, &payload)]), &[]);
}

#[test]
fn where_messages_are_kept_those_of_several_chunks_get_buffers_of_their_own() {
    let (mut encoder, mut decoder) = feed::pair(size(128));
    let mut input = BytesMut::new();
    let mut read = |keep: bool| {
        input.reserve(4096);
        input
            .extend_from_slice(&feed::encode(&mut encoder, &[video(6, 0, &pattern(1000)), video(6, 0, &pattern(999))]));
        let buffer = input.as_ptr_range();
        let first = decoder.decode(&mut input).unwrap().unwrap();
        let second = decoder.decode(&mut input).unwrap().unwrap();
        let slices = [&first, &second].map(|message| is_slice_of(&message.payload, buffer.clone()));
        assert_eq!(slices[0], slices[1], "within one read nothing changes");
        let kept = keep.then_some(second);
        drop(first);
        assert_eq!(decoder.decode(&mut input), Ok(None));
        (slices[0], kept)
    };
    let mut all = Vec::new();
    for _ in 0..10 {
        assert!(read(false).0);
    }
    for n in 0..200 {
        let (slice, kept) = read(true);
        assert_eq!(slice, n % 65 == 0, "one read in 65 finds out, here read {n}");
        all.extend(kept);
    }
    assert!(all.iter().all(|message| message.payload == pattern(999)), "what is kept stays as it was");
    // Let go of again: noticed by the next trial.
    let slices = (0..130).filter(|_| read(false).0).count();
    assert!(slices >= 130 - 65, "{slices} slices");
}

#[test]
fn empty_message_holds_nothing() {
    let mut input = BytesMut::from(&[0x04, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0][..]);
    let buffer = input.as_ptr_range();
    let message = ChunkDecoder::default().decode(&mut input).unwrap().unwrap();
    assert!(!buffer.contains(&message.payload.as_ptr()));
}

#[test]
fn bytes_wanted_follows_the_message_under_way() {
    let (mut encoder, mut decoder) = feed::pair(size(65_536));
    let wire = feed::encode(&mut encoder, &[video(6, 0, &pattern(30_000))]);
    assert_eq!(decoder.bytes_wanted(), 4096);
    assert!(!decoder.is_mid_message());

    // Waited for whole in the read buffer.
    let mut input = BytesMut::from(&wire[..10_012]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert_eq!((input.len(), decoder.bytes_wanted()), (10_000, 20_000));
    assert!(decoder.is_mid_message());
    input.extend_from_slice(&wire[10_012..]);
    assert!(decoder.decode(&mut input).unwrap().is_some());
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert_eq!(decoder.bytes_wanted(), 4096);

    // Copied out as it comes.
    let wire = feed::encode(&mut encoder, &[video(6, 0, &pattern(1_000_000))]);
    input.extend_from_slice(&wire[..12]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert_eq!((input.len(), decoder.bytes_wanted()), (0, 65_536));
    input.extend_from_slice(&wire[12..wire.len() - 10_000]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert_eq!((input.len(), decoder.bytes_wanted()), (0, 10_000), "and no more than what is missing");
}

#[test]
fn one_mebibyte_in_chunks_of_128_bytes_takes_linear_time() {
    // Counted in work, not in seconds: every byte of input is consumed by the call that sees it, so no byte is looked at
    // more than a constant number of times, and the buffer at most doubles to its exact size.
    let message = Message { payload: pattern(1 << 20).into(), ..video(6, 0, &[]) };
    let wire = encode_once(&message, size(128)).unwrap();
    let mut decoder = ChunkDecoder::default();
    let mut input = BytesMut::new();
    let mut decoded = None;
    for read in wire.chunks(1000) {
        input.extend_from_slice(read);
        assert!(decoded.is_none());
        decoded = decoder.decode(&mut input).unwrap();
        assert!(input.len() <= 1, "{} bytes are left to be looked at again", input.len());
    }
    assert!(decoded == Some(message));
}
