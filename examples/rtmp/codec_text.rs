//! Audio and video payloads in words.

use rtmp_session::chunk::{Message, MessageType};
use rtmp_session::flv::{AudioCodec, AudioHeader, FrameKind, PacketKind, TrackLayout, VideoCodec, VideoHeader};

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
    let mut text = video_codec(header.codec);
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
    let mut text = audio_codec(header.codec);
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

/// The usual name of a video codec.
pub(crate) fn video_codec(codec: VideoCodec) -> String {
    match codec {
        VideoCodec::Avc => "H.264".into(),
        VideoCodec::Hevc => "HEVC".into(),
        VideoCodec::Vvc => "VVC".into(),
        VideoCodec::Av1 => "AV1".into(),
        VideoCodec::Vp9 => "VP9".into(),
        VideoCodec::Vp8 => "VP8".into(),
        VideoCodec::SORENSON_H263 => "Sorenson H.263".into(),
        VideoCodec::VP6 | VideoCodec::VP6_ALPHA => "VP6".into(),
        VideoCodec::SCREEN | VideoCodec::SCREEN_2 => "screen video".into(),
        VideoCodec::Legacy(id) => format!("video codec {id}"),
        VideoCodec::Other(four_cc) => four_cc.to_string(),
        _ => "video".into(),
    }
}

/// The usual name of an audio codec.
pub(crate) fn audio_codec(codec: AudioCodec) -> String {
    match codec {
        AudioCodec::Aac => "AAC".into(),
        AudioCodec::Mp3 => "MP3".into(),
        AudioCodec::Opus => "Opus".into(),
        AudioCodec::Flac => "FLAC".into(),
        AudioCodec::Ac3 => "AC-3".into(),
        AudioCodec::Eac3 => "E-AC-3".into(),
        AudioCodec::PCM => "PCM".into(),
        AudioCodec::G711_A => "G.711 A-law".into(),
        AudioCodec::G711_U => "G.711 µ-law".into(),
        AudioCodec::SPEEX => "Speex".into(),
        AudioCodec::Legacy(4..=6) => "Nellymoser".into(),
        AudioCodec::Legacy(id) => format!("audio format {id}"),
        AudioCodec::Other(four_cc) => four_cc.to_string(),
        _ => "audio".into(),
    }
}
