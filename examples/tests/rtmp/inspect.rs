//! `rtmp inspect` against recordings whose content is known.

use crate::run::{captures, clip, rtmp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every capture: its name and the description beside it, which tshark made.
fn described() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(captures()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            found.push((name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()));
        }
    }
    assert!(found.len() >= 20, "{} captures", found.len());
    found
}

fn stream_of(name: &str, direction: &str) -> PathBuf {
    captures().join(format!("{name}.{direction}.bin"))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// tshark's word for a message type.
fn tshark_name(kind: u64) -> &'static str {
    match kind {
        1 => "SetChunkSize",
        3 => "Ack",
        4 => "UserControl",
        5 => "WindowAckSize",
        6 => "SetPeerBandwidth",
        8 => "Audio",
        9 => "Video",
        18 => "AMF0Data",
        20 => "AMF0Command",
        other => panic!("type {other}"),
    }
}

/// Compares what was printed with what tshark saw in the same bytes.
fn assert_agrees(name: &str, messages: &[Value], expected: &Value) {
    let mut counts = BTreeMap::<String, u64>::new();
    for message in messages {
        *counts.entry(tshark_name(message["type"].as_u64().unwrap()).to_owned()).or_default() += 1;
    }
    let expected_counts: BTreeMap<String, u64> = serde_json::from_value(expected["message_counts"].clone()).unwrap();
    assert_eq!(counts, expected_counts, "{name}");

    let media = messages.iter().filter(|message| matches!(message["type"].as_u64(), Some(8 | 9)));
    let media: Vec<(String, u64, u64, String)> = media
        .map(|message| {
            let kind = if message["type"] == 8 { "a" } else { "v" };
            let digest = message["sha256"].as_str().unwrap()[..32].to_owned();
            (kind.to_owned(), message["timestamp"].as_u64().unwrap(), message["length"].as_u64().unwrap(), digest)
        })
        .collect();
    let expected_media: Vec<(String, u64, u64, String)> =
        serde_json::from_value(expected["media"].clone()).unwrap_or_default();
    assert_eq!(media, expected_media, "{name}");
}

#[test]
fn every_capture_has_the_messages_that_tshark_saw() {
    for (name, description) in described() {
        for direction in ["c2s", "s2c"] {
            let file = stream_of(&name, direction);
            let messages = json_lines(&rtmp(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()]).ok());
            assert_agrees(&format!("{name}.{direction}"), &messages, &description[direction]);
            let commands = description[direction]["commands"].as_array().map_or(0, Vec::len);
            assert_eq!(messages.iter().filter(|message| message["type"] == 20).count(), commands);
            for message in &messages {
                for key in ["stream", "chunk_stream"] {
                    assert!(message[key].is_u64(), "{key} in {message}");
                }
            }
        }
    }
}

/// Both directions of a capture as packets, cut as the network did, with some sent twice and some in the wrong order.
fn as_pcap(name: &str) -> Vec<u8> {
    let index = fs::read_to_string(captures().join(format!("{name}.idx"))).unwrap();
    let streams = [fs::read(stream_of(name, "c2s")).unwrap(), fs::read(stream_of(name, "s2c")).unwrap()];
    let mut packets = vec![(0, packet(0, u32::MAX - 4000, true, &[])), (1, packet(1, u32::MAX - 9, true, &[]))];
    for line in index.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [time, direction, offset, length] = fields[..] else { panic!("{line}") };
        let (offset, length): (usize, usize) = (offset.parse().unwrap(), length.parse().unwrap());
        let side = usize::from(direction == "s");
        let first = [u32::MAX - 3999, u32::MAX - 8][side];
        for (count, part) in streams[side][offset..offset + length].chunks(1400).enumerate() {
            let sequence = first.wrapping_add((offset + count * 1400) as u32);
            packets.push((time.parse::<u64>().unwrap(), packet(side, sequence, false, part)));
        }
    }
    for at in (10..packets.len() - 10).step_by(9) {
        packets.swap(at, at + 3);
        packets.insert(at + 5, packets[at].clone());
    }
    let mut pcap = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0];
    for (time, bytes) in packets {
        pcap.extend(((time / 1_000_000) as u32).to_le_bytes());
        pcap.extend(((time % 1_000_000) as u32).to_le_bytes());
        pcap.extend((bytes.len() as u32).to_le_bytes());
        pcap.extend((bytes.len() as u32).to_le_bytes());
        pcap.extend(bytes);
    }
    pcap
}

