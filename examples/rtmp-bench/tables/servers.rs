//! Cost, latency and memory of each server.

use crate::outcome::Outcome;
use crate::rounds::{Rounds, heading, number, repeated, times};

/// All results of one scenario.
pub(crate) struct Scenario<'a> {
    name: String,
    outcomes: Vec<&'a Outcome>,
}

/// What costs are divided by.
#[derive(Clone, Copy)]
pub(crate) struct Floor<'a> {
    pub(crate) label: &'a str,
    /// Also divide `NAME-100ms` by the floor that gathers for as long, `FLOOR-100ms`.
    pub(crate) alike: bool,
}

impl<'a> Scenario<'a> {
    /// A floor has no bit rate of its own, so it belongs to whoever has as many players.
    pub(crate) fn all(outcomes: &'a [Outcome]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for outcome in outcomes {
            let name = match outcome.command.as_str() {
                "storm" => STORM.to_owned(),
                "measure" if outcome.at_once >= outcome.players && outcome.join_seconds == 0.0 => {
                    format!("{} players × {} kbit/s {TOGETHER}", outcome.players, outcome.kbps)
                }
                _ => format!("{} players × {} kbit/s", outcome.players, outcome.kbps),
            };
            match all.iter_mut().find(|scenario| scenario.name == name) {
                Some(scenario) => scenario.outcomes.push(outcome),
                None => all.push(Self { name, outcomes: vec![outcome] }),
            }
        }
        all
    }

    pub(crate) fn table(&self, floor: Option<Floor<'_>>) -> String {
        let labels = Rounds::by_label(self.outcomes.iter().copied());
        if self.name == STORM {
            let count = self.outcomes[0].start_ms.as_ref().map_or(0, |start| start.count);
            let how = repeated(&labels, &format!("{count}, {} at once", self.outcomes[0].at_once));
            return heading(&self.name, &how, &self.outcomes) + &storm(&labels);
        }
        let mut text = heading(&self.name, &times(&labels), &self.outcomes);
        let alike = floor.is_some_and(|floor| floor.alike);
        let ratios = if alike { "× floor | × floor that gathers alike" } else { "× floor" };
        text += &format!(
            "| | s/GB | {ratios} | p50 / p99 / max ms | first picture p50 / p99 ms | KiB/player | stayed | lost | failed |\n"
        );
        text += &format!("|{}\n", "---|".repeat(if alike { 10 } else { 9 }));
        for rounds in &labels {
            let cost = cost_of(&labels, rounds.label);
            let over = |label: &str| number(cost.zip(cost_of(&labels, label)).map(|(cost, floor)| cost / floor), 2);
            let mut ratios = floor.map_or_else(|| number(None, 2), |floor| over(floor.label));
            if let Some(floor) = floor.filter(|floor| floor.alike) {
                ratios += &format!(" | {}", over(&floor_like(rounds.label, floor.label)));
            }
            text += &row(rounds, &ratios);
        }
        text
    }

    /// What each scenario is about, of everyone.
    pub(crate) fn bars(&self) -> Vec<(String, Vec<(String, f64)>)> {
        let labels = Rounds::by_label(self.outcomes.iter().copied());
        let bars = |value: fn(&Outcome) -> Option<f64>| -> Vec<(String, f64)> {
            labels.iter().filter_map(|rounds| Some((rounds.label.to_owned(), rounds.median(value)?))).collect()
        };
        let groups = if self.name == STORM {
            vec![("connect to start, p99 ms", bars(|outcome| outcome.start_ms.as_ref().map(|spread| spread.p99)))]
        } else if self.name.ends_with(TOGETHER) {
            vec![("first picture, p99 ms", bars(|outcome| outcome.first_frame_ms.as_ref().map(|spread| spread.p99)))]
        } else {
            vec![
                ("processor seconds per GB", bars(|outcome| outcome.cpu_seconds_per_gb)),
                ("latency, p99 ms", bars(|outcome| outcome.latency_ms.as_ref().map(|spread| spread.p99))),
            ]
        };
        groups.into_iter().map(|(name, bars)| (format!("{}: {name}", self.name), bars)).collect()
    }
}

