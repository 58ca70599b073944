//! Media from FLV or MP4 files or standard input, one after the other, as one stream.

use crate::failure::Failure;
use crate::mp4::Mp4Reader;
use bytes::BytesMut;
use rtmp_session::amf::AmfLimits;
use rtmp_session::flv::{FlvLimits, Metadata, Tag, TagDecoder, TagKind, VideoHeader};
use rtmp_session::{Media, MediaKind};
use std::fs::File;
use std::io::{self, Read};

/// Reads files in turn, perhaps over and over, with time stamps that go on from one to the next.
pub(crate) struct FileSource {
    names: Vec<String>,
    /// Index of the file being read.
    current: usize,
    looped: bool,
    file: Option<Reader>,
    /// Added to the times of the file being read.
    offset: u32,
    /// The first message of a file tells where its time begins.
    place_next: bool,
    newest: Option<u32>,
    /// Distance of the last two video frames: how long the last frame of a file lasts.
    frame: u32,
    last_video: Option<u32>,
}

impl FileSource {
    /// `-` is standard input.
    pub(crate) fn new(names: Vec<String>, looped: bool) -> Self {
        Self {
            names,
            current: 0,
            looped,
            file: None,
            offset: 0,
            place_next: true,
            newest: None,
            frame: 40,
            last_video: None,
        }
    }

    /// Whether a file can be read at all, before anybody is told of it.
    pub(crate) fn check(name: &str) -> Result<(), Failure> {
        Reader::open(name)?.next().map(drop)
    }

    /// The next message, or `None` at the end of the last file. Blocks while it reads.
    pub(crate) fn next(&mut self) -> Result<Option<Media>, Failure> {
        loop {
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let Some(name) = self.names.get(self.current) else { return Ok(None) };
                    self.place_next = true;
                    self.file.insert(Reader::open(name)?)
                }
            };
            match file.next()? {
                Some(media) => return Ok(Some(self.place(media))),
                None => {
                    self.file = None;
                    self.last_video = None;
                    self.current += 1;
                    if self.looped && self.current == self.names.len() {
                        self.current = 0;
                        if self.newest.is_none() {
                            return Ok(None); // nothing but empty files: there is no end to that
                        }
                    }
                }
            }
        }
    }

    fn place(&mut self, mut media: Media) -> Media {
        if self.place_next {
            self.place_next = false;
            if let Some(newest) = self.newest {
                self.offset = newest.wrapping_add(self.frame).wrapping_sub(media.timestamp);
            }
        }
        media.timestamp = media.timestamp.wrapping_add(self.offset);
        let is_newer = |newest: u32| (media.timestamp.wrapping_sub(newest) as i32) > 0;
        if self.newest.is_none_or(is_newer) {
            self.newest = Some(media.timestamp);
        }
        if media.kind == MediaKind::Video && VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_frame()) {
            if let Some(last) = self.last_video {
                let step = media.timestamp.wrapping_sub(last);
                if (1..1000).contains(&step) {
                    self.frame = step;
                }
            }
            self.last_video = Some(media.timestamp);
        }
        media
    }
}

/// One file of either format.
enum Reader {
    Flv(Box<FlvReader>),
    Mp4(Box<Mp4Reader>),
}

impl Reader {
    fn open(name: &str) -> Result<Self, Failure> {
        let is_mp4 = [".mp4", ".m4v", ".m4a", ".mov"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        if is_mp4 {
            return Ok(Self::Mp4(Box::new(Mp4Reader::open(name)?)));
        }
        Ok(Self::Flv(Box::new(FlvReader::open(name)?)))
    }

    fn next(&mut self) -> Result<Option<Media>, Failure> {
        match self {
            Self::Flv(file) => file.next(),
            Self::Mp4(file) => file.next(),
        }
    }
}

/// One FLV file, as messages.
pub(crate) struct FlvReader {
    name: String,
    input: Box<dyn Read + Send>,
    decoder: TagDecoder,
    buffer: BytesMut,
    chunk: Vec<u8>,
    at_end: bool,
}

impl FlvReader {
    pub(crate) fn open(name: &str) -> Result<Self, Failure> {
        let input: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(name).map_err(|error| Failure::file(name, error))?)
        };
        let decoder = TagDecoder::new(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN));
        Ok(Self {
            name: name.to_owned(),
            input,
            decoder,
            buffer: BytesMut::new(),
            chunk: vec![0; 64 << 10],
            at_end: false,
        })
    }

    /// The next message; `None` at the end, a cut last tag left out.
    pub(crate) fn next(&mut self) -> Result<Option<Media>, Failure> {
        loop {
            let tag = if self.at_end {
                self.decoder.decode_end(&mut self.buffer)
            } else {
                self.decoder.decode(&mut self.buffer)
            };
            let tag = tag.map_err(|error| {
                Failure::file(&self.name, error)
                    .hint("FLV and MP4 can be published; ffmpeg -i FILE -c copy OUT.flv makes the one")
            })?;
            match tag {
                Some(tag) => {
                    let tag = without_file_properties(tag);
                    if let Ok(media) = Media::try_from(tag) {
                        return Ok(Some(media));
                    }
                }
                None if self.at_end => return Ok(None),
                None => {
                    let count = self.input.read(&mut self.chunk).map_err(|error| Failure::file(&self.name, error))?;
                    self.buffer.extend_from_slice(&self.chunk[..count]);
                    self.at_end = count == 0;
                }
            }
        }
    }
}

/// A file's index and size mean nothing to those who play it live, and an index may be longer than what servers accept.
fn without_file_properties(tag: Tag) -> Tag {
    if tag.kind != TagKind::Script {
        return tag;
    }
    let limits = AmfLimits::default().max_values(1 << 20).max_bytes(Tag::MAX_DATA_LEN);
    let Ok(Some(mut metadata)) = Metadata::parse(tag.kind, &tag.data, &limits) else { return tag };
    let before = metadata.properties.entries.len();
    metadata.properties.entries.retain(|(name, _)| !OF_THE_FILE.contains(&name.as_str()));
    if metadata.properties.entries.len() == before {
        return tag;
    }
    match metadata.to_tag() {
        Ok(shorter) => Tag { timestamp: tag.timestamp, ..shorter },
        Err(_) => tag,
    }
}

const OF_THE_FILE: [&str; 10] = [
    "filesize",
    "keyframes",
    "filler",
    "lasttimestamp",
    "lastkeyframetimestamp",
    "lastkeyframelocation",
    "hasKeyframes",
    "hasMetadata",
    "canSeekToEnd",
    "filepositions",
];
