//! What a small message keeps alive, counted by the allocator: whoever counts it by its length holds little more than that,
//! whatever the publisher has sent around it.

mod support;

use allocation_counter::measure;
use rtmp_session::amf::{Object, Value};
use rtmp_session::chunk::{ChunkSize, ChunkStreamId, Control, Message, MessageType, encode_once};
use rtmp_session::live::{Channel, ChannelConfig, ImageFormat, Meter};
use rtmp_session::{Media, ServerEvent, ServerSession};
use std::time::Duration;
use support::{audio, command, drain, epoch, feed, handshaken, server_config};

fn one_chunk(message: &Message) -> Vec<u8> {
    encode_once(message, ChunkSize::MAX).unwrap().to_vec()
}

fn message(kind: MessageType, payload: Vec<u8>) -> Vec<u8> {
    one_chunk(&Message {
        kind,
        stream_id: 1,
        timestamp: 0,
        chunk_stream: ChunkStreamId::VIDEO,
        payload: payload.into(),
    })
}

/// A session whose client publishes on stream 1, in chunks of any size.
fn publishing() -> ServerSession {
    let mut session = ServerSession::new(server_config(), epoch());
    handshaken(&mut session);
    feed(&mut session, &one_chunk(&Control::SetChunkSize(ChunkSize::MAX).to_message()));
    let app = Object::new().with("app", "live").with("tcUrl", "rtmp://h/live");
    for message in [
        command(0, "connect", 1.0, &[Value::Object(app)]),
        command(0, "createStream", 2.0, &[Value::Null]),
        command(1, "publish", 3.0, &[Value::Null, "cam".into()]),
    ] {
        feed(&mut session, &one_chunk(&message));
    }
    assert!(media(&mut session).is_empty());
    drain(&mut session);
    session
}

/// What has come; requests are accepted.
fn media(session: &mut ServerSession) -> Vec<Media> {
    let mut all = Vec::new();
    while let Some(event) = session.poll_event().unwrap() {
        match event {
            ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
            ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
            ServerEvent::Media { media, .. } => all.push(media),
            _ => {}
        }
    }
    all
}

fn sub_message(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_be_bytes();
    let back = (11 + body.len() as u32).to_be_bytes();
    [&[kind, len[1], len[2], len[3], 0, 0, 0, 0, 0, 0, 0][..], body, &back].concat()
}

/// An aggregate of `total` bytes in which one audio message of `len` bytes is all that a server keeps.
fn aggregate(len: usize, total: usize) -> Vec<u8> {
    let mut body = sub_message(8, &audio(0, len).payload);
    let rest = total - body.len() - 15;
    body.extend(sub_message(99, &vec![0; rest]));
    message(MessageType::AGGREGATE, body)
}

fn images_of(chunk_size: u32) -> ChannelConfig {
    let format = ImageFormat { message_stream: 1, chunk_size: ChunkSize::new(chunk_size).unwrap() };
    ChannelConfig::default().image(Some(format))
}

/// Every form in which a channel may keep media.
fn forms() -> [ChannelConfig; 3] {
    [ChannelConfig::default(), images_of(65_536), images_of(64)]
}

/// Publishes `wire` into a channel, in reads as large as the session likes; then nothing may be held that nobody counts.
fn publish_and_count(config: ChannelConfig, wire: &[u8], messages: usize) {
    let meter = Meter::new();
    let mut channel = Channel::new(config.meter(Some(meter.clone())));
    let mut session = publishing();
    let heap = measure(|| {
        let mut rest = wire;
        while !rest.is_empty() {
            session.read_from(&mut rest).unwrap();
            let batch = media(&mut session);
            channel.push_batch(batch);
        }
    });
    let (held, count) = channel.held();
    assert_eq!(count, messages, "what is kept");
    let counted = held + count * PER_MESSAGE + session.stats().bytes_held;
    let (now, peak) = (heap.bytes_current as usize, heap.bytes_max as usize);
    assert!(now < counted + SLACK, "{now} bytes are held of which {counted} count: {held} in {count} messages");
    assert!(peak < counted + ONE_IN_HAND, "{peak} bytes at the most, of which {counted} count");
    assert!(held <= meter.bytes() && meter.bytes() < held + count * PER_MESSAGE + SLACK, "{} metered", meter.bytes());
    drop(channel);
    assert_eq!(meter.bytes(), 0);
}

