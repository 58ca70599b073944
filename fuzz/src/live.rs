//! A live channel under any order of pushes, reads, interruptions and joins: bounds hold, and every reader gets a
//! subsequence in order.

use super::script::Script;
use bytes::{Buf, Bytes, BytesMut};
use rtmp_session::chunk::{ChunkDecoder, ChunkLimits, ChunkSize, MessageType};
use rtmp_session::flv::{AudioHeader, VideoHeader};
use rtmp_session::live::{Channel, ChannelConfig, Cursor, ImageFormat, Next, NextImage, Start};
use rtmp_session::{Media, MediaKind};
use std::time::Duration;

/// One byte for the bounds; then the story, an operation and its operands at a time.
pub fn channel(data: &[u8]) {
    let mut script = Script(data);
    let config = config(script.byte());
    let mut story = Story { channel: Channel::new(config.clone()), config, readers: Vec::new(), pushed: 0, time: 0 };
    while !script.is_over() {
        story.step(&mut script);
        story.check_bounds();
    }
    for number in 0..story.readers.len() {
        story.read(number, usize::MAX);
    }
}

/// The head of an AVC inter frame.
const INTER_FRAME: &[u8] = &[0x27, 1, 0, 0, 0];

fn config(choice: u8) -> ChannelConfig {
    let start = if choice & 1 == 0 { Start::Keyframe } else { Start::Live };
    let chunk_size = ChunkSize::new(1 + u32::from(choice) * 8).expect("not 0");
    let image = (choice & 2 == 0).then_some(ImageFormat { message_stream: 1, chunk_size });
    let config = ChannelConfig::default().start(start).image(image);
    if choice & 4 != 0 {
        // Nothing ever leaves the log.
        return config.max_bytes(1 << 30).max_messages(1 << 20).max_span(Duration::MAX).lag_span(Duration::MAX);
    }
    config
        .max_bytes(16 << 10)
        .max_messages(8 + usize::from(choice))
        .max_span(Duration::from_secs(5))
        .lag_span(Duration::from_secs(1))
        .lag_bytes(4 << 10)
        .max_header_bytes(1 << 10)
}

struct Reader {
    cursor: Cursor,
    /// A second reader at the same place that takes images.
    images: Option<Cursor>,
    /// What the images of the second reader hold and the first has not read yet.
    from_images: Vec<(MediaKind, u32, Bytes)>,
    /// Number of the last payload seen; they are numbered as they are pushed.
    last: Option<u64>,
    /// No frame of video since it joined or missed something.
    starts: bool,
}

struct Story {
    channel: Channel,
    config: ChannelConfig,
    readers: Vec<Reader>,
    pushed: u64,
    time: u32,
}

