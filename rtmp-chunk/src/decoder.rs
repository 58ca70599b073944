//! Chunks in, messages out.

use core::{fmt, mem};

use bytes::{Buf, Bytes, BytesMut};

use crate::{
    ChunkError, ChunkLimits, ChunkSize, Message, MessageType,
    assembly::Assembly,
    control::{parse_abort, parse_chunk_size},
    copy::put,
    header::{self, Format, MessageHeader},
    run::{close_up, gather_run, is_run},
    slicing::Slicing,
    table::{ChunkStream, Table},
};

/// Takes messages out of the bytes of one direction of a connection, from the first byte behind the handshake on.
///
/// Reading may cut the bytes anywhere: the result is the same. See CHK-40.
///
/// A message of at most 32 KiB that lies whole in `src` is split off without a copy and keeps that read buffer alive: in one
/// chunk always, in several while the receiver lets go of messages before the next read; their payloads are moved
/// together where they lie. Any other is copied once, into a buffer of its own that grows with the bytes received.
pub struct ChunkDecoder {
    limits: ChunkLimits,
    leniency: Leniency,
    chunk_size: usize,
    table: Table,
    assembly: Assembly,
    /// The chunk being read, and the stream it belongs to.
    chunk: Chunk,
    slot: usize,
    /// Bytes gathered lately, less what the decision to copy small messages has used up.
    copy_credit: usize,
    slicing: Slicing,
    empty_run: usize,
    dropped: u64,
    wanted: usize,
    failed: Option<ChunkError>,
}

/// Where the next byte of input stands.
#[derive(Clone, Copy)]
enum Chunk {
    /// At a chunk border.
    Border,
    /// Behind the header of a message of this length, which lies in one chunk and is waited for whole.
    Whole(usize),
    /// Behind the header of a message of this length, all chunks of which are there, with nothing else in between.
    Run(usize),
    /// Inside a chunk that is appended as it comes, with this many bytes to go; never 0.
    Part(usize),
}

#[derive(Clone, Copy, Default)]
struct Leniency {
    drop_partial: bool,
    chunk_size_top_bit: bool,
    strict_extended_timestamp: bool,
}

impl ChunkDecoder {
    /// Longest payload that may be a slice of `src`. A message up to this length that lies in one chunk is waited for there,
    /// instead of being copied out as it comes. 32 KiB.
    pub const SLICED_MAX: usize = 32 << 10;

    /// A decoder at the first byte behind the handshake, with chunks of 128 bytes. See CHK-43.
    pub fn new(limits: ChunkLimits) -> Self {
        Self {
            assembly: Assembly::new(limits.max_partial_bytes),
            limits,
            leniency: Leniency::default(),
            chunk_size: ChunkSize::DEFAULT.get() as usize,
            table: Table::new(),
            chunk: Chunk::Border,
            slot: 0,
            copy_credit: 0,
            slicing: Slicing::default(),
            empty_run: 0,
            dropped: 0,
            wanted: READ_SIZE,
            failed: None,
        }
    }

    /// Discard an unfinished message when another begins on its chunk stream, as Thornburgh's library does, instead of
    /// ending the connection, as SRS does. Off by default. See CHK-33.
    #[must_use]
    pub fn drop_partial(mut self, on: bool) -> Self {
        self.leniency.drop_partial = on;
        self
    }

    /// Ignore the top bit of Set Chunk Size instead of ending the connection. Off by default. See CTL-7.
    #[must_use]
    pub fn ignore_chunk_size_top_bit(mut self, on: bool) -> Self {
        self.leniency.chunk_size_top_bit = on;
        self
    }

    /// Insist on the extended timestamp on continuation chunks, and skip it whatever it holds. Off by default: encoders
    /// from before 2012 leave it out, so four bytes that do not repeat the value are taken as payload. See CHK-21.
    #[must_use]
    pub fn strict_extended_timestamps(mut self, on: bool) -> Self {
        self.leniency.strict_extended_timestamp = on;
        self
    }

    /// Other limits from the next message on, such as more for a peer that has shown by now who it is. What is unfinished
    /// stays, and counts.
    pub fn set_limits(&mut self, limits: ChunkLimits) {
        self.assembly.set_max(limits.max_partial_bytes);
        self.limits = limits;
    }

