//! Reads a file through and says what it holds and how far it is whole.

use super::account::Account;
use crate::{Anomalies, FileHeader, FlvError, FlvLimits, Keyframe, Metadata, Tag, TagDecoder, TagKind};
use bytes::BytesMut;
use rtmp_amf::AmfLimits;

/// Entries of a key frame index that a scan keeps: two days of one each two seconds. With more, every second is left out.
const INDEX_CAPACITY: usize = 1 << 16;

/// Goes through a file of any length, damaged or cut, in the memory of one tag.
///
/// ```
/// use {bytes::BytesMut, rtmp_flv::{FileScan, FlvLimits}};
///
/// let mut scan = FileScan::new(FlvLimits::default());
/// let mut input = BytesMut::from(&b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x08\0\0\x04\0\0\x17\0\0\0\0\xaf\x01\x21\x10\0\0\0\x0f\x09\0\x01"[..]);
/// scan.feed(&mut input)?;                      // as often as there is more
/// let summary = scan.finish(&mut input)?;
/// assert_eq!((summary.tags(), summary.end, summary.is_cut), (1, 28, true));
/// # Ok::<(), rtmp_flv::FlvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileScan {
    decoder: TagDecoder,
    account: Account,
    anomalies: Anomalies,
    metadata: Option<Metadata>,
    opening_tag_len: Option<usize>,
    end: u64,
    tail: [u8; 4],
}

impl FileScan {
    /// A scan of a file from its first byte on.
    pub fn new(limits: FlvLimits) -> Self {
        Self {
            decoder: TagDecoder::new(limits).recover(true).restart_at_header(true),
            account: Account::new(INDEX_CAPACITY),
            anomalies: Anomalies::NONE,
            metadata: None,
            opening_tag_len: None,
            end: FileHeader::LEN as u64,
            tail: [0; 4],
        }
    }

    /// Takes the whole tags out of `src`.
    ///
    /// # Errors
    /// [`FlvError`] if this is no FLV file.
    pub fn feed(&mut self, src: &mut BytesMut) -> Result<(), FlvError> {
        while let Some(tag) = self.decoder.decode(src)? {
            self.note(&tag);
        }
        Ok(())
    }

    /// The result. `src` is what the file ends with.
    ///
    /// # Errors
    /// As [`FileScan::feed`].
    pub fn finish(mut self, src: &mut BytesMut) -> Result<FileSummary, FlvError> {
        while let Some(tag) = self.decoder.decode_end(src)? {
            self.note(&tag);
        }
        self.anomalies.extend(self.decoder.take_anomalies());
        let len = self.decoder.offset() + src.len() as u64;
        Ok(FileSummary {
            header: self.decoder.file_header(),
            metadata: self.metadata,
            end: self.end,
            tail: self.tail,
            is_cut: self.decoder.file_header().is_none() || len > self.end + Tag::TAIL_LEN as u64,
            anomalies: self.anomalies,
            opening_tag_len: self.opening_tag_len,
            account: self.account,
        })
    }

    fn note(&mut self, tag: &Tag) {
        let position = self.decoder.tag_offset();
        self.account.note(tag, position);
        self.end = position + (Tag::HEAD_LEN + tag.data.len()) as u64;
        self.tail = tag.tail();
        if self.metadata.is_none() && tag.kind == TagKind::Script {
            self.metadata = read_metadata(tag);
            let is_first = position == (FileHeader::LEN + Tag::TAIL_LEN) as u64;
            self.opening_tag_len = (is_first && self.metadata.is_some()).then_some(tag.data.len());
        }
    }
}

/// The metadata of a tag, with a key frame index as long as [`INDEX_CAPACITY`].
pub(super) fn read_metadata(tag: &Tag) -> Option<Metadata> {
    let limits = AmfLimits::default().max_values(3 * INDEX_CAPACITY).max_bytes(Tag::MAX_DATA_LEN);
    Metadata::parse(tag.kind, &tag.data, &limits).ok().flatten()
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct FileSummary {
    /// The file header; `None` if the file is shorter than that.
    pub header: Option<FileHeader>,
    /// The first `onMetaData`.
    pub metadata: Option<Metadata>,
    /// Where the last whole tag ends, in bytes from the start of the file. To go on with the file, cut it there, write
    /// [`tail`](FileSummary::tail), and append.
    pub end: u64,
    /// The PreviousTagSize that belongs there. The one in the file may be cut, missing or wrong.
    pub tail: [u8; 4],
    /// Whether the file ends with something else than a whole tag.
    pub is_cut: bool,
    /// What was tolerated. [`Anomaly::Resynchronised`](crate::Anomaly::Resynchronised): there is damage inside.
    pub anomalies: Anomalies,
    /// Length of the data of an onMetaData tag right behind the file header.
    pub(super) opening_tag_len: Option<usize>,
    pub(super) account: Account,
}

impl FileSummary {
    /// Number of whole tags.
    pub fn tags(&self) -> u64 {
        self.account.tags
    }

    /// Whether there is an audio tag.
    pub fn has_audio(&self) -> bool {
        self.account.has_audio
    }

    /// Whether there is a video tag.
    pub fn has_video(&self) -> bool {
        self.account.has_video
    }

    /// How long the file plays, in s, by its tags.
    pub fn duration(&self) -> f64 {
        self.account.duration()
    }

    /// Largest time of a tag, in ms.
    pub fn last_time(&self) -> u32 {
        self.account.last_time
    }

    /// Where the key frames are, by their tags. Of more than 65536, every second, or fourth, ..
    pub fn keyframes(&self) -> &[Keyframe] {
        self.account.keyframes.entries()
    }
}
