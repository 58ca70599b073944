//! docs/spec/enhanced-rtmp-v2.md, sections 4 and 5: video, metadata, colour.

mod support;

use rtmp_amf::{AmfLimits, Object, Value, amf0};
use rtmp_flv::{
    Anomaly, ColorInfo, FlvEncodeError, FlvError, FourCc, FrameKind, PacketKind, Payload, TrackLayout, VideoCodec,
    VideoCommand, VideoHeader, VideoMetadata, codec::VideoFormat,
};
use support::{hex, vector};

fn parse(data: &[u8]) -> VideoHeader {
    VideoHeader::parse(data).unwrap()
}

#[test]
fn ertmp_43_first_byte() {
    let kinds = [(1, FrameKind::Key), (2, FrameKind::Inter), (3, FrameKind::Disposable), (4, FrameKind::GeneratedKey)];
    for (number, frame) in kinds {
        assert_eq!(parse(&[&[0x81 | number << 4][..], b"av01x"].concat()).frame, frame);
    }
}

#[test]
fn ertmp_44_multitrack_is_6_for_video() {
    assert_eq!(parse(b"\x96\x01av01\x09x").tracks, TrackLayout::One(9));
    assert_eq!(parse(b"\x95av01x").packet, PacketKind::Mpeg2TsSequenceStart);
}

#[test]
fn ertmp_45_four_ccs() {
    let table = [
        (b"vp08", 1_987_063_864, VideoCodec::Vp8),
        (b"vp09", 1_987_063_865, VideoCodec::Vp9),
        (b"av01", 1_635_135_537, VideoCodec::Av1),
        (b"avc1", 1_635_148_593, VideoCodec::Avc),
        (b"hvc1", 1_752_589_105, VideoCodec::Hevc),
        (b"vvc1", 1_987_470_129, VideoCodec::Vvc),
    ];
    for (text, number, codec) in table {
        assert_eq!(parse(&[b"\x90", &text[..], b"x"].concat()).codec, codec);
        assert_eq!(FourCc(*text).to_u32(), number);
    }
}

#[test]
fn ertmp_46_sequence_start_of_every_codec() {
    for four_cc in [b"vp08", b"vp09", b"av01", b"avc1", b"hvc1", b"vvc1"] {
        let header = parse(&[b"\x90", &four_cc[..], b"record"].concat());
        assert!(header.is_sequence_header() && header.body == 5);
        assert!(!parse(&[b"\x90", &four_cc[..]].concat()).is_sequence_header(), "empty");
    }
}

#[test]
fn ertmp_47_both_forms_of_the_vp_record() {
    let bare = hex("90 76703039 02 1f a0 01 01 01 0000");
    let boxed = hex("90 76703039 01000000 02 1f a0 01 01 01 0000");
    let format = |data: &[u8]| VideoFormat::of(&parse(data), &data[5..]).unwrap();
    assert_eq!(format(&bare), format(&boxed));
    assert_eq!((format(&bare).profile, format(&bare).level, format(&bare).bit_depth), (Some(2), Some(31), Some(10)));
}

#[test]
fn ertmp_48_composition_time_by_codec() {
    for (four_cc, body) in [(b"avc1", 8), (b"hvc1", 8), (b"vvc1", 8), (b"av01", 5), (b"vp09", 5), (b"vp08", 5)] {
        let header = parse(&[b"\xa1", &four_cc[..], b"\0\0\x28rest"].concat());
        assert_eq!((header.body, header.composition_time), (body, if body == 8 { 40 } else { 0 }));
    }
}

#[test]
fn ertmp_49_composition_time_is_signed() {
    assert_eq!(parse(b"\xa1vvc1\xff\xff\xd8x").composition_time, -40);
    let header = VideoHeader::new(VideoCodec::Vvc, PacketKind::CodedFrames, FrameKind::Inter);
    assert_eq!(header.with_composition_time(-40).payload(b"x").unwrap()[..], *b"\xa1vvc1\xff\xff\xd8x");
}

#[test]
fn ertmp_50_coded_frames_x() {
    assert!(parse(b"\xa3hvc1x").anomalies.is_empty());
    let needless = parse(b"\xa3av01x");
    assert!(needless.is_frame() && needless.anomalies.iter().eq([Anomaly::NeedlessFramesX]));
    let never = VideoHeader::new(VideoCodec::Vp9, PacketKind::CodedFramesX, FrameKind::Key);
    assert_eq!(never.payload(b"x"), Err(FlvEncodeError::NotOfThisCodec(FourCc::VP9)));
    let timed = VideoHeader::new(VideoCodec::Hevc, PacketKind::CodedFramesX, FrameKind::Key).with_composition_time(1);
    assert_eq!(timed.payload(b"x"), Err(FlvEncodeError::CompositionTime(1)));
}

