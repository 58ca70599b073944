//! The hot path once, without a clock, for callgrind to count its instructions: see `benches/compare/instructions`.
//!
//! `instructions --list` prints the names of the workloads; with a name it runs that one. Only what happens below
//! `counted` counts, so that making the workload does not.

#[path = "../benches/amf/messages.rs"]
#[allow(dead_code, reason = "the bench asks these messages for more")]
mod messages;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use bytes::{Buf, BufMut, BytesMut};
use rtmp_amf::{AmfLimits, amf0};
use rtmp_benches::floor::{self, IdealDecoder};
use rtmp_benches::relay::{Relay, Way};
use rtmp_benches::workload::Workload;
use rtmp_chunk::{ChunkDecoder, ChunkEncoder, ChunkSize, Control, MessageType, SendQueue, encode_into, encode_once};
use rtmp_session::live::{Channel, ChannelConfig, ImageFormat, NextImage};
use rtmp_session::{ClientConfig, ClientSession, Media, ServerConfig, ServerEvent, ServerSession, UserControl};

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
        // `benches/compare/instructions` divides what is called ours-SOMETHING by ideal-SOMETHING.
        let mut push = |what: &str, prepare: fn(Workload) -> Box<dyn FnMut()>| {
            counts.push(Count::new(format!("{what}-W{}", index + 1), move || prepare(workload(index))));
        };
        push("ours-decode", |workload| Box::new(decode(workload)));
        push("ideal-decode", |workload| Box::new(ideal_decode(workload)));
        push("ours-encode", |workload| Box::new(encode(workload)));
        push("ideal-encode", |workload| Box::new(ideal_encode(workload)));
        push("queued-encode", |workload| Box::new(encode_queued(workload)));
    }
    for (index, name) in ["connect", "onMetaData"].into_iter().enumerate() {
        counts.push(Count::new(format!("amf0-decode-{name}"), move || decode_amf(index)));
        counts.push(Count::new(format!("amf0-encode-{name}"), move || encode_amf(index)));
    }
    // A pair each, the second eight times as long: `benches/compare/instructions` demands that it costs as much more.
    for (size, len) in [("128KiB", 128 << 10), ("1MiB", 1 << 20)] {
        counts.push(Count::new(format!("session-128B-chunks-{size}"), move || long_message(len, 128)));
    }
    for (size, len) in [("1MiB", 1 << 20), ("8MiB", 8 << 20)] {
        counts.push(Count::new(format!("session-1B-chunks-{size}"), move || long_message(len, 1)));
    }
    for (size, count) in [("1000", 1000), ("8000", 8000)] {
        counts.push(Count::new(format!("session-pings-{size}"), move || pings(count)));
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

fn ideal_decode(workload: Workload) -> impl FnMut() {
    move || {
        let mut decoder = IdealDecoder::default();
        let mut buffer = Vec::new();
        let mut messages = 0;
        for read in workload.reads(READ) {
            buffer.extend_from_slice(read);
            let used = decoder.feed(&buffer, |kind, time, payload| {
                messages += 1;
                black_box((kind, time, payload));
            });
            buffer.drain(..used);
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

fn encode(workload: Workload) -> impl FnMut() {
    let mut out = Vec::new();
    move || {
        for message in &workload.messages {
            out.clear();
            encode_into(message, workload.chunk_size, &mut out).expect("it is short enough");
            black_box(&out);
        }
    }
}

fn ideal_encode(workload: Workload) -> impl FnMut() {
    let mut out = Vec::new();
    move || {
        for message in &workload.messages {
            out.clear();
            floor::ideal_encode(message, workload.chunk_size, &mut out);
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

/// One video message in chunks of `chunk_size`, into a session that publishes, in reads of 16 KiB.
fn long_message(len: usize, chunk_size: u32) -> impl FnMut() {
    let (mut session, mut wire) = (publishing(), SendQueue::new());
    let mut encoder = ChunkEncoder::new();
    encoder.set_chunk_size(ChunkSize::new(chunk_size).expect("not 0"), &mut wire);
    let media = Media::video(0, [&[0x27, 1, 0, 0, 0][..], &vec![7; len - 5]].concat());
    encoder.encode(&media.to_message(1), &mut wire).expect("it is short enough");
    let wire = wire.copy_to_bytes(wire.len());
    move || {
        let mut media = 0;
        for read in wire.chunks(16 << 10) {
            session.recv_buffer().extend_from_slice(read);
            while let Some(event) = session.poll_event().expect("it is right") {
                media += usize::from(matches!(event, ServerEvent::Media { .. }));
            }
        }
        assert_eq!(media, 1);
    }
}

/// Pings one by one, each answered and the answer taken.
fn pings(count: usize) -> impl FnMut() {
    let mut session = publishing();
    let ping = encode_once(&UserControl::PingRequest(1).to_message(), ChunkSize::DEFAULT).expect("it is short");
    move || {
        let mut answered = 0;
        for _ in 0..count {
            session.recv_buffer().extend_from_slice(&ping);
            while session.poll_event().expect("it is right").is_some() {}
            let queue = session.send_queue();
            answered += queue.len();
            queue.advance(queue.len());
        }
        assert_eq!(answered, count * ping.len());
    }
}

/// A session with a publisher on message stream 1 that has read all answers.
fn publishing() -> ServerSession {
    let now = Instant::now();
    let url = "rtmp://localhost/live/cam".parse().expect("a URL");
    let mut client = ClientSession::new(ClientConfig::default(), &url, now);
    let mut server = ServerSession::new(ServerConfig::default(), now);
    client.publish("cam");
    loop {
        let mut publishes = false;
        while let Some(event) = server.poll_event().expect("our own client") {
            match event {
                ServerEvent::Connect(request) => server.accept_connect(request).expect("it was just asked"),
                ServerEvent::Publish(request) => {
                    server.accept_publish(request).expect("it was just asked");
                    publishes = true;
                }
                _ => {}
            }
        }
        server.write_to(&mut client.recv_buffer().writer()).expect("a buffer takes all");
        if publishes {
            // The client's chunk size is in force; the workloads start from the default.
            let back = Control::SetChunkSize(ChunkSize::DEFAULT).to_message();
            let size = encode_once(&back, ChunkSize::DEFAULT).expect("it is short");
            server.recv_buffer().extend_from_slice(&size);
            while server.poll_event().expect("a chunk size").is_some() {}
            return server;
        }
        while client.poll_event().expect("our own server").is_some() {}
        client.write_to(&mut server.recv_buffer().writer()).expect("a buffer takes all");
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
