//! rml_rtmp and the rtmp crate of xiu, driven where they decode chunks.

use rml_rtmp::chunk_io::ChunkDeserializer;
use rtmp::chunk::unpacketizer::{ChunkUnpacketizer, UnpackResult};
use rtmp_benches::workload::Workload;

use crate::candidate::{Candidate, Feed, ReadBuffer, Sink};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::<Rml>::default(), Box::<Xiu>::default()]
}

const SET_CHUNK_SIZE: u8 = 1;

fn chunk_size(payload: &[u8]) -> Result<usize, String> {
    let size = payload.first_chunk().copied().map(u32::from_be_bytes);
    size.map(|size| size as usize).ok_or_else(|| "short set chunk size".to_owned())
}

#[derive(Default)]
struct Rml {
    buffer: ReadBuffer,
}

impl Candidate for Rml {
    fn name(&self) -> &'static str {
        "rml_rtmp"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = ChunkDeserializer::new();
        for read in workload.reads(feed.read) {
            // All bytes go in with the first call, and the rest of the messages come out of calls without any.
            let mut input = self.buffer.read(read);
            while let Some(message) = decoder.get_next_message(input).map_err(|error| error.to_string())? {
                input = &[];
                if message.type_id == SET_CHUNK_SIZE {
                    decoder.set_max_chunk_size(chunk_size(&message.data)?).map_err(|error| error.to_string())?;
                } else {
                    sink.take(message.type_id, message.timestamp.value, message.data);
                }
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Xiu {
    buffer: ReadBuffer,
}

impl Candidate for Xiu {
    fn name(&self) -> &'static str {
        "rtmp (xiu)"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = ChunkUnpacketizer::new();
        for read in workload.reads(feed.read) {
            decoder.extend_data(self.buffer.read(read));
            // An error is how it says that it needs more, so nothing else can be told from it.
            while let Ok(UnpackResult::Chunks(messages)) = decoder.read_chunks() {
                for message in messages {
                    let header = &message.message_header;
                    if header.msg_type_id == SET_CHUNK_SIZE {
                        decoder.update_max_chunk_size(chunk_size(&message.payload)?);
                    } else {
                        sink.take(header.msg_type_id, header.timestamp, message.payload);
                    }
                }
            }
        }
        Ok(())
    }
}
