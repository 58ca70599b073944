//! The result of a run: one line of JSON, a table for humans.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::args::{Crowd, Output, Server, Source};
use crate::crew::Seen;
use crate::tally::Times;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    /// publish, play, storm, measure or floor.
    pub(crate) command: String,
    pub(crate) label: String,
    pub(crate) date: String,
    pub(crate) machine: String,
    pub(crate) streams: u16,
    /// Of each stream; 0 if somebody else published.
    pub(crate) kbps: u32,
    pub(crate) players: u32,
    /// How many of the players read slowly, how much each, and whether the players that started looked at nothing.
    #[serde(default)]
    pub(crate) slow: u32,
    #[serde(default)]
    pub(crate) slow_kbps: u32,
    #[serde(default)]
    pub(crate) discard: bool,
    /// Most connections that were made at the same time, and over how many seconds the players joined.
    #[serde(default)]
    pub(crate) at_once: u32,
    #[serde(default)]
    pub(crate) join_seconds: f64,
    /// Players that had a picture when the measuring began, and those of them that had not ended when it was over.
    pub(crate) watching: u32,
    #[serde(default)]
    pub(crate) stayed: u32,
    pub(crate) seconds: f64,
    /// What players that read at full speed got within these seconds.
    pub(crate) messages: u64,
    /// Messages that those who had a picture should have got while they had not ended; 0 if that is not known.
    #[serde(default)]
    pub(crate) expected: u64,
    pub(crate) bytes: u64,
    pub(crate) checksums_verified: u64,
    pub(crate) lost: u64,
    pub(crate) lost_before: u64,
    pub(crate) reordered: u64,
    pub(crate) corrupt: u64,
    pub(crate) misdirected: u64,
    pub(crate) foreign: u64,
    pub(crate) stalls: u64,
    pub(crate) slow_bytes: u64,
    pub(crate) slow_lost: u64,
    pub(crate) sent_messages: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) sent_late_ms: f64,
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) latency_ms: Option<Spread>,
    pub(crate) start_ms: Option<Spread>,
    pub(crate) first_frame_ms: Option<Spread>,
    /// Processor seconds of the server and its children.
    pub(crate) server_cpu_seconds: Option<f64>,
    /// The same for each 10^9 bytes that players got.
    pub(crate) cpu_seconds_per_gb: Option<f64>,
    /// Resident memory of the server and its children at the end, and what each player added.
    pub(crate) resident_mib: Option<f64>,
    pub(crate) kib_per_player: Option<f64>,
    /// What it grew by within the measured time.
    #[serde(default)]
    pub(crate) grown_mib: Option<f64>,
    /// Processors that this program kept busy, and those that others did: whoever reads this can tell how quiet it was.
    pub(crate) load_cores: f64,
    pub(crate) foreign_cores: f64,
}

/// Of a histogram, in milliseconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Spread {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
    /// Percent and milliseconds.
    pub(crate) curve: Vec<(f64, f64)>,
}

impl Spread {
    fn of(times: &Times) -> Option<Self> {
        let at = |percent| times.percentile(percent);
        let curve = CURVE.iter().filter_map(|percent| Some((*percent, at(*percent)?))).collect();
        Some(Self { count: times.count(), p50: at(50.0)?, p99: at(99.0)?, p999: at(99.9)?, max: at(100.0)?, curve })
    }
}

/// What was asked for.
pub(crate) struct Asked<'a> {
    pub(crate) command: &'a str,
    pub(crate) output: &'a Output,
    pub(crate) server: &'a Server,
    pub(crate) source: Option<&'a Source>,
    pub(crate) crowd: Option<&'a Crowd>,
    /// Bit rate where there is no source.
    pub(crate) kbps: u32,
    /// Most connections that were made at the same time, and how long the joining took.
    pub(crate) at_once: u32,
    pub(crate) join_over: Duration,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(command: &'a str, server: &'a Server, output: &'a Output) -> Self {
        Self { command, output, server, source: None, crowd: None, kbps: 0, at_once: 0, join_over: Duration::ZERO }
    }

    /// Messages that players at full speed should have got in these seconds, if they looked.
    fn expected(&self, seen: &Seen) -> u64 {
        let Some((source, crowd)) = self.source.zip(self.crowd).filter(|(_, crowd)| !crowd.discard) else { return 0 };
        let to_the_end = f64::from(seen.stayed.saturating_sub(crowd.slow)) * seen.elapsed.as_secs_f64();
        ((to_the_end + seen.tally.watched_seconds) * source.messages_per_second()) as u64
    }
}

