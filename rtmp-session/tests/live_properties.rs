//! What holds for every channel and every reader, whatever is pushed and whenever they look.

mod live_support;

use std::collections::HashMap;
use std::time::Duration;

use live_support::*;
use proptest::prelude::*;
use rtmp_session::live::{Channel, ChannelConfig, Cursor, Next, NextImage};
use rtmp_session::{Media, MediaKind};

/// What a publisher sends; configurations differ by a number.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Metadata(u8),
    VideoHeader(u8),
    AudioHeader(u8),
    Key,
    Inter,
    Audio,
    Data,
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<(Sent, u32)>),
    /// The publisher leaves and another comes, whose clock starts there.
    Change(u32),
    Subscribe,
    /// This reader takes up to so many messages.
    Read(usize, usize),
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        1 => (0..3_u8).prop_map(Sent::Metadata),
        1 => (0..3_u8).prop_map(Sent::VideoHeader),
        1 => (0..3_u8).prop_map(Sent::AudioHeader),
        2 => Just(Sent::Key),
        8 => Just(Sent::Inter),
        6 => Just(Sent::Audio),
        1 => Just(Sent::Data),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec((sent(), 0..60_u32), 1..12).prop_map(Step::Push),
        1 => any::<u32>().prop_map(Step::Change),
        2 => Just(Step::Subscribe),
        8 => (0..8_usize, 1..40_usize).prop_map(|(reader, count)| Step::Read(reader, count)),
    ]
}

fn config() -> impl Strategy<Value = ChannelConfig> {
    (500..20_000_usize, 1..60_usize, 1..20_u64).prop_map(|(bytes, messages, seconds)| {
        ChannelConfig::default()
            .max_bytes(bytes)
            .max_messages(messages)
            .max_span(Duration::from_secs(seconds))
            .lag_span(Duration::from_millis(200))
            .lag_bytes(bytes / 4)
            .image(Some(SMALL_CHUNKS))
    })
}

/// What a decoder would need to know, as payloads: metadata, configurations.
#[derive(Clone, Debug, Default, PartialEq)]
struct Config {
    metadata: Option<Vec<u8>>,
    video: Option<Vec<u8>>,
    audio: Option<Vec<u8>>,
}

impl Config {
    /// Takes note of a header; false if it is none.
    fn note(&mut self, media: &Media) -> bool {
        let place = match (media.kind, media.payload.get(1)) {
            (MediaKind::Data, _) if media.payload.starts_with(b"\x02\x00\x0aonMetaData") => &mut self.metadata,
            (MediaKind::Video, Some(0)) => &mut self.video,
            (MediaKind::Audio, Some(0)) => &mut self.audio,
            _ => return false,
        };
        *place = Some(media.payload.to_vec());
        true
    }
}

/// What was pushed, by the number in its payload.
#[derive(Clone, Debug)]
struct Pushed {
    /// In force when it was sent.
    config: Config,
    publish: u32,
    /// Number of the video frame before it, for an inter frame.
    needs: Option<u32>,
}

#[derive(Default)]
struct Publisher {
    time: u32,
    next_id: u32,
    publish: u32,
    config: Config,
    last_video: Option<u32>,
    has_key: bool,
    log: HashMap<u32, Pushed>,
}

impl Publisher {
    fn make(&mut self, sent: Sent, step: u32) -> Media {
        self.time = self.time.wrapping_add(step);
        let (time, id) = (self.time, self.next_id);
        let media = match sent {
            Sent::Metadata(n) => metadata(time, &format!("m{n}")),
            Sent::VideoHeader(n) => avc_header(time, n),
            Sent::AudioHeader(n) => aac_header(time, n),
            Sent::Key => key(time, id),
            Sent::Inter => inter(time, id),
            Sent::Audio => audio(time, id),
            Sent::Data => Media::data(time, [&b"\x02\x00\x01d"[..], &id.to_be_bytes()].concat()),
        };
        if self.config.note(&media) {
            return media;
        }
        self.next_id += 1;
        self.has_key |= matches!(sent, Sent::Key);
        let is_lost = matches!(sent, Sent::Inter) && !self.has_key;
        if !is_lost {
            let needs = matches!(sent, Sent::Inter).then_some(self.last_video).flatten();
            self.log.insert(id, Pushed { config: self.config.clone(), publish: self.publish, needs });
            if media.kind == MediaKind::Video {
                self.last_video = Some(id);
            }
        }
        media
    }

    fn change(&mut self, time: u32) {
        self.time = time;
        self.publish += 1;
        self.config = Config::default();
        self.last_video = None;
        self.has_key = false;
    }
}

fn id_of(media: &Media) -> u32 {
    let head = match media.kind {
        MediaKind::Video => 5,
        MediaKind::Audio => 2,
        MediaKind::Data => 4,
    };
    u32::from_be_bytes(media.payload[head..head + 4].try_into().unwrap())
}

/// A reader, and what a decoder behind it knows.
struct Reader {
    cursor: Cursor,
    config: Config,
    publish: u32,
    last_id: Option<u32>,
    last_video: Option<u32>,
    last_time: Option<u32>,
}

impl Reader {
    fn new(channel: &Channel, publisher: &Publisher) -> Self {
        Self {
            cursor: channel.subscribe(),
            config: Config::default(),
            publish: publisher.publish,
            last_id: None,
            last_video: None,
            last_time: None,
        }
    }

