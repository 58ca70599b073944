//! Connections that break at every byte of a recorded publish and a recorded play: closed, half closed, reset, or fed a
//! byte at a time. After each round the mini-server holds what it held before and serves the next client.
#![cfg(target_os = "linux")]

mod support;

use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use support::{Server, serves};

/// What a real client sent, from C0 on.
fn recorded(name: &str) -> Vec<u8> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtmp-session/tests/data/captures");
    std::fs::read(captures.join(name).with_extension("c2s.bin")).expect("the recording is in the tree")
}

/// How a connection ends.
#[derive(Clone, Copy)]
enum Fault {
    Close,
    /// Our side is closed, and what the server still says is read to its end.
    HalfClose,
    Reset,
}

const FAULTS: [Fault; 3] = [Fault::Close, Fault::HalfClose, Fault::Reset];

fn break_at(server: &Server, said: &[u8], fault: Fault) {
    let mut socket = TcpStream::connect(server.address).expect("the server takes the next client");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a TCP socket");
    // The server may refuse what is said, and hang up in the middle of it.
    let _ = socket.write_all(said);
    match fault {
        Fault::Close => {}
        Fault::HalfClose => {
            let _ = socket.shutdown(Shutdown::Write);
            let mut rest = Vec::new();
            let end = socket.read_to_end(&mut rest);
            assert!(
                !matches!(&end, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
                "it is left hanging"
            );
        }
        Fault::Reset => SockRef::from(&socket).set_linger(Some(Duration::ZERO)).expect("a TCP socket"),
    }
}

/// Waits until the server has let go of everything that the broken connections brought.
fn assert_as_before(server: &Server, files: usize, threads: usize, resident: usize) {
    let end = Instant::now() + Duration::from_secs(30);
    while server.open_files() > files || server.threads() > threads {
        let (files_now, threads_now) = (server.open_files(), server.threads());
        assert!(Instant::now() < end, "{files_now} open files and {threads_now} threads, {files} and {threads} before");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Allocators keep some of what was freed; a leak of a connection's state at every fault would be far more.
    let now = server.resident();
    assert!(now < resident + (24 << 20), "{now} bytes resident, {resident} before");
    serves(server.address);
}

fn broken_everywhere(recording: &[u8], positions: impl Iterator<Item = usize>) {
    let server = Server::start();
    serves(server.address);
    std::thread::sleep(Duration::from_millis(200));
    let (files, threads, resident) = (server.open_files(), server.threads(), server.resident());
    for (number, position) in positions.enumerate() {
        break_at(&server, &recording[..position], FAULTS[number % FAULTS.len()]);
    }
    assert_as_before(&server, files, threads, resident);
}

#[test]
fn a_play_may_break_at_every_byte() {
    let recording = recorded("rtmpdump-play-ack50000");
    let positions = 0..=recording.len();
    broken_everywhere(&recording, positions);
}

/// Every byte of the commands and the first frames, then one of every 199, so that each fault meets each kind of message.
#[test]
fn a_publish_may_break_at_every_byte() {
    let recording = recorded("librtmp-publish-h264b-aac");
    let positions = (0..6000).chain((6000..recording.len()).step_by(199));
    broken_everywhere(&recording, positions);
}

#[test]
fn a_client_that_sends_a_byte_at_a_time_is_served_like_any_other() {
    let server = Server::start();
    let mut socket = TcpStream::connect(server.address).expect("the server takes a client");
    socket.set_nodelay(true).expect("a TCP socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a TCP socket");
    let recording = recorded("ffmpeg5-publish-key-query");
    for byte in &recording[..4200] {
        socket.write_all(&[*byte]).expect("the server reads");
    }
    let mut answers = Vec::new();
    let mut buffer = [0; 4096];
    while !contains(&answers, b"NetStream.Publish.Start") {
        let count = socket.read(&mut buffer).expect("the server answers");
        assert!(count > 0, "the server hung up");
        answers.extend_from_slice(&buffer[..count]);
    }
    serves(server.address);
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
