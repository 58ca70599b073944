//! The command line.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::publish_key::PublishKey;

/// An RTMP server that needs no configuration.
///
/// Publish to rtmp://HOST/APP/NAME with ffmpeg, OBS, GStreamer or any other encoder, and play the same URL with as many
/// players as you like, from wherever the stream is. APP and NAME are yours to choose; what follows a `?` is ignored.
/// One publisher per name: a second one is refused.
///
/// Whoever can reach the server may publish, unless there is a --publish-key, and whoever knows APP and NAME may play.
#[derive(Debug, Parser)]
#[command(name = "mini-server", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address to listen on, once for each. Port 0 takes a free one
    /// [default: 0.0.0.0:1935 and [::]:1935]
    #[arg(long, value_name = "ADDR:PORT", value_parser = parse_address)]
    pub(crate) listen: Vec<SocketAddr>,

    /// Take in only who publishes to rtmp://HOST/APP/NAME?key=KEY; OBS has NAME?key=KEY as its stream key. Letters,
    /// digits, `-`, `.`, `_` and `~`. Players need no key
    #[arg(long, value_name = "KEY")]
    pub(crate) publish_key: Option<PublishKey>,

    /// Record every publish as an FLV file, DIR/APP_NAME_UTC-START.flv. The directory is made if it is not there.
    /// Where names of streams are secrets, so are those of the files
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,

    /// Publish a bundled clip as live/demo, over and over
    #[arg(long)]
    pub(crate) demo: bool,

    /// Under load, gather what is sent to players for up to this long (100ms, 0.1s; a plain number is in ms): fewer and
    /// larger writes, which cost far less. Sending begins no later, and with few players next to nothing is held
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    pub(crate) coalesce: Duration,

    /// Memory for the media of all streams together (512M, 2G). When it runs short, the largest streams keep less for
    /// players that come late or lag, and who holds much and does not move is closed
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = parse_size)]
    pub(crate) media_memory: usize,

    /// Publishers at a time; one more is refused with NetStream.Publish.Rejected
    #[arg(long, value_name = "COUNT", default_value = "320")]
    pub(crate) max_publishers: NonZeroUsize,

    /// Send players that did not announce multitrack (capsEx) the default track alone, in messages without tracks. Without
    /// this everybody gets every track: ffmpeg 7 and later read them and do not announce it
    #[arg(long)]
    pub(crate) default_track: bool,

    /// Threads that serve connections, at most 1024 [default: one for each processor this process may use]
    #[arg(long, value_name = "COUNT", value_parser = parse_threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

impl Args {
    /// Where to listen, and whether the user asked for each of these by name.
    pub(crate) fn addresses(&self) -> (Vec<SocketAddr>, bool) {
        if !self.listen.is_empty() {
            return (self.listen.clone(), true);
        }
        let any = [(Ipv4Addr::UNSPECIFIED, DEFAULT_PORT).into(), (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into()];
        (any.to_vec(), false)
    }

    /// How many threads to start. `available_parallelism` respects affinity masks and control groups.
    pub(crate) fn thread_count(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.threads.map_or_else(available, NonZeroUsize::get)
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port: 127.0.0.1:1935, 0.0.0.0:1935 or [::]:1935".to_owned())
}

fn parse_threads(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MOST_THREADS);
    count.ok_or_else(|| format!("not a number from 1 to {MOST_THREADS}"))
}

/// A number and `s` or `ms`; a plain number is milliseconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 0.001),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 0.001),
    };
    let number: f64 = number.trim().parse().map_err(|_| "not a number, with `ms` or `s` behind it".to_owned())?;
    let duration = Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())?;
    if duration > LONGEST_COALESCE { Err("more than 10 s".to_owned()) } else { Ok(duration) }
}

/// A number of bytes, with `K`, `M` or `G` behind it for the powers of 1024.
fn parse_size(text: &str) -> Result<usize, String> {
    let unit = match text.as_bytes().last() {
        Some(b'K' | b'k') => 10,
        Some(b'M' | b'm') => 20,
        Some(b'G' | b'g') => 30,
        _ => 0,
    };
    let number = if unit == 0 { text } else { &text[..text.len() - 1] };
    let number: usize = number.trim().parse().map_err(|_| "not a number, with `K`, `M` or `G` behind it".to_owned())?;
    let bytes = number.checked_mul(1 << unit).ok_or("more than there is")?;
    if bytes < LEAST_MEMORY { Err("less than 32M, which is one stream".to_owned()) } else { Ok(bytes) }
}

const LEAST_MEMORY: usize = 32 << 20;
/// More than any machine has processors for; each takes some descriptors.
const MOST_THREADS: usize = 1024;
const DEFAULT_PORT: u16 = 1935;
const LONGEST_COALESCE: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  mini-server --demo                     then: ffplay rtmp://localhost/live/demo
  mini-server --record recordings        then: ffmpeg -re -i clip.mp4 -c copy -f flv rtmp://localhost/live/clip
  mini-server --listen 127.0.0.1:0       a free port; it is printed

When it is ready, one line per listener stands on standard output: listening on rtmp://ADDR:PORT
The log goes to standard error. RUST_LOG chooses how much: RUST_LOG=warn, RUST_LOG=mini_server=debug.
Ctrl-C, SIGTERM and a closed terminal (SIGHUP, on Linux) end recordings cleanly, tell the players, and stop the server.
Started with nohup it outlives its terminal.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(parse_duration("0.35s"), Ok(Duration::from_millis(350)));
        assert_eq!(parse_duration("20"), Ok(Duration::from_millis(20)));
        for wrong in ["", "ms", "fast", "-1ms", "11s", "NaN"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("512M"), Ok(512 << 20));
        assert_eq!(parse_size("2g"), Ok(2 << 30));
        assert_eq!(parse_size("40000K"), Ok(40_000 << 10));
        assert_eq!(parse_size("100000000"), Ok(100_000_000));
        for wrong in ["", "M", "1M", "-5G", "1.5G", "99999999999999999G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_hint() {
        let refusal =
            |args: [&str; 2]| Args::try_parse_from(["mini-server"].iter().chain(&args)).unwrap_err().to_string();
        assert!(refusal(["--listen", "localhost:1935"]).contains("0.0.0.0:1935 or [::]:1935"));
        assert!(refusal(["--listen", ":1935"]).contains("0.0.0.0:1935"));
        assert!(refusal(["--threads", "0"]).contains("from 1 to 1024"));
        assert!(refusal(["--threads", "100000"]).contains("from 1 to 1024"));
        assert!(refusal(["--max-publishers", "0"]).contains("--max-publishers"));
        assert!(refusal(["--publish-key", "a&b"]).contains("letters"));
    }

    #[test]
    fn the_default_is_both_families_on_the_usual_port() {
        let (addresses, explicit) = Args::parse_from(["mini-server"]).addresses();
        assert_eq!(addresses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.0.0.0:1935", "[::]:1935"]);
        assert!(!explicit);
    }
}
