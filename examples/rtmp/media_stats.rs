//! What a stream turns out to be, counted from its messages.

use rtmp_session::amf::{AmfLimits, Value, amf0};
use rtmp_session::flv::{AudioHeader, PacketKind, VideoHeader};
use rtmp_session::{Media, MediaKind};
use serde_json::{Value as Json, json};

/// Figures of one stream. Times are in milliseconds of media time.
#[derive(Clone, Debug, Default)]
pub(crate) struct MediaStats {
    pub(crate) video: TrackStats,
    pub(crate) audio: TrackStats,
    pub(crate) gops: Gops,
    /// The newest `onMetaData`.
    pub(crate) metadata: Option<Value>,
    pub(crate) data_messages: u64,
}

/// Figures of all audio, or of all video.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrackStats {
    pub(crate) codec: Option<String>,
    /// Coded frames; configuration and the like not counted.
    pub(crate) frames: u64,
    /// All payload bytes.
    pub(crate) bytes: u64,
    pub(crate) configurations: u64,
    /// Of coded frames.
    first: Option<u32>,
    last: u32,
    /// Media time since the first frame, across the 32-bit wrap.
    elapsed: i64,
    /// Messages whose time was before that of the one before them.
    pub(crate) steps_back: u64,
    /// The longest time between two frames.
    pub(crate) longest_step: u32,
}

/// Distances between key frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gops {
    pub(crate) key_frames: u64,
    last_key: Option<u32>,
    pub(crate) shortest: Option<u32>,
    pub(crate) longest: u32,
    sum: u64,
}

impl MediaStats {
    pub(crate) fn add(&mut self, media: &Media) {
        match media.kind {
            MediaKind::Video => self.add_video(media),
            MediaKind::Audio => self.add_audio(media),
            MediaKind::Data => self.add_data(media),
        }
    }

    /// How far the newest video is ahead of the newest audio in media time; `None` without both.
    pub(crate) fn skew(&self) -> Option<i64> {
        let both = self.video.first.is_some() && self.audio.first.is_some();
        both.then(|| i64::from(self.video.last.wrapping_sub(self.audio.last) as i32))
    }

    /// Width and height as the metadata has them.
    pub(crate) fn resolution(&self) -> Option<(u32, u32)> {
        let metadata = self.metadata.as_ref()?;
        let number = |key| metadata.get(key).and_then(Value::as_f64).map(|number| number as u32);
        Some((number("width")?, number("height")?)).filter(|(width, height)| *width > 0 && *height > 0)
    }

    pub(crate) fn to_json(&self) -> Json {
        json!({
            "video": self.video.to_json(),
            "audio": self.audio.to_json(),
            "width": self.resolution().map(|(width, _)| width),
            "height": self.resolution().map(|(_, height)| height),
            "key_frames": self.gops.key_frames,
            "gop_ms": { "average": self.gops.average(), "shortest": self.gops.shortest, "longest": self.gops.longest },
            "audio_video_skew_ms": self.skew(),
            "data_messages": self.data_messages,
            "metadata": self.metadata.as_ref().map(crate::amf_text::to_json),
        })
    }

    fn add_video(&mut self, media: &Media) {
        self.video.bytes += media.payload.len() as u64;
        let Ok(header) = VideoHeader::parse(&media.payload) else { return };
        match header.packet {
            PacketKind::CodedFrames | PacketKind::CodedFramesX => {
                self.video.frame(media.timestamp);
                if header.is_keyframe() && header.tracks.track_id().unwrap_or(0) == 0 {
                    self.gops.key_frame(media.timestamp);
                }
            }
            PacketKind::SequenceStart => self.video.configurations += 1,
            _ => return,
        }
        self.video.codec.get_or_insert_with(|| header.codec.to_string());
    }

