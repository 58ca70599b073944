//! docs/spec/flv.md: script data.

mod support;

use rtmp_amf::{AmfLimits, Object, Value, amf0};
use rtmp_flv::{AudioCodec, Keyframe, Metadata, ScriptData, TagKind, VideoCodec};
use support::{decode_file, file, tag_bytes, vector};

fn amf(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    amf0::encode_all(values, &mut out).unwrap();
    out
}

fn script(data: &[u8]) -> ScriptData {
    ScriptData::parse(TagKind::Script, data, &AmfLimits::default()).unwrap()
}

fn metadata(properties: Object) -> Metadata {
    Metadata { properties }
}

#[test]
fn flv_45_name_and_value() {
    for value in [Value::EcmaArray(Object::new().with("width", 8)), Value::Object(Object::new().with("width", 8))] {
        let read = Metadata::from_script(script(&amf(&["onMetaData".into(), value]))).unwrap();
        assert_eq!(read.width(), Some(8.0));
    }
    let several = script(&amf(&["onMetaData".into(), Object::new().into(), "more".into()]));
    assert_eq!(several.values.len(), 2);
    let mut old = vector("V-FLV-11")[11..51].to_vec();
    old.extend_from_slice(&[0, 0, 9]);
    let old = script(&old);
    assert_eq!((old.values.len(), old.trailing), (1, 3));
    assert_eq!(script(&[&amf(&["hi".into()])[..], &[0, 0, 9]].concat()).trailing, 3);
    assert!(matches!(metadata(Object::new()).to_script().values[..], [Value::EcmaArray(_)]));
}

#[test]
fn flv_46_type_15() {
    let body = amf(&["onMetaData".into(), Value::from(Object::new().with("width", 8)).in_amf3()]);
    let with_selector = [&[0][..], &body].concat();
    for data in [&body, &with_selector] {
        let read = Metadata::parse(TagKind::ScriptAmf3, data, &AmfLimits::default()).unwrap().unwrap();
        assert_eq!(read.width(), Some(8.0));
    }
    let tag = script(&body).to_amf3_tag(7).unwrap();
    assert_eq!((tag.kind, tag.timestamp, &tag.data[..]), (TagKind::ScriptAmf3, 7, &with_selector[..]));
}

#[test]
fn flv_47_both_spellings() {
    for name in ["onMetaData", "onMetadata"] {
        assert!(ScriptData::new(name, vec![]).is_on_meta_data());
    }
    assert!(!ScriptData::new("onmetadata", vec![]).is_on_meta_data());
    assert_eq!(Metadata::new().to_script().name, "onMetaData");
    let set = ScriptData::new("@setDataFrame", vec!["onMetaData".into(), Object::new().with("width", 9).into()]);
    assert_eq!(Metadata::from_script(set).unwrap().width(), Some(9.0));
    assert_eq!(Metadata::from_script(ScriptData::new("onCuePoint", vec![])), None);
}

#[test]
fn flv_48_properties() {
    let read = metadata(
        Object::new()
            .with("audiocodecid", 10)
            .with("videocodecid", 7)
            .with("audiodatarate", 128)
            .with("videodatarate", 2500.5)
            .with("audiodelay", 0.1)
            .with("audiosamplerate", 44_100)
            .with("audiosamplesize", 16)
            .with("stereo", true)
            .with("canSeekToEnd", false)
            .with("creationdate", "today")
            .with("duration", 12.5)
            .with("fileSize", 1000)
            .with("videoframerate", 25)
            .with("width", 640)
            .with("height", 360)
            .with("encoder", "mine"),
    );
    assert_eq!((read.audio_codec(), read.video_codec()), (Some(AudioCodec::Aac), Some(VideoCodec::Avc)));
    assert_eq!((read.audio_data_rate(), read.video_data_rate()), (Some(128.0), Some(2500.5)));
    assert_eq!(
        (read.audio_delay(), read.audio_sample_rate(), read.audio_sample_size()),
        (Some(0.1), Some(44_100.0), Some(16.0))
    );
    assert_eq!((read.stereo(), read.audio_channels(), read.can_seek_to_end()), (Some(true), Some(2.0), Some(false)));
    assert_eq!((read.creation_date(), read.encoder()), (Some("today"), Some("mine")));
    assert_eq!((read.duration(), read.file_size(), read.frame_rate()), (Some(12.5), Some(1000.0), Some(25.0)));
    assert_eq!((read.width(), read.height()), (Some(640.0), Some(360.0)));
    let text = Metadata::new().with("audiocodecid", "mp4a").with("videocodecid", "avc1");
    assert_eq!((text.audio_codec(), text.video_codec()), (Some(AudioCodec::Aac), Some(VideoCodec::Avc)));
}

