//! What holds for every file and every payload.

mod support;

use bytes::{Bytes, BytesMut};
use proptest::{collection::vec, prelude::*};
use rtmp_amf::AmfLimits;
use rtmp_flv::{
    AudioCodec, AudioHeader, AudioTrack, EncryptionHeader, FileScan, FlvLimits, FourCc, FrameKind, Metadata,
    MultichannelConfig, PacketKind, ScriptData, Tag, TagDecoder, TagKind, TrackLayout, VideoCodec, VideoCommand,
    VideoHeader, VideoMetadata, VideoTrack,
    codec::{AudioFormat, VideoFormat, audio_codec_string, video_codec_string},
};
use support::{
    decode_file,
    strategy::{body, cuts, four_cc, pieces, tag},
    vector,
};

const VIDEO: &[FourCc] = &[FourCc::AVC, FourCc::HEVC, FourCc::VVC, FourCc::AV1, FourCc::VP9, FourCc::VP8];
const AUDIO: &[FourCc] = &[FourCc::AAC, FourCc::MP3, FourCc::OPUS, FourCc::FLAC, FourCc::AC3, FourCc::EAC3];

fn file(tags: &[Tag]) -> Vec<u8> {
    let mut out = vector("V-FLV-01");
    tags.iter().for_each(|tag| tag.encode(&mut out));
    out
}

fn in_pieces(mut decoder: TagDecoder, input: &[u8], cuts: &[usize]) -> (Vec<Tag>, bool) {
    let (mut src, mut tags) = (BytesMut::new(), Vec::new());
    for piece in pieces(input, cuts) {
        src.extend_from_slice(piece);
        while let Ok(Some(tag)) = decoder.decode(&mut src) {
            tags.push(tag);
        }
    }
    while let Ok(Some(tag)) = decoder.decode_end(&mut src) {
        tags.push(tag);
    }
    (tags, decoder.decode(&mut src).is_err())
}

