//! Makes a whole file of a damaged one.

use super::{FileScan, FileSummary, FlvWriter, WriterConfig, scan::read_metadata};
use crate::{FlvEncodeError, FlvError, FlvLimits, Tag, TagDecoder, TagKind};
use bytes::BytesMut;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Copies the whole tags of `input` to `output`, both from their start on, with duration, file size and key frame index
/// rebuilt. What is cut or damaged is left out; times and payloads stay as they are, but for what a later `onMetaData` says
/// of the file ([`FlvWriter::append`]). Needs the memory of one tag.
///
/// Gives what `input` holds.
///
/// # Errors
/// Those of reading and writing. [`io::ErrorKind::InvalidData`] with an [`FlvError`](crate::FlvError) inside if `input`
/// is no FLV file.
///
/// ```
/// use {rtmp_flv::{FlvLimits, repair}, std::io::Cursor};
///
/// let cut = b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x08\0\0\x04\0\0\x17\0\0\0\0\xaf\x01\x21\x10\0\0\0\x0f\x09\0\x01";
/// let mut whole = Cursor::new(Vec::new());
/// let summary = repair(Cursor::new(cut), &mut whole, FlvLimits::default())?;
/// assert!(summary.is_cut && summary.tags() == 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn repair(
    mut input: impl Read + Seek,
    mut output: impl Write + Seek,
    limits: FlvLimits,
) -> io::Result<FileSummary> {
    let summary = scan(&mut input, limits.clone())?;
    input.seek(SeekFrom::Start(0))?;
    let config = WriterConfig::default().keep_times(true).index_capacity(summary.keyframes().len());
    let metadata = summary.metadata.clone().unwrap_or_default();
    let mut writer = FlvWriter::new(metadata, config).map_err(invalid_data)?;
    output.write_all(&writer.opening().map_err(invalid_data)?)?;

    let mut decoder = TagDecoder::new(limits).recover(true).restart_at_header(true);
    let mut opened = false;
    for_each_tag(&mut input, &mut decoder, |tag| {
        // The first onMetaData became the opening.
        if !opened && tag.kind == TagKind::Script && read_metadata(&tag).is_some() {
            opened = true;
            return Ok(());
        }
        let tag = writer.append(tag).map_err(invalid_data)?;
        output.write_all(&tag.head())?;
        output.write_all(&tag.data)?;
        output.write_all(&tag.tail())
    })?;
    output.seek(SeekFrom::Start(0))?;
    output.write_all(&writer.opening().map_err(invalid_data)?)?;
    output.flush()?;
    Ok(summary)
}

fn scan(input: &mut impl Read, limits: FlvLimits) -> io::Result<FileSummary> {
    let mut scan = FileScan::new(limits);
    let mut buffer = BytesMut::new();
    while read_some(input, &mut buffer)? {
        scan.feed(&mut buffer).map_err(flv_error)?;
    }
    scan.finish(&mut buffer).map_err(flv_error)
}

fn for_each_tag(
    input: &mut impl Read,
    decoder: &mut TagDecoder,
    mut f: impl FnMut(Tag) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    while read_some(input, &mut buffer)? {
        while let Some(tag) = decoder.decode(&mut buffer).map_err(flv_error)? {
            f(tag)?;
        }
    }
    while let Some(tag) = decoder.decode_end(&mut buffer).map_err(flv_error)? {
        f(tag)?;
    }
    Ok(())
}

/// Appends what one read gives to `buffer`; `false` at the end.
fn read_some(input: &mut impl Read, buffer: &mut BytesMut) -> io::Result<bool> {
    const READ_LEN: usize = 64 << 10;
    let len = buffer.len();
    buffer.resize(len + READ_LEN, 0);
    let read = loop {
        match input.read(&mut buffer[len..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => break result,
        }
    };
    buffer.truncate(len + read.as_ref().copied().unwrap_or(0));
    read.map(|read| read > 0)
}

fn flv_error(error: FlvError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn invalid_data(error: FlvEncodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
