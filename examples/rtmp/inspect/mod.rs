//! `rtmp inspect`: what is in a recording.

mod entry;
mod faults;
mod flv;
mod pcap;
mod print;
mod repair;
mod stats;
mod streams;
mod tcp;

pub(crate) use stats::media_text;

use crate::failure::{Exit, Failure, Step};
use clap::Args;
use entry::Report;
use print::{Printer, Style};
use stats::Statistics;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

/// Lists the messages of a recorded byte stream or packet capture, or the tags of an FLV file
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  rtmp inspect show.flv
  rtmp inspect --stats dump.pcap
  rtmp inspect --json camera.c2s.bin | jq 'select(.type == 9)'
  rtmp inspect --errors show.flv
  rtmp inspect --repair whole.flv cut-off.flv")]
pub(crate) struct Inspect {
    /// An FLV file, a pcap or pcapng capture, or what one side of a connection sent, from its first byte on; - reads
    /// standard input
    file: PathBuf,

    /// One JSON object per message: type, stream, chunk_stream, timestamp, length, sha256 of the payload, ...
    #[arg(long)]
    json: bool,

    /// Figures instead of messages: counts, codecs, rates, distances of key frames
    #[arg(long, conflicts_with = "repair")]
    stats: bool,

    /// Only what breaks a numbered requirement of docs/spec; exit code 2 if anything does
    #[arg(long, conflicts_with_all = ["stats", "repair"])]
    errors: bool,

    /// Write the whole tags of a truncated FLV file to OUT, with duration and key frame index rebuilt
    #[arg(long, value_name = "OUT")]
    repair: Option<PathBuf>,
}

impl Inspect {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        if let Some(out) = &self.repair {
            return repair::repair(&self.file, out);
        }
        if self.stats {
            let mut statistics = Statistics::default();
            self.read(&mut statistics)?;
            if self.json {
                say!("{}", statistics.to_json());
            } else {
                say!("{}", statistics.to_text().trim_end());
            }
            return Ok(());
        }
        let style = match (self.errors, self.json) {
            (false, false) => Style::Text,
            (false, true) => Style::Json,
            (true, false) => Style::Faults,
            (true, true) => Style::FaultsJson,
        };
        let mut printer = Printer::new(io::BufWriter::new(io::stdout().lock()), style);
        let result = self.read(&mut printer);
        printer.finish();
        match printer.broken.take() {
            // Whoever reads has seen enough, as `head` has.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Some(error) => return Err(Failure::file("standard output", error)),
            None => result?,
        }
        if self.errors && printer.faults > 0 {
            let count = printer.faults;
            return Err(Failure::file(self.file.display(), format!("{count} faults found")).exit(Exit::Incomplete));
        }
        Ok(())
    }

    fn read(&self, report: &mut impl Report) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new(Step::File, self.file.display().to_string(), error);
        let mut file: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(&self.file).map_err(|error| failed(&error))?)
        };
        let mut start = Vec::new();
        file.by_ref().take(4).read_to_end(&mut start).map_err(|error| failed(&error))?;
        let whole = BufReader::new(io::Cursor::new(start.clone()).chain(file));
        if start.starts_with(b"FLV") {
            return flv::read_file(whole, report).map_err(|error| failed(&error));
        }
        if pcap::is_capture(&start) {
            return streams::read_capture(&start, whole, report).map_err(|error| failed(&error));
        }
        if start.first() == Some(&3) {
            return streams::read_byte_stream(whole, report).map_err(|error| failed(&error));
        }
        Err(failed(&"neither an FLV file, nor a capture, nor an RTMP byte stream")
            .hint("a byte stream must begin with the handshake, whose first byte is 3"))
    }
}
