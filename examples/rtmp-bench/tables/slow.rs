//! What one player that hardly reads does to all others, and to the memory of the server.

use crate::outcome::Outcome;
use crate::rounds::{Rounds, heading};

pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let with = all.iter().find(|outcome| outcome.slow > 0).unwrap_or(&all[0]);
    let (others, slow) = (with.players - with.slow, with.slow);
    let what = format!(
        "{others} players × {} kbit/s, with and without {slow} that reads {} kbit/s",
        with.kbps, with.slow_kbps
    );
    let mut text = heading(&what, &format!("{:.0} s", with.seconds), &all);
    text += "| | others p50 / p99 / max ms, without | with | lost by others | server MiB, without | with | \
             grew meanwhile, without | with | missed by the slow one |\n|---|---|---|---|---|---|---|---|---|\n";
    for rounds in Rounds::by_label(all) {
        let (without, with) = (rounds.only(|outcome| outcome.slow == 0), rounds.only(|outcome| outcome.slow > 0));
        let (resident, grown) = (|outcome: &Outcome| outcome.resident_mib, |outcome: &Outcome| outcome.grown_mib);
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            rounds.label,
            without.latency(3),
            with.latency(3),
            rounds.sum(|outcome| outcome.lost),
            without.cell(1, resident),
            with.cell(1, resident),
            without.cell(1, grown),
            with.cell(1, grown),
            with.sum(|outcome| outcome.slow_lost)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::outcome;

    #[test]
    fn both_ways_stand_in_one_row() {
        let (without, mut with) = (outcome("a", 99), outcome("a", 100));
        (with.slow, with.slow_lost, with.resident_mib) = (1, 12, Some(9.0));
        let table = table(&[without, with]);
        assert!(table.starts_with("**99 players × 4000 kbit/s, with and without 1 that reads 200 kbit/s"), "{table}");
        let row = "| a | 5.0 / 5.0 / 5.0 | 5.0 / 5.0 / 5.0 | 0 | 4.0 | 9.0 | 2.0 | 2.0 | 12 |\n";
        assert!(table.ends_with(row), "{table}");
    }
}
