//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rtmp_session::RtmpUrl;

use crate::clip::ClipConfig;

/// Loads an RTMP server and says what it did: what was lost, how late it came, what it cost.
///
/// Every generated message carries its time, its number and a checksum; every player checks them. Works with any RTMP
/// server: ours, nginx-rtmp, SRS, xiu, node-media-server, a service you may load.
#[derive(Debug, Parser)]
#[command(name = "rtmp-bench", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Publish generated streams, nothing else
    Publish(Publish),
    /// Play streams that somebody else publishes, and check those that `rtmp-bench publish` made
    Play(Play),
    /// Connect, play until the server says so, close: as many times and as fast as it goes
    Storm(Storm),
    /// Publish and play at once, and measure
    Measure(Measure),
    /// What the machine allows: one thread that writes made bytes to sockets in the rhythm of a stream, without a protocol
    FloorServer(FloorServer),
    /// Players for `floor-server`
    Floor(Floor),
    /// Medians of several results, as a Markdown table and an SVG chart
    Report(Report),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Server {
    /// Where the streams are: rtmp://HOST[:PORT]/APP/NAME. Several streams are NAME-0, NAME-1, ..
    #[arg(long, default_value = "rtmp://127.0.0.1:1935/live/bench", value_parser = parse_url)]
    pub(crate) url: RtmpUrl,

    /// How many streams
    #[arg(long, value_name = "M", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) streams: u16,

    /// Threads of this program [default: one for each processor it may use]
    #[arg(long, value_name = "COUNT")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Process of the server, on this machine: its processor time and memory, and those of its children, are part of the result
    #[arg(long)]
    pub(crate) pid: Option<u32>,
}

impl Server {
    /// Never more than there are processors: the load should not fight itself.
    pub(crate) fn thread_count(&self) -> usize {
        let available = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.threads.map_or(available, |wanted| wanted.get().min(available))
    }

    pub(crate) fn url_of(&self, stream: u16) -> RtmpUrl {
        let mut url = self.url.clone();
        if self.streams > 1 {
            url.stream = format!("{}-{stream}", url.stream);
        }
        url
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// Bit rate of each stream, in kilobits a second, with its audio
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u32).range(16..=1_000_000))]
    pub(crate) kbps: u32,

    /// Pictures a second
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) fps: u32,

    /// Seconds from key frame to key frame
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) gop: u32,

    /// No sound
    #[arg(long)]
    pub(crate) no_audio: bool,

    /// Send as fast as the server takes it
    #[arg(long)]
    pub(crate) flat_out: bool,
}

impl Source {
    pub(crate) fn clip(&self) -> ClipConfig {
        let Self { kbps, fps, gop, no_audio, .. } = *self;
        ClipConfig { kbps, frames_per_second: fps, gop_seconds: gop, audio: !no_audio }
    }

    /// Messages that each player of a stream should get in a second; 0 if nobody can tell.
    pub(crate) fn messages_per_second(&self) -> f64 {
        if self.flat_out { 0.0 } else { self.clip().messages_per_second() }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Crowd {
    /// How many players
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) players: u32,

    /// Most players that connect at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) at_once: u32,

    /// Spread the joining over this time, from half a GOP behind the beginning of the publishers on. A server without a key
    /// frame at hand lets who joins wait for the next, so the moment counts [default: one GOP; 2s if somebody else publishes]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) join_over: Option<Duration>,

    /// Verify the checksum of every message of each K-th player; numbers and times are checked for all
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) verify_every: u32,

