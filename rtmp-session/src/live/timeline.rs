//! Time stamps over the ends and beginnings of publishes, and how much media time has gone by.

/// Keeps the stream's time going forward when a publisher comes back with a clock of its own.
///
/// All arithmetic is modulo 2^32, see CHK-26. Within one publish, time stamps are the publisher's and pass as they are,
/// jumps included.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Added to the time stamps of this publish.
    offset: u32,
    /// The latest time given out.
    latest: Option<u32>,
    /// No earlier time is given out, until the stream is well past it.
    floor: Option<u32>,
    /// The first frame of this publish will set the offset.
    rebasing: bool,
    /// Media time gone by in milliseconds; jumps do not count.
    elapsed: u64,
}

impl Timeline {
    /// The publisher left: whatever comes next goes on from here.
    pub(super) fn interrupt(&mut self) {
        let Some(latest) = self.latest else { return };
        self.floor = Some(latest.wrapping_add(RESUME_STEP));
        self.rebasing = true;
    }

    /// The stream's time for a message of this publish. Only frames say where the publisher's clock stands: metadata
    /// and sequence headers often have time 0.
    pub(super) fn stamp(&mut self, timestamp: u32, is_frame: bool) -> u32 {
        if let (true, Some(floor)) = (self.rebasing, self.floor) {
            if !is_frame {
                return floor;
            }
            self.offset = floor.wrapping_sub(timestamp);
            self.rebasing = false;
        }
        let mut stamped = timestamp.wrapping_add(self.offset);
        if let Some(floor) = self.floor {
            match ahead(stamped, floor) {
                ..0 => stamped = floor,
                // Far enough: later, half a circle away, the comparison would turn around.
                CONTINUOUS.. => self.floor = None,
                _ => {}
            }
        }
        self.advance(stamped);
        stamped
    }

    /// The latest time given out, 0 before the first.
    pub(super) fn latest(&self) -> u32 {
        self.latest.unwrap_or(0)
    }

    /// Media time gone by, in milliseconds.
    pub(super) fn elapsed(&self) -> u64 {
        self.elapsed
    }

    fn advance(&mut self, stamped: u32) {
        let step = self.latest.map_or(0, |latest| ahead(stamped, latest));
        if (1..=CONTINUOUS).contains(&step) {
            self.elapsed += u64::from(step.unsigned_abs());
        }
        // A little behind is interleaving; far behind is where the publisher's clock stands now.
        if self.latest.is_none() || !(-CONTINUOUS..=0).contains(&step) {
            self.latest = Some(stamped);
        }
    }
}

/// How far `a` is ahead of `b` on the circle, in milliseconds; negative if behind.
fn ahead(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b) as i32
}

/// Between the last message of one publish and the first of the next: about one frame.
const RESUME_STEP: u32 = 40;
/// Steps up to this length, in milliseconds, are a stream going on; longer ones are jumps.
const CONTINUOUS: i32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_publish_passes_unchanged_jumps_and_all() {
        let mut time = Timeline::default();
        for stamp in [0, 40, 20_000_040, 20_000_080, 7, u32::MAX, 10] {
            assert_eq!(time.stamp(stamp, true), stamp);
        }
    }

    #[test]
    fn jumps_do_not_count_as_media_time() {
        let mut time = Timeline::default();
        for stamp in [0, 40, 20_000_040, 20_000_080, 0, 40] {
            time.stamp(stamp, true);
        }
        assert_eq!(time.elapsed(), 120);
    }

    #[test]
    fn the_next_publish_goes_on_where_the_last_one_was() {
        let mut time = Timeline::default();
        time.stamp(5_000, true);
        time.interrupt();
        assert_eq!(time.stamp(0, false), 5_040, "metadata");
        assert_eq!(time.stamp(900_080, true), 5_040);
        assert_eq!(time.stamp(900_120, true), 5_080);
        assert_eq!(time.stamp(900_060, true), 5_040, "audio that began a little earlier");
    }

    #[test]
    fn goes_on_over_the_end_of_the_circle() {
        let mut time = Timeline::default();
        time.stamp(u32::MAX - 19, true);
        time.interrupt();
        assert_eq!(time.stamp(0, true), 20);
        assert_eq!(time.stamp(33, true), 53);
        assert_eq!(time.latest(), 53);
    }

    #[test]
    fn the_floor_is_forgotten_before_it_comes_round_again() {
        let mut time = Timeline::default();
        time.stamp(1_000, true);
        time.interrupt();
        let mut last = time.stamp(0, true);
        let hour = 3_600_000;
        for hours in 1..2_000_u32 {
            // In steps of 5 s, as a stream would.
            for step in 1..=720_u32 {
                let now = time.stamp((hours - 1).wrapping_mul(hour).wrapping_add(step * 5_000), true);
                assert_eq!(now.wrapping_sub(last), 5_000);
                last = now;
            }
        }
    }
}
