//! Encode, then decode: the same messages.

use bytes::{Buf, Bytes, BytesMut};
use rtmp_chunk::*;

#[test]
fn smoke() {
    let message = Message {
        kind: MessageType::VIDEO,
        stream_id: 1,
        timestamp: 0x0100_0000,
        chunk_stream: ChunkStreamId::VIDEO,
        payload: Bytes::from(vec![7; 100_000]),
    };
    let mut queue = SendQueue::new();
    let mut encoder = ChunkEncoder::new();
    encoder.encode(&message, &mut queue).unwrap();
    encoder.set_chunk_size(ChunkSize::new(4096).unwrap(), &mut queue);
    encoder.encode(&message, &mut queue).unwrap();
    let mut wire = BytesMut::from(&queue.copy_to_bytes(queue.remaining())[..]);
    let mut decoder = ChunkDecoder::default();
    let mut got = Vec::new();
    while let Some(message) = decoder.decode(&mut wire).unwrap() {
        got.push(message);
    }
    assert_eq!(got.len(), 3);
    assert_eq!(got[0], message);
    assert_eq!(got[2], message);
}
