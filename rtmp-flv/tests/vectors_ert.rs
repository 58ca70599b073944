//! The byte vectors of docs/spec/enhanced-rtmp-v2.md that are bodies of audio and video messages, one test each.

mod support;

use bytes::BufMut;
use rtmp_amf::AmfLimits;
use rtmp_flv::{
    Anomaly, AudioCodec, AudioHeader, AudioTrack, Channel, ColorInfo, FlvError, FourCc, FrameKind, MultichannelConfig,
    PacketKind, Payload, TrackLayout, VideoCodec, VideoCommand, VideoHeader, VideoMetadata, VideoTrack,
};
use support::vector;

/// A video payload without anomalies, its header and its tracks. Written again it is the same bytes.
fn video(id: &str) -> (VideoHeader, Vec<u8>) {
    let data = vector(id);
    let header = VideoHeader::parse(&data).unwrap();
    assert!(header.enhanced && header.anomalies.is_empty(), "{header:?}");
    let tracks: Vec<VideoTrack<'_>> = header.tracks(&data).collect::<Result<_, _>>().unwrap();
    let mut written = Vec::new();
    match header.packet {
        PacketKind::Command(_) => header.encode(&mut written).unwrap(),
        _ => header.encode_tracks(&tracks, &mut written).unwrap(),
    }
    assert_eq!(written, data, "{id} written again");
    (header, data)
}

fn audio(id: &str) -> (AudioHeader, Vec<u8>) {
    let data = vector(id);
    let header = AudioHeader::parse(&data).unwrap();
    assert!(header.enhanced && header.anomalies.is_empty(), "{header:?}");
    let tracks: Vec<AudioTrack<'_>> = header.tracks(&data).collect::<Result<_, _>>().unwrap();
    let mut written = Vec::new();
    header.encode_tracks(&tracks, &mut written).unwrap();
    assert_eq!(written, data, "{id} written again");
    (header, data)
}

fn video_tracks(header: &VideoHeader, data: &[u8]) -> Vec<(u8, VideoCodec, i32, Vec<u8>)> {
    header.tracks(data).map(|t| t.map(|t| (t.id, t.codec, t.composition_time, t.body.to_vec())).unwrap()).collect()
}

#[test]
fn v_ert_01() {
    let (header, data) = video("V-ERT-01");
    assert!(header.is_sequence_header() && !header.is_keyframe());
    assert_eq!((header.codec, &data[header.body..]), (VideoCodec::Hevc, &[0xaa, 0xbb][..]));
}

#[test]
fn v_ert_02() {
    let (header, data) = video("V-ERT-02");
    assert!(header.is_keyframe());
    assert_eq!((header.composition_time, &data[header.body..]), (40, &[0, 0, 0, 2, 0x26, 1][..]));
}

#[test]
fn v_ert_03() {
    let (header, _) = video("V-ERT-03");
    assert_eq!((header.frame, header.is_keyframe(), header.composition_time), (FrameKind::Inter, false, -40));
}

#[test]
fn v_ert_04() {
    let (header, data) = video("V-ERT-04");
    assert_eq!((header.packet, header.composition_time, header.body), (PacketKind::CodedFramesX, 0, 5));
    assert_eq!(data[header.body..], [0, 0, 0, 2, 2, 1]);
}

#[test]
fn v_ert_05() {
    let (header, data) = video("V-ERT-05");
    assert_eq!((header.packet, header.body), (PacketKind::SequenceEnd, data.len()));
}

#[test]
fn v_ert_06() {
    let (header, data) = video("V-ERT-06");
    assert!(header.is_keyframe());
    assert_eq!((header.codec, &data[header.body..]), (VideoCodec::Av1, &[0x0a, 0x0b][..]));
}

#[test]
fn v_ert_07() {
    let (header, data) = video("V-ERT-07");
    assert_eq!((header.packet, &data[header.body..]), (PacketKind::Mpeg2TsSequenceStart, &[0x80][..]));
    assert!(header.is_sequence_header());
}

