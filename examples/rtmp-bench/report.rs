//! Results of several rounds side by side.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::args::{Report, Table};
use crate::chart;
use crate::outcome::Outcome;
use crate::tables;
use crate::tables::servers::{Floor, Scenario};

/// Reads the results, prints or inserts the table, writes the chart.
pub(crate) fn report(args: &Report) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for file in &args.files {
        outcomes.extend(read(file)?);
    }
    if outcomes.is_empty() {
        return Err("no results in these files".to_owned());
    }
    let text = table(args, &outcomes);
    if let Some(path) = &args.svg {
        let bars: Vec<_> = Scenario::all(&outcomes).iter().flat_map(Scenario::bars).collect();
        write(path, &chart::bars("Processor time and latency, shorter is better", &bars))?;
    }
    match (&args.into, &args.tag) {
        (Some(path), Some(tag)) => {
            let page = match fs::read_to_string(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
                page => page.map_err(|error| format!("{}: {error}", path.display()))?,
            };
            write(path, &insert(&page, tag, &text))
        }
        _ => {
            print!("{text}");
            Ok(())
        }
    }
}

fn table(args: &Report, outcomes: &[Outcome]) -> String {
    let floor = |alike| args.floor.as_deref().map(|label| Floor { label, alike });
    let scenarios = |floor| Scenario::all(outcomes).iter().map(|it| it.table(floor)).collect::<Vec<_>>().join("\n");
    match args.table {
        Table::Servers => scenarios(floor(false)),
        Table::Coalesce => scenarios(floor(true)),
        Table::Knee => tables::knee::table(outcomes),
        Table::Slow => tables::slow::table(outcomes),
        Table::FlatOut => tables::flat_out::table(outcomes),
        Table::Cores => tables::cores::table(outcomes),
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

/// The page with `text` between its markers, which are put at its end if it has none.
fn insert(page: &str, tag: &str, text: &str) -> String {
    let (open, close, text) = (format!("<!-- {tag} -->"), format!("<!-- /{tag} -->"), text.trim_end());
    let place = page.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    let (before, after) = place.unwrap_or((page, "\n"));
    format!("{before}{open}\n{text}\n{close}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb";
        assert_eq!(insert(page, "x", "new\n"), "a\n<!-- x -->\nnew\n<!-- /x -->\nb");
    }

    #[test]
    fn a_page_without_markers_gets_them() {
        let once = insert("a\n", "x", "new");
        assert_eq!(once, "a\n<!-- x -->\nnew\n<!-- /x -->\n");
        assert_eq!(insert(&once, "x", "newer"), once.replace("new", "newer"));
        // Half a pair is none.
        assert!(insert("<!-- x -->", "x", "new").ends_with("<!-- x -->\nnew\n<!-- /x -->\n"));
    }
}
