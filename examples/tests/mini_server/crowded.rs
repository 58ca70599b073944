//! A hundred players on one stream that come while it runs, and one that never reads: every message arrives once, in order,
//! byte for byte. Three seconds long; `RTMP_SECONDS=30` makes it longer.

use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use rtmp_session::Media;

use crate::client::Client;
use crate::media::{audio, cue, is_keyframe, video};
use crate::process::Server;

const PLAYERS: u64 = 100;
const FRAMES_A_SECOND: u32 = 25;
const GOP: u32 = 25;

#[test]
fn every_message_reaches_a_hundred_players_once_and_in_order() {
    let seconds = std::env::var("RTMP_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let frames = FRAMES_A_SECOND * seconds;
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("crowded"));
    let _stuck = Client::play(&server.url("crowded"));
    let players: Vec<_> = (0..PLAYERS)
        .map(|number| {
            let url = server.url("crowded");
            spawn(move || {
                sleep(Duration::from_millis(number * 5));
                check(Client::play(&url), frames)
            })
        })
        .collect();
    let begin = Instant::now();
    for id in 0..frames {
        let due = begin + Duration::from_secs(1) / FRAMES_A_SECOND * id;
        sleep(due.saturating_duration_since(Instant::now()));
        publisher.send_all(&messages(id));
    }
    for (number, player) in players.into_iter().enumerate() {
        let seen = player.join().unwrap_or_else(|_| panic!("player {number} failed"));
        assert!(seen > frames / 3, "player {number} saw {seen} of {frames} frames");
    }
}

/// What is published at one moment. Key frames go over several chunks and reads.
fn messages(id: u32) -> Vec<Media> {
    let mut messages = vec![video(id, GOP, if id.is_multiple_of(GOP) { 100_000 } else { 6000 }), audio(id, 200)];
    if id % 10 == 5 {
        messages.push(cue(id * 40 + 20, id));
    }
    messages
}

/// Plays to the last frame. Panics at a message that is not the one that must come next; returns the frames.
fn check(mut player: Client, frames: u32) -> u32 {
    let first = player.take(1).remove(0);
    assert!(is_keyframe(&first), "a player starts at a key frame");
    let begin = first.timestamp / 40;
    let expected: Vec<Media> = (begin..frames).flat_map(messages).collect();
    assert_eq!(first, expected[0]);
    for message in &expected[1..] {
        assert_eq!(player.take(1)[0], *message);
    }
    frames - begin
}
