//! Writes a file that is valid at any instant and finished by overwriting its first bytes.

use super::{
    FileSummary,
    account::{Account, seconds},
    own_metadata::{FILLER, without_own_claims, without_own_properties},
    timeline::Timeline,
};
use crate::{AudioHeader, FileHeader, FlvEncodeError, Metadata, Tag, TagKind, VideoHeader};
use alloc::{vec, vec::Vec};
use bytes::{BufMut, Bytes};
use rtmp_amf::Value;

/// Options of an [`FlvWriter`].
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterConfig {
    /// Entries of the key frame index for which room is kept at the start of the file, 18 bytes each. Where there are
    /// more key frames, every second is left out, or every fourth, .. Default 1024: half an hour of key frames each 2 s
    /// in 18 KiB, which readers with usual limits on metadata accept.
    pub index_capacity: usize,
    /// Room kept for metadata that changes or grows later, in bytes. Default 2 KiB. See [`FlvWriter::set_metadata`].
    pub metadata_reserve: usize,
    /// Write times as they are, instead of those of a file that starts at 0. Off by default; for tools that copy a
    /// file.
    pub keep_times: bool,
}

impl WriterConfig {
    /// Sets [`WriterConfig::index_capacity`].
    #[must_use]
    pub fn index_capacity(mut self, entries: usize) -> Self {
        self.index_capacity = entries;
        self
    }

    /// Sets [`WriterConfig::metadata_reserve`].
    #[must_use]
    pub fn metadata_reserve(mut self, bytes: usize) -> Self {
        self.metadata_reserve = bytes;
        self
    }

    /// Sets [`WriterConfig::keep_times`].
    #[must_use]
    pub fn keep_times(mut self, on: bool) -> Self {
        self.keep_times = on;
        self
    }
}

impl Default for WriterConfig {
    fn default() -> Self {
        Self { index_capacity: 1024, metadata_reserve: 2048, keep_times: false }
    }
}

/// Writes FLV files. No IO: it says what to write and keeps the books.
///
/// A file starts with its [`opening`](FlvWriter::opening): the file header and an `onMetaData` tag with duration, file
/// size and key frame index, as far as they are known. Its length never changes, so it is written first, and once more
/// over itself at the end (or now and then). Between the two the file is valid at any instant; it may only know less
/// about itself than it holds.
///
/// Append everything as it comes, `onMetaData` too: readers believe the last one of a file, so
/// [`append`](FlvWriter::append) takes out of it what the writer says better. A source's first `onMetaData` can go into
/// the opening instead, by [`FlvWriter::set_metadata`].
///
/// ```
/// use {bytes::Bytes, rtmp_flv::{FlvWriter, Metadata, Tag, TagKind, WriterConfig}};
///
/// let mut writer = FlvWriter::new(Metadata::new().with("encoder", "mine"), WriterConfig::default())?;
/// let mut file = writer.opening()?.to_vec();
/// let frame = |timestamp| {
///     let data = Bytes::from_static(b"\x17\x01\0\0\0\0\0\0\x02\x65\x01");
///     Tag { kind: TagKind::Video, timestamp, data }
/// };
/// let source = Metadata::new().with("width", 1280).with("duration", 7200).to_tag()?;
/// for tag in [source, frame(5000), frame(5040), frame(5080)] {
///     let tag = writer.append(tag)?;                           // times now start at 0, and no hours are claimed
///     file.extend_from_slice(&[&tag.head()[..], &tag.data, &tag.tail()].concat());
/// }
/// let opening = writer.opening()?;
/// file[..opening.len()].copy_from_slice(&opening);
/// assert_eq!((writer.position(), writer.duration()), (file.len() as u64, 0.12));
/// # Ok::<(), rtmp_flv::FlvEncodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FlvWriter {
    metadata: Metadata,
    /// Length of the onMetaData tag's data, which must not change.
    reserved: usize,
    keep_times: bool,
    timeline: Timeline,
    account: Account,
    position: u64,
}

