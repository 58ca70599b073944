//! An FLV file on disk that is valid at any instant, and seekable when it is complete.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::amf::AmfLimits;
use rtmp_session::flv::{
    FileScan, FileSummary, FlvEncodeError, FlvLimits, FlvWriter, Metadata, Tag, TagKind, WriterConfig,
};

/// A file that messages are appended to. What it is called is its owner's affair.
#[derive(Debug)]
pub struct FlvFile {
    file: File,
    writer: FlvWriter,
    /// Whole tags, not written yet.
    buffer: Vec<u8>,
    /// Bytes in the file: whole tags.
    written: u64,
    has_metadata: bool,
}

impl FlvFile {
    /// Writes the opening to an empty file.
    ///
    /// # Errors
    /// The file's.
    pub fn create(file: File) -> io::Result<Self> {
        let writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).map_err(invalid)?;
        let mut this = Self { file, writer, buffer: Vec::new(), written: 0, has_metadata: false };
        this.write_opening()?;
        Ok(this)
    }

    /// Goes on with a file that was left unfinished, `gap` milliseconds behind its last frame. `None` if it has no room at
    /// its start for what is to be filled in at the end, as files of other programs; [`repair`](rtmp_session::flv::repair)
    /// makes room.
    ///
    /// # Errors
    /// The file's, and what [`scan_file`] says of something that is no FLV file.
    pub fn resume(mut file: File, gap: u32) -> io::Result<Option<Resumed>> {
        let summary = scan_file(&mut file)?;
        let Some(writer) = FlvWriter::resume(&summary, gap) else { return Ok(None) };
        // Behind its last whole tag.
        file.set_len(summary.end)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&summary.tail)?;
        let written = summary.end + summary.tail.len() as u64;
        let file = Self { file, writer, buffer: Vec::new(), written, has_metadata: true };
        Ok(Some(Resumed { file, last_time: summary.last_time() }))
    }

    /// Appends a message; the first `onMetaData` becomes the file's own, a later one stays where it came and says nothing
    /// of duration or size ([`FlvWriter::append`]). It may wait for [`flush`](Self::flush).
    ///
    /// # Errors
    /// The file's, and [`io::ErrorKind::InvalidData`] for a payload longer than a tag can be.
    pub fn append(&mut self, media: Media) -> io::Result<()> {
        let tag = Tag::from(media);
        if tag.kind == TagKind::Script && self.take_metadata(&tag)? {
            return Ok(());
        }
        self.writer.append(tag).map_err(invalid)?.encode(&mut self.buffer);
        if self.buffer.len() >= GOOD_WRITE { self.flush() } else { Ok(()) }
    }

    /// Hands everything to the operating system: from there on it outlives this process.
    ///
    /// # Errors
    /// The file's. What could not be written is lost, and the file ends behind its last whole tag.
    pub fn flush(&mut self) -> io::Result<()> {
        let result = self.file.write_all(&self.buffer);
        match &result {
            Ok(()) => self.written += self.buffer.len() as u64,
            // A full disk takes a part. If cutting that off fails too, readers take a cut file as well.
            Err(_) => drop(self.file.set_len(self.written)),
        }
        self.buffer.clear();
        result
    }

    /// Fills in duration, size and key frames.
    ///
    /// # Errors
    /// The file's.
    pub fn complete(&mut self) -> io::Result<()> {
        self.write_opening()?;
        self.file.sync_all()
    }

    /// Bytes, with those that wait for a flush.
    pub fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// In seconds.
    pub fn duration(&self) -> f64 {
        self.writer.duration()
    }

    fn take_metadata(&mut self, tag: &Tag) -> io::Result<bool> {
        let Ok(Some(metadata)) = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()) else { return Ok(false) };
        if self.has_metadata || !self.writer.set_metadata(metadata) {
            return Ok(false);
        }
        self.has_metadata = true;
        self.write_opening()?;
        Ok(true)
    }

    /// Writes the start of the file over itself.
    fn write_opening(&mut self) -> io::Result<()> {
        self.flush()?;
        let opening = self.writer.opening().map_err(invalid)?;
        self.file.rewind()?;
        self.file.write_all(&opening)?;
        self.written = self.written.max(opening.len() as u64);
        self.file.seek(SeekFrom::Start(self.written)).map(drop)
    }
}

