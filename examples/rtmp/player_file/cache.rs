//! Hash and size of files from the web, so that they are not downloaded for each recording.

use rtmp_session::handshake::SwfVerification;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A directory with a small file for each URL, named by its hash: URLs may hold tokens.
pub(super) struct Cache(PathBuf);

impl Cache {
    /// Where the user keeps caches; `None` if there is no such place.
    pub(super) fn of_user() -> Option<Self> {
        let directory = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = directory("XDG_CACHE_HOME").or_else(|| Some(directory("HOME")?.join(".cache")))?;
        Some(Self(caches.join("rtmp").join("swf")))
    }

    /// What was put within the last `max_age`.
    pub(super) fn get(&self, url: &str, max_age: Duration) -> Option<SwfVerification> {
        let path = self.path(url);
        let age = fs::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
        if age >= max_age {
            return None;
        }
        let text = fs::read_to_string(path).ok()?;
        let (size, hash) = text.trim_end().split_once(' ')?;
        let mut verification = SwfVerification { hash: [0; 32], size: size.parse().ok()? };
        hex::decode_to_slice(hash, &mut verification.hash).ok()?;
        Some(verification)
    }

    /// Without a word if it cannot: the next one downloads again.
    pub(super) fn put(&self, url: &str, verification: &SwfVerification) {
        let path = self.path(url);
        // Another process may read it: it is there whole, or not at all.
        let unfinished = path.with_extension(std::process::id().to_string());
        let text = format!("{} {}\n", verification.size, hex::encode(verification.hash));
        let written = fs::create_dir_all(&self.0).and_then(|()| fs::write(&unfinished, text));
        if written.and_then(|()| fs::rename(&unfinished, path)).is_err() {
            let _ = fs::remove_file(unfinished);
        }
    }

    fn path(&self, url: &str) -> PathBuf {
        self.0.join(hex::encode(Sha256::digest(url)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_there_until_it_is_too_old() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache(dir.path().join("not/there/yet"));
        let (url, player) = ("http://h/p.swf?token=1", SwfVerification::from_swf(b"FWS"));
        let day = Duration::from_secs(86_400);
        assert_eq!(cache.get(url, day), None);
        cache.put(url, &player);
        assert_eq!(cache.get(url, day), Some(player));
        assert_eq!(cache.get(url, Duration::ZERO), None);
        assert_eq!(cache.get("http://h/other.swf", day), None);
        fs::write(cache.path(url), "12 abc").unwrap();
        assert_eq!(cache.get(url, day), None, "damaged");
    }
}
