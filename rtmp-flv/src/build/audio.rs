//! Audio headers: the other direction of [`AudioHeader::parse`].

use super::{check_len, check_nano_offset, layout_fits, layout_len, mod_ex_len, put_layout, put_track_head};
use crate::{
    AudioCodec, AudioHeader, AudioTrack, FlvEncodeError as E, PacketKind, Sound, TrackLayout,
    audio::{EX_HEADER, MULTITRACK, packet_type},
};
use alloc::vec::Vec;
use bytes::{BufMut, Bytes};

/// Making and writing headers.
///
/// ```
/// use rtmp_flv::{AudioCodec, AudioHeader, PacketKind};
///
/// let header = AudioHeader::new(AudioCodec::Opus, PacketKind::CodedFrames);
/// assert_eq!(header.payload(&[0xfc, 0x01])?[..], *b"\x91Opus\xfc\x01");
/// # Ok::<(), rtmp_flv::FlvEncodeError>(())
/// ```
impl AudioHeader {
    /// A header with the default track only, in the legacy form if the codec has one (ERTMP-9), with the first byte that
    /// is the custom for it.
    pub fn new(codec: AudioCodec, packet: PacketKind) -> Self {
        let legacy = match packet {
            PacketKind::SequenceStart => codec == AudioCodec::Aac,
            PacketKind::CodedFrames => codec.legacy_id().is_some(),
            PacketKind::Silence => true,
            _ => false,
        };
        Self { codec, packet, ..Self::SILENCE }.with_enhanced(!legacy)
    }

    /// Sets [`AudioHeader::sound`], for a legacy header.
    #[must_use]
    pub fn with_sound(mut self, sound: Sound) -> Self {
        self.sound = Some(sound);
        self
    }

    /// Sets [`AudioHeader::nano_offset`], for a peer that said it can parse it (ERTMP-17). Makes the header enhanced.
    #[must_use]
    pub fn with_nano_offset(mut self, nanoseconds: u32) -> Self {
        self.nano_offset = nanoseconds;
        self.with_enhanced(self.enhanced || nanoseconds != 0)
    }

    /// Sets [`AudioHeader::tracks`]. Makes the header enhanced.
    #[must_use]
    pub fn with_tracks(mut self, tracks: TrackLayout) -> Self {
        self.tracks = tracks;
        self.with_enhanced(self.enhanced || tracks != TrackLayout::Single)
    }

    /// Sets [`AudioHeader::enhanced`], and [`AudioHeader::sound`] if a legacy header has none yet.
    #[must_use]
    pub fn with_enhanced(mut self, enhanced: bool) -> Self {
        self.enhanced = enhanced;
        self.sound = if enhanced { None } else { self.sound.or_else(|| Sound::customary(self.codec)) };
        self.body = self.len();
        self
    }

    /// Length of the header, in bytes.
    fn len(&self) -> usize {
        match (self.enhanced, self.packet, self.codec) {
            (false, PacketKind::Silence, _) => 0,
            (false, _, AudioCodec::Aac) => 2,
            (false, ..) => 1,
            (true, ..) => 1 + mod_ex_len(self.nano_offset) + layout_len(self.tracks),
        }
    }

    /// Appends the header to `out`, up to where the body starts, or the first of several tracks.
    ///
    /// # Errors
    /// [`FlvEncodeError`](crate::FlvEncodeError) if no header can say this.
    pub fn encode(&self, out: &mut impl BufMut) -> Result<(), E> {
        if self.enhanced {
            let packet_type = self.packet_type()?;
            let four_cc = self.codec.four_cc().ok_or(E::NoEnhancedForm)?;
            check_nano_offset(self.nano_offset)?;
            put_layout(EX_HEADER << 4, self.nano_offset, MULTITRACK, packet_type, self.tracks, four_cc, out);
            return Ok(());
        }
        if self.tracks != TrackLayout::Single || self.nano_offset != 0 {
            return Err(E::NoLegacyForm);
        }
        match (self.packet, self.codec, self.sound) {
            (PacketKind::Silence, ..) => {}
            (_, _, None) => return Err(E::NoLegacyForm),
            (_, codec, Some(sound)) if AudioCodec::from_legacy_id(sound.format()) != codec => {
                return Err(E::NoLegacyForm);
            }
            (PacketKind::SequenceStart, AudioCodec::Aac, Some(sound)) => out.put_slice(&[sound.0, 0]),
            (PacketKind::CodedFrames, AudioCodec::Aac, Some(sound)) => out.put_slice(&[sound.0, 1]),
            (PacketKind::CodedFrames, _, Some(sound)) if sound.format() != EX_HEADER => out.put_u8(sound.0),
            _ => return Err(E::NoLegacyForm),
        }
        Ok(())
    }

    /// A payload: the header and `body` behind it, copied into one buffer.
    ///
    /// # Errors
    /// As [`AudioHeader::encode`].
    pub fn payload(&self, body: &[u8]) -> Result<Bytes, E> {
        let mut out = Vec::with_capacity(self.len() + body.len());
        self.encode(&mut out)?;
        out.put_slice(body);
        Ok(out.into())
    }

    /// Appends a payload that carries these tracks, in the layout of this header. Reading it gives the same tracks
    /// again.
    ///
    /// # Errors
    /// [`FlvEncodeError::Tracks`](crate::FlvEncodeError::Tracks) if the tracks do not fit the layout; as
    /// [`AudioHeader::encode`] otherwise.
    pub fn encode_tracks(&self, tracks: &[AudioTrack<'_>], out: &mut impl BufMut) -> Result<(), E> {
        if !layout_fits(self.tracks, tracks.iter().map(|t| (t.id, t.codec == self.codec))) {
            return Err(E::Tracks);
        }
        for track in tracks {
            check_len(track.body.len())?;
            if self.tracks == TrackLayout::ManyCodecs {
                track.codec.four_cc().ok_or(E::NoEnhancedForm)?;
            }
        }
        self.encode(out)?;
        for track in tracks {
            if let (TrackLayout::ManyCodecs, Some(four_cc)) = (self.tracks, track.codec.four_cc()) {
                out.put_slice(&four_cc.0);
            }
            if self.tracks.track_id().is_none() {
                put_track_head(track.id, track.body.len(), out);
            }
            out.put_slice(track.body);
        }
        Ok(())
    }

    fn packet_type(&self) -> Result<u8, E> {
        match self.packet {
            PacketKind::SequenceStart => Ok(0),
            PacketKind::CodedFrames => Ok(1),
            PacketKind::SequenceEnd => Ok(2),
            PacketKind::MultichannelConfig => Ok(packet_type::MULTICHANNEL_CONFIG),
            _ => Err(E::NoEnhancedForm),
        }
    }
}

impl Sound {
    /// What writers put in front of a codec's payload. See FLV-26, FLV-31.
    const fn customary(codec: AudioCodec) -> Option<Self> {
        match codec {
            AudioCodec::Aac => Some(Self::AAC),
            AudioCodec::Mp3 => Some(Self(0x2f)),
            AudioCodec::Legacy(id) => Some(Self(id << 4 | 0x02)), // 16 bit, and for Speex and G.711 the lowest rate, mono
            _ => None,
        }
    }
}
