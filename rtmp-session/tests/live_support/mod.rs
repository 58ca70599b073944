//! Messages to push into a channel, and readers that take them out.
#![allow(dead_code, reason = "each test program uses a part of it")]

use bytes::{Bytes, BytesMut};
use rtmp_session::chunk::{ChunkDecoder, ChunkLimits, ChunkSize, Control};
use rtmp_session::live::{Channel, Cursor, Gap, ImageFormat, Next, NextImage};
use rtmp_session::{Media, MediaKind};

/// Small chunks, so that images have continuation headers too.
pub(crate) const SMALL_CHUNKS: ImageFormat = ImageFormat { message_stream: 1, chunk_size: ChunkSize::new(64).unwrap() };

pub(crate) fn metadata(time: u32, text: &str) -> Media {
    Media::data(time, [b"\x02\x00\x0aonMetaData\x02", &(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat())
}

pub(crate) fn data(time: u32, name: &str) -> Media {
    Media::data(time, [b"\x02", &(name.len() as u16).to_be_bytes()[..], name.as_bytes(), b"\x05"].concat())
}

pub(crate) fn avc_header(time: u32, config: u8) -> Media {
    Media::video(time, vec![0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, config])
}

pub(crate) fn key(time: u32, id: u32) -> Media {
    Media::video(time, with_id(&[0x17, 1, 0, 0, 0], id))
}

pub(crate) fn inter(time: u32, id: u32) -> Media {
    Media::video(time, with_id(&[0x27, 1, 0, 0, 0], id))
}

pub(crate) fn aac_header(time: u32, config: u8) -> Media {
    Media::audio(time, vec![0xaf, 0, 0x12, config])
}

pub(crate) fn audio(time: u32, id: u32) -> Media {
    Media::audio(time, with_id(&[0xaf, 1], id))
}

/// As long as its id says, so that some messages take several chunks.
pub(crate) fn with_id(head: &[u8], id: u32) -> Vec<u8> {
    let mut payload = [head, &id.to_be_bytes()].concat();
    payload.resize(payload.len() + (id as usize * 37) % 300, id as u8);
    payload
}

pub(crate) fn at(media: &Media, timestamp: u32) -> Media {
    Media { timestamp, ..media.clone() }
}

/// What a reader found until there was nothing more.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) media: Vec<Media>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) ended: bool,
}

pub(crate) fn read(channel: &Channel, cursor: &mut Cursor) -> Read {
    let mut read = Read::default();
    loop {
        match channel.next(cursor) {
            Next::Media(media) => read.media.push(media),
            Next::Gap(gap) => read.gaps.push(gap),
            Next::Pending => return read,
            Next::Ended => {
                read.ended = true;
                return read;
            }
        }
    }
}

/// The same by way of images.
pub(crate) fn read_images(channel: &Channel, cursor: &mut Cursor, format: ImageFormat) -> Read {
    let mut read = Read::default();
    loop {
        match channel.next_image(cursor) {
            NextImage::Image(image) => read.media.extend(decode(&image, format)),
            NextImage::Gap(gap) => read.gaps.push(gap),
            NextImage::Pending => return read,
            NextImage::Ended => {
                read.ended = true;
                return read;
            }
        }
    }
}

/// The messages of an image: whole ones, on the right message stream.
pub(crate) fn decode(image: &Bytes, format: ImageFormat) -> Vec<Media> {
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    let size = Control::SetChunkSize(format.chunk_size).to_message();
    let mut wire = BytesMut::from(&rtmp_session::chunk::encode_once(&size, ChunkSize::DEFAULT).unwrap()[..]);
    wire.extend_from_slice(image);
    let mut media = Vec::new();
    while let Some(message) = decoder.decode(&mut wire).unwrap() {
        if let Some(one) = Media::from_message(message.clone()).unwrap() {
            assert_eq!(message.stream_id, format.message_stream);
            media.push(one);
        }
    }
    assert!(wire.is_empty() && !decoder.is_mid_message(), "an image ends inside a message");
    media
}

pub(crate) fn is_video(media: &Media) -> bool {
    media.kind == MediaKind::Video
}
