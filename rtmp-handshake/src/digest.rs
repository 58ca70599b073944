//! The digest form: where digests lie, which keys make them, how they are checked (`CHS-3` to `CHS-12`).

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::packet::{self, PACKET_LEN, Packet};
use crate::peer::DigestSchema;

/// Result of HMAC-SHA256.
pub(crate) type Digest = [u8; DIGEST_LEN];

const DIGEST_LEN: usize = 32;

/// Whose packet is signed; it picks the keys (`CHS-8`, `CHS-11`, `CHS-12`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    Client,
    Server,
}

/// A digest found in, or written to, a C1/S1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) schema: DigestSchema,
    pub(crate) offset: usize,
    pub(crate) digest: Digest,
}

impl Found {
    pub(crate) fn store(&self, packet: &mut Packet) {
        packet[self.offset..self.offset + DIGEST_LEN].copy_from_slice(&self.digest);
    }
}

/// Computes the digest of a C1/S1 that is final but for it, and stores it (`CHS-8`, `CHS-9`).
pub(crate) fn write_digest(packet: &mut Packet, schema: DigestSchema, signer: Signer) -> Found {
    let offset = digest_offset(packet, schema);
    let digest = packet_digest(packet, offset, signer);
    let found = Found { schema, offset, digest };
    found.store(packet);
    found
}

/// Looks for a valid digest in a C1/S1, in `first` and then in the other schema (`CHS-14`, `CHS-15`).
pub(crate) fn find_digest(packet: &Packet, first: DigestSchema, signer: Signer) -> Option<Found> {
    let second = match first {
        DigestSchema::DigestFirst => DigestSchema::KeyFirst,
        DigestSchema::KeyFirst => DigestSchema::DigestFirst,
    };
    [first, second].into_iter().find_map(|schema| {
        let offset = digest_offset(packet, schema);
        let digest = packet_digest(packet, offset, signer);
        (digest == packet[offset..offset + DIGEST_LEN]).then_some(Found { schema, offset, digest })
    })
}

/// Signs a C2/S2 in answer to the digest of the peer's C1/S1: the last 32 bytes are written (`CHS-11`, `CHS-12`).
pub(crate) fn sign(packet: &mut Packet, answered: &Digest, signer: Signer) {
    let signature = signature(packet, answered, signer);
    packet[PACKET_LEN - DIGEST_LEN..].copy_from_slice(&signature);
}

/// Is the signature at the end of a C2/S2 right for the digest it answers (`CHS-17`)?
pub(crate) fn is_signed(packet: &Packet, answered: &Digest, signer: Signer) -> bool {
    *packet::tail(packet) == signature(packet, answered, signer)
}

/// What SWF verification says of a file: HMAC under the client's key (`SWFV-2`).
pub(crate) fn swf_hash(uncompressed: &[u8]) -> Digest {
    let mut mac = keyed(Signer::Client.short_key());
    mac.update(uncompressed);
    mac.finalize().into_bytes().into()
}

/// What binds that to a connection: HMAC under the end of S1 (`SWFV-3`).
pub(crate) fn swf_answer(tail: &[u8; 32], hash: &Digest) -> Digest {
    let mut mac = keyed(tail);
    mac.update(hash);
    mac.finalize().into_bytes().into()
}

/// First four bytes of the digest block, summed (`CHS-5`, `CHS-7`). At most 1503, so 32 bytes always follow.
fn digest_offset(packet: &Packet, schema: DigestSchema) -> usize {
    let block = match schema {
        DigestSchema::KeyFirst => 772,
        DigestSchema::DigestFirst => 8,
    };
    let sum: usize = packet[block..block + 4].iter().copied().map(usize::from).sum();
    block + 4 + sum % 728
}

/// HMAC over all of the packet but the place of the digest itself (`CHS-8`).
fn packet_digest(packet: &Packet, offset: usize, signer: Signer) -> Digest {
    let mut mac = keyed(signer.short_key());
    mac.update(&packet[..offset]);
    mac.update(&packet[offset + DIGEST_LEN..]);
    mac.finalize().into_bytes().into()
}

fn signature(packet: &Packet, answered: &Digest, signer: Signer) -> Digest {
    let mut temporary = keyed(signer.long_key());
    temporary.update(answered);
    let mut mac = keyed(&temporary.finalize().into_bytes());
    mac.update(&packet[..PACKET_LEN - DIGEST_LEN]);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl Signer {
    /// FP30 or FMS36 (`CHS-3`).
    fn short_key(self) -> &'static [u8] {
        match self {
            Self::Client => &FP62[..30],
            Self::Server => &FMS68[..36],
        }
    }

    /// FP62 or FMS68 (`CHS-3`).
    fn long_key(self) -> &'static [u8] {
        match self {
            Self::Client => FP62,
            Self::Server => FMS68,
        }
    }
}

/// Both keys end in the same 32 bytes.
const FP62: &[u8; 62] = b"Genuine Adobe Flash Player 001\
    \xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE";
const FMS68: &[u8; 68] = b"Genuine Adobe Flash Media Server 001\
    \xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE";

#[cfg(test)]
#[path = "digest_tests.rs"]
mod tests;
