//! Files as a recorder writes them, cut files, and their repair.
#![cfg(feature = "std")]

mod support;

use std::io::Cursor;

use bytes::{Bytes, BytesMut};
use proptest::{collection::vec, prelude::*};
use rtmp_amf::{AmfLimits, Object, Value};
use rtmp_flv::{
    Anomaly, FileScan, FileSummary, FlvEncodeError, FlvLimits, FlvWriter, Keyframe, Metadata, ScriptData, Tag, TagKind,
    VideoHeader, WriterConfig, repair,
};
use support::{decode_file, vector};

const RECORDING: &[u8] = include_bytes!("data/ffmpeg9-multitrack-h264-aac.flv");

/// What a recorder has on disk: everything appended so far behind the opening it wrote last.
struct Recorder {
    writer: FlvWriter,
    file: Vec<u8>,
}

impl Recorder {
    fn new(config: WriterConfig) -> Self {
        let metadata = Metadata::new().with("encoder", "tests").with("duration", 99).with("width", 320);
        let writer = FlvWriter::new(metadata, config).unwrap();
        let file = writer.opening().unwrap().to_vec();
        Self { writer, file }
    }

    fn append(&mut self, tag: Tag) {
        assert_eq!(self.writer.position(), self.file.len() as u64);
        let tag = self.writer.append(tag).unwrap();
        self.file.extend_from_slice(&[&tag.head()[..], &tag.data, &tag.tail()].concat());
    }

    fn finish(&mut self) {
        let opening = self.writer.opening().unwrap();
        self.file[..opening.len()].copy_from_slice(&opening);
    }
}

/// The media of the recording, from a time on that is not 0.
fn media() -> Vec<Tag> {
    let tags = decode_file(RECORDING).unwrap().tags.into_iter().filter(|tag| tag.kind != TagKind::Script);
    tags.map(|tag| Tag { timestamp: tag.timestamp.wrapping_sub(500), ..tag }).collect()
}

fn recorded() -> Recorder {
    let mut recorder = Recorder::new(WriterConfig::default());
    media().into_iter().for_each(|tag| recorder.append(tag));
    recorder
}

fn metadata(file: &[u8]) -> Metadata {
    let tag = &decode_file(file).unwrap().tags[0];
    Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap().unwrap()
}

/// `onMetaData` behind the opening, `None` where it cannot be read.
fn later_metadata(file: &[u8]) -> Vec<Option<Metadata>> {
    let tags = decode_file(file).unwrap().tags;
    let scripts = tags.iter().skip(1).filter(|tag| matches!(tag.kind, TagKind::Script | TagKind::ScriptAmf3));
    scripts.map(|tag| Metadata::parse(tag.kind, &tag.data, &AmfLimits::default()).ok().flatten()).collect()
}

fn scan(file: &[u8]) -> FileSummary {
    let mut scan = FileScan::new(FlvLimits::default());
    let mut src = BytesMut::new();
    for piece in file.chunks(1000) {
        src.extend_from_slice(piece);
        scan.feed(&mut src).unwrap();
    }
    scan.finish(&mut src).unwrap()
}

/// Every entry points at a tag header of a key frame with the time it says.
#[track_caller]
fn check_index(file: &[u8], index: &[Keyframe]) {
    for keyframe in index {
        let rest = &file[keyframe.position as usize..];
        let tag = support::decode_tags(&rest[..rest.len().min(100_000)]).unwrap().tags.swap_remove(0);
        assert!(VideoHeader::parse(&tag.data).unwrap().is_keyframe());
        assert_eq!(f64::from(tag.timestamp) / 1000.0, keyframe.time);
    }
}

