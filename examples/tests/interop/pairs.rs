//! One publisher, one player, one clip: what the player wrote is the source, packet by packet.

use crate::client::Client;
use crate::clips::{big_key_frame, clip, variant};
use crate::listing::{Demand, assert_copy, list};
use crate::players::{Player, output};
use crate::publishers::{Pace, Publisher};
use crate::server::{Server, fresh_name};
use crate::tools::{self, need};
use crate::work_dir::WorkDir;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// The ffmpeg that lists packets: the recent one knows every codec, the other will do for the old ones.
pub(crate) fn lister() -> PathBuf {
    tools::ffmpeg_new().unwrap_or_else(|| "ffmpeg".into())
}

/// Publishes `clip` in real time, joins a moment later, and compares to the end.
pub(crate) fn relay(
    work: &WorkDir,
    server: &Server,
    publisher: Publisher,
    player: Player,
    clip: &Path,
    demand: Demand,
) {
    let url = server.url(&fresh_name());
    relay_to(work, &url, &url, publisher, player, clip, demand);
}

/// The same with different URLs for the two.
pub(crate) fn relay_to(
    work: &WorkDir,
    publish_url: &str,
    play_url: &str,
    publisher: Publisher,
    player: Player,
    clip: &Path,
    demand: Demand,
) {
    let file = carry(work, publish_url, play_url, publisher, player, clip);
    compare(work, publisher, player, clip, &file, demand);
}

/// Publishes `clip` in real time and joins a moment later; returns what the player has written at the end.
pub(crate) fn carry(
    work: &WorkDir,
    publish_url: &str,
    play_url: &str,
    publisher: Publisher,
    player: Player,
    clip: &Path,
) -> PathBuf {
    let file = output(work, "received");
    let mut source = Client::start(work, "publisher", publisher.to(publish_url, clip, Pace::RealTime));
    sleep(Duration::from_millis(700));
    let mut sink = Client::start(work, "player", player.from(play_url, &file));
    source.succeed();
    player.finish(&mut sink);
    file
}

/// Compares what a player wrote with what the publisher makes of the clip.
pub(crate) fn compare(work: &WorkDir, publisher: Publisher, player: Player, clip: &Path, file: &Path, demand: Demand) {
    let reference = work.file("reference.flv");
    publisher.reference(clip, &reference);
    let missing_end = demand.missing_end.map(|allowed| allowed.max(player.loses_at_end()));
    let demand = Demand { jitter: demand.jitter.max(publisher.jitter()), missing_end, ..demand };
    assert_copy(&list(&lister(), &reference), &list(&lister(), file), demand);
}

/// A test function for each pair of programs.
macro_rules! pairs {
    ($($name:ident: $publisher:ident to $player:ident needs $($tool:ident),+;)+) => {$(
        #[test]
        fn $name() {
            need!($($tool),+);
            let work = WorkDir::new();
            let server = Server::start(&work);
            relay(&work, &server, Publisher::$publisher, Player::$player, &clip("h264-aac"), Demand::default());
        }
    )+};
}

pairs! {
    ffmpeg_to_ffmpeg: Ffmpeg to Ffmpeg needs Ffmpeg;
    ffmpeg_to_rtmpdump: Ffmpeg to Rtmpdump needs Ffmpeg, Rtmpdump;
    ffmpeg_to_rtmp2src: Ffmpeg to Gst needs Ffmpeg, GstRtmp2;
    ffmpeg_to_rtmpsrc: Ffmpeg to Librtmp needs Ffmpeg, GstLibrtmp;
    ffmpeg_to_vlc: Ffmpeg to Vlc needs Ffmpeg, Vlc;
    ffmpeg_to_mpv: Ffmpeg to Mpv needs Ffmpeg, Mpv;
    newer_ffmpeg_to_itself: FfmpegNew to FfmpegNew needs Ffmpeg, FfmpegNew;
    ffmpeg_to_ours: Ffmpeg to Ours needs Ffmpeg;
    ours_to_ffmpeg: Ours to Ffmpeg needs Ffmpeg;
    ours_to_rtmp2src: Ours to Gst needs Ffmpeg, GstRtmp2;
    rtmp2sink_to_rtmpdump: Gst to Rtmpdump needs Ffmpeg, GstRtmp2, Rtmpdump;
    rtmp2sink_to_rtmp2src: Gst to Gst needs Ffmpeg, GstRtmp2;
    rtmpsink_to_ffmpeg: Librtmp to Ffmpeg needs Ffmpeg, GstLibrtmp;
    rtmpsink_to_rtmpsrc: Librtmp to Librtmp needs Ffmpeg, GstLibrtmp;
}

#[test]
fn b_frames_keep_their_composition_times() {
    need!(Ffmpeg, GstRtmp2);
    let work = WorkDir::new();
    let server = Server::start(&work);
    relay(&work, &server, Publisher::Ffmpeg, Player::Gst, &clip("h264-bframes-aac"), Demand::default());
}

#[test]
fn audio_alone() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let audio = variant(&work, &clip("h264-aac"), &["-vn"]);
    relay(&work, &server, Publisher::Ffmpeg, Player::Rtmpdump, &audio, Demand::default());
}

#[test]
fn video_alone() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let video = variant(&work, &clip("h264-aac"), &["-an"]);
    relay(&work, &server, Publisher::Ffmpeg, Player::Rtmpdump, &video, Demand::default());
}

#[test]
fn key_frames_of_several_hundred_kilobytes() {
    need!(Ffmpeg, Rtmpdump);
    let work = WorkDir::new();
    let server = Server::start(&work);
    relay(&work, &server, Publisher::Ffmpeg, Player::Rtmpdump, &big_key_frame(&work), Demand::default());
}

/// The clip's timestamps pass 0xFFFFFF ms while it runs.
#[test]
fn timestamps_cross_24_bits_in_mid_stream() {
    need!(Ffmpeg, GstLibrtmp);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let late = variant(&work, &clip("h264-aac"), &["-output_ts_offset", "16774.7"]);
    relay(&work, &server, Publisher::Ffmpeg, Player::Librtmp, &late, Demand::default());
}

/// Every header of the clip has an extended timestamp, and key frames go over several chunks.
#[test]
fn timestamps_above_24_bits_from_the_start() {
    need!(Ffmpeg, GstRtmp2);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let late = variant(&work, &clip("h264-aac"), &["-output_ts_offset", "20000"]);
    relay(&work, &server, Publisher::Ffmpeg, Player::Gst, &late, Demand::default());
}
