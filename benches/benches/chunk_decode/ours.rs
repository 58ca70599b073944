//! `rtmp-chunk`, and below it what cannot be left out.

use std::hint::black_box;

use bytes::BytesMut;
use rtmp_benches::{floor::IdealDecoder, workload::Workload};
use rtmp_chunk::{ChunkDecoder, MessageType};

use crate::candidate::{Candidate, Feed, ReadBuffer, Sink};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::<Memcpy>::default(), Box::new(Ideal), Box::new(ZeroCopy), Box::new(Ours)]
}

/// The reads alone: nothing is decoded.
#[derive(Default)]
pub(crate) struct Memcpy(ReadBuffer);

impl Candidate for Memcpy {
    fn name(&self) -> &'static str {
        "floor: the reads alone"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, _: &mut Sink) -> Result<(), String> {
        for read in workload.reads(feed.read) {
            black_box(self.0.read(read));
        }
        Ok(())
    }
}

/// No checks, one copy.
pub(crate) struct Ideal;

impl Candidate for Ideal {
    fn name(&self) -> &'static str {
        "floor: ideal"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = IdealDecoder::default();
        let mut buffer = Vec::new();
        for read in workload.reads(feed.read) {
            buffer.extend_from_slice(read);
            let used = decoder.feed(&buffer, |kind, time, payload| sink.take(kind, time, payload));
            buffer.drain(..used);
        }
        Ok(())
    }
}

/// No checks, one copy, and none of a message that lies in one chunk.
pub(crate) struct ZeroCopy;

impl Candidate for ZeroCopy {
    fn name(&self) -> &'static str {
        "floor: zero-copy"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = IdealDecoder::default();
        let mut input = BytesMut::new();
        for read in workload.reads(feed.read) {
            input.extend_from_slice(read);
            decoder.split(&mut input, |kind, time, payload| sink.take(kind, time, payload));
        }
        Ok(())
    }
}

pub(crate) struct Ours;

impl Candidate for Ours {
    fn name(&self) -> &'static str {
        "rtmp-chunk"
    }

    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String> {
        let mut decoder = ChunkDecoder::default();
        let mut input = BytesMut::new();
        for read in workload.reads(feed.read) {
            input.extend_from_slice(read);
            while let Some(message) = decoder.decode(&mut input).map_err(|error| error.to_string())? {
                if message.kind != MessageType::SET_CHUNK_SIZE {
                    sink.take(message.kind.0, message.timestamp, message.payload);
                }
            }
        }
        Ok(())
    }
}