fn color_info(header: &VideoHeader, data: &[u8]) -> ColorInfo {
    assert!(header.is_metadata() && !header.is_keyframe());
    let metadata = VideoMetadata::parse(&data[header.body..], &AmfLimits::default()).unwrap();
    let mut written = Vec::new();
    metadata.encode(&mut written).unwrap();
    assert_eq!(written, data[header.body..]);
    metadata.color_info().unwrap()
}

#[test]
fn v_ert_08() {
    let (header, data) = video("V-ERT-08");
    let color = color_info(&header, &data);
    assert_eq!(header.frame, FrameKind::Reserved(0));
    assert_eq!((color.bit_depth, color.color_primaries), (Some(10.0), Some(9.0)));
    assert_eq!((color.transfer_characteristics, color.matrix_coefficients), (Some(16.0), Some(9.0)));
    assert_eq!((color.max_cll, color.red_x), (None, None));
    assert!(color.out_of_range().is_empty());
}

#[test]
fn v_ert_09() {
    let (header, data) = video("V-ERT-09");
    let color = color_info(&header, &data);
    assert_eq!(header.frame, FrameKind::Command);
    let mut written = Vec::new();
    VideoMetadata::from_color_info(&color).encode(&mut written).unwrap();
    let header = VideoHeader::new(VideoCodec::Hevc, PacketKind::Metadata, FrameKind::Command);
    assert_eq!(header.payload(&written).unwrap(), data, "as the typed view writes it");
}

#[test]
fn v_ert_10() {
    let (header, data) = video("V-ERT-10");
    assert!(color_info(&header, &data).is_reset());
}

#[test]
fn v_ert_11() {
    let (header, _) = video("V-ERT-11");
    assert_eq!(header.packet, PacketKind::Command(VideoCommand::StartSeek));
    assert_eq!(header.codec, VideoCodec::Unspecified);
}

#[test]
fn v_ert_12() {
    let header = VideoHeader::parse(&vector("V-ERT-12")).unwrap();
    assert_eq!(header.packet, PacketKind::Command(VideoCommand::EndSeek));
    let mut written = Vec::new();
    header.encode(&mut written).unwrap();
    assert_eq!(written, [0xd0, 1], "the packet type without meaning is written as 0");
}

#[test]
fn v_ert_13() {
    let (header, data) = video("V-ERT-13");
    assert_eq!((header.nano_offset, header.composition_time, header.is_keyframe()), (500, 0, true));
    assert_eq!(data[header.body..], [0, 0, 0, 2, 0x26, 1]);
}

#[test]
fn v_ert_14() {
    let data = vector("V-ERT-14");
    let header = VideoHeader::parse(&data).unwrap();
    assert!(header.anomalies.is_empty() && header.is_keyframe());
    assert_eq!((header.nano_offset, header.codec, &data[header.body..]), (0, VideoCodec::Av1, &[0x0a][..]));
}

#[test]
fn v_ert_15() {
    let data = vector("V-ERT-15");
    let header = VideoHeader::parse(&data).unwrap();
    assert_eq!((header.nano_offset, header.packet), (1000, PacketKind::CodedFramesX));
    assert!(header.anomalies.iter().eq([Anomaly::UnknownModEx]));
    assert_eq!(data[header.body..], [0, 0, 0, 2, 2, 1]);
}

#[test]
fn v_ert_16() {
    let (header, data) = video("V-ERT-16");
    assert!(header.is_sequence_header());
    assert_eq!(header.tracks, TrackLayout::One(1));
    assert_eq!(video_tracks(&header, &data), [(1, VideoCodec::Avc, 0, vec![1, 0x42, 0xc0, 0x1e])]);
}

