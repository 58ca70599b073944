//! One way to copy.

use alloc::vec::Vec;

/// Appends `bytes`, which are most often `N` long: a copy of a length known to the compiler is a few vector moves, where
/// any other is a call. 12 and 1 are the usual headers, 128 is the default chunk.
#[inline]
pub(crate) fn put<const N: usize>(out: &mut Vec<u8>, bytes: &[u8]) {
    match <&[u8; N]>::try_from(bytes) {
        Ok(bytes) => out.extend_from_slice(bytes),
        Err(_) => out.extend_from_slice(bytes),
    }
}

/// Moves `len` bytes of `bytes` down from `from` to `to`, where `len` is most often `N`, for the same reason.
#[inline]
pub(crate) fn shift<const N: usize>(bytes: &mut [u8], from: usize, to: usize, len: usize) {
    if len == N
        && let Some(part) = bytes[from..].first_chunk::<N>().copied()
    {
        bytes[to..to + N].copy_from_slice(&part);
    } else {
        bytes.copy_within(from..from + len, to);
    }
}
