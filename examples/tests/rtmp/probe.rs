//! `rtmp probe`: its figures, and its exit codes as a health check.

use crate::run::{Background, clip_name, eventually, rtmp};
use crate::server::Server;
use serde_json::Value;

#[test]
fn a_healthy_stream_is_described() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = Background::start(["-q", "publish", "--loop", &clip_name("hevc-aac.flv"), &server.url("live/x")]);
    let mut found = Value::Null;
    eventually("a stream of some seconds", || {
        let run = rtmp(["probe", "--json", "--for", "2", "--wait", "5", &server.url("live/x")]);
        found = serde_json::from_str(&run.stdout()).unwrap();
        run.code() == 0 && found["media"]["key_frames"].as_u64() > Some(1)
    });
    assert_eq!(found["healthy"], true);
    assert_eq!(found["media"]["video"]["codec"], "HEVC");
    assert_eq!(found["media"]["audio"]["codec"], "AAC");
    assert_eq!((found["media"]["width"].as_u64(), found["media"]["height"].as_u64()), (Some(160), Some(90)));
    assert!(found["first_key_frame_ms"].is_number() && found["accepted_ms"].is_number());
    assert!(found["media"]["metadata"]["$ecma"]["encoder"].is_string());
    assert!(found["server"]["software"].is_string());
    let table = rtmp(["probe", "--for", "1", &server.url("live/x")]).ok();
    for word in ["HEVC", "AAC", "160x90", "first key frame", "frames/s"] {
        assert!(table.contains(word), "{word} in {table}");
    }
}

#[test]
fn the_exit_code_tells_what_is_wrong() {
    let probe = |url: &str| {
        let run = rtmp(["probe", "--json", "--wait", "1", url]);
        let found: Value = serde_json::from_str(&run.stdout()).unwrap();
        assert_eq!(found["healthy"], false);
        assert_eq!(found["failure"]["exit_code"], run.code());
        run.code()
    };
    assert_eq!(probe("rtmp://127.0.0.1:1/live/x"), 3);
    assert_eq!(probe(&Server::serve(&["--refuse-connect", "no"]).url("live/x")), 4);
    assert_eq!(probe(&Server::serve(&["--refuse-play", "no"]).url("live/x")), 5);
    assert_eq!(probe(&Server::serve(&["--no-waiting"]).url("live/x")), 5);
    assert_eq!(probe(&Server::serve(&[]).url("live/x")), 6);
}
