//! Finding the next tag in a damaged file.

use crate::{Tag, tag::TagHead};

pub(crate) enum Find {
    /// A tag starts at the first byte.
    Here,
    /// The first of these bytes are no tag. What follows them has not been judged.
    Skip(usize),
    /// More input will tell.
    Wait { wanted: usize },
}

/// What begins a file; see FLV-1, FLV-8.
pub(crate) const FILE_START: [u8; 4] = *b"FLV\x01";

enum Verdict {
    Tag,
    NoTag,
    Unknown { wanted: usize },
}

/// Judges whether a tag starts at the first byte of `src`, and if not, where the next candidate is: a tag, or another
/// file header, which the caller looks for at the first byte.
pub(crate) fn find_tag(src: &[u8], max_len: usize, end: bool) -> Find {
    for at in 0..src.len() {
        let verdict = if at > 0 { judge_file_header(&src[at..], end) } else { Verdict::NoTag };
        let verdict = if matches!(verdict, Verdict::NoTag) { judge(&src[at..], max_len, end) } else { verdict };
        match verdict {
            Verdict::NoTag => {}
            Verdict::Tag | Verdict::Unknown { .. } if at > 0 => return Find::Skip(at),
            Verdict::Tag => return Find::Here,
            Verdict::Unknown { wanted } => return Find::Wait { wanted },
        }
    }
    if src.is_empty() { Find::Wait { wanted: Tag::HEAD_LEN } } else { Find::Skip(src.len()) }
}

/// The head of a file in the middle of one, where recordings were strung together (FLV-8).
fn judge_file_header(src: &[u8], end: bool) -> Verdict {
    let seen = src.len().min(FILE_START.len());
    if src[..seen] != FILE_START[..seen] {
        Verdict::NoTag
    } else if seen == FILE_START.len() {
        Verdict::Tag
    } else if end {
        Verdict::NoTag
    } else {
        Verdict::Unknown { wanted: FILE_START.len() - seen }
    }
}

/// A header that looks right, and behind its body either the right PreviousTagSize or another header that looks right,
/// because some writers never got PreviousTagSize right (FLV-6). At the end of the input both may be missing (FLV-7).
fn judge(src: &[u8], max_len: usize, end: bool) -> Verdict {
    let unknown = |wanted: usize| if end { Verdict::NoTag } else { Verdict::Unknown { wanted: wanted - src.len() } };
    let Some(head) = src.first_chunk() else { return unknown(Tag::HEAD_LEN) };
    let head = TagHead::parse(head);
    if !head.is_plausible(max_len) {
        return Verdict::NoTag;
    }
    let body_end = Tag::HEAD_LEN + head.len;
    let Some(behind) = src.get(body_end..) else { return unknown(body_end + Tag::TAIL_LEN) };
    let Some((&size, next)) = behind.split_first_chunk::<{ Tag::TAIL_LEN }>() else {
        return if end { Verdict::Tag } else { unknown(body_end + Tag::TAIL_LEN) };
    };
    if u32::from_be_bytes(size) as usize == body_end {
        return Verdict::Tag;
    }
    match next.first_chunk() {
        Some(next) if TagHead::parse(next).is_plausible(max_len) => Verdict::Tag,
        Some(_) => Verdict::NoTag,
        None if end && next.is_empty() => Verdict::Tag,
        None => unknown(body_end + Tag::TAIL_LEN + Tag::HEAD_LEN),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bytes::BytesMut;

    use crate::{FileHeader, FlvLimits, TagDecoder};

    /// Damage, and in the middle of it the header of a second file.
    #[test]
    fn flv_8_a_file_header_in_damage_is_found_however_it_is_cut() {
        let mut file = FileHeader::new(true, true).to_bytes().to_vec();
        file.extend_from_slice(b"\x01\0\0\0\x0cdamage, damage FLV\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let whole = end_of(&[&file]);
        assert!(whole.is_some(), "the second header has a bad DataOffset");
        for length in 1..file.len() {
            assert_eq!(end_of(&file.chunks(length).collect::<Vec<_>>()), whole, "pieces of {length}");
        }
    }

    fn end_of(pieces: &[&[u8]]) -> Option<crate::FlvError> {
        let mut decoder = TagDecoder::new(FlvLimits::default()).recover(true).restart_at_header(true);
        let mut input = BytesMut::new();
        for piece in pieces {
            input.extend_from_slice(piece);
            loop {
                match decoder.decode(&mut input) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => return Some(error),
                }
            }
        }
        None
    }
}
