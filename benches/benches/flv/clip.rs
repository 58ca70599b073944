//! What is read and written: ten seconds of 6 Mbit/s video with audio.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use rtmp_benches::workload::{Digest, Workload};
use rtmp_chunk::MessageType;

/// Tags, and the file that holds them.
pub(crate) struct Clip {
    pub(crate) tags: Vec<(u8, u32, Bytes)>,
    pub(crate) file: Vec<u8>,
    expected: Digest,
}

impl Clip {
    pub(crate) fn new() -> Self {
        let workloads = Workload::all();
        let messages = &workloads.first().expect("there are five").messages;
        let tags: Vec<_> = messages.iter().map(|m| (m.kind.0, m.timestamp, m.payload.clone())).collect();
        let mut file = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
        let mut expected = Digest::default();
        for (kind, time, data) in &tags {
            put_tag(*kind, *time, data, &mut file);
            expected.add(*kind, *time, data);
        }
        Self { tags, file, expected }
    }
}

/// One tag, written by hand.
#[inline]
pub(crate) fn put_tag(kind: u8, time: u32, data: &[u8], out: &mut Vec<u8>) {
    let [_, l0, l1, l2] = (data.len() as u32).to_be_bytes();
    let [t0, t1, t2, t3] = time.to_be_bytes();
    out.extend_from_slice(&[kind, l0, l1, l2, t1, t2, t3, t0, 0, 0, 0]);
    out.extend_from_slice(data);
    out.extend_from_slice(&(data.len() as u32 + 11).to_be_bytes());
}

/// Type, time and body of the tag at the front, read by hand, and how long it is.
#[inline]
pub(crate) fn read_tag(bytes: &[u8]) -> Option<(u8, u32, &[u8], usize)> {
    let head = bytes.get(..11)?;
    let len = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
    let time = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
    Some((head[0], time, &bytes[11..11 + len], 15 + len))
}

/// What a reader shows.
#[derive(Default)]
pub(crate) struct Seen {
    digest: Option<Digest>,
}

impl Seen {
    pub(crate) fn checking() -> Self {
        Self { digest: Some(Digest::default()) }
    }

    #[inline]
    pub(crate) fn tag(&mut self, kind: u8, time: u32, data: &[u8]) {
        black_box((kind, time, data.as_ptr(), data.len()));
        if let Some(digest) = &mut self.digest {
            digest.add(kind, time, data);
        }
    }

    pub(crate) fn check(&self, clip: &Clip) -> Result<(), String> {
        if self.digest == Some(clip.expected) { Ok(()) } else { Err("shows other tags".into()) }
    }
}

/// Where a writer sends its bytes.
#[derive(Default)]
pub(crate) struct Socket {
    kept: Option<Vec<u8>>,
}

impl Socket {
    pub(crate) fn checking() -> Self {
        Self { kept: Some(Vec::new()) }
    }

    #[inline]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        black_box((bytes.as_ptr(), bytes.len()));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
    }

    pub(crate) fn check(&self, clip: &Clip) -> Result<(), String> {
        let mut rest = self.kept.as_deref().unwrap_or_default();
        let mut sent = Digest::default();
        while let Some((kind, time, data, len)) = read_tag(rest) {
            sent.add(kind, time, data);
            rest = &rest[len..];
        }
        if sent == clip.expected && rest.is_empty() { Ok(()) } else { Err("sends other tags".into()) }
    }
}

/// The type byte of an audio tag.
pub(crate) const AUDIO: u8 = MessageType::AUDIO.0;

/// A file in the buffer that is decoded from.
pub(crate) fn own(file: &[u8]) -> BytesMut {
    BytesMut::from(file)
}
