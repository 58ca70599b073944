//! Where a recording goes: a file or standard output.

use crate::failure::Failure;
use crate::mp4::Mp4File;
use crate::part_file::{Naming, PartFile};
use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::flv::{FileHeader, FlvWriter, Metadata, Tag, WriterConfig};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One file, or the one pipe.
pub(crate) enum Output {
    File(Box<PartFile>),
    Mp4(Box<Mp4File>),
    Pipe(Box<FlvPipe>),
}

/// What a write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Yes,
    /// Nobody reads the pipe any more: time to stop, and no error.
    PipeClosed,
}

impl Output {
    pub(crate) fn create(path: &Path, naming: Naming) -> Result<Self, Failure> {
        if is_mp4(path) {
            return Ok(Self::Mp4(Box::new(Mp4File::create(path, naming)?)));
        }
        Self::create_flv(path, naming)
    }

    /// FLV, whatever the file is called.
    pub(crate) fn create_flv(path: &Path, naming: Naming) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Ok(Self::Pipe(Box::new(FlvPipe::new()?)));
        }
        Ok(Self::File(Box::new(PartFile::create(path, naming)?)))
    }

    pub(crate) fn write(&mut self, media: &Media) -> Result<Written, Failure> {
        match self {
            Self::File(file) => file.write(media).map(|()| Written::Yes),
            Self::Mp4(file) => file.write(media).map(|()| Written::Yes),
            Self::Pipe(pipe) => pipe.write(media),
        }
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.size(),
            Self::Mp4(file) => file.size(),
            Self::Pipe(pipe) => pipe.writer.position(),
        }
    }

    /// Ends the file properly, and gives its name.
    pub(crate) fn finish(self) -> Result<Option<PathBuf>, Failure> {
        match self {
            Self::File(file) => file.finish().map(Some),
            Self::Mp4(file) => file.finish().map(Some),
            Self::Pipe(_) => Ok(None),
        }
    }
}

/// The name tells the format.
pub(crate) fn is_mp4(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mp4"))
}

/// FLV as it comes, to standard output.
pub(crate) struct FlvPipe {
    /// Knows the times of the file; what it says about the whole cannot be filled in.
    writer: FlvWriter,
    started: bool,
}

impl FlvPipe {
    fn new() -> Result<Self, Failure> {
        let writer = FlvWriter::new(Metadata::new(), WriterConfig::default());
        Ok(Self { writer: writer.map_err(|error| Failure::file(STDOUT, error))?, started: false })
    }

    fn write(&mut self, media: &Media) -> Result<Written, Failure> {
        let tag = self.writer.append(Tag::from(media.clone())).map_err(|error| Failure::file(STDOUT, error))?;
        let mut bytes = BytesMut::with_capacity(tag.encoded_len() + 13);
        if !std::mem::replace(&mut self.started, true) {
            bytes.extend_from_slice(&FileHeader::new(true, true).to_bytes());
        }
        tag.encode(&mut bytes);
        let mut stdout = io::stdout().lock();
        match stdout.write_all(&bytes).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(Written::Yes),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Written::PipeClosed),
            Err(error) => Err(Failure::file(STDOUT, error)),
        }
    }
}

const STDOUT: &str = "standard output";
