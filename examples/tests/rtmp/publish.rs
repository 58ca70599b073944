//! `rtmp publish`.

use crate::packets::{AUDIO, VIDEO, assert_run_of, frames, packets, payloads};
use crate::run::{Background, clip, clip_name, eventually, rtmp, rtmp_with_input};
use crate::server::Server;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The finished recordings in a directory, oldest first.
fn recordings(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "flv"));
    files.sort_by_key(|path| fs::metadata(path).and_then(|meta| meta.created()).unwrap());
    files
}

/// Bytes recorded so far. The room for an index that a file begins with is less than half of 50 000.
fn size(dir: &Path) -> u64 {
    recordings(dir).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

fn recording_server(dir: &Path) -> Server {
    Server::mini("127.0.0.1:0", &["--record", dir.to_str().unwrap()])
}

fn assert_same_packets(recorded: &Path, source: &str) {
    let (recorded, source) = (packets(recorded), packets(clip(source)));
    for kind in [AUDIO, VIDEO] {
        assert_eq!(payloads(&recorded, kind), payloads(&source, kind));
    }
}

#[test]
fn a_file_arrives_packet_for_packet_at_two_servers() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut first, mut second) = (recording_server(a.path()), recording_server(b.path()));
    rtmp(["-q", "publish", &clip_name("hevc-aac.flv"), &first.url("live/x"), &second.url("live/y")]).ok();
    for (server, dir) in [(&mut first, a.path()), (&mut second, b.path())] {
        server.wait_for_recording();
        assert_same_packets(&recordings(dir)[0], "hevc-aac.flv");
    }
}

#[test]
fn flat_out_leaves_nothing_out() {
    for name in ["h264-bframes-aac.flv", "av1-opus.flv", "multitrack-h264-aac.flv"] {
        let dir = tempfile::tempdir().unwrap();
        let mut server = recording_server(dir.path());
        rtmp(["-q", "publish", "--flat-out", &clip_name(name), &server.url("live/fast")]).ok();
        server.wait_for_recording();
        assert_same_packets(&recordings(dir.path())[0], name);
    }
}

#[test]
fn standard_input_can_be_published() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = recording_server(dir.path());
    let input = fs::read(clip("h264-aac.flv")).unwrap();
    rtmp_with_input(["-q", "publish", "--flat-out", "-", &server.url("live/pipe")], &input).ok();
    server.wait_for_recording();
    assert_same_packets(&recordings(dir.path())[0], "h264-aac.flv");
}

#[test]
fn files_follow_one_another_in_one_line_of_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = recording_server(dir.path());
    let (one, two) = (clip_name("h264-aac.flv"), clip_name("h264-bframes-aac.flv"));
    rtmp(["-q", "publish", "--flat-out", &one, &two, &one, &server.url("live/list")]).ok();
    server.wait_for_recording();
    let recorded = packets(&recordings(dir.path())[0]);
    let video = frames(&recorded, VIDEO);
    assert_eq!(video.len(), 3 * 125);
    for pair in video.windows(2) {
        let step = pair[1].timestamp - pair[0].timestamp;
        // Where one file follows another, its sound may have been a little longer than its pictures.
        assert!((20..=250).contains(&step), "{step} ms between {pair:?}");
    }
}

#[test]
fn a_server_that_is_stopped_holds_up_no_other_and_goes_on_with_a_key_frame() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut well, mut stopped) = (recording_server(a.path()), recording_server(b.path()));
    let clip_name = clip_name("h264-aac.flv");
    let publish = Background::start([
        "-q",
        "publish",
        "--loop",
        "--max-age",
        "1",
        &clip_name,
        &well.url("live/x"),
        &stopped.url("live/y"),
    ]);
    eventually("both record", || size(a.path()) > 50_000 && size(b.path()) > 50_000);
    stopped.signal("STOP");
    let before = size(a.path());
    eventually("the other goes on meanwhile", || size(a.path()) > before + 60_000);
    stopped.signal("CONT");
    let before = size(b.path());
    eventually("the stopped one is back", || size(b.path()) > before + 40_000);
    publish.interrupt().expect(0);
    well.wait_for_recording();
    stopped.wait_for_recording();

    // The other has every frame of the loop, in order.
    let source = packets(clip("h264-aac.flv"));
    let round = frames(&source, VIDEO);
    let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 20).collect();
    let recorded = packets(&recordings(a.path())[0]);
    assert_run_of(&frames(&recorded, VIDEO), &endless);
    // The stopped one has a picture behind every hole.
    let recorded = packets(&recordings(b.path())[0]);
    let video = frames(&recorded, VIDEO);
    assert!(video[0].is_key());
    let place = |packet: &crate::packets::Packet| round.iter().position(|known| known.sha256 == packet.sha256).unwrap();
    for pair in video.windows(2) {
        let follows = place(pair[1]) == (place(pair[0]) + 1) % round.len();
        assert!(follows || pair[1].is_key(), "{pair:?}");
    }
}

