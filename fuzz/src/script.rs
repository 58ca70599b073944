//! Reads decisions off the front of a fuzz input.

/// What is left of the input. When it has run out, every decision is 0.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    pub fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The rest in pieces as a network might cut it: all at once for 0, else of `cut` bytes, then twice as many, and so
    /// on, starting again when a piece would be longer than 4096.
    pub fn pieces(self, cut: u8) -> impl Iterator<Item = &'a [u8]> {
        let (mut rest, mut length) = (self.0, usize::from(cut));
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let piece;
            (piece, rest) = rest.split_at(if cut == 0 { rest.len() } else { length.min(rest.len()) });
            length = if length > 2048 { usize::from(cut) } else { length * 2 };
            Some(piece)
        })
    }
}
