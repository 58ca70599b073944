//! Files as a recorder writes them, cut files, and their repair.
#![cfg(feature = "std")]

mod support;

use std::io::Cursor;

use bytes::{Bytes, BytesMut};
use rtmp_amf::{AmfLimits, Object};
use rtmp_flv::{
    Anomaly, FileScan, FileSummary, FlvEncodeError, FlvLimits, FlvWriter, Keyframe, Metadata, Tag, TagKind,
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
