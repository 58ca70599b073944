//! Reading MP4 files as media: H.264, HEVC, AV1 or VP9 with AAC or Opus, whole or in fragments.

use crate::failure::Failure;
use mp4_atom::{Atom, Codec, Header, Moof, Moov, ReadFrom, StszSamples, Traf, Trak, Trex, Trun};
use rtmp_session::Media;
use rtmp_session::flv::{AudioCodec, AudioHeader, FrameKind, PacketKind, VideoCodec, VideoHeader};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// A file's samples in the order in which they are decoded.
pub(crate) struct Mp4Reader {
    name: String,
    file: BufReader<File>,
    /// Sequence headers, which come first.
    headers: VecDeque<Media>,
    places: std::vec::IntoIter<Place>,
    codecs: HashMap<u32, TrackCodec>,
}

/// Where a sample lies and when it is due.
struct Place {
    track: u32,
    /// Decode time in milliseconds; before zero where an edit cuts the beginning off.
    time: i64,
    /// Presentation time minus decode time, in milliseconds.
    shown: i32,
    is_key: bool,
    offset: u64,
    size: u32,
}

/// What a track's payloads need in front of them.
#[derive(Clone, Copy)]
enum TrackCodec {
    Video(VideoCodec),
    Audio(AudioCodec),
}

/// A track as its samples are found.
struct Track {
    codec: TrackCodec,
    timescale: u64,
    /// Milliseconds that an edit cuts off.
    cut: i64,
    defaults: Trex,
    /// End of the last sample, in the track's own time.
    end: u64,
}

impl Mp4Reader {
    pub(crate) fn open(name: &str) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::file(name, error).hint("H.264, HEVC, AV1 or VP9 with AAC or Opus can be published from MP4 files")
        };
        let file = File::open(name).map_err(|error| failed(&error))?;
        let mut reader = Self {
            name: name.to_owned(),
            file: BufReader::new(file),
            headers: VecDeque::new(),
            places: Vec::new().into_iter(),
            codecs: HashMap::new(),
        };
        let places = reader.find().map_err(|error| failed(&error))?;
        if places.is_empty() {
            return Err(failed(&"there is nothing to publish in it"));
        }
        reader.places = places.into_iter();
        Ok(reader)
    }

    /// The next message; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Media>, Failure> {
        if let Some(header) = self.headers.pop_front() {
            return Ok(Some(header));
        }
        let Some(place) = self.places.next() else { return Ok(None) };
        let failed = |error: &dyn std::fmt::Display| Failure::file(&self.name, error);
        let mut data = vec![0; place.size as usize];
        let read = self.file.seek(SeekFrom::Start(place.offset)).and_then(|_| self.file.read_exact(&mut data));
        read.map_err(|error| failed(&error))?;
        let timestamp = place.time as u32;
        let media = match self.codecs.get(&place.track) {
            Some(TrackCodec::Video(codec)) => {
                let frame = if place.is_key { FrameKind::Key } else { FrameKind::Inter };
                let header =
                    VideoHeader::new(*codec, PacketKind::CodedFrames, frame).with_composition_time(place.shown);
                Media::video(timestamp, header.payload(&data).map_err(|error| failed(&error))?)
            }
            Some(TrackCodec::Audio(codec)) => {
                let header = AudioHeader::new(*codec, PacketKind::CodedFrames);
                Media::audio(timestamp, header.payload(&data).map_err(|error| failed(&error))?)
            }
            None => return Ok(None),
        };
        Ok(Some(media))
    }

    /// Goes through the boxes of the file.
    fn find(&mut self) -> Result<Vec<Place>, String> {
        let mut tracks = HashMap::new();
        let mut places = Vec::new();
        let length = self.file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
        let mut at = 0;
        while at < length {
            self.file.seek(SeekFrom::Start(at)).map_err(|error| error.to_string())?;
            let header = Header::read_from(&mut self.file).map_err(|error| error.to_string())?;
            let body = self.file.stream_position().map_err(|error| error.to_string())?;
            let size = header.size.map_or(length - body, |size| size as u64);
            if header.kind == Moov::KIND {
                let moov: Moov = self.read_box(size)?;
                self.describe(&moov, &mut tracks, &mut places)?;
            } else if header.kind == Moof::KIND {
                let moof: Moof = self.read_box(size)?;
                for traf in &moof.traf {
                    if let Some(track) = tracks.get_mut(&traf.tfhd.track_id) {
                        fragment_places(traf, track, at, &mut places);
                    }
                }
            }
            at = body + size;
        }
        places.retain(|place: &Place| place.offset + u64::from(place.size) <= length); // what a cut file lacks
        places.sort_by_key(|place| (place.time, place.offset));
        let first = places.first().map_or(0, |place| place.time.min(0));
        for place in &mut places {
            place.time -= first;
        }
        Ok(places)
    }

    fn read_box<A: Atom>(&mut self, size: u64) -> Result<A, String> {
        if size > LARGEST_BOX {
            return Err(format!("a box of {size} bytes is over the limit of {LARGEST_BOX}"));
        }
        let mut bytes = Vec::new();
        self.file.by_ref().take(size).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        A::decode_body(&mut &bytes[..]).map_err(|error| error.to_string())
    }

    fn describe(
        &mut self,
        moov: &Moov,
        tracks: &mut HashMap<u32, Track>,
        places: &mut Vec<Place>,
    ) -> Result<(), String> {
        for trak in &moov.trak {
            let Some((codec, config)) = trak.mdia.minf.stbl.stsd.codecs.first().map(codec_of).transpose()?.flatten()
            else {
                continue;
            };
            let is_video = matches!(codec, TrackCodec::Video(_));
            let taken = self.codecs.values().any(|known| matches!(known, TrackCodec::Video(_)) == is_video);
            if taken {
                continue; // the first of each kind
            }
            let id = trak.tkhd.track_id;
            self.codecs.insert(id, codec);
            self.headers.push_back(sequence_header(codec, &config)?);
            let defaults = moov.mvex.iter().flat_map(|mvex| &mvex.trex).find(|trex| trex.track_id == id);
            let timescale = u64::from(trak.mdia.mdhd.timescale.max(1));
            let track = Track {
                codec,
                timescale,
                cut: cut(trak, timescale, u64::from(moov.mvhd.timescale.max(1))),
                defaults: defaults.cloned().unwrap_or_default(),
                end: 0,
            };
            table_places(trak, &track, places);
            tracks.insert(id, track);
        }
        Ok(())
    }
}

