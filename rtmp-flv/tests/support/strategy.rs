//! Values for property tests.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use rtmp_flv::{FourCc, Tag, TagKind};

/// Any tag that a decoder delivers.
pub fn tag() -> impl Strategy<Value = Tag> {
    let kind = prop_oneof![
        4 => Just(TagKind::Audio),
        4 => Just(TagKind::Video),
        1 => Just(TagKind::Script),
        1 => Just(TagKind::ScriptAmf3),
        1 => prop_oneof![Just(8), Just(9), Just(18)].prop_map(TagKind::Encrypted),
    ];
    let time = prop_oneof![0_u32..100_000, 0xff_ff00_u32..0x100_0100, 0x7fff_ff00_u32..0x8000_0000];
    (kind, time, vec(any::<u8>(), 1..200)).prop_map(|(kind, timestamp, data)| Tag {
        kind,
        timestamp,
        data: data.into(),
    })
}

/// Pieces of an input, cut anywhere.
pub fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1_usize..20, 1_usize..2000], 1..40)
}

/// Cuts `input` at these lengths, over and over.
pub fn pieces<'a>(input: &'a [u8], cuts: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = input;
    cuts.iter().cycle().map_while(move |&len| {
        let (piece, behind) = rest.split_at(len.min(rest.len()));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Known codes and others.
pub fn four_cc(known: &'static [FourCc]) -> impl Strategy<Value = FourCc> {
    prop_oneof![3 => proptest::sample::select(known), 1 => any::<[u8; 4]>().prop_map(FourCc)]
}

/// A body of a few bytes.
pub fn body() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}
