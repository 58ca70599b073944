//! Results of several rounds side by side.

use std::fs;
use std::path::Path;

use crate::args::Report;
use crate::chart;
use crate::outcome::Outcome;

/// Reads the results, prints or inserts the table, writes the chart.
pub(crate) fn report(args: &Report) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for file in &args.files {
        outcomes.extend(read(file)?);
    }
    if outcomes.is_empty() {
        return Err("no results in these files".to_owned());
    }
    let groups = group(&outcomes);
    let text = groups.iter().map(|group| group.table(args.floor.as_deref())).collect::<Vec<_>>().join("\n");
    if let Some(path) = &args.svg {
        let bars: Vec<_> = groups.iter().flat_map(Group::bars).collect();
        write(path, &chart::bars("Processor time and latency, shorter is better", &bars))?;
    }
    match (&args.into, &args.tag) {
        (Some(path), Some(tag)) => {
            let page = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            write(path, &insert(&page, tag, &text).ok_or_else(|| format!("{}: no place for {tag}", path.display()))?)
        }
        _ => {
            print!("{text}");
            Ok(())
        }
    }
}

fn read(path: &Path) -> Result<Vec<Outcome>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let line = |(number, line)| {
        serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))
    };
    text.lines().enumerate().map(line).collect()
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// All results of one scenario.
struct Group<'a> {
    name: String,
    /// In the order in which they first appear, each with its rounds.
    labels: Vec<(&'a str, Vec<&'a Outcome>)>,
}

fn group(outcomes: &[Outcome]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for outcome in outcomes {
        let name = scenario(outcome);
        let index = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
            groups.push(Group { name, labels: Vec::new() });
            groups.len() - 1
        });
        let labels = &mut groups[index].labels;
        match labels.iter_mut().find(|(label, _)| *label == outcome.label) {
            Some((_, rounds)) => rounds.push(outcome),
            None => labels.push((&outcome.label, vec![outcome])),
        }
    }
    groups
}

/// A floor has no bit rate of its own, so it belongs to whoever has as many players.
fn scenario(outcome: &Outcome) -> String {
    match outcome.command.as_str() {
        "storm" => "connections".to_owned(),
        _ => format!("{} players × {} kbit/s", outcome.players, outcome.kbps),
    }
}

impl Group<'_> {
    fn table(&self, floor: Option<&str>) -> String {
        let outcomes = || self.labels.iter().flat_map(|(_, rounds)| rounds.iter());
        let rounds = self.labels.iter().map(|(_, rounds)| rounds.len()).max().unwrap_or(0);
        let foreign = median(outcomes().map(|outcome| outcome.foreign_cores)).unwrap_or(0.0);
        let first = outcomes().next().expect("a group has results");
        let is_storm = first.command == "storm";
        let length = if is_storm { String::new() } else { format!(" of {:.0} s", first.seconds) };
        let mut text = format!(
            "**{}**, {rounds} rounds{length}, medians; {}; {}; others kept {foreign:.1} processors busy meanwhile.\n\n",
            self.name, first.machine, first.date
        );
        if is_storm {
            text += "| | connections/s | connect to start p50 / p99 ms | server ms each | failed |\n|---|---|---|---|---|\n";
            self.labels.iter().for_each(|(label, rounds)| text += &storm_row(label, rounds));
        } else {
            text += "| | s/GB | × floor | p50 / p99 / max ms | first picture p50 ms | KiB/player | players | lost | failed |\n";
            text += "|---|---|---|---|---|---|---|---|---|\n";
            let floor = floor.and_then(|floor| self.labels.iter().find(|(label, _)| *label == floor));
            let floor =
                floor.and_then(|(_, rounds)| median(rounds.iter().filter_map(|outcome| outcome.cpu_seconds_per_gb)));
            self.labels.iter().for_each(|(label, rounds)| text += &row(label, rounds, floor));
        }
        text
    }

    /// Processor time and latency of everyone.
    fn bars(&self) -> Vec<(String, Vec<(String, f64)>)> {
        let bars = |value: fn(&Outcome) -> Option<f64>| -> Vec<(String, f64)> {
            let bar = |(label, rounds): &(&str, Vec<&Outcome>)| {
                Some(((*label).to_owned(), median(rounds.iter().filter_map(|outcome| value(outcome)))?))
            };
            self.labels.iter().filter_map(bar).collect()
        };
        let groups = if self.name == "connections" {
            vec![("connect to start, p99 ms", bars(|outcome| outcome.start_ms.as_ref().map(|spread| spread.p99)))]
        } else {
            vec![
                ("processor seconds per GB", bars(|outcome| outcome.cpu_seconds_per_gb)),
                ("latency, p99 ms", bars(|outcome| outcome.latency_ms.as_ref().map(|spread| spread.p99))),
            ]
        };
        groups.into_iter().map(|(name, bars)| (format!("{}: {name}", self.name), bars)).collect()
    }
}