impl Story {
    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() % 8 {
            0 | 1 => {
                let batch: Vec<_> = (0..=script.byte() % 4).map(|_| self.media(script)).collect();
                self.channel.push_batch(batch);
            }
            2 if self.readers.len() < 8 => {
                let cursor = self.channel.subscribe();
                let images = self.config.image.is_some().then(|| cursor.clone());
                self.readers.push(Reader { cursor, images, from_images: Vec::new(), last: None, starts: true });
            }
            3 | 4 => {
                let reader = usize::from(script.byte());
                let count = usize::from(script.byte());
                if !self.readers.is_empty() {
                    self.read(reader % self.readers.len(), count);
                }
            }
            5 => self.channel.interrupt(),
            6 => self.channel.resume(),
            7 if script.byte() == 255 => self.channel.end(),
            _ => {}
        }
    }

    /// A message whose payload carries its number, so that order shows.
    fn media(&mut self, script: &mut Script<'_>) -> Media {
        let (head, kind): (&[u8], _) = match script.byte() % 10 {
            0 => (&[0x17, 0, 0, 0, 0], MediaKind::Video), // AVC sequence header
            1 => (&[0x17, 1, 0, 0, 0], MediaKind::Video), // AVC key frame
            2 | 3 => (INTER_FRAME, MediaKind::Video),
            4 => (&[0xaf, 0], MediaKind::Audio),     // AAC sequence header
            5 | 6 => (&[0xaf, 1], MediaKind::Audio), // AAC frame
            7 => (b"\x02\x00\x0aonMetaData", MediaKind::Data),
            8 => (&[0x96, 0x00, b'a', b'v', b'c', b'1', 1], MediaKind::Video), // sequence header of track 1
            _ => (script.bytes(usize::from(script.0.first().copied().unwrap_or(0) % 16)), MediaKind::Video),
        };
        self.time = self.time.wrapping_add(u32::from(script.short()));
        self.pushed += 1;
        let mut payload = BytesMut::from(head);
        payload.extend_from_slice(&self.pushed.to_be_bytes());
        payload.resize(payload.len() + usize::from(script.byte()) * 8, 0);
        payload.extend_from_slice(&self.pushed.to_be_bytes());
        Media { kind, timestamp: self.time, payload: payload.freeze() }
    }

    fn check_bounds(&self) {
        let (bytes, messages) = self.channel.held();
        assert!(messages <= self.config.max_messages, "{messages} messages");
        // The newest message stays even if it alone is too large; images add their chunk headers.
        assert!(bytes <= self.config.max_bytes + (64 << 10), "{bytes} bytes");
        let headers: usize = self.channel.headers().iter().map(|media| media.payload.len()).sum();
        assert!(headers <= self.config.max_header_bytes, "{headers} bytes of headers");
    }

    fn read(&mut self, number: usize, count: usize) {
        let reader = &mut self.readers[number];
        for _ in 0..count {
            match self.channel.next(&mut reader.cursor) {
                Next::Media(media) => reader.take(&self.channel, &self.config, media),
                Next::Gap(gap) => {
                    assert!(gap.skipped > 0);
                    reader.starts = true;
                    // Images are read up to a gap of their own.
                    if let Some(images) = &mut reader.images {
                        *images = reader.cursor.clone();
                        reader.from_images.clear();
                    }
                }
                nothing => {
                    // A look moves a reader that waits, so both look.
                    if let Some(images) = &mut reader.images {
                        assert!(reader.from_images.is_empty(), "more in images than in messages");
                        let images = self.channel.next_image(images);
                        let same = if nothing == Next::Pending { NextImage::Pending } else { NextImage::Ended };
                        assert_eq!(images, same);
                    }
                    return;
                }
            }
        }
    }
}

impl Reader {
    fn take(&mut self, channel: &Channel, config: &ChannelConfig, media: Media) {
        let number = u64::from_be_bytes(*media.payload.last_chunk().expect("every payload ends in its number"));
        if !is_header(&media) {
            assert!(self.last.is_none_or(|last| number > last), "{number} after {:?}", self.last);
            self.last = Some(number);
            // Where video has left the log, a reader starts as a listener, and sees what video comes then.
            let starts = std::mem::take(&mut self.starts) && config.max_span == Duration::MAX;
            assert!(!starts || !media.payload.starts_with(INTER_FRAME), "a reader starts at an inter frame");
        }
        if let (Some(images), Some(format)) = (&mut self.images, config.image) {
            if self.from_images.is_empty() {
                match channel.next_image(images) {
                    NextImage::Image(image) => self.from_images = messages(&image, format),
                    other => panic!("a message for one reader, {other:?} for the other at the same place"),
                }
            }
            assert_eq!((media.kind, media.timestamp, media.payload), self.from_images.remove(0));
        }
    }
}

/// Metadata and codec configurations are sent again where a reader needs them, whatever their number.
fn is_header(media: &Media) -> bool {
    match media.kind {
        MediaKind::Video => VideoHeader::parse(&media.payload).is_ok_and(|h| h.is_sequence_header() || h.is_metadata()),
        MediaKind::Audio => {
            AudioHeader::parse(&media.payload).is_ok_and(|h| h.is_sequence_header() || h.is_multichannel_config())
        }
        _ => true,
    }
}

/// The messages of an image, as a player's decoder takes them out.
fn messages(image: &Bytes, format: ImageFormat) -> Vec<(MediaKind, u32, Bytes)> {
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    let mut set = BytesMut::from(&[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0][..]);
    set.extend_from_slice(&format.chunk_size.get().to_be_bytes());
    decoder.decode(&mut set).expect("a good size");
    let mut rest = BytesMut::from(&image[..]);
    let mut found = Vec::new();
    while let Some(message) = decoder.decode(&mut rest).expect("an image is well formed") {
        assert_eq!(message.stream_id, format.message_stream);
        let kind = match message.kind {
            MessageType::AUDIO => MediaKind::Audio,
            MessageType::VIDEO => MediaKind::Video,
            _ => MediaKind::Data,
        };
        found.push((kind, message.timestamp, message.payload));
    }
    assert!(!rest.has_remaining() && !decoder.is_mid_message(), "an image holds whole messages");
    found
}
