//! A chunk writer that interleaves chunk streams as it is told and may choose any header format that is right.

use std::collections::BTreeMap;

use rtmp_chunk::{Control, Message, MessageType};

/// Writes chunks of one direction.
pub struct Writer {
    pub wire: Vec<u8>,
    /// Messages in the order in which their last chunk was written.
    pub completed: Vec<Message>,
    /// Repeat an extended timestamp on continuation chunks, as the text asks.
    pub repeat_extended: bool,
    chunk_size: usize,
    streams: BTreeMap<u32, Stream>,
}

/// What the reader knows of a chunk stream, and the message under way on it.
#[derive(Clone)]
struct Stream {
    header: Message,
    /// The last value on the wire, time or delta.
    value: u32,
    extended: bool,
    written: Option<usize>,
}

impl Writer {
    pub fn new() -> Self {
        Self {
            wire: Vec::new(),
            completed: Vec::new(),
            repeat_extended: true,
            chunk_size: 128,
            streams: BTreeMap::new(),
        }
    }

    /// Whether a message is under way on this chunk stream.
    pub fn is_busy(&self, id: u32) -> bool {
        self.streams.get(&id).is_some_and(|stream| stream.written.is_some())
    }

    /// Writes the first chunk of `message`. `choice` picks one of the formats that may be used.
    pub fn begin(&mut self, message: &Message, choice: u8) {
        let id = message.chunk_stream.get();
        assert!(!self.is_busy(id));
        let (format, value) = match self.streams.get(&id) {
            None => (0, message.timestamp),
            Some(last) => {
                let formats = last.formats(message);
                formats[usize::from(choice) % formats.len()]
            }
        };
        let extended = if format == 3 { self.streams[&id].extended } else { value >= 0xff_ffff };
        self.basic(format, id);
        let len = (message.payload.len() as u32).to_be_bytes();
        let fields =
            [&value.min(0xff_ffff).to_be_bytes()[1..], &len[1..], &[message.kind.0], &message.stream_id.to_le_bytes()];
        let count = [4, 3, 1, 0][usize::from(format)];
        self.wire.extend(fields[..count].concat());
        if extended {
            self.wire.extend(value.to_be_bytes());
        }
        self.streams.insert(id, Stream { header: message.clone(), value, extended, written: Some(0) });
        self.data(id);
    }

    /// Writes the next chunk of the message under way.
    pub fn go_on(&mut self, id: u32) {
        assert!(self.is_busy(id));
        self.basic(3, id);
        let stream = &self.streams[&id];
        if stream.extended && self.repeat_extended {
            self.wire.extend(stream.value.to_be_bytes());
        }
        self.data(id);
    }

    /// A whole message.
    pub fn write(&mut self, message: &Message, choice: u8) {
        self.begin(message, choice);
        while self.is_busy(message.chunk_stream.get()) {
            self.go_on(message.chunk_stream.get());
        }
    }

    fn data(&mut self, id: u32) {
        let stream = self.streams.get_mut(&id).unwrap();
        let start = stream.written.unwrap();
        let end = stream.header.payload.len().min(start + self.chunk_size);
        self.wire.extend(&stream.header.payload[start..end]);
        stream.written = Some(end);
        if end == stream.header.payload.len() {
            stream.written = None;
            let message = stream.header.clone();
            if let Ok(Some(Control::SetChunkSize(size))) = Control::parse(&message) {
                self.chunk_size = size.get() as usize;
            }
            self.completed.push(message);
        }
    }

    fn basic(&mut self, format: u8, id: u32) {
        let format = format << 6;
        match id {
            2..64 => self.wire.push(format | id as u8),
            64..320 => self.wire.extend([format, (id - 64) as u8]),
            _ => self.wire.extend([format | 1, ((id - 64) % 256) as u8, ((id - 64) / 256) as u8]),
        }
    }
}

impl Stream {
    /// The formats that a message may start with behind this one, each with the time or delta it carries.
    fn formats(&self, message: &Message) -> Vec<(u8, u32)> {
        let last = &self.header;
        let delta = message.timestamp.wrapping_sub(last.timestamp);
        let mut formats = vec![(0, message.timestamp)];
        if message.stream_id == last.stream_id {
            formats.push((1, delta));
            if message.kind == last.kind && message.payload.len() == last.payload.len() {
                formats.push((2, delta));
                // CHK-20: with an extended field the value may be another than before.
                if delta == self.value || self.extended {
                    formats.push((3, delta));
                }
            }
        }
        formats
    }
}

/// A Set Chunk Size on message stream 0.
pub fn set_chunk_size(bytes: u32) -> Message {
    let message = Control::SetChunkSize(super::size(bytes)).to_message();
    assert_eq!(message.kind, MessageType::SET_CHUNK_SIZE);
    message
}
