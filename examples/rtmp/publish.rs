//! `rtmp publish`: files or standard input to one or more servers.

use crate::cli::is_url;
use crate::dial::Dialer;
use crate::failure::{Exit, Failure, Step};
use crate::file_source::FileSource;
use crate::flat_out::FlatOut;
use crate::general::{General, seconds};
use crate::outlet::{self, Feed, Phase, SOURCE};
use crate::progress::Progress;
use crate::stop_signal::StopSignal;
use crate::target::{ConnectOptions, Target};
use clap::Args;
use rtmp_session::Media;
use rtmp_session::live::ChannelConfig;
use rtmp_session::tokio::live::Hub;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Publishes FLV or MP4 files or standard input to one or more servers, in real time
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Each server is looked after on its own: one that is slow, stopped or gone never holds up the others. It is retried with
growing pauses, and goes on with a key frame.

Examples:
  rtmp publish show.flv rtmp://live.example.com/app/KEY
  rtmp publish --loop jingle.flv news.flv rtmp://a.example.com/live/x rtmps://b.example.com/live/y
  ffmpeg -re -i show.mp4 -c copy -f flv - | rtmp publish - rtmp://live.example.com/app/KEY
  rtmp publish --flat-out show.flv rtmp://localhost/live/test")]
pub(crate) struct Publish {
    /// FLV or MP4 files, played one after the other (- is FLV on standard input), and the URLs to publish to
    #[arg(required = true, value_name = "FILE|URL")]
    what: Vec<String>,

    /// Start again with the first file after the last
    #[arg(long = "loop")]
    looped: bool,

    /// As fast as the server takes it, instead of by the time stamps; a lost connection is not retried
    #[arg(long)]
    flat_out: bool,

    /// How far a slow server may fall behind before it is skipped to the newest key frame
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "4")]
    max_age: Duration,

    /// Keep trying from the beginning on, although no server can be reached at first
    #[arg(long)]
    wait: bool,

    /// Give a server up when it has been away for so long; without it, never while there is something to publish
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    give_up: Option<Duration>,

    /// Send nothing in a codec that the server does not list, if it lists any; without it there is a warning
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    connect: ConnectOptions,
}

impl Publish {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        let urls = self.what.iter().filter(|word| is_url(word));
        urls.map(|url| Target::parse(url, &self.connect)).collect()
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let targets = self.targets()?;
        let files: Vec<String> = self.what.iter().filter(|word| !is_url(word)).cloned().collect();
        self.check(&targets, &files)?;
        let dialer = Arc::new(Dialer::new(general)?);
        let progress = Progress::start(general);
        let result = if self.flat_out {
            self.publish_flat_out(files, targets, &dialer, &progress).await
        } else {
            self.publish_paced(files, targets, dialer, &progress).await
        };
        progress.finish();
        result
    }

    fn check(&self, targets: &[Target], files: &[String]) -> Result<(), Failure> {
        if files.is_empty() {
            return Err(Failure::arguments("nothing to publish").hint("name an FLV file, or - for standard input"));
        }
        if targets.is_empty() {
            return Err(Failure::arguments("nowhere to publish to").hint("name a URL: rtmp://HOST/APP/STREAM"));
        }
        if let Some(target) = targets.iter().find(|target| target.url.stream.is_empty()) {
            let place = target.place();
            return Err(Failure::new(Step::Arguments, place, "the URL has no stream name or key")
                .hint("rtmp://HOST/APP/STREAM, or --stream NAME"));
        }
        for name in files.iter().filter(|name| *name != "-") {
            FileSource::check(name)?;
        }
        let reads_stdin = files.iter().any(|name| name == "-");
        if reads_stdin && (self.looped || (self.flat_out && targets.len() > 1)) {
            return Err(Failure::arguments("standard input can be read only once")
                .hint("leave out --loop, and --flat-out with more than one URL"));
        }
        Ok(())
    }

    async fn publish_paced(
        &self,
        files: Vec<String>,
        targets: Vec<Target>,
        dialer: Arc<Dialer>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let hub = Hub::new(live_config(self.max_age));
        let (phase, phase_seen) = watch::channel(Phase::Waiting);
        let (tried, mut tries) = mpsc::unbounded_channel();
        let feed = Feed {
            hub: hub.clone(),
            dialer,
            progress: progress.clone(),
            phase: phase_seen,
            tried,
            give_up: self.give_up,
            strict: self.strict,
        };
        let count = targets.len();
        let tasks: Vec<_> = targets
            .into_iter()
            .map(|target| {
                let line = progress.line(target.display());
                tokio::spawn(outlet::run(target, feed.clone(), line))
            })
            .collect();
        drop(feed);
        // The beginning is for those who can be reached at all; nobody is waited for twice.
        let mut reached = false;
        for _ in 0..count {
            reached |= tries.recv().await.unwrap_or(false);
        }
        let begin = reached || self.wait;
        let _ = phase.send(if begin { Phase::Running } else { Phase::Ended });
        let stop = Arc::new(AtomicBool::new(!begin));
        let source = FileSource::new(files, self.looped);
        let reader = {
            let stop = Arc::clone(&stop);
            tokio::task::spawn_blocking(move || feed_paced(source, &hub, &stop))
        };
        let mut result = stop_on_signal(reader, &stop, &tasks).await;
        let _ = phase.send(Phase::Ended);
        for task in tasks {
            let outcome = task.await.unwrap_or_else(|error| Err(Failure::arguments(error)));
            result = result.and(outcome);
        }
        result
    }

    async fn publish_flat_out(
        &self,
        files: Vec<String>,
        targets: Vec<Target>,
        dialer: &Arc<Dialer>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let tasks: Vec<_> = targets
            .into_iter()
            .map(|target| {
                let source = FileSource::new(files.clone(), self.looped);
                let job = FlatOut {
                    line: progress.line(target.display()),
                    target,
                    progress: progress.clone(),
                    strict: self.strict,
                };
                let dialer = Arc::clone(dialer);
                tokio::spawn(async move { job.publish(source, &dialer).await })
            })
            .collect();
        let mut result = Ok(());
        for task in tasks {
            result = result.and(task.await.unwrap_or_else(|error| Err(Failure::arguments(error))));
        }
        result
    }
}

