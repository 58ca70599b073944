//! Enhanced RTMP: codecs that the server need not understand pass through unchanged, and so do tracks to those who read them.

use crate::clips::{clip, default_tracks};
use crate::listing::{Demand, assert_copy, list};
use crate::pairs::{carry, lister, relay};
use crate::players::Player;
use crate::publishers::Publisher;
use crate::server::{Server, fresh_name};
use crate::tools::need;
use crate::work_dir::WorkDir;

fn passes_through(name: &str, player: Player) {
    let work = WorkDir::new();
    let server = Server::start(&work);
    relay(&work, &server, Publisher::FfmpegNew, player, &clip(name), Demand::default());
}

#[test]
fn hevc_passes_through() {
    need!(Ffmpeg, FfmpegNew);
    passes_through("hevc-aac", Player::FfmpegNew);
}

#[test]
fn hevc_passes_through_to_rtmpdump() {
    need!(Ffmpeg, FfmpegNew, Rtmpdump);
    passes_through("hevc-aac", Player::Rtmpdump);
}

#[test]
fn av1_and_opus_pass_through() {
    need!(Ffmpeg, FfmpegNew);
    passes_through("av1-opus", Player::FfmpegNew);
}

#[test]
fn vp9_and_opus_pass_through() {
    need!(Ffmpeg, FfmpegNew, Rtmpdump);
    passes_through("vp9-opus", Player::Rtmpdump);
}

/// To a player that announces that it reads them, and to one that does not: nor does ffmpeg, which reads them.
#[test]
fn two_video_and_two_audio_tracks_pass_through() {
    need!(Ffmpeg, FfmpegNew, Rtmpdump);
    passes_through("multitrack-h264-aac", Player::Ours);
    passes_through("multitrack-h264-aac", Player::Rtmpdump);
}

/// Of several tracks, what those get that do not: the default ones, which any player can decode.
fn default_tracks_reach(player: Player) {
    let work = WorkDir::new();
    let server = Server::start_ours(&work, &["--default-track"]);
    let (url, clip) = (server.url(&fresh_name()), clip("multitrack-h264-aac"));
    let file = carry(&work, &url, &url, Publisher::Ours, player, &clip);
    let (source, received) = (list(&lister(), &default_tracks(&work, &clip)), list(&lister(), &file));
    assert!(received.keys().eq(source.keys()), "there came {:?}", received.keys());
    let missing_end = Some(player.loses_at_end());
    assert_copy(&source, &received, Demand { missing_end, ..Demand::default() });
}

#[test]
fn ertmp_73_the_default_tracks_reach_ffmpeg_without_enhanced_rtmp() {
    need!(Ffmpeg);
    default_tracks_reach(Player::Ffmpeg);
}

#[test]
fn ertmp_73_the_default_tracks_reach_rtmpdump() {
    need!(Ffmpeg, Rtmpdump);
    default_tracks_reach(Player::Rtmpdump);
}

#[test]
fn ertmp_73_the_default_tracks_reach_gstreamer() {
    need!(Ffmpeg, GstRtmp2);
    default_tracks_reach(Player::Gst);
}
