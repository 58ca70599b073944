//! docs/spec/enhanced-rtmp-v2.md, sections 6, 8, 10 to 12: tracks, onMetaData, files, and version 1.

mod support;

use rtmp_amf::{AmfLimits, Object, Value};
use rtmp_flv::{
    AudioCodec, AudioHeader, ColorInfo, FrameKind, Metadata, PacketKind, ScriptData, TagKind, TrackLayout, VideoCodec,
    VideoHeader, codec::VideoFormat,
};
use support::{decode_file, file, tag_bytes, vector};

fn round_trip(metadata: &Metadata) -> Metadata {
    let tag = metadata.to_tag().unwrap();
    Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap().unwrap()
}

fn tracks() -> Metadata {
    let mut metadata = Metadata::new()
        .with("videocodecid", 7)
        .with("width", 1920)
        .with("height", 1080)
        .with("audiocodecid", 10)
        .with("audiosamplerate", 48_000)
        .with("stereo", true);
    metadata
        .set_video_track(1, Object::new().with("width", 640).with("height", 360).with("videocodecid", 1_635_135_537));
    metadata.set_audio_track(1, Object::new().with("channels", 6).with("samplerate", 44_100));
    metadata.set_audio_track(2, Object::new().with("audiocodecid", 1_332_770_163));
    metadata
}

#[test]
fn ertmp_68_every_track_names_itself() {
    let header = VideoHeader::new(VideoCodec::Avc, PacketKind::CodedFrames, FrameKind::Key);
    for id in 1..4 {
        let data = header.with_tracks(TrackLayout::One(id)).payload(b"x").unwrap();
        assert_eq!(VideoHeader::parse(&data).unwrap().tracks.track_id(), Some(id));
    }
}

#[test]
fn ertmp_69_a_sequence_start_for_each_track() {
    let data = [&b"\x96\x20"[..], b"avc1\x00\0\0\x01A", b"hvc1\x01\0\0\x02BB"].concat();
    let header = VideoHeader::parse(&data).unwrap();
    assert!(header.is_sequence_header());
    let tracks: Vec<_> = header.tracks(&data).map(|t| t.map(|t| (t.id, t.codec, t.body.len())).unwrap()).collect();
    assert_eq!(tracks, [(0, VideoCodec::Avc, 1), (1, VideoCodec::Hevc, 2)]);
}

#[test]
fn ertmp_70_script_methods_of_a_track_pass() {
    let about = Object::new().with("trackId", 1).with("mediaType", "video");
    let tag = ScriptData::new("onCuePoint", vec![about.clone().into()]).to_tag(0).unwrap();
    let read = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap();
    assert_eq!(read.values, [Value::from(about)]);
}

#[test]
fn ertmp_73_the_default_track_alone_in_plain_form() {
    let data = vector("V-ERT-19");
    let header = VideoHeader::parse(&data).unwrap();
    let track = header.tracks(&data).map(Result::unwrap).find(|track| track.id == 0).unwrap();
    let plain = VideoHeader::new(track.codec, header.packet, header.frame);
    let mut out = Vec::new();
    plain.encode_tracks(&[track], &mut out).unwrap();
    assert_eq!(out, vector("V-ERT-06"));
}

#[test]
fn ertmp_85_codec_ids_in_metadata() {
    let legacy = Metadata::new().with("videocodecid", 7).with("audiocodecid", 2);
    assert_eq!((legacy.video_codec(), legacy.audio_codec()), (Some(VideoCodec::Avc), Some(AudioCodec::Mp3)));
    let four_cc = Metadata::new().with("videocodecid", 1_752_589_105_u32).with("audiocodecid", 1_332_770_163_u32);
    assert_eq!((four_cc.video_codec(), four_cc.audio_codec()), (Some(VideoCodec::Hevc), Some(AudioCodec::Opus)));
    assert_eq!(Metadata::new().with("videocodecid", 200).video_codec(), None);
}

#[test]
fn ertmp_86_track_maps() {
    let read = round_trip(&tracks());
    assert!(read.video_track_ids().eq([1]) && read.audio_track_ids().eq([1, 2]));
    let second = read.video_track(1);
    assert!(second.has_entry() && !read.video_track(0).has_entry());
    assert_eq!(
        (second.width(), second.height(), second.video_codec()),
        (Some(640.0), Some(360.0), Some(VideoCodec::Av1))
    );
    assert_eq!(read.audio_track(2).audio_codec(), Some(AudioCodec::Opus));
    assert_eq!(read.video_track(0).width(), Some(1920.0));
}

#[test]
fn ertmp_87_what_an_entry_leaves_out_is_said_at_the_top() {
    let read = round_trip(&tracks());
    assert_eq!(read.audio_track(1).audio_codec(), Some(AudioCodec::Aac));
    assert_eq!(
        (read.audio_track(2).audio_sample_rate(), read.audio_track(2).audio_channels()),
        (Some(48_000.0), Some(2.0))
    );
    assert_eq!(read.video_track(9).height(), Some(1080.0));
    assert_eq!(read.video_track(1).frame_rate(), None);
}

#[test]
fn ertmp_88_an_entry_for_track_0() {
    let mut metadata = tracks();
    metadata.set_video_track(0, Object::new().with("width", 1280));
    let read = round_trip(&metadata);
    assert_eq!((read.video_track(0).width(), read.video_track(0).height()), (Some(1280.0), Some(1080.0)));
    assert!(read.video_track_ids().eq([1, 0]));
}

