//! Results as Markdown tables, one module for each question.

pub(crate) mod cores;
pub(crate) mod flat_out;
pub(crate) mod knee;
pub(crate) mod servers;
pub(crate) mod slow;

#[cfg(test)]
pub(crate) fn outcome(label: &str, players: u32) -> crate::outcome::Outcome {
    outcome_of(label, players, &seen(players))
}

#[cfg(test)]
pub(crate) fn outcome_of(label: &str, players: u32, seen: &crate::crew::Seen) -> crate::outcome::Outcome {
    use clap::Parser;

    use crate::args::{Cli, Command};
    use crate::outcome::{Asked, Outcome};

    let players_text = players.to_string();
    let line = ["rtmp-bench", "measure", "--label", label, "--players", &players_text, "--pid", "1"];
    let Command::Measure(args) = Cli::parse_from(line).command else { unreachable!("that is what was parsed") };
    let asked = Asked::new("measure", &args.server, &args.output);
    Outcome::new(&Asked { source: Some(&args.source), crowd: Some(&args.crowd), ..asked }, seen)
}

/// Ten seconds in which everybody got everything.
#[cfg(test)]
pub(crate) fn seen(players: u32) -> crate::crew::Seen {
    use crate::crew::Seen;
    use crate::process::Sample;
    use crate::tally::Tally;

    let sample = |cpu, resident_kib| Sample { cpu, resident_kib, own_cpu: 0.0, machine_cpu: 10.0 + cpu };
    let mut tally = Tally { messages: 732 * u64::from(players), bytes: 2_000_000_000, ..Tally::default() };
    tally.latency.record_nanos(5_000_000);
    Seen {
        tally,
        elapsed: std::time::Duration::from_secs(10),
        alone: sample(0.0, 1024),
        begin: sample(1.0, 2048),
        end: sample(4.0, 4096),
        watching: players,
        stayed: players,
    }
}