#[test]
fn flv_48_a_finished_file_knows_itself() {
    let mut recorder = recorded();
    recorder.finish();
    let read = metadata(&recorder.file);
    assert_eq!((read.encoder(), read.width()), (Some("tests"), Some(320.0)), "what the source said is kept");
    assert_eq!(read.file_size(), Some(recorder.file.len() as f64));
    assert_eq!(read.duration(), Some(1.061), "from the first frame to the end of the last");
    assert_eq!(read.properties["hasVideo"], true);
    assert_eq!(read.properties["hasAudio"], true);
    assert_eq!(read.properties["lastkeyframetimestamp"], 1.021);
    let index = read.keyframes().unwrap();
    assert_eq!(index.iter().map(|keyframe| keyframe.time).collect::<Vec<_>>(), [0.021, 1.021], "one for both tracks");
    check_index(&recorder.file, &index);
    let decoded = decode_file(&recorder.file).unwrap();
    assert!(decoded.anomalies.is_empty() && !decoded.is_cut());
    let payloads = |tags: &[Tag]| tags.iter().map(|tag| (tag.kind, tag.data.clone())).collect::<Vec<_>>();
    assert_eq!(payloads(&decoded.tags[1..]), payloads(&media()), "unchanged");
}

#[test]
fn flv_12_48_tags_before_the_start_take_no_time() {
    let mut recorder = Recorder::new(WriterConfig::default().keep_times(true));
    for (kind, data) in [(TagKind::Video, &b"\x17\x01\0\0\0\0\0\0\x02\x65\x01"[..]), (TagKind::Audio, b"\xaf\x01\x21")]
    {
        for timestamp in [-40_i32 as u32, 0, 40] {
            recorder.append(Tag { kind, timestamp, data: Bytes::from_static(data) });
        }
    }
    recorder.finish();
    let read = metadata(&recorder.file);
    assert_eq!(read.duration(), Some(0.08), "to the end of the last frame, and not of one at 2^32 ms");
    assert_eq!(read.properties["lasttimestamp"], 0.04);
    let times: Vec<_> = read.keyframes().unwrap().iter().map(|keyframe| keyframe.time).collect();
    assert_eq!(times, [0.0, 0.04]);
}

#[test]
fn flv_50_a_file_is_valid_at_any_instant() {
    let recorder = recorded();
    let opening = recorder.writer.opening().unwrap().len();
    for len in (opening..recorder.file.len()).step_by(997) {
        let decoded = decode_file(&recorder.file[..len]).unwrap();
        assert!(decoded.anomalies.is_empty() && !decoded.tags.is_empty());
    }
    assert_eq!(metadata(&recorder.file).duration(), Some(0.0));
    assert_eq!(metadata(&recorder.file).keyframes(), None);
}

#[test]
fn the_opening_has_one_length_whatever_it_says() {
    for index_capacity in [0, 1, 2, 7, 60, 500] {
        let config = WriterConfig::default().index_capacity(index_capacity).metadata_reserve(index_capacity % 5);
        let mut recorder = Recorder::new(config);
        let len = recorder.writer.opening().unwrap().len();
        for number in 0..100_u32 {
            let data = Bytes::from_static(b"\x17\x01\0\0\0\0\0\0\x02\x65\x01");
            recorder.append(Tag { kind: TagKind::Video, timestamp: number * 2000, data });
            assert_eq!(recorder.writer.opening().unwrap().len(), len);
        }
        recorder.finish();
        let index = metadata(&recorder.file).keyframes().unwrap();
        assert!(index.len() <= index_capacity && index.len() >= index_capacity.min(100) / 2);
        check_index(&recorder.file, &index);
    }
}

#[test]
fn metadata_may_change_while_there_is_room() {
    let mut recorder = Recorder::new(WriterConfig::default().metadata_reserve(100));
    let len = recorder.writer.opening().unwrap().len();
    assert!(recorder.writer.set_metadata(Metadata::new().with("title", "x".repeat(50)).with("duration", 7)));
    assert!(!recorder.writer.set_metadata(Metadata::new().with("title", "x".repeat(50_000))));
    assert_eq!(recorder.writer.opening().unwrap().len(), len);
    recorder.finish();
    let read = metadata(&recorder.file);
    assert_eq!((read.properties["title"].as_str().map(str::len), read.duration()), (Some(50), Some(0.0)));
}

