//! A hundred players on one stream, and one that never reads: every message arrives once, in order, byte for byte.
//!
//! Three seconds long; `RTMP_SECONDS=30` makes it longer.
#![cfg(target_os = "linux")]

mod support;

use bytes::{BufMut, Bytes, BytesMut};
use rtmp_session::{ClientEvent, Media, MediaKind, RtmpUrl};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};
use support::{Client, Server};

const PLAYERS: usize = 100;
const FRAMES_A_SECOND: u32 = 50;
const GOP: u32 = 50;

#[test]
fn every_message_reaches_a_hundred_players_once_and_in_order() {
    let seconds = std::env::var("RTMP_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let frames = FRAMES_A_SECOND * seconds;
    let server = Server::start();
    let address = server.address;
    let url: RtmpUrl = format!("rtmp://{address}/live/crowded").parse().expect("a good URL");
    let mut publisher = Client::new(address, &url);
    let stream = publisher.session.publish("crowded");
    publisher.until(|event| matches!(event, ClientEvent::Started { .. }));
    let mut stuck = Client::new(address, &url);
    stuck.session.play("crowded");
    stuck.until(|event| matches!(event, ClientEvent::Started { .. }));

    let players: Vec<_> = (0..PLAYERS)
        .map(|number| {
            let url = url.clone();
            spawn(move || {
                // They come one after the other while the stream goes on.
                sleep(Duration::from_millis(number as u64 * 5));
                play(Client::new(address, &url), frames)
            })
        })
        .collect();
    let begin = Instant::now();
    for number in 0..frames {
        let due = begin + Duration::from_secs(1) / FRAMES_A_SECOND * number;
        sleep(due.saturating_duration_since(Instant::now()));
        for media in messages(number) {
            publisher.session.send_media(stream, &media).expect("it publishes");
        }
        publisher.write();
    }
    for (number, player) in players.into_iter().enumerate() {
        let seen = player.join().unwrap_or_else(|_| panic!("player {number} failed"));
        assert!(seen > frames / 3, "player {number} saw {seen} of {frames} frames");
    }
}

/// What is published at one moment: video, audio, and now and then a text.
fn messages(number: u32) -> impl Iterator<Item = Media> {
    let timestamp = number * (1000 / FRAMES_A_SECOND);
    let head: &[u8] = if number.is_multiple_of(GOP) { &[0x17, 1, 0, 0, 0] } else { &[0x27, 1, 0, 0, 0] };
    // Key frames of a hundred kilobytes go over several chunks and reads.
    let video = numbered(head, number, if number.is_multiple_of(GOP) { 100_000 } else { 3000 });
    let text = (number % 10 == 5)
        .then(|| Media::data(timestamp, numbered(b"\x02\x00\x0aonTextData\x02\x03\xe8", number, 1000)));
    let audio = Media::audio(timestamp, numbered(&[0xaf, 1], number, 200));
    [Some(Media::video(timestamp, video)), Some(audio), text].into_iter().flatten()
}

/// `head`, the number, and as many bytes that depend on it.
fn numbered(head: &[u8], number: u32, length: usize) -> Bytes {
    let mut payload = BytesMut::from(head);
    payload.put_u32(number);
    payload.put_bytes(number as u8, length - 4);
    payload.freeze()
}

/// Plays up to the last frame. Panics at the first message that is not the one that must come next; returns the frames.
fn play(mut player: Client, frames: u32) -> u32 {
    player.session.play("crowded");
    let mut expected: Option<Expected> = None;
    let mut seen = 0;
    loop {
        let event = player.until(|event| matches!(event, ClientEvent::Media { .. }));
        let ClientEvent::Media { media, .. } = event else { unreachable!("it was waited for") };
        let expected = expected.get_or_insert_with(|| {
            assert_eq!(media.kind, MediaKind::Video, "a player starts at a key frame");
            let number = number_of(&media);
            assert_eq!(number % GOP, 0, "a player starts at a key frame");
            Expected { number, rest: messages(number).collect() }
        });
        let message = expected.next();
        assert_eq!((media.kind, &media.payload), (message.kind, &message.payload), "at frame {}", expected.number);
        if media.kind == MediaKind::Video {
            seen += 1;
        }
        if expected.number == frames - 1 && expected.rest.is_empty() {
            return seen;
        }
    }
}

fn number_of(media: &Media) -> u32 {
    u32::from_be_bytes(*media.payload[5..].first_chunk().expect("it is numbered"))
}

/// What must come, from some frame on.
struct Expected {
    number: u32,
    rest: Vec<Media>,
}

impl Expected {
    fn next(&mut self) -> Media {
        if self.rest.is_empty() {
            self.number += 1;
            self.rest = messages(self.number).collect();
        }
        self.rest.remove(0)
    }
}