#[test]
fn v_ert_17() {
    let (header, data) = video("V-ERT-17");
    assert!(header.is_keyframe());
    assert_eq!(video_tracks(&header, &data), [(1, VideoCodec::Avc, 0, vec![0, 0, 0, 2, 0x65, 1])]);
}

#[test]
fn v_ert_18() {
    let (header, data) = video("V-ERT-18");
    assert_eq!(header.tracks, TrackLayout::Many);
    assert_eq!(
        video_tracks(&header, &data),
        [(0, VideoCodec::Av1, 0, vec![0x0a, 0x0b]), (1, VideoCodec::Av1, 0, vec![0x0c, 0x0d, 0x0e])]
    );
}

#[test]
fn v_ert_19() {
    let (header, data) = video("V-ERT-19");
    assert_eq!((header.tracks, header.codec), (TrackLayout::ManyCodecs, VideoCodec::Av1));
    assert_eq!(
        video_tracks(&header, &data),
        [(0, VideoCodec::Av1, 0, vec![0x0a, 0x0b]), (1, VideoCodec::Hevc, 16, vec![0, 0, 0, 2, 0x26, 1])]
    );
}

#[test]
fn v_ert_20() {
    let (header, _) = video("V-ERT-20");
    assert_eq!((header.nano_offset, header.tracks), (500, TrackLayout::One(2)));
    assert_eq!(header.packet, PacketKind::CodedFramesX);
}

#[test]
fn v_ert_21() {
    let (header, data) = video("V-ERT-21");
    assert!(color_info(&header, &data).is_reset());
    assert_eq!((header.frame, header.tracks), (FrameKind::Reserved(0), TrackLayout::One(1)));
    let made = VideoHeader::new(VideoCodec::Av1, PacketKind::Metadata, FrameKind::Command);
    let made = made.with_tracks(TrackLayout::One(1));
    assert_eq!(made.payload(&data[header.body..]).unwrap(), data);
}

#[test]
fn v_ert_30() {
    let (header, data) = audio("V-ERT-30");
    assert!(header.is_sequence_header() && header.sound.is_none());
    assert_eq!((header.codec, data[header.body..].len()), (AudioCodec::Opus, 19));
}

#[test]
fn v_ert_31() {
    let (header, data) = audio("V-ERT-31");
    assert_eq!((header.packet, &data[header.body..]), (PacketKind::CodedFrames, &[0xfc, 1][..]));
}

#[test]
fn v_ert_32() {
    let (header, _) = audio("V-ERT-32");
    assert_eq!((header.packet, header.is_silence()), (PacketKind::SequenceEnd, true));
}

#[test]
fn v_ert_33() {
    let (header, data) = audio("V-ERT-33");
    assert!(header.is_sequence_header());
    assert_eq!((header.codec, &data[header.body..]), (AudioCodec::Aac, &[0x12, 0x10][..]));
}

#[test]
fn v_ert_34() {
    let (header, data) = audio("V-ERT-34");
    assert_eq!((header.packet, &data[header.body..]), (PacketKind::CodedFrames, &[0x21, 0x10][..]));
}

fn multichannel_config(id: &str) -> MultichannelConfig {
    let (header, data) = audio(id);
    assert!(header.is_multichannel_config());
    let config = MultichannelConfig::parse(&data[header.body..]).unwrap();
    let mut written = Vec::new();
    config.encode(&mut written);
    assert_eq!(written, data[header.body..]);
    config
}

#[test]
fn v_ert_35() {
    assert_eq!(multichannel_config("V-ERT-35"), MultichannelConfig::Native { count: 6, mask: 0x3f });
}

#[test]
fn v_ert_36() {
    let map = vec![Channel::FRONT_LEFT, Channel::FRONT_RIGHT, Channel::UNUSED];
    assert_eq!(multichannel_config("V-ERT-36"), MultichannelConfig::Custom(map));
}

#[test]
fn v_ert_37() {
    assert_eq!(multichannel_config("V-ERT-37"), MultichannelConfig::Unspecified { count: 2 });
}

