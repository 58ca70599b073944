//! Sixty days of stream: through publish, channel, play and file. Times wrap on the way, after 49.7 days; the pipe and the
//! clock are virtual, so that it takes a second.

#![cfg(feature = "live")]

mod support;

use std::time::Duration;

use bytes::BytesMut;
use rtmp_session::{
    Media, MediaKind, StreamId,
    flv::{FileHeader, FlvLimits, Tag, TagDecoder},
    live::{Channel, ChannelConfig, Cursor, Next},
};
use support::{Cut, Pair};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// A publisher's connection, the channel it feeds, and a player's connection.
struct Path {
    ingest: Pair,
    stream: StreamId,
    channel: Channel,
    cursor: Cursor,
    egress: Pair,
    player: StreamId,
}

impl Path {
    fn new() -> Self {
        let (ingest, stream, _) = Pair::publishing(Cut::Every(1000));
        let (egress, _, player) = Pair::playing(Cut::Every(333));
        let channel = Channel::new(ChannelConfig::default());
        let cursor = channel.subscribe();
        Self { ingest, stream, channel, cursor, egress, player }
    }

    /// Sends media all the way; gives back what arrives.
    fn send(&mut self, media: &Media) -> Vec<Media> {
        self.ingest.client.send_media(self.stream, media).unwrap();
        self.ingest.drive();
        for media in self.ingest.server_media() {
            self.channel.push(media);
        }
        self.ingest.saw.clear();
        loop {
            match self.channel.next(&mut self.cursor) {
                Next::Media(media) => self.egress.server.send_media(self.player, &media).unwrap(),
                Next::Gap(gap) => panic!("a reader that keeps up falls behind: {gap:?}"),
                Next::Pending | Next::Ended => break,
            }
        }
        self.egress.drive();
        let arrived = self.egress.client_media();
        self.egress.heard.clear();
        arrived
    }
}

/// A key frame of AVC, with the time in its payload.
fn key(time: u64) -> Media {
    let mut payload = vec![0x17, 1, 0, 0, 0];
    payload.extend(time.to_be_bytes());
    Media::video(time as u32, payload)
}

#[test]
fn chk_23_26_28_flv_12_sixty_days_from_publisher_to_player_and_file() {
    let mut path = Path::new();
    let mut file = FileHeader::default().to_bytes().to_vec();
    let header = Media::video(0, vec![0x17, 0, 0, 0, 0, 1, 77, 0, 31, 0xff, 0xe1, 0, 0]);
    path.send(&header);
    let step = 61_000;
    let mut count = 0;
    let (mut last, mut wraps) = (0_u32, 0);
    for time in (0..60 * DAY).step_by(step as usize) {
        let sent = key(time);
        let arrived = path.send(&sent);
        let frames: Vec<_> =
            arrived.iter().filter(|media| media.kind == MediaKind::Video && media.payload[1] == 1).collect();
        assert_eq!(frames, [&sent], "{} days in", time / DAY);
        // Serial arithmetic: the time went forward by one step, also where it wrapped (CHK-26).
        let now = frames[0].timestamp;
        if count > 0 {
            assert_eq!(now.wrapping_sub(last), step as u32);
            wraps += u32::from(now < last);
        }
        last = now;
        count += 1;
        Tag::from(frames[0].clone()).encode(&mut file);
        // Both connections live as long: pings and idle deadlines go by.
        if count % 1000 == 0 {
            path.ingest.pass(Duration::from_secs(90));
            path.egress.pass(Duration::from_secs(90));
        }
    }
    assert_eq!((count, wraps), (60 * DAY / step + 1, 1));
    assert!(path.ingest.server_error.is_none() && path.egress.server_error.is_none());

    let mut decoder = TagDecoder::new(FlvLimits::default());
    let mut input = BytesMut::from(&file[..]);
    let mut tags = 0;
    while let Some(tag) = decoder.decode(&mut input).unwrap() {
        let time = tags * step;
        assert_eq!(tag.timestamp, time as u32 & 0x7fff_ffff, "a file has 31 bits of time (FLV-12)");
        assert_eq!(Media::try_from(tag).unwrap().payload, key(time).payload);
        tags += 1;
    }
    assert_eq!(tags, count);
}

#[test]
fn chk_14_29_jumps_forward_and_back_arrive_as_they_are() {
    let (mut pair, stream, _) = Pair::publishing(Cut::Every(7));
    let times = [0, 40, 20_000_000, 20_000_040, 10, 0xffff_ffff, 0, 0x8000_0000, 0x7fff_ffff];
    for time in times {
        pair.client.send_media(stream, &support::video(time, 300)).unwrap();
    }
    pair.drive();
    let arrived: Vec<_> = pair.server_media().iter().map(|media| media.timestamp).collect();
    assert_eq!(arrived, times);
}