impl FlvWriter {
    /// A writer of a new file. `metadata` is what the source says about itself; what it says about duration, file size
    /// and key frames is replaced.
    ///
    /// # Errors
    /// [`FlvEncodeError`] if the metadata cannot be written.
    pub fn new(metadata: Metadata, config: WriterConfig) -> Result<Self, FlvEncodeError> {
        let mut writer = Self {
            metadata: without_own_properties(metadata),
            reserved: 0,
            keep_times: config.keep_times,
            timeline: Timeline::default(),
            account: Account::new(config.index_capacity),
            position: 0,
        };
        writer.reserved =
            writer.len_without_index()? + config.index_capacity * INDEX_ENTRY_LEN + config.metadata_reserve;
        if writer.reserved > Tag::MAX_DATA_LEN {
            return Err(FlvEncodeError::TooLong(writer.reserved));
        }
        writer.position = writer.opening_len() as u64;
        Ok(writer)
    }

    /// A writer that goes on with an existing file: cut it at [`FileSummary::end`], write [`FileSummary::tail`], and
    /// append. Times go on `gap` ms behind those of the file.
    ///
    /// `None` if the file has no `onMetaData` tag right at its start with room enough to be overwritten;
    /// `repair` makes a file that has.
    pub fn resume(summary: &FileSummary, gap: u32) -> Option<Self> {
        let mut writer = Self {
            metadata: without_own_properties(summary.metadata.clone()?),
            reserved: summary.opening_tag_len?,
            keep_times: false,
            timeline: Timeline::resuming_at(summary.account.last_time.saturating_add(gap)),
            account: summary.account.clone(),
            position: summary.end + Tag::TAIL_LEN as u64,
        };
        let room = writer.reserved.checked_sub(writer.len_without_index().ok()?)?;
        writer.account.keyframes.shrink_to(room / INDEX_ENTRY_LEN);
        Some(writer)
    }

    /// Length of the onMetaData tag's data with an index and a filler that have nothing in them.
    fn len_without_index(&self) -> Result<usize, FlvEncodeError> {
        let mut metadata = self.metadata_now();
        metadata.set_keyframes(&[]);
        Ok(metadata.to_tag()?.data.len() + FILLER_MIN)
    }

    /// Replaces what the source says about itself. It takes effect in the next [`FlvWriter::opening`]. Says `false`,
    /// and keeps the former, if there is no room for it.
    pub fn set_metadata(&mut self, metadata: Metadata) -> bool {
        let former = core::mem::replace(&mut self.metadata, without_own_properties(metadata));
        let fits = self.opening().is_ok();
        if !fits {
            self.metadata = former;
        }
        fits
    }

    /// Takes note of the next tag of the file and gives it the time it has there. Write its head, data and tail.
    ///
    /// `onMetaData` loses its duration, file size, key frames and the like, which the [`opening`](FlvWriter::opening)
    /// says of this file; the rest of it stays. One that cannot be read, or holds more than 32768 values or 1 MiB of
    /// text, goes in empty. Any other tag keeps the bytes it has.
    ///
    /// # Errors
    /// [`FlvEncodeError::TimeOverflow`] when the file cannot hold more time, [`FlvEncodeError::TooLong`] when a tag
    /// cannot hold the data: nothing has happened then.
    pub fn append(&mut self, tag: Tag) -> Result<Tag, FlvEncodeError> {
        let mut tag = without_own_claims(tag);
        if tag.data.len() > Tag::MAX_DATA_LEN {
            return Err(FlvEncodeError::TooLong(tag.data.len()));
        }
        tag.timestamp = self.file_time(&tag)?;
        self.account.note(&tag, self.position);
        self.position += tag.encoded_len() as u64;
        Ok(tag)
    }

