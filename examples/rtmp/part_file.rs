//! FLV files on disk: named when they are finished.

use crate::failure::Failure;
use rtmp_examples::{FlvFile, Resumed};
use rtmp_session::Media;
use rtmp_session::flv::{FlvLimits, Tag, repair};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Writes one file under a `.part` name and gives it its own when it is finished.
pub(crate) struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: FlvFile,
    flushed: Instant,
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

impl PartFile {
    pub(crate) fn create(path: &Path, naming: Naming) -> Result<Self, Failure> {
        let part = naming.unfinished(path);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&part);
        let file = file.and_then(FlvFile::create).map_err(|error| failed(&part, &error))?;
        Ok(Self { path: path.to_owned(), part, file, flushed: Instant::now() })
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
        let file = OpenOptions::new().read(true).write(true).open(&part);
        let resumed = file.and_then(|file| FlvFile::resume(file, gap)).map_err(|error| failed(&part, &error))?;
        let resumed = match resumed {
            Some(resumed) => Some(resumed),
            // Another program's file has no room for what is to be filled in at the end.
            None => FlvFile::resume(made_room(&part)?, gap).map_err(|error| failed(&part, &error))?,
        };
        let Some(Resumed { file, last_time }) = resumed else {
            return Err(Failure::file(part.display(), "cannot be gone on with"));
        };
        Ok(Some((Self { path: path.to_owned(), part, file, flushed: Instant::now() }, last_time)))
    }

    /// Appends one message. The first `onMetaData` becomes the file's own.
    pub(crate) fn write(&mut self, media: &Media) -> Result<(), Failure> {
        self.file.append(media.clone()).map_err(|error| failed(&self.part, &error))?;
        if self.flushed.elapsed() < FLUSH_EVERY {
            return Ok(());
        }
        self.flushed = Instant::now();
        self.file.flush().map_err(|error| failed(&self.part, &error))
    }

    pub(crate) fn size(&self) -> u64 {
        self.file.position()
    }

    /// Fills in duration, size and key frames, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Failure> {
        self.file.complete().map_err(|error| failed(&self.part, &error))?;
        if self.part != self.path {
            fs::rename(&self.part, &self.path).map_err(|error| failed(&self.path, &error))?;
        }
        Ok(self.path)
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

/// What is lost at most when the machine goes down.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
