//! Both ends of a stream leave: nothing of it may stay.

use std::thread::sleep;
use std::time::Duration;

use crate::client::Client;
use crate::media::{avc_header, video};
use crate::process::Server;

/// In MiB, of each stream: together far more than the server may hold.
const FRAMES: u32 = 5;
const STREAMS: u32 = 30;

fn forgets_what_both_ends_left(options: &[&str]) {
    let server = Server::start_quietly(&[options, &["--media-memory", "64M"]].concat());
    for number in 0..STREAMS {
        let url = server.url(&number.to_string());
        let mut publisher = Client::publish(&url);
        let mut player = Client::play(&url);
        publisher.send(&avc_header(0, 1));
        for id in 0..FRAMES {
            publisher.send(&video(id, 1, 1 << 20));
            player.take(1);
        }
        // Both go while the server gathers what came last.
        publisher.send(&video(FRAMES, 1, 1000));
        sleep(Duration::from_millis(u64::from(number) / 2));
        drop(player);
        drop(publisher);
    }
    if let Some(memory) = server.memory() {
        assert!(memory < 60 << 10, "{memory} KiB after all have left");
    }
}

#[test]
fn a_stream_that_both_ends_leave_is_forgotten() {
    forgets_what_both_ends_left(&[]);
}

#[test]
fn a_stream_that_both_ends_leave_while_it_is_gathered_is_forgotten() {
    forgets_what_both_ends_left(&["--coalesce", "100ms"]);
}
