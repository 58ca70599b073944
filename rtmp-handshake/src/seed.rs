//! Randomness as an argument, and its cheap expansion to a packet.

/// Randomness for one handshake. Everything "random" a [`Handshake`](crate::Handshake) sends follows from it, so equal
/// seeds give equal bytes.
///
/// The bytes need no cryptographic quality: they let an endpoint tell an answer to its own packet from a packet of its
/// peer, nothing more (`HS-6`). All-zero seeds are as good as any others. Use a seed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of these bytes; the same bytes in every run make a test repeatable.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A seed that no other call gives, from the random keys that the standard library seeds its hash maps with.
    ///
    /// Those come from the operating system once per thread; each call uses a key of its own. That is plenty for a
    /// handshake and not meant for secrets.
    #[cfg(feature = "std")]
    pub fn from_os() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let keys = RandomState::new();
        let mut bytes = [0; 32];
        for (counter, word) in bytes.chunks_exact_mut(8).enumerate() {
            word.copy_from_slice(&keys.hash_one(counter).to_le_bytes());
        }
        Self(bytes)
    }

    /// The stream of bytes this seed stands for. `stream` keeps the two roles apart, so that a client and a server with
    /// the same seed do not send the same packet.
    pub(crate) fn expand(&self, stream: u64) -> Expander {
        let mut state = [0; 4];
        let mut mixed = stream;
        for (word, bytes) in state.iter_mut().zip(self.0.chunks_exact(8)) {
            mixed ^= u64::from_le_bytes(bytes.try_into().expect("chunks of eight bytes"));
            mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *word = finish(mixed);
        }
        // All-zero is the one state that xoshiro never leaves.
        state[0] |= 1;
        Expander { state }
    }
}

/// xoshiro256++: 64 bits in about a nanosecond, and no dependency.
pub(crate) struct Expander {
    state: [u64; 4],
}

impl Expander {
    pub(crate) fn fill(&mut self, out: &mut [u8]) {
        let mut words = out.chunks_exact_mut(8);
        for word in &mut words {
            word.copy_from_slice(&self.next().to_le_bytes());
        }
        let rest = words.into_remainder();
        let last = self.next().to_le_bytes();
        rest.copy_from_slice(&last[..rest.len()]);
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }
}

/// The finisher of SplitMix64: every input bit reaches every output bit.
const fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hs_06_equal_seeds_give_equal_bytes_and_roles_differ() {
        let fill = |seed: [u8; 32], stream| {
            let mut out = [0; 61];
            Seed::new(seed).expand(stream).fill(&mut out);
            out
        };
        assert_eq!(fill([7; 32], 0), fill([7; 32], 0));
        assert_ne!(fill([7; 32], 0), fill([7; 32], 1));
        assert_ne!(fill([7; 32], 0), fill([8; 32], 0));
        assert!(fill([0; 32], 0).iter().any(|&byte| byte != 0), "a zero seed still gives bytes");
    }

    #[cfg(feature = "std")]
    #[test]
    fn hs_06_from_os_never_repeats() {
        let seeds: std::collections::HashSet<_> = (0..64).map(|_| Seed::from_os().0).collect();
        assert_eq!(seeds.len(), 64);
    }
}