#[test]
fn ertmp_51_short_coded_frames_are_rejected() {
    for data in [&b"\xa1hvc1"[..], b"\xa1hvc1\0\0", b"\xa6\x01hvc1\x01\0"] {
        assert!(matches!(VideoHeader::parse(data), Err(FlvError::Truncated { part: "composition time", .. })));
    }
    assert!(VideoHeader::parse(b"\xa1av01").is_ok());
}

#[test]
fn ertmp_52_sequence_end() {
    let header = parse(b"\xa2hvc1");
    assert!(header.packet == PacketKind::SequenceEnd && !header.is_keyframe() && header.anomalies.is_empty());
}

#[test]
fn ertmp_53_mpeg2_ts_sequence_start() {
    assert!(parse(b"\x95av01\x80").is_sequence_header());
    let never = VideoHeader::new(VideoCodec::Hevc, PacketKind::Mpeg2TsSequenceStart, FrameKind::Key);
    assert_eq!(never.payload(b"x"), Err(FlvEncodeError::NotOfThisCodec(FourCc::HEVC)));
}

#[test]
fn ertmp_54_command_frames() {
    let command = |text: &str| match parse(&hex(text)).packet {
        PacketKind::Command(command) => command,
        other => panic!("{other:?}"),
    };
    assert_eq!(command("d000"), VideoCommand::StartSeek);
    assert_eq!(command("d601"), VideoCommand::EndSeek);
    assert_eq!(command("d1ff"), VideoCommand::Other(255));
    assert_eq!(command("d7 02000001 01 01"), VideoCommand::EndSeek, "behind ModEx");
    assert!(matches!(VideoHeader::parse(&[0xd0]), Err(FlvError::Truncated { part: "video command", .. })));
    let start = PacketKind::Command(VideoCommand::StartSeek);
    let header = VideoHeader::new(VideoCodec::Unspecified, start, FrameKind::Command);
    assert_eq!(header.payload(&[]).unwrap()[..], [0xd0, 0]);
    assert_eq!(header.with_nano_offset(1).payload(&[]).unwrap()[..], [0xd7, 2, 0, 0, 1, 0, 0]);
    let frames = VideoHeader::new(VideoCodec::Av1, PacketKind::CodedFrames, FrameKind::Command);
    assert_eq!(frames.payload(&[]), Err(FlvEncodeError::NoEnhancedForm), "would be read as a command");
}

#[test]
fn ertmp_55_reserved_types() {
    for packet_type in 8..16 {
        let error = FlvError::UnknownPacketType { payload: Payload::Video, packet_type };
        assert_eq!(VideoHeader::parse(&[0x90 | packet_type]), Err(error));
    }
    for frame in [0, 6, 7] {
        let header = parse(&[&[0x81 | frame << 4][..], b"av01x"].concat());
        assert_eq!((header.frame, header.is_keyframe()), (FrameKind::Reserved(frame), false));
        assert!(header.anomalies.iter().eq([Anomaly::ReservedFrameType]));
    }
}

#[test]
fn ertmp_56_key_frames() {
    assert!(parse(b"\x91av01x").is_keyframe());
    assert!(parse(b"\x93hvc1x").is_keyframe());
    assert!(parse(b"\xc1av01x").is_keyframe());
    for data in [&b"\x90av01x"[..], b"\x92av01", b"\x94av01", b"\x95av01x", b"\xa1av01x"] {
        assert!(!parse(data).is_keyframe(), "{data:?}");
    }
}

#[test]
fn ertmp_57_bit_7_decides() {
    assert!(!parse(&[0x12]).enhanced);
    assert!(parse(b"\x91av01").enhanced);
}

#[test]
fn ertmp_58_parameter_sets_in_band_pass() {
    let header = parse(&hex("93 68766331 00000002 4201"));
    assert!(header.is_keyframe() && header.anomalies.is_empty());
}

fn metadata(body: &[u8]) -> VideoMetadata {
    VideoMetadata::parse(body, &AmfLimits::default()).unwrap()
}

