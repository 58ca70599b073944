//! `rtmp inspect --repair`: a truncated or damaged FLV file made whole.

use crate::failure::Failure;
use crate::flv_file::FlvWriter;
use bytes::BytesMut;
use rtmp_session::Media;
use rtmp_session::flv::{FlvLimits, Tag, TagDecoder};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Copies every whole tag of `from` to `to`, with duration, size and key frame index of what is there.
pub(crate) fn repair(from: &Path, to: &Path) -> Result<(), Failure> {
    let read_failed = |error: std::io::Error| Failure::file(from.display(), error);
    let same = to.canonicalize().ok().zip(from.canonicalize().ok()).is_some_and(|(to, from)| to == from);
    if same {
        return Err(
            Failure::file(to.display(), "would be overwritten while it is read").hint("name another file to write")
        );
    }
    let mut file = File::open(from).map_err(read_failed)?;
    let mut writer = FlvWriter::create(to)?;
    let mut decoder =
        TagDecoder::new(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN)).restart_at_header(true).recover(true);
    let mut buffer = BytesMut::new();
    let mut chunk = vec![0; 64 << 10];
    let mut tags = 0_u64;
    loop {
        let count = file.read(&mut chunk).map_err(read_failed)?;
        buffer.extend_from_slice(&chunk[..count]);
        loop {
            let tag = if count == 0 { decoder.decode_end(&mut buffer) } else { decoder.decode(&mut buffer) };
            match tag {
                Ok(Some(tag)) => {
                    if let Ok(media) = Media::try_from(tag) {
                        writer.write(&media)?;
                        tags += 1;
                    }
                }
                Ok(None) => break,
                Err(error) => return Err(Failure::file(from.display(), error)),
            }
        }
        if count == 0 {
            break;
        }
    }
    writer.finish()?;
    eprintln!("{tags} tags kept, {} bytes at the end left out", buffer.len());
    Ok(())
}
