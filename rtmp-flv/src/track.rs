//! The tracks of a payload, one by one.

use crate::{
    AudioCodec, AudioHeader, FlvError, FourCc, PacketKind, TrackLayout, VideoCodec, VideoHeader, error::Payload,
};

/// One track of a video payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoTrack<'a> {
    /// Track id, 0 to 255. 0 is the default track; otherwise the number means nothing. Audio ids are other ids.
    pub id: u8,
    /// The codec of this track.
    pub codec: VideoCodec,
    /// Presentation time minus the message's own time, in ms; 0 where the codec or the packet has none.
    pub composition_time: i32,
    /// What the codec's own reader gets.
    pub body: &'a [u8],
}

/// One track of an audio payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioTrack<'a> {
    /// Track id, 0 to 255. 0 is the default track; otherwise the number means nothing. Video ids are other ids.
    pub id: u8,
    /// The codec of this track.
    pub codec: AudioCodec,
    /// What the codec's own reader gets.
    pub body: &'a [u8],
}

/// The tracks of a video payload, in order. See [`VideoHeader::tracks`].
#[derive(Clone, Debug)]
pub struct VideoTracks<'a> {
    items: Items<'a>,
    single: Option<VideoTrack<'a>>,
    codec: VideoCodec,
    timed: bool,
}

impl<'a> VideoTracks<'a> {
    pub(crate) fn new(header: &VideoHeader, data: &'a [u8]) -> Self {
        let body = data.get(header.body..).unwrap_or_default();
        let single = header.tracks.track_id().map(|id| VideoTrack {
            id,
            codec: header.codec,
            composition_time: header.composition_time,
            body,
        });
        let items = Items { rest: body, layout: header.tracks, payload: Payload::Video };
        Self { items, single, codec: header.codec, timed: header.packet == PacketKind::CodedFrames }
    }

    fn track(&self, item: Item<'a>) -> Result<VideoTrack<'a>, FlvError> {
        let codec = item.four_cc.map_or(self.codec, VideoCodec::from_four_cc);
        let mut track = VideoTrack { id: item.id, codec, composition_time: 0, body: item.body };
        if self.timed && codec.has_composition_time() {
            // ERTMP-21: the composition time is part of the track's size. ERTMP-51
            let Some((&time, body)) = track.body.split_first_chunk() else {
                let part = "composition time";
                return Err(FlvError::Truncated { payload: Payload::Video, part, needed: 3, len: track.body.len() });
            };
            (track.composition_time, track.body) = (read_composition_time(time), body);
        }
        Ok(track)
    }
}

impl<'a> Iterator for VideoTracks<'a> {
    type Item = Result<VideoTrack<'a>, FlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(track) = self.single.take() {
            return Some(Ok(track));
        }
        let item = self.items.next()?;
        Some(item.and_then(|item| self.track(item)))
    }
}

/// The tracks of an audio payload, in order. See [`AudioHeader::tracks`].
#[derive(Clone, Debug)]
pub struct AudioTracks<'a> {
    items: Items<'a>,
    single: Option<AudioTrack<'a>>,
    codec: AudioCodec,
}

impl<'a> AudioTracks<'a> {
    pub(crate) fn new(header: &AudioHeader, data: &'a [u8]) -> Self {
        let body = data.get(header.body..).unwrap_or_default();
        let single = header.tracks.track_id().map(|id| AudioTrack { id, codec: header.codec, body });
        let items = Items { rest: body, layout: header.tracks, payload: Payload::Audio };
        Self { items, single, codec: header.codec }
    }
}

impl<'a> Iterator for AudioTracks<'a> {
    type Item = Result<AudioTrack<'a>, FlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(track) = self.single.take() {
            return Some(Ok(track));
        }
        let item = self.items.next()?;
        let codec = self.codec;
        Some(item.map(|item| AudioTrack {
            id: item.id,
            codec: item.four_cc.map_or(codec, AudioCodec::from_four_cc),
            body: item.body,
        }))
    }
}

/// Walks `{[FourCC], id, size, body}` items. See ERTMP-19.
#[derive(Clone, Debug)]
struct Items<'a> {
    rest: &'a [u8],
    layout: TrackLayout,
    payload: Payload,
}

struct Item<'a> {
    four_cc: Option<FourCc>,
    id: u8,
    body: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, FlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        let head = match self.layout {
            TrackLayout::Many => 4,
            TrackLayout::ManyCodecs => 8,
            TrackLayout::Single | TrackLayout::One(_) => return None,
        };
        if self.rest.is_empty() {
            return None;
        }
        let item = self.item(head);
        if item.is_err() {
            // ERTMP-26: from here on the payload cannot be cut into tracks.
            self.rest = &[];
        }
        Some(item)
    }
}

impl<'a> Items<'a> {
    fn item(&mut self, head_len: usize) -> Result<Item<'a>, FlvError> {
        let len = self.rest.len();
        let Some((head, rest)) = self.rest.split_at_checked(head_len) else {
            let part = "track header";
            return Err(FlvError::Truncated { payload: self.payload, part, needed: head_len, len });
        };
        let (four_cc, head) = if head_len == 8 { (FourCc::peek(head), &head[4..]) } else { (None, head) };
        let (id, len) = (head[0], u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize);
        // ERTMP-25: the next track starts behind these bytes, whatever the body makes of them.
        let (body, rest) =
            rest.split_at_checked(len).ok_or(FlvError::TrackTooLong { track: id, len, left: rest.len() })?;
        self.rest = rest;
        Ok(Item { four_cc, id, body })
    }
}

/// Signed 24 bits. See FLV-36, ERTMP-49.
pub(crate) fn read_composition_time([a, b, c]: [u8; 3]) -> i32 {
    i32::from_be_bytes([a, b, c, 0]) >> 8
}
