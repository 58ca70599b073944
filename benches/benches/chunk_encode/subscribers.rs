//! One video frame to many connections: each with its own header, or all with one image.

use std::time::Duration;

use bytes::{Buf, Bytes};
use criterion::{BatchSize, Criterion, Throughput};
use rtmp_benches::cpu_time::CpuTime;
use rtmp_chunk::{ChunkEncoder, ChunkSize, ChunkStreamId, Message, MessageType, SendQueue, encode_once};

pub(crate) fn subscribers(c: &mut Criterion<CpuTime>) {
    let frame = Message {
        kind: MessageType::VIDEO,
        stream_id: 1,
        timestamp: 40,
        chunk_stream: ChunkStreamId::VIDEO,
        payload: Bytes::from(vec![7; 11_000]),
    };
    for count in [1, 100, 10_000] {
        let mut group = c.benchmark_group(format!("chunk_encode to many/{count}"));
        group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
        group.throughput(Throughput::Elements(count as u64));
        let mut connections: Vec<_> = std::iter::repeat_with(Connection::new).take(count).collect();
        group.bench_function("own header, shared payload", |b| {
            b.iter(|| {
                for connection in &mut connections {
                    connection.encoder.encode(&frame, &mut connection.queue).expect("within 24 bits");
                    connection.send();
                }
            });
        });
        group.bench_function("one image", |b| {
            b.iter(|| {
                let image = encode_once(&frame, SIZE).expect("within 24 bits");
                for connection in &mut connections {
                    connection.queue.push(image.clone());
                    connection.send();
                }
            });
        });
        group.bench_function("floor: one reference each", |b| {
            b.iter_batched_ref(
                || Vec::with_capacity(count),
                |list| list.extend(std::iter::repeat_with(|| frame.payload.clone()).take(count)),
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

struct Connection {
    encoder: ChunkEncoder,
    queue: SendQueue,
}

impl Connection {
    fn new() -> Self {
        let mut connection = Self { encoder: ChunkEncoder::new(), queue: SendQueue::new() };
        connection.encoder.set_chunk_size(SIZE, &mut connection.queue);
        connection.send();
        connection
    }

    /// The socket takes everything.
    fn send(&mut self) {
        self.queue.advance(self.queue.len());
    }
}

const SIZE: ChunkSize = match ChunkSize::new(65_536) {
    Some(size) => size,
    None => unreachable!(),
};
