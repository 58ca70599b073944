//! What went wrong, in words a person can act on and a number a script can.

use std::fmt;
use std::process::ExitCode;

/// The exit codes of every subcommand; `rtmp dump` folds them into rtmpdump's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A file, an argument, or anything else on this side.
    Error = 1,
    /// The stream ended before what was asked for was complete.
    Incomplete = 2,
    /// The server could not be reached, or does not speak RTMP.
    NoConnection = 3,
    /// The server refused the connect or publish command, or the credentials.
    Refused = 4,
    /// There is no such stream on the server.
    NoSuchStream = 5,
    /// The server accepted everything and then sent nothing, or too little.
    Stalled = 6,
}

/// How far things had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Arguments,
    File,
    Resolve,
    Connect,
    Tls,
    Handshake,
    ConnectCommand,
    Publish,
    Play,
    Call,
    Media,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arguments => "arguments",
            Self::File => "file",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Handshake => "handshake",
            Self::ConnectCommand => "connect command",
            Self::Publish => "publish",
            Self::Play => "play",
            Self::Call => "call",
            Self::Media => "media",
        })
    }
}

/// An error with everything its reader needs. Never holds a password, a stream key or a query.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    /// Host and port, or a file name.
    pub(crate) place: String,
    pub(crate) cause: String,
    /// What to try.
    pub(crate) hint: Option<String>,
    pub(crate) exit: Exit,
}

impl Failure {
    pub(crate) fn new(step: Step, place: impl Into<String>, cause: impl fmt::Display) -> Self {
        let exit = match step {
            Step::Arguments | Step::File => Exit::Error,
            Step::Resolve | Step::Connect | Step::Tls | Step::Handshake => Exit::NoConnection,
            Step::ConnectCommand | Step::Publish | Step::Play | Step::Call => Exit::Refused,
            Step::Media => Exit::Incomplete,
        };
        Self { step, place: place.into(), cause: cause.to_string(), hint: None, exit }
    }

    pub(crate) fn arguments(cause: impl fmt::Display) -> Self {
        Self::new(Step::Arguments, "", cause)
    }

    pub(crate) fn file(name: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self::new(Step::File, name.to_string(), cause)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Whether trying again may help. A refusal is the server's considered answer; no network weather changes it.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.exit, Exit::NoConnection | Exit::Incomplete | Exit::Stalled)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}: {}", self.step, self.cause)?;
        } else {
            write!(f, "{}: {}: {}", self.place, self.step, self.cause)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  try: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
