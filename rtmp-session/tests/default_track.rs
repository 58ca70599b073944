//! A stream of several tracks on its way to players that know of tracks, and to those that do not. See ERTMP-73.

#![cfg(feature = "live")]

mod live_support;
mod support;

use live_support::{audio, metadata, read};
use rtmp_session::{
    Capabilities, CapsEx, Media,
    flv::{
        AudioCodec, AudioHeader, AudioTrack, FrameKind, PacketKind, TrackLayout, VideoCodec, VideoHeader, VideoTrack,
    },
    live::{Channel, ChannelConfig},
};
use support::{Cut, Pair, client_config, server_config};

/// Two tracks in one message, the default track second; frames have their composition times.
fn two_videos(timestamp: u32, packet: PacketKind, frame: FrameKind) -> Media {
    let composition_time = if packet == PacketKind::CodedFrames { 80 } else { 0 };
    let tracks = [(1, VideoCodec::Hevc, [0xbb, 1]), (0, VideoCodec::Avc, [0xbb, 0])];
    let tracks =
        tracks.each_ref().map(|(id, codec, body)| VideoTrack { id: *id, codec: *codec, composition_time, body });
    let mut out = Vec::new();
    let header = VideoHeader::new(VideoCodec::Hevc, packet, frame).with_tracks(TrackLayout::ManyCodecs);
    header.encode_tracks(&tracks, &mut out).unwrap();
    Media::video(timestamp, out)
}

fn two_sounds(timestamp: u32, packet: PacketKind) -> Media {
    let tracks = [
        AudioTrack { id: 0, codec: AudioCodec::Opus, body: &[0xaa] },
        AudioTrack { id: 1, codec: AudioCodec::Opus, body: &[0xab] },
    ];
    let mut out = Vec::new();
    let header = AudioHeader::new(AudioCodec::Opus, packet).with_tracks(TrackLayout::Many);
    header.encode_tracks(&tracks, &mut out).unwrap();
    Media::audio(timestamp, out)
}

/// What a publisher of two tracks sends, and what of it is for players that know nothing of tracks.
fn stream() -> Vec<(Media, Option<Media>)> {
    use {FrameKind::Inter, FrameKind::Key, PacketKind::CodedFrames, PacketKind::SequenceStart};
    vec![
        (metadata(0, "m"), Some(metadata(0, "m"))),
        (two_videos(0, SequenceStart, Key), Some(Media::video(0, &[0x17, 0, 0, 0, 0, 0xbb, 0][..]))),
        (two_sounds(0, SequenceStart), Some(Media::audio(0, &b"\x90Opus\xaa"[..]))),
        // Colours of a track have frame type 0, alone they have 5 (ERTMP-60).
        (Media::video(0, &b"\x86\x04avc1\x00\x02\x00\x01c"[..]), Some(Media::video(0, &b"\xd4avc1\x02\x00\x01c"[..]))),
        (two_videos(40, CodedFrames, Key), Some(Media::video(40, &[0x17, 1, 0, 0, 80, 0xbb, 0][..]))),
        (two_sounds(40, CodedFrames), Some(Media::audio(40, &b"\x91Opus\xaa"[..]))),
        // Each track in a message of its own, and one that never had a track.
        (
            Media::video(80, &b"\xa6\x01avc1\x00\0\0\x28\xcc"[..]),
            Some(Media::video(80, &[0x27, 1, 0, 0, 40, 0xcc][..])),
        ),
        (Media::video(80, &b"\xa6\x01hvc1\x01\0\0\x28\xcd"[..]), None),
        (audio(90, 1), Some(audio(90, 1))),
        // Nanoseconds are kept; a track that is cut is none.
        (
            Media::video(120, &b"\xa7\x02\x00\x01\xf4\x06\x01avc1\x00\0\0\x28\xce"[..]),
            Some(Media::video(120, &b"\xa7\x02\x00\x01\xf4\x01avc1\0\0\x28\xce"[..])),
        ),
        (Media::video(120, &b"\xa6\x11avc1\x00\0\0\x09\0\0"[..]), None),
        (two_videos(160, CodedFrames, Inter), Some(Media::video(160, &[0x27, 1, 0, 0, 80, 0xbb, 0][..]))),
    ]
}

#[test]
fn ertmp_73_players_without_multitrack_get_the_default_track_in_plain_form() {
    let (sent, plain): (Vec<_>, Vec<_>) = stream().into_iter().unzip();
    let plain: Vec<_> = plain.into_iter().flatten().collect();
    for (caps_ex, expected) in [(CapsEx::MULTITRACK, sent.clone()), (CapsEx::default(), plain)] {
        let client = client_config().capabilities(Capabilities::default().caps_ex(caps_ex));
        let mut pair = Pair::with(client, server_config()).cut(Cut::Every(7));
        pair.client.play("cam");
        pair.drive();
        let player = pair.server_stream().unwrap();
        let knows_tracks = pair.server.capabilities().unwrap().caps_ex.contains(CapsEx::MULTITRACK);

        let mut channel = Channel::new(ChannelConfig::default());
        let mut reader = channel.subscribe();
        channel.push_batch(sent.clone());
        for media in read(&channel, &mut reader).media {
            if let Some(media) = if knows_tracks { Some(media) } else { media.default_track() } {
                pair.server.send_media(player, &media).unwrap();
            }
        }
        pair.drive();
        assert_eq!(pair.client_media(), expected);
    }
}

#[test]
fn ertmp_73_who_comes_late_starts_with_plain_headers() {
    let mut channel = Channel::new(ChannelConfig::default());
    channel.push_batch(stream().into_iter().map(|(sent, _)| sent));
    let late = read(&channel, &mut channel.subscribe()).media;
    let plain: Vec<_> = late.iter().filter_map(Media::default_track).map(|media| media.payload).collect();
    let headers: Vec<_> = stream()[..5].iter().map(|(_, plain)| plain.clone().unwrap().payload).collect();
    assert_eq!(plain[..5], headers, "metadata, configurations, colours and the key frame");
}

#[test]
fn ertmp_73_a_stream_of_one_track_is_not_copied() {
    for media in [metadata(0, "m"), support::video(0, 900), audio(0, 7), Media::video(0, &b"\x91av01x"[..])] {
        let plain = media.default_track().unwrap();
        assert_eq!(plain, media);
        assert_eq!(plain.payload.as_ptr(), media.payload.as_ptr());
    }
}
