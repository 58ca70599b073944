//! Connections that break at every byte of a recorded play, at every byte of the first 6000 of a recorded publish, and at
//! one in 199 of its rest: each is closed, half closed, reset, and stopped and taken up again. After every few hundred the
//! server holds what it held before, and serves the next client.
//!
//! `RTMP_FAULT_STEP=1 cargo test --release -p rtmp-examples --test mini_server faults::` breaks at every byte of the rest too,
//! which makes 700 000 connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
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

/// What happens at one position.
#[derive(Clone, Copy)]
enum Fault {
    Close,
    /// Our side is closed, and what the server still says is read to its end.
    HalfClose,
    Reset,
    /// A pause, then the rest, up to the end of the commands, and the end.
    Pause,
}

const FAULTS: [Fault; 4] = [Fault::Close, Fault::HalfClose, Fault::Reset, Fault::Pause];

/// One fault at one position.
#[derive(Clone, Copy)]
struct Break<'a> {
    said: &'a [u8],
    rest: &'a [u8],
    fault: Fault,
}

impl Break<'_> {
    fn happen(&self, server: SocketAddr, number: usize) {
        let mut socket = TcpStream::connect(server).expect("the server takes the next client");
        socket.set_read_timeout(Some(HANG)).expect("a TCP socket");
        socket.set_write_timeout(Some(HANG)).expect("a TCP socket");
        // The server may refuse what is said, and hang up in the middle of it.
        let _ = socket.write_all(&renamed(self.said, number));
        match self.fault {
            Fault::Close => {}
            Fault::HalfClose => read_to_the_end(&mut socket),
            Fault::Reset => SockRef::from(&socket).set_linger(Some(Duration::ZERO)).expect("a TCP socket"),
            Fault::Pause => {
                std::thread::sleep(Duration::from_millis(1));
                let whole = renamed(&[self.said, self.rest].concat(), number);
                let _ = socket.write_all(&whole[self.said.len()..]);
                read_to_the_end(&mut socket);
            }
        }
    }
}

fn read_to_the_end(socket: &mut TcpStream) {
    let _ = socket.shutdown(Shutdown::Write);
    let end = socket.read_to_end(&mut Vec::new());
    assert!(!matches!(&end, Err(error) if error.kind() == ErrorKind::WouldBlock), "it is left hanging");
}

/// With a stream name of its own, so that nobody is refused because the one before is not gone yet.
fn renamed(said: &[u8], number: usize) -> Vec<u8> {
    let mut said = said.to_vec();
    let own = format!("pub-{number:015}");
    let mut from = 0;
    while let Some(at) = said[from..].windows(NAME.len()).position(|window| window == NAME) {
        said[from + at..from + at + NAME.len()].copy_from_slice(own.as_bytes());
        from += at + NAME.len();
    }
    said
}

/// What the server holds for the connections it has.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    files: Option<usize>,
    threads: Option<u64>,
    sessions: usize,
}

/// The server under test, and what was there before the faults.
struct Target {
    server: Server,
    healthy: Healthy,
    before: Held,
    connections: usize,
}

impl Target {
    fn start() -> Self {
        // A line for each session that is given back, once everything that knew of it has let go.
        let server = Server::start_with(&[], "warn,mini_server::socket=trace");
        let mut healthy = Healthy::start(&server);
        healthy.plays_on();
        let before = Held { files: server.open_files(), threads: server.threads(), sessions: 0 };
        Self { server, healthy, before, connections: 0 }
    }

