//! FLV: files are read alike however they are cut, tags survive being written, and headers never lead outside a payload.

use super::script::Script;
use bytes::BytesMut;
use rtmp_session::flv::codec::{AudioFormat, VideoFormat};
use rtmp_session::flv::{AudioHeader, FlvError, FlvLimits, Tag, TagDecoder, VideoHeader};

/// One byte that chooses what the rest is: a file (0) or the payload of an audio or video message; one for the cut or
/// for leniencies.
pub fn flv(data: &[u8]) {
    let mut script = Script(data);
    let (what, choice) = (script.byte(), script.byte());
    if what % 2 == 0 {
        file(script, what, choice);
    } else {
        payload(script.0);
    }
}

fn file(file: Script<'_>, leniency: u8, cut: u8) {
    let whole = read(file.pieces(0), leniency);
    let pieces = read(file.pieces(cut), leniency);
    assert_eq!(whole, pieces, "cut {cut}");
    let mut written = BytesMut::new();
    for tag in &whole.0 {
        tag.encode(&mut written);
        payload(&tag.data);
    }
    let mut decoder = TagDecoder::at_tag(FlvLimits::default());
    for tag in &whole.0 {
        // FLV-12: a file holds times modulo 2^31.
        let expected = Tag { timestamp: tag.timestamp & 0x7fff_ffff, ..tag.clone() };
        assert_eq!(decoder.decode(&mut written).expect("we wrote it"), Some(expected));
    }
    assert!(written.is_empty() || written.len() <= 4, "nothing but a back pointer is left");
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, leniency: u8) -> (Vec<Tag>, Option<FlvError>) {
    let mut decoder = TagDecoder::new(FlvLimits::default().max_tag_len(1 << 20).max_data_offset(4096));
    decoder = decoder.require_version_1(leniency & 2 != 0).restart_at_header(leniency & 4 != 0);
    decoder = decoder.recover(leniency & 8 != 0);
    let mut input = BytesMut::new();
    let mut tags = Vec::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(tag)) => tags.push(tag),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.decode(&mut input), Err(error.clone()), "an error is final");
                    return (tags, Some(error));
                }
            }
        }
    }
    (tags, None)
}

/// A payload as both kinds of header see it, and the codecs in it.
fn payload(data: &[u8]) {
    if let Ok(header) = VideoHeader::parse(data) {
        assert!(header.body <= data.len());
        assert!(!(header.is_keyframe() && header.is_sequence_header()), "ERTMP-56");
        for track in header.tracks(data) {
            let Ok(track) = track else { break };
            assert!(track.body.len() <= data.len());
            let mut of_track = header;
            of_track.codec = track.codec;
            let _ = VideoFormat::of(&of_track, track.body);
        }
    }
    if let Ok(header) = AudioHeader::parse(data) {
        assert!(header.body <= data.len());
        for track in header.tracks(data) {
            let Ok(track) = track else { break };
            assert!(track.body.len() <= data.len());
            let mut of_track = header;
            of_track.codec = track.codec;
            let _ = AudioFormat::of(&of_track, track.body);
        }
    }
}
