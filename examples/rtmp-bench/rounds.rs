//! The results of one label: of several rounds the medians count, and what was lost in all.

use crate::outcome::Outcome;

pub(crate) struct Rounds<'a> {
    pub(crate) label: &'a str,
    pub(crate) outcomes: Vec<&'a Outcome>,
}

impl<'a> Rounds<'a> {
    /// One for each label, in the order in which they first appear.
    pub(crate) fn by_label(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for outcome in outcomes {
            match all.iter_mut().find(|rounds| rounds.label == outcome.label) {
                Some(rounds) => rounds.outcomes.push(outcome),
                None => all.push(Self { label: &outcome.label, outcomes: vec![outcome] }),
            }
        }
        all
    }

    /// Those of them that `choose` likes.
    pub(crate) fn only(&self, choose: impl Fn(&Outcome) -> bool) -> Self {
        let outcomes = self.outcomes.iter().copied().filter(|outcome| choose(outcome)).collect();
        Self { label: self.label, outcomes }
    }

    pub(crate) fn median(&self, value: impl Fn(&Outcome) -> Option<f64>) -> Option<f64> {
        median(self.outcomes.iter().filter_map(|outcome| value(outcome)))
    }

    /// The median as a cell of a table.
    pub(crate) fn cell(&self, digits: usize, value: impl Fn(&Outcome) -> Option<f64>) -> String {
        number(self.median(value), digits)
    }

    /// p50, p99 and maximum of the latency in milliseconds, as many of them as are asked for.
    pub(crate) fn latency(&self, count: usize) -> String {
        let cells = [
            self.cell(1, |outcome| Some(outcome.latency_ms.as_ref()?.p50)),
            self.cell(1, |outcome| Some(outcome.latency_ms.as_ref()?.p99)),
            self.cell(1, |outcome| Some(outcome.latency_ms.as_ref()?.max)),
        ];
        cells[..count].join(" / ")
    }

    pub(crate) fn sum(&self, value: impl Fn(&Outcome) -> u64) -> u64 {
        self.outcomes.iter().map(|outcome| value(outcome)).sum()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.sum(|outcome| outcome.failures.values().sum())
    }
}

/// How often and how long.
pub(crate) fn times(labels: &[Rounds<'_>]) -> String {
    let first = labels.iter().flat_map(|rounds| &rounds.outcomes).next();
    repeated(labels, &format!("{:.0} s", first.map_or(0.0, |outcome| outcome.seconds)))
}

/// How often, and what of.
pub(crate) fn repeated(labels: &[Rounds<'_>], once: &str) -> String {
    match labels.iter().map(|rounds| rounds.outcomes.len()).max().unwrap_or(0) {
        1 => once.to_owned(),
        count => format!("medians of {count} rounds of {once}"),
    }
}

/// What was measured, where, when, and how quiet it was.
pub(crate) fn heading(what: &str, how: &str, outcomes: &[&Outcome]) -> String {
    let first = outcomes.first().expect("a table has results");
    let foreign = median(outcomes.iter().map(|outcome| outcome.foreign_cores)).unwrap_or(0.0);
    let [machine, date] = [&first.machine, &first.date];
    format!("**{what}**, {how}; {machine}; {date}; others kept {foreign:.1} processors busy meanwhile.\n\n")
}

pub(crate) fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_even_and_odd_counts() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }
}
