//! docs/spec/enhanced-rtmp-v2.md, sections 1 and 2: what audio and video have in common.

mod support;

use rtmp_flv::{
    Anomaly, AudioCodec, AudioHeader, AudioTrack, FlvEncodeError, FlvError, FourCc, FrameKind, PacketKind, TrackLayout,
    VideoCodec, VideoHeader, VideoTrack,
};
use support::hex;

fn video(text: &str) -> VideoHeader {
    VideoHeader::parse(&hex(text)).unwrap()
}

fn video_error(text: &str) -> FlvError {
    VideoHeader::parse(&hex(text)).unwrap_err()
}

#[test]
fn ertmp_1_same_file_header() {
    assert_eq!(rtmp_flv::FileHeader::default().version, 1);
}

#[test]
fn ertmp_2_values_that_legacy_text_reserved() {
    assert!(!VideoHeader::parse(&[0x7f]).unwrap().enhanced);
    assert!(video("80 68766331").enhanced);
    assert!(!AudioHeader::parse(&[0x8f]).unwrap().enhanced);
    assert!(AudioHeader::parse(b"\x90Opus").unwrap().enhanced);
}

#[test]
fn ertmp_3_unknown_values() {
    for packet_type in 8..16 {
        let error = VideoHeader::parse(&[&[0x90 | packet_type][..], b"hvc1"].concat()).unwrap_err();
        assert!(matches!(error, FlvError::UnknownPacketType { .. }));
    }
    assert_eq!(video_error("96 31 68766331 00"), FlvError::UnknownMultitrackType(3));
    let unknown = video("90 7a7a7a7a 01");
    assert_eq!(unknown.codec.known(), Err(FlvError::UnknownFourCc(FourCc(*b"zzzz"))));
    assert!(unknown.is_sequence_header(), "classified all the same");
    assert!(AudioHeader::parse(b"\x90zzzz").unwrap().codec.known().is_err());
    let skipped = video("97 03 01020304 51 61763031 0a");
    assert!(skipped.is_keyframe() && skipped.anomalies.iter().eq([Anomaly::UnknownModEx]));
}

#[test]
fn ertmp_4_trailing_bytes() {
    for text in ["92 68766331 00", "d0 00 00"] {
        assert!(video(text).anomalies.iter().eq([Anomaly::TrailingBytes]), "{text}");
    }
    assert!(AudioHeader::parse(b"\x92Opus\0").unwrap().anomalies.contains(Anomaly::TrailingBytes));
}

#[test]
fn ertmp_5_four_cc() {
    assert_eq!(FourCc::from_u32(0x6176_3031), FourCc::AV1);
    assert_eq!(AudioCodec::from_four_cc(FourCc(*b"opus")), AudioCodec::Other(FourCc(*b"opus")), "case matters");
    assert_eq!(FourCc::MP3.to_string(), ".mp3");
    assert_eq!(format!("{:?}", FourCc([0, b'a', 0xff, b'\\'])), r"FourCc(\x00a\xff\\)");
}

#[test]
fn ertmp_9_both_forms_within_a_stream() {
    for data in [&b"\x17\x00\0\0\0\x01"[..], b"\x90avc1\x01"] {
        let header = VideoHeader::parse(data).unwrap();
        assert!(header.is_sequence_header() && header.codec == VideoCodec::Avc);
    }
    for data in [&b"\xaf\x00\x12\x10"[..], b"\x90mp4a\x12\x10"] {
        let header = AudioHeader::parse(data).unwrap();
        assert!(header.is_sequence_header() && header.codec == AudioCodec::Aac);
    }
    for data in [&b"\x2f\xff\xfb"[..], b"\x91.mp3\xff\xfb"] {
        assert_eq!(AudioHeader::parse(data).unwrap().codec, AudioCodec::Mp3);
    }
    let written = VideoHeader::new(VideoCodec::Avc, PacketKind::CodedFrames, FrameKind::Key);
    assert_eq!(written.payload(&[]).unwrap()[0], 0x17);
    assert_eq!(written.with_enhanced(true).payload(&[]).unwrap()[..], *b"\x91avc1\0\0\0");
}

