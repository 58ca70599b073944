//! `rtmp record`: streams to files.

mod continuity;
mod headers;
mod jobs;
mod name;
mod output;
mod overlap;
mod recorder;
mod until;

pub(crate) use continuity::Continuity;
pub(crate) use name::NameTemplate;
pub(crate) use output::{Output, Written};
pub(crate) use overlap::Overlap;
pub(crate) use recorder::{Job, record};
pub(crate) use until::Until;

use crate::dial::Dialer;
use crate::failure::Failure;
use crate::general::{General, seconds};
use crate::progress::Progress;
use crate::target::{ConnectOptions, Target};
use clap::Args;
use std::sync::Arc;
use std::time::Duration;

/// Records streams to FLV or fragmented MP4 files
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
A lost connection is retried with growing pauses, and the file goes on with continuous times and a noted gap. While it is
being written a file has .part behind its name; it can be played at any instant. Ctrl-C, SIGTERM and a closed terminal
(unless nohup started this) finish it.

In file names {host}, {app}, {stream} and {n} (the number of the part) are filled in, and strftime's % sequences with the
time at which the file begins.

Examples:
  rtmp record rtmp://live.example.com/app/show -o show.flv
  rtmp record rtmp://live.example.com/app/show -o show.mp4
  rtmp record rtmp://radio.example.com/live/one --until 21:00 -o '%Y-%m-%d.flv'
  rtmp record rtmp://live.example.com/app/show --split 1h -o 'show-%Y%m%d-%H%M-{n}.flv'
  rtmp record --config jobs.toml
  rtmp record rtmp://vod.example.com/vod/film --resume -o film.flv
  rtmp record rtmp://live.example.com/app/show -o - | ffplay -")]
pub(crate) struct Record {
    /// What to record; several are recorded at once, each looked after on its own
    #[arg(required_unless_present = "config", value_name = "URL")]
    urls: Vec<String>,

    /// File to write, FLV or (H.264, HEVC, AV1 or VP9 with AAC or Opus) fragmented MP4, or - for FLV on standard output
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_NAME)]
    output: String,

    #[command(flatten)]
    when: When,

    /// Recordings to make, from a TOML file: tables `[[job]]` with url, output and the names of these options (with _ for
    /// -), and repeat = true to wait for the next publisher when one has left
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    config: Option<std::path::PathBuf>,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// What part of a stream to record.
#[derive(Args, Clone, Debug)]
pub(crate) struct When {
    /// The live stream only, even if the server has a recording of the same name
    #[arg(long)]
    pub(crate) live: bool,

    /// Where to begin in a recorded stream
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) start: Option<Duration>,

    /// Stop after so much of the stream
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) stop: Option<Duration>,

    /// Stop at this time of day (21:00), or date and time; until then the stream may go and come back
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Until>,

    /// Begin a new file after so much of the stream, at the next key frame
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) split: Option<Duration>,

    /// Go on with a file that is there: of a live stream behind what it holds, of a recorded one where it stops
    #[arg(long)]
    pub(crate) resume: bool,

    /// Stop when the connection or the publisher has been away for so long
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "60")]
    pub(crate) give_up: Duration,
}

/// The stream's name may be a key, so it is left out.
const DEFAULT_NAME: &str = "{app}-%Y%m%d-%H%M%S.flv";

impl Record {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        self.urls.iter().map(|url| Target::parse(url, &self.connect)).collect()
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let jobs = self.jobs()?;
        let dialer = Arc::new(Dialer::new(general)?);
        let progress = Progress::start(general);
        let tasks: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                let line = progress.line(job.target.display());
                tokio::spawn(record(job, Arc::clone(&dialer), progress.clone(), line))
            })
            .collect();
        let mut result = Ok(());
        for task in tasks {
            result = result.and(task.await.unwrap_or_else(|error| Err(Failure::arguments(error))));
        }
        progress.finish();
        result
    }

    fn jobs(&self) -> Result<Vec<Job>, Failure> {
        if let Some(config) = &self.config {
            return jobs::read_jobs(config);
        }
        let targets = self.targets()?;
        let several = targets.len() > 1;
        if several && self.output == "-" {
            return Err(Failure::arguments("several streams cannot go to standard output"));
        }
        let job = |(number, target): (usize, Target)| {
            if target.url.stream.is_empty() {
                return Err(Failure::new(
                    crate::failure::Step::Arguments,
                    target.place(),
                    "the URL has no stream name",
                )
                .hint("rtmp://HOST/APP/STREAM, or --stream NAME"));
            }
            // Without a name of its own, each of several would be written over the other.
            let numbered = several && !self.output.contains("{stream}");
            let output = if numbered { add_suffix(&self.output, number + 1) } else { self.output.clone() };
            Ok(Job { target, output, when: self.when.clone(), repeat: false })
        };
        targets.into_iter().enumerate().map(job).collect()
    }
}

/// `show.flv` becomes `show.2.flv`.
fn add_suffix(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}.{number}.{extension}"),
        _ => format!("{name}.{number}"),
    }
}