/// A file that is gone on with.
#[derive(Debug)]
pub struct Resumed {
    /// To append to.
    pub file: FlvFile,
    /// Time of its last frame, in milliseconds.
    pub last_time: u32,
}

/// What a file holds, from its start on.
///
/// # Errors
/// The file's, and [`FlvError`](rtmp_session::flv::FlvError) as [`io::ErrorKind::Other`].
pub fn scan_file(file: &mut File) -> io::Result<FileSummary> {
    file.rewind()?;
    let mut scan = FileScan::new(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN));
    let mut buffer = BytesMut::new();
    let mut chunk = vec![0; GOOD_READ];
    loop {
        let count = file.read(&mut chunk)?;
        buffer.extend_from_slice(&chunk[..count]);
        if count == 0 {
            return scan.finish(&mut buffer).map_err(io::Error::other);
        }
        scan.feed(&mut buffer).map_err(io::Error::other)?;
    }
}

fn invalid(error: FlvEncodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

const GOOD_WRITE: usize = 256 << 10;
const GOOD_READ: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(file: &mut FlvFile, times: std::ops::Range<u32>) {
        for time in times {
            let head: &[u8] = if time % 50 == 0 { &[0x17, 1, 0, 0, 0] } else { &[0x27, 1, 0, 0, 0] };
            file.append(Media::video(7000 + time * 40, [head, &[0; 1000]].concat())).unwrap();
        }
    }

    /// As a source sends it that claims a length.
    fn metadata(width: u32) -> Media {
        Media::data(0, Metadata::new().with("width", width).with("duration", 3600).to_tag().unwrap().data)
    }

    #[test]
    fn a_file_is_valid_before_and_after_it_is_complete() {
        let mut disk = tempfile::tempfile().unwrap();
        let mut file = FlvFile::create(disk.try_clone().unwrap()).unwrap();
        file.append(metadata(320)).unwrap();
        frames(&mut file, 0..100);
        file.flush().unwrap();
        let running = scan_file(&mut disk).unwrap();
        assert_eq!((running.tags(), running.is_cut), (101, false));
        assert_eq!(running.metadata.as_ref().unwrap().width(), Some(320.0));

        file.append(metadata(640)).unwrap();
        file.complete().unwrap();
        let complete = scan_file(&mut disk).unwrap();
        assert_eq!(complete.tags(), 102, "later metadata stays where it came");
        let mut bytes = Vec::new();
        disk.rewind().unwrap();
        disk.read_to_end(&mut bytes).unwrap();
        assert_eq!(
            bytes.windows(8).filter(|window| window == b"duration").count(),
            1,
            "and claims nothing of the file"
        );
        let metadata = complete.metadata.unwrap();
        assert_eq!((metadata.duration(), metadata.width()), (Some(4.0), Some(320.0)));
        assert_eq!(metadata.file_size(), Some(disk.metadata().unwrap().len() as f64));
        assert_eq!(metadata.keyframes().unwrap().len(), 2);
    }

    #[test]
    fn a_file_that_was_cut_goes_on_behind_its_last_whole_tag() {
        let mut disk = tempfile::tempfile().unwrap();
        let mut file = FlvFile::create(disk.try_clone().unwrap()).unwrap();
        frames(&mut file, 0..100);
        file.flush().unwrap();
        disk.set_len(file.position() - 500).unwrap();

        let resumed = FlvFile::resume(disk.try_clone().unwrap(), 40).unwrap().unwrap();
        assert_eq!(resumed.last_time, 98 * 40);
        let mut file = resumed.file;
        frames(&mut file, 0..10);
        file.complete().unwrap();
        let whole = scan_file(&mut disk).unwrap();
        assert_eq!((whole.tags(), whole.is_cut, whole.last_time()), (110, false, 108 * 40));
        assert_eq!(file.position(), disk.metadata().unwrap().len());

        disk.set_len(13).unwrap();
        assert!(FlvFile::resume(disk.try_clone().unwrap(), 40).unwrap().is_none(), "no room for an index");
    }
}
