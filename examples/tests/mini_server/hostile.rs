//! Bad peers, while a healthy stream plays on.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rtmp_session::chunk::{ChunkSize, ChunkStreamId, Message, MessageType, encode_once};

use crate::healthy::Healthy;
use crate::process::{HANG, Server};
use crate::villains::{aggregate_of_little, large_chunks};

const CONNECT: &[u8] = b"\x02\x00\x07connect\x00\x3f\xf0\0\0\0\0\0\0\
    \x03\x00\x03app\x02\x00\x04live\x00\x05tcUrl\x02\x00\x0drtmp://h/live\x00\x00\x09";
const CREATE_STREAM: &[u8] = b"\x02\x00\x0ccreateStream\x00\x40\0\0\0\0\0\0\0\x05";

/// A peer behind a plain handshake that does as it likes.
struct Peer(TcpStream);

impl Peer {
    fn new(server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).unwrap();
        socket.set_read_timeout(Some(HANG)).unwrap();
        Self(socket)
    }

    fn shaken(server: SocketAddr) -> Self {
        let mut peer = Self::new(server);
        let mut hello = [0; 1537];
        hello[0] = 3;
        peer.send(&hello);
        let mut answer = [0; 3073];
        peer.0.read_exact(&mut answer).expect("S0, S1 and S2");
        peer.send(&answer[1..1537]);
        peer
    }

    fn connected(server: SocketAddr) -> Self {
        let mut peer = Self::shaken(server);
        peer.send(&command(0, CONNECT));
        peer.send(&command(0, CREATE_STREAM));
        peer
    }

    /// The server may have closed already.
    fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// Waits until the server closes; what it says before that does not matter.
    fn expect_close(mut self) {
        let end = Instant::now() + HANG;
        let mut scratch = [0; 4096];
        loop {
            match self.0.read(&mut scratch) {
                Ok(0) => return,
                Ok(_) => assert!(Instant::now() < end, "the server does not close"),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    panic!("the server does not close")
                }
                Err(_) => return,
            }
        }
    }

    /// The server goes on talking to this peer: a ping is answered.
    fn expect_tolerance(mut self) {
        self.send(&message(MessageType::USER_CONTROL, 0, b"\x00\x06\x00\x00\x12\x34"));
        self.expect_pong();
    }

    fn expect_pong(&mut self) {
        let end = Instant::now() + HANG;
        let (mut seen, mut scratch) = (Vec::new(), [0; 4096]);
        while !seen.windows(6).any(|window| window == b"\x00\x07\x00\x00\x12\x34") {
            let count = self.0.read(&mut scratch).expect("the connection stays");
            assert!(count > 0 && Instant::now() < end, "no answer to a ping");
            seen.extend_from_slice(&scratch[..count]);
        }
    }
}

fn message(kind: MessageType, stream_id: u32, payload: &[u8]) -> Vec<u8> {
    let chunk_stream = if kind.0 <= 6 { ChunkStreamId::CONTROL } else { ChunkStreamId::COMMAND };
    let message = Message { kind, stream_id, timestamp: 0, chunk_stream, payload: payload.to_vec().into() };
    encode_once(&message, ChunkSize::DEFAULT).unwrap().to_vec()
}

fn command(stream: u32, body: &[u8]) -> Vec<u8> {
    message(MessageType::COMMAND_AMF0, stream, body)
}

