//! Encode, then decode: the same messages.

mod support;

use proptest::prelude::*;
use rtmp_chunk::{
    ChunkDecoder, ChunkEncoder, ChunkSize, MessageTooLong, SendQueue, encode_into, encode_once, encoded_len,
};
use support::{feed, pattern, size, strategy, video};

fn chunk_sizes() -> impl Strategy<Value = ChunkSize> {
    prop::sample::select(&[1_u32, 2, 127, 128, 129, 256, 4096, 0xff_ffff][..]).prop_map(size)
}

proptest! {
    #[test]
    fn encode_then_decode_is_identity(messages in strategy::messages(), delta in any::<bool>()) {
        let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(delta), &messages);
        prop_assert_eq!(feed::decode(&wire).whole(), messages);
    }

    #[test]
    fn encoding_once_equals_encoding_in_place(message in strategy::message(), size in chunk_sizes()) {
        let image = encode_once(&message, size).unwrap();
        prop_assert_eq!(image.len(), encoded_len(&message, size).unwrap());
        let (mut encoder, mut decoder) = feed::pair(size);
        prop_assert_eq!(&feed::encode(&mut encoder, std::slice::from_ref(&message)), &image);
        prop_assert_eq!(feed::decode_with(&mut decoder, &image).whole(), vec![message]);
    }

    #[test]
    fn images_of_a_batch_lie_one_behind_the_other(messages in prop::collection::vec(strategy::message(), 1..8), size in chunk_sizes()) {
        let mut batch = Vec::new();
        for message in &messages {
            let place = encode_into(message, size, &mut batch).unwrap();
            match place {
                Some(place) => prop_assert_eq!(&batch[place], &message.payload),
                None => prop_assert!(message.payload.len() > size.get() as usize),
            }
        }
        prop_assert_eq!(feed::decode_with(&mut feed::decoder_at(size), &batch).whole(), messages);
    }
}

#[test]
fn chk_37_largest_message_passes_and_one_more_byte_does_not() {
    let mut message = video(4, 0, &pattern(0xff_ffff));
    let limits = rtmp_chunk::ChunkLimits::default().max_message_len(0xff_ffff);
    let mut decoder = feed::agree(ChunkDecoder::new(limits), size(65_536));
    let image = encode_once(&message, size(65_536)).unwrap();
    assert!(feed::decode_with(&mut decoder, &image).whole() == [message.clone()]);

    message.payload = pattern(0x100_0000).into();
    let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
    let too_long = MessageTooLong { len: 0x100_0000 };
    assert_eq!(encoder.encode(&message, &mut queue), Err(too_long.clone()));
    assert!(queue.is_empty());
    assert_eq!(encode_once(&message, size(128)), Err(too_long.clone()));
    assert_eq!(encoded_len(&message, size(128)), Err(too_long));
}

#[test]
fn eight_megabyte_key_frame_passes_the_default_limits_in_any_chunk_size() {
    let message = video(6, 1000, &pattern(8 << 20));
    for bytes in [128, 4096, 65_536, 0xff_ffff] {
        let image = encode_once(&message, size(bytes)).unwrap();
        let mut decoder = feed::decoder_at(size(bytes));
        let outcome = feed::decode_pieces(&mut decoder, image.chunks(65_536));
        assert!(outcome.whole() == [message.clone()], "chunks of {bytes}");
    }
}

#[test]
fn chk_17_behind_a_delta_header_nothing_is_repeated_although_the_time_is_past_24_bits() {
    let messages = [video(6, 0x100_0000, &pattern(10)), video(6, 0x100_0028, &pattern(200))];
    let wire = feed::encode(&mut ChunkEncoder::new().delta_headers(true), &messages);
    assert_eq!(wire.len(), (12 + 4 + 10) + (8 + 128) + (1 + 72));
    assert_eq!(feed::decode(&wire).whole(), messages);
}
