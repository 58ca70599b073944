//! What each added thread brings: the cost of the same load, and what comes out when nothing but the server limits it.

use crate::outcome::Outcome;
use crate::rounds::{Rounds, heading, number, times};

/// The first label is what the others are divided by.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let (saturated, paced): (Vec<&Outcome>, Vec<&Outcome>) = outcomes.iter().partition(|outcome| outcome.discard);
    let tables = [(paced, same_load as fn(&[&Outcome]) -> String), (saturated, without_a_clock)];
    let tables = tables.iter().filter(|(outcomes, _)| !outcomes.is_empty());
    tables.map(|(outcomes, table)| table(outcomes)).collect::<Vec<_>>().join("\n")
}

fn same_load(outcomes: &[&Outcome]) -> String {
    let labels = Rounds::by_label(outcomes.iter().copied());
    let what = format!("The same load: {} players × {} kbit/s", outcomes[0].players, outcomes[0].kbps);
    let mut text = heading(&what, &times(&labels), outcomes);
    text += "| | Gbit/s | s/GB | × the first | processors: server, load, others | p50 / p99 / max ms | lost |\n";
    text += "|---|---|---|---|---|---|---|\n";
    for rounds in &labels {
        let (latency, lost) = (rounds.latency(3), rounds.sum(|outcome| outcome.lost));
        text += &format!("| {} | {latency} | {lost} |\n", cost(rounds, &labels[0]));
    }
    text
}

fn without_a_clock(outcomes: &[&Outcome]) -> String {
    let labels = Rounds::by_label(outcomes.iter().copied());
    let [streams, players] = [u32::from(outcomes[0].streams), outcomes[0].players];
    let what = format!("Saturated: {streams} publishers without a clock, {players} players that discard");
    let mut text = heading(&what, &times(&labels), outcomes);
    text += "| | Gbit/s | s/GB | × the first | processors: server, load, others | Gbit/s × the first | \
             for each processor of the server × the first |\n|---|---|---|---|---|---|---|\n";
    for rounds in &labels {
        let throughput = over(rounds, &labels[0], |outcome| Some(outcome.gigabits()));
        let each = over(rounds, &labels[0], |outcome| Some(outcome.gigabits() / outcome.server_cores()?));
        text += &format!("| {} | {throughput} | {each} |\n", cost(rounds, &labels[0]));
    }
    text
}

/// The cells that both have.
fn cost(rounds: &Rounds<'_>, first: &Rounds<'_>) -> String {
    format!(
        "{} | {} | {} | {} | {}, {}, {}",
        rounds.label,
        rounds.cell(1, |outcome| Some(outcome.gigabits())),
        rounds.cell(3, |outcome| outcome.cpu_seconds_per_gb),
        over(rounds, first, |outcome| outcome.cpu_seconds_per_gb),
        rounds.cell(2, Outcome::server_cores),
        rounds.cell(2, |outcome| Some(outcome.load_cores)),
        rounds.cell(2, |outcome| Some(outcome.foreign_cores))
    )
}

fn over(rounds: &Rounds<'_>, first: &Rounds<'_>, value: impl Fn(&Outcome) -> Option<f64>) -> String {
    number(rounds.median(&value).zip(first.median(&value)).map(|(value, first)| value / first), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::outcome;

    #[test]
    fn threads_are_compared_with_the_first_in_throughput_and_in_cost() {
        let (mut one, mut two) = (outcome("1 thread", 100), outcome("2 threads", 100));
        (one.discard, two.discard) = (true, true);
        (two.bytes, two.server_cpu_seconds, two.cpu_seconds_per_gb) = (3_600_000_000, Some(6.0), Some(5.0 / 3.0));
        let table = table(&[one, two, outcome("1 thread", 100)]);
        assert!(
            table.contains("\n| 1 thread | 1.6 | 1.500 | 1.00 | 0.30, 0.00, 0.00 | 5.0 / 5.0 / 5.0 | 0 |"),
            "{table}"
        );
        assert!(table.contains("\n| 2 threads | 2.9 | 1.667 | 1.11 | 0.60, 0.00, 0.00 | 1.80 | 0.90 |"), "{table}");
    }
}