    /// The next complete message, or `None` until more bytes are appended to `src`.
    ///
    /// Set Chunk Size and Abort take effect here, and are returned like any other message. Bytes that were used have
    /// left `src`.
    ///
    /// # Errors
    /// [`ChunkError`] if the peer broke the framing or a limit. The decoder is finished then, and returns the same
    /// error again.
    pub fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Message>, ChunkError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.next_message(src);
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }

    /// How many bytes to make room for before the next read, at the least: what is known to be missing, within 4 KiB
    /// and 64 KiB.
    pub fn bytes_wanted(&self) -> usize {
        self.wanted.clamp(READ_SIZE, READ_SIZE_MAX)
    }

    /// A message has begun and is not complete. At the end of input this, or bytes left in `src`, means that something
    /// was cut off.
    pub fn is_mid_message(&self) -> bool {
        self.table.iter().any(|stream| stream.begun)
    }

    /// Memory of all unfinished messages together, in bytes, as reserved: what [`ChunkLimits::max_partial_bytes`] bounds.
    pub fn partial_bytes(&self) -> usize {
        self.assembly.reserved()
    }

    /// Messages given up unfinished: by Abort, or by [`ChunkDecoder::drop_partial`].
    pub fn dropped_messages(&self) -> u64 {
        self.dropped
    }

    // The functions on the path of every message are inlined by force: handing half a message from one to the other
    // through memory takes longer than what they do.
    fn next_message(&mut self, src: &mut BytesMut) -> Result<Option<Message>, ChunkError> {
        let mut rest: &[u8] = src;
        loop {
            if let Chunk::Border = self.chunk {
                let Some(behind) = self.begin_chunk(rest)? else {
                    self.wanted = READ_SIZE;
                    break;
                };
                rest = behind;
            }
            let payload = match self.chunk {
                Chunk::Whole(len) if rest.len() >= len => {
                    let header = src.len() - rest.len();
                    self.take_whole(src, header, len)
                }
                Chunk::Whole(len) => {
                    self.wanted = len - rest.len();
                    break;
                }
                Chunk::Run(len) => {
                    let header = src.len() - rest.len();
                    self.take_run(src, header, len)
                }
                Chunk::Part(left) => {
                    rest = self.gather(left, rest)?;
                    let stream = self.table.at(self.slot);
                    let missing = stream.len as usize - stream.payload.len();
                    if missing > 0 && rest.is_empty() {
                        self.wanted = missing;
                        break;
                    }
                    if missing > 0 {
                        continue;
                    }
                    let used = src.len() - rest.len();
                    src.advance(used);
                    self.take_gathered()
                }
                Chunk::Border => unreachable!("begin_chunk leaves the border"),
            };
            return self.finish(payload);
        }
        let used = src.len() - rest.len();
        src.advance(used);
        self.slicing.read_is_used_up(src);
        Ok(None)
    }

    /// Reads the header of a chunk into its stream. Returns what follows it; `None` if not all of it is there.
    #[inline(always)]
    fn begin_chunk<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, ChunkError> {
        let Some((format, id, fields)) = header::parse_basic(bytes) else { return Ok(None) };
        if format == Format::Continue {
            return self.continue_stream(id, fields);
        }
        let Some((header, rest)) = MessageHeader::parse(format, fields) else { return Ok(None) };
        self.slot = match self.table.find(id) {
            Some(slot) => slot,
            // CHK-34: librtmp answers a ping with format 1 on a chunk stream that it never used before.
            None if format == Format::SameLength => return Err(no_length(format, id)),
            None => self.table.insert(id, self.limits.max_chunk_streams)?,
        };
        if self.table.at(self.slot).begun {
            self.interrupt()?;
        }
        self.table.at(self.slot).apply(header);
        self.begin_message(rest)?;
        Ok(Some(rest))
    }

    /// Format 3: the next part of a message, or a new one with everything as before. See CHK-11.
    #[inline(always)]
    fn continue_stream<'a>(&mut self, id: u32, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, ChunkError> {
        let slot = self.table.find(id).ok_or_else(|| no_length(Format::Continue, id))?;
        let stream = self.table.at(slot);
        let mut rest = bytes;
        if stream.extended {
            match stream.extended_timestamp(bytes, self.leniency.strict_extended_timestamp) {
                Extended::Incomplete => return Ok(None),
                Extended::Absent => {}
                Extended::Present(value) => {
                    rest = &bytes[4..];
                    stream.delta = value;
                }
            }
        }
        self.slot = slot;
        if stream.begun {
            let missing = stream.len as usize - stream.payload.len();
            self.chunk = Chunk::Part(missing.min(self.chunk_size));
        } else {
            // CHK-24, CHK-25.
            stream.timestamp = stream.timestamp.wrapping_add(stream.delta);
            self.begin_message(rest)?;
        }
        Ok(Some(rest))
    }

    /// CHK-33: a new header inside a message.
    #[cold]
    fn interrupt(&mut self) -> Result<(), ChunkError> {
        let stream = self.table.at(self.slot);
        if !self.leniency.drop_partial {
            return Err(ChunkError::Interrupted {
                chunk_stream: stream.id.get(),
                received: stream.payload.len(),
                len: stream.len as usize,
            });
        }
        self.drop_message(self.slot);
        Ok(())
    }

    fn drop_message(&mut self, slot: usize) {
        let stream = self.table.at(slot);
        stream.begun = false;
        self.assembly.close(&mem::take(&mut stream.payload));
        self.dropped += 1;
    }

    /// The header of a message has been read: how is its payload to be taken?
    #[inline(always)]
    fn begin_message(&mut self, bytes: &[u8]) -> Result<(), ChunkError> {
        let stream = self.table.at(self.slot);
        let len = stream.len as usize;
        if len > self.limits.max_message_len {
            return Err(ChunkError::MessageTooLong {
                chunk_stream: stream.id.get(),
                len,
                max: self.limits.max_message_len,
            });
        }
        stream.begun = true;
        if len <= self.chunk_size && len <= Self::SLICED_MAX {
            self.chunk = Chunk::Whole(len);
        } else {
            self.begin_parts(bytes, len);
        }
        Ok(())
    }

    /// A message of several chunks, or of one that is too long to be waited for.
    fn begin_parts(&mut self, bytes: &[u8], len: usize) {
        let stream = self.table.at(self.slot);
        let in_place = len <= Self::SLICED_MAX
            && self.slicing.pays()
            && stream.short_continuation().is_some_and(|header| is_run(bytes, header, self.chunk_size, len));
        self.chunk = if in_place {
            Chunk::Run(len)
        } else {
            stream.payload = self.assembly.open(len);
            Chunk::Part(len.min(self.chunk_size))
        };
    }

    /// Appends what is there of the current chunk, and the run of continuation chunks that most often follows it.
    /// Returns the rest.
    fn gather<'a>(&mut self, left: usize, bytes: &'a [u8]) -> Result<&'a [u8], ChunkError> {
        let stream = self.table.at(self.slot);
        let len = stream.len as usize;
        let (part, rest) = bytes.split_at(left.min(bytes.len()));
        self.assembly.make_room(&mut stream.payload, part.len(), len)?;
        put::<128>(&mut stream.payload, part);
        if part.len() < left {
            self.chunk = Chunk::Part(left - part.len());
            return Ok(rest);
        }
        self.chunk = Chunk::Border;
        let Some(header) = stream.short_continuation() else { return Ok(rest) };
        Ok(gather_run(&mut stream.payload, rest, header, self.chunk_size, len))
    }

    /// The message that lies behind `header` bytes in front of `src`.
    #[inline(always)]
    fn take_whole(&mut self, src: &mut BytesMut, header: usize, len: usize) -> Bytes {
        // A slice keeps a whole read buffer alive. Where nearly everything around is copied anyway, copy this too.
        let copy = len * PINNED_SHARE <= self.copy_credit;
        if copy {
            self.copy_credit -= len * PINNED_SHARE;
            src.advance(header);
            let payload = Bytes::copy_from_slice(&src[..len]);
            src.advance(len);
            return payload;
        }
        let mut payload = src.split_to(header + len).freeze();
        payload.advance(header);
        payload
    }

    /// The message whose chunks lie behind `header` bytes in front of `src`: they are moved together where they are.
    fn take_run(&mut self, src: &mut BytesMut, header: usize, len: usize) -> Bytes {
        src.advance(header);
        let borders = (len - 1) / self.chunk_size;
        close_up(&mut src[..len + borders], self.chunk_size);
        let payload = src.split_to(len).freeze();
        src.advance(borders);
        self.slicing.sliced();
        payload
    }

    fn take_gathered(&mut self) -> Bytes {
        let payload = mem::take(&mut self.table.at(self.slot).payload);
        self.assembly.close(&payload);
        self.copy_credit = (self.copy_credit + payload.len()).min(COPY_CREDIT_MAX);
        Bytes::from(payload)
    }

    /// A message is complete: protocol control acts now, also between two parts of another message. See CHK-45.
    #[inline(always)]
    fn finish(&mut self, payload: Bytes) -> Result<Option<Message>, ChunkError> {
        self.chunk = Chunk::Border;
        let stream = self.table.at(self.slot);
        stream.begun = false;
        let message = Message {
            kind: stream.kind,
            stream_id: stream.stream_id,
            timestamp: stream.timestamp,
            chunk_stream: stream.id,
            payload,
        };
        if message.payload.is_empty() {
            self.count_empty()?;
        } else {
            self.empty_run = 0;
        }
        match message.kind {
            MessageType::SET_CHUNK_SIZE => {
                let size = parse_chunk_size(&message.payload, self.leniency.chunk_size_top_bit);
                self.chunk_size = size.map_err(ChunkError::ChunkSize)?.get() as usize;
            }
            MessageType::ABORT => self.abort(&message.payload),
            _ => {}
        }
        Ok(Some(message))
    }

    #[cold]
    fn count_empty(&mut self) -> Result<(), ChunkError> {
        self.empty_run += 1;
        let max = self.limits.max_empty_run;
        if self.empty_run > max { Err(ChunkError::TooManyEmptyMessages { max }) } else { Ok(()) }
    }

    /// CHK-46, CTL-9, CTL-10: only the unfinished payload goes, if there is one.
    fn abort(&mut self, body: &[u8]) {
        let Some(slot) = parse_abort(body).and_then(|id| self.table.find(id)) else { return };
        if self.table.at(slot).begun {
            self.drop_message(slot);
        }
    }
}

