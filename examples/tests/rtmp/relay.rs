//! `rtmp relay`.

use crate::packets::{AUDIO, VIDEO, assert_run_of, frames, packets};
use crate::run::{Background, clip, clip_name, eventually, rtmp};
use crate::server::Server;
use std::fs;
use std::path::PathBuf;

fn recordings(dir: &tempfile::TempDir) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "flv"));
    files
}

#[test]
fn a_stream_is_passed_on_packet_for_packet() {
    let source = Server::mini("127.0.0.1:0", &[]);
    let dir = tempfile::tempdir().unwrap();
    let mut target = Server::mini("127.0.0.1:0", &["--record", dir.path().to_str().unwrap()]);
    let publish = Background::start(["-q", "publish", "--loop", &clip_name("av1-opus.flv"), &source.url("live/x")]);
    let relay = Background::start(["-q", "relay", &source.url("live/x"), &target.url("live/y")]);
    eventually("it arrives", || {
        recordings(&dir).first().is_some_and(|file| fs::metadata(file).is_ok_and(|meta| meta.len() > 90_000))
    });
    relay.interrupt().expect(0);
    publish.interrupt().expect(0);
    target.wait_for_recording();
    let (recorded, sent) = (packets(&recordings(&dir)[0]), packets(clip("av1-opus.flv")));
    for kind in [AUDIO, VIDEO] {
        let round = frames(&sent, kind);
        let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 20).collect();
        assert_run_of(&frames(&recorded, kind), &endless);
    }
}

#[test]
fn a_source_that_is_lost_and_comes_back_keeps_the_target() {
    let source = Server::mini("127.0.0.1:0", &[]);
    let dir = tempfile::tempdir().unwrap();
    let mut target = Server::mini("127.0.0.1:0", &["--record", dir.path().to_str().unwrap()]);
    let publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &source.url("live/x")]);
    let relay = Background::start(["-q", "relay", &source.url("live/x"), &target.url("live/y")]);
    let size = || recordings(&dir).iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>();
    eventually("it arrives", || size() > 50_000);
    let address = source.kill();
    let _again = Server::mini(&address, &[]);
    let before = size();
    eventually("it goes on", || size() > before + 50_000);
    relay.interrupt().expect(0);
    publish.interrupt().expect(0);
    target.wait_for_recording();
    assert_eq!(recordings(&dir).len(), 1, "one publish at the target");
    crate::packets::assert_no_step_back(&packets(&recordings(&dir)[0]));
}

#[test]
fn what_is_no_url_is_said() {
    let run = rtmp(["relay", "file.flv", "rtmp://localhost/live/x"]).expect(1);
    assert!(run.stderr().contains("rtmp publish"), "{}", run.stderr());
}
