//! What channels keep alive, counted: nothing is hidden by who still holds it, and nothing is left when all is gone.

mod live_support;

use std::sync::Arc;

use live_support::*;
use rtmp_session::Media;
use rtmp_session::chunk::ChunkSize;
use rtmp_session::live::{Channel, ChannelConfig, ImageFormat, Meter, Next, NextImage};

fn metered() -> (Meter, Channel) {
    let meter = Meter::new();
    let format = ImageFormat { message_stream: 1, chunk_size: ChunkSize::new(65_536).unwrap() };
    (meter.clone(), Channel::new(ChannelConfig::default().image(Some(format)).meter(Some(meter))))
}

fn frame(time: u32, len: usize) -> Media {
    Media::video(time, [&[0x17, 1, 0, 0, 0][..], &vec![0; len]].concat())
}

#[test]
fn payloads_headers_and_entries_count_and_are_gone_with_the_channel() {
    let (meter, mut channel) = metered();
    assert_eq!(meter.bytes(), 0);
    channel.push_batch([avc_header(0, 1), frame(0, 100_000), frame(40, 100_000)]);
    let held = channel.held().0;
    assert!((held..held + 10_000).contains(&meter.bytes()), "{} counted, {held} held", meter.bytes());
    drop(channel);
    assert_eq!(meter.bytes(), 0);
}

#[test]
fn what_has_left_the_log_counts_until_its_last_reader_is_done() {
    let (meter, mut channel) = metered();
    let mut reader = channel.subscribe();
    channel.push(frame(0, 1 << 20));
    let NextImage::Image(under_way) = channel.next_image(&mut reader) else { panic!("there is a key frame") };
    channel.push(frame(40, 1000));
    channel.trim(100_000);
    assert_eq!(channel.held().1, 1);
    assert!(meter.bytes() > 1 << 20, "{}", meter.bytes());
    let rest = under_way.slice(under_way.len() - 1..);
    drop(under_way);
    assert!(meter.bytes() > 1 << 20, "one byte keeps it all: {}", meter.bytes());
    drop(rest);
    assert!(meter.bytes() < 10_000, "{}", meter.bytes());
}

#[test]
fn a_trimmed_channel_goes_on_for_those_who_were_late() {
    let (_, mut channel) = metered();
    let mut late = channel.subscribe();
    for time in 0..10 {
        channel.push(frame(time * 40, 10_000));
    }
    channel.trim(0);
    assert_eq!(channel.held(), (0, 0));
    assert!(matches!(channel.next(&mut late), Next::Gap(gap) if gap.skipped == 10));
    channel.push(frame(400, 10_000));
    assert_eq!(read(&channel, &mut late).media, [frame(400, 10_000)]);
}

#[test]
fn a_clone_counts_its_list_and_shares_the_payloads() {
    let (meter, mut channel) = metered();
    channel.push_batch([frame(0, 100_000), frame(40, 100_000)]);
    let before = meter.bytes();
    let clone = channel.clone();
    assert!((before + 1..before + 10_000).contains(&meter.bytes()), "{before} before, {} behind it", meter.bytes());
    drop(channel);
    assert!(meter.bytes() > 200_000, "the clone holds them: {}", meter.bytes());
    drop(clone);
    assert_eq!(meter.bytes(), 0);
}

#[test]
fn an_empty_buffer_is_not_kept() {
    struct Empty {
        _alive: Arc<()>,
    }
    impl AsRef<[u8]> for Empty {
        fn as_ref(&self) -> &[u8] {
            &[]
        }
    }
    let alive = Arc::new(());
    let bytes = Meter::new().hold(Empty { _alive: alive.clone() });
    assert_eq!((bytes.len(), Arc::strong_count(&alive)), (0, 1));
}
