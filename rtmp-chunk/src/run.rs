//! Runs: the chunks of one message behind each other, each continued by the same single byte, as nearly all senders write
//! them.

use alloc::vec::Vec;

use crate::copy::{put, shift};

/// `bytes` starts with all chunks of a message of `len` bytes, from the first payload on, with the one byte `header` in
/// between and nothing else.
#[inline(always)]
pub(crate) fn is_run(bytes: &[u8], header: u8, chunk_size: usize, len: usize) -> bool {
    if bytes.len() <= len || bytes[chunk_size] != header {
        return false;
    }
    let whole = len + (len - 1) / chunk_size;
    bytes.len() >= whole && bytes[chunk_size..whole].iter().step_by(chunk_size + 1).all(|first| *first == header)
}

/// Moves the payloads of a run of chunks together, to the front.
pub(crate) fn close_up(run: &mut [u8], chunk_size: usize) {
    let (mut to, mut from) = (chunk_size, chunk_size + 1);
    while from < run.len() {
        let size = chunk_size.min(run.len() - from);
        shift::<128>(run, from, to, size);
        to += size;
        from += size + 1;
    }
}

/// While a message is in flight, the next header is nearly always the one byte that continues it: as long as that holds,
/// a full chunk is there and the buffer has room, a chunk costs one comparison and one copy. Returns the rest.
pub(crate) fn gather_run<'a>(
    payload: &mut Vec<u8>,
    mut rest: &'a [u8],
    header: u8,
    chunk_size: usize,
    len: usize,
) -> &'a [u8] {
    let room = len.min(payload.capacity());
    while let Some((&first, tail)) = rest.split_first() {
        let size = chunk_size.min(len - payload.len());
        if first != header || size == 0 || tail.len() < size || room - payload.len() < size {
            break;
        }
        let (part, tail) = tail.split_at(size);
        put::<128>(payload, part);
        rest = tail;
    }
    rest
}