#[test]
fn ertmp_89_names_inside_an_audio_entry() {
    let read = round_trip(&tracks());
    assert_eq!(
        (read.audio_track(1).audio_sample_rate(), read.audio_track(1).audio_channels()),
        (Some(44_100.0), Some(6.0))
    );
    let mut other = Metadata::new();
    other.set_audio_track(1, Object::new().with("audiosamplerate", 8000).with("audiochannels", 1));
    assert_eq!(
        (other.audio_track(1).audio_sample_rate(), other.audio_track(1).audio_channels()),
        (Some(8000.0), Some(1.0))
    );
}

#[test]
fn ertmp_91_either_kind_of_object() {
    let map = Value::EcmaArray(Object::new().with("1", Value::EcmaArray(Object::new().with("width", 320))));
    let read = Metadata { properties: Object::new().with("videoTrackIdInfoMap", map) };
    assert_eq!(read.video_track(1).width(), Some(320.0));
    let mut odd = Metadata { properties: Object::new().with("videoTrackIdInfoMap", "none") };
    assert_eq!((odd.video_track(1).width(), odd.video_track_ids().count()), (None, 0));
    odd.set_video_track(1, Object::new().with("width", 1));
    assert_eq!(odd.video_track(1).width(), Some(1.0));
}

#[test]
fn ertmp_101_tag_type_15() {
    let tag = Metadata::new().with("a", 1).to_script().to_amf3_tag(0).unwrap();
    assert_eq!((tag.kind, tag.head()[0], tag.data[0]), (TagKind::ScriptAmf3, 15, 0));
}

#[test]
fn ertmp_102_enhanced_bodies_in_a_file() {
    let input = file(&[
        tag_bytes(9, 0, &vector("V-ERT-01")),
        tag_bytes(8, 0, &vector("V-ERT-30")),
        tag_bytes(9, 0, &vector("V-ERT-02")),
    ]);
    let decoded = decode_file(&input).unwrap();
    assert_eq!(decoded.decoder.file_header().unwrap().version, 1);
    assert_eq!(decoded.tags.len(), 3);
    assert_eq!(decoded.tags[2].data, vector("V-ERT-02"));
}

#[test]
fn ertmp_103_tracks_are_inside_tags() {
    let tag = &decode_file(&file(&[tag_bytes(9, 0, &vector("V-ERT-18"))])).unwrap().tags[0];
    assert_eq!(tag.head()[8..], [0, 0, 0]);
    assert_eq!(VideoHeader::parse(&tag.data).unwrap().tracks(&tag.data).count(), 2);
}

#[test]
fn ertmp_104_nano_offsets_stay_in_a_copy() {
    let tag = &decode_file(&file(&[tag_bytes(8, 7, &vector("V-ERT-40"))])).unwrap().tags[0];
    let mut copy = Vec::new();
    tag.encode(&mut copy);
    assert_eq!(copy, tag_bytes(8, 7, &vector("V-ERT-40")));
    assert_eq!(AudioHeader::parse(&tag.data).unwrap().nano_offset, 999_999);
}

#[test]
fn ertmp_105_streams_of_version_1() {
    for (data, codec, body) in [
        (&b"\x90av01x"[..], VideoCodec::Av1, 5),
        (b"\x91hvc1\0\0\x28x", VideoCodec::Hevc, 8),
        (b"\xa3hvc1x", VideoCodec::Hevc, 5),
        (b"\xa1vp09x", VideoCodec::Vp9, 5),
    ] {
        let header = VideoHeader::parse(data).unwrap();
        assert_eq!((header.codec, header.body), (codec, body));
        assert!(header.anomalies.is_empty());
    }
}

#[test]
fn ertmp_6_objects_are_written_and_ecma_arrays_read() {
    let written = tracks();
    assert!(matches!(written.properties["videoTrackIdInfoMap"], Value::Object(_)));
    let color = Object::new().with("colorConfig", Value::EcmaArray(Object::new().with("bitDepth", 8)));
    assert_eq!(ColorInfo::from_value(&Value::EcmaArray(color)).bit_depth, Some(8.0));
}

#[test]
fn ertmp_7_what_is_absent_has_no_default() {
    let nothing = Metadata::new();
    assert_eq!((nothing.width(), nothing.video_codec(), nothing.stereo()), (None, None, None));
    assert_eq!((nothing.audio_channels(), nothing.video_track(3).width()), (None, None));
    assert!(ColorInfo::from_value(&Object::new().into()).is_reset());
}

#[test]
fn ertmp_90_the_stream_itself_decides() {
    // A picture of 1920 by 1080, whatever onMetaData says about it.
    let data = b"\x90av01\x81\x08\x4c\0\x0a\x0c\x02\0\0\x42\x95\x5d\xfe\x1b\x80\x5f\x08\x08";
    let header = VideoHeader::parse(data).unwrap();
    let format = VideoFormat::of(&header, &data[header.body..]).unwrap();
    assert_eq!((format.width, format.height), (Some(1920), Some(1080)));
}

#[test]
fn ertmp_99_each_amf3_value_has_its_own_marker() {
    let values = vec![Value::from(1), Value::from("two").in_amf3(), 3.into(), Value::Integer(4)];
    let tag = ScriptData::new("onData", values.clone()).to_amf3_tag(0).unwrap();
    let read = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap();
    assert_eq!(read.values, values);
}