    fn add_audio(&mut self, media: &Media) {
        self.audio.bytes += media.payload.len() as u64;
        let Ok(header) = AudioHeader::parse(&media.payload) else { return };
        match header.packet {
            PacketKind::CodedFrames | PacketKind::CodedFramesX => self.audio.frame(media.timestamp),
            PacketKind::SequenceStart => self.audio.configurations += 1,
            _ => return,
        }
        self.audio.codec.get_or_insert_with(|| header.codec.to_string());
    }

    fn add_data(&mut self, media: &Media) {
        self.data_messages += 1;
        let Ok(values) = amf0::decode_all(&media.payload, &AmfLimits::default()) else { return };
        if let [name, value, ..] = &values[..]
            && name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("onMetaData"))
        {
            self.metadata = Some(value.clone());
        }
    }
}

impl TrackStats {
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.elapsed.max(0) as u64
    }

    /// Bits per second of media time; `None` before there is a second of it.
    pub(crate) fn bit_rate(&self) -> Option<f64> {
        (self.elapsed >= 1000).then(|| self.bytes as f64 * 8000.0 / self.elapsed as f64)
    }

    /// Frames per second of media time.
    pub(crate) fn frame_rate(&self) -> Option<f64> {
        (self.frames > 1 && self.elapsed > 0).then(|| (self.frames - 1) as f64 * 1000.0 / self.elapsed as f64)
    }

    fn frame(&mut self, timestamp: u32) {
        self.frames += 1;
        if self.first.is_none() {
            self.first = Some(timestamp);
            self.last = timestamp;
        }
        let step = timestamp.wrapping_sub(self.last) as i32;
        self.elapsed += i64::from(step);
        if step < 0 {
            self.steps_back += 1;
        } else {
            self.longest_step = self.longest_step.max(step.unsigned_abs());
        }
        self.last = timestamp;
    }

    fn to_json(&self) -> Json {
        if self.bytes == 0 {
            return Json::Null;
        }
        json!({
            "codec": self.codec,
            "frames": self.frames,
            "bytes": self.bytes,
            "configurations": self.configurations,
            "duration_ms": self.elapsed,
            "bits_per_second": self.bit_rate().map(f64::round),
            "frames_per_second": self.frame_rate().map(|rate| (rate * 1000.0).round() / 1000.0),
            "steps_back": self.steps_back,
            "longest_step_ms": self.longest_step,
        })
    }
}

impl Gops {
    /// Average distance in milliseconds; `None` before the second key frame.
    pub(crate) fn average(&self) -> Option<u64> {
        (self.key_frames > 1).then(|| self.sum / (self.key_frames - 1))
    }

    fn key_frame(&mut self, timestamp: u32) {
        self.key_frames += 1;
        if let Some(last) = self.last_key {
            // A step back in time starts a new count instead of a GOP of weeks.
            let length = (timestamp.wrapping_sub(last) as i32).max(0).unsigned_abs();
            self.sum += u64::from(length);
            self.longest = self.longest.max(length);
            self.shortest = Some(self.shortest.map_or(length, |shortest| shortest.min(length)));
        }
        self.last_key = Some(timestamp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_gops_are_those_of_media_time() {
        let mut stats = MediaStats::default();
        for n in 0..51_u32 {
            let first = if n % 25 == 0 { 0x17 } else { 0x27 };
            // Across the wrap of the clock.
            stats.add(&Media::video(
                u32::MAX.wrapping_sub(500).wrapping_add(n * 40),
                vec![first, 1, 0, 0, 0, 0, 0, 0, 1, 9],
            ));
        }
        assert_eq!(stats.video.frame_rate(), Some(25.0));
        assert_eq!(stats.video.elapsed_ms(), 2000);
        assert_eq!(stats.gops.average(), Some(1000));
        assert_eq!((stats.gops.shortest, stats.gops.longest, stats.gops.key_frames), (Some(1000), 1000, 3));
        assert_eq!(stats.video.codec.as_deref(), Some("H.264"));
        assert_eq!(stats.skew(), None);
    }
}