/// Ethernet, IPv4 and TCP headers, as far as a reader looks at them.
fn packet(side: usize, sequence: u32, syn: bool, payload: &[u8]) -> Vec<u8> {
    let ports = [(40_000_u16, 1935_u16), (1935, 40_000)][side];
    let mut bytes = vec![0; 12];
    bytes.extend([8, 0, 0x45, 0]);
    bytes.extend(((20 + 20 + payload.len()) as u16).to_be_bytes());
    bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    bytes.extend(ports.0.to_be_bytes());
    bytes.extend(ports.1.to_be_bytes());
    bytes.extend(sequence.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0x50, if syn { 2 } else { 0x10 }, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend(payload);
    bytes
}

#[test]
fn a_packet_capture_gives_both_directions_although_packets_come_twice_and_in_disorder() {
    let dir = tempfile::tempdir().unwrap();
    for (name, description) in described().iter().take(6) {
        let file = dir.path().join("capture.pcap");
        fs::write(&file, as_pcap(name)).unwrap();
        let messages = json_lines(&rtmp(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()]).ok());
        for (source, direction) in [("1>", "c2s"), ("1<", "s2c")] {
            let side: Vec<Value> = messages.iter().filter(|message| message["source"] == source).cloned().collect();
            assert_agrees(&format!("{name} {direction}"), &side, &description[direction]);
        }
    }
}

/// Tags of an FLV file, read straight from the layout of the format.
fn tags(file: &Path) -> Vec<(u64, u64, u64)> {
    let bytes = fs::read(file).unwrap();
    let be = |at: usize, count: usize| bytes[at..at + count].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let (mut at, mut tags) = (13, Vec::new());
    while at + 15 <= bytes.len() {
        let length = be(at + 1, 3);
        tags.push((be(at, 1), be(at + 7, 1) << 24 | be(at + 4, 3), length));
        at += 15 + length as usize;
    }
    tags
}