impl Outcome {
    pub(crate) fn new(asked: &Asked<'_>, seen: &Seen) -> Self {
        let tally = &seen.tally;
        let seconds = seen.elapsed.as_secs_f64();
        let cpu = seen.end.cpu - seen.begin.cpu;
        let own = seen.end.own_cpu - seen.begin.own_cpu;
        let machine = seen.end.machine_cpu - seen.begin.machine_cpu;
        let pid = |value: f64| asked.server.pid.is_some().then_some(value);
        let players = asked.crowd.map_or(0, |crowd| crowd.players);
        let joined = seen.end.resident_kib.saturating_sub(seen.alone.resident_kib) as f64;
        let grown = seen.end.resident_kib as f64 - seen.begin.resident_kib as f64;
        Self {
            command: asked.command.to_owned(),
            label: asked.output.label.clone(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            machine: machine_name(),
            streams: asked.server.streams,
            kbps: asked.source.map_or(asked.kbps, |source| source.kbps),
            players,
            slow: asked.crowd.map_or(0, |crowd| crowd.slow),
            slow_kbps: asked.crowd.map_or(0, |crowd| crowd.slow_kbps),
            discard: asked.crowd.is_some_and(|crowd| crowd.discard),
            at_once: asked.crowd.map_or(asked.at_once, |crowd| crowd.at_once),
            join_seconds: asked.join_over.as_secs_f64(),
            watching: seen.watching,
            stayed: seen.stayed,
            seconds,
            messages: tally.messages,
            expected: asked.expected(seen),
            bytes: tally.bytes,
            checksums_verified: tally.verified,
            lost: tally.lost,
            lost_before: tally.lost_before,
            reordered: tally.reordered,
            corrupt: tally.corrupt,
            misdirected: tally.misdirected,
            foreign: tally.foreign,
            stalls: tally.stalls,
            slow_bytes: tally.slow_bytes,
            slow_lost: tally.slow_lost,
            sent_messages: tally.sent_messages,
            sent_bytes: tally.sent_bytes,
            sent_late_ms: tally.sent_late_ms,
            failures: tally.failures.clone(),
            latency_ms: Spread::of(&tally.latency),
            start_ms: Spread::of(&tally.start),
            first_frame_ms: Spread::of(&tally.first_frame),
            server_cpu_seconds: pid(cpu),
            cpu_seconds_per_gb: pid(cpu * 1e9 / tally.bytes as f64).filter(|_| tally.bytes > 0),
            resident_mib: pid(seen.end.resident_kib as f64 / 1024.0),
            grown_mib: pid(grown / 1024.0),
            kib_per_player: pid(joined / f64::from(players)).filter(|_| players > 0),
            load_cores: own / seconds,
            foreign_cores: ((machine - own - cpu) / seconds).max(0.0),
        }
    }

    /// What players got, in Gbit/s.
    pub(crate) fn gigabits(&self) -> f64 {
        self.bytes as f64 * 8e-9 / self.seconds
    }

    /// Processors that the server kept busy.
    pub(crate) fn server_cores(&self) -> Option<f64> {
        self.server_cpu_seconds.map(|cpu| cpu / self.seconds)
    }

    /// Messages that came, of those that should have; `None` if nobody can tell.
    pub(crate) fn delivered(&self) -> Option<f64> {
        (self.expected > 0).then(|| self.messages as f64 / self.expected as f64)
    }

    /// Whether more was asked of the server than it can do for those who stayed. Players that it ended are
    /// [`Outcome::ended`].
    pub(crate) fn is_past_the_limit(&self) -> bool {
        self.watching == 0
            || self.lost + self.stalls > 0
            || self.failures.contains_key(NO_PICTURE)
            || self.delivered().is_some_and(|share| share < LEAST_DELIVERED)
            || self.latency_ms.as_ref().is_some_and(|latency| latency.p99 >= LATEST_MS)
    }

    /// Players that ended before their time.
    pub(crate) fn ended(&self) -> u64 {
        self.failures
            .iter()
            .filter(|(reason, _)| reason.starts_with("player") && *reason != NO_PICTURE)
            .map(|(_, n)| n)
            .sum()
    }

    /// Whether every player got everything that it should have.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost + self.lost_before + self.reordered + self.corrupt + self.misdirected == 0 && self.failures.is_empty()
    }

