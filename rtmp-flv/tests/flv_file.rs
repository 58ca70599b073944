//! docs/spec/flv.md: file, tags, and their relation to RTMP.

mod support;

use bytes::{Bytes, BytesMut};
use rtmp_flv::{
    Anomaly, AudioCodec, AudioHeader, FileHeader, FlvEncodeError, FlvError, FlvLimits, FlvWriter, FrameKind, Metadata,
    PacketKind, Tag, TagDecoder, TagKind, TrackLayout, VideoCodec, VideoHeader, WriterConfig,
};
use support::{decode, decode_file, decode_tags, file, hex, tag_bytes, vector};

const AUDIO: &[u8] = &[0xaf, 1, 0x21, 0x10];
const VIDEO: &[u8] = &[0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41];

#[test]
fn flv_1_header() {
    assert_eq!(FileHeader::new(true, false).to_bytes(), *b"FLV\x01\x04\0\0\0\x09\0\0\0\0");
    let decoded = decode_file(b"FLV\x01\x04\0\0\0\x09").unwrap();
    assert_eq!(decoded.decoder.file_header(), Some(FileHeader { version: 1, audio: true, video: false }));
}

#[test]
fn flv_2_signature_and_version() {
    assert_eq!(decode_file(b"FLX").unwrap_err(), FlvError::BadSignature(*b"FLX"), "known after three bytes");
    assert!(decode_file(b"FL").unwrap().is_cut());
}

#[test]
fn flv_3_flags_are_hints() {
    let mut input = file(&[tag_bytes(8, 0, AUDIO), tag_bytes(9, 0, VIDEO)]);
    input[4] = 0xf8;
    let decoded = decode_file(&input).unwrap();
    assert_eq!(decoded.tags.len(), 2);
    assert_eq!(decoded.decoder.file_header(), Some(FileHeader::new(false, false)));
    assert_eq!(FileHeader::new(false, false).to_bytes()[4], 0, "reserved bits are written as 0");
}

#[test]
fn flv_4_data_offset() {
    let mut input = vector("V-FLV-01");
    input[5..9].copy_from_slice(&65_536_u32.to_be_bytes());
    input.splice(9..9, vec![0xff; 65_536 - 9]);
    input.extend_from_slice(&tag_bytes(8, 5, AUDIO));
    assert_eq!(decode_file(&input).unwrap().tags.len(), 1);
    input[5..9].copy_from_slice(&65_537_u32.to_be_bytes());
    assert_eq!(decode_file(&input).unwrap_err(), FlvError::BadDataOffset { offset: 65_537, max: 65_536 });
    let narrow = TagDecoder::new(FlvLimits::default().max_data_offset(9));
    input[5..9].copy_from_slice(&10_u32.to_be_bytes());
    assert_eq!(decode(narrow, &input).unwrap_err(), FlvError::BadDataOffset { offset: 10, max: 9 });
}

#[test]
fn flv_5_first_previous_tag_size() {
    let mut input = file(&[tag_bytes(8, 0, AUDIO)]);
    input[12] = 1;
    let decoded = decode_file(&input).unwrap();
    assert_eq!(decoded.tags.len(), 1);
    assert!(decoded.anomalies.iter().eq([Anomaly::FirstTagSize]));
}

#[test]
fn flv_6_wrong_previous_tag_sizes() {
    let right = tag_bytes(8, 0, AUDIO);
    for wrong in [4_u32, 14, 0, 28, u32::MAX] {
        let mut first = right.clone();
        first[15..].copy_from_slice(&wrong.to_be_bytes());
        let decoded = decode_file(&file(&[first, right.clone()])).unwrap();
        assert_eq!(decoded.tags.len(), 2, "{wrong}");
        assert!(decoded.anomalies.iter().eq([Anomaly::PreviousTagSize]), "{wrong}");
    }
}