fn publish(name: &str) -> Vec<u8> {
    let name = [&(name.len() as u16).to_be_bytes(), name.as_bytes()].concat();
    let body = [&b"\x02\x00\x07publish\x00\0\0\0\0\0\0\0\0\x05\x02"[..], &name, b"\x02\x00\x04live"].concat();
    command(1, &body)
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn garbage_before_in_and_after_the_handshake() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let garbage: [Vec<u8>; 4] =
        [b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".to_vec(), vec![6; 4000], vec![0; 4000], noise(100_000)];
    for bytes in &garbage {
        let mut peer = Peer::new(server.address());
        peer.send(bytes);
        if bytes[0] == 3 {
            let _ = peer.0.shutdown(Shutdown::Write);
        }
        peer.expect_close();
        healthy.plays_on();
    }
    let mut peer = Peer::shaken(server.address());
    // A message length over the limit, in a format 0 header.
    peer.send(b"\x03\x00\x00\x00\xff\xff\xff\x14\x00\x00\x00\x00x");
    peer.expect_close();
    let mut peer = Peer::shaken(server.address());
    peer.send(&noise(100_000));
    let _ = peer.0.shutdown(Shutdown::Write);
    peer.expect_close();
    healthy.plays_on();
}

#[test]
fn sixteen_mebibytes_announced_and_one_byte_sent() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let before = server.memory();
    let publishing = |number: usize| {
        let mut peer = Peer::connected(server.address());
        peer.send(&publish(&format!("announced-{number}")));
        peer
    };
    let mut peers: Vec<Peer> = (0..200).map(publishing).collect();
    for peer in &mut peers {
        // 8 MiB, the longest that is accepted.
        peer.send(b"\x06\x00\x00\x00\x7f\xff\xff\x09\x01\x00\x00\x00x");
    }
    healthy.plays_on();
    let after = server.memory();
    for peer in &mut peers {
        // A ping on another chunk stream behind it is answered: they are there, and their messages are unfinished.
        peer.send(&[&[0xaa; 127][..], &message(MessageType::USER_CONTROL, 0, b"\x00\x06\x00\x00\x12\x34")].concat());
        peer.expect_pong();
    }
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after < before + 32 * 1024, "{} KiB for 200 lengths that were only announced", after - before);
    }
    drop(peers);
    let mut peer = publishing(201);
    peer.send(b"\x06\x00\x00\x00\xff\xff\xff\x09\x01\x00\x00\x00x");
    peer.expect_close();
    healthy.plays_on();
}

#[test]
fn agg_1_aggregates_of_which_little_counts() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let mut peer = Peer::connected(server.address());
    peer.send(&publish("bits"));
    peer.send(&large_chunks());
    let before = server.memory();
    let aggregate = aggregate_of_little();
    for _ in 0..25 {
        peer.send(&aggregate);
    }
    // Behind all of them; it ends in a chunk of its own.
    peer.send(&message(MessageType::USER_CONTROL, 0, b"\x00\x06\x00\x00\x12\x34"));
    peer.expect_pong();
    healthy.plays_on();
    if let (Some(before), Some(after)) = (before, server.memory()) {
        assert!(after < before + 64 * 1024, "{} KiB for 1.6 MiB of media in 200 MiB", after - before);
    }
}

#[test]
fn chunk_sizes_that_are_none() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    for size in [0_u32, 1 << 31, u32::MAX] {
        let mut peer = Peer::connected(server.address());
        peer.send(&message(MessageType::SET_CHUNK_SIZE, 0, &size.to_be_bytes()));
        peer.expect_close();
    }
    let mut peer = Peer::connected(server.address());
    peer.send(&message(MessageType::SET_CHUNK_SIZE, 0, &1_u32.to_be_bytes()));
    // Chunks of one byte from here on: a ping in six of them.
    let mut ping = b"\x02\x00\x00\x00\x00\x00\x06\x04\x00\x00\x00\x00\x00".to_vec();
    b"\x06\x00\x00\x12\x34".iter().for_each(|byte| ping.extend_from_slice(&[0xc2, *byte]));
    peer.send(&ping);
    let mut seen = Vec::new();
    while !seen.windows(6).any(|window| window == b"\x00\x07\x00\x00\x12\x34") {
        let mut scratch = [0; 4096];
        let count = peer.0.read(&mut scratch).expect("the connection stays");
        assert!(count > 0, "closed");
        seen.extend_from_slice(&scratch[..count]);
    }
    healthy.plays_on();
}

