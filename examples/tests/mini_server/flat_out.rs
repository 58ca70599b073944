//! Publishers that do not wait for the clock.

use std::thread;

use crate::client::Client;
use crate::media::{avc_header, video};
use crate::process::Server;

/// Far more than all buffers between publisher and player hold.
const BYTES: usize = 40 << 20;
const GOP: u32 = 50;

/// Frames of `len` bytes from a publisher to players that take all they can.
fn loses_nothing(url: &str, mut publisher: Client, players: usize, len: usize) {
    let frames = (BYTES / len).min(20_000) as u32;
    publisher.send_all(&[avc_header(0, 1), video(0, GOP, len)]);
    let players: Vec<_> = (0..players)
        .map(|_| {
            let mut player = Client::play(url);
            // Now it has begun, and would begin anew only behind a gap.
            assert_eq!(player.take(2), [avc_header(0, 1), video(0, GOP, len)]);
            thread::spawn(move || {
                for id in 1..frames {
                    let media = player.take(1).remove(0);
                    assert_eq!(media.timestamp, id * 40, "of {frames} frames of {len} bytes");
                    assert!(media == video(id, GOP, len), "frame {id} of {len} bytes is damaged");
                }
            })
        })
        .collect();
    let media: Vec<_> = (1..frames).map(|id| video(id, GOP, len)).collect();
    media.chunks(64).for_each(|some| publisher.send_all(some));
    players.into_iter().for_each(|player| player.join().unwrap());
    publisher.end();
}

#[test]
fn a_player_on_another_thread_gets_all_that_comes_faster_than_the_clock() {
    let server = Server::start(&[]);
    for len in [400, 3_000, 60_000] {
        let url = server.url(&len.to_string());
        loses_nothing(&url, Client::publish(&url), 1, len);
    }
}

#[test]
fn a_player_on_the_same_thread_gets_all_that_comes_faster_than_the_clock() {
    let server = Server::start(&["--coalesce", "20ms"]);
    // Connections are dealt out in turn: the first and the third to one of two threads.
    for len in [400, 3_000, 60_000] {
        let url = server.url(&len.to_string());
        let publisher = Client::publish(&url);
        let _between = Client::connect(&url);
        loses_nothing(&url, publisher, 1, len);
        let _to_even_out = Client::connect(&url);
    }
}

#[test]
fn one_that_is_stuck_costs_the_others_nothing() {
    let server = Server::start(&[]);
    let url = server.url("a");
    let _stuck = Client::play(&url);
    loses_nothing(&url, Client::publish(&url), 3, 20_000);
}
