//! Sixty days of stream: through publish, channel, play and files. Times wrap on the way, after 49.7 days; the pipe and
//! the clocks are virtual, so that it takes seconds.

#![cfg(feature = "live")]

mod live_support;
mod support;

use std::{iter, time::Duration};

use bytes::BytesMut;
use live_support::{aac_header, avc_header, metadata, read};
use rtmp_session::{
    Media, StreamId,
    flv::{FileScan, FlvEncodeError, FlvLimits, FlvWriter, Metadata, Tag, TagDecoder, TagKind, WriterConfig},
    live::{Channel, ChannelConfig, Cursor, Next},
};
use support::{Cut, Pair};

const DAY: u64 = 24 * 60 * 60 * 1000;
const END: u64 = 60 * DAY;
/// The longest step that is a stream going on and no jump.
const COARSE: u64 = 10_000;
const FINE: u64 = 40;
/// Where 24 bits of a chunk header, 31 bits of a file and 32 bits of time are full.
const OVERFLOWS: [u64; 3] = [1 << 24, 1 << 31, 1 << 32];

/// Times of video frames: each 10 s, and each 40 ms around the times where a field overflows.
fn frame_times() -> impl Iterator<Item = u64> {
    let next = |time: u64| {
        let is_near = OVERFLOWS.iter().any(|at| (at - COARSE..at + COARSE).contains(&time));
        let next_near = OVERFLOWS.iter().map(|at| at - COARSE).find(|start| *start > time).unwrap_or(END);
        (time + if is_near { FINE } else { COARSE }).min(next_near)
    };
    iter::successors(Some(0), move |time| Some(next(*time))).take_while(|time| *time < END)
}

/// A frame of video and one of audio 20 ms behind it; each has its time, not yet wrapped, in its last eight bytes.
fn frames(time: u64, is_key: bool) -> [Media; 2] {
    let frame = |head: &[u8], time: u64| [head, &time.to_be_bytes()].concat();
    let sound_at = time + FINE / 2;
    let head = if is_key { [0x17, 1, 0, 0, 0] } else { [0x27, 1, 0, 0, 0] };
    [Media::video(time as u32, frame(&head, time)), Media::audio(sound_at as u32, frame(&[0xaf, 1], sound_at))]
}

fn headers() -> [Media; 3] {
    [metadata(0, "m"), avc_header(0, 1), aac_header(0, 1)]
}

/// The time that a frame has in its payload.
fn time_of(payload: &[u8]) -> u64 {
    u64::from_be_bytes(*payload.last_chunk().expect("eight bytes at the end"))
}

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
        let (ingest, stream, _) = Pair::publishing(Cut::Whole);
        let (egress, _, player) = Pair::playing(Cut::Whole);
        let channel = Channel::new(ChannelConfig::default());
        let cursor = channel.subscribe();
        Self { ingest, stream, channel, cursor, egress, player }
    }

    /// Sends media all the way; gives back what arrives.
    fn send(&mut self, batch: &[Media]) -> Vec<Media> {
        for media in batch {
            self.ingest.client.send_media(self.stream, media).unwrap();
        }
        self.ingest.drive();
        for media in self.ingest.server_media() {
            self.channel.push(media);
            self.forward();
        }
        self.ingest.saw.clear();
        self.egress.drive();
        let arrived = self.egress.client_media();
        self.egress.heard.clear();
        arrived
    }

    /// What the reader finds goes to the player.
    fn forward(&mut self) {
        loop {
            match self.channel.next(&mut self.cursor) {
                Next::Media(media) => self.egress.server.send_media(self.player, &media).unwrap(),
                Next::Gap(gap) => panic!("a reader that keeps up falls behind: {gap:?}"),
                Next::Pending | Next::Ended => return,
            }
        }
    }

    /// The clocks of all four sessions go on; what they have to say to each other arrives.
    fn pass(&mut self, time: Duration) {
        for pair in [&mut self.ingest, &mut self.egress] {
            pair.now += time;
            pair.client.handle_timeout(pair.now).expect("the server is there");
            pair.server.handle_timeout(pair.now).expect("the client is there");
            pair.drive();
            assert!(pair.client_error.is_none() && pair.server_error.is_none());
        }
    }
}

/// Files as a recorder writes them: another one where the last can hold no more time (FLV-23).
struct Recording {
    writer: FlvWriter,
    scan: FileScan,
    decoder: TagDecoder,
    written: BytesMut,
    /// Time of the stream where the file begins.
    begin: u64,
    tags: u64,
}

impl Recording {
    fn new(begin: u64) -> Self {
        let writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).unwrap();
        let written = BytesMut::from(&writer.opening().unwrap()[..]);
        let (scan, decoder) = (FileScan::new(FlvLimits::default()), TagDecoder::new(FlvLimits::default()));
        let mut recording = Self { writer, scan, decoder, written, begin, tags: 1 };
        headers().into_iter().for_each(|header| recording.append(header).unwrap());
        recording
    }

    fn append(&mut self, media: Media) -> Result<(), FlvEncodeError> {
        self.writer.append(Tag::from(media))?.encode(&mut self.written);
        self.tags += 1;
        Ok(())
    }

    /// Reads what was written, so that no file is held.
    fn read(&mut self) {
        self.scan.feed(&mut self.written.clone()).unwrap();
        while let Some(tag) = self.decoder.decode(&mut self.written).unwrap() {
            let is_frame = tag.kind != TagKind::Script && tag.data[1] == 1;
            let expected = if is_frame { time_of(&tag.data) - self.begin } else { 0 };
            assert_eq!(u64::from(tag.timestamp), expected, "a file has times of its own, in 31 bits (FLV-12, FLV-22)");
        }
        assert!(self.written.is_empty());
    }

    /// Tags of the file, and its last time.
    fn finish(mut self) -> (u64, u64) {
        self.read();
        let summary = self.scan.finish(&mut self.written).unwrap();
        assert!(!summary.is_cut && summary.has_audio() && summary.has_video());
        assert_eq!((summary.tags(), summary.end + 4), (self.tags, self.writer.position()));
        (self.tags, u64::from(summary.last_time()))
    }
}