#[test]
fn a_thousand_chunk_streams() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let mut peer = Peer::connected(server.address());
    for id in 0..1000_u16 {
        let [low, high] = id.to_le_bytes();
        peer.send(&[&[1, low, high][..], b"\x00\x00\x00\x00\x10\x00\x08\x01\x00\x00\x00", &[0; 128]].concat());
    }
    peer.expect_close();
    healthy.plays_on();
}

#[test]
fn amf_that_explodes() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let before = server.memory();
    let nested: Vec<u8> = b"\x03\x00\x01a".repeat(10_000);
    let bodies: [&[u8]; 5] = [
        &nested,
        b"\x0a\xff\xff\xff\xff",
        b"\x0c\xff\xff\xff\xffx",
        b"\x08\xff\xff\xff\xff\x00\x01a\x07\x00\x00",
        b"\x02\x00\x04\xff\xfe\xff\xfe",
    ];
    for body in bodies {
        for name in [&b"\x02\x00\x04call\x00\x40\x08\0\0\0\0\0\0"[..], b"\x02\x00\x07connect\x00\x3f\xf0\0\0\0\0\0\0"] {
            let mut peer = Peer::shaken(server.address());
            if name.ends_with(b"\x08\0\0\0\0\0\0") {
                peer = Peer::connected(server.address());
            }
            peer.send(&command(0, &[name, body].concat()));
            drop(peer);
        }
        let mut peer = Peer::connected(server.address());
        peer.send(&publish(&format!("bomb{}", body.len())));
        peer.send(&message(MessageType::DATA_AMF0, 1, &[b"\x02\x00\x0aonMetaData", body].concat()));
        peer.expect_tolerance();
        healthy.plays_on();
    }
    if let (Some(before), Some(after)) = (before, server.memory()) {
        assert!(after < before + 32 * 1024, "{} KiB more", after - before);
    }
}

#[test]
fn commands_in_every_wrong_order() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let play = command(1, b"\x02\x00\x04play\x00\0\0\0\0\0\0\0\0\x05\x02\x00\x01a");
    let orders: [&[&[u8]]; 5] = [
        &[&publish("a"), &play],
        &[&message(MessageType::VIDEO, 1, &[0x17, 1, 0, 0, 0, 9])],
        &[&play, &publish("x"), &play],
        &[&publish("b"), &publish("b")],
        &[&command(1, b"\x02\x00\x0cdeleteStream\x00\0\0\0\0\0\0\0\0\x05\x00\x40\x59\0\0\0\0\0\0"), &play],
    ];
    for order in orders {
        for peer in [Peer::shaken(server.address()), Peer::connected(server.address())] {
            let mut peer = peer;
            order.iter().for_each(|bytes| peer.send(bytes));
            let _ = peer.0.shutdown(Shutdown::Write);
            peer.expect_close();
            healthy.plays_on();
        }
    }
    let mut peer = Peer::connected(server.address());
    peer.send(&message(MessageType::VIDEO, 1, &[0x17, 1, 0, 0, 0, 9]));
    peer.expect_tolerance();
}

#[test]
fn a_peer_that_asks_and_never_reads() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let before = server.memory();
    let mut peer = Peer::connected(server.address());
    let ping = message(MessageType::USER_CONTROL, 0, b"\x00\x06\x00\x00\x12\x34").repeat(1000);
    peer.0.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut sent = 0;
    while sent < 64 << 20 && peer.0.write_all(&ping).is_ok() {
        sent += ping.len();
    }
    healthy.plays_on();
    if let (Some(before), Some(after)) = (before, server.memory()) {
        assert!(after < before + 16 * 1024, "{} KiB for answers that nobody reads", after - before);
    }
    assert!(sent < 64 << 20, "the server answers without end");
}

#[test]
fn a_peer_that_drips() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let mut peers: Vec<Peer> = (0..50).map(|_| Peer::new(server.address())).collect();
    for byte in [3, 0, 0, 0, 0] {
        peers.iter_mut().for_each(|peer| peer.send(&[byte]));
        healthy.plays_on();
    }
}