fn cost_of(labels: &[Rounds<'_>], label: &str) -> Option<f64> {
    labels.iter().find(|rounds| rounds.label == label)?.median(|outcome| outcome.cpu_seconds_per_gb)
}

/// `FLOOR-100ms` for `NAME-100ms`, and `FLOOR` for whoever gathers nothing.
fn floor_like(label: &str, floor: &str) -> String {
    let window = label.rsplit_once('-').map(|(_, window)| window).filter(|window| window.ends_with("ms"));
    window.map_or_else(|| floor.to_owned(), |window| format!("{floor}-{window}"))
}

fn row(rounds: &Rounds<'_>, ratios: &str) -> String {
    format!(
        "| {} | {} | {ratios} | {} | {} / {} | {} | {} | {} | {} |\n",
        rounds.label,
        rounds.cell(3, |outcome| outcome.cpu_seconds_per_gb),
        rounds.latency(3),
        rounds.cell(1, |outcome| Some(outcome.first_frame_ms.as_ref()?.p50)),
        rounds.cell(1, |outcome| Some(outcome.first_frame_ms.as_ref()?.p99)),
        rounds.cell(1, |outcome| outcome.kib_per_player),
        rounds.outcomes.iter().map(|outcome| outcome.stayed).min().unwrap_or(0),
        rounds.sum(|outcome| outcome.lost),
        rounds.failed()
    )
}

fn storm(labels: &[Rounds<'_>]) -> String {
    let mut text = "| | connections/s | connect to start p50 / p99 ms | server ms each | failed |\n".to_owned();
    text += "|---|---|---|---|---|\n";
    for rounds in labels {
        text += &format!(
            "| {} | {} | {} / {} | {} | {} |\n",
            rounds.label,
            rounds.cell(0, |outcome| Some(outcome.start_ms.as_ref()?.count as f64 / outcome.seconds)),
            rounds.cell(1, |outcome| Some(outcome.start_ms.as_ref()?.p50)),
            rounds.cell(1, |outcome| Some(outcome.start_ms.as_ref()?.p99)),
            rounds.cell(2, |outcome| {
                Some(1000.0 * outcome.server_cpu_seconds? / outcome.start_ms.as_ref()?.count as f64)
            }),
            rounds.failed()
        );
    }
    text
}

const STORM: &str = "connections";
const TOGETHER: &str = "that join at once";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::outcome;

    #[test]
    fn who_joins_at_once_is_compared_with_who_does_too() {
        let (mut spread, mut together) = (outcome("a", 50), outcome("a", 50));
        (spread.at_once, spread.join_seconds, together.at_once) = (50, 2.0, 50);
        let all = [spread, together];
        let tables: Vec<_> = Scenario::all(&all).iter().map(|scenario| scenario.table(None)).collect();
        assert!(tables[0].starts_with("**50 players × 4000 kbit/s**"), "{tables:?}");
        assert!(tables[1].starts_with("**50 players × 4000 kbit/s that join at once**"), "{tables:?}");
    }

    #[test]
    fn each_is_divided_by_the_floor_and_by_the_one_that_gathers_alike() {
        let mut all = Vec::from(["floor", "floor-100ms", "mini-server", "mini-server-100ms"].map(|it| outcome(it, 5)));
        for (outcome, cost) in all.iter_mut().zip([1.0, 0.2, 1.1, 0.3]) {
            outcome.cpu_seconds_per_gb = Some(cost);
        }
        let scenarios = Scenario::all(&all);
        let table = scenarios[0].table(Some(Floor { label: "floor", alike: true }));
        assert!(table.contains("| mini-server | 1.100 | 1.10 | 1.10 |"), "{table}");
        assert!(table.contains("| mini-server-100ms | 0.300 | 0.30 | 1.50 |"), "{table}");
        let table = scenarios[0].table(Some(Floor { label: "floor", alike: false }));
        assert!(table.contains("| mini-server-100ms | 0.300 | 0.30 | 5.0 / 5.0 / 5.0 |"), "{table}");
        assert_eq!(scenarios.len(), 1);
    }
}
