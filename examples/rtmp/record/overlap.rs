//! `--resume`: where a file stops, and whether a stream really goes on there.

use crate::failure::{Exit, Failure, Step};
use crate::part_file::{Naming, PartFile};
use bytes::BytesMut;
use rtmp_examples::scan_file;
use rtmp_session::flv::{AudioHeader, FlvLimits, Tag, TagDecoder, VideoHeader};
use rtmp_session::{Media, MediaKind};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The end of a file, waiting to be recognised in a stream.
pub(crate) struct Overlap {
    path: PathBuf,
    /// Frames of the file from its last key frame on, by kind.
    video: VecDeque<Media>,
    audio: VecDeque<Media>,
    /// Time of that key frame in the file, in ms.
    start: u32,
    /// Time of the last frame of the file.
    last: u32,
    /// How far the stream's times are ahead of the file's, once the first frame was recognised.
    ahead: Option<u32>,
    /// Frames of the stream that were not recognised.
    strange: u32,
    /// A live stream goes on from wherever it is.
    live: bool,
}

impl Overlap {
    /// `None` if there is no file to go on with.
    pub(crate) fn with_file(path: &Path, naming: Naming, live: bool) -> Result<Option<Self>, Failure> {
        let Some(found) = PartFile::to_resume(path, naming) else { return Ok(None) };
        let failed = |error: std::io::Error| Failure::file(found.display(), error);
        let mut file = File::open(&found).map_err(failed)?;
        let summary = scan_file(&mut file).map_err(failed)?;
        let Some(key) = summary.keyframes().last().copied() else {
            // Nothing worth keeping is in it, or there is no video: then it is gone on with as a live stream is.
            let empty = summary.tags() <= 1;
            let this = Self { path: found, live: true, last: summary.last_time(), ..Self::empty() };
            return Ok((!empty).then_some(this));
        };
        let mut this = Self {
            path: found.clone(),
            start: (key.time * 1000.0).round() as u32,
            last: summary.last_time(),
            live,
            ..Self::empty()
        };
        file.seek(SeekFrom::Start(key.position)).map_err(failed)?;
        this.read_tail(file.take(summary.end - key.position)).map_err(failed)?;
        Ok(Some(this))
    }

    fn empty() -> Self {
        Self {
            path: PathBuf::new(),
            video: VecDeque::new(),
            audio: VecDeque::new(),
            start: 0,
            last: 0,
            ahead: None,
            strange: 0,
            live: false,
        }
    }

    /// Where to start playing, in milliseconds.
    pub(crate) fn start(&self) -> u32 {
        self.start
    }

    /// Whether the stream was recognised, frame by frame.
    pub(crate) fn is_exact(&self) -> bool {
        self.ahead.is_some()
    }

    /// Compares the next message. `Some` with the first that the file does not have: how far it lies behind the file's
    /// last frame.
    pub(crate) fn compare(&mut self, media: &Media) -> Result<Option<u32>, Failure> {
        if !is_frame(media) {
            return Ok(None);
        }
        if self.live {
            return Ok(Some(LIVE_GAP));
        }
        let queue = if media.kind == MediaKind::Video { &mut self.video } else { &mut self.audio };
        if let Some(at) = queue.iter().position(|known| known.payload == media.payload) {
            let known = &queue[at];
            self.ahead.get_or_insert_with(|| media.timestamp.wrapping_sub(known.timestamp));
            queue.drain(..=at);
            return Ok(None);
        }
        let Some(ahead) = self.ahead else {
            self.strange += 1;
            return if self.strange > PATIENCE { Err(self.differs()) } else { Ok(None) };
        };
        let behind = media.timestamp.wrapping_sub(ahead).wrapping_sub(self.last) as i32;
        if behind < 0 || !self.video.is_empty() {
            // The file has another frame here.
            self.strange += 1;
            return if self.strange > PATIENCE { Err(self.differs()) } else { Ok(None) };
        }
        Ok(Some(behind.unsigned_abs()))
    }

    /// The stream is over.
    pub(crate) fn end(&self) -> Result<(), Failure> {
        if self.is_exact() && self.video.is_empty() { Ok(()) } else { Err(self.differs()) }
    }

    fn differs(&self) -> Failure {
        Failure::new(
            Step::Media,
            self.path.display().to_string(),
            "the stream is not the one that this file holds the beginning of",
        )
        .exit(Exit::Error)
        .hint("record it anew without --resume, or with --live behind what is there")
    }

    fn read_tail(&mut self, mut file: impl Read) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut buffer = BytesMut::from(&bytes[..]);
        let mut decoder = TagDecoder::at_tag(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN));
        while let Some(tag) = decoder.decode(&mut buffer).map_err(std::io::Error::other)? {
            let Ok(media) = Media::try_from(tag) else { continue };
            if is_frame(&media) {
                if media.kind == MediaKind::Video { self.video.push_back(media) } else { self.audio.push_back(media) }
            }
        }
        Ok(())
    }
}

fn is_frame(media: &Media) -> bool {
    match media.kind {
        MediaKind::Video => VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_frame()),
        MediaKind::Audio => {
            !AudioHeader::parse(&media.payload).is_ok_and(|h| h.is_sequence_header() || h.is_multichannel_config())
        }
        MediaKind::Data => false,
    }
}

/// Frames that may not match before the streams are taken for different ones: a server may start a GOP or two early.
const PATIENCE: u32 = 2000;
/// Milliseconds between the end of a file and the live stream that goes on with it.
const LIVE_GAP: u32 = 40;
