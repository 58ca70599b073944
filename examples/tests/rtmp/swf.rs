//! SWF verification: what a server hears that asks whether the client is the player it should be.

use crate::patience;
use crate::run::{Background, Run, clip_name, command, rtmp};
use crate::server::Server;
use crate::web::Web;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use rtmp_session::handshake::SwfVerification;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const BODY: &[u8] = b"the rest of a player";

/// A Flash file as it is hashed.
fn plain() -> Vec<u8> {
    [b"FWS\x0a\x1c\0\0\0", BODY].concat()
}

/// The same file as it is distributed.
pub(crate) fn compressed() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(b"CWS\x0a\x1c\0\0\0".to_vec(), Compression::best());
    encoder.write_all(BODY).unwrap();
    encoder.finish().unwrap()
}

/// A directory with the file in it.
fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("player.swf");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

/// A server that asks each client whether it is this player, and a stream on it.
struct Asking {
    server: Server,
    url: String,
    _publish: Background,
}

impl Asking {
    fn for_file(path: &Path) -> Self {
        let mut server = Server::serve(&["--swf-verify", path.to_str().unwrap()]);
        let url = server.url("live/x");
        let _publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &url]);
        // The publisher is client #1, whoever comes next is #2.
        server.wait_for("publish[");
        Self { server, url, _publish }
    }
}

#[test]
fn swfv_2_3_the_player_file_is_hashed_from_disk_and_web() {
    let (_dir, path) = on_disk(&plain());
    let mut asking = Asking::for_file(&path);
    let web = Web::with(compressed());
    let swf = web.url("right/player.swf?v=2");
    let file = path.to_str().unwrap();
    let player = SwfVerification::from_swf(&plain());
    let (hash, size) = (hex::encode(player.hash), player.size.to_string());
    let url = asking.url.as_str();
    let pairs = format!("{url} swfUrl={swf} swfVfy=1 swfAge=0 live=1");
    let runs: [(&str, &[&str]); 6] = [
        ("record", &["record", url, "--stop", "1", "-o", "-", "--swf-verify", file]),
        ("URL", &["probe", url, "--swf-verify", &swf, "--swf-age", "0"]),
        ("librtmp's pairs", &["probe", &pairs]),
        ("-W", &["dump", "-r", url, "-v", "-B", "1", "-W", &swf, "-X", "0"]),
        ("-w and -x", &["dump", "-r", url, "-v", "-B", "1", "-w", &hash, "-x", &size]),
        ("-i", &["dump", "-B", "1", "-i", &pairs]),
    ];
    for (name, arguments) in runs {
        let run = rtmp(arguments).expect(0);
        assert!(!run.stderr().contains("WARNING"), "{name}: {}", run.stderr());
        asking.server.wait_for("the right SWF");
    }
    assert_eq!(web.asked(), ["/right/player.swf?v=2"; 4]);
    let printed = asking.server.output();
    assert!(!printed.contains("another SWF"), "{printed}");
    assert!(printed.contains("right/player.swf"), "swfUrl is that of the file: {printed}");
}

#[test]
fn swfv_3_another_file_is_told_from_the_right_one() {
    let (_dir, path) = on_disk(&plain());
    let (_other_dir, other) = on_disk(b"FWS another");
    let mut asking = Asking::for_file(&path);
    rtmp(["probe", &asking.url, "--swf-verify", other.to_str().unwrap()]).ok();
    asking.server.wait_for("another SWF");
}

#[test]
fn what_is_known_of_a_player_file_is_kept_for_some_days() {
    let (_dir, path) = on_disk(&plain());
    let mut asking = Asking::for_file(&path);
    let web = Web::with(compressed());
    let swf = web.url("player.swf?token=s3cret-t0ken");
    let caches = tempfile::tempdir().unwrap();
    let url = asking.url.clone();
    let mut probe = |more: &[&str]| {
        let arguments = ["probe", &url, "--swf-verify", &swf];
        let mut command = command(arguments.iter().chain(more));
        Run(patience::output(command.env("XDG_CACHE_HOME", caches.path())).unwrap()).expect(0);
        asking.server.wait_for("the right SWF");
        web.asked().len()
    };
    assert_eq!(probe(&[]), 1);
    assert_eq!(probe(&[]), 1, "known");
    assert_eq!(probe(&["--swf-age", "0"]), 2, "asked for anew");
    let kept: Vec<_> = fs::read_dir(caches.path().join("rtmp/swf")).unwrap().map(Result::unwrap).collect();
    assert_eq!(kept.len(), 1);
    let text = fs::read_to_string(kept[0].path()).unwrap();
    assert!(!format!("{:?} {text}", kept[0].path()).contains("s3cret"), "{text}");
}

#[test]
fn a_player_file_that_cannot_be_had_stops_rtmpdump_from_nothing() {
    let server = Server::serve(&[]);
    let url = server.url("live/x");
    let _publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &url]);
    let page = Web::with(b"<html>moved</html>".to_vec());
    let places = ["http://127.0.0.1:1/player.swf?key=t0ken", &page.url("player.swf"), "/nowhere/player.swf"];
    for place in places {
        let run = rtmp(["dump", "-r", &url, "-v", "-B", "1", "-W", place]).expect(0);
        assert!(run.stderr().contains("WARNING: SWF verification will not be answered"), "{}", run.stderr());
        assert!(run.bytes().starts_with(b"FLV"));
        let run = rtmp(["probe", &url, "--swf-verify", place]).expect(1);
        assert!(run.stderr().contains("player.swf") && !run.stderr().contains("t0ken"), "{}", run.stderr());
    }
    rtmp(["dump", "-r", &url, "-v", "-w", "not hex", "-x", "5"]).expect(1);
    let run = rtmp(["dump", "-r", &url, "-v", "-B", "1", "-x", "5"]).expect(0);
    assert!(run.stderr().contains("--swfsize: of no use without --swfhash"), "{}", run.stderr());
}

#[test]
fn a_player_that_was_asked_in_vain_hears_what_to_do() {
    let (_dir, path) = on_disk(&plain());
    let mut asking = Asking::for_file(&path);
    let record = Background::start(["record", &asking.url, "--give-up", "0", "-o", "-"]);
    asking.server.wait_for("#2 ");
    asking.server.wait_for("play[");
    asking.server.say("#2 close");
    let run = record.wait();
    assert!(run.stderr().contains("--swf-verify FILE"), "{}", run.stderr());
}
