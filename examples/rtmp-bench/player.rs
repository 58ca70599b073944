//! One player: connects, plays, and checks every message.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rtmp_session::{ClientEvent, Media, MediaKind, RtmpUrl, StreamId};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, sleep_until};

use crate::clip::{is_key_frame, stamp_at};
use crate::control::Control;
use crate::stamp::{Stamp, StampError, now};
use crate::tally::Tally;
use crate::wire::{Scratch, Turn, Wire};

pub(crate) struct Player {
    pub(crate) url: RtmpUrl,
    /// Number of the stream in this run.
    pub(crate) stream: u16,
    pub(crate) verify: bool,
    /// Waits before it connects.
    pub(crate) joins_after: Duration,
    /// Bytes a second, for one that reads slowly.
    pub(crate) slow: Option<u32>,
    /// Looks at nothing once it has a picture.
    pub(crate) discard: bool,
    pub(crate) control: Arc<Control>,
    pub(crate) tally: Rc<RefCell<Tally>>,
}

impl Player {
    /// Plays until it is dropped, or until something goes wrong, which is counted.
    pub(crate) async fn run(self, scratch: Scratch) {
        sleep(self.joins_after).await;
        let permit = self.control.joining.acquire().await.expect("it is never closed");
        let mut view = View::new(&self);
        if let Err(reason) = self.play(&mut view, permit, scratch).await {
            self.tally.borrow_mut().fail("player", &reason);
        }
        view.end();
        self.control.count(|control| &control.ended);
    }

    async fn play(&self, view: &mut View<'_>, permit: SemaphorePermit<'_>, scratch: Scratch) -> Result<(), String> {
        let mut permit = Some(permit);
        let mut wire = Wire::connect(&self.url, scratch).await.map_err(|error| error.to_string())?;
        if self.slow.is_some() {
            wire.receive_at_most(SLOW_BUFFER).map_err(|error| error.to_string())?;
        }
        wire.session.play(&self.url.stream);
        loop {
            let read_at = RefCell::new(None);
            let turn = wire.turn(false, |event| {
                // One look at the clock for all that a read brought.
                let at = *read_at.borrow_mut().get_or_insert_with(now);
                view.handle(event, at)
            });
            let Turn::Read(count) = turn.await? else { continue };
            if view.started {
                drop(permit.take());
            }
            if self.discard && view.has_key_frame {
                return self.discard(&wire).await;
            }
            if let Some(rate) = self.slow {
                self.tally.borrow_mut().slow_bytes += count as u64;
                self.dawdle(Duration::from_secs_f64(count as f64 / f64::from(rate))).await;
            }
        }
    }

    /// Reads nothing for this long, or until it may catch up.
    async fn dawdle(&self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until && !self.control.is_catching_up() {
            sleep_until(until.min(Instant::now() + LOOK)).await;
        }
    }

    /// Answers nothing any more, which servers bear for as long as a measurement takes.
    async fn discard(&self, wire: &Wire) -> Result<(), String> {
        loop {
            let count = wire.discard().await.map_err(|error| error.to_string())?;
            if self.control.is_measuring() {
                self.tally.borrow_mut().bytes += count as u64;
            }
        }
    }
}

/// What a player has seen so far.
struct View<'a> {
    player: &'a Player,
    asked: Instant,
    asked_at: u64,
    started: bool,
    has_key_frame: bool,
    /// The number that comes next, of each kind.
    expected: HashMap<MediaKind, u64>,
    last_read: u64,
}

impl<'a> View<'a> {
    fn new(player: &'a Player) -> Self {
        let (asked, asked_at) = (Instant::now(), now());
        Self {
            player,
            asked,
            asked_at,
            started: false,
            has_key_frame: false,
            expected: HashMap::new(),
            last_read: asked_at,
        }
    }

    /// The player has ended before the run has.
    fn end(&self) {
        if self.has_key_frame {
            self.player.control.stop_watching();
            if self.player.slow.is_none() {
                self.player.tally.borrow_mut().watched_seconds += self.player.control.measured().as_secs_f64();
            }
        }
    }

    fn handle(&mut self, event: ClientEvent, read_at: u64) -> Result<(), String> {
        match event {
            ClientEvent::Started { .. } => {
                self.started = true;
                let mut tally = self.player.tally.borrow_mut();
                tally.start.record_nanos(self.asked.elapsed().as_nanos() as u64);
                Ok(())
            }
            ClientEvent::Media { media, .. } => {
                self.take(&media, read_at);
                Ok(())
            }
            ClientEvent::Ended { status, .. } => Err(status.code.to_string()),
            _ => Ok(()),
        }
    }