proptest! {
    #[test]
    fn flv_9_a_file_may_be_cut_anywhere(tags in vec(tag(), 0..30), cuts in cuts(), recover in any::<bool>()) {
        let decoder = TagDecoder::new(FlvLimits::default()).recover(recover);
        prop_assert_eq!(in_pieces(decoder, &file(&tags), &cuts), (tags, false));
    }

    #[test]
    fn flv_6_damage_is_the_same_however_it_is_cut(
        tags in vec(tag(), 1..12), cuts in cuts(), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut input = file(&tags);
        for (at, byte) in damage {
            let at = 13 + at.index(input.len() - 13);
            input[at] = byte;
        }
        for recover in [false, true] {
            let decoder = || TagDecoder::new(FlvLimits::default()).recover(recover);
            prop_assert_eq!(in_pieces(decoder(), &input, &cuts), in_pieces(decoder(), &input, &[input.len()]));
        }
    }

    #[test]
    fn flv_7_what_is_whole_is_delivered(tags in vec(tag(), 1..10), cut in any::<prop::sample::Index>()) {
        let whole = file(&tags);
        let input = &whole[..cut.index(whole.len())];
        let decoded = decode_file(input).unwrap();
        prop_assert_eq!(&decoded.tags[..], &tags[..decoded.tags.len()]);
        let mut scan = FileScan::new(FlvLimits::default());
        let mut src = BytesMut::from(input);
        scan.feed(&mut src).unwrap();
        let summary = scan.finish(&mut src).unwrap();
        prop_assert!(summary.tags() as usize >= decoded.tags.len());
        prop_assert!(summary.end <= input.len().max(9) as u64);
    }

    #[test]
    fn what_is_decoded_is_encoded_to_the_same_bytes(tags in vec(tag(), 0..20)) {
        let input = file(&tags);
        prop_assert_eq!(file(&decode_file(&input).unwrap().tags), input);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn any_payload_is_read_without_a_panic(
        first in any::<u8>(), second in 0_u8..0x30, four_cc in four_cc(VIDEO), rest in vec(any::<u8>(), 0..100),
    ) {
        read_as_everything(&[&[first][..], &four_cc.0, &rest].concat());
        read_as_everything(&[&[first, second][..], &four_cc.0, &rest].concat());
    }

    #[test]
    fn video_headers_go_both_ways(header in video_header(), body in body()) {
        // A command ends behind its byte.
        let body = if header.frame == FrameKind::Command { Bytes::new() } else { body };
        let Ok(payload) = header.payload(&body) else { return Ok(()) };
        let mut read = VideoHeader::parse(&payload).unwrap();
        read.anomalies = header.anomalies;
        let mut written = Vec::new();
        header.encode(&mut written).unwrap();
        prop_assert_eq!(read.body, written.len());
        prop_assert_eq!(read, header);
        prop_assert_eq!(&payload[read.body..], &body[..]);
    }

    #[test]
    fn audio_headers_go_both_ways(header in audio_header(), body in body()) {
        let Ok(payload) = header.payload(&body) else { return Ok(()) };
        let read = AudioHeader::parse(&payload).unwrap();
        let fields = |h: &AudioHeader| (h.codec, h.packet, h.sound, h.nano_offset, h.tracks, h.enhanced, h.body);
        prop_assert_eq!(fields(&read), fields(&header));
        prop_assert_eq!(&payload[read.body..], &body[..]);
    }

    #[test]
    fn ertmp_19_video_tracks_go_both_ways(
        layout in 0..4, packet in 0_usize..4, list in vec((any::<u8>(), four_cc(VIDEO), -100..100, body()), 1..6),
    ) {
        let packets = [PacketKind::SequenceStart, PacketKind::CodedFrames, PacketKind::SequenceEnd, PacketKind::Metadata];
        let packet = packets[packet];
        let first = list[0].1;
        let track = |(id, four_cc, time, body): &(u8, FourCc, i32, Bytes)| {
            let codec = VideoCodec::from_four_cc(if layout == 3 { *four_cc } else { first });
            let timed = packet == PacketKind::CodedFrames && codec.has_composition_time();
            (*id, codec, if timed { *time } else { 0 }, body.clone())
        };
        let mut list: Vec<_> = list.iter().map(track).collect();
        let layout = match layout {
            0 => { list.truncate(1); list[0].0 = 0; TrackLayout::Single }
            1 => { list.truncate(1); TrackLayout::One(list[0].0) }
            2 => TrackLayout::Many,
            _ => TrackLayout::ManyCodecs,
        };
        let tracks: Vec<_> = list.iter()
            .map(|(id, codec, composition_time, body)| VideoTrack {
                id: *id, codec: *codec, composition_time: *composition_time, body,
            })
            .collect();
        let header = VideoHeader::new(tracks[0].codec, packet, FrameKind::Inter).with_tracks(layout).with_enhanced(true);
        let mut payload = Vec::new();
        header.encode_tracks(&tracks, &mut payload).unwrap();
        let read = VideoHeader::parse(&payload).unwrap();
        prop_assert_eq!((read.tracks, read.packet), (layout, packet));
        prop_assert_eq!(read.tracks(&payload).collect::<Result<Vec<_>, _>>().unwrap(), tracks);
    }

    #[test]
    fn ertmp_19_audio_tracks_go_both_ways(
        layout in 0..4, list in vec((any::<u8>(), four_cc(AUDIO), body()), 1..6), nano_offset in 0_u32..1_000_000,
    ) {
        let first = list[0].1;
        let codec = |four_cc| AudioCodec::from_four_cc(if layout == 3 { four_cc } else { first });
        let mut tracks: Vec<_> =
            list.iter().map(|(id, four_cc, body)| AudioTrack { id: *id, codec: codec(*four_cc), body }).collect();
        let layout = match layout {
            0 => { tracks.truncate(1); tracks[0].id = 0; TrackLayout::Single }
            1 => { tracks.truncate(1); TrackLayout::One(tracks[0].id) }
            2 => TrackLayout::Many,
            _ => TrackLayout::ManyCodecs,
        };
        let header = AudioHeader::new(tracks[0].codec, PacketKind::CodedFrames)
            .with_tracks(layout).with_nano_offset(nano_offset).with_enhanced(true);
        let mut payload = Vec::new();
        header.encode_tracks(&tracks, &mut payload).unwrap();
        let read = AudioHeader::parse(&payload).unwrap();
        prop_assert_eq!((read.tracks, read.nano_offset), (layout, nano_offset));
        prop_assert_eq!(read.tracks(&payload).collect::<Result<Vec<_>, _>>().unwrap(), tracks);
    }
}

fn video_header() -> impl Strategy<Value = VideoHeader> {
    let codec = prop_oneof![
        4 => four_cc(VIDEO).prop_map(VideoCodec::from_four_cc),
        1 => (0_u8..16).prop_map(VideoCodec::from_legacy_id),
        1 => Just(VideoCodec::Unspecified),
    ];
    let packet = prop_oneof![
        Just(PacketKind::SequenceStart),
        Just(PacketKind::CodedFrames),
        Just(PacketKind::CodedFramesX),
        Just(PacketKind::SequenceEnd),
        Just(PacketKind::Metadata),
        Just(PacketKind::Mpeg2TsSequenceStart),
        Just(PacketKind::MultichannelConfig),
        (0_u8..4).prop_map(|byte| PacketKind::Command(match byte {
            0 => VideoCommand::StartSeek,
            1 => VideoCommand::EndSeek,
            other => VideoCommand::Other(other),
        })),
    ];
    let frame = proptest::sample::select(
        &[
            FrameKind::Key,
            FrameKind::Inter,
            FrameKind::Disposable,
            FrameKind::GeneratedKey,
            FrameKind::Command,
            FrameKind::Reserved(0),
        ][..],
    );
    let time = prop_oneof![2 => Just(0), 1 => -0x90_0000_i32..0x90_0000];
    let nanos = prop_oneof![2 => Just(0), 1 => 0_u32..1_100_000];
    (codec, packet, frame, time, nanos, layout(), any::<bool>()).prop_map(
        |(codec, packet, frame, time, nanos, layout, enhanced)| {
            let header = VideoHeader::new(codec, packet, frame).with_composition_time(time).with_nano_offset(nanos);
            let header = header.with_tracks(layout);
            // A command ends behind its byte.
            if enhanced && !matches!(packet, PacketKind::Command(_)) { header.with_enhanced(true) } else { header }
        },
    )
}

fn audio_header() -> impl Strategy<Value = AudioHeader> {
    let codec = prop_oneof![
        4 => four_cc(AUDIO).prop_map(AudioCodec::from_four_cc),
        1 => (0_u8..16).prop_map(AudioCodec::from_legacy_id),
    ];
    let packet = prop_oneof![
        Just(PacketKind::SequenceStart),
        Just(PacketKind::CodedFrames),
        Just(PacketKind::SequenceEnd),
        Just(PacketKind::MultichannelConfig),
    ];
    let nanos = prop_oneof![2 => Just(0), 1 => 0_u32..1_100_000];
    (codec, packet, nanos, layout(), any::<bool>()).prop_map(|(codec, packet, nanos, layout, enhanced)| {
        let header = AudioHeader::new(codec, packet).with_nano_offset(nanos).with_tracks(layout);
        if enhanced { header.with_enhanced(true) } else { header }
    })
}

fn layout() -> impl Strategy<Value = TrackLayout> {
    prop_oneof![3 => Just(TrackLayout::Single), 1 => any::<u8>().prop_map(TrackLayout::One)]
}

/// Nothing may panic, and nothing that is found may lie outside of the bytes.
fn read_as_everything(bytes: &[u8]) {
    let limits = AmfLimits::default();
    if let Ok(header) = VideoHeader::parse(bytes) {
        assert!(header.body <= bytes.len() && header.nano_offset < 1_000_000);
        let body = &bytes[header.body..];
        VideoFormat::of(&header, body);
        let _ = video_codec_string(header.codec, body);
        let _ = VideoMetadata::parse(body, &limits).map(|metadata| metadata.color_info());
        for track in header.tracks(bytes).flatten() {
            let mut header = header;
            header.codec = track.codec;
            VideoFormat::of(&header, track.body);
        }
    }
    if let Ok(header) = AudioHeader::parse(bytes) {
        assert!(header.body <= bytes.len() && header.nano_offset < 1_000_000);
        let body = &bytes[header.body..];
        AudioFormat::of(&header, body);
        let _ = audio_codec_string(header.codec, body);
        let _ = MultichannelConfig::parse(body).map(|config| config.channels().count());
        assert!(header.tracks(bytes).count() <= bytes.len().max(1));
    }
    for kind in [TagKind::Script, TagKind::ScriptAmf3] {
        if let Ok(script) = ScriptData::parse(kind, bytes, &limits) {
            let _ = Metadata::from_script(script).map(|metadata| (metadata.keyframes(), metadata.video_codec()));
        }
    }
    for tag_type in [8, 9, 18] {
        let _ = EncryptionHeader::parse(TagKind::Encrypted(tag_type), bytes);
    }
    for recover in [false, true] {
        for decoder in [TagDecoder::new(FlvLimits::default()), TagDecoder::at_tag(FlvLimits::default())] {
            in_pieces(decoder.recover(recover), bytes, &[7]);
        }
    }
}