    /// Lets things happen, a few side by side.
    fn suffer(&mut self, breaks: &[Break<'_>]) {
        let (address, first) = (self.server.address(), self.connections);
        self.connections += breaks.len();
        std::thread::scope(|scope| {
            for lane in 0..LANES {
                scope.spawn(move || {
                    for (number, each) in breaks.iter().enumerate().skip(lane).step_by(LANES) {
                        each.happen(address, first + number);
                    }
                });
            }
        });
        self.look();
    }

    /// Everything is as it was, to the last session.
    fn look(&mut self) {
        let now = || Held {
            files: self.server.open_files(),
            threads: self.server.threads(),
            sessions: self.connections - self.server.log().matches("a session is given back").count(),
        };
        until(|| now() == self.before, || format!("{:?} is left, not {:?}", now(), self.before));
        self.healthy.plays_on();
    }

    /// A look behind every few hundred faults, and memory that stops growing: what the allocator keeps for itself it takes
    /// once, what is left behind by faults comes anew with the same faults.
    fn suffer_all(mut self, breaks: &[Break<'_>]) -> Self {
        // Spread, so that every kind of connection is among the first.
        let passes = (breaks.len() / (2 * BETWEEN_LOOKS)).max(1);
        let spread: Vec<_> = (0..passes).flat_map(|first| breaks.iter().skip(first).step_by(passes).copied()).collect();
        // The allocator has most of what it needs once it has seen every kind of connection.
        let (first, rest) = spread.split_at(spread.len().min(2 * BETWEEN_LOOKS));
        first.chunks(BETWEEN_LOOKS).for_each(|some| self.suffer(some));
        let mut grown = self.growth(rest);
        for _ in 1..TRIES {
            if grown < SLACK {
                break;
            }
            grown = grown.min(self.growth(&spread));
        }
        assert!(grown < SLACK, "{grown} bytes for each fault, each time that they happen");
        self
    }

    /// Bytes that memory grows by with each of these, where the system tells.
    fn growth(&mut self, breaks: &[Break<'_>]) -> u64 {
        let before = self.server.memory();
        breaks.chunks(BETWEEN_LOOKS).for_each(|some| self.suffer(some));
        let (Some(before), Some(now)) = (before, self.server.memory()) else { return 0 };
        let grown = now.saturating_sub(before) * 1024 / breaks.len().max(1) as u64;
        println!("{} faults: {grown} bytes more for each", breaks.len());
        grown
    }
}

/// Every fault at each position; a pause is followed by all up to `end`.
fn breaks(said: &[u8], end: usize, positions: impl Iterator<Item = usize> + Clone) -> Vec<Break<'_>> {
    let at = |fault| {
        positions.clone().map(move |position| Break {
            said: &said[..position],
            rest: &said[position..end.max(position)],
            fault,
        })
    };
    FAULTS.into_iter().flat_map(at).collect()
}

#[test]
fn a_play_may_break_at_every_byte() {
    let recording = recorded("rtmpdump-play-ack50000");
    Target::start().suffer_all(&breaks(&recording, recording.len(), 0..=recording.len()));
}

/// Every byte of the handshake, the commands and the first frames.
#[test]
fn a_publish_may_break_at_every_byte_of_its_beginning() {
    let recording = recorded("librtmp-publish-h264b-aac");
    let target = Target::start().suffer_all(&breaks(&recording, 6000, 0..6000));
    Client::publish(&target.server.url("next")).end();
}

/// One of every 199 bytes of what follows, or as many as the caller likes, so that each fault meets each kind of message at
/// each of its parts.
#[test]
fn a_publish_may_break_anywhere_later() {
    let recording = recorded("librtmp-publish-h264b-aac");
    let step = std::env::var("RTMP_FAULT_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(199);
    let positions = (6000..recording.len()).step_by(step);
    let target = Target::start().suffer_all(&breaks(&recording, 6000, positions));
    Client::publish(&target.server.url("next")).end();
}

/// The stream in the recorded publish.
const NAME: &[u8] = b"pub-librtmph264baac";
const LANES: usize = 8;
const BETWEEN_LOOKS: usize = 500;
/// A leak shows each time.
const TRIES: usize = 3;
/// Less than a quarter of what an idle session holds.
const SLACK: u64 = 512;