#[test]
fn flv_49_properties_may_be_anything() {
    let odd = metadata(
        Object::new()
            .with("width", "wide")
            .with("height", Value::Null)
            .with("duration", f64::NAN)
            .with("videocodecid", 77)
            .with("audiocodecid", true)
            .with("keyframes", "none")
            .with("mine", 1),
    );
    assert_eq!((odd.width(), odd.height(), odd.duration()), (None, None, None));
    assert_eq!((odd.video_codec(), odd.audio_codec(), odd.keyframes()), (None, None, None));
    let names: Vec<_> = odd.properties.iter().map(|(name, _)| name.as_str().to_owned()).collect();
    assert_eq!(names.join(" "), "width height duration videocodecid audiocodecid keyframes mine", "kept in order");
}

#[test]
fn flv_50_zeroes_while_a_file_is_written() {
    let live = Metadata::new().with("duration", 0).with("filesize", 0);
    assert_eq!((live.duration(), live.file_size()), (Some(0.0), Some(0.0)));
}

#[test]
fn flv_51_key_frame_index() {
    let keyframes = [Keyframe { time: 0.0, position: 500 }, Keyframe { time: 2.0, position: 9_000_000_000 }];
    let mut written = Metadata::new();
    written.set_keyframes(&keyframes);
    let tag = written.to_tag().unwrap();
    let read = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap().unwrap();
    assert_eq!(read.keyframes().unwrap(), keyframes);
    let uneven = Object::new().with("times", vec![0, 1, 2]).with("filepositions", vec![10, 20]);
    assert_eq!(metadata(Object::new().with("keyframes", uneven)).keyframes().unwrap().len(), 2);
}

#[test]
fn flv_52_xmp_data() {
    let xmp = ScriptData::new("onXMPData", vec![Object::new().with("liveXML", "x".repeat(70_000)).into()]);
    let tag = xmp.to_tag(0).unwrap();
    let read = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap();
    assert_eq!(read, xmp);
    assert_eq!(Metadata::from_script(read), None);
}

#[test]
fn flv_53_other_names_pass() {
    for name in ["onCuePoint", "onTextData", "onCaption", "onFI", "onLastSecond", "onPlayStatus", "|RtmpSampleAccess"] {
        let read = script(&amf(&[name.into(), true.into(), true.into()]));
        assert_eq!((read.name.as_str(), read.values.len()), (name, 2));
        assert!(!read.is_reserved_name());
    }
}

#[test]
fn flv_54_reserved_names() {
    let names = "attachAudio attachVideo call close getBufferInfo onStatus pause play play2 publish receiveAudio \
                 receiveVideo seek send setBufferTime";
    for name in names.split(' ') {
        assert!(ScriptData::new(name, vec![]).is_reserved_name(), "{name}");
    }
}

#[test]
fn flv_55_script_data_that_is_no_amf() {
    let decoded = decode_file(&file(&[tag_bytes(18, 0, &[0xff, 1, 2]), tag_bytes(8, 0, &[0xaf, 1, 1])])).unwrap();
    assert_eq!((decoded.tags.len(), &decoded.tags[0].data[..]), (2, &[0xff, 1, 2][..]), "delivered as it is");
    for bad in [&[0xff, 1, 2][..], &[], &[2, 0, 9, b'x'], &[0, 1, 2, 3, 4, 5, 6, 7, 8], &[2, 0, 1, b'x', 0xee]] {
        assert!(ScriptData::parse(TagKind::Script, bad, &AmfLimits::default()).is_err(), "{bad:?}");
    }
    let kept = script(&[&amf(&["x".into(), 1.into()])[..], &[0xee, 0xee]].concat());
    assert_eq!((kept.values.len(), kept.trailing), (1, 2), "what can be read is kept");
}
