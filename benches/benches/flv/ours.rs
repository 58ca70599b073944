//! `rtmp-flv`, and below it what cannot be left out.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use rtmp_flv::{FlvLimits, Tag, TagDecoder, TagKind};

use crate::{
    Group, bench_demux, bench_mux,
    clip::{AUDIO, Clip, own, put_tag, read_tag},
};

pub(crate) fn demux(group: &mut Group<'_>, clip: &Clip) {
    // The copies of "in reads of 64 KiB" and nothing else: not checked, because it shows no tags.
    group.bench_function("floor: the reads alone", |b| {
        let mut out = vec![0; READ_LEN];
        b.iter(|| {
            for read in clip.file.chunks(READ_LEN) {
                black_box(&mut out)[..read.len()].copy_from_slice(read);
            }
        });
    });
    bench_demux(group, clip, "floor: borrowed, no checks", <[u8]>::to_vec, |file, seen| {
        let mut rest = &file[13..];
        while let Some((kind, time, data, len)) = read_tag(rest) {
            seen.tag(kind, time, data);
            rest = &rest[len..];
        }
        Ok(())
    });
    bench_demux(group, clip, "rtmp-flv", own, |src, seen| {
        let mut decoder = TagDecoder::new(FlvLimits::default());
        while let Some(tag) = decoder.decode(src).map_err(|error| error.to_string())? {
            seen.tag(tag.kind.type_byte(), tag.timestamp, &tag.data);
        }
        Ok(())
    });
    bench_demux(group, clip, "rtmp-flv, in reads of 64 KiB", <[u8]>::to_vec, |file, seen| {
        let mut decoder = TagDecoder::new(FlvLimits::default());
        let mut src = BytesMut::with_capacity(READ_LEN);
        for read in file.chunks(READ_LEN) {
            src.extend_from_slice(read);
            while let Some(tag) = decoder.decode(&mut src).map_err(|error| error.to_string())? {
                seen.tag(tag.kind.type_byte(), tag.timestamp, &tag.data);
            }
        }
        Ok(())
    });
}

const READ_LEN: usize = 64 << 10;

pub(crate) fn mux(group: &mut Group<'_>, clip: &Clip) {
    let own_bodies = |clip: &Clip| -> Vec<(u8, u32, Bytes)> { clip.tags.clone() };
    bench_mux(group, clip, "floor: one copy, no checks", own_bodies, |tags, socket| {
        let mut out = Vec::with_capacity(OUT_LEN);
        for (kind, time, data) in tags {
            out.clear();
            put_tag(*kind, *time, data, &mut out);
            socket.send(&out);
        }
        Ok(())
    });
    bench_mux(group, clip, "rtmp-flv, copied", tags, |tags, socket| {
        let mut out = Vec::with_capacity(OUT_LEN);
        for tag in tags {
            out.clear();
            tag.encode(&mut out);
            socket.send(&out);
        }
        Ok(())
    });
    // As writev takes it.
    bench_mux(group, clip, "rtmp-flv, head, data and tail", tags, |tags, socket| {
        for tag in tags {
            socket.send(&tag.head());
            socket.send(&tag.data);
            socket.send(&tag.tail());
        }
        Ok(())
    });
}

/// No tag of the clip is longer.
const OUT_LEN: usize = 256 << 10;

fn tags(clip: &Clip) -> Vec<Tag> {
    let tag = |(kind, timestamp, data): &(u8, u32, Bytes)| {
        let kind = if *kind == AUDIO { TagKind::Audio } else { TagKind::Video };
        Tag { kind, timestamp: *timestamp, data: data.clone() }
    };
    clip.tags.iter().map(tag).collect()
}
