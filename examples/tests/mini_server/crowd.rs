//! A crowd of hostile connections: with its defaults the server takes little memory for them, and serves on.
//!
//! `RTMP_CROWD=10000 cargo test --release -p rtmp-examples --test mini_server crowd:: -- --nocapture` opens ten thousand, or
//! as many as the limit of open files allows, and prints the peak.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rtmp_session::amf::{Object, Value, amf0};
use rtmp_session::chunk::{ChunkSize, ChunkStreamId, Message, MessageType, encode_once};

use crate::healthy::Healthy;
use crate::process::Server;

/// The promise, in KiB: ten thousand hostile connections within a gibibyte.
const PER_CONNECTION: u64 = (1 << 20) / 10_000;
/// What the server takes with nobody there, and what its healthy clients take, in KiB.
const BASE: u64 = 48 << 10;

#[test]
fn hostile_connections_cost_little_and_healthy_ones_are_served() {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let wanted = std::env::var("RTMP_CROWD").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
    let mut crowd = Vec::new();
    for number in 0..wanted {
        // The limit of open files is the machine's, not ours.
        let Ok(mut socket) = TcpStream::connect(server.address()) else { break };
        socket.set_write_timeout(Some(Duration::from_secs(5))).expect("a TCP socket");
        // The server may have had enough of it in the middle of what it says.
        let _ = socket.write_all(&VILLAINS[number % VILLAINS.len()].1());
        crowd.push(socket);
    }
    healthy.plays_on();
    let count = crowd.len() as u64;
    assert!(count > 100, "only {count} connections could be opened");
    let Some(peak) = server.peak() else { return };
    println!("{count} hostile connections: a peak of {peak} KiB");
    assert!(peak <= BASE + PER_CONNECTION * count, "a peak of {peak} KiB with {count} connections");
}

/// What it does, and the bytes that do it.
type Villain = (&'static str, fn() -> Vec<u8>);

/// What each kind of villain sends before it falls silent, and never reads an answer.
const VILLAINS: [Villain; 7] = [
    ("says nothing", Vec::new),
    ("stops inside the handshake", || handshake()[..1000].to_vec()),
    ("announces 8 MiB on every chunk stream", || {
        let parts = (3..64_u8).map(|id| [&[id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0][..], &[0xaa; 128]].concat());
        [handshake(), parts.flatten().collect()].concat()
    }),
    ("never ends its connect command", || {
        let command = command(0, "connect", vec![connect_object(), Value::from("x".repeat(60_000))]);
        let wire = encoded(&command);
        [handshake(), wire[..wire.len() - 1000].to_vec()].concat()
    }),
    ("fills its connect command with values", || {
        let values = Value::Array(vec![Value::Null; 4000]);
        [handshake(), encoded(&command(0, "connect", vec![connect_object(), values]))].concat()
    }),
    ("publishes most of a large frame", || {
        let frame = encoded(&message(MessageType::VIDEO, 1, vec![0x17; 4 << 20]));
        [handshake(), admission("publish"), frame[..50_000].to_vec()].concat()
    }),
    ("plays, and pings without reading", || {
        let ping = encoded(&message(MessageType::USER_CONTROL, 0, vec![0, 6, 1, 2, 3, 4]));
        [handshake(), admission("play"), ping.repeat(300)].concat()
    }),
];

fn handshake() -> Vec<u8> {
    let mut bytes = vec![0; 3073];
    bytes[0] = 3;
    bytes
}

/// connect, createStream, and the wish to publish or play a name of its own.
fn admission(verb: &str) -> Vec<u8> {
    let name = format!("{verb}-{:?}", Instant::now());
    let commands = [
        command(0, "connect", vec![connect_object()]),
        command(0, "createStream", vec![Value::Null]),
        command(1, verb, vec![Value::Null, Value::from(name)]),
    ];
    commands.iter().flat_map(encoded).collect()
}

fn connect_object() -> Value {
    Value::Object(Object::new().with("app", "live").with("tcUrl", "rtmp://localhost/live"))
}

fn command(stream_id: u32, name: &str, mut rest: Vec<Value>) -> Message {
    rest.splice(0..0, [Value::from(name), Value::from(1.0)]);
    let mut payload = Vec::new();
    amf0::encode_all(&rest, &mut payload).expect("small values");
    message(MessageType::COMMAND_AMF0, stream_id, payload)
}

fn message(kind: MessageType, stream_id: u32, payload: Vec<u8>) -> Message {
    let chunk_stream = ChunkStreamId::new(3).expect("in range");
    Message { kind, stream_id, timestamp: 0, chunk_stream, payload: payload.into() }
}

fn encoded(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::DEFAULT).expect("it is short").to_vec()
}
