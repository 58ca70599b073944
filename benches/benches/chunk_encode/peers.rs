//! Other crates, driven where they encode chunks, into a buffer that is used again where they allow it.

use bytes::{Bytes, BytesMut};
use rtmp_benches::workload::Workload;

use crate::candidate::{Candidate, Socket};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![
        Box::<Scuffle>::default(),
        Box::<RtmpRs>::default(),
        Box::<Runtime>::default(),
        Box::<Librtmp2>::default(),
        Box::<Shiguredo>::default(),
    ]
}

#[derive(Default)]
struct Scuffle {
    messages: Vec<scuffle_rtmp::chunk::Chunk>,
    writer: scuffle_rtmp::chunk::writer::ChunkWriter,
    out: Vec<u8>,
}

impl Candidate for Scuffle {
    fn name(&self) -> &'static str {
        "scuffle-rtmp"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        use scuffle_rtmp::{chunk::Chunk, messages::MessageType};
        self.writer.set_chunk_size(workload.chunk_size.get() as usize);
        let chunk = |m: &rtmp_chunk::Message| {
            let kind = MessageType(m.kind.0);
            Chunk::new(m.chunk_stream.get(), m.timestamp, kind, m.stream_id, m.payload.clone())
        };
        self.messages = workload.messages.iter().map(chunk).collect();
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            self.writer.write_chunk(&mut self.out, message.clone()).expect("it was right before");
            socket.send(&self.out);
        }
    }
}

#[derive(Default)]
struct RtmpRs {
    messages: Vec<rtmp_rs::protocol::chunk::RtmpChunk>,
    encoder: rtmp_rs::protocol::chunk::ChunkEncoder,
    out: BytesMut,
}

impl Candidate for RtmpRs {
    fn name(&self) -> &'static str {
        "rtmp-rs"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.encoder = rtmp_rs::protocol::chunk::ChunkEncoder::new();
        self.encoder.set_chunk_size(workload.chunk_size.get());
        let chunk = |m: &rtmp_chunk::Message| rtmp_rs::protocol::chunk::RtmpChunk {
            csid: m.chunk_stream.get(),
            timestamp: m.timestamp,
            message_type: m.kind.0,
            stream_id: m.stream_id,
            payload: m.payload.clone(),
        };
        self.messages = workload.messages.iter().map(chunk).collect();
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            self.encoder.encode(message, &mut self.out);
            socket.send(&self.out);
        }
    }
}

#[derive(Default)]
struct Runtime {
    messages: Vec<rtmp_runtime::chunk::Message>,
    writer: rtmp_runtime::chunk::ChunkWriter,
}

impl Candidate for Runtime {
    fn name(&self) -> &'static str {
        "rtmp-runtime"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.writer = rtmp_runtime::chunk::ChunkWriter::new();
        self.writer.set_chunk_size(workload.chunk_size.get());
        let message = |m: &rtmp_chunk::Message| rtmp_runtime::chunk::Message {
            chunk_stream_id: m.chunk_stream.get(),
            timestamp: m.timestamp,
            message_type_id: m.kind.0,
            message_stream_id: m.stream_id,
            payload: m.payload.to_vec(),
        };
        self.messages = workload.messages.iter().map(message).collect();
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            socket.send(&self.writer.write(message).expect("it was right before"));
        }
    }
}

#[derive(Default)]
struct Librtmp2 {
    messages: Vec<(librtmp2::chunk::ChunkMessage, Bytes)>,
    chunk_size: usize,
    out: Option<librtmp2::buffer::Buffer>,
}

impl Candidate for Librtmp2 {
    fn name(&self) -> &'static str {
        "librtmp2"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.chunk_size = workload.chunk_size.get() as usize;
        let message = |m: &rtmp_chunk::Message| {
            let header = librtmp2::chunk::ChunkMessage {
                csid: m.chunk_stream.get(),
                fmt: 0,
                timestamp: m.timestamp,
                msg_length: m.payload.len() as u32,
                msg_type_id: m.kind.0,
                msg_stream_id: m.stream_id,
                is_complete: true,
            };
            (header, m.payload.clone())
        };
        self.messages = workload.messages.iter().map(message).collect();
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        let out = self.out.get_or_insert_with(librtmp2::buffer::Buffer::new);
        for (header, payload) in &self.messages {
            librtmp2::chunk::chunk_write(out, header, payload, payload.len(), self.chunk_size)
                .expect("it was right before");
            socket.send(out.peek());
            out.drain(out.available());
        }
    }
}

/// Through the module it hides from its documentation.
#[derive(Default)]
struct Shiguredo {
    messages: Vec<shiguredo_rtmp::tests::RtmpChunk>,
    encoder: shiguredo_rtmp::tests::RtmpChunkEncoder,
    out: Vec<u8>,
}

impl Candidate for Shiguredo {
    fn name(&self) -> &'static str {
        "shiguredo_rtmp"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        use shiguredo_rtmp::tests::{
            RtmpChunk, RtmpChunkEncoder, RtmpChunkSize, RtmpChunkStreamId, RtmpMessageStreamId, RtmpMessageType,
        };
        self.encoder = RtmpChunkEncoder::default();
        self.encoder
            .set_chunk_size(RtmpChunkSize::new(workload.chunk_size.get() as usize).ok_or("refuses the chunk size")?);
        let chunk = |m: &rtmp_chunk::Message| {
            Some(RtmpChunk {
                chunk_stream_id: RtmpChunkStreamId::new(m.chunk_stream.get())?,
                message_stream_id: RtmpMessageStreamId::new(m.stream_id),
                message_type: RtmpMessageType::from_type_id(m.kind.0).ok()?,
                timestamp: shiguredo_rtmp::RtmpTimestamp::from_millis(m.timestamp),
                payload: m.payload.to_vec(),
            })
        };
        self.messages = workload.messages.iter().map(chunk).collect::<Option<_>>().ok_or("refuses a message")?;
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            self.encoder.encode(&mut self.out, message);
            socket.send(&self.out);
        }
    }
}
