//! The boxes of a fragmented file.

use super::track::{Sample, Track};
use mp4_atom::esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig};
use mp4_atom::{
    Atom, Audio, Av01, Av1c, Avc1, Avcc, Codec, Dinf, Dops, Dref, DrefEntry, Encode, Esds, Ftyp, Hdlr, Hvc1, Hvcc,
    Mdhd, Mdia, Mfhd, Minf, Moof, Moov, Mp4a, Mvex, Mvhd, Opus, Smhd, Stbl, Stsd, Tfdt, Tfhd, Tkhd, Traf, Trak, Trex,
    Trun, TrunEntry, TrunSamples, Url, Visual, Vmhd, Vp09, VpcC,
};
use rtmp_session::flv::codec::{AudioFormat, VideoFormat};
use rtmp_session::flv::{AudioCodec, AudioHeader, VideoCodec, VideoHeader};

/// The description of a video track, from its sequence header, and the picture size.
pub(super) fn video_codec(header: &VideoHeader, body: &[u8]) -> Result<(Codec, (u16, u16)), String> {
    let size = picture_size(header, body);
    let visual = Visual { data_reference_index: 1, width: size.0, height: size.1, ..Visual::default() };
    let codec = match header.codec {
        VideoCodec::Avc => Codec::Avc1(Avc1 { visual, avcc: read::<Avcc>(body)?, ..Avc1::default() }),
        VideoCodec::Hevc => Codec::Hvc1(Hvc1 { visual, hvcc: read::<Hvcc>(body)?, ..Hvc1::default() }),
        VideoCodec::Av1 => Codec::Av01(Av01 { visual, av1c: read::<Av1c>(body)?, ..Av01::default() }),
        VideoCodec::Vp9 => Codec::Vp09(Vp09 { visual, vpcc: vpcc(body)?, ..Vp09::default() }),
        other => return Err(format!("{other} is not written to MP4 files")),
    };
    Ok((codec, size))
}

/// What a sequence header or a key frame says; 0 for what it does not.
pub(super) fn picture_size(header: &VideoHeader, body: &[u8]) -> (u16, u16) {
    let side = |side: Option<u32>| side.and_then(|side| u16::try_from(side).ok()).unwrap_or(0);
    VideoFormat::of(header, body).map_or((0, 0), |format| (side(format.width), side(format.height)))
}

/// The record comes with the version and flags of the box, or without (ERTMP-47).
fn vpcc(body: &[u8]) -> Result<VpcC, String> {
    const VERSION_AND_FLAGS: [u8; 4] = [1, 0, 0, 0];
    if body.len() >= 12 && body.starts_with(&VERSION_AND_FLAGS) {
        return read(body);
    }
    read(&[&VERSION_AND_FLAGS, body].concat())
}

/// The description of an audio track, from its sequence header.
pub(super) fn audio_codec(header: &AudioHeader, body: &[u8]) -> Result<Codec, String> {
    match header.codec {
        AudioCodec::Aac => aac(header, body),
        AudioCodec::Opus => opus(body),
        other => Err(format!("{other} is not written to MP4 files")),
    }
}

fn aac(header: &AudioHeader, body: &[u8]) -> Result<Codec, String> {
    let format = AudioFormat::of(header, body).ok_or("the configuration of the sound cannot be read")?;
    // Rates that do not fit stand in the configuration alone, by the standard.
    let audio = audio(format.channels.into(), u16::try_from(format.sample_rate).unwrap_or(0));
    let specific = DecoderSpecific { raw: body.to_vec(), ..DecoderSpecific::default() };
    let dec_config = DecoderConfig {
        object_type_indication: 0x40, // MPEG-4 audio
        stream_type: 5,               // sound
        dec_specific: Some(specific),
        ..DecoderConfig::default()
    };
    let es_desc = EsDescriptor { es_id: 1, dec_config, sl_config: SLConfig {}, ..EsDescriptor::default() };
    Ok(Codec::Mp4a(Mp4a { audio, esds: Esds { es_desc }, btrt: None, taic: None }))
}

/// The sequence header is an `OpusHead` of RFC 7845; `dOps` has the same fields with the numbers in the other byte order.
fn opus(body: &[u8]) -> Result<Codec, String> {
    let head = body.strip_prefix(b"OpusHead").and_then(<[u8]>::split_first_chunk::<10>);
    let ([_, channels, skip_0, skip_1, rate_0, rate_1, rate_2, rate_3, gain_0, gain_1], mapping) =
        head.ok_or("the configuration of the sound cannot be read")?;
    let mut dops = vec![0, *channels, *skip_1, *skip_0, *rate_3, *rate_2, *rate_1, *rate_0, *gain_1, *gain_0];
    dops.extend_from_slice(mapping);
    let dops = read::<Dops>(&dops)?;
    // Opus is always decoded at this rate, whatever was recorded.
    Ok(Codec::Opus(Opus { audio: audio((*channels).into(), 48_000), dops, btrt: None }))
}

fn audio(channel_count: u16, sample_rate: u16) -> Audio {
    Audio { data_reference_index: 1, channel_count, sample_size: 16, sample_rate: sample_rate.into() }
}