impl Track {
    fn place(&self, id: u32, decode_time: u64, shown: i64, is_key: bool, offset: u64, size: u32) -> Place {
        let scale = self.timescale as i64;
        Place {
            track: id,
            time: (decode_time * 1000 / self.timescale) as i64 - self.cut,
            shown: i32::try_from(shown * 1000 / scale).unwrap_or(0),
            is_key: is_key || matches!(self.codec, TrackCodec::Audio(_)),
            offset,
            size,
        }
    }
}

/// Samples of a whole file, from its tables.
fn table_places(trak: &Trak, track: &Track, places: &mut Vec<Place>) {
    let table = &trak.mdia.minf.stbl;
    let sizes: Vec<u32> = match &table.stsz.samples {
        StszSamples::Identical { count, size } => vec![*size; (*count as usize).min(MOST_SAMPLES)],
        StszSamples::Different { sizes } => sizes.clone(),
    };
    let chunks: Vec<u64> = match (&table.stco, &table.co64) {
        (Some(table), _) => table.entries.iter().map(|offset| u64::from(*offset)).collect(),
        (None, Some(table)) => table.entries.clone(),
        (None, None) => return,
    };
    let mut durations = table
        .stts
        .entries
        .iter()
        .flat_map(|entry| std::iter::repeat_n(entry.sample_delta, entry.sample_count as usize));
    let shown = table.ctts.iter().flat_map(|table| &table.entries);
    let mut shown = shown.flat_map(|entry| std::iter::repeat_n(entry.sample_offset, entry.sample_count as usize));
    let keys =
        table.stss.as_ref().map(|table| table.entries.iter().copied().collect::<std::collections::HashSet<u32>>());
    let (mut sample, mut time, mut run) = (0, 0_u64, 0);
    for (chunk, offset) in chunks.iter().enumerate() {
        while table.stsc.entries.get(run + 1).is_some_and(|next| chunk + 1 >= next.first_chunk as usize) {
            run += 1;
        }
        let count = table.stsc.entries.get(run).map_or(0, |entry| entry.samples_per_chunk);
        let mut offset = *offset;
        for _ in 0..count {
            let Some(size) = sizes.get(sample).copied() else { return };
            let number = sample as u32 + 1;
            let is_key = keys.as_ref().is_none_or(|keys| keys.contains(&number));
            let place = track.place(trak.tkhd.track_id, time, shown.next().unwrap_or(0), is_key, offset, size);
            places.push(place);
            offset += u64::from(size);
            time += u64::from(durations.next().unwrap_or(0));
            sample += 1;
        }
    }
}

/// Samples of one fragment, which begins at `moof`.
fn fragment_places(traf: &Traf, track: &mut Track, moof: u64, places: &mut Vec<Place>) {
    let base = traf.tfhd.base_data_offset.unwrap_or(moof);
    let mut time = traf.tfdt.as_ref().map_or(track.end, |tfdt| tfdt.base_media_decode_time);
    let mut offset = base;
    for trun in &traf.trun {
        if let Some(skip) = trun.data_offset {
            offset = base.saturating_add_signed(skip.into());
        }
        (time, offset) = run_places(trun, traf, track, (time, offset), places);
    }
    track.end = time;
}

