//! The log of a live stream: what a push costs, which does not depend on the readers, and what a reader costs, which does
//! not depend on the others. Floors: a copy of what is rendered, and a reference for each reader.
//!
//! Sockets are left out: what they cost beside this is in `benches/README.md`.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rtmp_benches::cpu_time::CpuTime;
use rtmp_benches::measure::group;
use rtmp_benches::workload::Workload;
use rtmp_chunk::{ChunkDecoder, ChunkLimits, ChunkSize, Control, encode_once};
use rtmp_session::Media;
use rtmp_session::live::{Channel, ChannelConfig, Cursor, ImageFormat, Next, NextImage};

const IMAGES: ImageFormat =
    ImageFormat { message_stream: 1, chunk_size: ChunkSize::new(65_536).expect("within the range of chunk sizes") };
/// Messages that one read of a publisher brings under load.
const BATCH: usize = 8;

/// Ten seconds of 6 Mbit/s video and audio.
fn messages() -> Vec<Media> {
    let workload = Workload::all().swap_remove(0);
    workload.messages.into_iter().filter_map(|message| Media::from_message(message).ok().flatten()).collect()
}

fn with_images() -> ChannelConfig {
    ChannelConfig::default().image(Some(IMAGES))
}

fn push(c: &mut Criterion<CpuTime>) {
    let messages = messages();
    let bytes: usize = messages.iter().map(|media| media.payload.len()).sum();
    let mut group = group(c, "fanout push/ten seconds");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("floor: one copy of each batch", |b| {
        b.iter(|| {
            for batch in messages.chunks(BATCH) {
                let mut copy = Vec::with_capacity(batch.iter().map(|media| media.payload.len()).sum());
                batch.iter().for_each(|media| copy.extend_from_slice(&media.payload));
                black_box(copy);
            }
        });
    });
    for (name, config, batch) in [
        ("messages, one at a time", ChannelConfig::default(), 1),
        ("images, one at a time", with_images(), 1),
        ("images, batches", with_images(), BATCH),
    ] {
        // As in a stream that goes on: what comes in drives out what is old.
        let mut channel = Channel::new(config);
        group.bench_function(name, |b| {
            b.iter(|| messages.chunks(batch).for_each(|batch| channel.push_batch(batch.iter().cloned())));
        });
    }
    group.finish();
}

fn read(c: &mut Criterion<CpuTime>) {
    let messages = messages();
    check(&messages);
    let mut channel = Channel::new(with_images());
    channel.push_batch(messages[..BATCH].iter().cloned());
    // All readers stand at the same place, one batch behind the head, as the players of a server do.
    let mut place = channel.subscribe();
    while !matches!(channel.next(&mut place), Next::Pending) {}
    channel.push_batch(messages[BATCH..2 * BATCH].iter().cloned());
    let NextImage::Image(image) = channel.next_image(&mut place.clone()) else { panic!("a batch is there") };

    for readers in [1, 10, 100, 1000, 10_000] {
        let mut group = group(c, format!("fanout read/{readers}"));
        group.throughput(Throughput::Elements(readers as u64));
        group.bench_function("floor: a reference each", |b| {
            b.iter(|| (0..readers).for_each(|_| drop(black_box(image.clone()))));
        });
        let cursors = vec![place.clone(); readers];
        group.bench_function("an image each", |b| {
            b.iter_batched_ref(|| cursors.clone(), |cursors| read_images(&channel, cursors), BatchSize::LargeInput);
        });
        group.bench_function("its messages each", |b| {
            b.iter_batched_ref(|| cursors.clone(), |cursors| read_messages(&channel, cursors), BatchSize::LargeInput);
        });
        group.finish();
    }
}

fn read_images(channel: &Channel, cursors: &mut [Cursor]) {
    for cursor in cursors {
        while let NextImage::Image(image) = channel.next_image(cursor) {
            black_box(image);
        }
    }
}

fn read_messages(channel: &Channel, cursors: &mut [Cursor]) {
    for cursor in cursors {
        while let Next::Media(media) = channel.next(cursor) {
            black_box(media);
        }
    }
}

/// Before anything is timed: images and messages are what was pushed.
fn check(messages: &[Media]) {
    let mut channel = Channel::new(with_images());
    let (mut by_image, mut by_message) = (channel.subscribe(), channel.subscribe());
    let mut wire = bytes::BytesMut::new();
    let announcement = encode_once(&Control::SetChunkSize(IMAGES.chunk_size).to_message(), ChunkSize::DEFAULT);
    wire.extend_from_slice(&announcement.expect("four bytes are not too long"));
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    for batch in messages.chunks(BATCH) {
        channel.push_batch(batch.iter().cloned());
        while let NextImage::Image(image) = channel.next_image(&mut by_image) {
            wire.extend_from_slice(&image);
        }
        let mut decoded = Vec::new();
        while let Some(message) = decoder.decode(&mut wire).expect("our own images") {
            decoded.extend(Media::from_message(message).expect("media"));
        }
        assert_eq!(decoded, batch);
        for sent in batch {
            assert_eq!(channel.next(&mut by_message), Next::Media(sent.clone()));
        }
    }
    assert_eq!(Bytes::from(wire), Bytes::new());
}

criterion_group! {
    name = benches;
    config = rtmp_benches::measure::criterion();
    targets = push, read
}
criterion_main!(benches);
