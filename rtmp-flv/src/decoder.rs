//! Takes tags out of a byte stream: a file, or HTTP-FLV, which is a file without an end.

use crate::{
    Anomalies, Anomaly, FileHeader, FlvError, FlvLimits, Tag,
    resync::{FILE_START, Find, find_tag},
    tag::TagHead,
};
use bytes::{Buf, BytesMut};

/// Decodes FLV, one tag at a time, without copying a body. No IO: append what was read to a `BytesMut`.
///
/// A tag is a slice of that buffer and keeps its memory alive. The same tags come out however the input is cut (FLV-9).
///
/// ```
/// use {bytes::BytesMut, rtmp_flv::{FlvLimits, TagDecoder, TagKind}};
///
/// let mut decoder = TagDecoder::new(FlvLimits::default());
/// let mut input = BytesMut::from(&b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x08\0\0\x04\0\0\x17\0\0\0\0\xaf\x01\x21\x10\0\0\0\x0f"[..]);
/// while let Some(tag) = decoder.decode(&mut input)? {
///     assert_eq!((tag.kind, tag.timestamp, tag.data.len()), (TagKind::Audio, 23, 4));
/// }
/// assert!(decoder.file_header().unwrap().video && !decoder.is_mid_tag(&input));
/// # Ok::<(), rtmp_flv::FlvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TagDecoder {
    limits: FlvLimits,
    require_version_1: bool,
    restart_at_header: bool,
    recover: bool,
    header: Option<FileHeader>,
    at: At,
    offset: u64,
    tag_offset: u64,
    wanted: usize,
    anomalies: Anomalies,
    failed: Option<FlvError>,
}

/// What stands at the front of the input.
#[derive(Clone, Copy, Debug)]
enum At {
    FileHeader,
    /// So many bytes that nobody wants, then `PreviousTagSize`.
    Skip {
        left: usize,
        size: u32,
    },
    /// A PreviousTagSize, which should be this, and a tag. 0 stands behind a file header.
    PreviousTagSize(u32),
    TagHead,
}

enum Step {
    Tag(Tag),
    NeedMore,
    Again,
}

impl TagDecoder {
    /// A decoder for input that starts with a file header.
    pub fn new(limits: FlvLimits) -> Self {
        Self::starting(At::FileHeader, limits)
    }

    /// A decoder for input that starts at a tag header, such as a file from a position of its `keyframes` index on.
    pub fn at_tag(limits: FlvLimits) -> Self {
        Self::starting(At::TagHead, limits)
    }

    fn starting(at: At, limits: FlvLimits) -> Self {
        Self {
            limits,
            require_version_1: false,
            restart_at_header: false,
            recover: false,
            header: None,
            at,
            offset: 0,
            tag_offset: 0,
            wanted: 0,
            anomalies: Anomalies::NONE,
            failed: None,
        }
    }

    /// Refuse a file version other than 1. Off by default: no other is known, and such a file reads all the same. See
    /// FLV-2.
    #[must_use]
    pub fn require_version_1(mut self, on: bool) -> Self {
        self.require_version_1 = on;
        self
    }

    /// Read on behind a second file header instead of ending there with an error. Off by default, because times start
    /// anew; for recorders that append to an old file. See FLV-8.
    #[must_use]
    pub fn restart_at_header(mut self, on: bool) -> Self {
        self.restart_at_header = on;
        self
    }

    /// Look for the next tag where damage has put something else, instead of trusting every length. Off by default. A
    /// tag is then delivered only when what follows it has been seen, so end the input with
    /// [`TagDecoder::decode_end`]. See FLV-6.
    #[must_use]
    pub fn recover(mut self, on: bool) -> Self {
        self.recover = on;
        self
    }

    /// The next whole tag, or `None` until more bytes are appended to `src`.
    ///
    /// A body is handed out as soon as it is whole, without waiting for what follows (FLV-7). Tags of unknown types and
    /// empty video and script tags are skipped (FLV-15, FLV-20).
    ///
    /// # Errors
    /// [`FlvError`] when the input is no FLV file or goes over a limit; again and again from then on.
    pub fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Tag>, FlvError> {
        self.run(src, false)
    }