    fn take(&mut self, media: &Media, read_at: u64) {
        let mut tally = self.player.tally.borrow_mut();
        if !self.has_key_frame && is_key_frame(media) {
            self.has_key_frame = true;
            tally.first_frame.record_nanos(self.asked.elapsed().as_nanos() as u64);
            self.player.control.count(|control| &control.watching);
        }
        let measuring = self.player.control.is_measuring();
        if measuring && self.player.slow.is_none() {
            tally.messages += 1;
            tally.bytes += media.payload.len() as u64;
            tally.stalls += u64::from(read_at.saturating_sub(self.last_read) > STALL_NANOS);
        }
        self.last_read = read_at;
        let read = |at| Stamp::read(&media.payload, at, self.player.verify);
        match stamp_at(media).map_or(Err(StampError::Foreign), read) {
            Ok(stamp) => self.check(media.kind, stamp, read_at, measuring, &mut tally),
            Err(StampError::Corrupt) => tally.corrupt += 1,
            // Sequence headers and metadata have no stamp in our streams either.
            Err(StampError::Foreign) => {
                tally.foreign += u64::from(media.kind != MediaKind::Data && media.payload.get(1) != Some(&0));
            }
        }
    }

    fn check(&mut self, kind: MediaKind, stamp: Stamp, read_at: u64, measuring: bool, tally: &mut Tally) {
        tally.verified += u64::from(self.player.verify);
        tally.misdirected += u64::from(stamp.stream != self.player.stream);
        let expected = self.expected.insert(kind, stamp.sequence + 1).unwrap_or(stamp.sequence);
        let lost = match (self.player.slow, measuring) {
            (Some(_), _) => &mut tally.slow_lost,
            (None, true) => &mut tally.lost,
            (None, false) => &mut tally.lost_before,
        };
        *lost += stamp.sequence.saturating_sub(expected);
        tally.reordered += u64::from(stamp.sequence < expected);
        // What is older than the player itself came from the server's cache, and is not late.
        if measuring && self.player.slow.is_none() && stamp.nanos >= self.asked_at {
            tally.latency.record_nanos(read_at.saturating_sub(stamp.nanos));
        }
    }
}

/// Connects, plays, and closes as soon as the server says that it plays.
pub(crate) async fn knock(url: &RtmpUrl, scratch: Scratch, tally: &Rc<RefCell<Tally>>) -> Result<(), String> {
    let asked = Instant::now();
    let mut wire = Wire::connect(url, scratch).await.map_err(|error| error.to_string())?;
    let stream: StreamId = wire.session.play(&url.stream);
    let mut started = false;
    while !started {
        wire.turn(false, |event| match event {
            ClientEvent::Started { stream: which } => {
                started |= which == stream;
                Ok(())
            }
            ClientEvent::Ended { status, .. } => Err(status.code.to_string()),
            _ => Ok(()),
        })
        .await?;
    }
    tally.borrow_mut().start.record_nanos(asked.elapsed().as_nanos() as u64);
    Ok(())
}

const STALL_NANOS: u64 = 1_000_000_000;
/// Receive buffer of a slow player. What the kernel gives of itself holds seconds of a stream, so that for all of a short
/// measurement the server would hardly know that somebody is slow.
const SLOW_BUFFER: usize = 64 << 10;
/// How often a slow player looks whether it may catch up.
const LOOK: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> Player {
        Player {
            url: "rtmp://localhost/live/x".parse().unwrap(),
            stream: 3,
            verify: true,
            joins_after: Duration::ZERO,
            slow: None,
            discard: false,
            control: Arc::new(Control::new(1)),
            tally: Rc::default(),
        }
    }

    fn video(stream: u16, sequence: u64) -> Media {
        let mut payload = vec![0x27, 1, 0, 0, 0, 0, 0, 0, 0, 6, 5, 60];
        let at = payload.len();
        payload.resize(200, 1);
        Stamp { stream, sequence, nanos: now() }.write(&mut payload, at);
        Media::video(0, payload)
    }

    #[test]
    fn what_is_missing_again_damaged_or_misdirected_is_counted() {
        let player = player();
        player.control.measure(true);
        let mut view = View::new(&player);
        for sequence in [10, 11, 14, 13, 14, 15] {
            view.take(&video(3, sequence), now());
        }
        view.take(&video(4, 16), now());
        let mut damaged = video(3, 17).payload.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        view.take(&Media::video(0, damaged), now());
        view.take(&Media::video(0, vec![0x27, 1, 0, 0, 0, 1, 2, 3]), now());
        let tally = player.tally.borrow();
        assert_eq!((tally.lost, tally.reordered), (2, 1));
        assert_eq!((tally.misdirected, tally.corrupt, tally.foreign), (1, 1, 1));
        assert_eq!((tally.messages, tally.verified, tally.latency.count()), (9, 7, 7));
    }

    #[test]
    fn who_ends_is_not_watching_any_more_and_its_time_counts() {
        let player = player();
        let mut view = View::new(&player);
        view.take(&Media::video(0, vec![0x17, 1, 0, 0, 0]), now());
        assert_eq!(player.control.watching.get(), 1);
        player.control.measure(true);
        std::thread::sleep(Duration::from_millis(2));
        view.end();
        assert_eq!(player.control.watching.get(), 0);
        assert!(player.tally.borrow().watched_seconds >= 0.002);
    }

    #[test]
    fn what_was_made_before_the_player_came_is_not_late() {
        let player = player();
        player.control.measure(true);
        let cached = video(3, 0);
        std::thread::sleep(Duration::from_millis(2));
        let mut view = View::new(&player);
        view.take(&cached, now());
        assert_eq!((player.tally.borrow().messages, player.tally.borrow().latency.count()), (1, 0));
    }
}
