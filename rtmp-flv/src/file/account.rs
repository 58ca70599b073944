//! What is known about a file after each of its tags.

use super::index::KeyframeIndex;
use crate::{AudioHeader, Keyframe, Tag, TagKind, VideoHeader};

/// Counts tags, times and key frames.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) tags: u64,
    pub(super) has_audio: bool,
    pub(super) has_video: bool,
    /// Largest time of an audio or video tag, in ms.
    pub(super) last_time: u32,
    pub(super) last_keyframe: Option<Keyframe>,
    pub(super) ends_with_keyframe: bool,
    pub(super) keyframes: KeyframeIndex,
    audio: Pace,
    video: Pace,
}

/// Time of the last tag of a kind, and how long the one before it lasted.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    last: Option<u32>,
    step: u32,
}

impl Pace {
    fn advance(&mut self, time: u32) {
        match self.last {
            Some(last) if time > last => {
                // A step of seconds is a pause of the source, and not how long a frame lasts.
                self.step = (time - last).min(1000);
                self.last = Some(time);
            }
            None => self.last = Some(time),
            Some(_) => {}
        }
    }

    fn end(self) -> u32 {
        self.last.map_or(0, |last| last.saturating_add(self.step))
    }
}

impl Account {
    pub(super) const fn new(index_capacity: usize) -> Self {
        Self {
            tags: 0,
            has_audio: false,
            has_video: false,
            last_time: 0,
            last_keyframe: None,
            ends_with_keyframe: false,
            keyframes: KeyframeIndex::new(index_capacity),
            audio: Pace { last: None, step: 0 },
            video: Pace { last: None, step: 0 },
        }
    }

    /// Takes note of a tag with the time it has in the file and the position of its header.
    pub(super) fn note(&mut self, tag: &Tag, position: u64) {
        self.tags += 1;
        // FLV-12: negative times are before the start.
        let time = tag.signed_time().max(0) as u32;
        match tag.kind {
            TagKind::Audio | TagKind::Encrypted(8) => {
                self.has_audio = true;
                let plays = !AudioHeader::parse(&tag.data).is_ok_and(|header| header.is_sequence_header());
                self.last_time = self.last_time.max(time);
                if plays {
                    self.audio.advance(time);
                }
            }
            TagKind::Video => {
                self.has_video = true;
                self.last_time = self.last_time.max(time);
                let Ok(header) = VideoHeader::parse(&tag.data) else { return };
                self.note_video(&header, time, position);
            }
            TagKind::Encrypted(9) => {
                self.has_video = true;
                self.last_time = self.last_time.max(time);
                self.video.advance(time);
            }
            _ => {}
        }
    }

    fn note_video(&mut self, header: &VideoHeader, time: u32, position: u64) {
        if !header.is_frame() {
            return;
        }
        self.video.advance(time);
        self.ends_with_keyframe = header.is_keyframe();
        if header.is_keyframe() {
            let keyframe = Keyframe { time: seconds(time), position };
            // Several tracks have a key frame each at one time; a player seeks to the first of them.
            if self.last_keyframe.is_none_or(|last| last.time != keyframe.time) {
                self.keyframes.push(keyframe);
                self.last_keyframe = Some(keyframe);
            }
        }
    }

    /// How long the file plays, in s: to the end of its last frame.
    pub(super) fn duration(&self) -> f64 {
        seconds(self.audio.end().max(self.video.end()).max(self.last_time))
    }
}

pub(super) fn seconds(milliseconds: u32) -> f64 {
    f64::from(milliseconds) / 1000.0
}