    /// Like [`TagDecoder::decode`] when nothing will be appended to `src` any more. Call until `None`; what then is
    /// left in `src` is a cut tag.
    ///
    /// # Errors
    /// As [`TagDecoder::decode`].
    pub fn decode_end(&mut self, src: &mut BytesMut) -> Result<Option<Tag>, FlvError> {
        self.run(src, true)
    }

    #[inline]
    fn run(&mut self, src: &mut BytesMut, end: bool) -> Result<Option<Tag>, FlvError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        loop {
            let step = match self.at {
                At::PreviousTagSize(_) | At::TagHead => self.read_tag(src, end),
                At::Skip { left, size } => Ok(self.skip(src, left, size)),
                At::FileHeader => self.read_file_header(src),
            };
            match step {
                Ok(Step::Tag(tag)) => return Ok(Some(tag)),
                Ok(Step::NeedMore) => return Ok(None),
                Ok(Step::Again) => {}
                Err(error) => {
                    self.failed = Some(error.clone());
                    return Err(error);
                }
            }
        }
    }

    /// PreviousTagSize and tag in one go; the former stays in `src` until the latter is whole.
    #[inline]
    fn read_tag(&mut self, src: &mut BytesMut, end: bool) -> Result<Step, FlvError> {
        let size_len = if matches!(self.at, At::TagHead) { 0 } else { Tag::TAIL_LEN };
        let Some(&head) = src.get(size_len..).and_then(<[u8]>::first_chunk) else {
            return Ok(self.read_lone_size(src, size_len));
        };
        if self.recover {
            if let Some(step) = self.resync(src, size_len, end) {
                return Ok(step);
            }
        }
        let head_at = self.offset + size_len as u64;
        let parsed = TagHead::parse(&head);
        let Some(kind) = parsed.kind() else {
            return self.skip_unknown(src, size_len, &head, parsed.len);
        };
        if parsed.len > self.limits.max_tag_len {
            return Err(FlvError::TagTooLong { offset: head_at, len: parsed.len, max: self.limits.max_tag_len });
        }
        let len = size_len + Tag::HEAD_LEN + parsed.len;
        if src.len() < len {
            return Ok(self.need(len - src.len()));
        }
        self.take_size(src, size_len);
        self.anomalies.extend(parsed.anomalies());
        src.advance(size_len + Tag::HEAD_LEN);
        let data = src.split_to(parsed.len).freeze();
        self.offset += len as u64;
        self.tag_offset = head_at;
        self.at = At::PreviousTagSize((parsed.len + Tag::HEAD_LEN) as u32);
        if data.is_empty() && !matches!(kind, crate::TagKind::Audio) {
            self.anomalies.insert(Anomaly::EmptyTag);
            return Ok(Step::Again);
        }
        Ok(Step::Tag(Tag { kind, timestamp: parsed.timestamp, data }))
    }

    /// Takes a PreviousTagSize behind which there is no tag yet, so that nothing is left at the end of a whole file.
    fn read_lone_size(&mut self, src: &mut BytesMut, size_len: usize) -> Step {
        if size_len > 0 && src.len() >= size_len {
            self.take_size(src, size_len);
            src.advance(size_len);
            self.offset += size_len as u64;
            self.at = At::TagHead;
        }
        self.need((size_len + Tag::HEAD_LEN).saturating_sub(src.len()).max(1))
    }

    /// Compares the PreviousTagSize at the front of `src`; wrong ones are common. See FLV-5, FLV-6.
    #[inline]
    fn take_size(&mut self, src: &BytesMut, size_len: usize) {
        let At::PreviousTagSize(expected) = self.at else { return };
        let seen = src[..size_len].first_chunk().map_or(0, |&bytes| u32::from_be_bytes(bytes));
        let anomaly = if expected == 0 { Anomaly::FirstTagSize } else { Anomaly::PreviousTagSize };
        self.anomalies.insert_if(seen != expected, anomaly);
    }

    #[cold]
    fn skip_unknown(
        &mut self,
        src: &mut BytesMut,
        size_len: usize,
        head: &[u8; Tag::HEAD_LEN],
        len: usize,
    ) -> Result<Step, FlvError> {
        self.take_size(src, size_len);
        if head.starts_with(&FILE_START) {
            if !self.restart_at_header {
                return Err(FlvError::SecondHeader { offset: self.offset + size_len as u64 });
            }
            self.anomalies.insert(Anomaly::SecondHeader);
            src.advance(size_len);
            self.offset += size_len as u64;
            self.at = At::FileHeader;
            return Ok(Step::Again);
        }
        self.anomalies.insert(Anomaly::UnknownTagType);
        let left = size_len + Tag::HEAD_LEN + len;
        self.at = At::Skip { left, size: (Tag::HEAD_LEN + len) as u32 };
        Ok(Step::Again)
    }

    fn skip(&mut self, src: &mut BytesMut, left: usize, size: u32) -> Step {
        let now = left.min(src.len());
        src.advance(now);
        self.offset += now as u64;
        if now < left {
            self.at = At::Skip { left: left - now, size };
            return self.need(left - now);
        }
        self.at = At::PreviousTagSize(size);
        Step::Again
    }

    /// See FLV-1 to FLV-4.
    fn read_file_header(&mut self, src: &mut BytesMut) -> Result<Step, FlvError> {
        if let Some(&signature) = src.first_chunk::<3>() {
            if signature != *b"FLV" {
                return Err(FlvError::BadSignature(signature));
            }
        }
        let Some(&[_, _, _, version, flags, o0, o1, o2, o3]) = src.first_chunk::<{ FileHeader::LEN }>() else {
            return Ok(self.need(FileHeader::LEN - src.len()));
        };
        if version != 1 && self.require_version_1 {
            return Err(FlvError::BadVersion(version));
        }
        self.anomalies.insert_if(version != 1, Anomaly::FileVersion);
        let (offset, max) = (u32::from_be_bytes([o0, o1, o2, o3]), self.limits.max_data_offset);
        let left = offset as usize;
        if !(FileHeader::LEN..=max).contains(&left) {
            return Err(FlvError::BadDataOffset { offset, max });
        }
        self.header = Some(FileHeader { version, audio: flags & 4 != 0, video: flags & 1 != 0 });
        self.at = At::Skip { left, size: 0 };
        Ok(Step::Again)
    }

    /// In recovery: `None` if a tag stands where it should, else the step that leads to one.
    #[cold]
    fn resync(&mut self, src: &mut BytesMut, size_len: usize, end: bool) -> Option<Step> {
        if src[size_len..].starts_with(&FILE_START) {
            return None;
        }
        let skipped = match find_tag(&src[size_len..], self.limits.max_tag_len, end) {
            Find::Here => return None,
            Find::Wait { wanted } => return Some(self.need(wanted)),
            Find::Skip(skipped) => skipped,
        };
        self.anomalies.insert(Anomaly::Resynchronised);
        src.advance(size_len + skipped);
        self.offset += (size_len + skipped) as u64;
        self.at = At::TagHead;
        Some(Step::Again)
    }

    fn need(&mut self, bytes: usize) -> Step {
        self.wanted = bytes;
        Step::NeedMore
    }

    /// How many bytes the next step needs beyond what is in the buffer: what to reserve before the next read. At most
    /// 64 KiB, so that memory follows what was received and not what was announced (FLV-10).
    pub fn bytes_wanted(&self) -> usize {
        self.wanted.clamp(1, FIRST_RESERVATION)
    }

    /// The file header, once it has been read.
    pub fn file_header(&self) -> Option<FileHeader> {
        self.header
    }

    /// Where the header of the tag that was returned last starts, in bytes from the start of the input.
    pub fn tag_offset(&self) -> u64 {
        self.tag_offset
    }

    /// Bytes taken out of the input so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What was tolerated since this was called last. Call it for each tag to know which one it was.
    pub fn take_anomalies(&mut self) -> Anomalies {
        core::mem::take(&mut self.anomalies)
    }

    /// At the end of the input: whether it was cut off inside its header or inside a tag. `rest` is what is left of it.
    pub fn is_mid_tag(&self, rest: &[u8]) -> bool {
        match self.at {
            At::PreviousTagSize(_) => rest.len() >= Tag::TAIL_LEN,
            At::TagHead => !rest.is_empty(),
            At::Skip { .. } | At::FileHeader => true,
        }
    }
}

const FIRST_RESERVATION: usize = 64 << 10;