impl Default for ChunkDecoder {
    /// A decoder with the default limits.
    fn default() -> Self {
        Self::new(ChunkLimits::default())
    }
}

impl fmt::Debug for ChunkDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkDecoder")
            .field("limits", &self.limits)
            .field("chunk_size", &self.chunk_size)
            .field("is_mid_message", &self.is_mid_message())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl ChunkStream {
    /// Takes over what a header of format 0, 1 or 2 says.
    #[inline(always)]
    fn apply(&mut self, header: MessageHeader<'_>) {
        let time = header.time();
        self.delta = time;
        self.extended = header.is_extended();
        if let Some((len, kind)) = header.len_and_kind() {
            self.len = len;
            self.kind = kind;
        }
        if let Some(stream_id) = header.stream_id() {
            self.stream_id = stream_id;
            self.timestamp = time;
        } else {
            // CHK-23: unsigned, modulo 2^32; librtmp steps back by -31 this way.
            self.timestamp = self.timestamp.wrapping_add(time);
        }
    }

    /// The header of a format 3 chunk on this stream where it is a single byte.
    #[inline(always)]
    fn short_continuation(&self) -> Option<u8> {
        (!self.extended && self.id.get() < 64).then(|| 0xc0 | self.id.get() as u8)
    }

    /// The extended timestamp of a format 3 chunk on this stream.
    fn extended_timestamp(&self, bytes: &[u8], strict: bool) -> Extended {
        let field = &bytes[..bytes.len().min(4)];
        // CHK-21: a continuation has to repeat the value. Compared as far as it has come, so that a short last chunk
        // without the field is not waited for. At the start of a message any value is right (CHK-20).
        if self.begun && !strict && !self.delta.to_be_bytes().starts_with(field) {
            return Extended::Absent;
        }
        match field.first_chunk() {
            None => Extended::Incomplete,
            // CHK-19: read and discarded on a continuation.
            Some(_) if self.begun => Extended::Present(self.delta),
            Some(&field) => Extended::Present(u32::from_be_bytes(field)),
        }
    }
}

enum Extended {
    Incomplete,
    Absent,
    Present(u32),
}

#[cold]
fn no_length(format: Format, id: u32) -> ChunkError {
    ChunkError::NoLength { chunk_stream: id, format: format as u8 }
}

/// How much of a read buffer a message has to be worth keeping it: one part in this many of what is copied.
const PINNED_SHARE: usize = 8;
/// Copied bytes that are remembered, one read's worth.
const COPY_CREDIT_MAX: usize = 64 << 10;
/// Room for commands and small audio messages.
const READ_SIZE: usize = 4 << 10;
/// One large read.
const READ_SIZE_MAX: usize = 64 << 10;
