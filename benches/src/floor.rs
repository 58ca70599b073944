//! What cannot be left out, written by hand.

use bytes::{Buf, Bytes, BytesMut};
use rtmp_chunk::{ChunkSize, Message, MessageType};

/// A decoder without any check or limit, which copies every message once into a buffer of its own.
///
/// It knows chunk streams below 64 and no extended timestamps, and believes what it reads.
pub struct IdealDecoder {
    chunk_size: usize,
    streams: Vec<Stream>,
    current: usize,
    /// Bytes to come of the chunk being read.
    left: usize,
}

#[derive(Default)]
struct Stream {
    time: u32,
    delta: u32,
    len: usize,
    kind: u8,
    begun: bool,
    payload: Vec<u8>,
}

impl Default for IdealDecoder {
    fn default() -> Self {
        let streams = std::iter::repeat_with(Stream::default).take(64).collect();
        Self { chunk_size: 128, streams, current: 0, left: 0 }
    }
}

impl IdealDecoder {
    /// Hands every message that ends in `data` to `take`. Returns how much was used: all but a header that is cut.
    pub fn feed(&mut self, data: &[u8], mut take: impl FnMut(u8, u32, Vec<u8>)) -> usize {
        let mut at = 0;
        loop {
            if self.left == 0 {
                let Some(size) = self.header(&data[at..]) else { return at };
                at += size;
            }
            at += self.gather(&data[at..]);
            if self.left > 0 {
                return at;
            }
            let stream = &mut self.streams[self.current];
            if stream.payload.len() == stream.len {
                let payload = std::mem::take(&mut stream.payload);
                if let Some((kind, time)) = self.finish(&payload) {
                    take(kind, time, payload);
                }
            }
        }
    }

    /// The same, but a message that lies in one chunk is not copied: it is split off `input`, and waits there until it is whole.
    pub fn split(&mut self, input: &mut BytesMut, mut take: impl FnMut(u8, u32, Bytes)) {
        loop {
            if self.left == 0 {
                let Some(size) = self.header(input) else { return };
                input.advance(size);
            }
            let payload = if self.left == self.streams[self.current].len {
                if input.len() < self.left {
                    return;
                }
                input.split_to(std::mem::take(&mut self.left)).freeze()
            } else {
                let used = self.gather(input);
                input.advance(used);
                if self.left > 0 {
                    return;
                }
                let stream = &mut self.streams[self.current];
                if stream.payload.len() < stream.len {
                    continue;
                }
                Bytes::from(std::mem::take(&mut stream.payload))
            };
            if let Some((kind, time)) = self.finish(&payload) {
                take(kind, time, payload);
            }
        }
    }

    /// Copies what is there of the chunk, and the continuation chunks of the same message, each behind one byte, while they
    /// are whole. Returns how much that was.
    fn gather(&mut self, data: &[u8]) -> usize {
        let stream = &mut self.streams[self.current];
        if stream.payload.is_empty() {
            stream.payload = Vec::with_capacity(stream.len);
        }
        let mut at = self.left.min(data.len());
        append(&mut stream.payload, &data[..at]);
        self.left -= at;
        let mut missing = stream.len - stream.payload.len();
        while self.left == 0 && missing > 0 {
            let size = missing.min(self.chunk_size);
            if data.len() - at <= size || data[at] != 0xc0 | self.current as u8 {
                break;
            }
            append(&mut stream.payload, &data[at + 1..at + 1 + size]);
            at += 1 + size;
            missing -= size;
        }
        at
    }

    /// Type and time of a message that is complete, unless it is about the chunks.
    fn finish(&mut self, payload: &[u8]) -> Option<(u8, u32)> {
        let stream = &mut self.streams[self.current];
        stream.begun = false;
        if stream.kind == MessageType::SET_CHUNK_SIZE.0 {
            self.chunk_size = u32::from_be_bytes(payload[..4].try_into().expect("four bytes")) as usize;
            return None;
        }
        Some((stream.kind, stream.time))
    }

    fn header(&mut self, data: &[u8]) -> Option<usize> {
        let first = *data.first()?;
        let size = [12, 8, 4, 1][usize::from(first >> 6)];
        let header = data.get(..size)?;
        self.current = usize::from(first & 63);
        let stream = &mut self.streams[self.current];
        if size >= 4 {
            stream.delta = be24(&header[1..4]);
        }
        if size >= 8 {
            stream.len = be24(&header[4..7]) as usize;
            stream.kind = header[7];
        }
        if !stream.begun {
            stream.begun = true;
            stream.time = if size == 12 { stream.delta } else { stream.time.wrapping_add(stream.delta) };
        }
        self.left = (stream.len - stream.payload.len()).min(self.chunk_size);
        Some(size)
    }
}

/// A chunk of 128 bytes is a few vector moves instead of a call.
fn append(payload: &mut Vec<u8>, part: &[u8]) {
    match <&[u8; 128]>::try_from(part) {
        Ok(part) => payload.extend_from_slice(part),
        Err(_) => payload.extend_from_slice(part),
    }
}

fn be24(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

/// The chunks of one message behind one another: twelve bytes of header, one copy of the payload, one byte per cut.
pub fn ideal_encode(message: &Message, size: ChunkSize, out: &mut Vec<u8>) {
    let [_, t0, t1, t2] = message.timestamp.to_be_bytes();
    let [_, l0, l1, l2] = (message.payload.len() as u32).to_be_bytes();
    let [s0, s1, s2, s3] = message.stream_id.to_le_bytes();
    let id = message.chunk_stream.get() as u8;
    let size = size.get() as usize;
    out.reserve(12 + message.payload.len() + message.payload.len() / size);
    out.extend_from_slice(&[id, t0, t1, t2, l0, l1, l2, message.kind.0, s0, s1, s2, s3]);
    let mut parts = message.payload.chunks(size);
    append(out, parts.next().unwrap_or_default());
    for part in parts {
        out.push(0xc0 | id);
        append(out, part);
    }
}
