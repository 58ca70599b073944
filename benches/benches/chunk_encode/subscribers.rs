//! One video frame to many connections: each with its own header, or all with one image.

use criterion::{BatchSize, Criterion, Throughput};
use rtmp_benches::measure::{group, is_wanted};
use rtmp_benches::{cpu_time::CpuTime, floor::IdealDecoder};
use rtmp_chunk::{ChunkEncoder, ChunkSize, ChunkStreamId, Message, MessageType, SendQueue, encode_once};

use crate::candidate::Socket;

pub(crate) fn subscribers(c: &mut Criterion<CpuTime>) {
    let frame = Message {
        kind: MessageType::VIDEO,
        stream_id: 1,
        timestamp: 40,
        chunk_stream: ChunkStreamId::VIDEO,
        payload: (0..11_000_u32).map(|n| (n % 251) as u8).collect(),
    };
    check(&frame);
    for count in [1, 100, 10_000] {
        let mut group = group(c, format!("chunk_encode to many/{count}"));
        group.throughput(Throughput::Elements(count as u64));
        let mut connections: Vec<_> =
            std::iter::repeat_with(|| Connection::new(Socket::default())).take(count).collect();
        for (name, way) in WAYS.into_iter().filter(|(name, _)| is_wanted(name)) {
            group.bench_function(name, |b| b.iter(|| way(&frame, &mut connections)));
        }
        if is_wanted(FLOOR) {
            group.bench_function(FLOOR, |b| {
                b.iter_batched_ref(
                    || Vec::with_capacity(count),
                    |list| list.extend(std::iter::repeat_with(|| frame.payload.clone()).take(count)),
                    BatchSize::LargeInput,
                );
            });
        }
        group.finish();
    }
}

type Way = fn(&Message, &mut [Connection]);

const WAYS: [(&str, Way); 2] = [("own header, shared payload", own_header), ("one image", one_image)];

const FLOOR: &str = "floor: one reference each";

fn own_header(frame: &Message, connections: &mut [Connection]) {
    for connection in connections {
        connection.encoder.encode(frame, &mut connection.queue).expect("within 24 bits");
        connection.send();
    }
}

fn one_image(frame: &Message, connections: &mut [Connection]) {
    let image = encode_once(frame, SIZE).expect("within 24 bits");
    for connection in connections {
        connection.queue.push(image.clone());
        connection.send();
    }
}

/// Every connection must have been sent the frame, each time, in either way: a decoder that is not ours reads it.
fn check(frame: &Message) {
    for (name, way) in WAYS {
        let mut connections: Vec<_> = std::iter::repeat_with(|| Connection::new(Socket::checking())).take(3).collect();
        way(frame, &mut connections);
        way(frame, &mut connections);
        for connection in &connections {
            let (sent, mut got) = (connection.socket.sent(), Vec::new());
            let used = IdealDecoder::default().feed(sent, |kind, time, payload| got.push((kind, time, payload)));
            let expected = (frame.kind.0, frame.timestamp, frame.payload.to_vec());
            assert_eq!(used, sent.len(), "{name}: more is sent than whole messages");
            assert!(got == [expected.clone(), expected], "{name}: the messages are wrong");
        }
    }
}

/// What each player has of its own.
struct Connection {
    encoder: ChunkEncoder,
    queue: SendQueue,
    socket: Socket,
}

impl Connection {
    fn new(socket: Socket) -> Self {
        let mut connection = Self { encoder: ChunkEncoder::new(), queue: SendQueue::new(), socket };
        connection.encoder.set_chunk_size(SIZE, &mut connection.queue);
        connection.send();
        connection
    }

    fn send(&mut self) {
        self.socket.send_queue(&mut self.queue);
    }
}

const SIZE: ChunkSize = match ChunkSize::new(65_536) {
    Some(size) => size,
    None => unreachable!(),
};
