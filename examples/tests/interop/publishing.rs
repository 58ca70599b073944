//! Publishers that come back, die, or find their name taken.

use crate::client::Client;
use crate::clips::clip;
use crate::flv_file::{self, Kind};
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
fn a_second_publisher_is_refused_and_the_first_goes_on() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let (url, file) = (server.url(&fresh_name()), output(&work, "received"));
    let mut first = Client::start(&work, "first", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_millis(700));
    let mut player = Client::start(&work, "player", Player::Rtmpdump.from(&url, &file));
    let mut second =
        Client::start(&work, "second", Publisher::Ffmpeg.to(&url, &clip("h264-bframes-aac"), Pace::RealTime));
    assert!(!second.end().success(), "the second publisher was let in\n{}", second.log());
    first.succeed();
    player.end();
    compare(&work, Publisher::Ffmpeg, Player::Rtmpdump, &clip("h264-aac"), &file, Demand::default());
}

/// librtmp does not look at `NetStream.Publish.BadName`: only the end of the connection stops it.
#[test]
fn a_second_librtmp_publisher_is_let_go() {
    need!(Ffmpeg, GstLibrtmp);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    let mut first = Client::start(&work, "first", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_millis(700));
    let mut second =
        Client::start(&work, "second", Publisher::Librtmp.to(&url, &clip("h264-bframes-aac"), Pace::RealTime));
    second.end();
    first.succeed();
}

#[test]
fn a_name_is_free_again_after_its_publisher() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    Client::start(&work, "first", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::Unpaced)).succeed();
    let again = clip("h264-bframes-aac");
    relay_to(&work, &url, &url, Publisher::Ffmpeg, Player::Rtmpdump, &again, Demand::default());
}

#[test]
fn a_name_is_free_again_after_its_publisher_was_killed() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    let mut first = Client::start(&work, "first", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_secs(1));
    first.kill();
    let again = clip("h264-bframes-aac");
    relay_to(&work, &url, &url, Publisher::Ffmpeg, Player::Rtmpdump, &again, Demand::default());
}

#[test]
fn a_player_goes_on_with_new_headers_when_the_publisher_comes_back() {
    need!(Ffmpeg, Flvstreamer);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let (url, file) = (server.url(&fresh_name()), output(&work, "received"));
    let mut player = Client::start(&work, "player", Player::Flvstreamer.from(&url, &file));
    sleep(Duration::from_secs(1));
    Client::start(&work, "first", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime)).succeed();
    let second = clip("h264-bframes-aac");
    Client::start(&work, "second", Publisher::Ffmpeg.to(&url, &second, Pace::RealTime)).succeed();
    Player::Flvstreamer.finish(&mut player);

    let published = flv_file::tags(&second);
    let header = published.iter().find(|tag| tag.is_sequence_header(Kind::Video)).expect("the clip has one");
    let received = flv_file::tags(&file);
    let backwards =
        received.windows(2).find(|pair| pair[0].kind == pair[1].kind && pair[1].timestamp < pair[0].timestamp);
    assert_eq!(backwards, None, "time jumps backwards");
    let mut configuration = None;
    let mut seen = 0;
    for tag in received.iter().filter(|tag| tag.kind == Kind::Video) {
        if tag.is_sequence_header(Kind::Video) {
            configuration = Some(tag.data.clone());
        } else if published.iter().any(|sent| sent.kind == Kind::Video && sent.data == tag.data) && tag.data.len() > 5 {
            assert_eq!(
                configuration.as_ref(),
                Some(&header.data),
                "a frame of the second stream under the first one's headers"
            );
            seen += 1;
        }
    }
    assert!(seen >= 25, "only {seen} frames of the second publisher reached the waiting player");
}

#[test]
fn the_end_of_a_publisher_ends_players() {
    need!(Ffmpeg, Rtmpdump, GstRtmp2);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let url = server.url(&fresh_name());
    let mut publisher =
        Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::RealTime));
    sleep(Duration::from_millis(700));
    let players: Vec<_> = [Player::Rtmpdump, Player::Ffmpeg, Player::Gst]
        .iter()
        .map(|player| {
            let name = format!("{player:?}");
            let file = output(&work, &name);
            Client::start(&work, &name, player.from(&url, &file))
        })
        .collect();
    publisher.succeed();
    for mut player in players {
        player.end();
    }
}