    fn file_time(&mut self, tag: &Tag) -> Result<u32, FlvEncodeError> {
        if self.keep_times {
            return Ok(tag.timestamp);
        }
        let is_frame = match tag.kind {
            TagKind::Audio => !AudioHeader::parse(&tag.data)
                .is_ok_and(|header| header.is_sequence_header() || header.is_multichannel_config()),
            TagKind::Video => VideoHeader::parse(&tag.data).is_ok_and(|header| header.is_frame()),
            TagKind::Encrypted(8 | 9) => true,
            _ => false,
        };
        if is_frame { self.timeline.frame(tag.kind, tag.timestamp) } else { Ok(self.timeline.other(tag.timestamp)) }
    }

    /// The first bytes of the file as of now: the file header and the `onMetaData` tag. The length is always the same.
    ///
    /// # Errors
    /// [`FlvEncodeError`] if the metadata cannot be written; never behind a successful [`FlvWriter::new`].
    pub fn opening(&self) -> Result<Bytes, FlvEncodeError> {
        let mut metadata = self.metadata_now();
        let len = metadata.to_tag()?.data.len();
        let gap = self.reserved.checked_sub(len + FILLER_MIN).ok_or(FlvEncodeError::TooLong(len))?;
        metadata.properties.set(FILLER, filler(gap));
        let tag = metadata.to_tag()?;
        let flags = match (self.account.has_audio, self.account.has_video) {
            (false, false) => FileHeader::default(), // FLV-3: not known yet.
            (audio, video) => FileHeader::new(audio, video),
        };
        let mut out = Vec::with_capacity(self.opening_len());
        out.put_slice(&flags.to_bytes());
        tag.encode(&mut out);
        Ok(out.into())
    }

    fn opening_len(&self) -> usize {
        FileHeader::default().to_bytes().len() + Tag::HEAD_LEN + self.reserved + Tag::TAIL_LEN
    }

    /// The source's metadata and what the writer knows. See FLV-48.
    fn metadata_now(&self) -> Metadata {
        let account = &self.account;
        let last_keyframe = account.last_keyframe;
        let mut metadata = self.metadata.clone();
        let properties = &mut metadata.properties;
        properties.set("duration", account.duration());
        properties.set("filesize", self.position as f64);
        properties.set("lasttimestamp", seconds(account.last_time));
        properties.set("lastkeyframetimestamp", last_keyframe.map_or(0.0, |keyframe| keyframe.time));
        properties.set("lastkeyframelocation", last_keyframe.map_or(0.0, |keyframe| keyframe.position as f64));
        properties.set("hasAudio", account.has_audio);
        properties.set("hasVideo", account.has_video);
        properties.set("hasMetadata", true);
        properties.set("hasKeyframes", last_keyframe.is_some());
        properties.set("canSeekToEnd", account.ends_with_keyframe);
        if last_keyframe.is_some() {
            // FFmpeg warns of an empty index.
            metadata.set_keyframes(account.keyframes.entries());
        }
        metadata
    }

    /// Length of the file so far, in bytes: where the next tag goes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How long the file plays so far, in s.
    pub fn duration(&self) -> f64 {
        self.account.duration()
    }
}

/// Bytes of one entry of the index: a number in each of its two lists.
const INDEX_ENTRY_LEN: usize = 18;

/// Bytes of that property without anything in it: its name, the type and the number of items.
const FILLER_MIN: usize = 2 + FILLER.len() + 1 + 4;

/// Strings in a list, which no reader shows to anyone. FFmpeg gives up on a string of 1024 bytes or more.
fn filler(mut bytes: usize) -> Value {
    const STRING_MIN: usize = 3;
    const STRING_MAX: usize = 1000;
    let mut items: Vec<Value> = vec![];
    while bytes > 0 {
        // What is left behind an item has to be nothing or long enough for another.
        let item = if bytes > STRING_MAX + STRING_MIN { STRING_MAX } else { bytes };
        match item.checked_sub(STRING_MIN) {
            Some(len) => items.push(" ".repeat(len).into()),
            None => items.extend((0..item).map(|_| Value::Null)),
        }
        bytes -= item;
    }
    Value::Array(items)
}
