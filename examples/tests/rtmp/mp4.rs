//! MP4 in both directions.

use crate::packets::{AUDIO, VIDEO, frames, packets};
use crate::patience;
use crate::run::{Background, clip, clip_name, missing, rtmp};
use crate::server::Server;
use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::flv::{
    AudioCodec, AudioHeader, FileHeader, FlvLimits, Tag, TagDecoder, TagKind, VideoCodec, VideoHeader,
};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Times relative to the first frame of any kind, and payloads without their RTMP headers, are what an MP4 file keeps.
fn kept(file: &Path, kind: u64) -> Vec<(u64, String)> {
    let packets = packets(file);
    let first =
        packets.iter().filter(|packet| packet.text.contains("frame")).map(|packet| packet.timestamp).min().unwrap();
    frames(&packets, kind).iter().map(|packet| (packet.timestamp - first, packet.sha256.clone())).collect()
}

#[test]
fn a_recording_to_mp4_can_be_published_and_gives_the_same_packets() {
    for name in ["h264-aac.flv", "h264-bframes-aac.flv", "hevc-aac.flv", "av1-opus.flv", "vp9-opus.flv"] {
        let mut server = Server::mini("127.0.0.1:0", &[]);
        let dir = tempfile::tempdir().unwrap();
        let (mp4, flv) = (dir.path().join("out.mp4"), dir.path().join("out.flv"));
        let url = server.url("live/x");
        // A player that waits before the publisher comes gets the stream from its first message on.
        let records: Vec<Background> = [&mp4, &flv]
            .into_iter()
            .map(|file| {
                Background::start(["-q".as_ref(), "record".as_ref(), url.as_ref(), "-o".as_ref(), file.as_os_str()])
            })
            .collect();
        records.iter().for_each(|_| server.wait_for_player());
        rtmp(["-q", "publish", &clip_name(name), &url]).ok();
        for record in records {
            record.wait().expect(0);
        }
        assert_content(&mp4, 125);
        assert_eq!(track_size(&mp4), (160, 90), "{name}");
        assert_configurations(&mp4, &clip(name));

        // Published again from the MP4 file and recorded, it is the same as what was recorded directly.
        let again = dir.path().join("again.flv");
        let record =
            Background::start(["-q".as_ref(), "record".as_ref(), url.as_ref(), "-o".as_ref(), again.as_os_str()]);
        server.wait_for_player();
        rtmp(["-q", "publish", mp4.to_str().unwrap(), &url]).ok();
        record.wait().expect(0);
        for kind in [VIDEO, AUDIO] {
            let (before, after) = (kept(&flv, kind), kept(&again, kind));
            assert_eq!(before.len(), after.len(), "{name}");
            let same = before.iter().zip(&after).filter(|(before, after)| before == after).count();
            // HEVC comes in the form without a composition time where that is 0, and goes in the other.
            assert!(same == before.len() || name == "hevc-aac.flv", "{name}: {same} of {}", before.len());
        }
    }
}

/// The boxes that describe the codecs hold what the sequence headers of the source hold.
fn assert_configurations(mp4: &Path, flv: &Path) {
    let bytes = fs::read(mp4).unwrap();
    let mut input = BytesMut::from(&fs::read(flv).unwrap()[..]);
    let mut decoder = TagDecoder::new(FlvLimits::default());
    let mut found = 0;
    while let Ok(Some(tag)) = decoder.decode(&mut input) {
        let (name, expected) = match tag.kind {
            TagKind::Video => {
                let Some(header) = VideoHeader::parse(&tag.data).ok().filter(VideoHeader::is_sequence_header) else {
                    continue;
                };
                let name = match header.codec {
                    VideoCodec::Avc => b"avcC",
                    VideoCodec::Hevc => b"hvcC",
                    VideoCodec::Av1 => b"av1C",
                    VideoCodec::Vp9 => b"vpcC",
                    other => panic!("{other:?}"),
                };
                (name, tag.data[header.body..].to_vec())
            }
            TagKind::Audio => {
                let Some(header) = AudioHeader::parse(&tag.data).ok().filter(AudioHeader::is_sequence_header) else {
                    continue;
                };
                let body = &tag.data[header.body..];
                match header.codec {
                    // Its last bytes, behind the tag and the length of a DecoderSpecificInfo; SLConfig follows.
                    AudioCodec::Aac => (b"esds", [&[5, body.len() as u8], body].concat()),
                    AudioCodec::Opus => {
                        let numbers = [[body[11], body[10]], [body[17], body[16]]];
                        let rate = [body[15], body[14], body[13], body[12]];
                        (b"dOps", [&[0, body[9]][..], &numbers[0], &rate, &numbers[1], &body[18..]].concat())
                    }
                    other => panic!("{other:?}"),
                }
            }
            _ => continue,
        };
        let content = box_content(&bytes, name);
        if name == b"esds" {
            assert!(content.windows(expected.len()).any(|part| part == expected), "{expected:02x?} in {content:02x?}");
        } else {
            assert_eq!(content, expected, "{}", String::from_utf8_lossy(name));
        }
        found += 1;
    }
    assert_eq!(found, 2, "sequence headers");
}

