//! What real encoders sent is read for what it is. See data/README.md.

mod support;

use rtmp_amf::AmfLimits;
use rtmp_flv::{
    AudioCodec, AudioHeader, Metadata, MultichannelConfig, PacketKind, Tag, TagKind, TrackLayout, VideoCodec,
    VideoHeader, VideoMetadata,
    codec::{AudioFormat, VideoFormat, audio_codec_string, video_codec_string},
};
use support::decode_file;

/// Counts of what is in a file.
#[derive(Debug, Default, PartialEq)]
struct Content {
    scripts: usize,
    video_headers: usize,
    keyframes: usize,
    frames: usize,
    audio_headers: usize,
    sound: usize,
    /// Metadata and MultichannelConfig packets, ends of sequences.
    others: usize,
    /// Payloads that name a track.
    named_track: usize,
}

/// Reads a file, makes sure that it is the same when written, and counts.
fn content(bytes: &[u8]) -> (Content, Vec<Tag>) {
    let decoded = decode_file(bytes).unwrap();
    assert!(decoded.anomalies.is_empty() && !decoded.is_cut(), "{:?}", decoded.anomalies);
    let mut written = decoded.decoder.file_header().unwrap().to_bytes().to_vec();
    let mut content = Content::default();
    for tag in &decoded.tags {
        tag.encode(&mut written);
        match tag.kind {
            TagKind::Video => count_video(&mut content, &tag.data),
            TagKind::Audio => count_audio(&mut content, &tag.data),
            _ => content.scripts += 1,
        }
    }
    assert!(written == bytes, "written again");
    (content, decoded.tags)
}

fn count_video(content: &mut Content, data: &[u8]) {
    let header = VideoHeader::parse(data).unwrap();
    assert!(header.anomalies.is_empty());
    content.named_track += usize::from(header.tracks != TrackLayout::Single);
    match () {
        () if header.is_sequence_header() => content.video_headers += 1,
        () if header.is_keyframe() => content.keyframes += 1,
        () if header.is_frame() => content.frames += 1,
        () => content.others += 1,
    }
}

fn count_audio(content: &mut Content, data: &[u8]) {
    let header = AudioHeader::parse(data).unwrap();
    assert!(header.anomalies.is_empty());
    content.named_track += usize::from(header.tracks != TrackLayout::Single);
    match header.packet {
        PacketKind::SequenceStart => content.audio_headers += 1,
        PacketKind::CodedFrames => content.sound += 1,
        _ => content.others += 1,
    }
}

fn video_format(tags: &[Tag]) -> (VideoCodec, VideoFormat, Option<String>) {
    let (mut found, mut name) = (VideoFormat::default(), None);
    let mut codec = VideoCodec::Unspecified;
    for tag in tags.iter().filter(|tag| tag.kind == TagKind::Video) {
        let header = VideoHeader::parse(&tag.data).unwrap();
        let body = &tag.data[header.body..];
        if let Some(format) = VideoFormat::of(&header, body) {
            found = found.or(format);
            codec = header.codec;
        }
        if header.is_sequence_header() {
            name = name.or_else(|| video_codec_string(header.codec, body));
        }
    }
    (codec, found, name)
}

fn audio_format(tags: &[Tag]) -> (AudioCodec, u32, u8, Option<String>) {
    let read = |tag: &Tag| {
        let header = AudioHeader::parse(&tag.data).ok()?;
        let body = &tag.data[header.body..];
        let format = AudioFormat::of(&header, body)?;
        Some((header.codec, format.sample_rate, format.channels, audio_codec_string(header.codec, body)))
    };
    tags.iter().filter(|tag| tag.kind == TagKind::Audio).find_map(read).expect("a format")
}

fn metadata(tags: &[Tag]) -> Metadata {
    let script = tags.iter().rfind(|tag| tag.kind == TagKind::Script).unwrap();
    Metadata::parse(script.kind, &script.data, &AmfLimits::default()).unwrap().unwrap()
}

#[track_caller]
fn check_size(tags: &[Tag], codec: VideoCodec, name: Option<&str>) {
    let (seen, format, seen_name) = video_format(tags);
    assert_eq!((seen, seen_name.as_deref()), (codec, name));
    assert_eq!((format.width, format.height), (Some(320), Some(180)));
    let metadata = metadata(tags);
    assert_eq!((metadata.width(), metadata.height(), metadata.video_codec()), (Some(320.0), Some(180.0), Some(codec)));
}

#[test]
fn hevc_in_enhanced_form() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-hevc-aac.flv"));
    let expected = Content {
        scripts: 1,
        video_headers: 1,
        keyframes: 2,
        frames: 24,
        audio_headers: 1,
        sound: 45,
        others: 1,
        named_track: 0,
    };
    assert_eq!(content, expected);
    check_size(&tags, VideoCodec::Hevc, Some("hvc1.1.6.L60.90"));
    let packet = tags.iter().find(|tag| tag.kind == TagKind::Video && tag.data[0] == 0xd4).unwrap();
    let header = VideoHeader::parse(&packet.data).unwrap();
    let color = VideoMetadata::parse(&packet.data[header.body..], &AmfLimits::default()).unwrap().color_info().unwrap();
    assert_eq!(color.matrix_coefficients, Some(0.0));
}