fn pairs(pairs: &[(&str, Value)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in pairs {
        amf0::encode(&(*name).into(), &mut out).unwrap();
        amf0::encode(value, &mut out).unwrap();
    }
    out
}

#[test]
fn ertmp_59_pairs_to_the_end() {
    let body = pairs(&[("a", 1.into()), ("colorInfo", Object::new().into()), ("b", true.into())]);
    let read = metadata(&body);
    assert_eq!((read.properties.len(), &read.properties["b"]), (3, &Value::Boolean(true)));
    let mut written = Vec::new();
    read.encode(&mut written).unwrap();
    assert_eq!(written, body);
    assert_eq!(metadata(&body[..body.len() - 1]).properties.len(), 2, "what is whole is kept");
    assert!(VideoMetadata::parse(&[0xff], &AmfLimits::default()).is_err());
    assert!(metadata(&[]).properties.is_empty());
}

#[test]
fn ertmp_60_frame_type_of_metadata() {
    for frame in 0..8 {
        let header = parse(&[&[0x84 | frame << 4][..], b"hvc1"].concat());
        assert!(header.is_metadata() && !header.is_keyframe() && header.anomalies.is_empty());
    }
    let header = VideoHeader::new(VideoCodec::Hevc, PacketKind::Metadata, FrameKind::Command);
    assert_eq!(header.payload(&[]).unwrap()[0], 0xd4);
    assert_eq!(header.with_tracks(TrackLayout::One(1)).payload(&[]).unwrap()[..2], [0x86, 4]);
    // Frame type 5 and multitrack is a command.
    assert_eq!(parse(b"\xd6\x04hvc1\x01").packet, PacketKind::Command(VideoCommand::Other(4)));
}

#[test]
fn ertmp_61_unknown_names() {
    assert_eq!(metadata(&pairs(&[("mood", 1.into())])).color_info(), None);
}

#[test]
fn ertmp_62_reset() {
    for value in [Value::Undefined, Value::Null, Object::new().into()] {
        assert!(metadata(&pairs(&[("colorInfo", value)])).color_info().unwrap().is_reset());
    }
    assert_eq!(ColorInfo::default().to_value(), Value::Undefined);
}

#[test]
fn ertmp_63_metadata_is_told_from_frames() {
    let header = parse(&vector("V-ERT-08"));
    assert!(header.is_metadata() && !header.is_frame() && !header.is_sequence_header());
}

#[test]
fn ertmp_64_all_properties() {
    let value = Object::new()
        .with(
            "colorConfig",
            Object::new()
                .with("bitDepth", 10)
                .with("colorPrimaries", 9)
                .with("transferCharacteristics", 16)
                .with("matrixCoefficients", 9),
        )
        .with("hdrCll", Object::new().with("maxFall", 400).with("maxCLL", 1000))
        .with(
            "hdrMdcv",
            Object::new()
                .with("redX", 0.68)
                .with("redY", 0.32)
                .with("greenX", 0.265)
                .with("greenY", 0.69)
                .with("blueX", 0.15)
                .with("blueY", 0.06)
                .with("whitePointX", 0.3127)
                .with("whitePointY", 0.329)
                .with("maxLuminance", 1000)
                .with("minLuminance", 0.005),
        );
    let color = ColorInfo::from_value(&value.clone().into());
    assert_eq!((color.max_fall, color.max_cll, color.green_y), (Some(400.0), Some(1000.0), Some(0.69)));
    assert_eq!(
        (color.white_point_x, color.max_luminance, color.min_luminance),
        (Some(0.3127), Some(1000.0), Some(0.005))
    );
    assert!(color.out_of_range().is_empty());
    assert_eq!(color.to_value(), Value::from(value));
}

#[test]
fn ertmp_65_odd_values() {
    let value = Object::new().with("colorConfig", Object::new().with("bitDepth", "ten").with("colorPrimaries", 300));
    let color = ColorInfo::from_value(&value.into());
    assert_eq!((color.bit_depth, color.color_primaries), (None, Some(300.0)));
    assert_eq!(color.out_of_range(), ["colorPrimaries"]);
    assert!(ColorInfo::from_value(&"red".into()).is_reset());
}

#[test]
fn ertmp_66_amf3_values() {
    let value = Object::new().with("colorConfig", Object::new().with("bitDepth", 12));
    let body = pairs(&[("colorInfo", Value::from(value).in_amf3())]);
    assert_eq!(metadata(&body).color_info().unwrap().bit_depth, Some(12.0));
    let mut written = Vec::new();
    let color = metadata(&body).color_info().unwrap();
    VideoMetadata::from_color_info(&color).encode(&mut written).unwrap();
    assert_eq!(written[12], 3, "an AMF0 object");
}
