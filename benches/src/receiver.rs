//! Where decoded messages go, and where bytes to be decoded come from.

use std::collections::VecDeque;
use std::hint::black_box;

use bytes::{Bytes, BytesMut};

use crate::workload::Digest;

/// A payload that was given away.
pub enum Payload {
    /// As rtmp-chunk hands it out.
    Bytes(Bytes),
    /// A buffer that can still be written.
    BytesMut(BytesMut),
    /// A buffer of the receiver's own.
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
pub struct Sink {
    keep: usize,
    kept: VecDeque<Payload>,
    digest: Option<Digest>,
}

impl Sink {
    /// Keeps the last `keep` messages.
    pub fn new(keep: usize) -> Self {
        Self { keep, kept: VecDeque::with_capacity(keep + 1), digest: None }
    }

    /// Hashes what it takes.
    pub fn checking() -> Self {
        Self { digest: Some(Digest::default()), ..Self::new(0) }
    }

    /// Whether it hashes: a receiver that hands out less than the payload then has to put the rest back.
    pub fn is_checking(&self) -> bool {
        self.digest.is_some()
    }

    /// Of all that was taken, if it hashes.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Takes one message.
    #[inline]
    pub fn take(&mut self, kind: u8, timestamp: u32, payload: impl Into<Payload>) {
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
pub struct ReadBuffer(Vec<u8>);

impl ReadBuffer {
    /// The copy that the kernel would make.
    pub fn read(&mut self, bytes: &[u8]) -> &[u8] {
        self.0.clear();
        self.0.extend_from_slice(bytes);
        &self.0
    }
}
