//! The media that is published: H.264 and AAC that any decoder takes, of a chosen bit rate, with room for a stamp in each message.
//!
//! The pictures are grey and the sound is silent, so both are tiny; the bit rate comes from what decoders skip:
//! an SEI message (user data unregistered) before each slice, a data stream element in each AAC block.

use bytes::BytesMut;
use rtmp_session::amf::{Object, Value, amf0};
use rtmp_session::flv::VideoHeader;
use rtmp_session::{Media, MediaKind};

use crate::bits::Bits;
use crate::stamp::{MARK, STAMP_LEN};

/// One group of pictures and one sound, repeated for ever.
pub(crate) struct Clip {
    frames_per_second: u32,
    /// The first is the key frame.
    pictures: Vec<Vec<u8>>,
    sound: Option<Vec<u8>>,
}

/// What to publish.
#[derive(Clone, Debug)]
pub(crate) struct ClipConfig {
    /// Kilobits a second, audio included.
    pub(crate) kbps: u32,
    pub(crate) frames_per_second: u32,
    /// Seconds between key frames.
    pub(crate) gop_seconds: u32,
    pub(crate) audio: bool,
}

impl ClipConfig {
    pub(crate) fn messages_per_second(&self) -> f64 {
        let sounds = if self.audio { f64::from(SAMPLES_PER_SECOND) / f64::from(SAMPLES_PER_SOUND) } else { 0.0 };
        f64::from(self.frames_per_second) + sounds
    }
}

/// A message that is due: a template without its stamp.
pub(crate) struct Due<'a> {
    pub(crate) kind: MediaKind,
    /// Counts the messages of this kind.
    pub(crate) sequence: u64,
    /// Since the start.
    pub(crate) micros: u64,
    pub(crate) template: &'a [u8],
    pub(crate) stamp_at: usize,
}

impl Clip {
    pub(crate) fn new(config: &ClipConfig) -> Self {
        let frames = (config.frames_per_second * config.gop_seconds).clamp(1, 256) as usize;
        let audio_kbps = if config.audio { AUDIO_KBPS.min(config.kbps / 2) } else { 0 };
        let bytes_per_gop = (config.kbps - audio_kbps) as usize * 125 * frames / config.frames_per_second as usize;
        let plain = bytes_per_gop / (frames - 1 + KEY_FRAME_WEIGHT);
        let picture = |n| picture(n, if n == 0 { plain * KEY_FRAME_WEIGHT } else { plain });
        let sound = config.audio.then(|| sound((audio_kbps * 125 * SAMPLES_PER_SOUND / SAMPLES_PER_SECOND) as usize));
        Self { frames_per_second: config.frames_per_second, pictures: (0..frames).map(picture).collect(), sound }
    }

    /// Metadata and sequence headers.
    pub(crate) fn headers(&self) -> Vec<Media> {
        let mut headers = vec![self.metadata(), Media::video(0, picture_header())];
        if self.sound.is_some() {
            // AAC-LC, 44.1 kHz, mono.
            headers.push(Media::audio(0, vec![0xaf, 0, 0x12, 0x08]));
        }
        headers
    }

    /// The message with these many pictures and sounds before it: whichever of the next picture and the next sound is due first.
    pub(crate) fn next(&self, pictures: u64, sounds: u64) -> Due<'_> {
        let picture_micros = pictures * 1_000_000 / u64::from(self.frames_per_second);
        let sound_micros = sounds * u64::from(SAMPLES_PER_SOUND) * 1_000_000 / u64::from(SAMPLES_PER_SECOND);
        match &self.sound {
            Some(template) if sound_micros < picture_micros => Due {
                kind: MediaKind::Audio,
                sequence: sounds,
                micros: sound_micros,
                template,
                stamp_at: SOUND_STAMP_AT,
            },
            _ => {
                let template = &self.pictures[(pictures % self.pictures.len() as u64) as usize];
                let stamp_at = picture_stamp_at(template).expect("every picture has a stamp");
                Due { kind: MediaKind::Video, sequence: pictures, micros: picture_micros, template, stamp_at }
            }
        }
    }

    fn metadata(&self) -> Media {
        let properties = Object::new()
            .with("width", f64::from(16 * WIDTH))
            .with("height", f64::from(16 * HEIGHT))
            .with("framerate", f64::from(self.frames_per_second))
            .with("videocodecid", 7.0)
            .with("audiocodecid", 10.0);
        let mut payload = BytesMut::new();
        let values = [Value::from("onMetaData"), Value::EcmaArray(properties)];
        amf0::encode_all(&values, &mut payload).expect("short names and numbers");
        Media::data(0, payload)
    }
}