/// Readers such as FFmpeg believe the last `onMetaData` of a file.
#[test]
fn flv_48_later_metadata_does_not_speak_for_the_file() {
    let mut recorder = Recorder::new(WriterConfig::default());
    let all = media();
    let (before, after) = all.split_at(all.len() / 2);
    let claims =
        Object::new().with("width", 640).with("duration", 3).with("keyframes", Object::new()).with("mood", "x");
    let amf3 = ScriptData::new("onMetaData", vec![Value::Object(claims.clone()).in_amf3()]).to_amf3_tag(0).unwrap();
    let tags = [Metadata { properties: claims.clone() }.to_tag().unwrap(), amf3];
    before.iter().chain(&tags).chain(after).for_each(|tag| recorder.append(tag.clone()));
    recorder.finish();

    let read = metadata(&recorder.file);
    assert_eq!(
        (read.duration(), read.width(), read.keyframes().map(|index| index.len())),
        (Some(1.061), Some(320.0), Some(2))
    );
    let rest: Vec<_> = later_metadata(&recorder.file).into_iter().map(Option::unwrap).collect();
    let kept = Metadata::new().with("width", 640).with("mood", "x");
    assert_eq!(rest, [kept.clone(), kept], "what the source says about itself stays where it came");
}

/// An `onMetaData` as some program may send it, or its beginning.
fn source_metadata() -> impl Strategy<Value = Tag> {
    let number = any::<f64>().prop_map(Value::from);
    let inner = any::<f64>().prop_map(|number| Value::from(Object::new().with("inner", number)));
    let value = prop_oneof![number, "[a-z]{0,20}".prop_map(Value::from), Just(Value::Null), inner];
    let name = prop_oneof![Just("duration"), Just("filesize"), Just("keyframes"), Just("width"), Just("x")];
    let properties = vec((name, value), 0..8);
    let spelling = prop_oneof![Just("onMetaData"), Just("onMetadata")];
    let cut = prop_oneof![Just(0), 0_usize..60];
    (properties, spelling, 0..4, cut).prop_map(|(properties, name, form, cut)| {
        let mut object = Object::new();
        properties.into_iter().for_each(|(name, value)| object.push(name, value));
        let value = match form {
            0 => Value::Object(object),
            1 => Value::Object(object).in_amf3(),
            _ => Value::EcmaArray(object),
        };
        let script = ScriptData::new(name, [value].into());
        let mut tag = if form == 3 { script.to_amf3_tag(0) } else { script.to_tag(0) }.unwrap();
        tag.data.truncate(tag.data.len().saturating_sub(cut).max(18));
        tag
    })
}

proptest! {
    #[test]
    fn flv_48_a_file_is_right_about_itself_whatever_metadata_comes(sent in vec(source_metadata(), 1..6)) {
        let mut recorder = Recorder::new(WriterConfig::default());
        for (tag, metadata) in media().into_iter().step_by(20).zip(sent.iter().cycle()) {
            recorder.append(tag);
            recorder.append(metadata.clone());
        }
        recorder.finish();
        let summary = scan(&recorder.file);
        let opening = summary.metadata.as_ref().unwrap();
        prop_assert_eq!(opening.duration(), Some(summary.duration()));
        prop_assert_eq!(opening.file_size(), Some(recorder.file.len() as f64));
        for tag in &decode_file(&recorder.file).unwrap().tags[1..] {
            for claim in ["duration", "filesize", "keyframes"] {
                prop_assert!(!tag.data.windows(claim.len()).any(|window| window == claim.as_bytes()), "{tag:?}");
            }
        }
        for (metadata, sent) in later_metadata(&recorder.file).iter().zip(sent.iter().cycle()) {
            let sent = Metadata::parse(sent.kind, &sent.data, &AmfLimits::default());
            let width = |metadata: &Metadata| metadata.properties.get("width").cloned();
            prop_assert_eq!(metadata.as_ref().map(width), Some(sent.ok().flatten().as_ref().and_then(width)));
        }
    }
}

