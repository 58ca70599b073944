//! `--publish-key`: a word that publishers have to know.

use std::fmt;
use std::str::FromStr;

use subtle::{Choice, ConstantTimeEq};

/// Goes into a URL as it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublishKey(String);

impl PublishKey {
    /// Whether a publish with this query, what stood behind `?` in its stream name, knows the key. How long that takes does
    /// not tell how much of it is right.
    pub(crate) fn is_in(&self, query: Option<&str>) -> bool {
        let keys = query.into_iter().flat_map(|query| query.split('&')).filter_map(|part| part.strip_prefix("key="));
        keys.fold(Choice::from(0), |found, key| found | self.0.as_bytes().ct_eq(key.as_bytes())).into()
    }

    /// Behind the name of a stream.
    pub(crate) fn to_query(&self) -> String {
        format!("?key={}", self.0)
    }
}

impl FromStr for PublishKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        if text.is_empty() || !text.chars().all(is_plain) {
            return Err("letters, digits, `-`, `.`, `_` and `~` only: others mean something in a URL");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Without the key.
impl fmt::Debug for PublishKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublishKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_key_is_needed() {
        let key: PublishKey = "open-sesame".parse().unwrap();
        for query in ["key=open-sesame", "user=me&key=open-sesame", "key=wrong&key=open-sesame&x"] {
            assert!(key.is_in(Some(query)), "{query}");
        }
        for query in ["", "key", "key=", "key=open-sesam", "key=open-sesame2", "key=open-sesamf", "KEY=open-sesame"] {
            assert!(!key.is_in(Some(query)), "{query}");
        }
        assert!(!key.is_in(None));
        assert!(key.is_in(key.to_query().strip_prefix('?')));
    }

    #[test]
    fn a_key_fits_into_a_url_and_is_not_printed() {
        for wrong in ["", "a b", "a&b", "a=b", "a?b", "\u{fc}"] {
            assert!(wrong.parse::<PublishKey>().is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", "a-b".parse::<PublishKey>().unwrap()), "PublishKey(..)");
    }
}
