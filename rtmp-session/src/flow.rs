//! Acknowledgements, windows, and what a peer that does not read may make us queue. See CTL-13 to CTL-26.

use rtmp_chunk::{BandwidthLimit, SendQueue};

use crate::SessionError;

/// Both directions of the acknowledgement windows.
#[derive(Debug)]
pub(crate) struct Flow {
    /// Bytes the peer lets us take in before we acknowledge; `None` until it names a window (CTL-19).
    receive_window: Option<u32>,
    /// Bytes received when the last acknowledgement was sent.
    acknowledged: u64,
    /// The window we told the peer last.
    announced_window: Option<u32>,
    /// The peer's limit of our output, and whether it was a hard one.
    send_limit: Option<(u32, bool)>,
    /// Bytes of ours that the peer has acknowledged, as a sum of differences (CTL-15).
    peer_acknowledged: u64,
    peer_sequence: u32,
}

impl Flow {
    pub(crate) const fn new() -> Self {
        Self {
            receive_window: None,
            acknowledged: 0,
            announced_window: None,
            send_limit: None,
            peer_acknowledged: 0,
            peer_sequence: 0,
        }
    }

    /// CTL-16, CTL-18.
    pub(crate) fn set_receive_window(&mut self, window: u32) {
        if window > 0 {
            self.receive_window = Some(window);
        }
    }

    pub(crate) fn receive_window(&self) -> Option<u32> {
        self.receive_window
    }

    /// The sequence number of an acknowledgement, if one is due. See CTL-17.
    pub(crate) fn acknowledgement_due(&mut self, received: u64) -> Option<u32> {
        let window = self.receive_window?.max(SMALLEST_WINDOW);
        if received - self.acknowledged < u64::from(window) {
            return None;
        }
        self.acknowledged = received;
        Some(received as u32) // CTL-15: modulo 2^32.
    }

    pub(crate) fn announced(&mut self, window: u32) {
        self.announced_window = Some(window);
    }

    pub(crate) fn announced_window(&self) -> Option<u32> {
        self.announced_window
    }

    /// The window to answer Set Peer Bandwidth with, if it changes what the peer knows. See CTL-23, CTL-24, CTL-26.
    pub(crate) fn limit_output(&mut self, window: u32, limit: BandwidthLimit) -> Option<u32> {
        if window == 0 {
            return None;
        }
        let (window, hard) = match (limit, self.send_limit) {
            (BandwidthLimit::HARD, _) => (window, true),
            (BandwidthLimit::SOFT, None) => (window, false),
            (BandwidthLimit::SOFT, Some((current, _))) => (window.min(current), false),
            (BandwidthLimit::DYNAMIC, Some((_, true))) => (window, true),
            _ => return None,
        };
        self.send_limit = Some((window, hard));
        (self.announced_window != Some(window)).then_some(window)
    }

    pub(crate) fn send_limit(&self) -> Option<u32> {
        self.send_limit.map(|(window, _)| window)
    }

    /// CTL-14, CTL-15: peers start counting at different points and some restart, so only differences mean anything. One
    /// that is more than what is open of the bytes `sent` is none: the peer has begun to count anew.
    pub(crate) fn peer_acknowledged(&mut self, sequence: u32, sent: u64) {
        let open = sent.saturating_sub(self.peer_acknowledged);
        let steps = [sequence.wrapping_sub(self.peer_sequence), sequence].map(u64::from);
        self.peer_acknowledged += steps.into_iter().find(|step| *step <= open).unwrap_or(0);
        self.peer_sequence = sequence;
    }

    pub(crate) fn acknowledged_by_peer(&self) -> u64 {
        self.peer_acknowledged
    }
}

/// What a peer that sends questions and reads no answers may make us hold.
#[derive(Debug)]
pub(crate) struct ReplyBudget {
    max: usize,
    bytes: usize,
    /// When this many bytes have left the queue, everything counted so far has been read.
    until: u64,
}

impl ReplyBudget {
    pub(crate) const fn new(max: usize) -> Self {
        Self { max, bytes: 0, until: 0 }
    }

    /// Counts an answer that was just queued. A single one may be longer than the limit: at fault is a peer that asks on
    /// while more than that waits.
    pub(crate) fn charge(&mut self, len: usize, queue: &SendQueue) -> Result<(), SessionError> {
        if queue.taken() >= self.until {
            self.bytes = 0;
            self.until = queue.taken() + queue.len() as u64;
        }
        let waiting = self.bytes;
        self.bytes += len;
        if waiting > self.max {
            return Err(SessionError::Limit {
                what: "bytes of answers that the peer does not read",
                value: waiting,
                max: self.max,
            });
        }
        Ok(())
    }
}

/// A smaller window is honoured as this: an acknowledgement for each byte would cost more than it tells.
const SMALLEST_WINDOW: u32 = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// What was acknowledged behind each of these: sequence number, and bytes sent by then.
    fn acknowledged(of: &[(u32, u64)]) -> Vec<u64> {
        let mut flow = Flow::new();
        let mut behind = |&(sequence, sent)| {
            flow.peer_acknowledged(sequence, sent);
            flow.acknowledged_by_peer()
        };
        of.iter().map(&mut behind).collect()
    }

    #[test]
    fn ctl_15_a_counter_wraps_at_2_to_the_32() {
        let talk = [(0x8000_0000, 0x8000_1000), (0xffff_ff00, 0x1_0000_0000), (0x100, 0x1_0000_0200)];
        assert_eq!(acknowledged(&talk), [0x8000_0000, 0xffff_ff00, 0x1_0000_0100]);
    }

    #[test]
    fn ctl_15_a_counter_restarts_at_0xf0000000() {
        let talk = [(0xefff_f000, 0xf000_0000), (0x1000, 0xf000_2000), (0x2000, 0xf000_2100)];
        assert_eq!(acknowledged(&talk), [0xefff_f000, 0xf000_0000, 0xf000_1000]);
    }

    #[test]
    fn ctl_14_ctl_15_a_counter_starts_anywhere() {
        let talk = [(0x5000_0000, 3_000), (0x5000_0400, 3_000), (0xf000_0000, 3_000), (0, 3_000), (900, 3_000)];
        assert_eq!(acknowledged(&talk), [0, 1_024, 1_024, 1_024, 1_924]);
    }
}
