//! Keeps passwords, tokens and stream keys out of everything that is printed.

/// What must not be printed whole. Text from the peer goes through [`hide`](Self::hide) too: servers like to put the
/// stream name into their answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    pub(crate) fn add(&mut self, secret: &str) {
        // Shorter ones would turn every other word into dots, and guard nothing.
        if secret.len() >= 3 && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
            // A query may be part of a name: the longer one has to be replaced first.
            self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// Adds the query behind a name or URL, and its values: tokens sit there. Short ones are flags, and would blot out
    /// half of every message.
    pub(crate) fn add_query(&mut self, name: &str) {
        let Some((_, query)) = name.split_once('?') else { return };
        self.add(query);
        for value in query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value) {
            if value.len() >= 6 {
                self.add(value);
            }
        }
    }

    /// `text` with every secret masked.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), &mask(secret)) } else { text }
        })
    }
}

/// Enough of a name to tell it from another: at most three characters, never more than half of it.
pub(crate) fn mask(name: &str) -> String {
    let visible = (name.chars().count() / 2).min(3);
    name.chars().take(visible).chain(['…']).collect()
}

/// A URL or `app` without what stands before an `@` in its authority and behind its first `?`.
pub(crate) fn mask_url(url: &str) -> String {
    let (url, query) = url.split_once('?').map_or((url, ""), |(url, _)| (url, "?…"));
    let Some((scheme, rest)) = url.split_once("://") else { return format!("{url}{query}") };
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        let mut secrets = Secrets::default();
        secrets.add("abcd-efgh");
        secrets.add("abcd-efgh?token=t0p");
        assert_eq!(secrets.hide("abcd-efgh?token=t0p is now published"), "abc… is now published");
        assert_eq!(secrets.hide("live/abcd-efgh"), "live/abc…");
        assert_eq!(mask("ab"), "a…");
        assert_eq!(mask(""), "…");
    }

    #[test]
    fn urls_lose_user_and_query() {
        assert_eq!(mask_url("rtmp://me:pw@host:1935/app?key=1"), "rtmp://host:1935/app?…");
        assert_eq!(mask_url("live/room?token=1"), "live/room?…");
        assert_eq!(mask_url("rtmps://host"), "rtmps://host");
    }
}
