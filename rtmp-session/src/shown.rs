//! What may be shown of what peers write.

use core::fmt;

/// The length of a secret.
pub(crate) struct Hidden<'a>(pub(crate) &'a str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

/// Words of a peer that are fit for one line of a log: no line breaks that would begin a forged line, no escapes that a
/// terminal obeys, nothing longer than a line, and nothing of an authentication challenge (AUTH-12).
#[derive(Clone, Copy)]
pub(crate) struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.split("?reason=").next().unwrap_or_default())
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fit = |c: char| if c.is_control() { ' ' } else { c };
        self.0.chars().take(MOST).map(fit).try_for_each(|c| fmt::Write::write_char(f, c))?;
        if self.0.chars().nth(MOST).is_some() { f.write_str("..") } else { Ok(()) }
    }
}

/// In quotes.
impl fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Characters of a text that are shown. The descriptions of deployed servers are shorter.
const MOST: usize = 200;
