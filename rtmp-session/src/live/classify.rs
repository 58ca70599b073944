//! What a message means to a log: where readers may start, and what must be kept for those who come later.

use rtmp_flv::{AudioHeader, AudioTracks, PacketKind, TrackLayout, VideoHeader, VideoTracks};

use crate::{
    Media, MediaKind,
    data_name::{skip_set_data_frame, split_name},
};

/// The part a message plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// To be kept for those who come later.
    Header(Role),
    /// The metadata kept so far is void. See MSG-12.
    ClearMetadata,
    /// Decoding can start here; on the default track, or on another.
    Keyframe { default_track: bool },
    /// Video that needs what came before.
    Interframe,
    /// Audio that can be heard.
    Sound,
    /// A word that players take for the server's own: not passed on. See CMD-46, CMD-57.
    Status,
    /// Passed on as it is: ends of sequences, commands, data, what cannot be read.
    Other,
}

impl Class {
    /// Whether its time stamp says where the publisher's clock stands.
    pub(super) const fn is_frame(&self) -> bool {
        matches!(self, Self::Keyframe { .. } | Self::Interframe | Self::Sound)
    }
}

/// Which header a message is. A new one takes the place of those it [replaces](Role::replaces).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `onMetaData`
    Metadata,
    /// Of these tracks.
    Track { kind: MediaKind, packet: PacketKind, tracks: TrackSet },
}

impl Role {
    /// Whether `old` is out of date when a header of this role comes. A new sequence header voids the channel layout and
    /// colours of its track too. See ERTMP-39.
    pub(super) fn replaces(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::Metadata, Self::Metadata) => true,
            (
                Self::Track { kind, packet, tracks },
                Self::Track { kind: old_kind, packet: old_packet, tracks: old_tracks },
            ) => {
                kind == old_kind && old_tracks.is_within(tracks) && (packet == old_packet || is_sequence_start(*packet))
            }
            _ => false,
        }
    }
}

/// A set of track ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TrackSet([u64; 4]);

impl TrackSet {
    fn insert(&mut self, id: u8) {
        self.0[usize::from(id >> 6)] |= 1 << (id & 63);
    }

    fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(mine, others)| mine & !others == 0)
    }
}

pub(super) fn classify(media: &Media) -> Class {
    match media.kind {
        MediaKind::Video => classify_video(&media.payload),
        MediaKind::Audio => classify_audio(&media.payload),
        MediaKind::Data => classify_data(&media.payload),
    }
}

fn classify_data(payload: &[u8]) -> Class {
    let Some((name, rest)) = split_name(skip_set_data_frame(payload)) else { return Class::Other };
    match &*name {
        "onMetaData" => Class::Header(Role::Metadata),
        "@clearDataFrame" if split_name(rest).is_some_and(|(what, _)| what == "onMetaData") => Class::ClearMetadata,
        "onStatus" | "onPlayStatus" => Class::Status,
        _ => Class::Other,
    }
}

fn classify_video(payload: &[u8]) -> Class {
    let Ok(header) = VideoHeader::parse(payload) else { return Class::Other };
    match header.packet {
        PacketKind::CodedFrames | PacketKind::CodedFramesX if header.is_keyframe() => {
            Class::Keyframe { default_track: header.tracks.track_id().is_none_or(|id| id == 0) }
        }
        PacketKind::CodedFrames | PacketKind::CodedFramesX => Class::Interframe,
        // An empty configuration is none, and would take the place of a good one.
        packet if header.is_sequence_header() || packet == PacketKind::Metadata => {
            let ids = |tracks: VideoTracks<'_>| tracks.flatten().map(|track| track.id).collect();
            Class::Header(Role::Track {
                kind: MediaKind::Video,
                packet,
                tracks: track_set(header.tracks, || ids(header.tracks(payload))),
            })
        }
        _ => Class::Other,
    }
}

fn classify_audio(payload: &[u8]) -> Class {
    let Ok(header) = AudioHeader::parse(payload) else { return Class::Other };
    match header.packet {
        PacketKind::CodedFrames => Class::Sound,
        packet if header.is_sequence_header() || packet == PacketKind::MultichannelConfig => {
            let ids = |tracks: AudioTracks<'_>| tracks.flatten().map(|track| track.id).collect();
            Class::Header(Role::Track {
                kind: MediaKind::Audio,
                packet,
                tracks: track_set(header.tracks, || ids(header.tracks(payload))),
            })
        }
        _ => Class::Other,
    }
}

fn track_set(layout: TrackLayout, ids: impl FnOnce() -> Vec<u8>) -> TrackSet {
    let mut set = TrackSet::default();
    match layout.track_id() {
        Some(id) => set.insert(id),
        None => ids().into_iter().for_each(|id| set.insert(id)),
    }
    set
}

fn is_sequence_start(packet: PacketKind) -> bool {
    matches!(packet, PacketKind::SequenceStart | PacketKind::Mpeg2TsSequenceStart)
}
