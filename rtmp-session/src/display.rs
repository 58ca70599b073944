//! Handles and kinds as text, for logs.

use core::fmt::{self, Display, Formatter};

use crate::{CallId, MediaKind, StreamId};

/// `audio`, `video` or `data`.
impl Display for MediaKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Data => "data",
        })
    }
}

/// The handle as a number: the first stream of a session is 1. Not the number on the wire.
impl Display for StreamId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The handle as a number. Not the transaction id on the wire.
impl Display for CallId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use crate::{CallId, MediaKind, StreamId};

    #[test]
    fn kinds_and_handles_fit_into_columns_of_a_log() {
        let line = format!("{:<5}|{:>3}|{}", MediaKind::Data, StreamId(1), CallId(22));
        assert_eq!(line, "data |  1|22");
        assert_eq!((MediaKind::Audio.to_string(), MediaKind::Video.to_string()), ("audio".into(), "video".into()));
    }
}
