//! One result as a page of its own.

use crate::chart::{escape, latency};
use crate::outcome::Outcome;

pub(crate) fn page(outcome: &Outcome) -> String {
    let row = |(name, value): &(&str, String)| format!("<tr><th>{}<td>{}\n", escape(name), escape(value));
    let rows: String = outcome.rows().iter().map(row).collect();
    let title = format!("rtmp-bench {}: {}", outcome.command, outcome.label);
    let spreads = [
        ("From making to receiving a message", &outcome.latency_ms),
        ("From connect to NetStream.Play.Start", &outcome.start_ms),
        ("From connect to the first picture", &outcome.first_frame_ms),
    ];
    let chart = |(title, spread): &(&str, &Option<_>)| spread.as_ref().map(|spread| latency(title, spread));
    let charts: String = spreads.iter().filter_map(chart).map(|svg| format!("<div>{svg}</div>\n")).collect();
    format!(
        "<!doctype html>\n<meta charset=utf-8>\n<title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n\
         <table>\n{rows}</table>\n{charts}",
        title = escape(&title)
    )
}

const STYLE: &str = "body{font-family:sans-serif;max-width:48em;margin:2em auto}th{text-align:left;font-weight:normal;\
                     color:#555;padding-right:2em}div{margin-top:2em}";