#[test]
fn flv_6_resynchronises_behind_damage() {
    let tags = [tag_bytes(8, 0, AUDIO), tag_bytes(9, 1, VIDEO), tag_bytes(8, 2, AUDIO), tag_bytes(9, 3, VIDEO)];
    let mut input = file(&tags);
    let second = 13 + tags[0].len();
    input[second + 1] = 0x50; // its length becomes nonsense
    let decoder = || TagDecoder::new(FlvLimits::default()).recover(true);
    let decoded = decode(decoder(), &input).unwrap();
    assert_eq!(decoded.tags.iter().map(|tag| tag.timestamp).collect::<Vec<_>>(), [0, 2, 3]);
    assert!(decoded.anomalies.contains(Anomaly::Resynchronised));

    // PreviousTagSize always 0, as some writers have it: the next header is witness enough.
    let mut input = vector("V-FLV-01");
    for tag in &tags {
        input.extend_from_slice(&tag[..tag.len() - 4]);
        input.extend_from_slice(&[0; 4]);
    }
    assert_eq!(decode(decoder(), &input).unwrap().tags.len(), 4);

    // Bytes put in between.
    let mut input = file(&tags);
    input.splice(second..second, *b"garbage");
    let decoded = decode(decoder(), &input).unwrap();
    assert_eq!(decoded.tags.iter().map(|tag| tag.timestamp).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn flv_7_end_of_input() {
    let whole = tag_bytes(8, 0, AUDIO);
    let input = file(&[whole.clone(), whole.clone()]);
    for missing in 0..=4 {
        let decoded = decode_file(&input[..input.len() - missing]).unwrap();
        assert_eq!((decoded.tags.len(), decoded.is_cut()), (2, false), "{missing} bytes of PreviousTagSize missing");
    }
    let decoded = decode_file(&input[..input.len() - 5]).unwrap();
    assert_eq!((decoded.tags.len(), decoded.is_cut()), (1, true));
}

#[test]
fn flv_8_one_file_behind_the_other() {
    let mut input = file(&[tag_bytes(8, 7, AUDIO)]);
    let second = input.len();
    input.extend_from_slice(&input.clone());
    let error = FlvError::SecondHeader { offset: second as u64 };
    assert_eq!(decode_file(&input).unwrap_err(), error);
    for lenient in [TagDecoder::new(FlvLimits::default()), TagDecoder::new(FlvLimits::default()).recover(true)] {
        let decoded = decode(lenient.restart_at_header(true), &input).unwrap();
        assert_eq!(decoded.tags.len(), 2);
        assert!(decoded.anomalies.iter().eq([Anomaly::SecondHeader]));
    }
}

#[test]
fn flv_9_any_split_gives_the_same_tags() {
    let input = file(&[tag_bytes(8, 0, AUDIO), tag_bytes(10, 0, &[1, 2, 3]), tag_bytes(9, 9, VIDEO)]);
    let whole = decode_file(&input).unwrap().tags;
    for cut in 0..=input.len() {
        let mut decoder = TagDecoder::new(FlvLimits::default());
        let (mut src, mut tags) = (BytesMut::new(), Vec::new());
        for piece in [&input[..cut], &input[cut..]] {
            src.extend_from_slice(piece);
            while let Some(tag) = decoder.decode(&mut src).unwrap() {
                tags.push(tag);
            }
        }
        assert_eq!(tags, whole);
    }
}

#[test]
fn flv_10_bounded_tags() {
    let decoder = TagDecoder::new(FlvLimits::default().max_tag_len(9));
    let error = FlvError::TagTooLong { offset: 13, len: 10, max: 9 };
    assert_eq!(decode(decoder, &file(&[tag_bytes(9, 0, VIDEO)])).unwrap_err(), error);

    let mut decoder = TagDecoder::at_tag(FlvLimits::default());
    let mut src = BytesMut::from(&hex("09 7fffff 000000 00 000000")[..]);
    assert_eq!(decoder.decode(&mut src), Ok(None));
    assert_eq!(decoder.bytes_wanted(), 64 << 10, "not the 8 MiB that were announced");
}

#[test]
fn flv_11_tag_header() {
    let tag = Tag { kind: TagKind::Video, timestamp: 0x0102_0304, data: Bytes::from_static(VIDEO) };
    assert_eq!(tag.head()[..], hex("09 00000a 020304 01 000000"));
    assert_eq!(tag.tail()[..], hex("00000015"));
    assert_eq!(tag.encoded_len(), 25);
}

#[test]
fn flv_12_signed_time() {
    let decoded = decode_tags(&tag_bytes(8, u32::MAX, AUDIO)).unwrap();
    assert_eq!(decoded.tags[0].signed_time(), -1);
    assert!(decoded.anomalies.iter().eq([Anomaly::NegativeTime]));
    let head = decoded.tags[0].head();
    assert_eq!(head[4..8], hex("ffffff7f"), "written modulo 2^31");
}

#[test]
fn flv_13_first_time_may_be_anything() {
    let decoded = decode_file(&file(&[tag_bytes(8, 5000, AUDIO)])).unwrap();
    assert_eq!((decoded.tags[0].timestamp, decoded.anomalies.is_empty()), (5000, true));
}

#[test]
fn flv_14_tag_types() {
    let types = [(8, TagKind::Audio), (9, TagKind::Video), (18, TagKind::Script), (15, TagKind::ScriptAmf3)];
    for (number, kind) in types {
        assert_eq!(decode_tags(&tag_bytes(number, 0, AUDIO)).unwrap().tags[0].kind, kind);
        assert_eq!(kind.type_byte(), number);
    }
}

#[test]
fn flv_15_unknown_tag_types_are_skipped() {
    let long = vec![0xee; 200_000];
    let decoded = decode_file(&file(&[tag_bytes(3, 0, &long), tag_bytes(8, 0, AUDIO)])).unwrap();
    assert_eq!(decoded.tags.len(), 1);
    assert!(decoded.anomalies.iter().eq([Anomaly::UnknownTagType]));

    // Without being kept.
    let mut decoder = TagDecoder::at_tag(FlvLimits::default());
    let mut src = BytesMut::from(&tag_bytes(3, 0, &long)[..100_000]);
    assert_eq!(decoder.decode(&mut src), Ok(None));
    assert!(src.is_empty());
}

#[test]
fn flv_16_stream_id_and_reserved_bits() {
    for (at, bits) in [(0, 0x80), (0, 0x40), (8, 1), (10, 1)] {
        let mut tag = tag_bytes(8, 0, AUDIO);
        tag[at] |= bits;
        let decoded = decode_tags(&tag).unwrap();
        assert_eq!(decoded.tags[0].kind, TagKind::Audio);
        assert!(decoded.anomalies.iter().eq([Anomaly::ReservedBits]));
    }
}

#[test]
fn flv_17_time_is_that_of_the_tag() {
    let tag = &decode_tags(&tag_bytes(9, 40, &hex("27 01 000028 00000001 41"))).unwrap().tags[0];
    assert_eq!((tag.timestamp, VideoHeader::parse(&tag.data).unwrap().composition_time), (40, 40));
}

#[test]
fn flv_18_one_track_of_a_kind_without_multitrack() {
    // Whatever the codec, and also where the body looks like a multitrack packet behind its first byte.
    for first in 0..=255_u8 {
        let data = [&[first][..], b"\x11avc1\x00\0\0\x01A\x01\0\0\x01B"].concat();
        if let Ok(header) = VideoHeader::parse(&data) {
            let tracks = header.tracks(&data).filter_map(Result::ok);
            let is_legacy = first & 0x80 == 0;
            assert!(!is_legacy || tracks.map(|track| track.id).eq([0]), "video {first:#04x}");
        }
        if let Ok(header) = AudioHeader::parse(&data) {
            let tracks = header.tracks(&data).filter_map(Result::ok);
            let is_legacy = first >> 4 != 9;
            assert!(!is_legacy || tracks.map(|track| track.id).eq([0]), "audio {first:#04x}");
        }
    }
    let video = VideoHeader::new(VideoCodec::Avc, PacketKind::CodedFrames, FrameKind::Key);
    let audio = AudioHeader::new(AudioCodec::Aac, PacketKind::CodedFrames);
    for tracks in [TrackLayout::One(0), TrackLayout::One(1), TrackLayout::Many] {
        let error = Err(FlvEncodeError::NoLegacyForm);
        assert_eq!(video.with_tracks(tracks).with_enhanced(false).payload(b"x"), error);
        assert_eq!(audio.with_tracks(tracks).with_enhanced(false).payload(b"x"), error);
    }
}

#[test]
fn flv_19_times_may_go_back() {
    let input = file(&[tag_bytes(9, 100, VIDEO), tag_bytes(8, 90, AUDIO), tag_bytes(9, 60, VIDEO)]);
    let times: Vec<u32> = decode_file(&input).unwrap().tags.iter().map(|tag| tag.timestamp).collect();
    assert_eq!(times, [100, 90, 60]);
}

#[test]
fn flv_19_written_times_do_not_go_back_within_a_kind() {
    let mut writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).unwrap();
    let mut write = |kind, timestamp, data| {
        writer.append(Tag { kind, timestamp, data: Bytes::from_static(data) }).unwrap().timestamp
    };
    assert_eq!(write(TagKind::Video, 100, VIDEO), 0);
    assert_eq!(write(TagKind::Video, 140, VIDEO), 40);
    assert_eq!(write(TagKind::Audio, 120, AUDIO), 20);
    assert_eq!(write(TagKind::Video, 130, VIDEO), 40);
    assert_eq!(write(TagKind::Audio, 110, AUDIO), 20);
}

#[test]
fn flv_20_empty_bodies() {
    let decoded = decode_tags(&[tag_bytes(8, 1, &[]), tag_bytes(9, 2, &[]), tag_bytes(18, 3, &[])].concat()).unwrap();
    assert_eq!(decoded.tags.len(), 1, "silence");
    assert_eq!((decoded.tags[0].kind, decoded.tags[0].data.len()), (TagKind::Audio, 0));
    assert!(decoded.anomalies.iter().eq([Anomaly::EmptyTag]));
}

#[test]
fn flv_21_a_payload_is_a_tag_body() {
    let data = Bytes::from_static(VIDEO);
    let tag = Tag { kind: TagKind::Video, timestamp: 1, data: data.clone() };
    let mut bytes = Vec::new();
    tag.encode(&mut bytes);
    assert_eq!(bytes[11..21], data);
    assert_eq!(decode_tags(&bytes).unwrap().tags, [tag]);
}

#[test]
fn flv_22_recorded_times_start_with_the_first_frame() {
    let mut writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).unwrap();
    let config = Bytes::from_static(&[0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x1e]);
    let times: Vec<u32> = [(0, config), (9000, Bytes::from_static(VIDEO)), (9040, Bytes::from_static(VIDEO))]
        .map(|(timestamp, data)| writer.append(Tag { kind: TagKind::Video, timestamp, data }).unwrap().timestamp)
        .into();
    assert_eq!(times, [0, 0, 40], "the sequence header was sent when the stream began");
}

