//! Connections that break at every byte of a recorded publish and a recorded play: closed, half closed, reset, or fed a
//! byte at a time. After each round the server holds what it held before, and serves the next client.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

use socket2::SockRef;

use crate::client::Client;
use crate::healthy::Healthy;
use crate::process::{HANG, Server, until};

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
    let mut socket = TcpStream::connect(server.address()).expect("the server takes the next client");
    socket.set_read_timeout(Some(HANG)).expect("a TCP socket");
    // The server may refuse what is said, and hang up in the middle of it.
    let _ = socket.write_all(said);
    match fault {
        Fault::Close => {}
        Fault::HalfClose => {
            let _ = socket.shutdown(Shutdown::Write);
            let end = socket.read_to_end(&mut Vec::new());
            assert!(!matches!(&end, Err(error) if error.kind() == ErrorKind::WouldBlock), "it is left hanging");
        }
        Fault::Reset => SockRef::from(&socket).set_linger(Some(Duration::ZERO)).expect("a TCP socket"),
    }
}

/// Breaks a connection at each position, then looks what is left. `name`: what the recorded client publishes, if it does.
fn broken_everywhere(recording: &[u8], positions: impl Iterator<Item = usize>, name: Option<&str>) {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    healthy.plays_on();
    let (files, threads, memory) = (server.open_files(), server.threads(), server.memory());
    for (number, position) in positions.enumerate() {
        break_at(&server, &recording[..position], FAULTS[number % FAULTS.len()]);
    }
    until(
        || server.open_files() <= files && server.threads() <= threads,
        || {
            format!(
                "{files:?} open files and {threads:?} threads, not {:?} and {:?}",
                server.open_files(),
                server.threads()
            )
        },
    );
    // Allocators keep some of what was freed; a leak of a connection's state at every fault would be far more.
    if let (Some(before), Some(now)) = (memory, server.memory()) {
        assert!(now < before + (24 << 10), "{now} KiB resident, {before} before");
    }
    healthy.plays_on();
    if let Some(name) = name {
        Client::publish(&server.url(name));
    }
}

#[test]
fn a_play_may_break_at_every_byte() {
    let recording = recorded("rtmpdump-play-ack50000");
    let positions = 0..=recording.len();
    broken_everywhere(&recording, positions, None);
}

/// Every byte of the commands and the first frames, then one of every 199, so that each fault meets each kind of message.
#[test]
fn a_publish_may_break_at_every_byte() {
    let recording = recorded("librtmp-publish-h264b-aac");
    let positions = (0..6000).chain((6000..recording.len()).step_by(199));
    broken_everywhere(&recording, positions, Some("pub-librtmph264baac"));
}

#[test]
fn a_client_that_sends_a_byte_at_a_time_is_served_like_any_other() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let mut socket = TcpStream::connect(server.address()).expect("the server takes a client");
    socket.set_nodelay(true).expect("a TCP socket");
    socket.set_read_timeout(Some(HANG)).expect("a TCP socket");
    for byte in &recorded("ffmpeg5-publish-key-query")[..4200] {
        socket.write_all(&[*byte]).expect("the server reads");
    }
    let wanted = b"NetStream.Publish.Start";
    let (mut answers, mut buffer) = (Vec::new(), [0; 4096]);
    while !answers.windows(wanted.len()).any(|window| window == wanted) {
        let count = socket.read(&mut buffer).expect("the server answers");
        assert!(count > 0, "the server hung up");
        answers.extend_from_slice(&buffer[..count]);
    }
    healthy.plays_on();
}
