//! The logs of one stream: all that is published, and what players get that cannot read messages of several tracks.
//!
//! Until the first such message comes the two would be the same, so there is one. Then the second begins as a clone, in
//! which every player stands where it stood: nobody misses anything, and nobody gets anything twice.

use rtmp_session::flv::{AudioHeader, TrackLayout, VideoHeader};
use rtmp_session::live::{Channel, ChannelConfig};
use rtmp_session::{CapsEx, Media, MediaKind, ServerSession};

use crate::memory::level;

/// What a player gets of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rendition {
    /// Everything, as it was published.
    Full,
    /// The default track alone, in messages without tracks. See ERTMP-73.
    Plain,
}

impl Rendition {
    /// What the client of that session can read.
    pub(crate) fn for_client(session: &ServerSession) -> Self {
        let reads_tracks = |caps: CapsEx| caps.contains(CapsEx::MULTITRACK);
        match session.capabilities() {
            Some(capabilities) if reads_tracks(capabilities.caps_ex) => Self::Full,
            _ => Self::Plain,
        }
    }
}

pub(crate) struct Logs {
    full: Channel,
    /// Since the first message of several tracks, for as long as the stream is known.
    plain: Option<Channel>,
    splits: bool,
}

impl Logs {
    /// `splits`: there may be another rendition; else everybody gets everything.
    pub(crate) fn new(config: ChannelConfig, splits: bool) -> Self {
        Self { full: Channel::new(config), plain: None, splits }
    }

    /// All renditions are the same, place by place.
    pub(crate) fn are_one(&self) -> bool {
        self.plain.is_none()
    }

    pub(crate) fn of(&self, rendition: Rendition) -> &Channel {
        match (rendition, &self.plain) {
            (Rendition::Plain, Some(plain)) => plain,
            _ => &self.full,
        }
    }

    /// Appends what one round of reading brought, and leaves `batch` empty.
    pub(crate) fn push_batch(&mut self, batch: &mut Vec<Media>) {
        if self.splits && self.plain.is_none() && batch.iter().any(has_tracks) {
            self.plain = Some(self.full.clone());
        }
        if let Some(plain) = &mut self.plain {
            plain.push_batch(batch.iter().filter_map(Media::default_track));
        }
        self.full.push_batch(batch.drain(..));
    }

    /// See [`Channel::interrupt`].
    pub(crate) fn interrupt(&mut self) {
        self.all_mut().for_each(Channel::interrupt);
    }

    /// See [`Channel::resume`].
    pub(crate) fn resume(&mut self) {
        self.all_mut().for_each(Channel::resume);
    }

    /// Memory that can be had back with [`Logs::trim`]. Payloads that both logs share, such as all from before
    /// there were two, count in each, and are had back when the second lets go of them: a stream of several tracks may be
    /// cut down to less than its share, never left with more.
    pub(crate) fn held(&self) -> usize {
        self.all().map(|log| log.held().0).sum()
    }

    /// Keeps at most `max_bytes`; the larger log gives first.
    pub(crate) fn trim(&mut self, max_bytes: usize) {
        let level = level(self.all().map(|log| log.held().0).collect(), max_bytes);
        self.all_mut().for_each(|log| log.trim(level));
    }

    fn all(&self) -> impl Iterator<Item = &Channel> {
        std::iter::once(&self.full).chain(&self.plain)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Channel> {
        std::iter::once(&mut self.full).chain(&mut self.plain)
    }
}

fn has_tracks(media: &Media) -> bool {
    let layout = match media.kind {
        MediaKind::Video => VideoHeader::parse(&media.payload).map(|header| header.tracks),
        MediaKind::Audio => AudioHeader::parse(&media.payload).map(|header| header.tracks),
        MediaKind::Data => return false,
    };
    layout.is_ok_and(|layout| layout != TrackLayout::Single)
}

#[cfg(test)]
mod tests {
    use rtmp_session::live::{Cursor, Next};

    use super::*;

    const LEN: usize = 100_000;

    fn frame(head: &[u8]) -> Media {
        Media::video(0, [head, &[0; LEN]].concat())
    }

    /// In plain form, and as the default and another track.
    fn key() -> Media {
        frame(&[0x17, 1, 0, 0, 0])
    }

    fn key_of(track: u8) -> Media {
        frame(&[&b"\x96\x01avc1"[..], &[track, 0, 0, 0]].concat())
    }

    fn read(logs: &Logs, rendition: Rendition, cursor: &mut Cursor) -> Vec<Media> {
        let next = || match logs.of(rendition).next(cursor) {
            Next::Media(media) => Some(media),
            _ => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn there_is_one_log_until_there_are_tracks() {
        let mut logs = Logs::new(ChannelConfig::default(), true);
        let start = logs.of(Rendition::Plain).subscribe();
        logs.push_batch(&mut vec![key(), Media::audio(0, &b"\x91Opus"[..]), Media::data(0, &b"\x02"[..])]);
        assert!(logs.are_one());
        logs.push_batch(&mut vec![key_of(1)]);
        assert!(!logs.are_one());
        logs.push_batch(&mut vec![key_of(0), key_of(1)]);
        assert_eq!(read(&logs, Rendition::Full, &mut start.clone())[3..], [key_of(1), key_of(0), key_of(1)]);
        assert_eq!(read(&logs, Rendition::Plain, &mut start.clone())[3..], [key()]);
    }

    #[test]
    fn both_logs_count_and_are_brought_down_together() {
        let mut logs = Logs::new(ChannelConfig::default(), true);
        logs.push_batch(&mut vec![key_of(0), key_of(1), key_of(2), key_of(0)]);
        assert!((6 * LEN..7 * LEN).contains(&logs.held()), "{}", logs.held());
        logs.trim(5 * LEN);
        let held = |logs: &Logs| [Rendition::Full, Rendition::Plain].map(|which| logs.of(which).held().1);
        assert_eq!(held(&logs), [2, 2], "the larger one gives");
        logs.trim(0);
        assert_eq!((held(&logs), logs.held()), ([0, 0], 0));
    }

    #[test]
    fn whoever_publishes_next_both_renditions_go_on() {
        let mut logs = Logs::new(ChannelConfig::default(), true);
        logs.push_batch(&mut vec![key_of(0), key_of(1)]);
        let mut cursors = [Rendition::Full, Rendition::Plain].map(|which| (which, logs.of(which).subscribe()));
        logs.interrupt();
        logs.resume();
        logs.push_batch(&mut vec![key()]);
        for (which, cursor) in &mut cursors {
            let got = read(&logs, *which, cursor);
            assert_eq!(got.last().map(|media| &media.payload), Some(&key().payload), "{which:?}");
        }
    }
}
