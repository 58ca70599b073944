//! What each generated message says about itself: which it is, when it was made, and a checksum of all of it.
//!
//! Written as hexadecimal text, so that no byte of it is zero: H.264 would need escapes (emulation prevention), and a human who
//! looks at the wire can read it. It stands behind a text of sixteen bytes, which is also the UUID that an SEI message needs.

use std::time::{SystemTime, UNIX_EPOCH};

/// The sixteen bytes in front.
pub(crate) const MARK: &[u8; 16] = b"rtmp-bench stamp";
/// Mark and fields.
pub(crate) const STAMP_LEN: usize = MARK.len() + 2 * FIELDS_LEN;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Number of the stream in this run.
    pub(crate) stream: u16,
    /// Counts the messages of one kind on one stream.
    pub(crate) sequence: u64,
    /// When it was made; see [`now`].
    pub(crate) nanos: u64,
}

/// What is wrong with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StampError {
    /// Somebody else's media, or a sequence header.
    Foreign,
    /// It has our mark, but what follows is damaged.
    Corrupt,
}

/// Nanoseconds since 1970: publisher and players may be two processes. On two machines it is as right as their clocks.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

impl Stamp {
    /// Writes the stamp over the one at `at`. The checksum covers the whole payload but itself.
    pub(crate) fn write(&self, payload: &mut [u8], at: usize) {
        let mut fields = [0; FIELDS_LEN];
        fields[..2].copy_from_slice(&self.stream.to_be_bytes());
        fields[2..10].copy_from_slice(&self.sequence.to_be_bytes());
        fields[10..18].copy_from_slice(&self.nanos.to_be_bytes());
        let text = at + MARK.len();
        payload[at..text].copy_from_slice(MARK);
        let sum = text + 2 * CHECKSUM_AT;
        put_hex(&fields[..CHECKSUM_AT], &mut payload[text..sum]);
        let checksum = checksum(payload, sum);
        put_hex(&checksum.to_be_bytes(), &mut payload[sum..sum + 8]);
    }

    /// Reads the stamp at `at`; with `verify` the checksum too.
    pub(crate) fn read(payload: &[u8], at: usize, verify: bool) -> Result<Self, StampError> {
        let stamp = payload.get(at..at + STAMP_LEN).ok_or(StampError::Foreign)?;
        let text = stamp.strip_prefix(MARK).ok_or(StampError::Foreign)?;
        let mut fields = [0; FIELDS_LEN];
        hex::decode_to_slice(text, &mut fields).map_err(|_| StampError::Corrupt)?;
        let (fields, sum) = fields.split_at(CHECKSUM_AT);
        if verify && checksum(payload, at + MARK.len() + 2 * CHECKSUM_AT).to_be_bytes() != sum {
            return Err(StampError::Corrupt);
        }
        let number =
            |range: std::ops::Range<usize>| fields[range].iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        Ok(Self { stream: number(0..2) as u16, sequence: number(2..10), nanos: number(10..18) })
    }
}

/// CRC-32C of everything but the eight digits at `sum`.
fn checksum(payload: &[u8], sum: usize) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&payload[..sum]), &payload[sum + 8..])
}

fn put_hex(bytes: &[u8], text: &mut [u8]) {
    hex::encode_to_slice(bytes, text).expect("the text is twice as long as the bytes");
}

/// Stream, sequence number, time; then the checksum.
const CHECKSUM_AT: usize = 2 + 8 + 8;
const FIELDS_LEN: usize = CHECKSUM_AT + 4;

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { stream: 513, sequence: u64::MAX - 1, nanos: 1_790_000_000_123_456_789 };

    #[test]
    fn a_stamp_is_read_as_it_was_written() {
        let mut payload = vec![7; 200];
        STAMP.write(&mut payload, 20);
        assert_eq!(Stamp::read(&payload, 20, true), Ok(STAMP));
        assert!(payload.iter().all(|byte| *byte != 0));
    }

    #[test]
    fn any_damaged_byte_is_found() {
        let mut payload = vec![7; 120];
        STAMP.write(&mut payload, 20);
        for at in 0..payload.len() {
            let mut damaged = payload.clone();
            damaged[at] ^= 1;
            let error = Stamp::read(&damaged, 20, true).expect_err("it is damaged");
            let in_mark = (20..20 + MARK.len()).contains(&at);
            assert_eq!(error, if in_mark { StampError::Foreign } else { StampError::Corrupt }, "{at}");
        }
    }

    #[test]
    fn short_payloads_are_foreign() {
        for length in 0..STAMP_LEN {
            assert_eq!(Stamp::read(&vec![0; length], 0, true), Err(StampError::Foreign));
        }
    }
}
