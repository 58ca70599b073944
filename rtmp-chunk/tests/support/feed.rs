//! Ways to feed a decoder.

use bytes::{Buf, BytesMut};
use rtmp_chunk::{ChunkDecoder, ChunkEncoder, ChunkError, ChunkLimits, ChunkSize, Message, SendQueue};

/// What a decoder made of some bytes.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub messages: Vec<Message>,
    pub error: Option<ChunkError>,
    /// The input ended inside a chunk header or a message.
    pub cut_off: bool,
}

impl Outcome {
    /// The messages of input that is right and whole.
    #[track_caller]
    pub fn whole(self) -> Vec<Message> {
        assert_eq!(self.error, None);
        assert!(!self.cut_off, "the input ends inside a message");
        self.messages
    }

    #[track_caller]
    pub fn error(self) -> ChunkError {
        self.error.expect("an error")
    }
}

/// Everything in one piece, with the default limits.
pub fn decode(wire: &[u8]) -> Outcome {
    decode_with(&mut ChunkDecoder::default(), wire)
}

pub fn decode_with(decoder: &mut ChunkDecoder, wire: &[u8]) -> Outcome {
    decode_pieces(decoder, [wire])
}

/// One read per piece, all messages taken after each.
pub fn decode_pieces<'a>(decoder: &mut ChunkDecoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut input = BytesMut::new();
    let mut messages = Vec::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.decode(&mut input), Err(error.clone()), "an error is final");
                    return Outcome { messages, error: Some(error), cut_off: true };
                }
            }
        }
    }
    Outcome { messages, error: None, cut_off: decoder.is_mid_message() || !input.is_empty() }
}

/// Cuts `wire` behind each of the lengths in turn, over and over.
pub fn cut<'a>(wire: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = wire;
    let mut pieces = Vec::new();
    for &length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, tail) = rest.split_at(length.clamp(1, rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// The wire bytes of these messages as `encoder` sends them.
pub fn encode(encoder: &mut ChunkEncoder, messages: &[Message]) -> Vec<u8> {
    let mut queue = SendQueue::new();
    for message in messages {
        encoder.encode(message, &mut queue).unwrap();
    }
    drain(&mut queue)
}

/// What the queue would write.
pub fn drain(queue: &mut SendQueue) -> Vec<u8> {
    queue.copy_to_bytes(queue.remaining()).to_vec()
}

/// An encoder and a decoder that have agreed on a chunk size.
pub fn pair(size: ChunkSize) -> (ChunkEncoder, ChunkDecoder) {
    let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
    encoder.set_chunk_size(size, &mut queue);
    (encoder, decoder_at(size))
}

/// A decoder with this chunk size and the default limits.
pub fn decoder_at(size: ChunkSize) -> ChunkDecoder {
    agree(ChunkDecoder::new(ChunkLimits::default()), size)
}

/// Tells a fresh decoder the chunk size.
pub fn agree(mut decoder: ChunkDecoder, size: ChunkSize) -> ChunkDecoder {
    let mut queue = SendQueue::new();
    ChunkEncoder::new().set_chunk_size(size, &mut queue);
    assert_eq!(decode_with(&mut decoder, &drain(&mut queue)).whole().len(), 1);
    decoder
}
