//! SWF verification: what a client says when a server asks whether it is the player it should be (`SWFV-1` to `SWFV-5`).

use crate::digest;

/// Hash and size of a player file, with which a client answers a SWF verification request.
///
/// The request is a user control event 26 of type 1, the answer a user control event 27 with 42 bytes. Both are messages
/// and none of the handshake, but the answer hangs on the last bytes of S1. It proves nothing to anyone who can read a
/// public file; some servers end the connection without it.
///
/// ```
/// use rtmp_handshake::SwfVerification;
///
/// let player = SwfVerification::from_swf(b"FWS.. the whole file, inflated if it begins with CWS or ZWS");
/// let tail_of_s1 = [7; 32]; // Peer::tail
/// let answer = player.answer(&tail_of_s1);
/// assert_eq!(answer[..2], [1, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwfVerification {
    /// HMAC-SHA256 of the uncompressed file under the client's public key (`SWFV-2`).
    pub hash: [u8; 32],
    /// Length of the uncompressed file, in bytes.
    pub size: u32,
}

impl SwfVerification {
    /// Hashes a player file, which must be uncompressed: one that begins with `CWS` or `ZWS` has to be inflated and given
    /// the signature `FWS` before (`SWFV-2`).
    pub fn from_swf(uncompressed: &[u8]) -> Self {
        // The format itself has a length field of 32 bits.
        let size = u32::try_from(uncompressed.len()).unwrap_or(u32::MAX);
        Self { hash: digest::swf_hash(uncompressed), size }
    }

    /// The 42 bytes of the answer. `tail` is the last 32 bytes of S1 (`SWFV-3`, `SWFV-4`): [`Peer::tail`](crate::Peer::tail)
    /// at the client; [`Peer::own_tail`](crate::Peer::own_tail) at the server, which compares.
    pub fn answer(&self, tail: &[u8; 32]) -> [u8; 42] {
        let mut answer = [1; 42];
        answer[2..6].copy_from_slice(&self.size.to_be_bytes());
        answer[6..10].copy_from_slice(&self.size.to_be_bytes());
        answer[10..].copy_from_slice(&digest::swf_answer(tail, &self.hash));
        answer
    }
}
