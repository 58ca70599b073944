//! Bits, most significant first, with the Exp-Golomb codes of H.264 (ITU-T H.264, 9.1).

#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are taken.
    used: u32,
}

impl Bits {
    /// The lowest `count` bits of `value`.
    pub(crate) fn put(mut self, value: u32, count: u32) -> Self {
        for position in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = (value >> position & 1) as u8;
            *self.bytes.last_mut().expect("a byte was pushed") |= bit << (7 - self.used % 8);
            self.used += 1;
        }
        self
    }

    /// ue(v). A value of 0 is also the se(v) of 0.
    pub(crate) fn golomb(self, value: u32) -> Self {
        let code = value + 1;
        let length = code.ilog2();
        self.put(0, length).put(code, length + 1)
    }

    /// The stop bit, and zeros up to a whole byte.
    pub(crate) fn stop(self) -> Vec<u8> {
        let mut bits = self.put(1, 1);
        bits.used = bits.used.next_multiple_of(8);
        bits.bytes
    }

    /// Zeros up to a whole byte.
    pub(crate) fn pad(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // 1, 010, 011, 00100, 00101 and the stop bit.
        let bits = (0..5).fold(Bits::default(), |bits, value| bits.golomb(value));
        assert_eq!(bits.stop(), [0b1010_0110, 0b0100_0010, 0b1100_0000]);
        assert_eq!(Bits::default().put(0b101, 3).pad(), [0b1010_0000]);
    }
}
