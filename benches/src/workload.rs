//! What is decoded and encoded: the same messages and the same bytes in every run and for every crate.
//!
//! | name | what |
//! | --- | --- |
//! | W1 | 6 Mbit/s video at 60 frames a second with audio, chunks of 4096 bytes |
//! | W2 | the same in chunks of 128 bytes |
//! | W3 | the same in chunks of 65 536 bytes |
//! | W4 | audio messages of 370 bytes |
//! | W5 | audio of 1400 bytes and video, interleaved chunk by chunk, chunks of 1024 bytes |
//!
//! Headers are as librtmp and FFmpeg write them: in full at first, then without the message stream, and without the
//! length where it is the same.

use std::collections::VecDeque;

use bytes::Bytes;
use rtmp_chunk::{ChunkSize, ChunkStreamId, Control, Message, MessageType};

/// Messages, and the bytes a peer would send for them.
pub struct Workload {
    /// W1 to W5.
    pub name: &'static str,
    /// Chunk size of the whole of `wire` but its first message, which announces it.
    pub chunk_size: ChunkSize,
    /// In the order in which they were begun.
    pub messages: Vec<Message>,
    /// Everything behind the handshake.
    pub wire: Vec<u8>,
    /// How much of `wire` announces the chunk size.
    pub announcement_len: usize,
    /// What the receiver of `wire` must have got: all messages, in the order in which they were finished.
    pub expected: Digest,
}

impl Workload {
    /// W1 to W5.
    pub fn all() -> Vec<Self> {
        vec![
            Self::new("W1", 4096, camera(340..=400), false),
            Self::new("W2", 128, camera(340..=400), false),
            Self::new("W3", 65_536, camera(340..=400), false),
            Self::new("W4", 4096, radio(), false),
            Self::new("W5", 1024, camera(1300..=1500), true),
        ]
    }

    fn new(name: &'static str, chunk_size: u32, messages: Vec<Message>, interleave: bool) -> Self {
        let chunk_size = ChunkSize::new(chunk_size).expect("within 1 and 16 777 215");
        let mut writer = Writer { chunk_size: 128, ..Writer::default() };
        writer.write(&Control::SetChunkSize(chunk_size).to_message());
        writer.chunk_size = chunk_size.get() as usize;
        writer.finished = Digest::default();
        let announcement_len = writer.wire.len();
        if interleave {
            write_interleaved(&mut writer, &messages);
        } else {
            messages.iter().for_each(|message| writer.write(message));
        }
        Self { name, chunk_size, messages, announcement_len, wire: writer.wire, expected: writer.finished }
    }

    /// The wire as reads of at most `len` bytes.
    pub fn reads(&self, len: usize) -> impl Iterator<Item = &[u8]> {
        self.wire.chunks(len)
    }

    /// Payload bytes in all messages.
    pub fn payload_len(&self) -> usize {
        self.messages.iter().map(|message| message.payload.len()).sum()
    }
}

/// What a receiver got, in an order: differs if a byte, a time, a type or the order of messages does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    messages: u64,
    hash: u64,
}

