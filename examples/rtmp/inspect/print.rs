//! One line per entry, as text or as JSON, or faults alone.

use super::entry::{Entry, Fault, Report};
use super::faults::Checker;
use crate::conversation::{describe, payload_sha256, type_name};
use crate::secrets::Secrets;
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write};

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Text,
    Json,
    /// Only what breaks a requirement.
    Faults,
    FaultsJson,
}

/// Prints while it reads.
pub(crate) struct Printer<W> {
    out: W,
    style: Style,
    secrets: Secrets,
    checkers: HashMap<String, Checker>,
    pub(crate) faults: u64,
    /// The first error of the output; a closed pipe is the reader's way to say enough.
    pub(crate) broken: Option<io::Error>,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(out: W, style: Style) -> Self {
        Self { out, style, secrets: Secrets::default(), checkers: HashMap::new(), faults: 0, broken: None }
    }

    fn line(&mut self, text: &str) {
        if self.broken.is_none() {
            self.broken = writeln!(self.out, "{text}").err();
        }
    }

    fn text(&mut self, entry: &Entry) -> String {
        let time = entry.time.map_or_else(String::new, |time| format!("{time:9.3} "));
        let place = match entry.chunk_stream {
            Some(id) => format!("cs {:<2} ms {:<2} ", id.get(), entry.stream),
            None => String::new(),
        };
        let what = describe(&entry.to_message(), &mut self.secrets);
        format!(
            "{time}{}{place}{:>9} ms {:>7} B  {:<13} {what}",
            label(&entry.source),
            entry.timestamp,
            entry.payload.len(),
            type_name(entry.kind)
        )
    }
}

impl<W: Write> Report for Printer<W> {
    fn entry(&mut self, entry: &Entry) {
        match self.style {
            Style::Text => {
                let text = self.text(entry);
                self.line(text.trim_end());
            }
            Style::Json => {
                let what = describe(&entry.to_message(), &mut self.secrets);
                let mut object = json!({
                    "type": entry.kind.0,
                    "name": type_name(entry.kind),
                    "stream": entry.stream,
                    "chunk_stream": entry.chunk_stream.map(|id| id.get()),
                    "timestamp": entry.timestamp,
                    "length": entry.payload.len(),
                    "sha256": payload_sha256(&entry.payload),
                    "text": what,
                });
                if !entry.source.is_empty() {
                    object["source"] = json!(entry.source);
                }
                if let Some(time) = entry.time {
                    object["time"] = json!(time);
                }
                self.line(&object.to_string());
            }
            Style::Faults | Style::FaultsJson => {
                let checker = self.checkers.entry(entry.source.clone()).or_default();
                for fault in checker.check(entry) {
                    self.fault(&fault);
                }
            }
        }
    }

    fn note(&mut self, source: &str, text: &str) {
        match self.style {
            Style::Text => self.line(&format!("{}-- {text}", label(source))),
            Style::Json | Style::Faults | Style::FaultsJson => {}
        }
    }

    fn fault(&mut self, fault: &Fault) {
        self.faults += 1;
        let text = self.secrets.hide(&fault.text);
        match self.style {
            Style::Text => {
                self.line(&format!("{}!! {}: {text} ({})", label(&fault.source), fault.place, fault.requirement))
            }
            Style::Faults => {
                self.line(&format!("{}{}: {text} ({})", label(&fault.source), fault.place, fault.requirement))
            }
            // The messages are what was asked for; what ends them early must not pass unseen.
            Style::Json if fault.fatal => complain!("{}{}: {text}", label(&fault.source), fault.place),
            Style::Json => {}
            Style::FaultsJson => {
                let object = json!({
                    "source": fault.source,
                    "place": fault.place,
                    "requirement": fault.requirement,
                    "text": text,
                    "fatal": fault.fatal,
                });
                self.line(&object.to_string());
            }
        }
    }

    fn finish(&mut self) {
        if self.broken.is_none() {
            self.broken = self.out.flush().err();
        }
    }
}

fn label(source: &str) -> String {
    if source.is_empty() { String::new() } else { format!("{source:<4} ") }
}
