//! The byte vectors of docs/spec/flv.md, one test each.

mod support;

use rtmp_amf::{AmfLimits, Value};
use rtmp_flv::{
    Anomaly, AudioCodec, AudioHeader, EncryptionHeader, FileHeader, FlvError, FlvLimits, Metadata, PacketKind,
    ScriptData, Tag, TagDecoder, TagKind, VideoCodec, VideoCommand, VideoHeader,
};
use support::{decode, decode_file, decode_tags, tag_bytes, vector};

/// The one tag of a vector; writing it gives the vector again.
fn only_tag(id: &str) -> Tag {
    let bytes = vector(id);
    let decoded = decode_tags(&bytes).unwrap();
    assert!(decoded.anomalies.is_empty() && !decoded.is_cut(), "{decoded:?}");
    let [tag] = &decoded.tags[..] else { panic!("{decoded:?}") };
    let mut written = Vec::new();
    tag.encode(&mut written);
    assert_eq!(written, bytes, "{id} written again");
    tag.clone()
}

fn video(id: &str) -> (Tag, VideoHeader) {
    let tag = only_tag(id);
    assert_eq!(tag.kind, TagKind::Video);
    let header = VideoHeader::parse(&tag.data).unwrap();
    assert!(header.anomalies.is_empty() && !header.enhanced, "{header:?}");
    (tag, header)
}

fn audio(id: &str) -> (Tag, AudioHeader) {
    let tag = only_tag(id);
    assert_eq!(tag.kind, TagKind::Audio);
    let header = AudioHeader::parse(&tag.data).unwrap();
    assert!(header.anomalies.is_empty() && !header.enhanced, "{header:?}");
    (tag, header)
}

#[test]
fn v_flv_01() {
    let decoded = decode_file(&vector("V-FLV-01")).unwrap();
    let header = FileHeader { version: 1, audio: true, video: true };
    assert_eq!(decoded.decoder.file_header(), Some(header));
    assert!(decoded.tags.is_empty() && decoded.anomalies.is_empty() && !decoded.is_cut());
    assert_eq!(header.to_bytes()[..], vector("V-FLV-01"));
}

#[test]
fn v_flv_02() {
    let decoded = decode_file(&vector("V-FLV-02")).unwrap();
    assert_eq!(decoded.decoder.file_header(), Some(FileHeader::new(false, true)));
    assert_eq!(FileHeader::new(false, true).to_bytes()[..], vector("V-FLV-02"));
}

#[test]
fn v_flv_03() {
    let mut input = vector("V-FLV-03");
    input.extend_from_slice(&vector("V-FLV-05"));
    let decoded = decode_file(&input).unwrap();
    assert_eq!(decoded.tags.len(), 1);
    assert!(decoded.anomalies.is_empty());
}

#[test]
fn v_flv_04() {
    let (tag, header) = audio("V-FLV-04");
    assert!(header.is_sequence_header() && header.codec == AudioCodec::Aac);
    assert_eq!((tag.timestamp, &tag.data[header.body..]), (0, &[0x12, 0x10][..]));
}

#[test]
fn v_flv_05() {
    let (tag, header) = audio("V-FLV-05");
    assert_eq!((header.packet, tag.timestamp), (PacketKind::CodedFrames, 23));
    assert_eq!(tag.data[header.body..], [0x21, 0x10, 0x45, 0]);
}

#[test]
fn v_flv_06() {
    let (tag, header) = video("V-FLV-06");
    assert!(header.is_sequence_header() && !header.is_keyframe());
    assert_eq!((header.codec, header.composition_time, tag.timestamp), (VideoCodec::Avc, 0, 0));
    assert_eq!(tag.data[header.body..][..4], [1, 0x42, 0xc0, 0x1e]);
}

#[test]
fn v_flv_07() {
    let (tag, header) = video("V-FLV-07");
    assert_eq!(tag.signed_time() + header.composition_time, 80);
    assert_eq!((header.packet, header.is_keyframe()), (PacketKind::CodedFrames, false));
}

#[test]
fn v_flv_08() {
    let (tag, header) = video("V-FLV-08");
    assert_eq!(header.composition_time, -40);
    assert_eq!(tag.signed_time() + header.composition_time, 0);
}

#[test]
fn v_flv_09() {
    let (tag, header) = video("V-FLV-09");
    assert_eq!((header.packet, tag.timestamp, header.body), (PacketKind::SequenceEnd, 80, tag.data.len()));
    assert!(!header.is_keyframe() && !header.is_sequence_header());
}

