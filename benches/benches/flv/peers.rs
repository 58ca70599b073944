//! Other crates, driven as their documentation or their own programs drive them.

use std::io::Cursor;

use bytes::{Buf, Bytes, BytesMut};

use crate::{
    Group, bench_demux, bench_mux,
    clip::{Clip, own},
};

pub(crate) fn demux(group: &mut Group<'_>, clip: &Clip) {
    bench_demux(group, clip, "scuffle-flv", Bytes::copy_from_slice, |file, seen| {
        use scuffle_flv::{header::FlvHeader, tag::FlvTag};
        let mut cursor = Cursor::new(file.clone());
        FlvHeader::demux(&mut cursor).map_err(|error| error.to_string())?;
        loop {
            cursor.advance(4);
            if !cursor.has_remaining() {
                return Ok(());
            }
            let start = cursor.position() as usize;
            let tag = FlvTag::demux(&mut cursor).map_err(|error| error.to_string())?;
            // It takes bodies apart; shown is what it took.
            let kind = file[start];
            seen.tag(kind, tag.timestamp_ms, &file[start + 11..cursor.position() as usize]);
        }
    });
    bench_demux(group, clip, "xflv", own, |file, seen| {
        use xflv::{define::FlvData, demuxer::FlvDemuxer};
        let mut demuxer = FlvDemuxer::new(std::mem::take(file));
        demuxer.read_flv_header().map_err(|error| error.to_string())?;
        // Its end of a file is an error.
        while let Ok(tag) = demuxer.read_flv_tag() {
            match tag {
                Some(FlvData::Video { data, timestamp }) => seen.tag(9, timestamp, &data),
                Some(FlvData::Audio { data, timestamp }) => seen.tag(8, timestamp, &data),
                _ => {}
            }
        }
        Ok(())
    });
}

pub(crate) fn mux(group: &mut Group<'_>, clip: &Clip) {
    let tags = |clip: &Clip| -> Vec<(u8, u32, BytesMut)> {
        clip.tags.iter().map(|(kind, time, data)| (*kind, *time, BytesMut::from(&data[..]))).collect()
    };
    bench_mux(group, clip, "xflv", tags, |tags, socket| {
        let mut muxer = xflv::muxer::FlvMuxer::new();
        let failed = |error: xflv::errors::FlvMuxerError| error.to_string();
        for (kind, time, data) in std::mem::take(tags) {
            let len = data.len() as u32;
            muxer.write_flv_tag_header(kind, len, time).map_err(failed)?;
            muxer.write_flv_tag_body(data).map_err(failed)?;
            muxer.write_previous_tag_size(len + 11).map_err(failed)?;
            socket.send(&muxer.writer.extract_current_bytes());
        }
        Ok(())
    });
}
