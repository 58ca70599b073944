//! Recordings: one FLV file per publish, written as it comes by a thread of its own, so that no disk stalls a stream.

mod file_name;
mod queue;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rtmp_examples::FlvFile;
use rtmp_session::Media;

use self::queue::Queue;
use crate::names::Redacted;

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
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), threads: Mutex::default() }
    }

    /// Starts a recording. The file is made by its thread: whatever is wrong with it, the stream goes on.
    pub(crate) fn start(&self, app: &str, name: &str) -> Option<Recording> {
        let queue = Arc::new(Queue::default());
        let target = Target {
            directory: self.directory.clone(),
            stem: file_name::stem(app, name, jiff::Timestamp::now()),
            shown: format!("{app}/{}", Redacted(name)).escape_debug().to_string(),
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
    /// The stream as the log may show it.
    shown: String,
}

/// The thread of one recording.
fn record(target: &Target, queue: &Queue) {
    let stream = &target.shown;
    match write(target, queue) {
        Ok(file) => {
            let (bytes, seconds) = (file.position(), file.duration());
            let left_out = queue.left_out();
            tracing::info!(%stream, bytes, seconds, left_out, "recording ended");
        }
        Err(error) => {
            queue.fail();
            let directory = target.directory.display();
            tracing::error!(%stream, %directory, "recording stopped, the stream goes on: {error}");
        }
    }
}

fn write(target: &Target, queue: &Queue) -> std::io::Result<FlvFile> {
    std::fs::create_dir_all(&target.directory)?;
    let mut file = FlvFile::create(file_name::create(&target.directory, &target.stem)?)?;
    tracing::info!(stream = %target.shown, directory = %target.directory.display(), "recording");
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
