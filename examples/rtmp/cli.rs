//! The command line.

use crate::call::{Call, Send};
use crate::doctor::Doctor;
use crate::failure::Failure;
use crate::general::General;
use crate::inspect::Inspect;
use crate::paperwork::{Completions, Man};
use crate::probe::Probe;
use crate::publish::Publish;
use crate::record::Record;
use crate::relay::Relay;
use crate::serve::Serve;
use crate::target::Target;
use clap::{Parser, Subcommand};

/// Publish, play, record, relay and inspect RTMP streams
#[derive(Parser, Debug)]
#[command(name = "rtmp", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) general: General,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Publish(Publish),
    Record(Record),
    Relay(Relay),
    Probe(Probe),
    Call(Call),
    Send(Send),
    Inspect(Inspect),
    Serve(Serve),
    /// Records a stream, with the options, exit codes and progress line of rtmpdump: see rtmp dump --help
    #[command(disable_help_flag = true)]
    Dump {
        /// rtmpdump's options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
        options: Vec<String>,
    },
    Doctor(Doctor),
    Completions(Completions),
    Man(Man),
}

impl Command {
    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        match self {
            Self::Publish(publish) => publish.run(general).await,
            Self::Record(record) => record.run(general).await,
            Self::Relay(relay) => relay.run(general).await,
            Self::Probe(probe) => probe.run(general).await,
            Self::Call(call) => call.run(general).await,
            Self::Send(send) => send.run(general).await,
            Self::Inspect(inspect) => inspect.run(),
            Self::Serve(serve) => serve.run(general).await,
            Self::Doctor(doctor) => doctor.run(),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
            Self::Dump { .. } => Err(Failure::arguments("general options stand behind dump, and are rtmpdump's")),
        }
    }

    /// The URLs on the command line, as they were understood.
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        match self {
            Self::Publish(publish) => publish.targets(),
            Self::Record(record) => record.targets(),
            Self::Relay(relay) => relay.targets(),
            Self::Probe(probe) => probe.targets(),
            Self::Call(call) => call.targets(),
            Self::Send(send) => send.targets(),
            _ => Ok(Vec::new()),
        }
    }
}

/// Whether a word of the command line is a URL rather than a file.
pub(crate) fn is_url(word: &str) -> bool {
    let word = word.trim_start().to_ascii_lowercase();
    word.starts_with("rtmp://") || word.starts_with("rtmps://")
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 error on this side, 2 incomplete, 3 no connection, 4 refused, 5 no such stream, 6 stalled,
64 wrong command line. `rtmp dump` has rtmpdump's: 0 done, 1 error, 2 incomplete, 3 no connection.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
