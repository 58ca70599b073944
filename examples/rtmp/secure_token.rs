//! `--token`: the answer to Wowza's SecureToken. See CMD-56.

/// Decrypts what the server sent, eight hex digits to a word, with the shared secret: Corrected Block TEA, as every
/// player does it. `None` if it is not such a text.
pub(crate) fn answer(secret: &str, challenge: &str) -> Option<String> {
    let mut words: Vec<u32> = hex::decode(challenge)
        .ok()?
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    if words.len() < 2 || !challenge.len().is_multiple_of(8) {
        return None;
    }
    decrypt(&mut words, key(secret));
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// The first sixteen bytes of the secret, or all of it and zeros.
fn key(secret: &str) -> [u32; 4] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(secret.bytes()) {
        *to = from;
    }
    std::array::from_fn(|n| u32::from_le_bytes(std::array::from_fn(|byte| bytes[4 * n + byte])))
}

fn decrypt(words: &mut [u32], key: [u32; 4]) {
    let count = words.len();
    let rounds = 6 + 52 / count as u32;
    let mut sum = rounds.wrapping_mul(DELTA);
    while sum != 0 {
        for at in (0..count).rev() {
            let before = words[(at + count - 1) % count];
            let after = words[(at + 1) % count];
            words[at] = words[at].wrapping_sub(mix(before, after, sum, at, key));
        }
        sum = sum.wrapping_sub(DELTA);
    }
}

fn mix(before: u32, after: u32, sum: u32, at: usize, key: [u32; 4]) -> u32 {
    let part = key[at & 3 ^ (sum >> 2 & 3) as usize];
    ((before >> 5 ^ after << 2).wrapping_add(after >> 3 ^ before << 4)) ^ ((sum ^ after).wrapping_add(part ^ before))
}

const DELTA: u32 = 0x9e37_79b9;

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypt(words: &mut [u32], key: [u32; 4]) {
        let count = words.len();
        let mut sum = 0_u32;
        for _ in 0..6 + 52 / count as u32 {
            sum = sum.wrapping_add(DELTA);
            for at in 0..count {
                let before = words[(at + count - 1) % count];
                let after = words[(at + 1) % count];
                words[at] = words[at].wrapping_add(mix(before, after, sum, at, key));
            }
        }
    }

    #[test]
    fn what_was_encrypted_with_the_secret_comes_out() {
        let secret = "#ed%h0#w@1";
        let mut words: Vec<u32> =
            b"1029384756abcdef".chunks(4).map(|w| u32::from_le_bytes(w.try_into().unwrap())).collect();
        encrypt(&mut words, key(secret));
        let challenge = hex::encode(words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>());
        assert_eq!(answer(secret, &challenge).as_deref(), Some("1029384756abcdef"));
        assert_ne!(answer("another", &challenge).as_deref(), Some("1029384756abcdef"));
    }

    #[test]
    fn the_cipher_is_the_published_one() {
        // The vector of two zero words under the zero key that implementations of XXTEA share.
        let mut words = [0, 0];
        encrypt(&mut words, [0; 4]);
        assert_eq!(words, [0x0537_04ab, 0x575d_8c80]);
        decrypt(&mut words, [0; 4]);
        assert_eq!(words, [0, 0]);
    }

    #[test]
    fn other_texts_are_no_challenge() {
        for text in ["", "00112233", "xyz", "0011223344556677889"] {
            assert_eq!(answer("secret", text), None, "{text}");
        }
    }
}
