//! One track of a file being written.

use bytes::Bytes;
use mp4_atom::Codec;

/// Samples of one kind that are not written yet.
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) codec: Codec,
    /// Picture size; none for sound.
    pub(super) size: Option<(u16, u16)>,
    /// Complete but for the last, whose duration the next one tells.
    pub(super) samples: Vec<Sample>,
    /// Ends of the last sample written.
    written_to: u64,
    /// How long the last complete sample lasted.
    step: u32,
}

/// One coded frame. Times are in milliseconds of the file.
pub(super) struct Sample {
    pub(super) decode_time: u64,
    /// Presentation time minus decode time.
    pub(super) shown: i32,
    pub(super) is_key: bool,
    pub(super) data: Bytes,
}

impl Track {
    pub(super) fn new(id: u32, codec: Codec, size: Option<(u16, u16)>) -> Self {
        Self { id, codec, size, samples: Vec::new(), written_to: 0, step: 20 }
    }

    pub(super) fn push(&mut self, mut sample: Sample) {
        // Decode times must not go back; what is late is decoded as soon as it can be.
        let least = self.samples.last().map_or(self.written_to, |last| last.decode_time);
        if sample.decode_time < least {
            let late = least - sample.decode_time;
            sample.shown = sample.shown.saturating_sub(i32::try_from(late).unwrap_or(i32::MAX));
            sample.decode_time = least;
        }
        self.samples.push(sample);
    }

    /// Milliseconds of samples waiting.
    pub(super) fn waiting(&self) -> u64 {
        match (self.samples.first(), self.samples.last()) {
            (Some(first), Some(last)) => last.decode_time - first.decode_time,
            _ => 0,
        }
    }

    /// Takes out the samples for one fragment, each with its duration. Unless it is the end of the file, the last one
    /// stays behind.
    pub(super) fn take(&mut self, at_end: bool) -> Vec<(Sample, u32)> {
        let count = if at_end { self.samples.len() } else { self.samples.len().saturating_sub(1) };
        let next = self.samples.get(count).map(|sample| sample.decode_time);
        let taken: Vec<Sample> = self.samples.drain(..count).collect();
        let mut ends: Vec<u64> = taken.iter().skip(1).map(|sample| sample.decode_time).collect();
        if let Some(last) = taken.last() {
            ends.push(next.unwrap_or_else(|| last.decode_time + u64::from(self.step)));
        }
        let timed = taken.into_iter().zip(ends).map(|(sample, end)| {
            let duration = u32::try_from(end - sample.decode_time).unwrap_or(u32::MAX);
            (sample, duration)
        });
        let timed: Vec<(Sample, u32)> = timed.collect();
        if let Some((sample, duration)) = timed.last() {
            self.step = *duration;
            self.written_to = sample.decode_time + u64::from(*duration);
        }
        timed
    }
}
