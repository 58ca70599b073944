//! Messages that say who they are.

use rtmp_session::Media;

pub(crate) fn metadata(text: &str) -> Media {
    Media::data(0, [b"\x02\x00\x0aonMetaData\x02", &(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat())
}

pub(crate) fn cue(time: u32, id: u32) -> Media {
    Media::data(time, [&b"\x02\x00\x0aonCuePoint\x00"[..], &f64::from(id).to_be_bytes()].concat())
}

pub(crate) fn avc_header(time: u32, config: u8) -> Media {
    Media::video(time, vec![0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, config])
}

pub(crate) fn aac_header(time: u32, config: u8) -> Media {
    Media::audio(time, vec![0xaf, 0, 0x12, config])
}

/// A frame each 40 ms; every `gop`th is a key frame.
pub(crate) fn video(id: u32, gop: u32, len: usize) -> Media {
    let head: &[u8] = if id.is_multiple_of(gop) { &[0x17, 1, 0, 0, 0] } else { &[0x27, 1, 0, 0, 0] };
    Media::video(id * 40, body(head, id, len))
}

pub(crate) fn audio(id: u32, len: usize) -> Media {
    Media::audio(id * 40 + 10, body(&[0xaf, 1], id, len))
}

fn body(head: &[u8], id: u32, len: usize) -> Vec<u8> {
    let mut payload = [head, &id.to_be_bytes()].concat();
    payload.resize(len.max(payload.len()), (id % 251) as u8);
    payload
}

/// Metadata, headers, and `frames` pairs of video and audio with a cue point among each ten.
pub(crate) fn stream(frames: u32, gop: u32) -> Vec<Media> {
    let mut stream = vec![metadata("a stream"), avc_header(0, 1), aac_header(0, 1)];
    for id in 0..frames {
        stream.push(video(id, gop, 3000));
        if id % 10 == 5 {
            stream.push(cue(id * 40, id));
        }
        stream.push(audio(id, 200));
    }
    stream
}

pub(crate) fn is_keyframe(media: &Media) -> bool {
    media.payload.starts_with(&[0x17, 1])
}