    /// How many of the players read slowly, through a small receive buffer; they are counted apart. When the measured time is
    /// over they catch up at full speed, which shows what they missed
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) slow: u32,

    /// What a slow player reads, in kilobits a second
    #[arg(long, value_name = "KBPS", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) slow_kbps: u32,

    /// Players that have started look at nothing: the kernel discards what came, uncopied. Only bytes are counted then, and
    /// a processor of players takes more than a processor of most servers can send
    #[arg(long)]
    pub(crate) discard: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Window {
    /// How long to measure (10s, 500ms)
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_time)]
    pub(crate) time: Duration,

    /// From when all players have a picture to when the measuring begins
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_time)]
    pub(crate) warm_up: Duration,

    /// How long to wait for all players to have a picture
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_time)]
    pub(crate) join_within: Duration,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// Name in tables and charts
    #[arg(long, value_name = "NAME", default_value = "server")]
    pub(crate) label: String,

    /// Append the result as one line of JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write a page with the table and a chart of the latencies
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How long
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    pub(crate) time: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct Play {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) crowd: Crowd,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) crowd: Crowd,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) output: Output,
    /// End with 1 if the server was past its limit, and only then: a message lost, less than 98 % delivered, a silence of
    /// more than a second, 1 % of the messages a second late, or a player without a picture
    #[arg(long)]
    pub(crate) limit: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Storm {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How many connections in all
    #[arg(long, value_name = "COUNT", default_value_t = 3000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
    /// Connections at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) at_once: u32,
    /// Give up after
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    pub(crate) within: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct FloorServer {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Address to listen on; it is printed
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: std::net::SocketAddr,
    /// Gather what is sent for this long, into fewer and larger writes
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = parse_time)]
    pub(crate) coalesce: Duration,
    /// Stop after
    #[arg(long, value_name = "TIME", default_value = "600s", value_parser = parse_time)]
    pub(crate) time: Duration,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Floor {
    #[command(flatten)]
    pub(crate) server: Server,
    /// Bit rate of the floor server, in kilobits a second: only to say in the result which it was
    #[arg(long, default_value_t = 4000)]
    pub(crate) kbps: u32,
    #[command(flatten)]
    pub(crate) crowd: Crowd,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Files with one result a line
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// What the results are about
    #[arg(long, value_enum, default_value_t)]
    pub(crate) table: Table,
    /// The label that others are divided by
    #[arg(long, value_name = "LABEL")]
    pub(crate) floor: Option<String>,
    /// Where to write the chart
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Replace what stands between `<!-- TAG -->` and `<!-- /TAG -->` in this file by the table, instead of printing it. Where
    /// there are no such marks, or no file, they are put at its end
    #[arg(long, value_name = "FILE", requires = "tag")]
    pub(crate) into: Option<PathBuf>,
    /// See `--into`
    #[arg(long)]
    pub(crate) tag: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Table {
    /// Cost, latency and memory of each server: one table for each number of players and bit rate, one for storms
    #[default]
    Servers,
    /// The same, and how far each is from a floor that gathers as long: LABEL-100ms is divided by FLOOR-100ms too
    Coalesce,
    /// How many players each server bears, from results of a growing number of them
    Knee,
    /// What one slow reader does to the others and to the memory, from results with and without one
    Slow,
    /// One publisher to one player without a clock
    FlatOut,
    /// What each added thread brings, from results with `--discard` and without
    Cores,
}

fn parse_url(text: &str) -> Result<RtmpUrl, String> {
    let url: RtmpUrl = text.parse().map_err(|error: rtmp_session::UrlError| error.to_string())?;
    if url.stream.is_empty() { Err("it names no stream".to_owned()) } else { Ok(url) }
}

/// A number and `s` or `ms`; at most an hour.
fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 0.001),
        (None, Some(number)) => (number, 1.0),
        (None, None) => return Err("a number with `s` or `ms` behind it".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "not a number".to_owned())?;
    let time = Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())?;
    if time > LONGEST { Err("more than an hour".to_owned()) } else { Ok(time) }
}

const LONGEST: Duration = Duration::from_secs(3600);

const EXAMPLES: &str = "\
Examples:
  rtmp-bench measure --players 500 --pid $(pidof mini-server) --html result.html
  rtmp-bench storm --connections 3000 --at-once 200
  rtmp-bench measure --url rtmp://127.0.0.1:1936/live/x --streams 50 --players 50 --kbps 2000
  taskset -c 0 mini-server --threads 1 &  taskset -c 1 rtmp-bench measure --players 1000 --kbps 300

Ends with 1 if a message was lost, damaged or out of order, or a player did not get what it asked for.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_time("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_time("20ms"), Ok(Duration::from_millis(20)));
        for wrong in ["", "5", "s", "-1s", "3601s", "NaNs"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
