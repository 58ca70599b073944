//! FLV files on disk: valid at any instant, seekable when finished, named when finished.

use crate::failure::Failure;
use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::amf::AmfLimits;
use rtmp_session::flv::{
    FileScan, FileSummary, FlvEncodeError, FlvLimits, FlvWriter, Metadata, Tag, TagKind, WriterConfig,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Writes one file under a `.part` name and gives it its own when it is finished.
pub(crate) struct FlvFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
    writer: FlvWriter,
    /// Whole tags that are not written yet.
    buffer: Vec<u8>,
    flushed: Instant,
    has_metadata: bool,
}

impl FlvFile {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let part = part_name(path);
        let writer =
            FlvWriter::new(Metadata::new(), WriterConfig::default()).map_err(|error| invalid(&part, &error))?;
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&part);
        let file = file.map_err(|error| failed(&part, &error))?;
        let mut this = Self {
            path: path.to_owned(),
            part,
            file,
            writer,
            buffer: Vec::new(),
            flushed: Instant::now(),
            has_metadata: false,
        };
        this.write_opening()?;
        Ok(this)
    }

    /// The file that an earlier run left under either name, if there is one.
    pub(crate) fn to_resume(path: &Path) -> Option<PathBuf> {
        [part_name(path), path.to_owned()].into_iter().find(|path| path.exists())
    }

    /// Goes on with a file that an earlier run left, `gap` milliseconds behind its last frame, whose time is given too.
    /// `None` if there is no such file.
    pub(crate) fn resume(path: &Path, gap: u32) -> Result<Option<(Self, u32)>, Failure> {
        let part = part_name(path);
        match Self::to_resume(path) {
            None => return Ok(None),
            Some(found) if found != part => fs::rename(&found, &part).map_err(|error| failed(&found, &error))?,
            Some(_) => {}
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&part).map_err(|error| failed(&part, &error))?;
        let summary = scan_file(&mut file).map_err(|error| failed(&part, &error))?;
        let Some(writer) = FlvWriter::resume(&summary, gap) else {
            return Err(Failure::file(part.display(), "was not written by this program and cannot be gone on with")
                .hint("rtmp inspect --repair OUT FILE makes a file that can"));
        };
        let mut this = Self {
            path: path.to_owned(),
            part,
            file,
            writer,
            buffer: Vec::new(),
            flushed: Instant::now(),
            has_metadata: true,
        };
        this.cut(&summary).map_err(|error| failed(&this.part, &error))?;
        Ok(Some((this, summary.last_time())))
    }

    /// Appends one message. The first `onMetaData` becomes the file's own.
    pub(crate) fn write(&mut self, media: &Media) -> Result<(), Failure> {
        let tag = Tag::from(media.clone());
        if tag.kind == TagKind::Script && self.take_metadata(&tag)? {
            return Ok(());
        }
        self.writer.append(tag).map_err(|error| invalid(&self.part, &error))?.encode(&mut self.buffer);
        if self.buffer.len() >= GOOD_WRITE || self.flushed.elapsed() >= FLUSH_EVERY {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands everything to the operating system.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.flushed = Instant::now();
        let result = self.file.write_all(&self.buffer);
        self.buffer.clear();
        result.map_err(|error| failed(&self.part, &error))
    }

    pub(crate) fn size(&self) -> u64 {
        self.writer.position()
    }

    /// Fills in duration, size and key frames, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Failure> {
        self.complete()?;
        fs::rename(&self.part, &self.path).map_err(|error| failed(&self.path, &error))?;
        Ok(self.path)
    }

    fn complete(&mut self) -> Result<(), Failure> {
        self.write_opening()?;
        self.file.sync_all().map_err(|error| failed(&self.part, &error))
    }

    fn take_metadata(&mut self, tag: &Tag) -> Result<bool, Failure> {
        let Ok(Some(metadata)) = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()) else { return Ok(false) };
        if self.has_metadata || !self.writer.set_metadata(metadata) {
            return Ok(false);
        }
        self.has_metadata = true;
        self.write_opening()?;
        Ok(true)
    }

    /// Writes the start of the file over itself.
    fn write_opening(&mut self) -> Result<(), Failure> {
        self.flush()?;
        let opening = self.writer.opening().map_err(|error| invalid(&self.part, &error))?;
        let written = self.file.rewind().and_then(|()| self.file.write_all(&opening));
        written.and_then(|()| self.file.seek(SeekFrom::End(0))).map(drop).map_err(|error| failed(&self.part, &error))
    }

    /// Ends the file behind its last whole tag.
    fn cut(&mut self, summary: &FileSummary) -> io::Result<()> {
        self.file.set_len(summary.end)?;
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(&summary.tail)
    }
}

/// What a file holds, from its start on.
pub(crate) fn scan_file(file: &mut File) -> io::Result<FileSummary> {
    file.rewind()?;
    let mut scan = FileScan::new(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN));
    let mut buffer = BytesMut::new();
    let mut chunk = vec![0; 256 << 10];
    loop {
        let count = file.read(&mut chunk)?;
        buffer.extend_from_slice(&chunk[..count]);
        if count == 0 {
            return scan.finish(&mut buffer).map_err(io::Error::other);
        }
        scan.feed(&mut buffer).map_err(io::Error::other)?;
    }
}

/// The name of a file that is not finished.
pub(crate) fn part_name(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::file(path.display(), error);
    match error.kind() {
        io::ErrorKind::StorageFull => failure.hint("free some space; --resume goes on where it stopped"),
        io::ErrorKind::NotFound => failure.hint("does the directory exist?"),
        io::ErrorKind::PermissionDenied => failure.hint("write to another directory with -o"),
        _ => failure,
    }
}

fn invalid(path: &Path, error: &FlvEncodeError) -> Failure {
    Failure::file(path.display(), error)
}

const GOOD_WRITE: usize = 256 << 10;
/// What is lost at most when the machine goes down.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