    fn take(&mut self, media: &Media, publisher: &Publisher) -> Result<(), TestCaseError> {
        if let Some(last) = self.last_time {
            let step = media.timestamp.wrapping_sub(last) as i32;
            prop_assert!(step >= 0, "time went back by {} ms", -step);
        }
        self.last_time = Some(media.timestamp);
        if self.config.note(media) {
            return Ok(());
        }
        let id = id_of(media);
        prop_assert!(self.last_id.is_none_or(|last| id > last), "{id} behind {:?}", self.last_id);
        self.last_id = Some(id);
        let pushed = publisher.log.get(&id).expect("it was pushed and not left out");
        if pushed.publish != self.publish {
            // What the decoder knew of the former publisher is of no use; it is replaced where the new one sends it.
            self.publish = pushed.publish;
            self.last_video = None;
        }
        if media.kind == MediaKind::Video {
            if let Some(needs) = pushed.needs {
                prop_assert_eq!(self.last_video, Some(needs), "frame {} without the one before it", id);
            }
            self.last_video = Some(id);
        }
        match media.kind {
            MediaKind::Video => check(&self.config.video, &pushed.config.video)?,
            MediaKind::Audio => check(&self.config.audio, &pushed.config.audio)?,
            MediaKind::Data => {}
        }
        check(&self.config.metadata, &pushed.config.metadata)
    }
}

/// The decoder knows what was in force, if there was anything.
fn check(known: &Option<Vec<u8>>, in_force: &Option<Vec<u8>>) -> Result<(), TestCaseError> {
    if in_force.is_some() {
        prop_assert_eq!(known, in_force);
    }
    Ok(())
}

/// Reads an image with one cursor and as many messages with its clone: they are the same.
fn read_both_ways(channel: &Channel, cursor: &mut Cursor) -> Result<Option<Vec<Media>>, TestCaseError> {
    let mut twin = cursor.clone();
    match channel.next_image(cursor) {
        NextImage::Image(image) => {
            let media = decode(&image, SMALL_CHUNKS);
            prop_assert!(!media.is_empty());
            for one in &media {
                prop_assert_eq!(channel.next(&mut twin), Next::Media(one.clone()));
            }
            prop_assert_eq!(&twin, cursor);
            Ok(Some(media))
        }
        NextImage::Gap(gap) => {
            prop_assert_eq!(channel.next(&mut twin), Next::Gap(gap));
            Ok(Some(Vec::new()))
        }
        NextImage::Pending => {
            prop_assert_eq!(channel.next(&mut twin), Next::Pending);
            Ok(None)
        }
        NextImage::Ended => {
            prop_assert_eq!(channel.next(&mut twin), Next::Ended);
            Ok(None)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every reader sees a subsequence of what was pushed, in order; each inter frame behind the frame it needs, each
    /// frame with the headers that were in force; and time never goes back.
    #[test]
    fn every_reader_can_decode_what_it_gets(config in config(), steps in prop::collection::vec(step(), 1..80)) {
        let mut channel = Channel::new(config.clone());
        let mut publisher = Publisher::default();
        let mut readers = vec![Reader::new(&channel, &publisher)];
        for step in steps {
            match step {
                Step::Push(batch) => {
                    let batch: Vec<Media> = batch.into_iter().map(|(sent, step)| publisher.make(sent, step)).collect();
                    channel.push_batch(batch);
                    let (bytes, messages) = channel.held();
                    prop_assert!(bytes <= config.max_bytes && messages <= config.max_messages);
                }
                Step::Change(time) => {
                    channel.interrupt();
                    publisher.change(time);
                    channel.resume();
                }
                Step::Subscribe => readers.push(Reader::new(&channel, &publisher)),
                Step::Read(index, count) => {
                    let index = index % readers.len();
                    let reader = &mut readers[index];
                    for _ in 0..count {
                        match channel.next(&mut reader.cursor) {
                            Next::Media(media) => reader.take(&media, &publisher)?,
                            Next::Gap(gap) => prop_assert!(gap.skipped > 0),
                            Next::Pending => break,
                            Next::Ended => prop_assert!(false, "nobody ended it"),
                        }
                    }
                }
            }
        }
    }

    /// Messages and images are the same stream.
    #[test]
    fn images_say_what_messages_say(config in config(), steps in prop::collection::vec(step(), 1..60)) {
        let mut channel = Channel::new(config);
        let mut publisher = Publisher::default();
        let mut readers = vec![channel.subscribe()];
        for step in steps {
            match step {
                Step::Push(batch) => {
                    let batch: Vec<Media> = batch.into_iter().map(|(sent, step)| publisher.make(sent, step)).collect();
                    channel.push_batch(batch);
                }
                Step::Change(time) => {
                    channel.interrupt();
                    publisher.change(time);
                    channel.resume();
                }
                Step::Subscribe => readers.push(channel.subscribe()),
                Step::Read(index, _) => {
                    let index = index % readers.len();
                    while read_both_ways(&channel, &mut readers[index])?.is_some() {}
                }
            }
        }
    }

    /// Any bytes in any message: nothing panics, and the bounds hold.
    #[test]
    fn arbitrary_payloads_are_passed_on(
        payloads in prop::collection::vec((0..3_u8, any::<u32>(), prop::collection::vec(any::<u8>(), 0..40)), 1..60),
    ) {
        let config = ChannelConfig::default().max_bytes(2_000).max_header_bytes(200).image(Some(SMALL_CHUNKS));
        let mut channel = Channel::new(config);
        let mut reader = channel.subscribe();
        for (kind, timestamp, payload) in payloads {
            channel.push(match kind {
                0 => Media::video(timestamp, payload),
                1 => Media::audio(timestamp, payload),
                _ => Media::data(timestamp, payload),
            });
            prop_assert!(channel.held().0 <= 2_000);
            prop_assert!(channel.headers().iter().map(|header| header.payload.len()).sum::<usize>() <= 200);
            while !matches!(channel.next_image(&mut reader), NextImage::Pending) {}
        }
    }
}
