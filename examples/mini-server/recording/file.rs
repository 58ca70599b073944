//! The file of one recording, valid at any instant.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use rtmp_session::Media;
use rtmp_session::amf::AmfLimits;
use rtmp_session::flv::{FlvEncodeError, FlvWriter, Metadata, Tag, TagKind, WriterConfig};

use super::file_name;

pub(super) struct RecordingFile {
    file: File,
    writer: FlvWriter,
    /// Whole tags, not written yet.
    buffer: Vec<u8>,
    /// Bytes in the file: whole tags.
    written: u64,
    has_metadata: bool,
}

impl RecordingFile {
    /// Makes the file and writes its opening.
    pub(super) fn create(directory: &Path, stem: &str) -> io::Result<Self> {
        let writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).map_err(invalid)?;
        let mut file = file_name::create(directory, stem)?;
        file.write_all(&writer.opening().map_err(invalid)?)?;
        let written = writer.position();
        Ok(Self { file, writer, buffer: Vec::new(), written, has_metadata: false })
    }

    /// Appends a message, or takes over what it says about the stream. It may wait for [`RecordingFile::flush`].
    pub(super) fn append(&mut self, media: Media) -> io::Result<()> {
        let tag = Tag::from(media);
        if tag.kind == TagKind::Script && self.take_metadata(&tag)? {
            return Ok(());
        }
        self.writer.append(tag).map_err(invalid)?.encode(&mut self.buffer);
        if self.buffer.len() >= GOOD_WRITE { self.flush() } else { Ok(()) }
    }

    /// The first metadata goes to the front of the file; what comes later stays in its place too.
    fn take_metadata(&mut self, tag: &Tag) -> io::Result<bool> {
        let Ok(Some(metadata)) = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()) else { return Ok(false) };
        if !self.writer.set_metadata(metadata) || self.has_metadata {
            return Ok(false);
        }
        self.has_metadata = true;
        self.write_opening()?;
        Ok(true)
    }

    /// Hands everything to the operating system: from there on it outlives this process.
    pub(super) fn flush(&mut self) -> io::Result<()> {
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
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.write_opening()?;
        self.file.sync_all()
    }

    /// In bytes.
    pub(super) fn len(&self) -> u64 {
        self.written
    }

    /// In seconds.
    pub(super) fn duration(&self) -> f64 {
        self.writer.duration()
    }

    fn write_opening(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.writer.opening().map_err(invalid)?)?;
        self.file.seek(SeekFrom::Start(self.written))?;
        Ok(())
    }
}

fn invalid(error: FlvEncodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

const GOOD_WRITE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use rtmp_session::flv::{FileScan, FlvLimits};

    fn scan(path: &Path) -> rtmp_session::flv::FileSummary {
        let mut scan = FileScan::new(FlvLimits::default());
        let mut bytes = bytes::BytesMut::from(&std::fs::read(path).unwrap()[..]);
        scan.feed(&mut bytes).unwrap();
        scan.finish(&mut bytes).unwrap()
    }

    #[test]
    fn a_file_is_valid_before_and_after_it_is_finished() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = RecordingFile::create(directory.path(), "live_a").unwrap();
        let metadata = Metadata::new().with("width", 320).to_tag().unwrap();
        file.append(Media::data(0, metadata.data)).unwrap();
        for time in 0..100_u32 {
            let head: &[u8] = if time % 50 == 0 { &[0x17, 1, 0, 0, 0] } else { &[0x27, 1, 0, 0, 0] };
            file.append(Media::video(7000 + time * 40, [head, &[0; 1000]].concat())).unwrap();
        }
        file.flush().unwrap();
        let path = directory.path().join("live_a.flv");
        let running = scan(&path);
        assert_eq!((running.tags(), running.is_cut), (101, false));
        assert_eq!(running.metadata.as_ref().unwrap().width(), Some(320.0));

        file.finish().unwrap();
        let finished = scan(&path).metadata.unwrap();
        assert_eq!(finished.duration(), Some(4.0));
        assert_eq!(finished.file_size(), Some(path.metadata().unwrap().len() as f64));
        assert_eq!(finished.keyframes().unwrap().len(), 2);
    }
}