#[test]
fn ertmp_11_mod_ex_units_follow_each_other() {
    let header = video("97 00aaf7 00aaf7 02000007 01 61763031 0a");
    assert!(header.is_keyframe() && header.nano_offset == 7);
    let chain: Vec<u8> = [&[0x97][..], &[0, 0xaa, 0xf7].repeat(64), &[0, 0xaa, 0xf1], b"av01"].concat();
    assert_eq!(VideoHeader::parse(&chain), Err(FlvError::TooManyModEx(64)));
}

#[test]
fn ertmp_12_mod_ex_sizes() {
    for size in [1_usize, 2, 255] {
        let data = [&[0x97, size as u8 - 1][..], &vec![9; size], b"\xf1av01\x0a"].concat();
        assert_eq!(VideoHeader::parse(&data).unwrap().body, data.len() - 1, "{size}");
    }
    for size in [256_usize, 65_536] {
        let escaped = (size as u16).wrapping_sub(1).to_be_bytes();
        let data = [&[0x97, 0xff][..], &escaped, &vec![9; size], b"\xf1av01\x0a"].concat();
        let header = VideoHeader::parse(&data).unwrap();
        assert_eq!(header.body, data.len() - 1, "{size}");
        assert!(!header.anomalies.contains(Anomaly::LongModExSize));
    }
    let small = video("97 ff0002 0001f4 01 61763031 0a");
    assert_eq!(small.nano_offset, 500);
    assert!(small.anomalies.iter().eq([Anomaly::LongModExSize]));
}

#[test]
fn ertmp_13_mod_ex_types() {
    for unknown in 1..16_u8 {
        let data = [&[0x97, 2, 0, 1, 0xf4, unknown << 4 | 1][..], b"av01\x0a"].concat();
        let header = VideoHeader::parse(&data).unwrap();
        assert_eq!((header.nano_offset, header.anomalies.contains(Anomaly::UnknownModEx)), (0, true));
    }
}

#[test]
fn ertmp_14_nano_offset() {
    let header = VideoHeader::new(VideoCodec::Av1, PacketKind::CodedFrames, FrameKind::Key).with_nano_offset(999_999);
    assert_eq!(header.payload(b"x").unwrap()[..], *b"\x97\x02\x0f\x42\x3f\x01av01x");
    assert_eq!(header.with_nano_offset(1_000_000).payload(b"x"), Err(FlvEncodeError::NanoOffset(1_000_000)));
    let plain = header.with_nano_offset(0);
    assert_eq!(plain.payload(b"x").unwrap()[..], *b"\x91av01x", "nothing to send");
}

#[test]
fn ertmp_15_odd_nano_offsets() {
    assert_eq!(video("97 04 0001f4ffff 01 61763031 0a").nano_offset, 500, "the first three bytes count");
    for text in ["97 0001 01 61763031 0a", "97 010001 01 61763031 0a"] {
        let header = video(text);
        assert_eq!(header.nano_offset, 0);
        assert!(header.anomalies.iter().eq([Anomaly::ShortNanoOffset]));
    }
}

#[test]
fn ertmp_16_nano_offset_of_several_tracks() {
    let header = video("97 020001f4 07 020003e8 06 11 61763031 00000001aa");
    assert_eq!((header.nano_offset, header.tracks), (1000, TrackLayout::Many), "the last one counts, for all tracks");
}

#[test]
fn ertmp_17_mod_ex_only_when_asked_for() {
    let header = AudioHeader::new(AudioCodec::Opus, PacketKind::CodedFrames);
    assert_eq!(header.payload(b"x").unwrap()[0], 0x91);
    assert_eq!(header.with_nano_offset(1).payload(b"x").unwrap()[..6], [0x97, 2, 0, 0, 1, 1]);
}

#[test]
fn ertmp_18_mod_ex_beyond_the_message() {
    for text in ["97", "97ff", "97ff00", "97ff0fff00", "9705 0102", "970101f4"] {
        assert!(matches!(video_error(text), FlvError::Truncated { .. }), "{text}");
    }
}

