//! Media for players that know nothing of tracks.

use bytes::Bytes;
use rtmp_flv::{AudioHeader, FrameKind, PacketKind, TrackLayout, VideoHeader};

use crate::{Media, MediaKind};

impl Media {
    /// What a player gets that did not announce [`CapsEx::MULTITRACK`](crate::CapsEx::MULTITRACK): the default track, 0,
    /// in plain form, in the legacy one if its codec has that. `None` if it is about further tracks only, or cut. See
    /// ERTMP-73.
    ///
    /// A message without tracks is given back as it is, and shares its payload; only messages of several tracks are
    /// copied, so that a stream of one track costs nothing.
    ///
    /// ```
    /// use rtmp_session::Media;
    ///
    /// let second = Media::video(40, &b"\x96\x01avc1\x01\0\0\0\x65"[..]);
    /// assert_eq!(second.default_track(), None);
    /// let first = Media::video(40, &b"\x96\x01avc1\x00\0\0\0\x65"[..]);
    /// assert_eq!(first.default_track(), Some(Media::video(40, &b"\x17\x01\0\0\0\x65"[..])));
    /// ```
    pub fn default_track(&self) -> Option<Self> {
        let plain = match self.kind {
            MediaKind::Video => match VideoHeader::parse(&self.payload) {
                Ok(header) if header.tracks != TrackLayout::Single => plain_video(&header, &self.payload)?,
                _ => return Some(self.clone()),
            },
            MediaKind::Audio => match AudioHeader::parse(&self.payload) {
                Ok(header) if header.tracks != TrackLayout::Single => plain_audio(&header, &self.payload)?,
                _ => return Some(self.clone()),
            },
            MediaKind::Data => return Some(self.clone()),
        };
        Some(Self { payload: plain, ..*self })
    }
}

fn plain_video(header: &VideoHeader, payload: &[u8]) -> Option<Bytes> {
    let track = header.tracks(payload).map_while(Result::ok).find(|track| track.id == 0)?;
    // ERTMP-60: alone, metadata has a frame type of its own again.
    let frame = if header.packet == PacketKind::Metadata { FrameKind::Command } else { header.frame };
    VideoHeader::new(track.codec, header.packet, frame)
        .with_composition_time(track.composition_time)
        .with_nano_offset(header.nano_offset)
        .payload(track.body)
        .ok()
}

fn plain_audio(header: &AudioHeader, payload: &[u8]) -> Option<Bytes> {
    let track = header.tracks(payload).map_while(Result::ok).find(|track| track.id == 0)?;
    AudioHeader::new(track.codec, header.packet).with_nano_offset(header.nano_offset).payload(track.body).ok()
}
