//! From the times of a running stream to the times of a file.

use crate::{FlvEncodeError, TagKind};

/// A source whose clock starts anew goes back by more than any reordering of frames does, in ms.
const RESTART: i64 = 5_000;

/// Maps RTMP's times, which start anywhere and wrap, to times from 0 on that do not go back within one kind. See FLV-22,
/// FLV-23.
///
/// Deviates from FLV-19 in that audio may be behind video: holding it back would shift the sound of every source
/// whose sound arrives late.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// The last input, and where that is in the file, in ms; before 0 if it is earlier than the first.
    last: Option<(u32, i64)>,
    audio: u32,
    video: u32,
}

impl Timeline {
    /// A timeline that goes on behind this time.
    pub(super) fn resuming_at(time: u32) -> Self {
        Self { last: None, audio: time, video: time }
    }

    /// The time in the file of a frame.
    pub(super) fn frame(&mut self, kind: TagKind, time: u32) -> Result<u32, FlvEncodeError> {
        let newest = self.newest();
        let mut at = self.locate(time).unwrap_or(newest);
        if at < newest - RESTART {
            at = newest;
        }
        let last = if kind == TagKind::Audio { &mut self.audio } else { &mut self.video };
        let out = at.max(i64::from(*last));
        let out = u32::try_from(out).unwrap_or(u32::MAX);
        if out > i32::MAX as u32 {
            return Err(FlvEncodeError::TimeOverflow(out.into()));
        }
        *last = out;
        self.last = Some((time, at));
        Ok(out)
    }

    /// The time in the file of anything that is not a frame: headers and metadata, which a server may send again with
    /// the time they first had. They leave the timeline as it is.
    pub(super) fn other(&self, time: u32) -> u32 {
        let newest = self.newest();
        let at = self.locate(time).unwrap_or(newest);
        let at = if (newest - RESTART..newest + RESTART).contains(&at) { at.max(newest) } else { newest };
        at.clamp(0, i32::MAX.into()) as u32
    }

    fn locate(&self, time: u32) -> Option<i64> {
        let (last, at) = self.last?;
        Some(at + i64::from(time.wrapping_sub(last) as i32))
    }

    fn newest(&self) -> i64 {
        self.audio.max(self.video).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(timeline: &mut Timeline, times: &[u32]) -> Vec<u32> {
        times.iter().map(|&time| timeline.frame(TagKind::Video, time).unwrap()).collect()
    }

    #[test]
    fn starts_at_0_and_goes_through_the_wrap() {
        let mut timeline = Timeline::default();
        assert_eq!(frames(&mut timeline, &[u32::MAX - 9, u32::MAX, 10, 30]), [0, 9, 20, 40]);
    }

    #[test]
    fn audio_may_be_behind_video_but_not_behind_itself() {
        let mut timeline = Timeline::default();
        assert_eq!(frames(&mut timeline, &[1000, 1040]), [0, 40]);
        let audio = [1010, 1005, 1033].map(|time| timeline.frame(TagKind::Audio, time).unwrap());
        assert_eq!(audio, [10, 10, 33]);
    }

    #[test]
    fn goes_on_when_the_clock_of_the_source_starts_anew() {
        let mut timeline = Timeline::default();
        assert_eq!(frames(&mut timeline, &[100_000, 160_000, 0, 40, 80]), [0, 60_000, 60_000, 60_040, 60_080]);
    }

    #[test]
    fn headers_sent_again_do_not_move_the_time() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.other(0), 0);
        assert_eq!(frames(&mut timeline, &[700_000, 700_040]), [0, 40]);
        assert_eq!(timeline.other(0), 40);
        assert_eq!(timeline.other(700_080), 80);
        assert_eq!(frames(&mut timeline, &[700_080]), [80]);
    }

    #[test]
    fn flv_23_ends_at_2_to_the_31() {
        let mut timeline = Timeline::default();
        assert_eq!(frames(&mut timeline, &[0, 1 << 30, (1 << 31) - 1]), [0, 1 << 30, (1 << 31) - 1]);
        assert_eq!(timeline.frame(TagKind::Video, 1 << 31), Err(FlvEncodeError::TimeOverflow(1 << 31)));
    }
}