/// `ftyp` and `moov`.
pub(super) fn opening(tracks: &[&Track]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let ftyp = Ftyp {
        major_brand: b"iso6".into(),
        minor_version: 512,
        compatible_brands: vec![b"iso6".into(), b"iso5".into(), b"mp41".into()],
    };
    write(&ftyp, &mut bytes)?;
    let moov = Moov {
        mvhd: Mvhd {
            timescale: TIMESCALE,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: tracks.len() as u32 + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex { mehd: None, trex: tracks.iter().map(|track| defaults(track)).collect() }),
        trak: tracks.iter().map(|track| description(track)).collect(),
        ..Moov::default()
    };
    write(&moov, &mut bytes)?;
    Ok(bytes)
}

/// `moof` and `mdat` with what each track has.
pub(super) fn fragment(number: u32, tracks: &[(u32, Vec<(Sample, u32)>)]) -> Result<Vec<u8>, String> {
    let media: usize = tracks.iter().flat_map(|(_, samples)| samples).map(|(sample, _)| sample.data.len()).sum();
    let mut moof = Moof { mfhd: Mfhd { sequence_number: number }, traf: Vec::new() };
    for (id, samples) in tracks.iter().filter(|(_, samples)| !samples.is_empty()) {
        moof.traf.push(run(*id, samples));
    }
    // Where the media lies depends on the length of the box that says so, which does not depend on it.
    let mut bytes = Vec::new();
    write(&moof, &mut bytes)?;
    let mut offset = bytes.len() + MDAT_HEAD;
    let lengths = tracks.iter().filter(|(_, samples)| !samples.is_empty());
    for (traf, (_, samples)) in moof.traf.iter_mut().zip(lengths) {
        for trun in &mut traf.trun {
            trun.data_offset = i32::try_from(offset).ok();
        }
        offset += samples.iter().map(|(sample, _)| sample.data.len()).sum::<usize>();
    }
    bytes.clear();
    write(&moof, &mut bytes)?;
    let length = u32::try_from(media + MDAT_HEAD).map_err(|_| "a fragment of more than 4 GB")?;
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"mdat");
    for (sample, _) in tracks.iter().flat_map(|(_, samples)| samples) {
        bytes.extend_from_slice(&sample.data);
    }
    Ok(bytes)
}

fn run(id: u32, samples: &[(Sample, u32)]) -> Traf {
    let entries = samples.iter().map(|(sample, duration)| TrunEntry {
        duration: Some(*duration),
        size: u32::try_from(sample.data.len()).ok(),
        flags: Some(if sample.is_key { SYNC_SAMPLE } else { OTHER_SAMPLE }),
        cts: Some(sample.shown.into()),
    });
    Traf {
        tfhd: Tfhd { track_id: id, default_base_is_moof: true, ..Tfhd::default() },
        tfdt: samples.first().map(|(sample, _)| Tfdt { base_media_decode_time: sample.decode_time }),
        trun: vec![Trun { data_offset: Some(0), samples: TrunSamples::Explicit(entries.collect()) }],
        ..Traf::default()
    }
}

fn defaults(track: &Track) -> Trex {
    Trex { track_id: track.id, default_sample_description_index: 1, ..Trex::default() }
}

fn description(track: &Track) -> Trak {
    let (width, height) = track.size.unwrap_or((0, 0));
    let is_video = track.size.is_some();
    let hdlr = if is_video {
        Hdlr { handler: b"vide".into(), name: "video".into() }
    } else {
        Hdlr { handler: b"soun".into(), name: "sound".into() }
    };
    Trak {
        tkhd: Tkhd {
            track_id: track.id,
            enabled: true,
            in_movie: true,
            volume: u8::from(!is_video).into(),
            width: width.into(),
            height: height.into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: Mdhd { timescale: TIMESCALE, language: "und".into(), ..Mdhd::default() },
            hdlr,
            minf: Minf {
                vmhd: is_video.then(Vmhd::default),
                smhd: (!is_video).then(Smhd::default),
                dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
                stbl: Stbl { stsd: Stsd { codecs: vec![sized(track)] }, ..Stbl::default() },
                ..Minf::default()
            },
        },
        ..Trak::default()
    }
}

/// The configuration of VP9 does not tell the size of the picture; its first key frame has.
fn sized(track: &Track) -> Codec {
    let mut codec = track.codec.clone();
    if let (Codec::Vp09(entry), Some((width, height))) = (&mut codec, track.size) {
        (entry.visual.width, entry.visual.height) = (width, height);
    }
    codec
}

/// The body of a box, as sequence headers hold it.
fn read<A: Atom>(mut body: &[u8]) -> Result<A, String> {
    A::decode_body(&mut body).map_err(|error| format!("the configuration of the codec cannot be read: {error}"))
}

fn write(value: &impl Encode, bytes: &mut Vec<u8>) -> Result<(), String> {
    value.encode(bytes).map_err(|error| error.to_string())
}

/// Milliseconds, as everything in RTMP is.
const TIMESCALE: u32 = 1000;
const MDAT_HEAD: usize = 8;
/// Depends on no other sample.
const SYNC_SAMPLE: u32 = 0x0200_0000;
/// Depends on others, and is no place to begin.
const OTHER_SAMPLE: u32 = 0x0101_0000;
