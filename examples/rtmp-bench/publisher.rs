//! One publisher: sends the clip in its own time, a stamp in each message.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rtmp_session::{ClientEvent, Media, MediaKind, RtmpUrl, StreamId};
use tokio::time::{Instant, sleep_until};

use crate::clip::{Clip, Due};
use crate::control::Control;
use crate::stamp::{Stamp, now};
use crate::tally::Tally;
use crate::wire::{Scratch, Wire};

pub(crate) struct Publisher {
    pub(crate) url: RtmpUrl,
    pub(crate) stream: u16,
    pub(crate) clip: Arc<Clip>,
    pub(crate) flat_out: bool,
    pub(crate) control: Arc<Control>,
    pub(crate) tally: Rc<RefCell<Tally>>,
}

impl Publisher {
    /// Publishes until it is dropped, or until something goes wrong, which is counted.
    pub(crate) async fn run(self, scratch: Scratch) {
        if let Err(reason) = self.publish(scratch).await {
            self.tally.borrow_mut().fail("publisher", &reason);
        }
        self.control.count(|control| &control.ended);
    }

    async fn publish(&self, scratch: Scratch) -> Result<(), String> {
        let mut wire = Wire::connect(&self.url, scratch).await.map_err(|error| error.to_string())?;
        let stream = wire.session.publish(&self.url.stream);
        let mut started = false;
        while !started {
            wire.turn(false, |event| {
                started |= matches!(event, ClientEvent::Started { .. });
                go_on(event)
            })
            .await?;
        }
        for media in self.clip.headers() {
            wire.session.send_media(stream, &media).map_err(|error| error.to_string())?;
        }
        wire.turn(true, go_on).await?;
        self.control.count(|control| &control.publishing);
        self.send(&mut wire, stream).await
    }

    async fn send(&self, wire: &mut Wire, stream: StreamId) -> Result<(), String> {
        let start = Instant::now();
        let (mut pictures, mut sounds) = (0, 0);
        loop {
            let due = self.clip.next(pictures, sounds);
            let time = start + Duration::from_micros(due.micros);
            if !self.flat_out {
                // A server that does not read stops the clock; what is late is sent then, not left out.
                self.wait(wire, time).await?;
                let late = time.elapsed().as_secs_f64() * 1000.0;
                let mut tally = self.tally.borrow_mut();
                tally.sent_late_ms = tally.sent_late_ms.max(late);
            }
            while wire.session.queued() > HIGH_WATER {
                wire.turn(true, go_on).await?;
            }
            let media = self.stamped(&due);
            *(if due.kind == MediaKind::Video { &mut pictures } else { &mut sounds }) += 1;
            self.count(&media);
            wire.session.send_media(stream, &media).map_err(|error| error.to_string())?;
        }
    }

    /// Writes and reads until it is `time`.
    async fn wait(&self, wire: &mut Wire, time: Instant) -> Result<(), String> {
        loop {
            tokio::select! {
                biased;
                turn = wire.turn(false, go_on) => { turn?; }
                () = sleep_until(time) => return Ok(()),
            }
        }
    }

    fn stamped(&self, due: &Due<'_>) -> Media {
        let mut payload = due.template.to_vec();
        Stamp { stream: self.stream, sequence: due.sequence, nanos: now() }.write(&mut payload, due.stamp_at);
        Media { kind: due.kind, timestamp: (due.micros / 1000) as u32, payload: payload.into() }
    }

    fn count(&self, media: &Media) {
        if self.control.is_measuring() {
            let mut tally = self.tally.borrow_mut();
            tally.sent_messages += 1;
            tally.sent_bytes += media.payload.len() as u64;
        }
    }
}

/// Nothing that the server says matters but the end.
fn go_on(event: ClientEvent) -> Result<(), String> {
    match event {
        ClientEvent::Ended { status, .. } => Err(status.code.to_string()),
        _ => Ok(()),
    }
}

/// Bytes that may be queued before the publisher waits for the server to take some.
const HIGH_WATER: usize = 256 << 10;
