//! The chunk stream: our decoder agrees with the reference, however the wire is cut, and reads back what we encode.

use super::reference::{self, End};
use super::script::Script;
use bytes::{Buf, BytesMut};
use rtmp_session::chunk::{ChunkDecoder, ChunkEncoder, ChunkError, ChunkLimits, ChunkSize, Message, SendQueue};

/// Few enough that short inputs reach them.
fn limits() -> ChunkLimits {
    ChunkLimits::default().max_message_len(1 << 20).max_chunk_streams(8).max_empty_run(64)
}

/// One byte for the cut, then the wire.
pub fn decode(data: &[u8]) {
    let mut script = Script(data);
    let cut = script.byte();
    let (messages, end) = ours(script, cut);
    let limits = limits();
    let limits = reference::Limits {
        message_len: limits.max_message_len,
        chunk_streams: limits.max_chunk_streams,
        empty_run: limits.max_empty_run,
    };
    let (expected, expected_end) = reference::decode(script.0, limits);
    assert_eq!(messages.iter().map(plain).collect::<Vec<_>>(), expected, "cut {cut}");
    assert_eq!(end, expected_end, "cut {cut}");
    survives_encoding(&messages, cut);
}

fn ours(wire: Script<'_>, cut: u8) -> (Vec<Message>, End) {
    let mut decoder = ChunkDecoder::new(limits());
    let mut input = BytesMut::new();
    let mut messages = Vec::new();
    for piece in wire.pieces(cut) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.decode(&mut input), Err(error.clone()), "an error is final");
                    return (messages, end_of(&error));
                }
            }
        }
    }
    let cut_off = decoder.is_mid_message() || !input.is_empty();
    (messages, if cut_off { End::CutOff } else { End::Clean })
}

fn end_of(error: &ChunkError) -> End {
    match error {
        ChunkError::MessageTooLong { .. } => End::TooLong,
        ChunkError::TooManyChunkStreams { .. } => End::TooManyChunkStreams,
        ChunkError::TooManyEmptyMessages { .. } => End::TooManyEmptyMessages,
        ChunkError::NoLength { .. } => End::NoLength,
        ChunkError::Interrupted { .. } => End::Interrupted,
        ChunkError::ChunkSize(_) => End::ChunkSize,
        other => panic!("no input of this size should lead to {other:?}"),
    }
}

/// Whatever came in goes out again unchanged, at another chunk size and with either kind of headers.
fn survives_encoding(messages: &[Message], cut: u8) {
    // What would change the framing of the copy, or what its reader may refuse, is left out.
    let messages: Vec<_> = messages.iter().filter(|message| !matches!(message.kind.0, 1 | 2)).cloned().collect();
    let mut encoder = ChunkEncoder::new().delta_headers(cut % 2 == 1);
    let mut queue = SendQueue::new();
    encoder.set_chunk_size(ChunkSize::new(u32::from(cut) * 16 + 1).expect("not 0"), &mut queue);
    for message in &messages {
        encoder.encode(message, &mut queue).expect("it came off the wire, so it fits");
    }
    let mut wire = BytesMut::from(&queue.copy_to_bytes(queue.remaining())[..]);
    let mut decoder = ChunkDecoder::new(limits().max_chunk_streams(16).max_empty_run(usize::MAX));
    let mut copies = Vec::new();
    while let Some(message) = decoder.decode(&mut wire).expect("we wrote it") {
        copies.push(message);
    }
    assert_eq!(copies[1..], messages[..], "behind the Set Chunk Size stand the messages");
    assert!(wire.is_empty() && !decoder.is_mid_message());
}

fn plain(message: &Message) -> reference::Message {
    reference::Message {
        kind: message.kind.0,
        stream_id: message.stream_id,
        timestamp: message.timestamp,
        chunk_stream: message.chunk_stream.get(),
        payload: message.payload.to_vec(),
    }
}
