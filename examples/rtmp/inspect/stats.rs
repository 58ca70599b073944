//! Figures instead of messages.

use super::entry::{Entry, Fault, Report};
use crate::conversation::type_name;
use crate::media_stats::MediaStats;
use crate::progress::{clock, size};
use rtmp_session::Media;
use rtmp_session::chunk::MessageType;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Counts everything, by source.
#[derive(Default)]
pub(crate) struct Statistics {
    sources: BTreeMap<String, Source>,
    pub(crate) faults: u64,
}

#[derive(Default)]
struct Source {
    /// Messages and bytes by type.
    types: BTreeMap<u8, (u64, u64)>,
    media: MediaStats,
    chunk_streams: BTreeMap<u32, u64>,
    notes: Vec<String>,
}

impl Report for Statistics {
    fn entry(&mut self, entry: &Entry) {
        let source = self.sources.entry(entry.source.clone()).or_default();
        let (messages, bytes) = source.types.entry(entry.kind.0).or_default();
        *messages += 1;
        *bytes += entry.payload.len() as u64;
        if let Some(id) = entry.chunk_stream {
            *source.chunk_streams.entry(id.get()).or_default() += 1;
        }
        if let Ok(Some(media)) = Media::from_message(entry.to_message()) {
            source.media.add(&media);
        }
    }

    fn note(&mut self, source: &str, text: &str) {
        self.sources.entry(source.to_owned()).or_default().notes.push(text.to_owned());
    }

    fn fault(&mut self, fault: &Fault) {
        self.faults += 1;
        self.note(&fault.source, &format!("{}: {} ({})", fault.place, fault.text, fault.requirement));
    }
}

impl Statistics {
    pub(crate) fn to_json(&self) -> Json {
        let sources: Vec<Json> = self.sources.iter().map(|(name, source)| source.to_json(name)).collect();
        json!({ "sources": sources })
    }

    pub(crate) fn to_text(&self) -> String {
        self.sources.iter().map(|(name, source)| source.to_text(name)).collect::<Vec<_>>().join("\n")
    }
}

impl Source {
    fn to_json(&self, name: &str) -> Json {
        let types: Vec<Json> = self
            .types
            .iter()
            .map(|(kind, (messages, bytes))| {
                json!({ "type": kind, "name": type_name(MessageType(*kind)), "messages": messages, "bytes": bytes })
            })
            .collect();
        json!({
            "source": name,
            "types": types,
            "chunk_streams": self.chunk_streams.iter().map(|(id, count)| json!([id, count])).collect::<Json>(),
            "media": self.media.to_json(),
            "notes": self.notes,
        })
    }

    fn to_text(&self, name: &str) -> String {
        let mut text = String::new();
        if !name.is_empty() {
            text += &format!("{name}\n");
        }
        for (kind, (messages, bytes)) in &self.types {
            text += &format!("  {:<17}{messages:>8} messages {:>10}\n", type_name(MessageType(*kind)), size(*bytes));
        }
        text += &media_text(&self.media);
        for note in &self.notes {
            text += &format!("  -- {note}\n");
        }
        text
    }
}

/// The figures of a stream as lines for people.
pub(crate) fn media_text(media: &MediaStats) -> String {
    let mut text = String::new();
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    for (name, track) in [("video", &media.video), ("audio", &media.audio)] {
        if track.bytes == 0 {
            continue;
        }
        text += &format!(
            "  {name}: {}, {} frames over {}, {} frames/s, {} kbit/s",
            track.codec.as_deref().unwrap_or("unknown codec"),
            track.frames,
            clock(track.elapsed_ms()),
            or_dash(track.frame_rate().map(|rate| format!("{rate:.2}"))),
            or_dash(track.bit_rate().map(|rate| format!("{:.0}", rate / 1000.0))),
        );
        if track.steps_back > 0 {
            text += &format!(", time went back {} times", track.steps_back);
        }
        text.push('\n');
    }
    if let Some((width, height)) = media.resolution() {
        text += &format!("  resolution: {width}x{height}\n");
    }
    if let Some(average) = media.gops.average() {
        let shortest = media.gops.shortest.unwrap_or(0);
        text += &format!("  key frames: every {average} ms ({shortest} to {})\n", media.gops.longest);
    }
    if let Some(skew) = media.skew() {
        text += &format!("  video ahead of audio at the end: {skew} ms\n");
    }
    text
}