/// Width and height that the first track is said to have: the last two numbers, with 16 bits each behind the point.
fn track_size(mp4: &Path) -> (u16, u16) {
    let bytes = fs::read(mp4).unwrap();
    let [.., width, width_low, 0, 0, height, height_low, 0, 0] = *box_content(&bytes, b"tkhd") else {
        panic!("no size")
    };
    (u16::from_be_bytes([width, width_low]), u16::from_be_bytes([height, height_low]))
}

/// What is in the first box of this name.
fn box_content<'a>(bytes: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
    let at = bytes.windows(4).position(|part| part == name).expect("a box of that name");
    let length = u32::from_be_bytes(bytes[at - 4..at].try_into().expect("four bytes")) as usize;
    &bytes[at + 4..at - 4 + length]
}

/// Where ffprobe is installed, it must see the size of the clips, count the frames and find nothing wrong.
fn assert_content(file: &Path, video_frames: usize) {
    let arguments = [
        "-v",
        "error",
        "-count_frames",
        "-select_streams",
        "v",
        "-show_entries",
        "stream=width,height,nb_read_frames",
        "-of",
        "csv=p=0",
    ];
    match patience::output(Command::new("ffprobe").args(arguments).arg(file)) {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(errors.is_empty(), "{errors}");
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("160,90,{video_frames}"));
        }
        Err(_) => missing("ffprobe"),
    }
}

#[test]
fn files_of_ffmpeg_are_published_with_sound_and_pictures_in_step() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("made.mp4");
    let arguments = ["-v", "error", "-i", &clip_name("h264-bframes-aac.flv"), "-c", "copy"];
    let made = patience::output(Command::new("ffmpeg").args(arguments).arg(&file));
    if !made.is_ok_and(|made| made.status.success()) {
        return missing("ffmpeg");
    }
    let recorded = tempfile::tempdir().unwrap();
    let mut server = Server::mini("127.0.0.1:0", &["--record", recorded.path().to_str().unwrap()]);
    rtmp(["-q", "publish", "--flat-out", file.to_str().unwrap(), &server.url("live/x")]).ok();
    server.wait_for_recording();
    let recording = fs::read_dir(recorded.path()).unwrap().next().expect("a recording").unwrap().path();
    for kind in [VIDEO, AUDIO] {
        let (source, copy) = (kept(&clip("h264-bframes-aac.flv"), kind), kept(&recording, kind));
        assert_eq!(source.len(), copy.len());
        for (source, copy) in source.iter().zip(&copy) {
            assert_eq!(source.1, copy.1);
            assert!(source.0.abs_diff(copy.0) <= 1, "{} ms became {} ms", source.0, copy.0);
        }
    }
}

#[test]
fn what_does_not_fit_is_said_with_the_way_out() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let dir = tempfile::tempdir().unwrap();
    let mut speex = BytesMut::from(&FileHeader::new(true, false).to_bytes()[..]);
    for number in 0..50 {
        Tag::from(Media::audio(number * 20, vec![0xb2, 0, 0, 0, 0])).encode(&mut speex);
    }
    let source = dir.path().join("speex.flv");
    fs::write(&source, speex).unwrap();
    let source = source.to_str().unwrap();
    let _publish = Background::start(["-q", "publish", "--loop", source, &server.url("live/x")]);
    let file = dir.path().join("out.mp4");
    let run = rtmp(["-q".as_ref(), "record".as_ref(), server.url("live/x").as_ref(), "-o".as_ref(), file.as_os_str()]);
    let run = run.expect(1);
    assert!(run.stderr().contains("not written to MP4") && run.stderr().contains("-o FILE.flv"), "{}", run.stderr());
    fs::write(&file, b"no such thing").unwrap();
    rtmp(["publish", file.to_str().unwrap(), "rtmp://127.0.0.1:1/live/x"]).expect(1);
}
