//! What a hostile file or peer may cost.

mod support;

use allocation_counter::measure;
use bytes::BytesMut;
use proptest::prelude::*;
use rtmp_flv::{
    AudioHeader, FileScan, FlvError, FlvLimits, MultichannelConfig, TagDecoder, VideoHeader,
    codec::{AudioFormat, VideoFormat},
};
use support::{file, hex, tag_bytes, vector};

#[test]
fn headers_are_parsed_without_an_allocation() {
    let long = [&hex("96 21 68766331 00 ffffff")[..], &vec![0; 100_000]].concat();
    let info = measure(|| {
        let header = VideoHeader::parse(&long).unwrap();
        assert!(matches!(header.tracks(&long).next(), Some(Err(FlvError::TrackTooLong { .. }))));
        assert!(AudioHeader::parse(b"\x95\x21Opus\x01\0\0\x01x").is_ok());
        assert!(VideoHeader::parse(b"\x97\xff").is_err());
        VideoFormat::of(&header, &long[header.body..]);
        AudioFormat::of(&AudioHeader::SILENCE, &[]);
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn a_long_chain_of_mod_ex_units_ends() {
    let data = [&[0x97][..], &[0, 0, 7].repeat(2_000_000)].concat();
    assert!(matches!(VideoHeader::parse(&data), Err(FlvError::TooManyModEx(_))));
}

#[test]
fn a_long_announcement_costs_nothing() {
    let info = measure(|| {
        let mut decoder = TagDecoder::at_tag(FlvLimits::default());
        let mut src = BytesMut::from(&hex("09 7fffff 000000 00 000000 17")[..]);
        assert_eq!(decoder.decode(&mut src), Ok(None));
    });
    assert!(info.bytes_max < 1000, "{info:?}");
    let mut decoder = TagDecoder::at_tag(FlvLimits::default());
    let mut src = BytesMut::from(&hex("09 ffffff 000000 00 000000 17")[..]);
    let error = FlvError::TagTooLong { offset: 0, len: 0xff_ffff, max: 8 << 20 };
    assert_eq!(decoder.decode(&mut src), Err(error.clone()));
    src.extend_from_slice(&tag_bytes(8, 0, &[0xaf, 1, 0]));
    assert_eq!(decoder.decode(&mut src), Err(error), "again and again");
}

#[test]
fn channel_maps_are_as_long_as_they_are() {
    let info = measure(|| assert!(MultichannelConfig::parse(&[2, 255, 0]).is_err()));
    assert_eq!(info.count_total, 0);
}

#[test]
fn tags_share_the_buffer_they_came_in() {
    let mut input = BytesMut::from(&file(&vec![tag_bytes(9, 0, &[0x27; 1000]); 100])[..]);
    let mut tags = Vec::with_capacity(100);
    let info = measure(|| {
        let mut decoder = TagDecoder::new(FlvLimits::default());
        while let Some(tag) = decoder.decode(&mut input).unwrap() {
            tags.push(tag);
        }
    });
    assert_eq!(tags.len(), 100);
    assert!(info.bytes_max < 1000, "no body was copied: {info:?}");
}

#[test]
fn recovery_from_noise_is_linear_and_bounded() {
    // Every eleventh byte starts what could be a tag of 8 MiB.
    let noise = hex("09 7fffff 000000 00 000000").repeat(40_000);
    let mut decoder = TagDecoder::new(FlvLimits::default()).recover(true);
    let mut src = BytesMut::from(&vector("V-FLV-01")[..]);
    src.extend_from_slice(&noise);
    while decoder.decode_end(&mut src).unwrap().is_some() {}
    src.extend_from_slice(&tag_bytes(8, 5, &[0xaf, 1, 0]));
    assert_eq!(decoder.decode_end(&mut src).unwrap().map(|tag| tag.timestamp), Some(5));
}

#[test]
fn a_scan_of_many_key_frames_stays_small() {
    let mut scan = FileScan::new(FlvLimits::default());
    let mut src = BytesMut::from(&vector("V-FLV-01")[..]);
    for time in 0..200_000 {
        src.extend_from_slice(&tag_bytes(9, time, &[0x12]));
        scan.feed(&mut src).unwrap();
    }
    let summary = scan.finish(&mut src).unwrap();
    assert_eq!(summary.tags(), 200_000);
    assert!(summary.keyframes().len() <= 65_536);
}

/// Pieces of files, most of them well-formed.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let body = || prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        4 => (prop::sample::select(vec![8, 9, 18]), any::<u32>(), body()).prop_map(|(kind, time, body)| tag_bytes(kind, time, &body)),
        // Key frames, for the index of a scan, and metadata that grows in memory.
        2 => (1..200_usize).prop_map(|count| tag_bytes(9, 0, &[0x17, 1, 0, 0, 0]).repeat(count)),
        1 => (0..2_000_usize).prop_map(|count| {
            tag_bytes(18, 0, &[&b"\x02\x00\x0aonMetaData\x0a\xff\xff\xff\xff"[..], &vec![5; count]].concat())
        }),
        1 => Just(hex("09 7fffff 000000 00 000000")),
        1 => Just(vector("V-FLV-01")),
        1 => prop::collection::vec(any::<u8>(), 0..100),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_comes_a_decoder_holds_nothing(
        pieces in prop::collection::vec(piece(), 0..60), recover: bool, has_header: bool,
    ) {
        let start = if has_header { vector("V-FLV-01") } else { Vec::new() };
        let mut src = BytesMut::from(&[start, pieces.concat()].concat()[..]);
        let cost = measure(|| {
            let mut decoder = TagDecoder::new(FlvLimits::default()).recover(recover).restart_at_header(recover);
            while let Ok(Some(tag)) = decoder.decode(&mut src) {
                // A payload is looked at in place.
                let _ = VideoHeader::parse(&tag.data).map(|header| header.tracks(&tag.data).count());
                let _ = AudioHeader::parse(&tag.data).map(|header| header.tracks(&tag.data).count());
            }
        });
        prop_assert!(cost.bytes_max < 1000, "{} bytes beside the buffer", cost.bytes_max);
    }

    #[test]
    fn whatever_comes_a_scan_holds_what_came(pieces in prop::collection::vec(piece(), 0..60), read in 1..5_000_usize) {
        let file = [vector("V-FLV-01"), pieces.concat()].concat();
        let cost = measure(|| {
            let (mut scan, mut src) = (FileScan::new(FlvLimits::default()), BytesMut::new());
            let fed = file.chunks(read).try_for_each(|read| {
                src.extend_from_slice(read);
                scan.feed(&mut src)
            });
            let _ = fed.and_then(|()| scan.finish(&mut src)).map(drop);
        });
        // A value of metadata is a byte in the file and at most 200 in memory (`AmfLimits`), once in the file.
        let admitted = 4 * file.len() + 200 * 2_100 + 4_096;
        prop_assert!(cost.bytes_max < admitted as u64, "{} bytes for {}", cost.bytes_max, file.len());
    }
}
