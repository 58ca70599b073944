//! `rtmp-chunk` in its two ways to send, and below it what cannot be left out.

use bytes::Buf;
use rtmp_benches::{floor::ideal_encode, workload::Workload};
use rtmp_chunk::{ChunkEncoder, ChunkSize, Message, SendQueue, encode_into};

use crate::candidate::{Candidate, Socket};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::<Memcpy>::default(), Box::<Ideal>::default(), Box::<Queue>::default(), Box::<Image>::default()]
}

/// Every payload copied once: nothing is encoded. (It is no chunk stream, so it is not checked.)
#[derive(Default)]
pub(crate) struct Memcpy {
    messages: Vec<Message>,
    out: Vec<u8>,
}

impl Candidate for Memcpy {
    fn name(&self) -> &'static str {
        "floor: the payloads alone"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.messages = workload.messages.clone();
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            self.out.extend_from_slice(&message.payload);
            socket.send(&self.out);
        }
    }
}

/// Headers and one copy, no checks.
#[derive(Default)]
pub(crate) struct Ideal {
    messages: Vec<Message>,
    size: ChunkSize,
    out: Vec<u8>,
}

impl Candidate for Ideal {
    fn name(&self) -> &'static str {
        "floor: ideal"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.messages = workload.messages.clone();
        self.size = workload.chunk_size;
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            ideal_encode(message, self.size, &mut self.out);
            socket.send(&self.out);
        }
    }
}

/// Headers gathered, payloads by reference, as a connection sends for itself.
#[derive(Default)]
pub(crate) struct Queue {
    messages: Vec<Message>,
    encoder: ChunkEncoder,
    queue: SendQueue,
}

impl Candidate for Queue {
    fn name(&self) -> &'static str {
        "rtmp-chunk, queued"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.messages = workload.messages.clone();
        self.encoder = ChunkEncoder::new();
        self.encoder.set_chunk_size(workload.chunk_size, &mut self.queue);
        self.queue.advance(self.queue.len());
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.encoder.encode(message, &mut self.queue).expect("within 24 bits");
            socket.send_queue(&mut self.queue);
        }
    }
}

/// One contiguous image a message, as it is shared by many readers.
#[derive(Default)]
pub(crate) struct Image {
    messages: Vec<Message>,
    size: ChunkSize,
    out: Vec<u8>,
}

impl Candidate for Image {
    fn name(&self) -> &'static str {
        "rtmp-chunk, contiguous"
    }

    fn prepare(&mut self, workload: &Workload) -> Result<(), String> {
        self.messages = workload.messages.clone();
        self.size = workload.chunk_size;
        Ok(())
    }

    fn encode(&mut self, socket: &mut Socket) {
        for message in &self.messages {
            self.out.clear();
            encode_into(message, self.size, &mut self.out).expect("within 24 bits");
            socket.send(&self.out);
        }
    }
}
