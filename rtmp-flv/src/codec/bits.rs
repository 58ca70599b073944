//! Bits of a header, most significant first.

/// Reads bits; `None` at the end of the data.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    current: u8,
    left: u8,
    /// Zero bytes just read, if three-byte escapes are to be undone.
    zeros: Option<u8>,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, current: 0, left: 0, zeros: None }
    }

    /// Of a NAL unit, in which `00 00 03` stands for `00 00`.
    pub(super) fn of_nal_unit(data: &'a [u8]) -> Self {
        Self { zeros: Some(0), ..Self::new(data) }
    }

    fn load(&mut self) -> Option<()> {
        let mut byte = *self.data.get(self.at)?;
        self.at += 1;
        if let Some(zeros) = &mut self.zeros {
            if *zeros >= 2 && byte == 3 {
                *zeros = 0;
                byte = *self.data.get(self.at)?;
                self.at += 1;
            }
            *zeros = if byte == 0 { zeros.saturating_add(1) } else { 0 };
        }
        (self.current, self.left) = (byte, 8);
        Some(())
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.load()?;
        }
        self.left -= 1;
        Some(self.current >> self.left & 1 == 1)
    }

    /// Up to 32 bits.
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | u32::from(self.bit()?)))
    }

    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.bit().map(drop))
    }

    /// Exponential-Golomb code, unsigned. Also AV1's `uvlc`.
    pub(super) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.bits(zeros)?)
    }

    /// Exponential-Golomb code, signed.
    pub(super) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = (code / 2 + code % 2) as i32;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}
