//! A publisher as its bytes, so that it is the same for every server.

use rtmp_amf::{Object, Value, amf0};
use rtmp_benches::{receiver::Sink, workload::Workload};
use rtmp_chunk::{ChunkSize, ChunkStreamId, Message, MessageType, encode_into};

use crate::candidate::Candidate;

/// Handshake, commands, and ten seconds of media (W1).
pub(crate) struct Publisher {
    pub(crate) media: Workload,
    commands: [Vec<u8>; 3],
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let url = "rtmp://localhost/live";
        let about = Object::new().with("app", "live").with("flashVer", "FMLE/3.0").with("tcUrl", url);
        let connect = ["connect".into(), 1.into(), about.into()];
        let create_stream = ["createStream".into(), 2.into(), Value::Null];
        let publish = ["publish".into(), 3.into(), Value::Null, "cam".into(), "live".into()];
        let commands = [command(0, &connect), command(0, &create_stream), command(1, &publish)];
        Self { media: Workload::all().swap_remove(0), commands }
    }

    /// One connection, from the first byte to the last. Waits for each answer as a client does, and reads of it only what
    /// C2 must echo.
    pub(crate) fn serve(&self, server: &mut dyn Candidate, sink: &mut Sink) -> Result<(), String> {
        let mut answer = Vec::with_capacity(4096);
        server.accept();
        server.recv(HELLO, &mut answer, sink)?;
        let c2 = answer.get(1..1537).ok_or("no S0 and S1")?.to_vec();
        server.recv(&c2, &mut answer, sink)?;
        for command in &self.commands {
            answer.clear();
            server.recv(command, &mut answer, sink)?;
            if answer.is_empty() {
                return Err("a command without an answer".to_owned());
            }
        }
        for read in self.media.reads(READ) {
            answer.clear();
            server.recv(read, &mut answer, sink)?;
        }
        Ok(())
    }
}

fn command(stream_id: u32, values: &[Value]) -> Vec<u8> {
    let (mut payload, mut wire) = (Vec::new(), Vec::new());
    amf0::encode_all(values, &mut payload).expect("no name is long");
    let (kind, chunk_stream) = (MessageType::COMMAND_AMF0, ChunkStreamId::COMMAND);
    let message = Message { kind, stream_id, timestamp: 0, chunk_stream, payload: payload.into() };
    encode_into(&message, ChunkSize::DEFAULT, &mut wire).expect("within 24 bits");
    wire
}

/// C0 and C1 of librtmp, in the plain form, which all servers speak.
const HELLO: &[u8] =
    include_bytes!("../../../rtmp-handshake/tests/data/librtmp-publish-h264b-aac.c2s.bin").split_at(1537).0;

/// Bytes per read of the publisher's socket.
pub(crate) const READ: usize = 65_536;