#[test]
fn v_ert_38() {
    let (header, data) = audio("V-ERT-38");
    assert_eq!((header.tracks, header.packet), (TrackLayout::One(1), PacketKind::CodedFrames));
    assert_eq!(data[header.body..], [0x21, 0x10]);
}

#[test]
fn v_ert_39() {
    let (header, data) = audio("V-ERT-39");
    let tracks: Vec<AudioTrack<'_>> = header.tracks(&data).map(Result::unwrap).collect();
    let first = AudioTrack { id: 0, codec: AudioCodec::Aac, body: &[0x21, 0x10] };
    let second = AudioTrack { id: 1, codec: AudioCodec::Opus, body: &[0xfc, 1] };
    assert_eq!(tracks, [first, second]);
}

#[test]
fn v_ert_40() {
    let (header, data) = audio("V-ERT-40");
    assert_eq!((header.nano_offset, &data[header.body..]), (999_999, &[0xfc, 1][..]));
}

#[test]
fn v_ert_41() {
    let header = AudioHeader::parse(&vector("V-ERT-41")).unwrap();
    assert_eq!(header, AudioHeader::SILENCE);
    assert!(header.is_silence() && header.payload(&[]).unwrap().is_empty());
}

#[test]
fn v_ert_42() {
    let (header, data) = audio("V-ERT-42");
    assert!(header.is_sequence_header());
    let info = rtmp_flv::codec::flac::StreamInfo::parse(&data[header.body..]).unwrap();
    assert_eq!((info.sample_rate, info.channels, info.bits_per_sample, info.max_block_size), (44_100, 2, 16, 4096));
}

#[test]
fn v_ert_43() {
    let (header, data) = audio("V-ERT-43");
    let info = rtmp_flv::codec::flac::StreamInfo::parse(&data[header.body..]).unwrap();
    assert_eq!((info.sample_rate, info.channels, info.bits_per_sample, info.max_block_size), (44_100, 2, 16, 4096));
}

#[test]
fn v_ert_44() {
    let config = multichannel_config("V-ERT-44");
    assert_eq!(config, MultichannelConfig::Unspecified { count: 2 });
    assert_eq!(audio("V-ERT-44").0.tracks, TrackLayout::One(1));
}

fn video_error(id: &str) -> FlvError {
    VideoHeader::parse(&vector(id)).unwrap_err()
}

#[test]
fn v_ert_90() {
    let error = FlvError::Truncated { payload: Payload::Video, part: "FourCC", needed: 5, len: 3 };
    assert_eq!(video_error("V-ERT-90"), error);
}

#[test]
fn v_ert_91() {
    let error = FlvError::Truncated { payload: Payload::Video, part: "ModEx data", needed: 5, len: 3 };
    assert_eq!(video_error("V-ERT-91"), error);
}

#[test]
fn v_ert_92() {
    assert_eq!(video_error("V-ERT-92"), FlvError::NestedPacketType(6));
}

#[test]
fn v_ert_93() {
    let data = vector("V-ERT-93");
    let header = VideoHeader::parse(&data).unwrap();
    let tracks: Vec<_> = header.tracks(&data).collect();
    assert_eq!(tracks, [Err(FlvError::TrackTooLong { track: 0, len: 9, left: 2 })]);
}

#[test]
fn v_ert_94() {
    // A relay classifies it like any other; a decoder rejects it.
    let header = VideoHeader::parse(&vector("V-ERT-94")).unwrap();
    assert!(header.is_keyframe() && header.codec == VideoCodec::Other(FourCc(*b"xxxx")));
    assert_eq!(header.codec.known(), Err(FlvError::UnknownFourCc(FourCc(*b"xxxx"))));
}

#[test]
fn v_ert_95() {
    let error = FlvError::UnknownPacketType { payload: Payload::Video, packet_type: 8 };
    assert_eq!(video_error("V-ERT-95"), error);
}