#[test]
fn flv_23_recorder_ends_at_2_to_the_31() {
    let mut writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).unwrap();
    let mut write = |timestamp| {
        writer.append(Tag { kind: TagKind::Audio, timestamp, data: Bytes::from_static(AUDIO) }).map(|tag| tag.timestamp)
    };
    let start = u32::MAX - 99;
    assert_eq!(write(start), Ok(0));
    assert_eq!(write(start.wrapping_add(1 << 30)), Ok(1 << 30), "RTMP's time wrapped");
    assert_eq!(write(start.wrapping_add((1 << 31) - 1)), Ok((1 << 31) - 1));
    assert_eq!(write(start.wrapping_add(1 << 31)), Err(FlvEncodeError::TimeOverflow(1 << 31)));
}

#[test]
fn flv_24_a_stream_without_end() {
    let mut decoder = TagDecoder::new(FlvLimits::default());
    let mut src = BytesMut::from(&vector("V-FLV-01")[..]);
    for time in 0..1000 {
        src.extend_from_slice(&tag_bytes(8, time, AUDIO));
        assert_eq!(decoder.decode(&mut src).unwrap().unwrap().timestamp, time);
        assert_eq!(decoder.decode(&mut src), Ok(None));
        assert!(src.is_empty(), "nothing piles up");
    }
}