fn clips() -> Vec<PathBuf> {
    let mut clips: Vec<PathBuf> = fs::read_dir(clip("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    clips.retain(|path| path.extension().is_some_and(|extension| extension == "flv"));
    assert!(clips.len() >= 5);
    clips
}

#[test]
fn every_tag_of_every_clip_is_listed() {
    for file in clips() {
        let lines = json_lines(&rtmp(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()]).ok());
        let listed: Vec<(u64, u64, u64)> = lines
            .iter()
            .map(|line| {
                let number = |key: &str| line[key].as_u64().unwrap();
                (number("type"), number("timestamp"), number("length"))
            })
            .collect();
        assert_eq!(listed, tags(&file), "{}", file.display());
    }
}

#[test]
fn stats_name_codecs_rates_and_key_frames() {
    let stats = rtmp(["inspect", "--stats", "--json", clip("hevc-aac.flv").to_str().unwrap()]).ok();
    let stats: Value = serde_json::from_str(&stats).unwrap();
    let media = &stats["sources"][0]["media"];
    assert_eq!(media["video"]["codec"], "HEVC");
    assert_eq!(media["video"]["frames"], 125);
    assert_eq!(media["video"]["frames_per_second"], 25.0);
    assert_eq!(media["audio"]["codec"], "AAC");
    assert_eq!((media["width"].as_u64(), media["height"].as_u64()), (Some(160), Some(90)));
    assert_eq!(media["gop_ms"]["average"], 1000);
}

#[test]
fn errors_name_the_requirement_and_set_the_exit_code() {
    let sound = rtmp(["inspect", "--errors", clip("av1-opus.flv").to_str().unwrap()]);
    assert_eq!((sound.code(), sound.stdout()), (0, String::new()));

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.flv");
    let mut bytes = fs::read(clip("h264-aac.flv")).unwrap();
    let first = u32::from_be_bytes([0, bytes[14], bytes[15], bytes[16]]) as usize;
    let size_at = 13 + 11 + first;
    bytes[size_at..size_at + 4].copy_from_slice(&[9, 9, 9, 9]); // a wrong PreviousTagSize
    bytes[3] = 4; // an unknown version
    bytes.truncate(bytes.len() - 10); // and the end is missing
    fs::write(&file, bytes).unwrap();
    let run = rtmp(["inspect".as_ref(), "--errors".as_ref(), file.as_os_str()]);
    assert_eq!(run.code(), 2);
    for requirement in ["FLV-2", "FLV-6", "FLV-7"] {
        assert!(run.stdout().contains(&format!("({requirement})")), "{requirement} in {}", run.stdout());
    }

    let mut wire = fs::read(stream_of("ffmpeg5-publish-h264-aac", "c2s")).unwrap();
    wire.truncate(3073);
    wire.extend([3, 0, 0, 0, 0, 0, 1, 99, 1, 0, 0, 0, 0x80]); // a message type that nobody knows
    wire.extend([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]); // chunk size 0
    let file = dir.path().join("bad.c2s.bin");
    fs::write(&file, wire).unwrap();
    let run = rtmp(["inspect".as_ref(), "--errors".as_ref(), "--json".as_ref(), file.as_os_str()]);
    assert_eq!(run.code(), 2);
    let faults = json_lines(&run.stdout());
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(faults[0]["requirement"], "MSG-8");
    assert!(faults[1]["fatal"] == true && faults[1]["text"].as_str().unwrap().contains("CTL-6"), "{faults:?}");
}

#[test]
fn repair_keeps_every_whole_tag_and_rebuilds_duration_and_index() {
    let dir = tempfile::tempdir().unwrap();
    let (cut, whole) = (dir.path().join("cut.flv"), dir.path().join("whole.flv"));
    let bytes = fs::read(clip("h264-aac.flv")).unwrap();
    fs::write(&cut, &bytes[..bytes.len() * 3 / 5]).unwrap();
    let run = rtmp(["inspect".as_ref(), "--repair".as_ref(), whole.as_os_str(), cut.as_os_str()]);
    run.ok();
    let (before, after) = (tags(&cut), tags(&whole));
    assert_eq!(after[1..], before[1..before.len() - usize::from(ends_inside_a_tag(&cut))]);
    assert!(!dir.path().join("whole.flv.part").exists());

    let listed = json_lines(&rtmp(["inspect".as_ref(), "--json".as_ref(), whole.as_os_str()]).ok());
    let metadata = listed[0]["text"].as_str().unwrap();
    let last = after.iter().map(|(_, time, _)| *time).max().unwrap();
    let duration = metadata.split("duration: ").nth(1).unwrap().split(',').next().unwrap().parse::<f64>().unwrap();
    let last = last as f64 / 1000.0;
    assert!((last..last + 0.1).contains(&duration), "{duration} s, the last tag at {last} s");
    assert!(metadata.contains(&format!("filesize: {}", fs::metadata(&whole).unwrap().len())), "{metadata}");
    // Each position of the index is the head of a video tag with a key frame.
    let positions = metadata.split("filepositions: [").nth(1).unwrap().split(']').next().unwrap();
    let bytes = fs::read(&whole).unwrap();
    let mut count = 0;
    for position in positions.split(", ").map(|position| position.parse::<usize>().unwrap()) {
        assert_eq!((bytes[position], bytes[position + 11] >> 4, bytes[position + 12]), (9, 1, 1));
        count += 1;
    }
    assert_eq!(count, 3);
    assert_eq!(rtmp(["inspect".as_ref(), "--errors".as_ref(), whole.as_os_str()]).code(), 0);
}

fn ends_inside_a_tag(file: &Path) -> bool {
    let bytes = fs::read(file).unwrap().len() as u64;
    let read: u64 = 13 + tags(file).iter().map(|(_, _, length)| length + 15).sum::<u64>();
    read > bytes
}

#[test]
fn secrets_are_masked_unless_they_are_payload() {
    let file = stream_of("ffmpeg5-publish-key-query", "c2s");
    let bytes = fs::read(&file).unwrap();
    let token = bytes.windows(6).position(|window| window == b"token=").expect("a token in the recording");
    let token: String =
        bytes[token + 6..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).map(|b| *b as char).collect();
    assert!(token.len() > 2);
    for style in [&["inspect"][..], &["inspect", "--json"]] {
        let text = rtmp(style.iter().map(AsRef::as_ref).chain([file.as_os_str()])).ok();
        assert!(text.contains("publish"), "{text}");
        assert!(!text.contains(&token), "{token}");
    }
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let run = rtmp(["inspect", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert_eq!(run.code(), 1);
    assert!(run.stderr().contains("neither an FLV file"), "{}", run.stderr());
    let run = rtmp(["inspect", "/nonexistent/file.flv"]);
    assert_eq!(run.code(), 1);
    assert!(run.stderr().contains("No such file"), "{}", run.stderr());
}
