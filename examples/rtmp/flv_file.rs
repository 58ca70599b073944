//! Writing FLV files: streaming, seekable when whole, playable at any instant before that.

use crate::failure::Failure;
use bytes::BytesMut;
use rtmp_session::amf::{AmfLimits, Object, Value, amf0};
use rtmp_session::flv::{FileHeader, Tag, TagKind, VideoHeader};
use rtmp_session::{Media, MediaKind};
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Writes one FLV file under a `.part` name, and renames it when it is finished.
///
/// The first tag is an `onMetaData` with room for a key frame index. While the file grows, the room holds one long
/// string; at the end duration, file size and index take its place. So nothing has to be moved, however long the file.
pub(crate) struct FlvWriter {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
    /// Bytes written.
    size: u64,
    /// Length of the first tag's body.
    metadata_len: Option<usize>,
    metadata: Object,
    index: Index,
    flushed: Instant,
    audio: bool,
    video: bool,
    last_ms: u32,
}

/// Times and positions of key frames.
#[derive(Default)]
struct Index {
    entries: Vec<(u32, u64)>,
}

impl FlvWriter {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|error| Failure::file(part.display(), error))?;
        let mut writer = Self {
            path: path.to_owned(),
            part,
            out: BufWriter::with_capacity(256 << 10, file),
            size: 0,
            metadata_len: None,
            metadata: Object::new(),
            index: Index::default(),
            flushed: Instant::now(),
            audio: false,
            video: false,
            last_ms: 0,
        };
        writer.put(&FileHeader::new(true, true).to_bytes())?;
        Ok(writer)
    }

    /// Appends one message. The first `onMetaData`, if it comes before all media, becomes the file's own.
    pub(crate) fn write(&mut self, media: &Media) -> Result<(), Failure> {
        if self.metadata_len.is_none() {
            let metadata = if media.kind == MediaKind::Data { on_metadata(&media.payload) } else { None };
            let known = metadata.is_some();
            self.metadata = metadata.unwrap_or_default();
            self.write_first_tag()?;
            if known {
                return Ok(());
            }
        }
        match media.kind {
            MediaKind::Video => {
                self.video = true;
                self.index_video(media);
            }
            MediaKind::Audio => {
                self.audio = true;
                self.index_audio(media);
            }
            MediaKind::Data => {}
        }
        self.last_ms = self.last_ms.max(media.timestamp);
        let tag = Tag::from(media.clone());
        self.put(&tag.head())?;
        self.put(&tag.data)?;
        self.put(&tag.tail())?;
        if self.flushed.elapsed() >= FLUSH_EVERY {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands everything written so far to the operating system.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.flushed = Instant::now();
        self.out.flush().map_err(|error| Failure::file(self.part.display(), error))
    }

    /// Bytes written so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Fills in duration, size and index, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Failure> {
        self.complete().map_err(|error| Failure::file(self.part.display(), error))?;
        fs::rename(&self.part, &self.path).map_err(|error| Failure::file(self.path.display(), error))?;
        Ok(self.path)
    }

    fn complete(&mut self) -> io::Result<()> {
        if self.metadata_len.is_none() {
            self.out.flush()?;
            return self.out.get_ref().sync_all();
        }
        self.out.flush()?;
        let body = self.final_metadata();
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(FLAGS_AT))?;
        let flags = u8::from(self.audio) << 2 | u8::from(self.video);
        file.write_all(&[flags])?;
        file.seek(SeekFrom::Start(FIRST_BODY_AT))?;
        file.write_all(&body)?;
        file.seek(SeekFrom::End(0))?;
        file.sync_all()
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.size += bytes.len() as u64;
        self.out.write_all(bytes).map_err(|error| Failure::file(self.part.display(), error))
    }

    fn write_first_tag(&mut self) -> Result<(), Failure> {
        // These describe the publisher's own file or session, and would contradict ours.
        for stale in ["duration", "filesize", "filepositions", "keyframes", "lasttimestamp", "lastkeyframetimestamp"] {
            self.metadata.remove(stale);
        }
        let body = self.metadata_body(0.0, 0.0, &[], INDEX_ROOM);
        self.metadata_len = Some(body.len());
        let mut tag = BytesMut::new();
        Tag { kind: TagKind::Script, timestamp: 0, data: body.freeze() }.encode(&mut tag);
        self.put(&tag)
    }

    /// The body of the first tag, as long as the one it takes the place of.
    fn final_metadata(&self) -> BytesMut {
        let len = self.metadata_len.unwrap_or_default();
        let mut step = 1;
        loop {
            // An index that does not fit is thinned out evenly: seeking gets coarser, never wrong.
            let entries: Vec<_> = self.index.entries.iter().copied().step_by(step).collect();
            let bare = self.metadata_body(f64::from(self.last_ms) / 1000.0, self.size as f64, &entries, 0);
            if bare.len() <= len {
                let filler = len - bare.len();
                return self.metadata_body(f64::from(self.last_ms) / 1000.0, self.size as f64, &entries, filler);
            }
            step *= 2;
        }
    }

    fn metadata_body(&self, duration: f64, size: f64, index: &[(u32, u64)], filler: usize) -> BytesMut {
        let mut object = Object::new().with("duration", duration).with("filesize", size);
        object.entries.extend(self.metadata.entries.iter().cloned());
        if !index.is_empty() {
            let times: Vec<f64> = index.iter().map(|(time, _)| f64::from(*time) / 1000.0).collect();
            let positions: Vec<f64> = index.iter().map(|(_, position)| *position as f64).collect();
            object.push("keyframes", Object::new().with("filepositions", positions).with("times", times));
        }
        object.push("filler", " ".repeat(filler));
        let mut body = BytesMut::new();
        amf0::encode(&"onMetaData".into(), &mut body).expect("a short string");
        amf0::encode(&Value::EcmaArray(object), &mut body).expect("what was decoded from AMF0, numbers and a string");
        body
    }

    fn index_video(&mut self, media: &Media) {
        if VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_keyframe()) {
            self.index.entries.push((media.timestamp, self.size));
        }
    }

    /// Without video, a position a second.
    fn index_audio(&mut self, media: &Media) {
        let last = self.index.entries.last().map_or(0, |(time, _)| *time);
        if !self.video && (self.index.entries.is_empty() || media.timestamp >= last.saturating_add(1000)) {
            self.index.entries.push((media.timestamp, self.size));
        }
    }
}

/// The object of an `onMetaData` message.
pub(crate) fn on_metadata(payload: &[u8]) -> Option<Object> {
    let mut values = amf0::decode_all(payload, &AmfLimits::default().max_values(1 << 20)).ok()?.into_iter();
    let name = values.next()?;
    name.as_str().filter(|name| name.eq_ignore_ascii_case("onMetaData"))?;
    values.next()?.into_object().ok()
}

/// The first two bytes of a string in AMF0 count to 65 535, so the filler stays under that.
const INDEX_ROOM: usize = 48 << 10;
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// Offset of the flags in the file header.
const FLAGS_AT: u64 = 4;
/// Behind the file header, the first PreviousTagSize and the head of the first tag.
const FIRST_BODY_AT: u64 = 13 + 11;
