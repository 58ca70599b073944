//! What the server writes with `--record` is what was published.

use crate::client::Client;
use crate::clips::clip;
use crate::flv_file::{self, Kind, Tag};
use crate::listing::{Demand, assert_copy, list};
use crate::pairs::lister;
use crate::patience;
use crate::publishers::{Pace, Publisher};
use crate::server::{Server, fresh_name};
use crate::tools::need;
use crate::work_dir::WorkDir;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

fn records(publisher: Publisher, name: &str) {
    let work = WorkDir::new();
    let server = Server::start_recording(&work);
    let url = server.url(&fresh_name());
    Client::start(&work, "publisher", publisher.to(&url, &clip(name), Pace::RealTime)).succeed();
    let file = server.finished_recording();
    let reference = work.file("reference.flv");
    publisher.reference(&clip(name), &reference);
    let demand = Demand { from_start: true, jitter: publisher.jitter(), at_least: 100, ..Demand::default() };
    assert_copy(&list(&lister(), &reference), &list(&lister(), &file), demand);
    assert!((4.5..6.0).contains(&duration(&file)), "a clip of five seconds lasts {} s", duration(&file));
}

fn duration(file: &Path) -> f64 {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]).arg(file);
    let output = patience::output(&mut command).expect("ffprobe runs");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("no duration: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_recording_equals_its_source() {
    need!(Ffmpeg);
    records(Publisher::Ffmpeg, "h264-aac");
}

/// FFmpeg believes the last `onMetaData` of a file. Some encoders send theirs again, with a duration of their own.
#[test]
fn flv_48_a_recording_knows_how_long_it_is_whatever_the_source_claims() {
    need!(Ffmpeg);
    let work = WorkDir::new();
    let mut tags = flv_file::tags(&clip("h264-aac"));
    let mut data = b"\x02\0\x0aonMetaData\x08\0\0\0\x01\0\x08duration\0".to_vec();
    data.extend_from_slice(&3600_f64.to_be_bytes());
    data.extend_from_slice(b"\0\0\x09");
    // Behind the headers and a frame or two: early enough for who only looks at the start.
    tags.insert(5, Tag { kind: Kind::Script, timestamp: tags[5].timestamp, data });
    let claims = work.file("claims.flv");
    flv_file::write(&claims, &tags);
    assert!(duration(&claims) > 3000.0, "FFmpeg believes the clip that it lasts an hour");

    let server = Server::start_recording(&work);
    let url = server.url(&fresh_name());
    Client::start(&work, "publisher", Publisher::Ours.to(&url, &claims, Pace::Unpaced)).succeed();
    let file = server.finished_recording();
    assert!((4.5..6.0).contains(&duration(&file)), "a clip of five seconds lasts {} s", duration(&file));
    let scripts = flv_file::tags(&file).iter().filter(|tag| tag.kind == Kind::Script).count();
    assert_eq!(scripts, 2, "the recording has the second metadata, too");
}

#[test]
fn a_recording_of_gstreamer_equals_its_source() {
    need!(Ffmpeg, GstRtmp2);
    records(Publisher::Gst, "h264-aac");
}

#[test]
fn a_recording_of_hevc_equals_its_source() {
    need!(Ffmpeg, FfmpegNew);
    records(Publisher::FfmpegNew, "hevc-aac");
}

/// Killed outright, the server leaves a file that opens and lacks a second at most.
#[test]
fn a_killed_server_leaves_a_readable_recording() {
    need!(Ffmpeg);
    let work = WorkDir::new();
    let mut server = Server::start_recording(&work);
    let url = server.url(&fresh_name());
    let _publisher = Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    server.recording_of(1);
    sleep(Duration::from_secs(3));
    server.process().kill();
    let file = server.recording_of(1);
    let cut = Demand { from_start: true, missing_end: None, ..Demand::default() };
    assert_copy(&list(&lister(), &clip("h264-aac")), &list(&lister(), &file), cut);
    let last = flv_file::tags(&file).iter().map(|tag| tag.timestamp).max().unwrap_or(0);
    assert!(last >= 1500, "three seconds after the file appeared it ends at {last} ms");
}

#[test]
fn an_interrupted_server_finishes_its_recordings() {
    need!(Ffmpeg);
    let work = WorkDir::new();
    let mut server = Server::start_recording(&work);
    let url = server.url(&fresh_name());
    let _publisher = Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    server.recording_of(1);
    sleep(Duration::from_secs(2));
    server.process().signal("TERM");
    server.process().end();
    let file = server.finished_recording();
    assert!(duration(&file) > 1.0, "the recording lasts {} s", duration(&file));
    let tags = flv_file::tags(&file);
    assert!(tags.iter().any(|tag| tag.is_sequence_header(Kind::Audio)), "no audio configuration");
}
