//! `rtmp relay`: from one server to others, without a file.

use crate::backoff::Backoff;
use crate::cli::is_url;
use crate::dial::Dialer;
use crate::failure::{Exit, Failure, Step};
use crate::general::{General, seconds};
use crate::inlet::{Heard, Inlet};
use crate::outlet::{self, Feed, Phase, SOURCE};
use crate::progress::{Line, Progress};
use crate::publish::live_config;
use crate::record::Continuity;
use crate::stop_signal::StopSignal;
use crate::target::{ConnectOptions, Target};
use clap::Args;
use rtmp_session::tokio::live::{Hub, Publisher};
use rtmp_session::{Media, PlayOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

/// Plays a stream and publishes it to one or more other servers, bytes unchanged
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The source and each target are looked after on their own: one that is lost is retried with growing pauses and goes on
with a key frame; the others notice nothing.

Examples:
  rtmp relay rtmp://studio.example.com/live/show rtmp://a.example.com/app/KEY rtmps://b.example.com/app/KEY
  rtmp relay --give-up 10m rtmp://localhost/live/cam rtmp://backup.example.com/live/cam")]
pub(crate) struct Relay {
    /// Where to play from
    #[arg(value_name = "SOURCE")]
    source: String,

    /// Where to publish to
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,

    /// How far a slow target may fall behind before it is skipped to the newest key frame
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "4")]
    max_age: Duration,

    /// Stop when the source has been away for so long; a target that is, is left out
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "60")]
    give_up: Duration,
}

impl Relay {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        let urls = [&self.source].into_iter().chain(&self.targets);
        urls.map(|url| {
            if !is_url(url) {
                return Err(Failure::arguments(format!("{url:?} is not a URL")).hint("rtmp publish sends files"));
            }
            let target = Target::parse(url, &ConnectOptions::default())?;
            if target.url.stream.is_empty() {
                return Err(Failure::new(Step::Arguments, target.place(), "the URL has no stream name"));
            }
            Ok(target)
        })
        .collect()
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let mut targets = self.targets()?;
        let source = targets.remove(0);
        let dialer = Arc::new(Dialer::new(general)?);
        let progress = Progress::start(general);
        let hub = Hub::new(live_config(self.max_age));
        let (phase, phase_seen) = watch::channel(Phase::Running);
        let (tried, _tries) = mpsc::unbounded_channel();
        let feed = Feed {
            hub: hub.clone(),
            dialer: Arc::clone(&dialer),
            progress: progress.clone(),
            phase: phase_seen,
            tried,
            give_up: Some(self.give_up),
            strict: false,
        };
        let mut pull = Pull {
            line: progress.line(source.display()),
            source,
            dialer,
            progress: progress.clone(),
            continuity: Continuity::new(),
            began: false,
            give_up: self.give_up,
        };
        // The targets are asked first: who is refused need not bother the source.
        let tasks: Vec<_> = targets
            .into_iter()
            .map(|target| {
                let line = progress.line(target.display());
                tokio::spawn(outlet::run(target, feed.clone(), line))
            })
            .collect();
        drop(feed);
        let publisher = hub.publish(SOURCE).map_err(|busy| Failure::arguments(busy).exit(Exit::Error))?;
        let all_gone = async {
            while !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
                sleep(Duration::from_millis(200)).await;
            }
        };
        let pulled = tokio::select! {
            pulled = pull.supervise(publisher) => pulled,
            () = all_gone => Ok(()),
        };
        let _ = phase.send(Phase::Ended);
        let mut result = pulled;
        for task in tasks {
            result = result.and(task.await.unwrap_or_else(|error| Err(Failure::arguments(error))));
        }
        progress.finish();
        result
    }
}

/// The source.
struct Pull {
    source: Target,
    dialer: Arc<Dialer>,
    progress: Progress,
    line: Line,
    continuity: Continuity,
    began: bool,
    give_up: Duration,
}

impl Pull {
    /// Takes the publisher with it: when it returns, the stream is over for the targets.
    async fn supervise(&mut self, mut publisher: Publisher) -> Result<(), Failure> {
        let mut backoff = Backoff::default();
        let mut stop = StopSignal::new();
        let mut away_since = Instant::now();
        loop {
            self.line.state("connecting");
            let before = self.line.bytes();
            let ended = tokio::select! {
                ended = self.pull(&mut publisher) => ended,
                () = stop.received() => return Ok(()),
            };
            if self.line.bytes() > before {
                away_since = Instant::now();
                backoff.reset();
            }
            let failure = match ended {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if (!failure.is_passing() && !self.began) || away_since.elapsed() >= self.give_up {
                return Err(failure);
            }
            let pause = backoff.next(Instant::now().into_std());
            self.line.state("waiting");
            self.progress.note(format!("{failure}\n  again in {:.1} s", pause.as_secs_f64()));
            tokio::select! {
                () = sleep(pause) => {}
                () = stop.received() => return Ok(()),
            }
        }
    }

    /// One connection. Ok when the stream is over.
    async fn pull(&mut self, publisher: &mut Publisher) -> Result<(), Failure> {
        let mut inlet = Inlet::open(&self.dialer, &self.source, &PlayOptions::default()).await?;
        self.line.state("live");
        if self.began {
            self.continuity.rejoin();
            self.line.reconnected();
        }
        let mut left = None;
        loop {
            let patience = async {
                match left {
                    Some(since) => tokio::time::sleep_until(since + self.give_up).await,
                    None => std::future::pending().await,
                }
            };
            let heard = tokio::select! {
                heard = inlet.next() => heard?,
                () = patience => return Ok(()),
            };
            match heard {
                Heard::Media(media) => {
                    left = None;
                    self.push(media, publisher);
                }
                Heard::PublisherLeft => {
                    self.line.state("publisher away");
                    self.continuity.rejoin();
                    left = Some(Instant::now());
                }
                Heard::PublisherCame => {
                    self.line.state("live");
                    left = None;
                }
                Heard::Ended(_) => return Ok(()),
                Heard::Reconnect(url) => {
                    let session = inlet.client().session().successor(url.as_deref(), Instant::now().into_std());
                    if let Ok(session) = session {
                        self.source.url = session.url().clone();
                        let text = format!("the server asks to move to {}", self.source.display());
                        inlet.close().await;
                        return Err(Failure::new(Step::Media, self.source.place(), text));
                    }
                }
            }
        }
    }

    fn push(&mut self, media: Media, publisher: &mut Publisher) {
        let Some(media) = self.continuity.place(media) else { return };
        self.began = true;
        self.line.media(media.timestamp.into(), media.payload.len());
        publisher.push(media);
    }
}
