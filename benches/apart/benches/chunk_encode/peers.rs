//! rml_rtmp and the rtmp crate of xiu, driven where they encode chunks.

use bytes::BytesMut;
use rml_rtmp::chunk_io::ChunkSerializer;
use rml_rtmp::messages::MessagePayload;
use rml_rtmp::time::RtmpTimestamp;
use rtmp::chunk::ChunkInfo;
use rtmp::chunk::packetizer::ChunkPacketizer;
use rtmp_benches::workload::Workload;
use rtmp_benches_apart::memory::{Memory, at_once};

use crate::candidate::{Candidate, Socket};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::<Rml>::default(), Box::<Xiu>::default()]
}

#[derive(Default)]
struct Rml {
    messages: Vec<MessagePayload>,
    serializer: Option<ChunkSerializer>,
}

impl Candidate for Rml {
    fn name(&self) -> &'static str {
        "rml_rtmp"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        let mut serializer = ChunkSerializer::new();
        let size = workload.chunk_size.get();
        serializer.set_max_chunk_size(size, RtmpTimestamp::new(0)).map_err(|error| error.to_string())?;
        let message = |m: &rtmp_chunk::Message| MessagePayload {
            timestamp: RtmpTimestamp::new(m.timestamp),
            type_id: m.kind.0,
            message_stream_id: m.stream_id,
            data: m.payload.clone(),
        };
        self.messages = workload.messages.iter().map(message).collect();
        self.serializer = Some(serializer);
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        let serializer = self.serializer.as_mut().expect("it is prepared");
        for message in &self.messages {
            socket.send(&serializer.serialize(message, false, false).expect("it was right before").bytes);
        }
    }
}

/// Through a network that takes everything at once.
#[derive(Default)]
struct Xiu {
    messages: Vec<ChunkInfo>,
    packetizer: Option<(Memory, ChunkPacketizer)>,
}

impl Candidate for Xiu {
    fn name(&self) -> &'static str {
        "rtmp (xiu)"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        if workload.chunk_size.get() != 4096 {
            return Err("sends chunks of 4096 bytes only".to_owned());
        }
        let message = |m: &rtmp_chunk::Message| {
            let (kind, len) = (m.kind.0, m.payload.len() as u32);
            let payload = BytesMut::from(&m.payload[..]);
            ChunkInfo::new(m.chunk_stream.get(), 0, m.timestamp, len, kind, m.stream_id, payload)
        };
        self.messages = workload.messages.iter().map(message).collect();
        let memory = Memory::default();
        let packetizer = ChunkPacketizer::new(memory.network());
        self.packetizer = Some((memory, packetizer));
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        let (memory, packetizer) = self.packetizer.as_mut().expect("it is prepared");
        for message in &mut self.messages {
            at_once(packetizer.write_chunk(message)).expect("it was right before");
            socket.send(&memory.take().expect("one write for each message"));
        }
    }
}
