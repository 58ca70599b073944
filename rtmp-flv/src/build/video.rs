//! Video headers: the other direction of [`VideoHeader::parse`].

use super::{
    check_composition_time, check_len, check_nano_offset, layout_fits, layout_len, mod_ex_len, put_composition_time,
    put_first, put_layout, put_track_head,
};
use crate::{
    Anomalies, FlvEncodeError as E, FrameKind, PacketKind, TrackLayout, VideoCodec, VideoCommand, VideoHeader,
    VideoTrack,
    video::{MULTITRACK, packet_type},
};
use alloc::vec::Vec;
use bytes::{BufMut, Bytes};

/// Making and writing headers.
///
/// ```
/// use rtmp_flv::{FrameKind, PacketKind, TrackLayout, VideoCodec, VideoHeader};
///
/// let header = VideoHeader::new(VideoCodec::Avc, PacketKind::CodedFrames, FrameKind::Inter).with_composition_time(40);
/// assert_eq!(header.payload(&[0xaa])?[..], [0x27, 1, 0, 0, 40, 0xaa]);                 // legacy, as encoders do
/// let second = header.with_tracks(TrackLayout::One(1));
/// assert_eq!(second.payload(&[0xaa])?[..], *b"\xa6\x01avc1\x01\0\0\x28\xaa");             // tracks need the enhanced form
/// # Ok::<(), rtmp_flv::FlvEncodeError>(())
/// ```
impl VideoHeader {
    /// A header with the default track only, in the legacy form if the codec has one (ERTMP-9).
    ///
    /// Sequence starts and ends are [`FrameKind::Key`] by habit, and [`PacketKind::Metadata`] is
    /// [`FrameKind::Command`] (ERTMP-60).
    pub fn new(codec: VideoCodec, packet: PacketKind, frame: FrameKind) -> Self {
        let enhanced = match packet {
            PacketKind::SequenceStart | PacketKind::CodedFrames | PacketKind::SequenceEnd => {
                codec.legacy_id().is_none()
            }
            PacketKind::Command(_) => codec == VideoCodec::Unspecified,
            _ => true,
        };
        let mut header = Self {
            frame,
            codec,
            packet,
            composition_time: 0,
            nano_offset: 0,
            tracks: TrackLayout::Single,
            enhanced,
            body: 0,
            anomalies: Anomalies::NONE,
        };
        header.body = header.len();
        header
    }

    /// Sets [`VideoHeader::composition_time`].
    #[must_use]
    pub fn with_composition_time(mut self, milliseconds: i32) -> Self {
        self.composition_time = milliseconds;
        self
    }

    /// Sets [`VideoHeader::nano_offset`], for a peer that said it can parse it (ERTMP-17). Makes the header enhanced.
    #[must_use]
    pub fn with_nano_offset(mut self, nanoseconds: u32) -> Self {
        self.nano_offset = nanoseconds;
        self.with_enhanced(self.enhanced || nanoseconds != 0)
    }

    /// Sets [`VideoHeader::tracks`]. Makes the header enhanced. Metadata inside a multitrack packet gets frame type 0,
    /// without which readers would take it for a command (ERTMP-60).
    #[must_use]
    pub fn with_tracks(mut self, tracks: TrackLayout) -> Self {
        self.tracks = tracks;
        if tracks != TrackLayout::Single && self.packet == PacketKind::Metadata && self.frame == FrameKind::Command {
            self.frame = FrameKind::Reserved(0);
        }
        self.with_enhanced(self.enhanced || tracks != TrackLayout::Single)
    }

    /// Sets [`VideoHeader::enhanced`].
    #[must_use]
    pub fn with_enhanced(mut self, enhanced: bool) -> Self {
        self.enhanced = enhanced;
        self.body = self.len();
        self
    }

    /// Length of the header, in bytes.
    fn len(&self) -> usize {
        let timed = self.packet == PacketKind::CodedFrames && self.codec.has_composition_time();
        match (self.enhanced, self.packet, self.codec) {
            (false, PacketKind::Command(VideoCommand::Missing), _) => 1,
            (false, PacketKind::Command(_), _) => 2,
            (false, _, VideoCodec::Avc) => 5,
            (false, ..) => 1,
            (true, PacketKind::Command(_), _) => 2 + mod_ex_len(self.nano_offset),
            (true, ..) => {
                let single = self.tracks.track_id().is_some();
                1 + mod_ex_len(self.nano_offset) + layout_len(self.tracks) + if timed && single { 3 } else { 0 }
            }
        }
    }

    /// Appends the header to `out`, up to where the body starts, or the first of several tracks.
    ///
    /// # Errors
    /// [`FlvEncodeError`](crate::FlvEncodeError) if no header can say this.
    pub fn encode(&self, out: &mut impl BufMut) -> Result<(), E> {
        if self.enhanced { self.encode_enhanced(out) } else { self.encode_legacy(out) }
    }

    /// A payload: the header and `body` behind it, copied into one buffer.
    ///
    /// # Errors
    /// As [`VideoHeader::encode`].
    pub fn payload(&self, body: &[u8]) -> Result<Bytes, E> {
        let mut out = Vec::with_capacity(self.len() + body.len());
        self.encode(&mut out)?;
        out.put_slice(body);
        Ok(out.into())
    }

