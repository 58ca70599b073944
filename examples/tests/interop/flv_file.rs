//! Reads and writes the tags of an FLV file. It shares no code with the crates under test, so that a fault of theirs cannot hide.

use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
    Script,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) kind: Kind,
    pub(crate) timestamp: u32,
    pub(crate) data: Vec<u8>,
}

impl Tag {
    /// True for the AVC or AAC configuration of `kind`.
    pub(crate) fn is_sequence_header(&self, kind: Kind) -> bool {
        self.kind == kind && self.data.get(1) == Some(&0)
    }
}

/// All whole tags of the file; what is cut off at the end is left out.
pub(crate) fn tags(path: &Path) -> Vec<Tag> {
    let file = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(file.starts_with(b"FLV\x01"), "{} is no FLV file", path.display());
    let mut rest = &file[9..];
    let mut tags = Vec::new();
    // Each round: the back pointer to the tag before, then a tag.
    while let Some((header, body)) = rest.get(4..).and_then(|rest| rest.split_at_checked(11)) {
        let length = u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
        let Some((data, after)) = body.split_at_checked(length) else { break };
        let kind = match header[0] & 0x1f {
            8 => Kind::Audio,
            9 => Kind::Video,
            18 => Kind::Script,
            other => panic!("{} has a tag of type {other}", path.display()),
        };
        let timestamp = u32::from_be_bytes([header[7], header[4], header[5], header[6]]);
        tags.push(Tag { kind, timestamp, data: data.to_vec() });
        rest = after;
    }
    tags
}

/// A file of these tags.
pub(crate) fn write(path: &Path, tags: &[Tag]) {
    let mut file = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
    for Tag { kind, timestamp, data } in tags {
        let kind = match kind {
            Kind::Audio => 8,
            Kind::Video => 9,
            Kind::Script => 18,
        };
        let (length, time) = ((data.len() as u32).to_be_bytes(), timestamp.to_be_bytes());
        let header = [kind, length[1], length[2], length[3], time[1], time[2], time[3], time[0], 0, 0, 0];
        file.extend_from_slice(&header);
        file.extend_from_slice(data);
        file.extend_from_slice(&(data.len() as u32 + 11).to_be_bytes());
    }
    std::fs::write(path, file).expect("the work directory is writable");
}