/// Limits of the log between source and targets.
pub(crate) fn live_config(max_age: Duration) -> ChannelConfig {
    ChannelConfig::default()
        .max_span(max_age.max(Duration::from_secs(1)) * 4)
        .lag_span(max_age)
        .lag_bytes(0)
        .max_bytes(128 << 20)
}

/// Waits for the reader, or makes it stop on a signal, or when nobody is left to publish to.
async fn stop_on_signal(
    mut reader: tokio::task::JoinHandle<Result<(), Failure>>,
    stop: &AtomicBool,
    tasks: &[tokio::task::JoinHandle<Result<(), Failure>>],
) -> Result<(), Failure> {
    let mut signal = StopSignal::new();
    loop {
        tokio::select! {
            read = &mut reader => return read.unwrap_or_else(|error| Err(Failure::arguments(error))),
            () = signal.received() => stop.store(true, Ordering::Relaxed),
            () = tokio::time::sleep(Duration::from_millis(200)) => {
                if tasks.iter().all(tokio::task::JoinHandle::is_finished) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
        if stop.load(Ordering::Relaxed) {
            // A read from a terminal or a pipe cannot be interrupted; the process ends without it.
            return tokio::time::timeout(Duration::from_secs(1), reader)
                .await
                .unwrap_or(Ok(Ok(())))
                .unwrap_or_else(|error| Err(Failure::arguments(error)));
        }
    }
}

/// Reads and hands on by the time stamps. Runs on a thread of its own, since it blocks.
fn feed_paced(mut source: FileSource, hub: &Hub, stop: &AtomicBool) -> Result<(), Failure> {
    let mut publisher = hub.publish(SOURCE).map_err(|busy| Failure::arguments(busy).exit(Exit::Error))?;
    let mut pace = Pace::default();
    while let Some(media) = source.next()? {
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let wait = pace.wait(&media, Instant::now());
            if wait.is_zero() {
                break;
            }
            thread::sleep(wait.min(Duration::from_millis(100)));
        }
        pace.passed(&media);
        publisher.push(media);
    }
    Ok(())
}

/// When a message is due, by its time stamp.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// A moment and the time stamp that was due then.
    anchor: Option<(Instant, u32)>,
    last: u32,
}

impl Pace {
    /// How long to wait with this message.
    fn wait(&mut self, media: &Media, now: Instant) -> Duration {
        let step = media.timestamp.wrapping_sub(self.last) as i32;
        match self.anchor {
            Some((moment, timestamp)) if step.unsigned_abs() < JUMP => {
                let due = media.timestamp.wrapping_sub(timestamp) as i32;
                (moment + Duration::from_millis(u64::try_from(due).unwrap_or(0))).saturating_duration_since(now)
            }
            // The first, or a jump in time: it is due now, and those behind it follow.
            _ => {
                self.anchor = Some((now, media.timestamp));
                self.last = media.timestamp;
                Duration::ZERO
            }
        }
    }

    fn passed(&mut self, media: &Media) {
        self.last = media.timestamp;
    }
}

/// Milliseconds between two messages that are a new beginning rather than a pause.
const JUMP: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_due_by_their_time_stamps_and_jumps_are_not_waited_out() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let mut wait = |timestamp: u32, elapsed: u64| {
            let media = Media::video(timestamp, vec![0x27]);
            let wait = pace.wait(&media, now + Duration::from_millis(elapsed));
            if wait.is_zero() {
                pace.passed(&media);
            }
            wait.as_millis()
        };
        assert_eq!(wait(5000, 0), 0);
        assert_eq!(wait(5040, 0), 40);
        assert_eq!(wait(5040, 40), 0);
        assert_eq!(wait(5030, 41), 0); // back a little
        assert_eq!(wait(5080, 60), 20);
        assert_eq!(wait(5080, 500), 0); // late
        assert_eq!(wait(20_000_000, 501), 0); // a jump forward
        assert_eq!(wait(20_000_040, 501), 40);
        assert_eq!(wait(20_000_040, 541), 0);
        assert_eq!(wait(0, 600), 0); // and one back
        assert_eq!(wait(40, 610), 30);
    }
}
