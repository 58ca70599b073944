//! What a session has counted.

use crate::MessageError;

/// Counters of one connection.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Bytes received, handshake included.
    pub bytes_received: u64,
    /// Bytes taken from the send queue, handshake included.
    pub bytes_sent: u64,
    /// Memory held for what the peer has sent, in bytes: the receive buffer, unfinished messages, and an aggregate
    /// message that is being taken apart. A program may bound what all its connections hold together by it.
    pub bytes_held: usize,
    /// Bytes waiting to be sent. See [`Drive::queued`](crate::Drive::queued).
    pub bytes_queued: usize,
    /// Bytes that the peer says it has received, from its acknowledgements. Some peers send none. See CTL-20.
    pub bytes_acknowledged: u64,
    /// Largest number of unacknowledged bytes the peer wants under way, if it said one. Nobody enforces it. See CTL-23.
    pub send_window: Option<u32>,
    /// Messages received, protocol control included.
    pub messages_received: u64,
    /// Messages that meant nothing: unknown types, media of no stream, media behind a Stream EOF, empty video. See MSG-7,
    /// MSG-8, MSG-11, UCM-3.
    pub messages_ignored: u64,
    /// Messages given up unfinished: by Abort, or by [`LinkConfig::drop_partial`](crate::LinkConfig::drop_partial).
    pub messages_dropped: u64,
    /// Messages that could not be read.
    pub messages_rejected: u64,
    /// Why the last of them was dropped.
    pub last_rejected: Option<MessageError>,
}
