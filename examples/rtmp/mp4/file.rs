//! Writing one MP4 file as the stream comes.

use super::boxes::{audio_codec, fragment, opening, picture_size, video_codec};
use super::track::{Sample, Track};
use crate::failure::Failure;
use crate::part_file::Naming;
use rtmp_session::flv::{AudioHeader, PacketKind, VideoHeader};
use rtmp_session::{Media, MediaKind};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A fragmented MP4 file with at most one video and one audio track, under a `.part` name until it is finished.
///
/// The tracks are described at the start, so the first second waits in memory until it is known which there are.
pub(crate) struct Mp4File {
    path: PathBuf,
    part: PathBuf,
    file: File,
    size: u64,
    video: Option<Track>,
    audio: Option<Track>,
    /// The opening is written.
    opened: bool,
    fragments: u32,
    /// Time of the first frame.
    base: Option<u32>,
    /// Configurations other than the first, which the file cannot hold.
    changes: u32,
}

impl Mp4File {
    pub(crate) fn create(path: &Path, naming: Naming) -> Result<Self, Failure> {
        let part = naming.unfinished(path);
        let file = File::create(&part).map_err(|error| Failure::file(part.display(), error))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file,
            size: 0,
            video: None,
            audio: None,
            opened: false,
            fragments: 0,
            base: None,
            changes: 0,
        })
    }

    /// Appends one message; data messages have no place in such a file.
    pub(crate) fn write(&mut self, media: &Media) -> Result<(), Failure> {
        match media.kind {
            MediaKind::Video => self.write_video(media),
            MediaKind::Audio => self.write_audio(media),
            MediaKind::Data => Ok(()),
        }
    }

    /// Bytes written so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Writes what waits, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Failure> {
        self.flush(true)?;
        self.file.sync_all().map_err(|error| Failure::file(self.part.display(), error))?;
        if self.part != self.path {
            fs::rename(&self.part, &self.path).map_err(|error| Failure::file(self.path.display(), error))?;
        }
        Ok(self.path)
    }

    fn write_video(&mut self, media: &Media) -> Result<(), Failure> {
        let Ok(header) = VideoHeader::parse(&media.payload) else { return Ok(()) };
        if header.tracks.track_id().unwrap_or(0) != 0 {
            return Ok(()); // one track is all that players of these files expect
        }
        let body = media.payload.slice(header.body.min(media.payload.len())..);
        if header.is_sequence_header() {
            let (codec, size) = video_codec(&header, &body).map_err(|error| self.cannot(&error))?;
            return self.describe(Track::new(1, codec, Some(size)));
        }
        if !matches!(header.packet, PacketKind::CodedFrames | PacketKind::CodedFramesX) || self.video.is_none() {
            return Ok(());
        }
        if header.is_keyframe() && self.is_ready(FRAGMENT) {
            self.flush(false)?;
        }
        let decode_time = self.file_time(media.timestamp);
        if let Some(track) = &mut self.video {
            if header.is_keyframe() && track.size == Some((0, 0)) {
                track.size = Some(picture_size(&header, &body));
            }
            let (shown, is_key) = (header.composition_time, header.is_keyframe());
            track.push(Sample { decode_time, shown, is_key, data: body });
        }
        Ok(())
    }

    fn write_audio(&mut self, media: &Media) -> Result<(), Failure> {
        let Ok(header) = AudioHeader::parse(&media.payload) else { return Ok(()) };
        if header.tracks.track_id().unwrap_or(0) != 0 {
            return Ok(());
        }
        let body = media.payload.slice(header.body.min(media.payload.len())..);
        if header.is_sequence_header() {
            let codec = audio_codec(&header, &body).map_err(|error| self.cannot(&error))?;
            return self.describe(Track::new(2, codec, None));
        }
        if header.packet != PacketKind::CodedFrames {
            return Ok(());
        }
        if self.audio.is_none() {
            // A codec without a configuration, which is none of those that are written.
            return audio_codec(&header, &body).map(drop).map_err(|error| self.cannot(&error));
        }
        if self.video.is_none() && self.is_ready(FRAGMENT) {
            self.flush(false)?;
        }
        let sample = Sample { decode_time: self.file_time(media.timestamp), shown: 0, is_key: true, data: body };
        if let Some(track) = &mut self.audio {
            track.push(sample);
        }
        Ok(())
    }

    /// A configuration has come: the first of its kind makes a track.
    fn describe(&mut self, track: Track) -> Result<(), Failure> {
        let place = if track.size.is_some() { &mut self.video } else { &mut self.audio };
        match place {
            Some(known) if known.codec == track.codec => Ok(()),
            Some(_) => {
                self.changes += 1;
                Err(self.cannot("the codec's configuration changed in the middle of the stream"))
            }
            None if self.opened => Err(self.cannot("another track began after the file was begun")),
            None => {
                *place = Some(track);
                Ok(())
            }
        }
    }

    fn is_ready(&self, milliseconds: u64) -> bool {
        let longest = [&self.video, &self.audio].into_iter().flatten().map(Track::waiting).max();
        longest.is_some_and(|waiting| waiting >= milliseconds)
    }

    fn file_time(&mut self, timestamp: u32) -> u64 {
        let base = *self.base.get_or_insert(timestamp);
        u64::from((timestamp.wrapping_sub(base) as i32).max(0).unsigned_abs())
    }

    fn flush(&mut self, at_end: bool) -> Result<(), Failure> {
        if !self.opened {
            let tracks: Vec<&Track> = [&self.video, &self.audio].into_iter().flatten().collect();
            if tracks.is_empty() {
                return Ok(());
            }
            let bytes = opening(&tracks).map_err(|error| self.cannot(&error))?;
            self.append(&bytes)?;
            self.opened = true;
        }
        let tracks = [&mut self.video, &mut self.audio].into_iter().flatten();
        let taken: Vec<_> = tracks.map(|track| (track.id, track.take(at_end))).collect();
        if taken.iter().all(|(_, samples)| samples.is_empty()) {
            return Ok(());
        }
        self.fragments += 1;
        let bytes = fragment(self.fragments, &taken).map_err(|error| self.cannot(&error))?;
        self.append(&bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Failure::file(self.part.display(), error))
    }

    fn cannot(&self, cause: &str) -> Failure {
        Failure::file(self.part.display(), cause).hint("FLV files hold everything that RTMP carries: -o FILE.flv")
    }
}

/// Milliseconds of media in a fragment, at least; with pictures it then goes on to the next key frame.
const FRAGMENT: u64 = 1000;
