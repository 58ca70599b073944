//! Writing payload headers, and the parts that audio and video have in common.

mod audio;
mod video;

use crate::{
    FlvEncodeError as E, FourCc, TrackLayout,
    prefix::{MOD_EX, NANO_OFFSET},
};
use bytes::BufMut;

/// Whether tracks of these ids, and of the header's codec or not, can be written in this layout.
pub(super) fn layout_fits(layout: TrackLayout, mut tracks: impl ExactSizeIterator<Item = (u8, bool)>) -> bool {
    match layout.track_id() {
        Some(id) => tracks.len() == 1 && tracks.all(|track| track == (id, true)),
        None => tracks.len() > 0 && (layout == TrackLayout::ManyCodecs || tracks.all(|(_, same_codec)| same_codec)),
    }
}

/// First byte, ModEx unit, multitrack byte, FourCC and track id. See ERTMP-11, ERTMP-19.
pub(super) fn put_layout(
    first: u8,
    nano_offset: u32,
    multitrack: u8,
    packet_type: u8,
    tracks: TrackLayout,
    four_cc: FourCc,
    out: &mut impl BufMut,
) {
    let outer = if tracks == TrackLayout::Single { packet_type } else { multitrack };
    put_first(first, nano_offset, outer, out);
    match tracks {
        TrackLayout::Single => out.put_slice(&four_cc.0),
        TrackLayout::One(id) => {
            out.put_u8(packet_type);
            out.put_slice(&four_cc.0);
            out.put_u8(id);
        }
        TrackLayout::Many => {
            out.put_u8(1 << 4 | packet_type);
            out.put_slice(&four_cc.0);
        }
        TrackLayout::ManyCodecs => out.put_u8(2 << 4 | packet_type),
    }
}

pub(super) fn layout_len(tracks: TrackLayout) -> usize {
    match tracks {
        TrackLayout::Single => 4,
        TrackLayout::One(_) => 6,
        TrackLayout::Many => 5,
        TrackLayout::ManyCodecs => 1,
    }
}

/// The first byte, and a ModEx unit if there is an offset to send.
pub(super) fn put_first(first: u8, nano_offset: u32, packet_type: u8, out: &mut impl BufMut) {
    if nano_offset == 0 {
        return out.put_u8(first | packet_type);
    }
    let [_, a, b, c] = nano_offset.to_be_bytes();
    out.put_slice(&[first | MOD_EX, 2, a, b, c, NANO_OFFSET << 4 | packet_type]);
}

pub(super) fn mod_ex_len(nano_offset: u32) -> usize {
    if nano_offset == 0 { 0 } else { 5 }
}

pub(super) fn put_track_head(id: u8, len: usize, out: &mut impl BufMut) {
    out.put_u8(id);
    out.put_uint(len as u64, 3);
}

pub(super) fn put_composition_time(milliseconds: i32, out: &mut impl BufMut) {
    out.put_int(i64::from(milliseconds), 3);
}

pub(super) fn check_composition_time(milliseconds: i32, sent: bool) -> Result<(), E> {
    let fits = if sent { (-0x80_0000..=0x7f_ffff).contains(&milliseconds) } else { milliseconds == 0 };
    if fits { Ok(()) } else { Err(E::CompositionTime(milliseconds)) }
}

pub(super) fn check_nano_offset(nanoseconds: u32) -> Result<(), E> {
    if nanoseconds > 999_999 { Err(E::NanoOffset(nanoseconds)) } else { Ok(()) }
}

pub(super) fn check_len(len: usize) -> Result<(), E> {
    if len > 0xff_ffff { Err(E::TooLong(len)) } else { Ok(()) }
}
