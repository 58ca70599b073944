//! Stream names: as keys, in the log and in file names.

use std::fmt;

/// A name as the log shows it. Stream names are often secrets, so at most a third of one is printed.
pub(crate) struct Redacted<'a>(pub(crate) &'a str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.chars().count();
        let shown = (length / 3).min(MOST_SHOWN);
        let end = self.0.char_indices().nth(shown).map_or(self.0.len(), |(end, _)| end);
        // Control characters would let a client forge log lines.
        write!(f, "{}…", self.0[..end].escape_debug())
    }
}

/// Something a client sent, short enough for the log and without control characters.
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.char_indices().nth(LONGEST_PLAIN).map_or(self.0.len(), |(end, _)| end);
        write!(f, "{}{}", self.0[..end].escape_debug(), if end < self.0.len() { "…" } else { "" })
    }
}

/// A name as part of a file name: letters, digits, `.`, `-` and `_`, no dot in front, not too long.
pub(crate) fn for_file(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let mut file: String = name.chars().take(LONGEST_IN_FILE).map(safe).collect();
    if file.starts_with('.') {
        file.replace_range(..1, "_");
    }
    if file.is_empty() { "_".to_owned() } else { file }
}

const MOST_SHOWN: usize = 6;
const LONGEST_PLAIN: usize = 80;
const LONGEST_IN_FILE: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_name_stays_hidden() {
        assert_eq!(Redacted("demo").to_string(), "d…");
        assert_eq!(Redacted("live_123456_abcdefgh").to_string(), "live_1…");
        assert_eq!(Redacted("ключ-от-потока").to_string(), "ключ…");
        assert_eq!(Redacted("").to_string(), "…");
    }

    #[test]
    fn the_log_cannot_be_forged() {
        assert_eq!(Plain("a\nINFO b").to_string(), "a\\nINFO b");
        assert_eq!(Redacted("\n\n\n\n\n\n").to_string(), "\\n\\n…");
    }

    #[test]
    fn file_names_stay_in_their_directory() {
        assert_eq!(for_file("../../etc/passwd"), "_._.._etc_passwd");
        assert_eq!(for_file("a b/ü\0c"), "a_b___c");
        assert_eq!(for_file(""), "_");
        assert_eq!(for_file(&"x".repeat(500)).len(), 80);
    }
}