impl Digest {
    /// Takes in one message.
    pub fn add(&mut self, kind: u8, timestamp: u32, payload: &[u8]) {
        self.messages += 1;
        self.mix(u64::from(kind) << 56 | u64::from(timestamp) << 24 | payload.len() as u64);
        let mut words = payload.chunks_exact(8);
        for word in &mut words {
            self.mix(u64::from_le_bytes(word.try_into().expect("chunks of eight")));
        }
        words.remainder().iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn mix(&mut self, value: u64) {
        self.hash = (self.hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash ^= self.hash >> 32;
    }
}

/// Ten seconds of what OBS sends: a key frame of 120 KB every two seconds, inter frames around 11 KB, AAC.
fn camera(audio: std::ops::RangeInclusive<usize>) -> Vec<Message> {
    let mut random = Random(0x6a09_e667_f3bc_c908);
    let frames = (0..600_u32).map(|n| {
        let is_key = n % 120 == 0;
        let len = if is_key { 120_000 } else { random.within(9_000..=13_000) };
        (u64::from(n) * 1_000_000 / 60, MessageType::VIDEO, payload(&mut random, if is_key { 0x17 } else { 0x27 }, len))
    });
    let mut list: Vec<_> = frames.collect();
    list.extend((0..468_u64).map(|n| {
        let len = random.within(audio.clone());
        (n * 1024 * 1_000_000 / 48_000, MessageType::AUDIO, payload(&mut random, 0xaf, len))
    }));
    list.sort_by_key(|(micros, ..)| *micros);
    list.into_iter().map(|(micros, kind, payload)| media((micros / 1000) as u32, kind, payload)).collect()
}

/// Nothing but small audio messages, all of one length.
fn radio() -> Vec<Message> {
    let mut random = Random(0xbb67_ae85_84ca_a73b);
    let message = |n: u64| {
        let millis = (n * 1024 * 1000 / 48_000) as u32;
        media(millis, MessageType::AUDIO, payload(&mut random, 0xaf, 370))
    };
    (0..20_000).map(message).collect()
}

fn media(timestamp: u32, kind: MessageType, payload: Bytes) -> Message {
    let is_audio = kind == MessageType::AUDIO;
    let chunk_stream = if is_audio { ChunkStreamId::AUDIO } else { ChunkStreamId::VIDEO };
    Message { kind, stream_id: 1, timestamp, chunk_stream, payload }
}

/// The two bytes that some crates look at, then noise.
fn payload(random: &mut Random, first: u8, len: usize) -> Bytes {
    let mut bytes = vec![0; len];
    bytes.chunks_mut(8).for_each(|word| word.copy_from_slice(&random.next().to_le_bytes()[..word.len()]));
    bytes[..2].copy_from_slice(&[first, 1]);
    bytes.into()
}

/// One chunk of video, one of audio, as long as there is audio; an audio message may reach into the next frame.
fn write_interleaved(writer: &mut Writer, messages: &[Message]) {
    let mut audio = VecDeque::new();
    for message in messages {
        if message.kind == MessageType::AUDIO {
            audio.push_back((message, 0));
            continue;
        }
        let mut written = 0;
        loop {
            written = writer.chunk(message, written);
            if let Some((message, written)) = audio.front_mut() {
                *written = writer.chunk(message, *written);
                if *written == message.payload.len() {
                    audio.pop_front();
                }
            }
            if written == message.payload.len() {
                break;
            }
        }
    }
    for (message, mut written) in audio {
        while written < message.payload.len() {
            written = writer.chunk(message, written);
        }
    }
}

/// Writes chunks, one at a time.
#[derive(Default)]
struct Writer {
    wire: Vec<u8>,
    chunk_size: usize,
    /// Time, length and type of the last message on each chunk stream below 8.
    last: [Option<(u32, usize, MessageType)>; 8],
    finished: Digest,
}

impl Writer {
    fn write(&mut self, message: &Message) {
        let mut written = 0;
        while written < message.payload.len() {
            written = self.chunk(message, written);
        }
    }

    /// The next chunk of a message of which `written` bytes are out. Returns how many are now.
    fn chunk(&mut self, message: &Message, written: usize) -> usize {
        if written == 0 {
            self.header(message);
        } else {
            self.wire.push(0xc0 | message.chunk_stream.get() as u8);
        }
        let end = message.payload.len().min(written + self.chunk_size);
        self.wire.extend(&message.payload[written..end]);
        if end == message.payload.len() {
            self.finished.add(message.kind.0, message.timestamp, &message.payload);
        }
        end
    }

    fn header(&mut self, message: &Message) {
        let (id, len) = (message.chunk_stream.get(), message.payload.len());
        let last = self.last[id as usize].replace((message.timestamp, len, message.kind));
        let (format, time) = match last {
            None => (0, message.timestamp),
            Some((time, last_len, kind)) if (last_len, kind) == (len, message.kind) => (2, message.timestamp - time),
            Some((time, ..)) => (1, message.timestamp - time),
        };
        assert!(time < 0xff_ffff);
        self.wire.push(format << 6 | id as u8);
        let fields = [&time.to_be_bytes()[1..], &(len as u32).to_be_bytes()[1..], &[message.kind.0], &[1, 0, 0, 0]];
        self.wire.extend(fields.concat()[..[11, 7, 3][usize::from(format)]].iter());
    }
}

/// xorshift64*: the same noise everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn within(&mut self, range: std::ops::RangeInclusive<usize>) -> usize {
        range.start() + (self.next() % (range.end() - range.start() + 1) as u64) as usize
    }
}
