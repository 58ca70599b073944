//! What is measured, and where its messages go.

use std::collections::VecDeque;
use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use rtmp_benches::workload::{Digest, Workload};

/// How the wire arrives, and how long its messages are kept.
#[derive(Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) name: &'static str,
    /// Bytes per read of the socket.
    pub(crate) read: usize,
    /// Messages that the receiver keeps: as a relay does for its slowest reader.
    pub(crate) keep: usize,
}

pub(crate) const FEEDS: [Feed; 3] = [
    Feed { name: "64 KiB reads", read: 65_536, keep: 0 },
    Feed { name: "1400-byte reads", read: 1400, keep: 0 },
    Feed { name: "64 KiB reads, 256 kept", read: 65_536, keep: 256 },
];

/// A chunk stream decoder. Each call is a new connection.
///
/// A read is a copy into the buffer that the decoder wants the socket to write to, or, where it takes a slice, into a buffer
/// of the caller's: everyone pays for the copy that the kernel would make, and those who copy again pay twice.
pub(crate) trait Candidate {
    fn name(&self) -> &'static str;

    /// Hands every message but protocol control to `sink`.
    fn decode(&mut self, workload: &Workload, feed: Feed, sink: &mut Sink) -> Result<(), String>;
}

/// A payload that was given away.
pub(crate) enum Payload {
    Bytes(Bytes),
    BytesMut(BytesMut),
    Vec(Vec<u8>),
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::BytesMut(bytes) => bytes,
            Self::Vec(bytes) => bytes,
        }
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<BytesMut> for Payload {
    fn from(bytes: BytesMut) -> Self {
        Self::BytesMut(bytes)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Vec(bytes)
    }
}

/// Where messages go: counted, kept for a while, and hashed when it is to be known whether they are right.
pub(crate) struct Sink {
    keep: usize,
    kept: VecDeque<Payload>,
    digest: Option<Digest>,
}

impl Sink {
    pub(crate) fn new(keep: usize) -> Self {
        Self { keep, kept: VecDeque::with_capacity(keep + 1), digest: None }
    }

    pub(crate) fn checking() -> Self {
        Self { digest: Some(Digest::default()), ..Self::new(0) }
    }

    pub(crate) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    #[inline]
    pub(crate) fn take(&mut self, kind: u8, timestamp: u32, payload: impl Into<Payload>) {
        let payload = payload.into();
        black_box((kind, timestamp, payload.as_ref().as_ptr()));
        if let Some(digest) = &mut self.digest {
            digest.add(kind, timestamp, payload.as_ref());
        }
        if self.keep > 0 {
            if self.kept.len() == self.keep {
                self.kept.pop_front();
            }
            self.kept.push_back(payload);
        }
    }
}

/// The caller's read buffer, for decoders that take slices.
#[derive(Default)]
pub(crate) struct ReadBuffer(Vec<u8>);

impl ReadBuffer {
    pub(crate) fn read(&mut self, bytes: &[u8]) -> &[u8] {
        self.0.clear();
        self.0.extend_from_slice(bytes);
        &self.0
    }
}