    /// Appends a payload that carries these tracks, in the layout of this header, whose composition time does not
    /// count. Reading it gives the same tracks again.
    ///
    /// # Errors
    /// [`FlvEncodeError::Tracks`](crate::FlvEncodeError::Tracks) if the tracks do not fit the layout; as
    /// [`VideoHeader::encode`] otherwise.
    pub fn encode_tracks(&self, tracks: &[VideoTrack<'_>], out: &mut impl BufMut) -> Result<(), E> {
        if !layout_fits(self.tracks, tracks.iter().map(|t| (t.id, t.codec == self.codec))) {
            return Err(E::Tracks);
        }
        let frames = self.packet == PacketKind::CodedFrames;
        if let Some(id) = self.tracks.track_id() {
            let track = tracks.iter().find(|track| track.id == id).ok_or(E::Tracks)?;
            self.with_composition_time(track.composition_time).encode(out)?;
            out.put_slice(track.body);
            return Ok(());
        }
        for track in tracks {
            let timed = frames && track.codec.has_composition_time();
            check_composition_time(track.composition_time, timed)?;
            check_len(track.body.len() + if timed { 3 } else { 0 })?;
            Self { codec: track.codec, ..*self }.check_packet()?;
            track.codec.four_cc().ok_or(E::NoEnhancedForm)?;
        }
        Self { composition_time: 0, ..*self }.encode(out)?;
        for track in tracks {
            let timed = frames && track.codec.has_composition_time();
            if let (TrackLayout::ManyCodecs, Some(four_cc)) = (self.tracks, track.codec.four_cc()) {
                out.put_slice(&four_cc.0);
            }
            put_track_head(track.id, track.body.len() + if timed { 3 } else { 0 }, out);
            if timed {
                put_composition_time(track.composition_time, out);
            }
            out.put_slice(track.body);
        }
        Ok(())
    }

    fn encode_legacy(&self, out: &mut impl BufMut) -> Result<(), E> {
        let id = self.codec.legacy_id().ok_or(E::NoLegacyForm)?;
        if self.tracks != TrackLayout::Single || self.nano_offset != 0 {
            return Err(E::NoLegacyForm);
        }
        let first = self.frame.number() << 4 | id;
        let packet_type = match (self.packet, self.codec) {
            (PacketKind::Command(command), _) if self.frame == FrameKind::Command => {
                check_composition_time(self.composition_time, false)?;
                out.put_u8(first);
                if command != VideoCommand::Missing {
                    out.put_u8(command.byte());
                }
                return Ok(());
            }
            _ if self.frame == FrameKind::Command => return Err(E::NoLegacyForm),
            (PacketKind::SequenceStart, VideoCodec::Avc) => 0,
            (PacketKind::CodedFrames, VideoCodec::Avc) => 1,
            (PacketKind::SequenceEnd, VideoCodec::Avc) => 2,
            (PacketKind::CodedFrames, _) => {
                check_composition_time(self.composition_time, false)?;
                out.put_u8(first);
                return Ok(());
            }
            _ => return Err(E::NoLegacyForm),
        };
        check_composition_time(self.composition_time, packet_type == 1)?;
        out.put_slice(&[first, packet_type]);
        put_composition_time(self.composition_time, out);
        Ok(())
    }

    fn encode_enhanced(&self, out: &mut impl BufMut) -> Result<(), E> {
        let first = 0x80 | self.frame.number() << 4;
        if let PacketKind::Command(command) = self.packet {
            check_composition_time(self.composition_time, false)?;
            check_nano_offset(self.nano_offset)?;
            let nothing_else = self.codec == VideoCodec::Unspecified && self.tracks == TrackLayout::Single;
            if self.frame != FrameKind::Command || !nothing_else {
                return Err(E::NoEnhancedForm);
            }
            put_first(first, self.nano_offset, 0, out);
            out.put_u8(command.byte());
            return Ok(());
        }
        // ERTMP-54: with this frame type only metadata would be read as what it is, and not inside a multitrack packet.
        let is_plain_metadata = self.packet == PacketKind::Metadata && self.tracks == TrackLayout::Single;
        if self.frame == FrameKind::Command && !is_plain_metadata {
            return Err(E::NoEnhancedForm);
        }
        let packet_type = self.check_packet()?;
        let four_cc = self.codec.four_cc().ok_or(E::NoEnhancedForm)?;
        let single = self.tracks.track_id().is_some();
        let timed = single && self.packet == PacketKind::CodedFrames && self.codec.has_composition_time();
        check_composition_time(self.composition_time, timed)?;
        check_nano_offset(self.nano_offset)?;
        put_layout(first, self.nano_offset, MULTITRACK, packet_type, self.tracks, four_cc, out);
        if timed {
            put_composition_time(self.composition_time, out);
        }
        Ok(())
    }

    /// The enhanced packet type, if there is one and the codec has it.
    fn check_packet(&self) -> Result<u8, E> {
        let four_cc = self.codec.four_cc().ok_or(E::NoEnhancedForm)?;
        let known = self.codec.known().is_ok();
        match self.packet {
            PacketKind::SequenceStart => Ok(0),
            PacketKind::CodedFrames => Ok(1),
            PacketKind::SequenceEnd => Ok(2),
            PacketKind::CodedFramesX if self.codec.has_composition_time() || !known => Ok(3),
            PacketKind::Metadata => Ok(packet_type::METADATA),
            PacketKind::Mpeg2TsSequenceStart if self.codec == VideoCodec::Av1 || !known => Ok(5),
            PacketKind::CodedFramesX | PacketKind::Mpeg2TsSequenceStart => Err(E::NotOfThisCodec(four_cc)),
            _ => Err(E::NoEnhancedForm),
        }
    }
}