#[test]
fn ertmp_19_multitrack_types() {
    assert_eq!(video("96 01 61763031 05 aa").tracks, TrackLayout::One(5));
    assert_eq!(video("96 11 61763031 05 000001 aa").tracks, TrackLayout::Many);
    assert_eq!(video("96 21 61763031 05 000001 aa").tracks, TrackLayout::ManyCodecs);
    for multitrack in 3..16_u8 {
        let error = VideoHeader::parse(&[&[0x96, multitrack << 4 | 1][..], b"av01\0"].concat()).unwrap_err();
        assert_eq!(error, FlvError::UnknownMultitrackType(multitrack));
        let error = AudioHeader::parse(&[&[0x95, multitrack << 4 | 1][..], b"Opus\0"].concat()).unwrap_err();
        assert_eq!(error, FlvError::UnknownMultitrackType(multitrack));
    }
}

#[test]
fn ertmp_20_no_prefix_inside_multitrack() {
    assert_eq!(video_error("96 06 61763031 00"), FlvError::NestedPacketType(6));
    assert_eq!(video_error("96 07 61763031 00"), FlvError::NestedPacketType(7));
    assert_eq!(AudioHeader::parse(b"\x95\x05Opus\0"), Err(FlvError::NestedPacketType(5)));
    assert_eq!(AudioHeader::parse(b"\x95\x07Opus\0"), Err(FlvError::NestedPacketType(7)));
}

#[test]
fn ertmp_21_size_counts_the_composition_time() {
    let data = hex("96 11 68766331 00 000004 000028 aa");
    let header = VideoHeader::parse(&data).unwrap();
    let track = header.tracks(&data).next().unwrap().unwrap();
    assert_eq!((track.composition_time, track.body), (40, &[0xaa][..]));
}

#[test]
fn ertmp_22_track_ids() {
    for id in [0, 1, 255] {
        let header = AudioHeader::new(AudioCodec::Aac, PacketKind::CodedFrames).with_tracks(TrackLayout::One(id));
        let data = header.payload(b"x").unwrap();
        let read = AudioHeader::parse(&data).unwrap();
        assert_eq!(read.tracks.track_id(), Some(id));
        assert_eq!(read.tracks(&data).next(), Some(Ok(AudioTrack { id, codec: AudioCodec::Aac, body: b"x" })));
        let header = VideoHeader::new(VideoCodec::Av1, PacketKind::CodedFrames, FrameKind::Key)
            .with_tracks(TrackLayout::One(id));
        let data = header.payload(b"x").unwrap();
        let track = VideoTrack { id, codec: VideoCodec::Av1, composition_time: 0, body: b"x" };
        assert_eq!(VideoHeader::parse(&data).unwrap().tracks(&data).next(), Some(Ok(track)));
    }
}

#[test]
fn ertmp_23_the_default_track_is_0() {
    assert_eq!(TrackLayout::Single.track_id(), Some(0));
}

#[test]
fn ertmp_24_track_0_in_both_forms() {
    for data in [&b"\x91av01x"[..], b"\x96\x01av01\0x"] {
        let header = VideoHeader::parse(data).unwrap();
        let track = VideoTrack { id: 0, codec: VideoCodec::Av1, composition_time: 0, body: b"x" };
        assert_eq!(header.tracks(data).next(), Some(Ok(track)));
    }
}

#[test]
fn ertmp_25_the_next_track_begins_behind_the_size() {
    let one = b"\x95\x01Opus\x07body\0\0\0\0\0";
    let header = AudioHeader::parse(one).unwrap();
    assert_eq!(header.tracks(one).count(), 1, "all of it is one body");
    let many = b"\x95\x11Opus\x00\0\0\x02ab\x01\0\0\x00\x02\0\0\x01c";
    let header = AudioHeader::parse(many).unwrap();
    let bodies: Vec<_> = header.tracks(many).map(|track| track.unwrap().body).collect();
    assert_eq!(bodies, [&b"ab"[..], b"", b"c"]);
}

