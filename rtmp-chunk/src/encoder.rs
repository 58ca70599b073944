//! Messages in, chunks out.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use crate::{
    ChunkSize, ChunkStreamId, Control, Message, MessageTooLong, MessageType, SendQueue,
    control::parse_chunk_size,
    copy::put,
    header::{EXTENDED, Format, HeaderBytes},
    queue::SHARE_THRESHOLD,
};

/// Cuts messages into chunks for one direction of a connection.
///
/// Every message starts with a full header (format 0), so that it depends on nothing sent before: a message may be left
/// out, and any reader understands it. [`ChunkEncoder::delta_headers`] trades that for 4 to 11 bytes a message.
#[derive(Debug)]
pub struct ChunkEncoder {
    chunk_size: ChunkSize,
    delta_headers: bool,
    omit_extended_timestamps: bool,
    /// The last header of each chunk stream, kept with `delta_headers` only.
    sent: Vec<(ChunkStreamId, Sent)>,
}

/// What the peer remembers of a chunk stream.
#[derive(Clone, Copy, Debug)]
struct Sent {
    stream_id: u32,
    timestamp: u32,
    len: usize,
    kind: MessageType,
    /// `None` behind a full header, where format 3 is read in two ways (CHK-25).
    delta: Option<u32>,
}

impl ChunkEncoder {
    /// An encoder at the first byte behind the handshake, with chunks of 128 bytes. See CHK-43.
    pub fn new() -> Self {
        Self { chunk_size: ChunkSize::DEFAULT, delta_headers: false, omit_extended_timestamps: false, sent: Vec::new() }
    }

    /// Send only what differs from the last message of the same chunk stream (formats 1, 2 and 3; see CHK-15).
    /// Then everything that was encoded must be sent, in order. Off by default.
    #[must_use]
    pub fn delta_headers(mut self, on: bool) -> Self {
        self.delta_headers = on;
        self
    }

    /// Leave the extended timestamp out on continuation chunks, for readers from before 2012. Off by default.
    /// See CHK-17, CHK-21.
    #[must_use]
    pub fn omit_extended_timestamps(mut self, on: bool) -> Self {
        self.omit_extended_timestamps = on;
        self
    }

    /// Appends the chunks of `message`. Parts of the payload of 512 bytes and more are queued by reference.
    ///
    /// A Set Chunk Size message takes effect here too, behind itself.
    ///
    /// # Errors
    /// [`MessageTooLong`] if the payload is longer than [`Message::MAX_LEN`]; nothing is queued then.
    pub fn encode(&mut self, message: &Message, out: &mut SendQueue) -> Result<(), MessageTooLong> {
        check_len(message)?;
        let first = if self.delta_headers { self.delta_header(message) } else { full_header(message) };
        let chunks = Chunks { message, first, size: self.chunk_size, repeat_extended: !self.omit_extended_timestamps };
        if chunks.longest_part() < SHARE_THRESHOLD {
            out.put_with(|copied| {
                copied.reserve(chunks.len());
                chunks.copy_to(copied);
            });
        } else {
            chunks.queue_to(out);
        }
        if message.kind == MessageType::SET_CHUNK_SIZE {
            self.chunk_size = parse_chunk_size(&message.payload, false).unwrap_or(self.chunk_size);
        }
        Ok(())
    }

    /// Announces a chunk size and uses it from the next chunk on: the two cannot fall apart. See CTL-4.
    pub fn set_chunk_size(&mut self, size: ChunkSize, out: &mut SendQueue) {
        let message = Control::SetChunkSize(size).to_message();
        self.encode(&message, out).expect("four bytes are not too long");
    }

    /// The chunk size in force for what is encoded next.
    pub fn chunk_size(&self) -> ChunkSize {
        self.chunk_size
    }

    /// CHK-15: the shortest header that says it.
    fn delta_header(&mut self, message: &Message) -> HeaderBytes {
        let len = message.payload.len();
        let last = self.sent.iter_mut().find(|(id, _)| *id == message.chunk_stream).map(|(_, sent)| sent);
        let delta = last.as_ref().map(|last| message.timestamp.wrapping_sub(last.timestamp));
        let mut sent =
            Sent { stream_id: message.stream_id, timestamp: message.timestamp, len, kind: message.kind, delta: None };
        let Some(last) = last else {
            self.sent.push((message.chunk_stream, sent));
            return full_header(message);
        };
        // CHK-27, CHK-30: a step back has no delta, and a delta with an extended field is misread by SRS.
        let delta = delta.filter(|delta| last.stream_id == message.stream_id && *delta < EXTENDED);
        sent.delta = delta;
        let last = core::mem::replace(last, sent);
        let Some(delta) = delta else { return full_header(message) };
        let same_length = last.len == len && last.kind == message.kind;
        let format = match same_length {
            true if last.delta == Some(delta) => Format::Continue,
            true => Format::SameLength,
            false => Format::SameStream,
        };
        HeaderBytes::first(format, message, delta)
    }
}

impl Default for ChunkEncoder {
    fn default() -> Self {
        Self::new()
    }
}

