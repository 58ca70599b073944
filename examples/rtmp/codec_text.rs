//! Audio and video payloads in words.

use rtmp_session::chunk::{Message, MessageType};
use rtmp_session::flv::{AudioHeader, FrameKind, PacketKind, TrackLayout, VideoHeader};

/// What an audio or video message carries, for one column of a listing.
pub(crate) fn describe(message: &Message) -> String {
    if message.kind == MessageType::VIDEO {
        match VideoHeader::parse(&message.payload) {
            Ok(header) => describe_video(&header),
            Err(error) => error.to_string(),
        }
    } else {
        match AudioHeader::parse(&message.payload) {
            Ok(header) => describe_audio(&header),
            Err(error) => error.to_string(),
        }
    }
}

fn describe_video(header: &VideoHeader) -> String {
    let mut text = header.codec.to_string();
    if header.enhanced {
        text += " enhanced";
    }
    text += match header.packet {
        PacketKind::CodedFrames | PacketKind::CodedFramesX => match header.frame {
            FrameKind::Key => " key frame",
            FrameKind::Inter => " inter frame",
            FrameKind::Disposable => " disposable frame",
            _ => " frame",
        },
        other => packet(other),
    };
    if header.composition_time != 0 {
        text += &format!(", shown {:+} ms", header.composition_time);
    }
    text + &nanoseconds(header.nano_offset) + &tracks(header.tracks)
}

fn describe_audio(header: &AudioHeader) -> String {
    let mut text = header.codec.to_string();
    if header.enhanced {
        text += " enhanced";
    }
    text += match header.packet {
        PacketKind::CodedFrames | PacketKind::CodedFramesX => " frame",
        other => packet(other),
    };
    text + &nanoseconds(header.nano_offset) + &tracks(header.tracks)
}

fn packet(kind: PacketKind) -> &'static str {
    match kind {
        PacketKind::SequenceStart => " configuration",
        PacketKind::SequenceEnd => " end of sequence",
        PacketKind::Metadata => " metadata",
        PacketKind::MultichannelConfig => " channel layout",
        PacketKind::Silence => " silence",
        PacketKind::Command(_) => " command frame",
        _ => " packet",
    }
}

fn nanoseconds(offset: u32) -> String {
    if offset == 0 { String::new() } else { format!(", +{offset} ns") }
}

fn tracks(layout: TrackLayout) -> String {
    match layout {
        TrackLayout::Single => String::new(),
        layout => layout.track_id().map_or_else(|| ", several tracks".to_owned(), |id| format!(", track {id}")),
    }
}