#[test]
fn ertmp_26_faulty_tracks() {
    let cut = b"\x95\x11Opus\x00\0\0\x02ab\x01\0\0\x09c";
    let header = AudioHeader::parse(cut).unwrap();
    let tracks: Vec<_> = header.tracks(cut).collect();
    assert!(tracks[0].is_ok() && tracks.len() == 2);
    assert_eq!(tracks[1], Err(FlvError::TrackTooLong { track: 1, len: 9, left: 1 }));

    // A track without room for its composition time and one of an unknown codec do not hide the third.
    let data = hex("96 21 68766331 00 000002 0000  7a7a7a7a 01 000001 aa  61763031 02 000001 bb");
    let header = VideoHeader::parse(&data).unwrap();
    let tracks: Vec<_> = header.tracks(&data).collect();
    assert!(matches!(tracks[0], Err(FlvError::Truncated { .. })));
    assert_eq!(tracks[1].as_ref().unwrap().codec, VideoCodec::Other(FourCc(*b"zzzz")));
    assert_eq!(tracks[2], Ok(VideoTrack { id: 2, codec: VideoCodec::Av1, composition_time: 0, body: &[0xbb] }));

    let head = b"\x95\x11Opus\x00\0";
    let header = AudioHeader::parse(head).unwrap();
    assert!(matches!(header.tracks(head).next(), Some(Err(FlvError::Truncated { needed: 4, len: 2, .. }))));
    assert_eq!(header.tracks(head).count(), 1);
}

#[test]
fn ertmp_27_multitrack_without_a_track() {
    assert_eq!(video_error("96 11 61763031"), FlvError::NoTracks);
    assert_eq!(video_error("96 21"), FlvError::NoTracks);
    let header = AudioHeader::new(AudioCodec::Opus, PacketKind::CodedFrames).with_tracks(TrackLayout::Many);
    assert_eq!(header.encode_tracks(&[], &mut Vec::new()), Err(FlvEncodeError::Tracks));
}

#[test]
fn ertmp_28_a_track_id_twice() {
    let data = b"\x95\x11Opus\x01\0\0\x01a\x01\0\0\x01b";
    let header = AudioHeader::parse(data).unwrap();
    let tracks: Vec<_> = header.tracks(data).map(|track| track.map(|t| (t.id, t.body)).unwrap()).collect();
    assert_eq!(tracks, [(1, &b"a"[..]), (1, &b"b"[..])]);
}

#[test]
fn ertmp_29_inner_packet_types() {
    for (packet_type, packet) in [
        (0, PacketKind::SequenceStart),
        (1, PacketKind::CodedFrames),
        (2, PacketKind::SequenceEnd),
        (3, PacketKind::CodedFramesX),
        (4, PacketKind::Metadata),
        (5, PacketKind::Mpeg2TsSequenceStart),
    ] {
        let data = [&[0x86, packet_type][..], b"hvc1\x01\0\0\0"].concat();
        assert_eq!(VideoHeader::parse(&data).unwrap().packet, packet);
    }
    assert_eq!(AudioHeader::parse(b"\x95\x04Opus\x01\0\x02").unwrap().packet, PacketKind::MultichannelConfig);
}

#[test]
fn tracks_that_do_not_fit_their_layout_are_not_written() {
    let header = VideoHeader::new(VideoCodec::Hevc, PacketKind::CodedFrames, FrameKind::Key);
    let track = |id, codec, composition_time| VideoTrack { id, codec, composition_time, body: b"x" };
    let mut out = Vec::new();
    let mut write = |layout, tracks: &[VideoTrack<'_>]| {
        let result = header.with_tracks(layout).encode_tracks(tracks, &mut out);
        assert!(result.is_ok() || out.is_empty(), "nothing is written of what cannot be");
        out.clear();
        result
    };
    let hevc = track(0, VideoCodec::Hevc, 40);
    let av1 = track(1, VideoCodec::Av1, 0);
    assert_eq!(write(TrackLayout::Single, &[hevc, hevc]), Err(FlvEncodeError::Tracks));
    assert_eq!(write(TrackLayout::One(1), &[hevc]), Err(FlvEncodeError::Tracks));
    assert_eq!(write(TrackLayout::Many, &[hevc, av1]), Err(FlvEncodeError::Tracks));
    assert_eq!(
        write(TrackLayout::ManyCodecs, &[hevc, track(1, VideoCodec::VP6, 0)]),
        Err(FlvEncodeError::NoEnhancedForm)
    );
    let timed = track(1, VideoCodec::Av1, 7);
    assert_eq!(write(TrackLayout::ManyCodecs, &[hevc, timed]), Err(FlvEncodeError::CompositionTime(7)));
    assert_eq!(write(TrackLayout::ManyCodecs, &[hevc, av1]), Ok(()));
    let long = vec![0; 0xff_ffff];
    let long = VideoTrack { body: &long, ..hevc };
    assert_eq!(write(TrackLayout::Many, &[long]), Err(FlvEncodeError::TooLong(0x100_0002)));
}