#[test]
fn flv_49_metadata_that_cannot_be_read_goes_in_empty() {
    let mut writer = FlvWriter::new(Metadata::new(), WriterConfig::default()).unwrap();
    let mut append = |data: &[u8]| {
        let tag = Tag { kind: TagKind::Script, timestamp: 0, data: Bytes::copy_from_slice(data) };
        writer.append(tag).unwrap().data
    };
    let empty = Metadata::new().to_tag().unwrap().data;
    let head = b"\x02\0\x0aonMetaData\x03\0\x08duration\0\x40\x08\0\0\0\0\0\0";
    assert_eq!(append(&[&head[..], b"\0\x01x\xee"].concat()), empty, "a type that does not exist");
    assert_eq!(append(&[&head[..], b"\0\x01x\x05".repeat(40_000).as_slice(), b"\0\0\x09"].concat()), empty, "too much");
    let other = b"\x02\0\x0aonCuePoint\xee";
    assert_eq!(append(other), other[..], "no metadata, and none of our business");
}

#[test]
fn what_no_file_can_hold_is_refused() {
    let mut recorder = Recorder::new(WriterConfig::default());
    let long = Tag { kind: TagKind::Audio, timestamp: 0, data: Bytes::from(vec![0; Tag::MAX_DATA_LEN + 1]) };
    assert_eq!(long.head()[1..4], [0xff; 3]);
    assert_eq!(recorder.writer.append(long).unwrap_err(), FlvEncodeError::TooLong(Tag::MAX_DATA_LEN + 1));
    assert_eq!(recorder.writer.position(), recorder.file.len() as u64);
    let endless = WriterConfig::default().index_capacity(1_000_000);
    assert!(matches!(FlvWriter::new(Metadata::new(), endless), Err(FlvEncodeError::TooLong(_))));
    let name = Metadata { properties: Object::new().with("n".repeat(70_000), 1) };
    assert!(matches!(FlvWriter::new(name, WriterConfig::default()), Err(FlvEncodeError::Amf(_))));
}

#[test]
fn flv_7_a_cut_file_goes_on_where_it_is_whole() {
    let whole = recorded().file;
    let tags = media();
    let (before, after) = tags.split_at(100);
    for cut in [whole.len(), whole.len() - 1, whole.len() - 4, whole.len() - 5, whole.len() - 300] {
        let mut file = whole[..cut].to_vec();
        let summary = scan(&file);
        assert_eq!(summary.is_cut, cut < whole.len() - 4, "the last PreviousTagSize may be missing");
        file.truncate(summary.end as usize);
        file.extend_from_slice(&summary.tail);
        let mut writer = FlvWriter::resume(&summary, 40).unwrap();
        let count = summary.tags() as usize;
        for tag in after {
            let tag = writer.append(tag.clone()).unwrap();
            assert!(tag.timestamp >= summary.last_time() + 40);
            file.extend_from_slice(&[&tag.head()[..], &tag.data, &tag.tail()].concat());
        }
        let opening = writer.opening().unwrap();
        file[..opening.len()].copy_from_slice(&opening);
        assert_eq!(writer.position(), file.len() as u64);
        let decoded = decode_file(&file).unwrap();
        assert!(decoded.anomalies.is_empty(), "{:?}", decoded.anomalies);
        assert_eq!(decoded.tags.len(), count + after.len());
        assert_eq!(metadata(&file).file_size(), Some(file.len() as f64));
        check_index(&file, &metadata(&file).keyframes().unwrap());
    }
    assert!(!before.is_empty());
}

