//! The packets of files, to compare.

use crate::run::{Run, rtmp};
use serde_json::Value;
use std::path::Path;

/// One audio or video packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: u64,
    pub(crate) timestamp: u64,
    pub(crate) sha256: String,
    /// What it is, in words.
    pub(crate) text: String,
}

impl Packet {
    pub(crate) fn is_key(&self) -> bool {
        self.text.contains("key frame")
    }
}

/// Audio and video of a file, headers included.
pub(crate) fn packets(file: impl AsRef<Path>) -> Vec<Packet> {
    parse(&inspect(file.as_ref()).ok())
}

/// Those that are whole in a file that ends anywhere.
pub(crate) fn packets_of_cut(file: impl AsRef<Path>) -> Vec<Packet> {
    parse(&inspect(file.as_ref()).stdout())
}

fn inspect(file: &Path) -> Run {
    rtmp(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()])
}

fn parse(listed: &str) -> Vec<Packet> {
    let lines = listed.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    let media = lines.filter(|line| matches!(line["type"].as_u64(), Some(8 | 9)));
    media
        .map(|line| Packet {
            kind: line["type"].as_u64().expect("a number"),
            timestamp: line["timestamp"].as_u64().expect("a number"),
            sha256: line["sha256"].as_str().expect("text").to_owned(),
            text: line["text"].as_str().expect("text").to_owned(),
        })
        .collect()
}

/// The payloads of one kind, in order.
pub(crate) fn payloads(packets: &[Packet], kind: u64) -> Vec<&str> {
    packets.iter().filter(|packet| packet.kind == kind).map(|packet| packet.sha256.as_str()).collect()
}

pub(crate) const AUDIO: u64 = 8;
pub(crate) const VIDEO: u64 = 9;

/// Coded frames of one kind.
pub(crate) fn frames(packets: &[Packet], kind: u64) -> Vec<&Packet> {
    packets.iter().filter(|packet| packet.kind == kind && packet.text.contains("frame")).collect()
}

/// `part` is one contiguous run of `whole`.
pub(crate) fn assert_run_of(part: &[&Packet], whole: &[&Packet]) {
    assert!(!part.is_empty(), "nothing there");
    let start = whole.iter().position(|packet| packet.sha256 == part[0].sha256).expect("the first packet is known");
    for (at, packet) in part.iter().enumerate() {
        assert_eq!(Some(&packet.sha256), whole.get(start + at).map(|packet| &packet.sha256), "packet {at} of the run");
    }
}

/// Times of one kind never go back.
pub(crate) fn assert_no_step_back(packets: &[Packet]) {
    for kind in [AUDIO, VIDEO] {
        let frames = frames(packets, kind);
        for pair in frames.windows(2) {
            assert!(pair[0].timestamp <= pair[1].timestamp, "{pair:?}");
        }
    }
}