#[test]
fn v_ert_96() {
    let error = FlvError::UnknownPacketType { payload: Payload::Audio, packet_type: 3 };
    assert_eq!(AudioHeader::parse(&vector("V-ERT-96")), Err(error));
}

#[test]
fn v_ert_97() {
    let header = VideoHeader::parse(&vector("V-ERT-97")).unwrap();
    assert_eq!((header.nano_offset, header.packet, header.composition_time), (0, PacketKind::CodedFrames, 0));
    assert!(header.anomalies.iter().eq([Anomaly::ShortNanoOffset]));
}

#[test]
fn v_ert_98() {
    let header = VideoHeader::parse(&vector("V-ERT-98")).unwrap();
    assert_eq!(header.nano_offset, 0);
    assert!(header.anomalies.iter().eq([Anomaly::NanoOffsetRange]));
}

#[test]
fn v_ert_99() {
    let data = vector("V-ERT-99");
    let header = AudioHeader::parse(&data).unwrap();
    let error = FlvError::Truncated { payload: Payload::Audio, part: "channel map", needed: 5, len: 4 };
    assert_eq!(MultichannelConfig::parse(&data[header.body..]), Err(error));
}

/// Every packet type with every codec, there and back.
#[test]
fn every_packet_type_of_every_codec_is_written_and_read() {
    let body = [0x12, 0x34, 0x56];
    for four_cc in [FourCc::AVC, FourCc::HEVC, FourCc::VVC, FourCc::AV1, FourCc::VP9, FourCc::VP8, FourCc(*b"abcd")] {
        let codec = VideoCodec::from_four_cc(four_cc);
        for packet in [
            PacketKind::SequenceStart,
            PacketKind::CodedFrames,
            PacketKind::SequenceEnd,
            PacketKind::CodedFramesX,
            PacketKind::Metadata,
            PacketKind::Mpeg2TsSequenceStart,
        ] {
            for tracks in [TrackLayout::Single, TrackLayout::One(7)] {
                let frame = if packet == PacketKind::Metadata { FrameKind::Command } else { FrameKind::Key };
                let header = VideoHeader::new(codec, packet, frame).with_nano_offset(123).with_tracks(tracks);
                let Ok(payload) = header.with_enhanced(true).payload(&body) else {
                    let unsuited = codec != VideoCodec::Av1 && packet == PacketKind::Mpeg2TsSequenceStart
                        || !codec.has_composition_time() && packet == PacketKind::CodedFramesX;
                    assert!(unsuited && codec.known().is_ok(), "{codec:?} {packet:?}");
                    continue;
                };
                let read = VideoHeader::parse(&payload).unwrap();
                assert_eq!((read.codec, read.packet, read.tracks, read.nano_offset), (codec, packet, tracks, 123));
                assert_eq!(payload[read.body..], body);
            }
        }
    }
    for four_cc in [FourCc::AAC, FourCc::MP3, FourCc::OPUS, FourCc::FLAC, FourCc::AC3, FourCc::EAC3, FourCc(*b"abcd")] {
        let codec = AudioCodec::from_four_cc(four_cc);
        for packet in [
            PacketKind::SequenceStart,
            PacketKind::CodedFrames,
            PacketKind::SequenceEnd,
            PacketKind::MultichannelConfig,
        ] {
            for tracks in [TrackLayout::Single, TrackLayout::One(7)] {
                let header = AudioHeader::new(codec, packet).with_nano_offset(123).with_tracks(tracks);
                let mut payload = Vec::new();
                header.encode(&mut payload).unwrap();
                assert_eq!(payload.len(), header.body);
                payload.put_slice(&body);
                let read = AudioHeader::parse(&payload).unwrap();
                assert_eq!((read.codec, read.packet, read.tracks, read.nano_offset), (codec, packet, tracks, 123));
                assert_eq!(payload[read.body..], body);
            }
        }
    }
}
