//! Players that do not read.

use crate::client::Client;
use crate::media::{avc_header, is_keyframe, video};
use crate::process::Server;

/// More than all buffers between server and player take in.
const FRAMES: u32 = 600;
const FRAME: usize = 50_000;
const GOP: u32 = 50;

#[test]
fn a_player_that_does_not_read_delays_nobody_and_holds_no_memory() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    publisher.send(&avc_header(0, 1));
    let (mut stuck, mut healthy) = (Client::play(&server.url("a")), Client::play(&server.url("a")));
    let before = server.memory();
    publisher.send(&video(0, GOP, FRAME));
    let mut last_sent = healthy.take(2).split_off(1);
    for id in 1..FRAMES {
        publisher.send(&video(id, GOP, FRAME));
        // As fast as the healthy player takes it, so that it is no laggard either.
        last_sent = healthy.take(1);
        assert_eq!(last_sent, [video(id, GOP, FRAME)]);
    }
    if let (Some(before), Some(after)) = (before, server.memory()) {
        let grown = after.saturating_sub(before) / 1024;
        assert!(grown < 24, "{grown} MiB more for one player that missed most of 30 MiB");
    }
    // When it reads again, it finds what was under way, then a gap, then a key frame.
    let got = stuck.take_until(|media| *media == last_sent[0]);
    let frames: Vec<u32> = got.iter().skip(1).map(|media| media.timestamp / 40).collect();
    let gaps: Vec<usize> = (1..frames.len()).filter(|&i| frames[i] != frames[i - 1] + 1).collect();
    assert!(!gaps.is_empty(), "all {} frames were kept for it", frames.len());
    for gap in gaps {
        assert!(is_keyframe(&got[gap + 1]), "it went on in the middle of a GOP");
    }
}