fn row(label: &str, rounds: &[&Outcome], floor: Option<f64>) -> String {
    let of = |value: fn(&Outcome) -> Option<f64>| median(rounds.iter().filter_map(|outcome| value(outcome)));
    let cost = of(|outcome| outcome.cpu_seconds_per_gb);
    let ratio = cost.zip(floor).map(|(cost, floor)| cost / floor);
    let latency = [
        of(|outcome| Some(outcome.latency_ms.as_ref()?.p50)),
        of(|outcome| Some(outcome.latency_ms.as_ref()?.p99)),
        of(|outcome| Some(outcome.latency_ms.as_ref()?.max)),
    ];
    let latency = latency.map(|value| number(value, 1)).join(" / ");
    let first = of(|outcome| Some(outcome.first_frame_ms.as_ref()?.p50));
    let memory = of(|outcome| outcome.kib_per_player);
    let watching = rounds.iter().map(|outcome| outcome.watching).min().unwrap_or(0);
    let lost: u64 = rounds.iter().map(|outcome| outcome.lost).sum();
    format!(
        "| {label} | {} | {} | {latency} | {} | {} | {watching} | {lost} | {} |\n",
        number(cost, 3),
        number(ratio, 2),
        number(first, 1),
        number(memory, 1),
        failed(rounds)
    )
}

fn storm_row(label: &str, rounds: &[&Outcome]) -> String {
    let of = |value: fn(&Outcome) -> Option<f64>| number(median(rounds.iter().filter_map(|outcome| value(outcome))), 1);
    let rate = of(|outcome| Some(outcome.start_ms.as_ref()?.count as f64 / outcome.seconds));
    let (p50, p99) =
        (of(|outcome| Some(outcome.start_ms.as_ref()?.p50)), of(|outcome| Some(outcome.start_ms.as_ref()?.p99)));
    let each =
        median(rounds.iter().filter_map(|outcome| {
            Some(1000.0 * outcome.server_cpu_seconds? / outcome.start_ms.as_ref()?.count as f64)
        }));
    format!("| {label} | {rate} | {p50} / {p99} | {} | {} |\n", number(each, 2), failed(rounds))
}

fn failed(rounds: &[&Outcome]) -> u64 {
    rounds.iter().flat_map(|outcome| outcome.failures.values()).sum()
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// The page with `text` between its markers; `None` if it has none.
fn insert(page: &str, tag: &str, text: &str) -> Option<String> {
    let (open, close) = (format!("<!-- {tag} -->"), format!("<!-- /{tag} -->"));
    let (before, rest) = page.split_once(&open)?;
    let (_, after) = rest.split_once(&close)?;
    Some(format!("{before}{open}\n{}\n{close}{after}", text.trim_end()))
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

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb";
        assert_eq!(insert(page, "x", "new\n").unwrap(), "a\n<!-- x -->\nnew\n<!-- /x -->\nb");
        assert_eq!(insert(page, "y", "new"), None);
    }
}
