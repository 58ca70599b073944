//! `--record`

use std::path::{Path, PathBuf};

use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::flv::{FileScan, FileSummary, FlvLimits, TagDecoder};

use crate::client::Client;
use crate::media::{stream, video};
use crate::patience;
use crate::process::{Server, until};

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).map(|entries| entries.map(|entry| entry.unwrap().path()).collect());
    entries.unwrap_or_default()
}

/// What a file holds.
pub(crate) fn media_of(file: &Path) -> Vec<Media> {
    let mut bytes = BytesMut::from(&std::fs::read(file).unwrap()[..]);
    let mut decoder = TagDecoder::new(FlvLimits::default());
    let mut media = Vec::new();
    while let Some(tag) = decoder.decode(&mut bytes).unwrap() {
        media.extend(Media::try_from(tag));
    }
    media
}

fn scan(file: &Path) -> FileSummary {
    let mut bytes = BytesMut::from(&std::fs::read(file).unwrap()[..]);
    let mut scan = FileScan::new(FlvLimits::default());
    scan.feed(&mut bytes).unwrap();
    scan.finish(&mut bytes).unwrap()
}

#[test]
fn a_recording_holds_what_was_published() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&["--record", directory.path().to_str().unwrap()]);
    let sent = stream(100, 25);
    for name in ["a key&ü", "b"] {
        let mut publisher = Client::publish(&server.url(name));
        publisher.send_all(&sent);
        publisher.end();
    }
    until(|| server.log().matches("recording ended").count() == 2, || "both recordings end".to_owned());
    let lines = server.log();
    let lines: Vec<_> = lines.lines().filter(|line| line.contains("recording")).collect();
    let file = directory.path().join("live_a_…_2");
    let names_file =
        |line: &&&str| line.contains("peer=127.0.0.1:") && line.contains(&format!("file={}", file.display()));
    assert_eq!(lines.iter().filter(names_file).count(), 2, "the beginning and the end of the first: {lines:?}");
    assert!(lines.iter().any(|line| line.contains("seconds=4.010 ")), "{lines:?}");
    let mut names: Vec<_> =
        files(directory.path()).iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names[0].starts_with("live_a_key__") && names[1].starts_with("live_b_2"), "{names:?}");
    for file in files(directory.path()) {
        // The opening holds the metadata, with more in it.
        assert_eq!(media_of(&file)[1..], sent[1..]);
        let metadata = scan(&file).metadata.unwrap();
        assert_eq!(metadata.duration(), Some(4.01));
        assert_eq!(metadata.file_size(), Some(file.metadata().unwrap().len() as f64));
        assert_eq!(metadata.keyframes().unwrap().len(), 4);
    }
}

#[test]
fn a_killed_server_leaves_a_file_that_opens() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::start(&["--record", directory.path().to_str().unwrap()]);
    let mut publisher = Client::publish(&server.url("a"));
    let sent = stream(50, 25);
    publisher.send_all(&sent);
    // Within a second of media it is in the file; how long that takes here is the machine's affair.
    let is_written = || files(directory.path()).iter().any(|file| scan(file).tags() == sent.len() as u64);
    until(is_written, || "what was sent is in the file".to_owned());
    server.signal("KILL");
    assert!(!server.end());
    let file = &files(directory.path())[0];
    assert!(!scan(file).is_cut);
    assert_eq!(media_of(file)[1..], sent[1..]);
}

#[test]
fn a_directory_that_cannot_be_written_is_said_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let no_directory = directory.path().join("file");
    std::fs::write(&no_directory, "in the way").unwrap();
    for wrong in [no_directory.to_str().unwrap(), "/proc/nothing"] {
        let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_mini-server"));
        let server = patience::output(server.args(["--listen", "127.0.0.1:0", "--record", wrong])).unwrap();
        let log = String::from_utf8_lossy(&server.stderr);
        assert_eq!(server.status.code(), Some(1), "{log}");
        assert!(log.contains(&format!("--record {wrong}: ")), "{log}");
        assert!(server.stdout.is_empty(), "nobody is told that it listens");
    }
    let made = directory.path().join("a/b");
    drop(Server::start(&["--record", made.to_str().unwrap()]));
    assert!(made.is_dir() && files(&made).is_empty(), "it is there, and the trial has left nothing");
}

#[test]
fn a_directory_that_is_gone_costs_the_recording_and_not_the_stream() {
    let directory = tempfile::tempdir().unwrap();
    let recordings = directory.path().join("recordings");
    let server = Server::start(&["--record", recordings.to_str().unwrap()]);
    std::fs::remove_dir(&recordings).unwrap();
    std::fs::write(&recordings, "in the way").unwrap();
    let mut player = Client::play(&server.url("a"));
    let mut publisher = Client::publish(&server.url("a"));
    server.wait_for_log("recording stopped, the stream goes on");
    let sent = stream(20, 10);
    publisher.send_all(&sent);
    assert_eq!(player.take(sent.len()), sent);
}

/// `/dev/full` is a disk that is full from the first byte on.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_the_recording_and_not_the_stream() {
    let directory = tempfile::tempdir().unwrap();
    // A file system of one page: what does not fit is refused as a full disk refuses it.
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(directory.path())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        eprintln!(
            "SKIPPED a_full_disk_costs_the_recording_and_not_the_stream: a small file system cannot be mounted here"
        );
        return;
    }
    let server = Server::start(&["--record", directory.path().to_str().unwrap()]);
    let mut player = Client::play(&server.url("a"));
    let mut publisher = Client::publish(&server.url("a"));
    let sent = stream(100, 25);
    publisher.send_all(&sent);
    server.wait_for_log("recording stopped, the stream goes on");
    publisher.send(&video(100, 25, 100));
    assert_eq!(player.take(sent.len()), sent);
    assert_eq!(player.take(1), [video(100, 25, 100)]);
    assert!(!scan(&files(directory.path())[0]).is_cut, "what is there is whole");
    drop(server);
    let _ = std::process::Command::new("umount").arg(directory.path()).status();
}
