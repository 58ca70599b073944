//! FLV files on disk: valid at any instant, seekable when finished, named when finished.

use crate::failure::Failure;
use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::amf::AmfLimits;
use rtmp_session::flv::{
    FileScan, FileSummary, FlvEncodeError, FlvLimits, FlvWriter, Metadata, Tag, TagKind, WriterConfig, repair,
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

/// What an unfinished file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// With `.part` behind its name.
    Part,
    /// As it will be when it is finished, which is what rtmpdump does.
    AsItIs,
}

impl Naming {
    pub(crate) fn unfinished(self, path: &Path) -> PathBuf {
        match self {
            Self::Part => part_name(path),
            Self::AsItIs => path.to_owned(),
        }
    }
}

impl FlvFile {
    pub(crate) fn create(path: &Path, naming: Naming) -> Result<Self, Failure> {
        let part = naming.unfinished(path);
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
    pub(crate) fn to_resume(path: &Path, naming: Naming) -> Option<PathBuf> {
        [naming.unfinished(path), path.to_owned()].into_iter().find(|path| path.exists())
    }

    /// Goes on with a file that an earlier run left, `gap` milliseconds behind its last frame, whose time is given too.
    /// `None` if there is no such file.
    pub(crate) fn resume(path: &Path, naming: Naming, gap: u32) -> Result<Option<(Self, u32)>, Failure> {
        let part = naming.unfinished(path);
        match Self::to_resume(path, naming) {
            None => return Ok(None),
            Some(found) if found != part => fs::rename(&found, &part).map_err(|error| failed(&found, &error))?,
            Some(_) => {}
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&part).map_err(|error| failed(&part, &error))?;
        let summary = scan_file(&mut file).map_err(|error| failed(&part, &error))?;
        let (summary, writer) = match FlvWriter::resume(&summary, gap) {
            Some(writer) => (summary, writer),
            None => {
                // Another program's file has no room for what is to be filled in at the end.
                file = made_room(&part)?;
                let summary = scan_file(&mut file).map_err(|error| failed(&part, &error))?;
                let writer = FlvWriter::resume(&summary, gap);
                let writer = writer.ok_or_else(|| Failure::file(part.display(), "cannot be gone on with"))?;
                (summary, writer)
            }
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
        if self.part != self.path {
            fs::rename(&self.part, &self.path).map_err(|error| failed(&self.path, &error))?;
        }
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

/// The file, rewritten with room at its start.
fn made_room(part: &Path) -> Result<File, Failure> {
    let mut name = part.as_os_str().to_owned();
    name.push(".repaired");
    let repaired = PathBuf::from(name);
    let input = File::open(part).map_err(|error| failed(part, &error))?;
    let output = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&repaired);
    let mut output = output.map_err(|error| failed(&repaired, &error))?;
    let limits = FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN);
    repair(input, &mut output, limits).map_err(|error| failed(part, &error))?;
    fs::rename(&repaired, part).map_err(|error| failed(part, &error))?;
    Ok(output)
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
