//! The work that no server can leave out: 1528 random bytes, one copy of C1, and in the digest form four HMACs.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::candidate::{Candidate, Kind};

pub(crate) const CLIENT_KEY: &[u8] = b"Genuine Adobe Flash Player 001";
pub(crate) const SERVER_KEY: &[u8] = b"Genuine Adobe Flash Media Server 001";
const SUFFIX: [u8; 32] = [
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d,
    0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
];

pub(crate) struct Floor {
    random: u64,
    out: Vec<u8>,
}

impl Default for Floor {
    fn default() -> Self {
        Self { random: 0x5eed, out: vec![0; 3073] }
    }
}

impl Floor {
    fn fill(&mut self, from: usize, to: usize) {
        let mut state = self.random;
        for word in self.out[from..to].chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes()[..word.len()]);
        }
        self.random = state;
    }

    fn serve(&mut self, kind: Kind, c0c1: &[u8]) {
        self.out[..9].copy_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.fill(9, 1537);
        self.out[1537..].copy_from_slice(&c0c1[1..]);
        if kind.is_digest() {
            let (block, c1_digest) = find_digest(&c0c1[1..], CLIENT_KEY).expect("a recorded digest");
            self.out[5..9].copy_from_slice(&[1, 0, 0, 1]);
            let s1 = &mut self.out[1..1537];
            let offset = offset(s1, block);
            let digest = packet_digest(s1, offset, SERVER_KEY);
            s1[offset..offset + 32].copy_from_slice(&digest);
            let signature = signature(&self.out[1537..3041], &c1_digest);
            self.out[3041..].copy_from_slice(&signature);
        }
    }
}

impl Candidate for Floor {
    fn name(&self) -> &'static str {
        "floor: fill, copy, hash"
    }

    fn supports(&self, kind: Kind) -> bool {
        !kind.has_client()
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        self.serve(kind, c0c1);
    }

    fn reply(&mut self, kind: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        self.serve(kind, c0c1);
        Some(self.out.clone())
    }
}

/// Block and value of a valid digest.
pub(crate) fn find_digest(packet: &[u8], key: &[u8]) -> Option<(usize, [u8; 32])> {
    [8, 772].into_iter().find_map(|block| {
        let offset = offset(packet, block);
        let digest = packet_digest(packet, offset, key);
        (digest == packet[offset..offset + 32]).then_some((block, digest))
    })
}

/// What must stand at the end of an S2 with this body.
pub(crate) fn signature(body: &[u8], c1_digest: &[u8]) -> [u8; 32] {
    let key = [SERVER_KEY, &SUFFIX].concat();
    hmac(&hmac(&key, &[c1_digest]), &[body])
}

fn offset(packet: &[u8], block: usize) -> usize {
    let sum: usize = packet[block..block + 4].iter().map(|&byte| usize::from(byte)).sum();
    block + 4 + sum % 728
}

fn packet_digest(packet: &[u8], offset: usize, key: &[u8]) -> [u8; 32] {
    hmac(key, &[&packet[..offset], &packet[offset + 32..]])
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
