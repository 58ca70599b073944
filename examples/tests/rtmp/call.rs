//! `rtmp call`, `rtmp send` and the console of `rtmp serve`.

use crate::run::{Background, rtmp};
use crate::server::Server;
use rtmp_session::{ClientConfig, ClientEvent, ClientSession, RtmpUrl};
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn a_call_is_answered_with_the_values_of_the_answer() {
    // The test server gives back what it was called with.
    let server = Server::serve(&[]);
    let answer = rtmp(["call", &server.url("live"), "echo", r#"{"a":[1,null]}"#, "N:2.5", "B:1", "word"]).ok();
    assert_eq!(answer.lines().collect::<Vec<_>>(), ["null", r#"{"a":[1,null]}"#, "2.5", "true", r#""word""#]);
    let answer = rtmp(["call", &server.url("live"), "echo", "O:1", "NS:name:text", "NN:n:-3", "O:0"]).ok();
    assert_eq!(answer.lines().nth(1), Some(r#"{"name":"text","n":-3}"#));
}

#[test]
fn a_call_nobody_knows_is_refused() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let run = rtmp(["call", &server.url("live"), "noSuchThing"]).expect(4);
    assert!(run.stderr().contains("NetConnection.Call.Failed"), "{}", run.stderr());
}

#[test]
fn a_call_without_an_answer_does_not_wait() {
    let mut server = Server::serve(&[]);
    rtmp(["call", "--no-reply", &server.url("live"), "justSo", "5"]).ok();
    server.wait_for("justSo[0](null, 5)");
}

#[test]
fn a_data_message_is_sent_on_a_stream() {
    let mut server = Server::serve(&[]);
    rtmp(["send", &server.url("live"), "show", "onTextData", r#"{"text":"hello"}"#]).ok();
    server.wait_for(r#"Data "onTextData", {text: "hello"}"#);
    rtmp(["send", "--command", &server.url("live/room/deep"), "show", "doThis", "7"]).ok();
    server.wait_for("doThis[0](null, 7)");
    assert!(server.output().contains(r#"app: "live/room/deep""#));
}

#[test]
fn the_console_reaches_clients() {
    let mut server = Server::serve(&[]);
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let file = dir.path().join("out.flv");
    let record = Background::start([
        "-q".as_ref(),
        "record".as_ref(),
        server.url("live/x").as_ref(),
        "-o".as_ref(),
        file.as_os_str(),
        "--trace".as_ref(),
        trace.as_os_str(),
    ]);
    server.wait_for("NetStream.Play.Start");
    server.say("#1 ping");
    server.wait_for("<- cs 2 ms 0 at 0 ms, 6 bytes: UserControl PingResponse(0)");
    server.say("data onCuePoint {\"name\": \"now\"}");
    server.wait_for("onCuePoint");
    server.say("notify doSomething 1 two");
    server.wait_for("doSomething");
    server.say("status !NetStream.Play.Failed enough");
    // Nothing was recorded but a data message.
    record.wait();
    let traced = std::fs::read_to_string(trace).unwrap();
    for text in ["PingRequest(0)", "onCuePoint", "doSomething[0](null, 1, \"two\")", "enough"] {
        assert!(traced.contains(text), "{text} in {traced}");
    }
}

#[test]
fn what_is_no_value_is_said_before_anything_is_sent() {
    let run = rtmp(["call", "rtmp://127.0.0.1:1/live", "f", "{broken"]).expect(1);
    assert!(run.stderr().contains("looks like JSON"), "{}", run.stderr());
}

#[test]
fn cmd_25_the_server_closes_when_its_client_has_said_close() {
    let mut server = Server::serve(&[]);
    let url: RtmpUrl = server.url("live").parse().unwrap();
    let mut socket = TcpStream::connect(&server.address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let begin = Instant::now();
    let mut session = ClientSession::new(ClientConfig::default(), &url, Instant::now());
    loop {
        while let Some(event) = session.poll_event().unwrap() {
            if matches!(event, ClientEvent::Connected) {
                session.notify(None, "close", &[]).unwrap();
            }
        }
        session.write_to(&mut socket).unwrap();
        // Nothing is closed here: it must be the server, which pings whoever stays.
        if session.read_from(&mut socket).expect("a ping at least") == 0 {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the server does not close");
    }
    drop(socket);
    server.wait_for("-- closed");
}

/// Far more than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
