//! What hostile clients send before they fall silent. They never read an answer.

use rtmp_session::amf::{Object, Value, amf0};
use rtmp_session::chunk::{ChunkSize, ChunkStreamId, Control, Message, MessageType, encode_once};

/// What a kind of villain does.
pub(crate) struct Villain {
    pub(crate) what: &'static str,
    /// Its bytes; the number makes its names its own.
    pub(crate) says: fn(usize) -> Vec<u8>,
    /// The server has no reason to close within its timeouts.
    pub(crate) stays: bool,
}

/// Those that cost the server what any stranger may cost it.
pub(crate) const STRANGERS: [Villain; 8] = [
    Villain { what: "says nothing", says: |_| Vec::new(), stays: false },
    Villain { what: "stops inside the handshake", says: |_| handshake()[..1000].to_vec(), stays: false },
    Villain {
        what: "never ends its connect command",
        says: |_| {
            let connect = [connect_object(), Value::from("x".repeat(8_000))];
            let wire = encoded(&command(0, "connect", connect.to_vec()));
            [handshake(), wire[..wire.len() - 1000].to_vec()].concat()
        },
        stays: false,
    },
    Villain {
        what: "fills its connect command with values",
        says: |_| {
            let values = Value::Array(vec![Value::Null; 4000]);
            [handshake(), encoded(&command(0, "connect", vec![connect_object(), values]))].concat()
        },
        stays: true,
    },
    Villain {
        what: "leaves all unfinished that it may, before a publish",
        says: |_| [handshake(), connected(), unfinished()].concat(),
        stays: true,
    },
    Villain {
        what: "leaves all unfinished that it may, behind a publish",
        says: |number| {
            let frame = encoded(&message(MessageType::VIDEO, 1, vec![0x17; 8000]));
            let end = encoded(&command(0, "deleteStream", vec![Value::Null, Value::from(1.0)]));
            [handshake(), admission("publish", &format!("over-{number}")), frame, end, unfinished()].concat()
        },
        stays: true,
    },
    Villain {
        what: "plays four streams of long names, and leaves unfinished what it may",
        says: |number| {
            let plays = (1..=4).map(|stream| {
                let name = format!("{:0400}", number * 4 + stream);
                let play = command(stream as u32, "play", vec![Value::Null, Value::from(name)]);
                [encoded(&command(0, "createStream", vec![Value::Null])), encoded(&play)].concat()
            });
            let connect = encoded(&command(0, "connect", vec![connect_object()]));
            [vec![handshake(), connect], plays.collect(), vec![unfinished()]].concat().concat()
        },
        stays: true,
    },
    Villain {
        what: "plays, and pings without reading",
        says: |number| {
            let ping = encoded(&message(MessageType::USER_CONTROL, 0, vec![0, 6, 1, 2, 3, 4]));
            [handshake(), admission("play", &format!("play-{number}")), ping.repeat(300), unfinished()].concat()
        },
        stays: true,
    },
];

/// Those that publish, and so may cost all that is kept for media.
pub(crate) const PUBLISHERS: [Villain; 5] = [
    Villain {
        what: "announces 8 MiB on every chunk stream",
        says: |number| {
            let parts =
                (4..64_u8).map(|id| [&[id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0][..], &[0xaa; 128]].concat());
            [handshake(), admission("publish", &format!("many-{number}")), parts.flatten().collect()].concat()
        },
        // Alone it does; what it has announced counts when memory is short.
        stays: false,
    },
    Villain {
        what: "never ends a frame of 8 MiB",
        says: |number| {
            let frame = in_one_chunk(&keyframe(LONGEST));
            let part = frame[..frame.len() - 1000].to_vec();
            [handshake(), admission("publish", &format!("part-{number}")), large_chunks(), part].concat()
        },
        stays: false,
    },
    Villain {
        what: "publishes frames of 8 MiB and falls silent",
        says: |number| {
            let frames = in_one_chunk(&keyframe(LONGEST)).repeat(4);
            [handshake(), admission("publish", &format!("full-{number}")), large_chunks(), frames].concat()
        },
        stays: false,
    },
    Villain {
        what: "takes nothing of what the one before publishes",
        says: |number| [handshake(), admission("play", &format!("full-{}", number - 1))].concat(),
        stays: false,
    },
    Villain {
        what: "publishes aggregates of 8 MiB of which a server keeps little",
        says: |number| {
            let aggregates = aggregate_of_little().repeat(4);
            [handshake(), admission("publish", &format!("bits-{number}")), large_chunks(), aggregates].concat()
        },
        stays: false,
    },
];

/// The longest command that the server takes from a stranger.
const LONGEST_COMMAND: usize = 10 << 10;
/// The longest message that it takes from a publisher.
const LONGEST: usize = 8 << 20;

/// A message in many chunks without its last chunk, and one in a single chunk without its last byte, as long as a
/// stranger's may be.
fn unfinished() -> Vec<u8> {
    let long = message(MessageType::COMMAND_AMF0, 0, vec![0xaa; LONGEST_COMMAND]);
    let many = encoded(&Message { chunk_stream: ChunkStreamId::new(5).expect("in range"), ..long.clone() });
    let single = in_one_chunk(&Message { chunk_stream: ChunkStreamId::new(6).expect("in range"), ..long });
    [&many[..many.len() - (1 + 128)], &large_chunks(), &single[..single.len() - 1]].concat()
}

/// An audio message one byte too long to be copied into an image, and much that means nothing.
pub(crate) fn aggregate_of_little() -> Vec<u8> {
    let sub_message = |kind: u8, body: &[u8]| {
        let len = (body.len() as u32).to_be_bytes();
        let back = (11 + body.len() as u32).to_be_bytes();
        [&[kind, len[1], len[2], len[3], 0, 0, 0, 0, 0, 0, 0][..], body, &back].concat()
    };
    let mut body = sub_message(8, &[0x2f; 65_537]);
    let rest = LONGEST - body.len() - 15;
    body.extend(sub_message(99, &vec![0; rest]));
    in_one_chunk(&message(MessageType::AGGREGATE, 1, body))
}

fn keyframe(len: usize) -> Message {
    let mut payload = vec![0x55; len];
    payload[..5].copy_from_slice(&[0x17, 1, 0, 0, 0]);
    message(MessageType::VIDEO, 1, payload)
}

pub(crate) fn large_chunks() -> Vec<u8> {
    encoded(&Control::SetChunkSize(ChunkSize::MAX).to_message())
}

fn handshake() -> Vec<u8> {
    let mut bytes = vec![0; 3073];
    bytes[0] = 3;
    bytes
}

fn connected() -> Vec<u8> {
    let connect = encoded(&command(0, "connect", vec![connect_object()]));
    [connect, encoded(&command(0, "createStream", vec![Value::Null]))].concat()
}

/// connect, createStream, and the wish to publish or play.
fn admission(verb: &str, name: &str) -> Vec<u8> {
    [connected(), encoded(&command(1, verb, vec![Value::Null, Value::from(name)]))].concat()
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

fn in_one_chunk(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::MAX).expect("it is short enough").to_vec()
}