#[test]
fn hevc_with_composition_times() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-hevcb-aac.flv"));
    assert_eq!((content.keyframes, content.frames), (1, 6));
    let late = |tag: &&Tag| {
        tag.kind == TagKind::Video && VideoHeader::parse(&tag.data).is_ok_and(|header| header.composition_time > 0)
    };
    assert_eq!(tags.iter().filter(late).count(), 6);
}

#[test]
fn av1_and_opus() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-av1-opus.flv"));
    let expected = Content {
        scripts: 1,
        video_headers: 1,
        keyframes: 2,
        frames: 24,
        audio_headers: 1,
        sound: 52,
        others: 2,
        named_track: 0,
    };
    assert_eq!(content, expected);
    check_size(&tags, VideoCodec::Av1, Some("av01.0.00M.08"));
    assert_eq!(audio_format(&tags), (AudioCodec::Opus, 48_000, 2, Some("opus".into())));
    let config = tags.iter().find(|tag| tag.kind == TagKind::Audio && tag.data[0] == 0x94).unwrap();
    let header = AudioHeader::parse(&config.data).unwrap();
    let stereo = MultichannelConfig::Native { count: 2, mask: 3 };
    assert_eq!(MultichannelConfig::parse(&config.data[header.body..]), Ok(stereo));
}

#[test]
fn vp9_says_its_size_in_key_frames() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-vp9-opus.flv"));
    assert_eq!((content.video_headers, content.keyframes, content.frames), (1, 1, 5));
    check_size(&tags, VideoCodec::Vp9, Some("vp09.00.11.08"));
}

#[test]
fn two_tracks_of_each_kind() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-multitrack-h264-aac.flv"));
    let expected = Content {
        scripts: 1,
        video_headers: 2,
        keyframes: 4,
        frames: 48,
        audio_headers: 2,
        sound: 98,
        others: 1,
        named_track: 1 + 2 + 24 + 1 + 49 + 1,
    };
    assert_eq!(content, expected);
    for tag in &tags {
        let ids: Vec<u8> = match tag.kind {
            TagKind::Video => VideoHeader::parse(&tag.data).unwrap().tracks(&tag.data).map(|t| t.unwrap().id).collect(),
            TagKind::Audio => AudioHeader::parse(&tag.data).unwrap().tracks(&tag.data).map(|t| t.unwrap().id).collect(),
            _ => continue,
        };
        assert!(ids == [0] || ids == [1]);
    }
}

#[test]
fn ac3_has_an_empty_sequence_start() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-h264-ac3.flv"));
    assert_eq!((content.audio_headers, content.sound), (1, 8));
    assert_eq!(audio_format(&tags), (AudioCodec::Ac3, 48_000, 2, Some("ac-3".into())));
    assert_eq!(metadata(&tags).audio_codec(), Some(AudioCodec::Ac3));
}

#[test]
fn flac_has_a_bare_stream_info() {
    let (_, tags) = content(include_bytes!("data/ffmpeg9-h264-flac.flv"));
    assert_eq!(audio_format(&tags), (AudioCodec::Flac, 48_000, 2, Some("flac".into())));
    check_size(&tags, VideoCodec::Avc, Some("avc1.64000C"));
}

#[test]
fn codecs_of_old() {
    let (content, tags) = content(include_bytes!("data/ffmpeg9-sorenson-mp3.flv"));
    assert_eq!((content.video_headers, content.keyframes), (0, 1));
    check_size(&tags, VideoCodec::SORENSON_H263, None);
    assert_eq!(audio_format(&tags), (AudioCodec::Mp3, 44_100, 1, Some("mp4a.6B".into())));
    let speex = tags_of(include_bytes!("data/ffmpeg9-speex-only.flv"));
    assert_eq!(audio_format(&speex), (AudioCodec::SPEEX, 16_000, 1, None));
    let g711 = tags_of(include_bytes!("data/ffmpeg9-g711a-only.flv"));
    assert_eq!(audio_format(&g711), (AudioCodec::G711_A, 8_000, 1, None));
}

fn tags_of(bytes: &[u8]) -> Vec<Tag> {
    content(bytes).1
}

#[test]
fn gstreamer_sends_metadata_again() {
    let (content, tags) = content(include_bytes!("data/gst-h264-aac.flv"));
    assert_eq!((content.scripts, content.keyframes, content.frames), (2, 1, 6));
    check_size(&tags, VideoCodec::Avc, Some("avc1.64000C"));
}

#[test]
fn obs() {
    let (content, tags) = content(include_bytes!("data/obs29-h264-aac.flv"));
    assert_eq!((content.keyframes, content.frames, content.sound), (2, 25, 45));
    check_size(&tags, VideoCodec::Avc, Some("avc1.42C00C"));
    let metadata = metadata(&tags);
    assert_eq!((metadata.duration(), metadata.file_size()), (Some(0.0), Some(0.0)), "fileSize, as OBS spells it");
    assert_eq!(audio_format(&tags), (AudioCodec::Aac, 44_100, 2, Some("mp4a.40.2".into())));
}
