//! Recordings: one FLV file per publish, written as it comes by a thread of its own, so that no disk stalls a stream.

mod file_name;
mod queue;

use std::fs::OpenOptions;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rtmp_examples::FlvFile;
use rtmp_session::Media;

use self::queue::Queue;

/// Makes recordings in one directory.
pub(crate) struct Recorder {
    directory: PathBuf,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A recording that goes on until this is dropped; then it is finished by its thread.
pub(crate) struct Recording {
    queue: Arc<Queue>,
}

impl Recorder {
    /// Makes the directory and tries whether files can be made in it: better now than when somebody publishes.
    pub(crate) fn new(directory: &Path) -> Result<Self, String> {
        let refused = |what: &str, error: io::Error| format!("--record {}: {what}: {error}", directory.display());
        std::fs::create_dir_all(directory)
            .map_err(|error| refused("no such directory, and none can be made", error))?;
        make_and_remove(&directory.join(probe_name())).map_err(|error| refused("no file can be made there", error))?;
        Ok(Self { directory: directory.to_owned(), threads: Mutex::default() })
    }

    /// Starts a recording. The file is made by its thread: whatever is wrong with it, the stream goes on.
    pub(crate) fn start(&self, app: &str, name: &str, peer: SocketAddr) -> Option<Recording> {
        let queue = Arc::new(Queue::default());
        let start = jiff::Timestamp::now();
        let target = Target {
            directory: self.directory.clone(),
            stem: file_name::stem(app, name, start),
            shown: self.directory.join(file_name::shown(app, name, start)),
            peer,
        };
        let thread = std::thread::Builder::new().name("recording".into()).spawn({
            let queue = Arc::clone(&queue);
            move || record(&target, &queue)
        });
        match thread {
            Ok(thread) => {
                let mut threads = self.threads();
                threads.retain(|thread| !thread.is_finished());
                threads.push(thread);
                Some(Recording { queue })
            }
            Err(error) => {
                tracing::error!("cannot record: no thread for it: {error}");
                None
            }
        }
    }

    /// Waits until all recordings that were ended are on disk.
    pub(crate) fn finish(&self) {
        let threads = std::mem::take(&mut *self.threads());
        for thread in threads {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recording {
    /// Never waits; see [`Queue::push`].
    pub(crate) fn push(&self, media: &Media) {
        self.queue.push(media);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Where a recording goes.
struct Target {
    directory: PathBuf,
    stem: String,
    /// The file as the log may show it.
    shown: PathBuf,
    peer: SocketAddr,
}

/// Fails where there is something already, a link included: nothing is written over.
fn make_and_remove(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(file)?;
    // Recordings are made, not removed: a directory in which nothing can be removed will do.
    let _ = std::fs::remove_file(file);
    Ok(())
}

/// Another for each start: the number of the process alone is the same in every container.
fn probe_name() -> String {
    format!(".mini-server-{}-{:016x}", std::process::id(), fastrand::u64(..))
}

/// The thread of one recording.
fn record(target: &Target, queue: &Queue) {
    let (peer, file) = (target.peer, target.shown.display());
    match write(target, queue) {
        Ok(written) => {
            let (bytes, seconds) = (written.position(), format_args!("{:.3}", written.duration()));
            let left_out = queue.left_out();
            tracing::info!(%peer, %file, bytes, seconds, left_out, "recording ended");
        }
        Err(error) => {
            queue.fail();
            tracing::error!(%peer, %file, "recording stopped, the stream goes on: {error}");
        }
    }
}

fn write(target: &Target, queue: &Queue) -> io::Result<FlvFile> {
    std::fs::create_dir_all(&target.directory)?;
    let mut file = FlvFile::create(file_name::create(&target.directory, &target.stem)?)?;
    tracing::info!(peer = %target.peer, file = %target.shown.display(), "recording");
    let mut batch = Vec::new();
    while queue.take(&mut batch) {
        for media in batch.drain(..) {
            file.append(media)?;
        }
        file.flush()?;
        queue.written();
    }
    file.complete()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_a_directory_leaves_what_is_there_alone() {
        let directory = tempfile::tempdir().unwrap();
        let (precious, link) = (directory.path().join("precious"), directory.path().join("link"));
        std::fs::write(&precious, "kept").unwrap();
        std::os::unix::fs::symlink(&precious, &link).unwrap();
        for there in [&precious, &link] {
            let error = make_and_remove(there).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{}", there.display());
        }
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&precious).unwrap(), b"kept");
    }

    #[test]
    fn servers_that_start_together_do_not_stop_each_other() {
        let directory = tempfile::tempdir().unwrap();
        let start = || (0..2000).try_for_each(|_| Recorder::new(directory.path()).map(drop));
        std::thread::scope(|scope| {
            let servers: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            for server in servers {
                assert_eq!(server.join().unwrap(), Ok(()));
            }
        });
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
