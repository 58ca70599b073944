//! The hot path once, without a clock, for callgrind to count its instructions: see `benches/compare/instructions`.
//!
//! `instructions --list` prints the names of the workloads; with a name it runs that one. Only what happens below
//! `counted` counts, so that making the workload does not.

#[path = "../benches/amf/messages.rs"]
#[allow(dead_code, reason = "the bench asks these messages for more")]
mod messages;

use std::hint::black_box;
use std::process::ExitCode;

use bytes::{Buf, BytesMut};
use rtmp_amf::{AmfLimits, amf0};
use rtmp_benches::relay::{Relay, Way};
use rtmp_benches::workload::Workload;
use rtmp_chunk::{ChunkDecoder, ChunkEncoder, ChunkSize, MessageType, SendQueue, encode_into};
use rtmp_session::Media;
use rtmp_session::live::{Channel, ChannelConfig, ImageFormat, NextImage};

fn main() -> ExitCode {
    let asked = std::env::args().nth(1).unwrap_or_default();
    let counts = counts();
    if asked == "--list" {
        counts.iter().for_each(|count| println!("{}", count.name));
        return ExitCode::SUCCESS;
    }
    let Some(count) = counts.into_iter().find(|count| count.name == asked) else {
        eprintln!("usage: instructions --list | NAME");
        return ExitCode::from(2);
    };
    let mut work = (count.prepare)();
    counted(&mut *work);
    ExitCode::SUCCESS
}

/// The function that callgrind is told to look at; its name must survive.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

struct Count {
    name: String,
    prepare: Box<dyn FnOnce() -> Box<dyn FnMut()>>,
}

impl Count {
    fn new<W: FnMut() + 'static>(name: impl Into<String>, prepare: impl FnOnce() -> W + 'static) -> Self {
        Self { name: name.into(), prepare: Box::new(|| Box::new(prepare())) }
    }
}

fn counts() -> Vec<Count> {
    let mut counts = Vec::new();
    for index in 0..5 {
        counts.push(Count::new(format!("chunk-decode-W{}", index + 1), move || decode(workload(index))));
    }
    for index in [0, 1, 3] {
        counts.push(Count::new(format!("chunk-encode-queued-W{}", index + 1), move || encode_queued(workload(index))));
        counts.push(Count::new(format!("chunk-encode-copied-W{}", index + 1), move || encode_copied(workload(index))));
    }
    for (index, name) in ["connect", "onMetaData"].into_iter().enumerate() {
        counts.push(Count::new(format!("amf0-decode-{name}"), move || decode_amf(index)));
        counts.push(Count::new(format!("amf0-encode-{name}"), move || encode_amf(index)));
    }
    counts.push(Count::new("channel-push-and-image", push_and_image));
    counts.push(Count::new("session-10-players-images", || relay(Way::Images)));
    counts.push(Count::new("session-10-players-messages", || relay(Way::Messages)));
    counts
}

fn workload(index: usize) -> Workload {
    Workload::all().swap_remove(index)
}

fn decode(workload: Workload) -> impl FnMut() {
    move || {
        let mut decoder = ChunkDecoder::default();
        let mut input = BytesMut::new();
        let mut messages = 0;
        for read in workload.reads(READ) {
            input.extend_from_slice(read);
            while let Some(message) = decoder.decode(&mut input).expect("the workload is right") {
                messages += usize::from(message.kind != MessageType::SET_CHUNK_SIZE);
                black_box(message);
            }
        }
        assert_eq!(messages, workload.messages.len());
    }
}

fn encode_queued(workload: Workload) -> impl FnMut() {
    move || {
        let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
        encoder.set_chunk_size(workload.chunk_size, &mut queue);
        for message in &workload.messages {
            encoder.encode(message, &mut queue).expect("it is short enough");
            black_box(&queue);
            queue.advance(queue.len());
        }
    }
}

fn encode_copied(workload: Workload) -> impl FnMut() {
    let mut out = Vec::new();
    move || {
        for message in &workload.messages {
            out.clear();
            encode_into(message, workload.chunk_size, &mut out).expect("it is short enough");
            black_box(&out);
        }
    }
}

fn decode_amf(index: usize) -> impl FnMut() {
    let message = messages::all().into_iter().nth(index).expect("there are two");
    let limits = AmfLimits::default();
    move || {
        for _ in 0..AMF_TIMES {
            let values = amf0::decode_all(black_box(&message.bytes), &limits).expect("we wrote it");
            assert_eq!(black_box(values).len(), message.values);
        }
    }
}

fn encode_amf(index: usize) -> impl FnMut() {
    let message = messages::all().into_iter().nth(index).expect("there are two");
    let values = amf0::decode_all(&message.bytes, &AmfLimits::default()).expect("we wrote it");
    let mut out = Vec::new();
    move || {
        for _ in 0..AMF_TIMES {
            out.clear();
            amf0::encode_all(black_box(&values), &mut out).expect("no name is long");
            assert_eq!(black_box(&out).len(), message.bytes.len());
        }
    }
}

/// In batches of four, as a publisher's reads bring them, and one reader that takes every image.
fn push_and_image() -> impl FnMut() {
    let media = |message| Media::from_message(message).expect("it is not empty").expect("it is media");
    let media: Vec<Media> = workload(0).messages.into_iter().map(media).collect();
    let format = ImageFormat { message_stream: 1, chunk_size: IMAGE_CHUNKS };
    move || {
        let mut channel = Channel::new(ChannelConfig::default().image(Some(format)));
        let mut cursor = channel.subscribe();
        let mut images = 0;
        for batch in media.chunks(4) {
            channel.push_batch(batch.iter().cloned());
            while let NextImage::Image(image) = channel.next_image(&mut cursor) {
                images += 1;
                black_box(image);
            }
        }
        assert!(images >= media.len() / 4);
    }
}

fn relay(way: Way) -> impl FnMut() {
    let workload = workload(0);
    let mut relay = Relay::new(10, way);
    move || {
        let mut written = 0;
        for read in workload.reads(READ) {
            relay.turn(read, |_, bytes| written += black_box(bytes).len());
        }
        assert!(written > 10 * workload.payload_len());
    }
}

const READ: usize = 65_536;
const AMF_TIMES: usize = 1000;
const IMAGE_CHUNKS: ChunkSize = ChunkSize::new(65_536).expect("within 1 and 16 777 215");
