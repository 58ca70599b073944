//! What is said when things go wrong, and with which exit code.

use crate::patience;
use crate::run::{clip_name, command, rtmp};
use crate::server::Server;
use std::io::{Read, Write};
use std::net::TcpListener;

/// Every error names the host and the step, and says what to try.
fn assert_said(run: &crate::run::Run, place: &str, step: &str) {
    let text = run.stderr();
    assert!(text.contains(place), "{place} in {text}");
    assert!(text.contains(&format!("{step}: ")), "{step} in {text}");
    assert!(text.contains("\n  try: "), "advice in {text}");
}

/// A listener that answers each connection with some bytes, or with silence.
fn answer_with(bytes: &'static [u8], close: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 4096]);
            let _ = socket.write_all(bytes);
            if !close {
                held.push(socket);
            }
        }
    });
    address
}

#[test]
fn each_step_of_connecting_has_its_own_error() {
    let probe = |url: &str| rtmp(["probe", url, "--timeout", "2"]);
    let run = probe("rtmp://no-such-host.invalid/live/x").expect(3);
    assert_said(&run, "no-such-host.invalid", "resolve");
    let run = probe("rtmp://127.0.0.1:1/live/x").expect(3);
    assert_said(&run, "127.0.0.1:1", "connect");
    let address = answer_with(b"HTTP/1.1 400 Bad Request\r\n\r\n", true);
    let run = probe(&format!("rtmp://{address}/live/x")).expect(3);
    assert_said(&run, &address, "handshake");
    let run = probe(&format!("rtmps://{address}/live/x")).expect(3);
    assert_said(&run, &address, "TLS");
    let silent = answer_with(b"", false);
    let run = probe(&format!("rtmp://{silent}/live/x")).expect(3);
    assert_said(&run, &silent, "handshake");
    let run = probe(&format!("rtmps://{silent}/live/x")).expect(3);
    assert_said(&run, &silent, "TLS");
    let refusing = Server::serve(&["--refuse-connect", "not you"]);
    let run = probe(&refusing.url("live/x")).expect(4);
    assert_said(&run, &refusing.address, "connect command");
    let nowhere = Server::serve(&["--no-waiting"]);
    let run = probe(&nowhere.url("live/x")).expect(5);
    assert_said(&run, &nowhere.address, "play");
    let empty = Server::serve(&[]);
    let run = rtmp(["probe", "--wait", "1", &empty.url("live/x")]).expect(6);
    assert_said(&run, &empty.address, "media");
    let busy = Server::serve(&["--refuse-publish", "taken"]);
    let run = rtmp(["publish", &clip_name("h264-aac.flv"), &busy.url("live/x")]).expect(4);
    assert_said(&run, &busy.address, "publish");
}

#[test]
fn the_total_time_is_kept() {
    let server = Server::serve(&[]);
    let run = rtmp(["-q", "probe", "--wait", "60", &server.url("live/x"), "--timeout", "total=1"]).expect(2);
    assert!(run.stderr().contains("stopped after 1 s"), "{}", run.stderr());
}

#[test]
fn a_wrong_command_line_has_an_exit_code_of_its_own() {
    for wrong in [&["nonsense"][..], &["publish"], &["probe", "--wait", "soon", "rtmp://h/a/b"], &["--timeout", "x=1"]]
    {
        assert_eq!(rtmp(wrong).code(), 64, "{wrong:?}");
    }
    assert_eq!(rtmp(["probe", "http://host/x"]).code(), 1);
    let run = rtmp(["publish", "nothere.flv", "rtmp://h/a/b"]).expect(1);
    assert!(run.stderr().contains("nothere.flv: file: "), "{}", run.stderr());
    let run = rtmp(["publish", &clip_name("h264-aac.flv"), "rtmp://127.0.0.1/live"]).expect(1);
    assert!(run.stderr().contains("no stream name"), "{}", run.stderr());
}

#[test]
fn show_url_explains_the_split() {
    let text = rtmp(["probe", "--show-url", "rtmps://user:pw@[::1]/live/room/key?token=1"]).ok();
    for line in
        ["scheme  rtmps", "host    ::1", "port    443", "user    user", "app     live/room", "stream  key?token=1"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("tcUrl   rtmps://[::1]/live/room"), "{text}");
}

#[test]
fn help_has_examples_and_exit_codes() {
    let help = rtmp(["--help"]).ok();
    assert!(help.contains("Exit codes"));
    for command in ["publish", "record", "relay", "probe", "call", "send", "inspect", "serve"] {
        let help = rtmp([command, "--help"]).ok();
        assert!(help.contains("Examples:"), "{command}");
    }
}

#[test]
fn a_reader_that_is_gone_is_no_reason_to_panic() {
    let clip = clip_name("h264-aac.flv");
    let runs: [&[&str]; 8] = [
        &["inspect", &clip],
        &["inspect", "--stats", &clip],
        &["inspect", "--json", &clip],
        &["--show-url", "probe", "rtmp://h/a/b"],
        &["doctor"],
        &["man"],
        &["completions", "bash"],
        &["probe", "rtmp://127.0.0.1:1/a/b"],
    ];
    for arguments in runs {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = command(arguments).stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        let status = patience::end(child).status;
        // 101 is a panic; no code at all would be a signal.
        assert!(status.code().is_some_and(|code| code < 64), "{arguments:?}: {status}");
    }
}