/// Where the stamp of a message stands, if it is one of ours: in front of it stands nothing of variable length but the SEI's size.
pub(crate) fn stamp_at(media: &Media) -> Option<usize> {
    match media.kind {
        MediaKind::Video => picture_stamp_at(&media.payload),
        MediaKind::Audio => Some(SOUND_STAMP_AT),
        MediaKind::Data => None,
    }
}

/// A key frame with a picture in it, of any codec.
pub(crate) fn is_key_frame(media: &Media) -> bool {
    media.kind == MediaKind::Video
        && VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_keyframe() && !header.is_sequence_header())
}

fn picture_stamp_at(payload: &[u8]) -> Option<usize> {
    let sized = payload.get(SEI_SIZE_AT..)?;
    let long = sized.iter().position(|byte| *byte != 0xff)?;
    Some(SEI_SIZE_AT + long + 1)
}

/// A video payload of about `size` bytes: an SEI message with room for the stamp and padding, and a slice.
fn picture(n: usize, size: usize) -> Vec<u8> {
    let is_key = n == 0;
    let slice = if is_key { key_slice() } else { skipping_slice(n as u32) };
    let data_len = size.saturating_sub(slice.len() + 24).max(STAMP_LEN);
    let mut sei = vec![0x06, 0x05];
    sei.extend(std::iter::repeat_n(0xff, data_len / 255));
    sei.push((data_len % 255) as u8);
    sei.extend(MARK);
    sei.resize(sei.len() + STAMP_LEN - MARK.len(), b'0');
    sei.extend(padding(data_len - STAMP_LEN));
    sei.push(0x80);
    let mut payload = vec![if is_key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    for unit in [sei, slice] {
        payload.extend((unit.len() as u32).to_be_bytes());
        payload.extend(unit);
    }
    payload
}

/// AVCDecoderConfigurationRecord.
fn picture_header() -> Vec<u8> {
    let (sps, pps) = (sequence_parameters(), picture_parameters());
    let mut header = vec![0x17, 0, 0, 0, 0, 1, sps[1], sps[2], sps[3], 0xff, 0xe1];
    header.extend((sps.len() as u16).to_be_bytes());
    header.extend(sps);
    header.push(1);
    header.extend((pps.len() as u16).to_be_bytes());
    header.extend(pps);
    header
}

/// ITU-T H.264, 7.3.2.1.1: Constrained Baseline, level 3.
fn sequence_parameters() -> Vec<u8> {
    let bits = Bits::default().put(0x67, 8).put(66, 8).put(0xc0, 8).put(30, 8);
    let bits = bits.golomb(0); // seq_parameter_set_id
    let bits = bits.golomb(4); // log2_max_frame_num_minus4: frame_num has eight bits
    let bits = bits.golomb(2).golomb(1).put(0, 1); // pic_order_cnt_type, max_num_ref_frames, gaps
    let bits = bits.golomb(WIDTH - 1).golomb(HEIGHT - 1);
    bits.put(1, 1).put(1, 1).put(0, 2).stop() // frames only, 8x8 inference, neither cropping nor VUI
}

/// 7.3.2.2: CAVLC, deblocking as the slices say.
fn picture_parameters() -> Vec<u8> {
    let bits = Bits::default().put(0x68, 8).golomb(0).golomb(0).put(0, 2); // ids, CAVLC, no field order
    let bits = bits.golomb(0).golomb(0).golomb(0).put(0, 3); // slice groups, references, no weights
    bits.golomb(0).golomb(0).golomb(0).put(0b100, 3).stop() // quantisers, deblocking control present
}

/// 7.3.3, 7.3.4: an IDR slice of Intra 16x16 macroblocks without residual: all grey.
fn key_slice() -> Vec<u8> {
    let bits = Bits::default().put(0x65, 8).golomb(0).golomb(7).golomb(0).put(0, 8); // first_mb, I, pps, frame_num
    let mut bits = bits.golomb(0).put(0, 2).golomb(0).golomb(1); // idr_pic_id, marking, qp, no deblocking
    for _ in 0..WIDTH * HEIGHT {
        bits = bits.golomb(3).golomb(0).golomb(0).put(1, 1); // Intra 16x16 DC, chroma DC, qp, no coefficients
    }
    bits.stop()
}

/// A P slice that skips every macroblock.
fn skipping_slice(frame: u32) -> Vec<u8> {
    let bits = Bits::default().put(0x41, 8).golomb(0).golomb(5).golomb(0).put(frame & 0xff, 8);
    let bits = bits.put(0, 3).golomb(0).golomb(1); // references and marking as usual, qp, no deblocking
    bits.golomb(WIDTH * HEIGHT).stop()
}

/// An AAC payload of about `size` bytes: a data stream element with room for the stamp and padding, then silence.
fn sound(size: usize) -> Vec<u8> {
    // ISO/IEC 14496-3, 4.4.2.1: a count from 255 up takes two bytes, and this one always does.
    let data_len = size.saturating_sub(9).clamp(255, 510);
    let mut payload = vec![0xaf, 1];
    payload.extend(Bits::default().put(4, 3).put(0, 4).put(1, 1).pad()); // ID_DSE, tag, aligned
    payload.extend([0xff, (data_len - 255) as u8]);
    payload.extend(MARK);
    payload.resize(payload.len() + STAMP_LEN - MARK.len(), b'0');
    payload.extend(padding(data_len - STAMP_LEN));
    // ID_SCE, tag, gain, a long window with no bands, no pulses, no TNS, no gain control; ID_END.
    payload.extend(Bits::default().put(0, 3 + 4 + 8 + 11 + 3).put(7, 3).pad());
    payload
}

/// Noise that nothing can compress, without zeros.
fn padding(len: usize) -> impl Iterator<Item = u8> {
    let mut random = fastrand::Rng::with_seed(len as u64);
    (0..len).map(move |_| random.u8(1..=255))
}

/// In macroblocks.
const WIDTH: u32 = 20;
const HEIGHT: u32 = 15;
const SAMPLES_PER_SECOND: u32 = 44_100;
const SAMPLES_PER_SOUND: u32 = 1024;
const AUDIO_KBPS: u32 = 128;
/// A key frame is as long as these many others.
const KEY_FRAME_WEIGHT: usize = 6;
/// Behind the five bytes of FLV, the length of the unit, its type and the type of the SEI message.
const SEI_SIZE_AT: usize = 5 + 4 + 2;
/// Behind the two bytes of FLV and the head of the data stream element.
const SOUND_STAMP_AT: usize = 2 + 3;

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: ClipConfig = ClipConfig { kbps: 4000, frames_per_second: 30, gop_seconds: 2, audio: true };

    fn needs_escapes(unit: &[u8]) -> bool {
        unit.windows(3).any(|bytes| bytes[0] == 0 && bytes[1] == 0 && bytes[2] <= 3)
    }

    #[test]
    fn no_unit_needs_escapes() {
        let units = [sequence_parameters(), picture_parameters(), key_slice()];
        assert!(units.iter().all(|unit| !needs_escapes(unit)));
        for n in 0..256 {
            assert!(!needs_escapes(&skipping_slice(n)), "{n}");
            let picture = picture(n as usize, 3000 + n as usize);
            let sei_len = u32::from_be_bytes(picture[5..9].try_into().unwrap()) as usize;
            assert!(!needs_escapes(&picture[9..9 + sei_len]), "{n}");
        }
    }

    #[test]
    fn the_bit_rate_is_as_asked() {
        for kbps in [300, 4000, 20_000] {
            let clip = Clip::new(&ClipConfig { kbps, ..CONFIG });
            let (mut pictures, mut sounds, mut bytes) = (0, 0, 0);
            while pictures < 600 {
                let due = clip.next(pictures, sounds);
                bytes += due.template.len();
                *(if due.kind == MediaKind::Video { &mut pictures } else { &mut sounds }) += 1;
            }
            let is = bytes as f64 / 20.0 / 125.0 / f64::from(kbps);
            assert!((0.97..1.03).contains(&is), "{kbps}: {is}");
        }
    }

    #[test]
    fn messages_come_in_order_and_the_first_is_a_key_frame() {
        let clip = Clip::new(&CONFIG);
        let (mut counts, mut last) = ([0, 0], 0);
        for _ in 0..500 {
            let due = clip.next(counts[0], counts[1]);
            assert!(due.micros >= last);
            last = due.micros;
            counts[usize::from(due.kind == MediaKind::Audio)] += 1;
        }
        let first = clip.next(0, 0);
        assert!(is_key_frame(&Media::video(0, first.template.to_vec())));
        assert_eq!(&first.template[first.stamp_at..][..16], MARK);
    }
}