#[test]
fn agg_1_a_sub_message_does_not_keep_the_aggregate() {
    for len in [3, 100, 40_000, 65_537] {
        let wire = aggregate(len, 1 << 20).repeat(20);
        forms().into_iter().for_each(|form| publish_and_count(form, &wire, 20));
    }
}

#[test]
fn agg_1_short_aggregates_keep_nothing_either() {
    let wire = aggregate(100, 32 << 10).repeat(200);
    forms().into_iter().for_each(|form| publish_and_count(form, &wire, 200));
}

#[test]
fn a_message_does_not_keep_what_it_was_read_with() {
    // One that counts in each read of 256 KiB.
    let junk = message(MessageType(99), vec![0; 32 << 10]).repeat(7);
    for len in [0, 1, 100, 5_000, 32 << 10, 40_000] {
        let wire = [message(MessageType::AUDIO, vec![0x2f; len]), junk.clone()].concat().repeat(100);
        forms().into_iter().for_each(|form| publish_and_count(form, &wire, 100));
    }
}

#[test]
fn what_is_evicted_is_freed_although_its_neighbour_stays() {
    // The last of a large batch keeps no more of it than a piece.
    let mut batch: Vec<Media> = (0..1000).map(|time| audio(time, 10_000)).collect();
    batch.push(audio(1000, 10));
    let mut channel = Channel::new(ChannelConfig::default());
    let heap = measure(|| channel.push_batch(batch));
    let before = heap.bytes_current;
    let heap = measure(|| channel.trim(10));
    assert_eq!(channel.held(), (10, 1));
    assert!(before + heap.bytes_current < 100_000, "{} bytes are left of {before}", before + heap.bytes_current);
}

#[test]
fn an_aggregate_being_taken_apart_counts() {
    let body = sub_message(8, &audio(0, 100).payload).repeat(60_000);
    let wire = message(MessageType::AGGREGATE, body.clone());
    let mut session = publishing();
    let mut rest = &wire[..];
    let heap = measure(|| {
        while !rest.is_empty() {
            session.read_from(&mut rest).unwrap();
            if session.poll_event().unwrap().is_some() {
                break;
            }
        }
    });
    let held = session.stats().bytes_held;
    assert!(held >= body.len(), "{held} of {}", body.len());
    assert!((heap.bytes_current as usize) < held + SLACK, "{} bytes, {held} told", heap.bytes_current);
    assert_eq!(media(&mut session).len(), 59_999);
    assert!(session.stats().bytes_held < 1 << 20, "{} behind its end", session.stats().bytes_held);
}

#[test]
fn an_aggregate_of_a_broken_connection_is_let_go() {
    let mut session = publishing();
    let body = sub_message(8, &audio(0, 100).payload).repeat(60_000);
    feed(&mut session, &message(MessageType::AGGREGATE, body));
    assert!(session.poll_event().unwrap().is_some());
    let heap = measure(|| {
        let later = epoch() + Duration::from_secs(3600);
        session.handle_timeout(later).unwrap();
        session.handle_timeout(later + Duration::from_secs(60)).unwrap_err();
        session.poll_event().unwrap_err();
    });
    assert!(heap.bytes_current < -6_000_000, "{} bytes", heap.bytes_current);
    assert!(session.stats().bytes_held < 1 << 20);
}

/// An entry of a channel, and what the allocator adds to its payload.
const PER_MESSAGE: usize = 256;
/// A piece of a batch, the list of entries, and what a session has beside its buffers.
const SLACK: usize = 160 << 10;
/// A whole aggregate, and the receive buffer it came through.
const ONE_IN_HAND: usize = 4 << 20;