#[test]
fn v_flv_10() {
    assert_eq!(video("V-FLV-10").0.timestamp, 16_777_216);
}

#[test]
fn v_flv_11() {
    let tag = only_tag("V-FLV-11");
    let metadata = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap().unwrap();
    assert_eq!(metadata.duration(), Some(0.0));
    assert_eq!(metadata.to_tag().unwrap(), tag);
}

#[test]
fn v_flv_12() {
    let (_, header) = video("V-FLV-12");
    assert_eq!(header.packet, PacketKind::Command(VideoCommand::StartSeek));
    assert!(!header.is_keyframe() && !header.is_sequence_header());
}

#[test]
fn v_flv_13() {
    let tag = only_tag("V-FLV-13");
    assert_eq!(tag.kind, TagKind::ScriptAmf3);
    let script = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap();
    assert_eq!((script.name.as_str(), script.values.len()), ("onMetaData", 1));
    assert_eq!(script.values[0]["a"], Value::Integer(1));
    assert_eq!(script.to_amf3_tag(0).unwrap(), tag);
}

#[test]
fn v_flv_14() {
    let (tag, header) = audio("V-FLV-14");
    let sound = header.sound.unwrap();
    assert_eq!(header.codec, AudioCodec::Mp3);
    assert_eq!((sound.sample_rate(), sound.sample_bits(), sound.channels()), (Some(44_100), 16, Some(2)));
    assert_eq!(tag.data[header.body..], [0xff, 0xfb, 0x90, 0x64]);
}

#[test]
fn v_flv_90() {
    assert_eq!(decode_file(&vector("V-FLV-90")).unwrap_err(), FlvError::BadSignature(*b"FLY"));
}

#[test]
fn v_flv_91() {
    let error = decode_file(&vector("V-FLV-91")).unwrap_err();
    assert_eq!(error, FlvError::BadDataOffset { offset: 8, max: 65_536 });
}

#[test]
fn v_flv_92() {
    let decoded = decode_file(&vector("V-FLV-92")).unwrap();
    assert!(decoded.anomalies.contains(Anomaly::FileVersion) && decoded.decoder.file_header().unwrap().version == 2);
    let strict = TagDecoder::new(FlvLimits::default()).require_version_1(true);
    assert_eq!(decode(strict, &vector("V-FLV-92")).unwrap_err(), FlvError::BadVersion(2));
}

#[test]
fn v_flv_93() {
    let mut input = vector("V-FLV-93");
    input.extend_from_slice(&vector("V-FLV-05"));
    let decoded = decode_tags(&input).unwrap();
    assert_eq!(decoded.tags.len(), 2);
    assert!(decoded.anomalies.contains(Anomaly::PreviousTagSize));
}

#[test]
fn v_flv_94() {
    let mut input = vector("V-FLV-94");
    input.extend_from_slice(&vector("V-FLV-05"));
    let decoded = decode_tags(&input).unwrap();
    assert_eq!(decoded.tags.len(), 1);
    assert!(decoded.anomalies.iter().eq([Anomaly::UnknownTagType]));
}

#[test]
fn v_flv_95() {
    let mut input = vector("V-FLV-05");
    input.extend_from_slice(&vector("V-FLV-95"));
    let decoded = decode_tags(&input).unwrap();
    assert_eq!(decoded.tags.len(), 1, "the tag before the cut is delivered");
    assert!(decoded.is_cut());
    assert_eq!(decoded.rest.len(), 4 + 14);
}

#[test]
fn v_flv_96() {
    let tag = only_tag("V-FLV-96");
    assert_eq!((tag.kind, tag.timestamp), (TagKind::Encrypted(8), 23));
    let envelope = EncryptionHeader::parse(tag.kind, &tag.data).unwrap();
    assert_eq!((envelope.clear, envelope.filter_name), (&[0xaf, 1][..], "SE"));
    assert!(!envelope.encrypted && envelope.iv.is_none());
    assert_eq!(tag.data[envelope.body..], [0x21, 0x10]);
}

#[test]
fn the_vectors_are_those_of_whole_tags() {
    assert_eq!(tag_bytes(8, 23, &[0xaf, 1, 0x21, 0x10, 0x45, 0]), vector("V-FLV-05"));
}