fn run_places(trun: &Trun, traf: &Traf, track: &Track, from: (u64, u64), places: &mut Vec<Place>) -> (u64, u64) {
    let (mut time, mut offset) = from;
    let head = &traf.tfhd;
    for entry in trun.samples.iter().take(MOST_SAMPLES) {
        let defaults = &track.defaults;
        let duration = entry.duration.or(head.default_sample_duration).unwrap_or(defaults.default_sample_duration);
        let size = entry.size.or(head.default_sample_size).unwrap_or(defaults.default_sample_size);
        let flags = entry.flags.or(head.default_sample_flags).unwrap_or(defaults.default_sample_flags);
        let is_key = flags & NOT_SYNC == 0;
        places.push(track.place(head.track_id, time, entry.cts.unwrap_or(0), is_key, offset, size));
        time += u64::from(duration);
        offset += u64::from(size);
    }
    (time, offset)
}

/// What the edits cut off the beginning, in milliseconds: frames that are shown later than they are decoded, or sound
/// that a decoder needs to settle. Less than nothing where they put a pause in front.
fn cut(trak: &Trak, timescale: u64, movie_timescale: u64) -> i64 {
    let milliseconds = |time: u64, scale: u64| i64::try_from(time.saturating_mul(1000) / scale).unwrap_or(0);
    let mut pause = 0;
    for edit in trak.edts.iter().filter_map(|edts| edts.elst.as_ref()).flat_map(|elst| &elst.entries) {
        match edit.media_time {
            Some(time) => return milliseconds(time, timescale) - pause,
            None => pause += milliseconds(edit.segment_duration, movie_timescale),
        }
    }
    -pause
}

/// The codec of a track and its configuration; `None` for one that is not passed on.
fn codec_of(codec: &Codec) -> Result<Option<(TrackCodec, Vec<u8>)>, String> {
    Ok(Some(match codec {
        Codec::Avc1(entry) => (TrackCodec::Video(VideoCodec::Avc), body(&entry.avcc)?),
        Codec::Hvc1(entry) => (TrackCodec::Video(VideoCodec::Hevc), body(&entry.hvcc)?),
        Codec::Hev1(entry) => (TrackCodec::Video(VideoCodec::Hevc), body(&entry.hvcc)?),
        Codec::Av01(entry) => (TrackCodec::Video(VideoCodec::Av1), body(&entry.av1c)?),
        Codec::Vp09(entry) => (TrackCodec::Video(VideoCodec::Vp9), body(&entry.vpcc)?),
        Codec::Mp4a(entry) => {
            let specific = entry.esds.es_desc.dec_config.dec_specific.as_ref();
            let specific = specific.ok_or("the sound has no configuration")?;
            let raw = if specific.raw.is_empty() { vec![0x12, 0x10] } else { specific.raw.clone() };
            (TrackCodec::Audio(AudioCodec::Aac), raw)
        }
        Codec::Opus(entry) => (TrackCodec::Audio(AudioCodec::Opus), opus_head(&body(&entry.dops)?)?),
        _ => return Ok(None),
    }))
}

/// The `OpusHead` of RFC 7845 has the fields of `dOps` with the numbers in the other byte order.
fn opus_head(dops: &[u8]) -> Result<Vec<u8>, String> {
    let ([_, channels, skip_1, skip_0, rate_3, rate_2, rate_1, rate_0, gain_1, gain_0], mapping) =
        dops.split_first_chunk::<10>().ok_or("the sound has no configuration")?;
    let mut head = b"OpusHead\x01".to_vec();
    head.extend([channels, skip_0, skip_1, rate_0, rate_1, rate_2, rate_3, gain_0, gain_1]);
    head.extend_from_slice(mapping);
    Ok(head)
}

fn sequence_header(codec: TrackCodec, config: &[u8]) -> Result<Media, String> {
    match codec {
        TrackCodec::Video(codec) => {
            let header = VideoHeader::new(codec, PacketKind::SequenceStart, FrameKind::Key);
            header.payload(config).map(|payload| Media::video(0, payload)).map_err(|error| error.to_string())
        }
        TrackCodec::Audio(codec) => {
            let header = AudioHeader::new(codec, PacketKind::SequenceStart);
            header.payload(config).map(|payload| Media::audio(0, payload)).map_err(|error| error.to_string())
        }
    }
}

/// The bytes inside a box.
fn body(value: &impl Atom) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    value.encode_body(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Of tables and descriptions, not of media: a day of small samples fits.
const LARGEST_BOX: u64 = 256 << 20;
const MOST_SAMPLES: usize = 64 << 20;
/// `sample_is_non_sync_sample`
const NOT_SYNC: u32 = 0x0001_0000;