#[test]
fn a_file_of_another_writer_has_no_room_to_resume() {
    assert!(FlvWriter::resume(&scan(RECORDING), 0).is_none());
    assert!(FlvWriter::resume(&scan(&vector("V-FLV-01")), 0).is_none());
}

#[test]
fn a_cut_file_is_repaired() {
    let cut = &RECORDING[..RECORDING.len() * 2 / 3];
    let mut whole = Cursor::new(Vec::new());
    let summary = repair(Cursor::new(cut), &mut whole, FlvLimits::default()).unwrap();
    let whole = whole.into_inner();
    let (before, after) = (decode_file(cut).unwrap(), decode_file(&whole).unwrap());
    assert!(after.anomalies.is_empty() && !after.is_cut());
    assert_eq!(after.tags[1..], before.tags[1..], "times and payloads as they were");
    assert_eq!(summary.tags() as usize, before.tags.len());
    let read = metadata(&whole);
    assert_eq!((read.file_size(), read.duration()), (Some(whole.len() as f64), Some(summary.duration())));
    assert_eq!(read.keyframes().unwrap().len(), summary.keyframes().len());
    check_index(&whole, &read.keyframes().unwrap());

    let again = repair(Cursor::new(&whole[..]), Cursor::new(Vec::new()), FlvLimits::default()).unwrap();
    assert!(!again.is_cut && again.anomalies.is_empty());
}

/// Such as two files in one, or one whose source claims a duration.
#[test]
fn a_file_with_other_claims_inside_is_repaired() {
    let mut file = RECORDING.to_vec();
    Metadata::new().with("duration", 3600).with("width", 640).to_tag().unwrap().encode(&mut file);
    let mut whole = Cursor::new(Vec::new());
    let summary = repair(Cursor::new(&file[..]), &mut whole, FlvLimits::default()).unwrap();
    assert_eq!(metadata(whole.get_ref()).duration(), Some(summary.duration()));
    assert_eq!(later_metadata(whole.get_ref()), [Some(Metadata::new().with("width", 640))]);
}

#[test]
fn a_damaged_file_is_repaired() {
    let mut damaged = RECORDING.to_vec();
    let at = damaged.len() / 2;
    damaged[at..at + 2000].fill(0xa5);
    let mut whole = Cursor::new(Vec::new());
    let summary = repair(Cursor::new(damaged), &mut whole, FlvLimits::default()).unwrap();
    assert!(summary.anomalies.contains(Anomaly::Resynchronised));
    let decoded = decode_file(whole.get_ref()).unwrap();
    assert!(decoded.anomalies.is_empty());
    let all = decode_file(RECORDING).unwrap().tags;
    assert!(decoded.tags.len() > all.len() - 20);
    assert_eq!(decoded.tags.last(), all.last(), "what follows the damage is found");
}

#[test]
fn what_is_no_flv_file_is_not_repaired() {
    let error = repair(Cursor::new(b"ID3 not a video"), Cursor::new(Vec::new()), FlvLimits::default()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    let short = repair(Cursor::new(b"FL"), Cursor::new(Vec::new()), FlvLimits::default()).unwrap();
    assert!(short.header.is_none() && short.is_cut && short.tags() == 0);
}

#[test]
fn a_scan_says_what_is_there() {
    let summary = scan(RECORDING);
    assert_eq!((summary.tags(), summary.end as usize, summary.is_cut), (156, RECORDING.len() - 4, false));
    assert_eq!(summary.tail, RECORDING[RECORDING.len() - 4..]);
    assert!(summary.has_audio() && summary.has_video() && summary.anomalies.is_empty());
    assert_eq!((summary.duration(), summary.last_time()), (1.061, 1024));
    check_index(RECORDING, summary.keyframes());
    assert_eq!(summary.metadata.unwrap().width(), Some(320.0));
}
