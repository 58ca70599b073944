//! Other crates, driven where they decode chunks. rml_rtmp and rtmp (xiu) cannot be resolved beside rustls here: see `apart/`.

use bytes::BytesMut;
use rtmp_benches::workload::Workload;

use crate::candidate::{Candidate, Feed, ReadBuffer, Sink};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![
        Box::new(Scuffle),
        Box::new(RtmpRs),
        Box::new(Runtime::default()),
        Box::new(Librtmp2::default()),
        Box::new(Shiguredo),
    ]
}

const SET_CHUNK_SIZE: u8 = 1;

fn chunk_size(payload: &[u8]) -> Result<u32, String> {
    payload.first_chunk().copied().map(u32::from_be_bytes).ok_or_else(|| "short set chunk size".to_owned())
}

struct Scuffle;

impl Candidate for Scuffle {
    fn name(&self) -> &'static str {
        "scuffle-rtmp"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut reader = scuffle_rtmp::chunk::reader::ChunkReader::default();
        let mut input = BytesMut::new();
        for read in workload.reads(feed.read) {
            input.extend_from_slice(read);
            while let Some(chunk) = reader.read_chunk(&mut input).map_err(|error| error.to_string())? {
                let header = &chunk.message_header;
                if header.msg_type_id.0 != SET_CHUNK_SIZE {
                    sink.take(header.msg_type_id.0, header.timestamp, chunk.payload);
                } else if !reader.update_max_chunk_size(chunk_size(&chunk.payload)? as usize) {
                    return Err("refuses the chunk size".to_owned());
                }
            }
        }
        Ok(())
    }
}

struct RtmpRs;

impl Candidate for RtmpRs {
    fn name(&self) -> &'static str {
        "rtmp-rs"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = rtmp_rs::protocol::chunk::ChunkDecoder::new();
        let mut input = BytesMut::new();
        for read in workload.reads(feed.read) {
            input.extend_from_slice(read);
            loop {
                let before = input.len();
                match decoder.decode(&mut input).map_err(|error| error.to_string())? {
                    Some(chunk) if chunk.message_type == SET_CHUNK_SIZE => {
                        decoder.set_chunk_size(chunk_size(&chunk.payload)?);
                    }
                    Some(chunk) => sink.take(chunk.message_type, chunk.timestamp, chunk.payload),
                    // `None` may also mean that one chunk of a longer message was taken.
                    None if input.len() == before => break,
                    None => {}
                }
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Runtime(ReadBuffer);

impl Candidate for Runtime {
    fn name(&self) -> &'static str {
        "rtmp-runtime"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut assembler = rtmp_runtime::chunk::ChunkAssembler::new();
        // All that is pushed at once is read under one chunk size, so the announcement is pushed alone.
        let mut alone = workload.announcement_len;
        for read in workload.reads(feed.read) {
            let (head, rest) = self.0.read(read).split_at(std::mem::take(&mut alone));
            for part in [head, rest] {
                for message in assembler.push(part).map_err(|error| error.to_string())? {
                    if message.message_type_id == SET_CHUNK_SIZE {
                        assembler.set_chunk_size(chunk_size(&message.payload)?);
                    } else {
                        sink.take(message.message_type_id, message.timestamp, message.payload);
                    }
                }
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Librtmp2(ReadBuffer);

impl Candidate for Librtmp2 {
    fn name(&self) -> &'static str {
        "librtmp2"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        use librtmp2::chunk::{ChunkMessage, ChunkRegistry, chunk_read_owned};
        let (mut buffer, mut registry) = (librtmp2::buffer::Buffer::new(), ChunkRegistry::new());
        for read in workload.reads(feed.read) {
            buffer.write(self.0.read(read)).map_err(|error| format!("{error:?}"))?;
            loop {
                let before = buffer.available();
                let mut message = ChunkMessage::default();
                let read = chunk_read_owned(&mut buffer, &mut registry, &mut message);
                match read.map_err(|error| format!("{error:?}"))? {
                    (0, _) if buffer.available() >= before => break,
                    (0, _) => {}
                    (_, payload) if message.msg_type_id == SET_CHUNK_SIZE => {
                        registry.set_all_chunk_size(chunk_size(&payload)?);
                    }
                    (_, payload) => sink.take(message.msg_type_id, message.timestamp, payload),
                }
            }
        }
        Ok(())
    }
}

/// Through the module it hides from its documentation.
struct Shiguredo;

impl Candidate for Shiguredo {
    fn name(&self) -> &'static str {
        "shiguredo_rtmp"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        use shiguredo_rtmp::tests::{RtmpChunkDecoder, RtmpChunkSize, RtmpMessageType};
        let mut decoder = RtmpChunkDecoder::default();
        let mut buffer = Vec::new();
        for read in workload.reads(feed.read) {
            buffer.extend_from_slice(read);
            let mut at = 0;
            while at < buffer.len() {
                let (count, chunk) = match decoder.decode(&buffer[at..]) {
                    Ok(decoded) => decoded,
                    Err(error) if error.kind == shiguredo_rtmp::ErrorKind::InsufficientBuffer => break,
                    Err(error) => return Err(error.to_string()),
                };
                at += count;
                let Some(chunk) = chunk else { continue };
                if chunk.message_type == RtmpMessageType::SetChunkSize {
                    let size = RtmpChunkSize::new(chunk_size(&chunk.payload)? as usize);
                    decoder.set_chunk_size(size.ok_or("refuses the chunk size")?);
                } else {
                    sink.take(chunk.message_type as u8, chunk.timestamp.as_millis(), chunk.payload);
                }
            }
            buffer.drain(..at);
        }
        Ok(())
    }
}