/// One message as contiguous wire bytes; carries no state, may be sent on any connection with this chunk size.
///
/// # Errors
/// [`MessageTooLong`] if the payload is longer than [`Message::MAX_LEN`].
pub fn encode_once(message: &Message, size: ChunkSize) -> Result<Bytes, MessageTooLong> {
    let chunks = Chunks::stateless(message, size)?;
    let mut image = Vec::with_capacity(chunks.len());
    chunks.copy_to(&mut image);
    Ok(Bytes::from(image))
}

/// Appends one message as contiguous wire bytes, as [`encode_once`] does, to a buffer that may hold others already.
///
/// Returns where in `out` the payload lies if it is in one piece, which it is when it fits one chunk: the buffer, made
/// [`Bytes`], can then serve as the payload too, and nothing is held twice.
///
/// ```
/// # use {bytes::Bytes, rtmp_chunk::*};
/// # let message = Message { kind: MessageType::AUDIO, stream_id: 1, timestamp: 0,
/// #     chunk_stream: ChunkStreamId::AUDIO, payload: Bytes::from_static(b"sound") };
/// let mut batch = Vec::new();
/// encode_into(&message, ChunkSize::DEFAULT, &mut batch)?;
/// let place = encode_into(&message, ChunkSize::DEFAULT, &mut batch)?.expect("five bytes fit one chunk");
/// let batch = Bytes::from(batch);
/// assert_eq!(batch.slice(place), message.payload);
/// # Ok::<(), MessageTooLong>(())
/// ```
///
/// # Errors
/// [`MessageTooLong`] if the payload is longer than [`Message::MAX_LEN`]; nothing is appended then.
pub fn encode_into(
    message: &Message,
    size: ChunkSize,
    out: &mut Vec<u8>,
) -> Result<Option<Range<usize>>, MessageTooLong> {
    let chunks = Chunks::stateless(message, size)?;
    out.reserve(chunks.len());
    let start = out.len() + chunks.first.as_slice().len();
    chunks.copy_to(out);
    let fits = chunks.longest_part() == message.payload.len();
    Ok(fits.then(|| start..start + message.payload.len()))
}

/// How many bytes [`encode_once`] returns and [`encode_into`] appends.
///
/// # Errors
/// [`MessageTooLong`] if the payload is longer than [`Message::MAX_LEN`].
pub fn encoded_len(message: &Message, size: ChunkSize) -> Result<usize, MessageTooLong> {
    Ok(Chunks::stateless(message, size)?.len())
}

/// A message and how it is to be cut. CHK-31: all parts but the last are exactly as long as the chunk size.
struct Chunks<'a> {
    message: &'a Message,
    first: HeaderBytes,
    size: ChunkSize,
    repeat_extended: bool,
}

impl<'a> Chunks<'a> {
    fn stateless(message: &'a Message, size: ChunkSize) -> Result<Self, MessageTooLong> {
        check_len(message)?;
        Ok(Self { message, first: full_header(message), size, repeat_extended: true })
    }

    /// Bytes on the wire.
    fn len(&self) -> usize {
        let (first, payload) = (self.first.as_slice().len(), self.message.payload.len());
        if payload == self.longest_part() {
            return first + payload;
        }
        let continuations = payload.div_ceil(self.size.get() as usize) - 1;
        first + payload + continuations * self.continuation().as_slice().len()
    }

    fn longest_part(&self) -> usize {
        self.message.payload.len().min(self.size.get() as usize)
    }

    fn continuation(&self) -> HeaderBytes {
        self.first.continuation(self.message.chunk_stream, self.repeat_extended)
    }

    /// In one piece.
    // Inlined by force, as far as small messages go: the header then never is in memory but in `out`.
    #[inline(always)]
    fn copy_to(&self, out: &mut Vec<u8>) {
        let (first_part, rest) = self.message.payload.split_at(self.longest_part());
        put::<12>(out, self.first.as_slice());
        put::<128>(out, first_part);
        if !rest.is_empty() {
            self.copy_rest(rest, out);
        }
    }

    /// All chunks but the first.
    fn copy_rest(&self, rest: &[u8], out: &mut Vec<u8>) {
        let continuation = self.continuation();
        for part in rest.chunks(self.size.get() as usize) {
            put::<1>(out, continuation.as_slice());
            put::<128>(out, part);
        }
    }

    /// The parts of the payload by reference.
    fn queue_to(&self, out: &mut SendQueue) {
        let payload = &self.message.payload;
        let mut start = self.longest_part();
        out.put_slice(self.first.as_slice());
        out.push(payload.slice(..start));
        if start == payload.len() {
            return;
        }
        let continuation = self.continuation();
        while start < payload.len() {
            let end = payload.len().min(start + self.size.get() as usize);
            out.put_slice(continuation.as_slice());
            out.push(payload.slice(start..end));
            start = end;
        }
    }
}

fn full_header(message: &Message) -> HeaderBytes {
    HeaderBytes::first(Format::Full, message, message.timestamp)
}

fn check_len(message: &Message) -> Result<(), MessageTooLong> {
    let len = message.payload.len();
    if len > Message::MAX_LEN { Err(MessageTooLong { len }) } else { Ok(()) }
}
