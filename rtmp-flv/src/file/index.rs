//! The key frame index of a file, of bounded size.

use crate::Keyframe;
use alloc::vec::Vec;

/// Key frames in order. When there are more than fit, every other one is left out, and from then on only every second,
/// fourth, .. is taken: the index covers the whole file at any length.
#[derive(Clone, Debug)]
pub(super) struct KeyframeIndex {
    entries: Vec<Keyframe>,
    capacity: usize,
    stride: u64,
    seen: u64,
}

impl KeyframeIndex {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { entries: Vec::new(), capacity, stride: 1, seen: 0 }
    }

    pub(super) fn push(&mut self, keyframe: Keyframe) {
        let taken = self.seen % self.stride == 0 && self.capacity > 0;
        self.seen += 1;
        if !taken {
            return;
        }
        self.entries.push(keyframe);
        self.shrink_to(self.capacity);
    }

    /// Makes the index fit in so many entries.
    pub(super) fn shrink_to(&mut self, capacity: usize) {
        self.capacity = capacity;
        if capacity == 0 {
            self.entries.clear();
        }
        while self.entries.len() > capacity {
            let mut at = 0_usize;
            self.entries.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.stride *= 2;
        }
    }

    pub(super) fn entries(&self) -> &[Keyframe] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_capacity_and_covers_everything() {
        let mut index = KeyframeIndex::new(8);
        for number in 0..1000_u32 {
            index.push(Keyframe { time: f64::from(number), position: u64::from(number) });
            assert!(index.entries().len() <= 8);
        }
        let times: Vec<f64> = index.entries().iter().map(|entry| entry.time).collect();
        assert_eq!(times, [0.0, 128.0, 256.0, 384.0, 512.0, 640.0, 768.0, 896.0]);
    }

    #[test]
    fn without_capacity_stays_empty() {
        let mut index = KeyframeIndex::new(0);
        index.push(Keyframe { time: 0.0, position: 0 });
        assert!(index.entries().is_empty());
    }
}
