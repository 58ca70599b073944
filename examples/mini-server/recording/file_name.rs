//! What a recording is called: `APP_NAME_UTC-START.flv`.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::names::{Redacted, for_file};

/// The name without `.flv`.
pub(super) fn stem(app: &str, name: &str, start: Timestamp) -> String {
    with_start(app, &for_file(name), start)
}

/// The name of the file as the log may show it: enough of it to find it.
pub(super) fn shown(app: &str, name: &str, start: Timestamp) -> String {
    with_start(app, &Redacted(&for_file(name)).to_string(), start) + ".flv"
}

fn with_start(app: &str, name: &str, start: Timestamp) -> String {
    format!("{}_{name}_{}", for_file(app), start.strftime("%Y%m%dT%H%M%SZ"))
}

/// Makes the file. Another publish of the same second, or of a name that looks the same, gets a number behind it.
pub(super) fn create(directory: &Path, stem: &str) -> io::Result<File> {
    for number in 1..=MOST_OF_ONE_NAME {
        let name = if number == 1 { format!("{stem}.flv") } else { format!("{stem}-{number}.flv") };
        match OpenOptions::new().read(true).write(true).create_new(true).open(directory.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result,
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

const MOST_OF_ONE_NAME: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_and_when() {
        let start = "2026-11-24T17:05:09.5Z".parse().unwrap();
        assert_eq!(stem("live/room1", "a key/../x", start), "live_room1_a_key_.._x_20261124T170509Z");
        assert_eq!(shown("live/room1", "a key/../x", start), "live_room1_a_k…_20261124T170509Z.flv");
    }

    #[test]
    fn never_overwrites() {
        let directory = tempfile::tempdir().unwrap();
        for _ in 0..3 {
            create(directory.path(), "live_a").unwrap();
        }
        let mut names: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["live_a-2.flv", "live_a-3.flv", "live_a.flv"]);
    }
}