#[test]
fn a_server_that_is_killed_and_comes_back_is_published_to_again() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut well, doomed) = (recording_server(a.path()), recording_server(b.path()));
    let clip_name = clip_name("h264-aac.flv");
    let publish =
        Background::start(["-q", "publish", "--loop", &clip_name, &well.url("live/x"), &doomed.url("live/y")]);
    eventually("a recording", || size(b.path()) > 50_000);
    let address = doomed.kill();
    std::thread::sleep(Duration::from_millis(1500));
    let c = tempfile::tempdir().unwrap();
    let mut again = Server::mini(&address, &["--record", c.path().to_str().unwrap()]);
    eventually("another recording", || size(c.path()) > 50_000);
    publish.interrupt().expect(0);
    again.wait_for_recording();
    well.wait_for_recording();
    let again = packets(&recordings(c.path())[0]);
    assert!(frames(&again, VIDEO)[0].is_key());
    let source = packets(clip("h264-aac.flv"));
    let round = frames(&source, VIDEO);
    let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 20).collect();
    assert_run_of(&frames(&again, VIDEO), &endless);
    assert_run_of(&frames(&packets(&recordings(a.path())[0]), VIDEO), &endless);
}

#[test]
fn a_reconnect_request_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let mut target = recording_server(dir.path());
    let mut old = Server::serve(&[]);
    let publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &old.url("live/moving")]);
    old.wait_for("NetStream.Publish.Start");
    old.say(&format!("reconnect rtmp://{}/live", target.address));
    old.wait_for("-- closed");
    eventually("a recording at the new place", || size(dir.path()) > 50_000);
    publish.interrupt().expect(0);
    target.wait_for_recording();
    let moved = packets(&recordings(dir.path())[0]);
    assert!(frames(&moved, VIDEO)[0].is_key());
}

#[test]
fn a_refusal_is_not_retried() {
    let server = Server::serve(&["--refuse-publish", "wrong key"]);
    let run = rtmp(["publish", &clip_name("h264-aac.flv"), &server.url("live/x")]).expect(4);
    assert!(run.stderr().contains("publish: ") && run.stderr().contains("wrong key"), "{}", run.stderr());
}

#[test]
fn a_server_away_from_the_beginning_is_an_error_unless_it_is_waited_for() {
    let run = rtmp(["publish", &clip_name("h264-aac.flv"), "rtmp://127.0.0.1:1/live/x"]).expect(3);
    assert!(run.stderr().contains("127.0.0.1:1") && run.stderr().contains("connect: "), "{}", run.stderr());
    let server = Server::serve(&[]);
    let run = rtmp([
        "publish",
        "--flat-out",
        &clip_name("h264-aac.flv"),
        &server.url("live/ok"),
        "rtmp://127.0.0.1:1/live/x",
    ]);
    assert_eq!(run.expect(3).stdout(), "");
}

#[test]
fn progress_can_be_read_by_a_program() {
    let server = Server::serve(&[]);
    let run = rtmp(["publish", &clip_name("h264-aac.flv"), &server.url("live/x"), "--progress", "json"]).expect(0);
    let lines: Vec<serde_json::Value> =
        run.stderr().lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let moving: Vec<_> = lines.iter().filter(|line| line["bytes"].as_u64() > Some(0)).collect();
    assert!(moving.len() >= 4, "one a second: {lines:?}");
    for line in &moving {
        assert!(line["time_ms"].is_u64() && line["bytes_per_second"].is_number() && line["dropped"] == 0, "{line}");
    }
    assert_eq!(lines.last().unwrap()["state"], "done");
    assert_eq!(rtmp(["-q", "publish", "--flat-out", &clip_name("h264-aac.flv"), &server.url("live/x")]).stderr(), "");
}

#[test]
fn ertmp_8_a_codec_that_the_server_does_not_list_is_warned_of_or_refused() {
    let clip = clip_name("av1-opus.flv");
    for pace in [&["--flat-out"][..], &[]] {
        let mut server = Server::serve(&["--codecs", "hvc1,Opus"]);
        let url = server.url("live/x");
        let publish = |more: &[&str]| rtmp([&["publish", &clip, &url], pace, more].concat());
        let run = publish(&["--strict"]).expect(4);
        assert!(run.stderr().contains("publish: the server does not list AV1 (av01)"), "{}", run.stderr());
        assert!(!server.output().contains("AV1"), "nothing of it was sent");
        let run = publish(&[]).expect(0);
        assert_eq!(run.stderr().matches("warning: ").count(), 1, "{}", run.stderr());
        assert!(run.stderr().contains("warning: the server does not list AV1 (av01)"), "{}", run.stderr());
        server.wait_for("AV1 enhanced key frame");
    }
    let silent = Server::serve(&[]);
    let run = rtmp(["publish", "--strict", "--flat-out", &clip, &silent.url("live/x")]).expect(0);
    assert!(!run.stderr().contains("does not list"), "{}", run.stderr());
}
