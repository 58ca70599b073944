//! Enhanced RTMP: codecs and tracks that the server need not understand pass through unchanged.

use crate::clips::clip;
use crate::listing::Demand;
use crate::pairs::relay;
use crate::players::Player;
use crate::publishers::Publisher;
use crate::server::Server;
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

#[test]
fn two_video_and_two_audio_tracks_pass_through() {
    need!(Ffmpeg, FfmpegNew, Rtmpdump);
    passes_through("multitrack-h264-aac", Player::Rtmpdump);
}
