//! One line of time through several connections.

use rtmp_session::flv::{AudioHeader, VideoHeader};
use rtmp_session::{Media, MediaKind};

/// Gives media of one connection after another times that go on, and lets each begin with a key frame.
#[derive(Debug, Default)]
pub(crate) struct Continuity {
    /// Added to the times of this connection, modulo 2^32.
    offset: u32,
    /// The first time given out, and the newest.
    first: Option<u32>,
    newest: Option<u32>,
    /// The next frame tells where this connection's time begins.
    joining: bool,
    /// Frames of video that cannot be decoded are left out until a key frame comes.
    wait_for_key: bool,
    /// Distance of the last two video frames.
    frame: u32,
    last_video: Option<u32>,
}

impl Continuity {
    pub(crate) fn new() -> Self {
        Self { frame: 40, wait_for_key: true, ..Self::default() }
    }

    /// What comes next follows directly on what is there, key frame or not.
    pub(crate) fn take_any_frame(&mut self) {
        self.wait_for_key = false;
    }

    /// Another connection, or another publisher: its times have nothing to do with those before.
    pub(crate) fn rejoin(&mut self) {
        self.joining = self.newest.is_some();
        self.wait_for_key = true;
        self.last_video = None;
    }

    /// Milliseconds from the first frame to the newest.
    pub(crate) fn elapsed(&self) -> u32 {
        self.newest().wrapping_sub(self.first.unwrap_or_else(|| self.newest()))
    }

    /// Whether the next frame comes behind a gap.
    pub(crate) fn is_joining(&self) -> bool {
        self.joining
    }

    /// The newest time given out.
    pub(crate) fn newest(&self) -> u32 {
        self.newest.unwrap_or(0)
    }

    /// The message with its place in time; `None` if it cannot be used.
    pub(crate) fn place(&mut self, mut media: Media) -> Option<Media> {
        let (is_frame, is_key) = frame_kind(&media);
        if media.kind == MediaKind::Video && is_frame {
            if self.wait_for_key && !is_key {
                return None;
            }
            self.wait_for_key = false;
        }
        if !is_frame {
            // Headers are sent again with whatever time; they belong where the stream stands.
            media.timestamp = if self.joining { self.newest() } else { media.timestamp.wrapping_add(self.offset) };
            return Some(media);
        }
        if self.joining {
            self.joining = false;
            self.offset = self.newest().wrapping_add(self.frame).wrapping_sub(media.timestamp);
        }
        media.timestamp = media.timestamp.wrapping_add(self.offset);
        if media.kind == MediaKind::Video {
            if let Some(last) = self.last_video {
                let step = media.timestamp.wrapping_sub(last);
                if (1..1000).contains(&step) {
                    self.frame = step;
                }
            }
            self.last_video = Some(media.timestamp);
        }
        self.first.get_or_insert(media.timestamp);
        if self.newest.is_none_or(|newest| (media.timestamp.wrapping_sub(newest) as i32) > 0) {
            self.newest = Some(media.timestamp);
        }
        Some(media)
    }
}

/// Whether a message is a coded frame, and whether decoding can start with it.
fn frame_kind(media: &Media) -> (bool, bool) {
    match media.kind {
        MediaKind::Video => {
            VideoHeader::parse(&media.payload).map_or((true, false), |header| (header.is_frame(), header.is_keyframe()))
        }
        MediaKind::Audio => {
            let header = AudioHeader::parse(&media.payload);
            (!header.is_ok_and(|header| header.is_sequence_header() || header.is_multichannel_config()), true)
        }
        MediaKind::Data => (false, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(timestamp: u32, key: bool) -> Media {
        Media::video(timestamp, vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, 0, 1])
    }

    fn times(continuity: &mut Continuity, frames: &[(u32, bool)]) -> Vec<u32> {
        frames
            .iter()
            .filter_map(|(time, key)| continuity.place(video(*time, *key)))
            .map(|media| media.timestamp)
            .collect()
    }

    #[test]
    fn a_second_connection_goes_on_one_frame_behind_the_first_with_a_key_frame() {
        let mut continuity = Continuity::new();
        assert_eq!(times(&mut continuity, &[(80, false), (120, true), (160, false)]), [120, 160]);
        continuity.rejoin();
        assert!(continuity.is_joining());
        assert_eq!(times(&mut continuity, &[(9_000_000, false), (9_000_040, true), (9_000_080, false)]), [200, 240]);
        continuity.rejoin();
        assert_eq!(times(&mut continuity, &[(0, true), (40, false)]), [280, 320]);
    }

    #[test]
    fn a_header_in_between_stands_where_the_stream_stands() {
        let mut continuity = Continuity::new();
        times(&mut continuity, &[(5000, true)]);
        continuity.rejoin();
        let header = continuity.place(Media::video(77, vec![0x17, 0, 0, 0, 0, 1])).unwrap();
        assert_eq!(header.timestamp, 5000);
        assert!(continuity.is_joining());
    }

    #[test]
    fn time_may_wrap() {
        let mut continuity = Continuity::new();
        let frames = [(u32::MAX - 20, true), (20, false)];
        assert_eq!(times(&mut continuity, &frames), [u32::MAX - 20, 20]);
        continuity.rejoin();
        assert_eq!(times(&mut continuity, &[(0, true)]), [61]);
    }
}
