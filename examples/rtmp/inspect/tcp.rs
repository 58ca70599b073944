//! Puts the TCP segments of a capture back in order: one byte stream per direction.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// One direction of a TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Flow {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
}

impl Flow {
    pub(crate) fn reversed(self) -> Self {
        Self { from: self.to, to: self.from }
    }
}

/// A TCP segment as captured.
#[derive(Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) sequence: u32,
    pub(crate) syn: bool,
    pub(crate) payload: &'a [u8],
}

/// Reassembly of one flow. Segments may come twice, overlap, or come out of order.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    /// Sequence number of the next byte wanted; `None` before the first segment.
    next: Option<u32>,
    /// Segments ahead of it, by distance from the first byte of the flow.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
    /// Bytes given out so far.
    position: u64,
}

impl Reassembly {
    /// Takes one segment and appends what has become contiguous to `out`. False when a hole will not be filled any
    /// more: the capture lost a segment, and this flow cannot be read on.
    pub(crate) fn push(&mut self, segment: &Segment<'_>, out: &mut Vec<u8>) -> bool {
        if segment.syn {
            *self = Self { next: Some(segment.sequence.wrapping_add(1)), ..Self::default() };
        }
        if segment.payload.is_empty() {
            return true;
        }
        let start = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        let next = *self.next.get_or_insert(start);
        // Serial arithmetic: within two gigabytes before or after what is wanted.
        let distance = i64::from(start.wrapping_sub(next) as i32);
        let offset = self.position as i64 + distance;
        let end = offset + segment.payload.len() as i64;
        if end <= self.position as i64 {
            return true; // sent again
        }
        let skip = (self.position as i64 - offset).max(0);
        let payload = &segment.payload[skip as usize..];
        let offset = (offset + skip) as u64;
        self.waiting_bytes += payload.len();
        let known = self.waiting.entry(offset).or_default();
        if known.len() < payload.len() {
            self.waiting_bytes -= known.len();
            *known = payload.to_vec();
        } else {
            self.waiting_bytes -= payload.len();
        }
        self.take_contiguous(out);
        self.waiting_bytes <= MAX_WAITING
    }

    /// Whether bytes are missing in the middle.
    pub(crate) fn has_hole(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn take_contiguous(&mut self, out: &mut Vec<u8>) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.position {
                break;
            }
            let (offset, bytes) = entry.remove_entry();
            self.waiting_bytes -= bytes.len();
            let skip = (self.position - offset).min(bytes.len() as u64) as usize;
            let fresh = &bytes[skip..];
            out.extend_from_slice(fresh);
            self.position += fresh.len() as u64;
            self.next = self.next.map(|next| next.wrapping_add(fresh.len() as u32));
        }
    }
}

/// More than any window in flight: what is missing after this much will not come.
const MAX_WAITING: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn reassemble(segments: &[(u32, &[u8])]) -> Vec<u8> {
        let mut reassembly = Reassembly::default();
        let mut out = Vec::new();
        reassembly.push(&Segment { sequence: u32::MAX - 2, syn: true, payload: &[] }, &mut out);
        for (offset, payload) in segments {
            let sequence = (u32::MAX - 1).wrapping_add(*offset);
            assert!(reassembly.push(&Segment { sequence, syn: false, payload }, &mut out));
        }
        assert!(!reassembly.has_hole());
        out
    }

    #[test]
    fn segments_come_out_in_order_across_the_wrap() {
        assert_eq!(reassemble(&[(0, b"abc"), (3, b"def")]), b"abcdef");
        assert_eq!(reassemble(&[(3, b"def"), (6, b"g"), (0, b"abc")]), b"abcdefg");
        assert_eq!(reassemble(&[(0, b"abc"), (0, b"abc"), (1, b"bcd"), (4, b"e")]), b"abcde");
        assert_eq!(reassemble(&[(2, b"cd"), (2, b"cdef"), (0, b"ab"), (1, b"bc")]), b"abcdef");
    }

    #[test]
    fn a_lost_segment_is_noticed() {
        let mut reassembly = Reassembly::default();
        let mut out = Vec::new();
        let mut push = |sequence, payload: &[u8]| {
            let whole = reassembly.push(&Segment { sequence, syn: false, payload }, &mut out);
            (whole, reassembly.has_hole())
        };
        assert_eq!(push(0, b"ab"), (true, false));
        assert_eq!(push(5, b"f"), (true, true));
        let much = vec![0; MAX_WAITING];
        assert_eq!(push(6, &much), (false, true));
        assert_eq!(out, b"ab");
    }
}
