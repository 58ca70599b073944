//! The hello programs: they work together, and the README prints them as they are.

mod patience;

use patience::Watch;
use rtmp_session::amf::Value;
use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, Media, MediaKind, RtmpUrl, ServerConfig, ServerEvent, ServerSession,
};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server, killed when the test is over.
struct Server {
    child: Child,
    _watch: Watch,
    address: String,
    output: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(program: &str) -> Self {
        Self::start_as(Command::new(program).arg("127.0.0.1:0"))
    }

    fn start_as(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let _watch = Watch::over(&child);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on rtmp://").expect(&line).to_owned();
        Self { child, _watch, address, output }
    }

    fn url(&self, path: &str) -> String {
        format!("rtmp://{}/{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &str, arguments: &[String]) -> (bool, String) {
    let output = patience::output(Command::new(program).args(arguments)).unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_client_publishes_to_the_server() {
    for client in [env!("CARGO_BIN_EXE_hello-client"), env!("CARGO_BIN_EXE_hello-client-tokio")] {
        let mut server = Server::start(env!("CARGO_BIN_EXE_hello-server"));
        let (ok, errors) = run(client, &[server.url("live/secret")]);
        assert!(ok, "{errors}");
        let mut lines = String::new();
        while !lines.contains("Audio 980 ms") {
            assert_ne!(server.output.read_line(&mut lines).unwrap(), 0, "{lines}");
        }
        assert_eq!(lines.lines().count(), 50);
        assert_eq!(lines.lines().next(), Some("Audio 0 ms, 5 bytes"));
    }
}

#[test]
fn the_server_refuses_what_it_does_not_know() {
    let server = Server::start(env!("CARGO_BIN_EXE_hello-server"));
    let (ok, errors) = run(env!("CARGO_BIN_EXE_hello-client"), &[server.url("live/wrong")]);
    assert!(!ok && errors.contains("NetStream.Publish.BadName"), "{errors}");
}

#[test]
fn the_server_lets_a_silent_client_go() {
    let server = Server::start(env!("CARGO_BIN_EXE_hello-server"));
    let mut socket = TcpStream::connect(&server.address).unwrap();
    // Without a time of its own the server would wait for ever; this one only keeps a failing test from doing so.
    socket.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    assert_eq!(socket.read(&mut [0; 16]).unwrap(), 0, "closed by the server");
}

#[test]
fn the_client_reads_while_it_sends_and_leaves_when_the_server_has_heard_everything() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtmp://{}/live/secret", listener.local_addr().unwrap());
    let client = Command::new(env!("CARGO_BIN_EXE_hello-client")).arg(url).spawn().unwrap();
    let _watch = Watch::over(&client);
    let mut socket = accept(&listener);
    let mut config = ServerConfig::default();
    // It is told often how much the client has read.
    config.link = config.link.window_ack_size(1);
    let mut session = ServerSession::new(config, Instant::now());
    let news = Value::from("news ".repeat(5000));
    let (mut frames, mut ended, mut at_start) = (0, false, 0);
    loop {
        while let Some(event) = session.poll_event().unwrap() {
            match event {
                ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
                ServerEvent::Publish(request) => {
                    session.accept_publish(request).unwrap();
                    for _ in 0..20 {
                        session.notify(None, "news", std::slice::from_ref(&news)).unwrap();
                    }
                    at_start = session.stats().bytes_acknowledged;
                }
                ServerEvent::Media { media, .. } => frames += u32::from(media.kind == MediaKind::Audio),
                ServerEvent::Ended { .. } => {
                    ended = true;
                    let heard = session.stats().bytes_acknowledged - at_start;
                    assert!(heard > 20 * 25_000 / 2, "it read {heard} bytes while it sent");
                    // What it has not read when it has said everything.
                    session.notify(None, "news", std::slice::from_ref(&news)).unwrap();
                }
                _ => {}
            }
        }
        session.write_to(&mut socket).unwrap();
        if session.read_from(&mut socket).expect("a connection that is not reset") == 0 {
            break;
        }
    }
    assert_eq!((frames, ended), (50, true));
    drop(socket);
    assert!(patience::end(client).status.success());
}

/// The first connection; a program that does not come fails the test.
fn accept(listener: &TcpListener) -> TcpStream {
    let begin = Instant::now();
    listener.set_nonblocking(true).unwrap();
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                socket.set_nonblocking(false).unwrap();
                return socket;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "nobody connects");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Of file descriptors, that is: connections that end give theirs back.
#[test]
fn the_servers_live_through_more_connections_than_they_can_hold() {
    for program in [env!("CARGO_BIN_EXE_hello-server"), env!("CARGO_BIN_EXE_hello-server-tokio")] {
        let server =
            Server::start_as(Command::new("sh").args(["-c", "ulimit -n 40; exec \"$0\" 127.0.0.1:0", program]));
        let crowd: Vec<_> = (0..60).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
        // Long enough to have tried to accept them all.
        std::thread::sleep(Duration::from_millis(300));
        drop(crowd);
        let (ok, errors) = run(env!("CARGO_BIN_EXE_hello-client"), &[server.url("live/secret")]);
        assert!(ok, "{program}: {errors}");
    }
}

#[test]
fn two_streams_of_one_connection_do_not_mix() {
    let server = Server::start(env!("CARGO_BIN_EXE_hello-server-tokio"));
    let url: RtmpUrl = server.url("live/a").parse().unwrap();
    let mut socket = TcpStream::connect(&server.address).unwrap();
    let mut publisher = ClientSession::new(ClientConfig::default(), &url, Instant::now());
    let streams = [publisher.publish("a"), publisher.publish("b")];
    let mut started = 0;
    talk(&mut publisher, &mut socket, |event| {
        started += usize::from(matches!(event, ClientEvent::Started { .. }));
        started == 2
    });
    let mut player_socket = TcpStream::connect(&server.address).unwrap();
    let mut player = ClientSession::new(ClientConfig::default(), &url, Instant::now());
    player.play("a");
    talk(&mut player, &mut player_socket, |event| matches!(event, ClientEvent::Started { .. }));
    publisher.send_media(streams[1], &Media::audio(0, &b"\x2fof b"[..])).unwrap();
    publisher.end_stream(streams[1]).unwrap();
    publisher.send_media(streams[0], &Media::audio(0, &b"\x2fof a"[..])).unwrap();
    publisher.write_to(&mut socket).unwrap();
    let mut heard = None;
    talk(&mut player, &mut player_socket, |event| {
        if let ClientEvent::Media { media, .. } = event {
            heard = Some(media.payload.clone());
        }
        heard.is_some()
    });
    assert_eq!(heard.as_deref(), Some(&b"\x2fof a"[..]));
}

/// Until an event that `is_last` is true of.
fn talk(session: &mut ClientSession, socket: &mut TcpStream, mut is_last: impl FnMut(&ClientEvent) -> bool) {
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    loop {
        while let Some(event) = session.poll_event().unwrap() {
            if is_last(&event) {
                return;
            }
        }
        session.write_to(socket).unwrap();
        assert_ne!(session.read_from(socket).expect("in time"), 0, "the server closed");
    }
}

#[test]
fn the_relay_takes_a_stream_from_one_server_to_another() {
    let mut to = Server::start(env!("CARGO_BIN_EXE_hello-server"));
    let from = Server::start(env!("CARGO_BIN_EXE_hello-server-tokio"));
    let mut relay = Command::new(env!("CARGO_BIN_EXE_hello-relay"))
        .args([from.url("live/cam"), to.url("live/secret")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let _watch = Watch::over(&relay);
    let mut line = String::new();
    let mut output = BufReader::new(relay.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "relaying\n");
    let (ok, errors) = run(env!("CARGO_BIN_EXE_hello-client-tokio"), &[from.url("live/cam")]);
    assert!(ok, "{errors}");
    let mut lines = String::new();
    while !lines.contains("Audio 980 ms") {
        assert_ne!(to.output.read_line(&mut lines).unwrap(), 0, "{lines}");
    }
    assert_eq!(lines.lines().count(), 50);
    // The publisher has left: so does the relay.
    assert!(patience::end(relay).status.success());
    output.read_to_string(&mut line).unwrap();
}

#[test]
fn the_readme_prints_the_programs_as_they_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    let hello = readme.split("\n## ").find(|section| section.starts_with("Hello")).expect("a section called Hello");
    let printed: Vec<&str> = hello.split("```rust\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(printed.len(), 4);
    for (name, block) in ["server", "client", "server_tokio", "client_tokio"].iter().zip(printed) {
        let program = std::fs::read_to_string(format!("{root}/examples/hello/{name}.rs")).unwrap();
        assert!(program.lines().count() < 100, "{name} is no longer small");
        let (_, functions) = block.split_once("\n\n").expect("imports, an empty line, functions");
        assert!(program.contains(functions.trim_end()), "{name} differs from the README");
    }
}
