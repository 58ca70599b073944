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

enum Verdict {
    Tag,
    NoTag,
    Unknown { wanted: usize },
}

/// Judges whether a tag starts at the first byte of `src`, and if not, where the next candidate is.
pub(crate) fn find_tag(src: &[u8], max_len: usize, end: bool) -> Find {
    for at in 0..src.len() {
        match judge(&src[at..], max_len, end) {
            Verdict::NoTag => {}
            Verdict::Tag | Verdict::Unknown { .. } if at > 0 => return Find::Skip(at),
            Verdict::Tag => return Find::Here,
            Verdict::Unknown { wanted } => return Find::Wait { wanted },
        }
    }
    if src.is_empty() { Find::Wait { wanted: Tag::HEAD_LEN } } else { Find::Skip(src.len()) }
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
