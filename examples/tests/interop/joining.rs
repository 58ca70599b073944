//! Players that come late, come early, stand still, or come in numbers.

use crate::client::Client;
use crate::clips::clip;
use crate::listing::Demand;
use crate::pairs::{compare, relay_to};
use crate::players::{Player, output};
use crate::publishers::{Pace, Publisher};
use crate::server::{Server, fresh_name};
use crate::tools::need;
use crate::work_dir::WorkDir;
use std::thread::sleep;
use std::time::Duration;

#[test]
fn a_late_joiner_starts_at_a_key_frame_with_headers() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let (url, file) = (server.url(&fresh_name()), output(&work, "received"));
    let mut publisher =
        Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_secs(3));
    let mut player = Client::start(&work, "player", Player::Rtmpdump.from(&url, &file));
    publisher.succeed();
    player.end();
    compare(&work, Publisher::Ffmpeg, Player::Rtmpdump, &clip("h264-aac"), &file, Demand::default());
}

/// The clip has one key frame, at its start: whoever joins later sees pictures only if the server kept the GOP.
#[test]
fn a_late_joiner_gets_the_whole_gop_at_once() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let source = clip("h264-one-key-aac");
    let (url, file) = (server.url(&fresh_name()), output(&work, "received"));
    let mut publisher = Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &source, Pace::RealTime));
    sleep(Duration::from_secs(3));
    let mut player = Client::start(&work, "player", Player::Rtmpdump.from(&url, &file));
    publisher.succeed();
    player.end();
    // All frames of video; audio from before the key frame is not part of the GOP.
    let every_frame = Demand { at_least: 125, ..Demand::default() };
    compare(&work, Publisher::Ffmpeg, Player::Rtmpdump, &source, &file, every_frame);
}

#[test]
fn players_may_wait_for_their_publisher() {
    need!(Ffmpeg, Rtmpdump, GstRtmp2);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    let players = [Player::Rtmpdump, Player::Gst];
    let mut waiting: Vec<_> = players
        .iter()
        .map(|player| {
            let name = format!("{player:?}");
            let file = output(&work, &name);
            (*player, Client::start(&work, &name, player.from(&url, &file)), file)
        })
        .collect();
    sleep(Duration::from_secs(2));
    for (player, client, _) in &mut waiting {
        assert!(client.is_running(), "{player:?} did not wait\n{}", client.log());
    }
    Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime)).succeed();
    for (player, mut client, file) in waiting {
        player.finish(&mut client);
        let everything = Demand { from_start: true, at_least: 100, ..Demand::default() };
        compare(&work, Publisher::Ffmpeg, player, &clip("h264-aac"), &file, everything);
    }
}

#[test]
fn twelve_players_receive_the_same() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    let mut publisher =
        Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_millis(700));
    let players: Vec<_> = (0..12)
        .map(|number| {
            let name = format!("player-{number}");
            let file = output(&work, &name);
            (Client::start(&work, &name, Player::Rtmpdump.from(&url, &file)), file)
        })
        .collect();
    publisher.succeed();
    for (mut player, file) in players {
        player.end();
        compare(&work, Publisher::Ffmpeg, Player::Rtmpdump, &clip("h264-aac"), &file, Demand::default());
    }
}

#[test]
fn a_player_that_stands_still_harms_nobody() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let (url, file) = (server.url(&fresh_name()), output(&work, "received"));
    let mut publisher =
        Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    let stuck_file = output(&work, "stuck");
    let stuck = Client::start(&work, "stuck", Player::Rtmpdump.from(&url, &stuck_file));
    sleep(Duration::from_secs(1));
    stuck.signal("STOP");
    let mut player = Client::start(&work, "player", Player::Rtmpdump.from(&url, &file));
    publisher.succeed();
    player.end();
    compare(&work, Publisher::Ffmpeg, Player::Rtmpdump, &clip("h264-aac"), &file, Demand::default());
}

/// `(what the publisher adds to its URL, what the player adds)`: a query is not part of the stream's name.
#[test]
fn a_query_is_not_part_of_the_name() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    for (publisher, player) in [("?token=secret&x=1", ""), ("?token=secret", "?token=other")] {
        let url = server.url(&fresh_name());
        let (from, to) = (format!("{url}{publisher}"), format!("{url}{player}"));
        let source = clip("h264-aac");
        relay_to(&work, &from, &to, Publisher::Ffmpeg, Player::Rtmpdump, &source, Demand::default());
    }
}

#[test]
fn applications_may_have_instances() {
    need!(Ffmpeg, GstRtmp2);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = format!("rtmp://{}/live/room1/{}", server.address(), fresh_name());
    relay_to(&work, &url, &url, Publisher::Gst, Player::Gst, &clip("h264-aac"), Demand::default());
}

#[test]
fn names_may_be_long_and_not_ascii() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    for name in [format!("größe-流-{}", fresh_name()), format!("{:x<200}", fresh_name())] {
        let url = server.url(&name);
        relay_to(&work, &url, &url, Publisher::Ffmpeg, Player::Rtmpdump, &clip("h264-aac"), Demand::default());
    }
}
