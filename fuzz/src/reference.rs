//! A chunk stream decoder written straight from the requirements (docs/spec/rtmp-1.0.md, section 2), to compare with.
//!
//! It has the whole wire before it, copies everything, and knows nothing of reads, buffers or speed.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub kind: u8,
    pub stream_id: u32,
    pub timestamp: u32,
    pub chunk_stream: u32,
    pub payload: Vec<u8>,
}

/// Why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The wire ends at a chunk border with no message open.
    Clean,
    /// The wire ends inside a chunk or a message.
    CutOff,
    TooLong,
    TooManyChunkStreams,
    TooManyEmptyMessages,
    NoLength,
    Interrupted,
    ChunkSize,
}

/// The limits that matter for wires of some ten kilobytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub message_len: usize,
    pub chunk_streams: usize,
    pub empty_run: usize,
}

#[derive(Default)]
struct ChunkStream {
    timestamp: u32,
    delta: u32,
    length: usize,
    kind: u8,
    stream_id: u32,
    extended: bool,
    /// The message being received.
    partial: Option<Vec<u8>>,
}

/// Every message of `wire`, and why there are no more.
pub fn decode(wire: &[u8], limits: Limits) -> (Vec<Message>, End) {
    let mut decoder =
        Decoder { wire, streams: BTreeMap::new(), chunk_size: 128, empty_run: 0, messages: Vec::new(), limits };
    let end = loop {
        match decoder.chunk() {
            Ok(()) => {}
            Err(end) => break end,
        }
    };
    (decoder.messages, end)
}

struct Decoder<'a> {
    wire: &'a [u8],
    streams: BTreeMap<u32, ChunkStream>,
    chunk_size: usize,
    empty_run: usize,
    messages: Vec<Message>,
    limits: Limits,
}

impl Decoder<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], End> {
        let (taken, rest) = self.wire.split_at_checked(count).ok_or(End::CutOff)?;
        self.wire = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Result<u32, End> {
        Ok(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    fn chunk(&mut self) -> Result<(), End> {
        if self.wire.is_empty() {
            let open = self.streams.values().any(|stream| stream.partial.is_some());
            return Err(if open { End::CutOff } else { End::Clean });
        }
        let first = self.number(1)?;
        let format = first >> 6;
        // CHK-2, CHK-3
        let id = match first & 63 {
            0 => self.number(1)? + 64,
            1 => self.number(1)? + (self.number(1)? << 8) + 64,
            id => id,
        };
        // A header that the wire cuts off is no header yet: nothing of it counts.
        let header = self.header(format)?;
        if !self.streams.contains_key(&id) {
            if format >= 2 {
                return Err(End::NoLength); // CHK-34
            }
            if self.streams.len() == self.limits.chunk_streams {
                return Err(End::TooManyChunkStreams); // CHK-39
            }
        }
        let stream = self.streams.entry(id).or_default();
        let begins = format < 3 || stream.partial.is_none();
        if let Some(header) = header {
            if stream.partial.is_some() {
                return Err(End::Interrupted); // CHK-33
            }
            stream.extended = header.extended;
            stream.delta = header.time;
            stream.timestamp = if format == 0 { header.time } else { stream.timestamp.wrapping_add(header.time) };
            if let Some((length, kind)) = header.length_and_kind {
                (stream.length, stream.kind) = (length, kind);
            }
            if let Some(stream_id) = header.stream_id {
                stream.stream_id = stream_id;
            }
        } else {
            if stream.extended {
                // CHK-17, CHK-20, and the leniency of CHK-21: a continuation that does not repeat the value lacks it.
                let field = &self.wire[..self.wire.len().min(4)];
                if begins || stream.delta.to_be_bytes().starts_with(field) {
                    let Some(value) = field.first_chunk() else { return Err(End::CutOff) };
                    if begins {
                        stream.delta = u32::from_be_bytes(*value);
                    }
                    self.wire = &self.wire[4..];
                }
            }
            if begins {
                stream.timestamp = stream.timestamp.wrapping_add(stream.delta); // CHK-24, CHK-25
            }
        }
        if begins {
            if stream.length > self.limits.message_len {
                return Err(End::TooLong); // CHK-37
            }
            stream.partial = Some(Vec::new());
        }
        self.data(id)
    }

    /// What stands between the basic header and the data of a chunk of format 0, 1 or 2.
    fn header(&mut self, format: u32) -> Result<Option<Header>, End> {
        if format == 3 {
            return Ok(None);
        }
        let mut time = self.number(3)?;
        let length_and_kind = if format < 2 { Some((self.number(3)? as usize, self.number(1)? as u8)) } else { None };
        let stream_id = if format == 0 { Some(self.number(4)?.swap_bytes()) } else { None };
        let extended = time == 0xff_ffff;
        if extended {
            time = self.number(4)?;
        }
        Ok(Some(Header { time, extended, length_and_kind, stream_id }))
    }

    /// CHK-31: the data of one chunk, and the message if that completes it.
    fn data(&mut self, id: u32) -> Result<(), End> {
        let stream = self.streams.get_mut(&id).expect("the caller made it");
        let partial = stream.partial.as_mut().expect("the caller began it");
        let size = self.chunk_size.min(stream.length - partial.len());
        let (data, rest) = self.wire.split_at_checked(size).ok_or(End::CutOff)?;
        self.wire = rest;
        partial.extend_from_slice(data);
        if partial.len() < stream.length {
            return Ok(());
        }
        let payload = stream.partial.take().expect("it is there");
        let message = Message {
            kind: stream.kind,
            stream_id: stream.stream_id,
            timestamp: stream.timestamp,
            chunk_stream: id,
            payload,
        };
        self.empty_run = if message.payload.is_empty() { self.empty_run + 1 } else { 0 };
        if self.empty_run > self.limits.empty_run {
            return Err(End::TooManyEmptyMessages);
        }
        self.control(&message)?;
        self.messages.push(message);
        Ok(())
    }

    fn control(&mut self, message: &Message) -> Result<(), End> {
        let field = message.payload.first_chunk().map(|field| u32::from_be_bytes(*field));
        match (message.kind, field) {
            (1, Some(size @ 1..=0x7fff_ffff)) => self.chunk_size = size.min(0xff_ffff) as usize, // CTL-5
            (1, _) => return Err(End::ChunkSize),                                                // CTL-2, CTL-6, CTL-7
            (2, Some(id)) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.partial = None; // CTL-9
                }
            }
            _ => {}
        }
        Ok(())
    }
}

struct Header {
    time: u32,
    extended: bool,
    length_and_kind: Option<(usize, u8)>,
    stream_id: Option<u32>,
}
