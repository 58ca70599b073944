//! How many players each server bears: the last step of a ladder that it took without anyone noticing.

use std::collections::BTreeSet;

use crate::outcome::{LATEST_MS, LEAST_DELIVERED, NO_PICTURE, Outcome};
use crate::rounds::{Rounds, heading};

/// A step that was tried more than once is good if it was good once: noise only ever makes it worse.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let first = all[0];
    let what = format!("Knee: players × {} kbit/s", first.kbps);
    let mut text = heading(&what, &format!("steps of {:.0} s", first.seconds), &all);
    text += "| | players | ended | Gbit/s | s/GB | server, load busy | p50 / p99 / max ms | what broke at the next step |\n";
    text += "|---|---|---|---|---|---|---|---|\n";
    for rounds in Rounds::by_label(all) {
        text += &row(&rounds);
    }
    text
}

fn row(rounds: &Rounds<'_>) -> String {
    let steps: BTreeSet<u32> = rounds.outcomes.iter().map(|outcome| outcome.players).collect();
    let at = |step: u32| rounds.only(|outcome| outcome.players == step);
    let good = |step: u32| at(step).only(|outcome| !outcome.is_past_the_limit());
    let (mut last, mut next) = (None, None);
    for step in steps {
        if good(step).outcomes.is_empty() {
            next = Some(step);
            break;
        }
        last = Some(step);
    }
    let broke = next.map_or_else(
        || "not reached".to_owned(),
        |step| format!("{step}: {}", at(step).outcomes.last().map_or_else(String::new, |outcome| what_broke(outcome))),
    );
    let Some(last) = last else {
        return format!("| {} | – | – | – | – | – | – | {broke} |\n", rounds.label);
    };
    let best = good(last);
    format!(
        "| {} | {last} | {} | {} | {} | {} | {} | {broke} |\n",
        rounds.label,
        best.sum(Outcome::ended),
        best.cell(1, |outcome| Some(outcome.gigabits())),
        best.cell(3, |outcome| outcome.cpu_seconds_per_gb),
        best.outcomes.first().map_or_else(String::new, |outcome| busy(outcome)),
        best.latency(3)
    )
}

fn busy(outcome: &Outcome) -> String {
    format!("{:.0} %, {:.0} %", 100.0 * outcome.server_cores().unwrap_or(0.0), 100.0 * outcome.load_cores)
}

/// In words; and how full the processors were, since a load that cannot keep up looks like a server that cannot.
fn what_broke(outcome: &Outcome) -> String {
    let mut reasons = Vec::new();
    if outcome.watching == 0 {
        reasons.push("nobody had a picture".to_owned());
    } else if outcome.failures.contains_key(NO_PICTURE) {
        reasons.push(format!("only {} had a picture in time", outcome.watching));
    }
    if outcome.lost > 0 {
        reasons.push(format!("{} messages lost", outcome.lost));
    }
    if outcome.stalls > 0 {
        reasons.push(format!("{} silences over 1 s", outcome.stalls));
    }
    if let Some(share) = outcome.delivered().filter(|share| *share < LEAST_DELIVERED) {
        reasons.push(format!("{:.0} % delivered", 100.0 * share));
    }
    if let Some(latency) = outcome.latency_ms.as_ref().filter(|latency| latency.p99 >= LATEST_MS) {
        reasons.push(format!("p99 {:.1} s", latency.p99 / 1000.0));
    }
    format!("{} (server, load busy: {})", reasons.join(", "), busy(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::outcome;

    #[test]
    fn the_last_good_step_counts_and_the_next_says_why() {
        let mut all: Vec<Outcome> = [500, 1000, 1000, 1750].map(|players| outcome("a", players)).into();
        all[1].stalls = 1;
        all[3].messages /= 2;
        all[3].lost = 7;
        all.push(outcome("b", 500));
        let table = table(&all);
        assert!(
            table.contains(
                "\n| a | 1000 | 0 | 1.6 | 1.500 | 30 %, 0 % | 5.0 / 5.0 / 5.0 | 1750: 7 messages lost, 50 % d"
            )
        );
        assert!(table.contains("\n| b | 500 | ") && table.contains(" | not reached |\n"), "{table}");
    }

    #[test]
    fn who_fails_at_once_has_no_knee() {
        let mut only = outcome("a", 500);
        only.watching = 0;
        assert!(table(&[only]).contains("| a | – | – | – | – | – | – | 500: nobody had a picture"));
    }
}