    /// Name and value of everything worth reading.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows =
            vec![("label", self.label.clone()), ("date", self.date.clone()), ("machine", self.machine.clone())];
        let mut row = |name, value: String| rows.push((name, value));
        row("streams, players", format!("{} of {} kbit/s, {} players", self.streams, self.kbps, self.players));
        if self.players > 0 {
            row("joined", format!("at most {} at once, over {:.1} s", self.at_once, self.join_seconds));
        }
        row("measured", format!("{:.1} s", self.seconds));
        if self.sent_messages > 0 {
            let rate = megabits(self.sent_bytes, self.seconds);
            row(
                "sent",
                format!("{} messages, {rate:.1} Mbit/s, at most {:.1} ms late", self.sent_messages, self.sent_late_ms),
            );
        }
        if self.bytes > 0 {
            let rate = megabits(self.bytes, self.seconds);
            row("received", format!("{} messages, {rate:.1} Mbit/s by {} players", self.messages, self.stayed));
        }
        if let Some(share) = self.delivered() {
            row("delivered", format!("{:.1} %", 100.0 * share));
        }
        row("lost, before measuring", format!("{}, {}", self.lost, self.lost_before));
        row(
            "out of order, damaged, misdirected",
            format!("{}, {}, {}", self.reordered, self.corrupt, self.misdirected),
        );
        row("checksums verified", self.checksums_verified.to_string());
        row("silences over 1 s", self.stalls.to_string());
        if self.slow_bytes > 0 {
            row(
                "slow players",
                format!("{:.1} MB read, {} messages missed", self.slow_bytes as f64 / 1e6, self.slow_lost),
            );
        }
        for (name, spread) in [
            ("latency", &self.latency_ms),
            ("connect to start", &self.start_ms),
            ("connect to picture", &self.first_frame_ms),
        ] {
            if let Some(spread) = spread {
                row(name, spread.to_string());
            }
        }
        if let Some(start) = self.start_ms.as_ref().filter(|_| self.command == "storm") {
            row("connections", format!("{:.0} a second", start.count as f64 / self.seconds));
        }
        if let Some(cpu) = self.server_cpu_seconds {
            row("server processor", format!("{:.1} % of one core", 100.0 * cpu / self.seconds));
        }
        if let Some(cost) = self.cpu_seconds_per_gb {
            row("server processor per GB", format!("{cost:.3} s"));
        }
        if let (Some(all), each) = (self.resident_mib, self.kib_per_player) {
            let each = each.map_or_else(String::new, |each| format!(", {each:.1} KiB for each player"));
            let grown = self.grown_mib.map_or_else(String::new, |grown| format!(", {grown:+.1} MiB meanwhile"));
            row("server memory", format!("{all:.1} MiB{each}{grown}"));
        }
        row(
            "busy beside the server",
            format!("{:.2} cores load, {:.2} cores others", self.load_cores, self.foreign_cores),
        );
        for (reason, count) in &self.failures {
            row("failed", format!("{count} × {reason}"));
        }
        rows
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows().iter().try_for_each(|(name, value)| writeln!(f, "{name:<36} {value}"))
    }
}

impl Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p99, p999, max, .. } = self;
        write!(f, "p50 {p50:.2}, p99 {p99:.2}, p99.9 {p999:.2}, max {max:.2} ms")
    }
}

fn megabits(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 * 8e-6 / seconds
}

/// Processor and kernel, as the kernel names them.
fn machine_name() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let name = |line: &str| Some(line.strip_prefix("model name")?.split_once(':')?.1.trim().to_owned());
    let name = processors.lines().find_map(name).unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let count = processors.lines().filter(|line| line.starts_with("processor")).count();
    format!("{count} × {name}, Linux {}", read("/proc/sys/kernel/osrelease").trim())
}

/// The failure that says that some players waited for nothing.
pub(crate) const NO_PICTURE: &str = "player: some had no picture in time";
/// Below these a server is past its limit: 2 % is more than the edges of a measured time can miss.
pub(crate) const LEAST_DELIVERED: f64 = 0.98;
pub(crate) const LATEST_MS: f64 = 1000.0;
const CURVE: [f64; 12] = [1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.99, 100.0];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{outcome, outcome_of, seen};

    #[test]
    fn a_result_survives_its_line_of_json_and_costs_add_up() {
        let outcome = outcome("x", 100);
        assert_eq!(outcome.cpu_seconds_per_gb, Some(1.5));
        assert_eq!(outcome.kib_per_player, Some(30.72));
        assert_eq!((outcome.grown_mib, outcome.foreign_cores), (Some(2.0), 0.0));
        assert!(outcome.is_clean() && !outcome.is_past_the_limit());
        let line = serde_json::to_string(&outcome).unwrap();
        assert!(!line.contains('\n'));
        let back: Outcome = serde_json::from_str(&line).unwrap();
        assert_eq!(back.latency_ms.unwrap().p50, outcome.latency_ms.as_ref().unwrap().p50);
        assert!(outcome.rows().iter().any(|(name, value)| *name == "latency" && value.starts_with("p50 5.00")));
    }

    #[test]
    fn nothing_is_owed_to_players_that_ended() {
        let mut seen = seen(10);
        (seen.stayed, seen.tally.watched_seconds) = (8, 3.0);
        // Eight for ten seconds, and three seconds of the others.
        let share = outcome_of("x", 10, &seen).expected as f64 / outcome("x", 10).expected as f64;
        assert!((share - 0.83).abs() < 0.001, "{share}");
    }

    #[test]
    fn players_that_wait_are_past_the_limit_though_nothing_is_lost() {
        let changes: [fn(&mut Outcome); 5] = [
            |outcome| *outcome.failures.entry(NO_PICTURE.to_owned()).or_default() = 1,
            |outcome| outcome.stalls = 1,
            |outcome| outcome.messages = outcome.expected * 97 / 100,
            |outcome| outcome.watching = 0,
            |outcome| outcome.latency_ms.as_mut().unwrap().p99 = 1000.0,
        ];
        for change in changes {
            let mut outcome = outcome("x", 100);
            change(&mut outcome);
            assert!(outcome.lost == 0 && outcome.is_past_the_limit());
        }
    }
}