/// Who comes late gets the headers with the time of the newest key frame, and that.
fn check_late_reader(channel: &Channel) {
    let late = read(channel, &mut channel.subscribe()).media;
    let key = &late[3];
    assert_eq!(key.payload[..2], [0x17, 1]);
    assert_eq!(late[..3], headers().map(|header| Media { timestamp: key.timestamp, ..header }));
}

/// Who stood still for a day goes on at the newest key frame, with the headers it has.
fn check_slow_reader(channel: &Channel, slow: &mut Cursor) {
    let got = read(channel, slow);
    assert!(matches!(&got.gaps[..], [gap] if gap.skipped > 17_000), "{:?}", got.gaps);
    assert_eq!(got.media[0].payload[..2], [0x17, 1], "the headers are what it has");
}

#[test]
fn chk_23_26_28_flv_12_22_23_sixty_days_from_publisher_to_player_and_files() {
    let mut path = Path::new();
    // The same log for readers that may lag 4 s behind a key frame: nothing older is kept.
    let mut strict = Channel::new(ChannelConfig::default().lag_bytes(0));
    let mut slow = [path.channel.subscribe(), strict.subscribe()];
    assert_eq!(path.send(&headers()), headers());
    strict.push_batch(headers());
    assert_eq!(read(&path.channel, &mut slow[0]).media, headers());
    assert_eq!(read(&strict, &mut slow[1]).media, headers());
    let mut recording = Recording::new(0);
    let mut files = Vec::new();
    let (mut batch, mut batch_begin, mut days) = (Vec::new(), 0, 0);
    let (mut last, mut wraps) = (0_u32, 0);
    for (count, time) in frame_times().enumerate() {
        batch.extend(frames(time, count % 2 == 0));
        let passed = time - batch_begin;
        // By media time no ping is ever late, by number no batch is large.
        if passed < 25_000 && batch.len() < 50 {
            continue;
        }
        batch_begin = time;
        let arrived = path.send(&batch);
        assert_eq!(arrived, batch, "{} days in", time / DAY);
        path.pass(Duration::from_millis(passed));
        arrived.iter().cloned().for_each(|media| strict.push(media));
        for media in arrived {
            // Serial arithmetic: time goes forward, also where it wraps (CHK-26).
            let step = media.timestamp.wrapping_sub(last);
            assert!(u64::from(step) <= COARSE);
            wraps += u32::from(media.timestamp < last);
            last = media.timestamp;
            match recording.append(media.clone()) {
                Ok(()) => {}
                Err(FlvEncodeError::TimeOverflow(_)) => {
                    let full = std::mem::replace(&mut recording, Recording::new(time_of(&media.payload)));
                    files.push(full.finish());
                    recording.append(media).unwrap();
                }
                Err(error) => panic!("{error}"),
            }
        }
        recording.read();
        batch.clear();
        // 20 s and 4 s of frames, at 25 of each kind a second where they are dense.
        assert!(path.channel.held().1 <= 1002 && strict.held().1 <= 202, "{:?}", (path.channel.held(), strict.held()));
        if time / DAY > days {
            days = time / DAY;
            check_late_reader(&path.channel);
            check_late_reader(&strict);
            check_slow_reader(&path.channel, &mut slow[0]);
            check_slow_reader(&strict, &mut slow[1]);
        }
    }
    files.push(recording.finish());
    let end = batch_begin + FINE / 2;
    assert_eq!((wraps, days, end as u32), (1, 59, last));
    // Every millisecond was counted, none was a jump.
    assert_eq!(path.channel.media_time(), Duration::from_millis(end));
    assert_eq!(strict.media_time(), path.channel.media_time());
    assert!(path.channel.held().1 <= 8, "{:?}: what is older than 20 s has gone", path.channel.held());
    check_files(&files, end);
    // Who has nothing to say was asked all the while whether it is there, and answered.
    let publisher = path.ingest.client.stats();
    let answers = path.egress.server.stats();
    assert!(publisher.messages_received > 60_000 && answers.messages_received > 60_000, "{publisher:?} {answers:?}");
}

/// Two files are full to 31 bits of time, the third goes on to the end.
fn check_files(files: &[(u64, u64)], end: u64) {
    let [(_, first), (_, second), (_, third)] = files else { panic!("{} files", files.len()) };
    let room = (1 << 31) - COARSE..1 << 31;
    assert!(room.contains(first) && room.contains(second), "{files:?}");
    let between = end - first - second - third;
    assert!((1..=2 * COARSE).contains(&between), "{files:?}: the borders of two files");
    let tags: u64 = files.iter().map(|(tags, _)| tags - 4).sum();
    assert!(tags > 2 * END / COARSE, "{files:?}");
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
