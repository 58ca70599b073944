//! The prefix that enhanced audio and video payloads share: ModEx units, multitrack byte, FourCC. See ERTMP-11, ERTMP-19.

use crate::{Anomalies, Anomaly, FlvError, FourCc, TrackLayout, error::Payload};

/// Packet type of a ModEx unit, for audio and video alike. See ERTMP-44.
pub(crate) const MOD_EX: u8 = 7;

/// ModEx types. See ERTMP-13.
pub(crate) const NANO_OFFSET: u8 = 0;

/// One unit is in use today; a chain longer than this is not media.
pub(crate) const MAX_MOD_EX: usize = 64;

/// A position in the payload, with what was learnt on the way.
pub(crate) struct Prefix<'a> {
    data: &'a [u8],
    payload: Payload,
    pub(crate) at: usize,
    pub(crate) packet_type: u8,
    pub(crate) nano_offset: u32,
    pub(crate) anomalies: Anomalies,
}

impl<'a> Prefix<'a> {
    /// Behind the first byte, which held this packet type.
    pub(crate) fn new(data: &'a [u8], payload: Payload, packet_type: u8) -> Self {
        Self { data, payload, at: 1, packet_type, nano_offset: 0, anomalies: Anomalies::default() }
    }

    /// Reads ModEx units while the packet type says that there is one. See ERTMP-11.
    pub(crate) fn read_mod_ex(&mut self) -> Result<(), FlvError> {
        let mut units = 0;
        while self.packet_type == MOD_EX {
            units += 1;
            if units > MAX_MOD_EX {
                return Err(FlvError::TooManyModEx(MAX_MOD_EX));
            }
            let mut size = usize::from(self.byte("ModEx size")?) + 1;
            if size == 256 {
                // ERTMP-12: 255 is the escape, so that 256 itself needs the long form.
                let [high, low] = self.bytes("ModEx size")?;
                size = usize::from(u16::from_be_bytes([high, low])) + 1;
                self.anomalies.insert_if(size < 256, Anomaly::LongModExSize);
            }
            let data = self.slice(size, "ModEx data")?;
            let next = self.byte("ModEx type")?;
            self.apply_mod_ex(next >> 4, data);
            self.packet_type = next & 0x0f;
        }
        Ok(())
    }

    fn apply_mod_ex(&mut self, mod_ex_type: u8, data: &[u8]) {
        if mod_ex_type != NANO_OFFSET {
            return self.anomalies.insert(Anomaly::UnknownModEx);
        }
        let Some(&[a, b, c]) = data.first_chunk() else {
            return self.anomalies.insert(Anomaly::ShortNanoOffset);
        };
        match u32::from_be_bytes([0, a, b, c]) {
            nanos @ 0..=999_999 => self.nano_offset = nanos,
            _ => self.anomalies.insert(Anomaly::NanoOffsetRange),
        }
    }

    /// Reads the multitrack byte (if `multitrack` is the packet type), the FourCC and the id of a single named track.
    /// Behind it stands the body, or the first of several tracks; the FourCC of [`TrackLayout::ManyCodecs`] is
    /// peeked at there.
    pub(crate) fn read_layout(&mut self, multitrack: u8) -> Result<(TrackLayout, FourCc), FlvError> {
        if self.packet_type != multitrack {
            return Ok((TrackLayout::Single, self.four_cc()?));
        }
        let byte = self.byte("multitrack type")?;
        self.packet_type = byte & 0x0f;
        if self.packet_type == multitrack || self.packet_type == MOD_EX {
            return Err(FlvError::NestedPacketType(self.packet_type));
        }
        match byte >> 4 {
            0 => {
                let four_cc = self.four_cc()?;
                Ok((TrackLayout::One(self.byte("track id")?), four_cc))
            }
            1 => {
                let four_cc = self.four_cc()?;
                self.require_tracks().map(|()| (TrackLayout::Many, four_cc))
            }
            2 => {
                self.require_tracks()?;
                let mut first = Self { ..*self };
                Ok((TrackLayout::ManyCodecs, first.four_cc()?))
            }
            other => Err(FlvError::UnknownMultitrackType(other)),
        }
    }

    /// ERTMP-27
    fn require_tracks(&self) -> Result<(), FlvError> {
        if self.at == self.data.len() { Err(FlvError::NoTracks) } else { Ok(()) }
    }

    fn four_cc(&mut self) -> Result<FourCc, FlvError> {
        self.bytes("FourCC").map(FourCc)
    }

    pub(crate) fn byte(&mut self, part: &'static str) -> Result<u8, FlvError> {
        self.bytes::<1>(part).map(|[byte]| byte)
    }

    pub(crate) fn bytes<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], FlvError> {
        match self.data[self.at..].first_chunk() {
            Some(&bytes) => {
                self.at += N;
                Ok(bytes)
            }
            None => Err(self.truncated(N, part)),
        }
    }

    fn slice(&mut self, len: usize, part: &'static str) -> Result<&'a [u8], FlvError> {
        let data = self.data;
        match data[self.at..].get(..len) {
            Some(slice) => {
                self.at += len;
                Ok(slice)
            }
            None => Err(self.truncated(len, part)),
        }
    }

    fn truncated(&self, more: usize, part: &'static str) -> FlvError {
        FlvError::Truncated { payload: self.payload, part, needed: self.at + more, len: self.data.len() }
    }

    /// What stands behind the position.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.data[self.at..]
    }
}
