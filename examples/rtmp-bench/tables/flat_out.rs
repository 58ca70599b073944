//! One publisher that has no clock, and one player.

use crate::outcome::Outcome;
use crate::rounds::{Rounds, heading, times};

pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let labels = Rounds::by_label(all.iter().copied());
    let mut text = heading("Flat out, one publisher to one player", &times(&labels), &all);
    text += "| | Gbit/s out | s/GB in and out | server, load busy | p50 / p99 / max ms | lost | failed |\n";
    text += "|---|---|---|---|---|---|---|\n";
    for rounds in &labels {
        let percent = |value: Option<f64>| value.map(|value| 100.0 * value);
        text += &format!(
            "| {} | {} | {} | {} %, {} % | {} | {} | {} |\n",
            rounds.label,
            rounds.cell(1, |outcome| Some(outcome.gigabits())),
            rounds.cell(3, cost),
            rounds.cell(0, |outcome| percent(outcome.server_cores())),
            rounds.cell(0, |outcome| percent(Some(outcome.load_cores))),
            rounds.latency(3),
            rounds.sum(|outcome| outcome.lost),
            rounds.failed()
        );
    }
    text
}

/// A server that reads much and drops most of it has worked for it too, so what came in counts as well.
fn cost(outcome: &Outcome) -> Option<f64> {
    let bytes = outcome.bytes + outcome.sent_bytes;
    Some(1e9 * outcome.server_cpu_seconds? / bytes as f64).filter(|_| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::outcome;

    #[test]
    fn what_came_in_counts_too() {
        let mut only = outcome("a", 1);
        only.sent_bytes = 4_000_000_000;
        let table = table(&[only]);
        assert!(table.contains("\n| a | 1.6 | 0.500 | 30 %, 0 % | 5.0 / 5.0 / 5.0 | 0 | 0 |"), "{table}");
    }
}
