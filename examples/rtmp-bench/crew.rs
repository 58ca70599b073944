//! Threads with publishers and players, and the steps of a run.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

use crate::args::{Crowd, Server, Source, Window};
use crate::clip::Clip;
use crate::control::Control;
use crate::outcome::NO_PICTURE;
use crate::player::Player;
use crate::process::Sample;
use crate::publisher::Publisher;
use crate::tally::Tally;
use crate::wire::Scratch;

/// Who takes part.
#[derive(Clone)]
pub(crate) struct Cast {
    pub(crate) server: Server,
    pub(crate) source: Option<Source>,
    pub(crate) crowd: Option<Crowd>,
}

/// What was seen within the measured time.
pub(crate) struct Seen {
    pub(crate) tally: Tally,
    pub(crate) elapsed: Duration,
    /// Before the players joined, and around the measured time.
    pub(crate) alone: Sample,
    pub(crate) begin: Sample,
    pub(crate) end: Sample,
    /// Players that had a picture when the measuring began, and when it ended.
    pub(crate) watching: u32,
    pub(crate) stayed: u32,
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Publish,
    Join,
    Stop,
}

impl Cast {
    /// Publishes, lets the players join, measures. Bounded by the times of `window`.
    pub(crate) fn perform(&self, window: &Window) -> std::io::Result<Seen> {
        let players = self.crowd.as_ref().map_or(0, |crowd| crowd.players);
        let control = Arc::new(Control::new(self.crowd.as_ref().map_or(1, |crowd| crowd.at_once)));
        let (stage, staged) = watch::channel(Stage::Publish);
        let threads = self.start(&control, &staged)?;
        let mut seen = runtime()?.block_on(self.conduct(&control, &stage, window, players));
        let _ = stage.send(Stage::Stop);
        for thread in threads {
            seen.tally.add(&thread.join().map_err(|_| std::io::Error::other("a thread of players panicked"))?);
        }
        Ok(seen)
    }

    fn start(
        &self,
        control: &Arc<Control>,
        staged: &watch::Receiver<Stage>,
    ) -> std::io::Result<Vec<JoinHandle<Tally>>> {
        let clip = self.source.as_ref().map(|source| Arc::new(Clip::new(&source.clip())));
        let count = self.server.thread_count();
        let thread = |index| {
            let part = Part { cast: self.clone(), clip: clip.clone(), control: control.clone(), index, count };
            let (runtime, mut staged) = (runtime()?, staged.clone());
            Ok(std::thread::spawn(move || {
                let local = LocalSet::new();
                let tally = Rc::new(RefCell::new(Tally::default()));
                local.block_on(&runtime, part.run(&mut staged, &tally));
                tally.take()
            }))
        };
        (0..count).map(thread).collect()
    }

    /// How long the players take to join, one after the other.
    pub(crate) fn join_over(&self) -> Duration {
        let asked = self.crowd.as_ref().and_then(|crowd| crowd.join_over);
        asked.or_else(|| self.gop()).unwrap_or(USUAL_GOP)
    }

    /// Of our own publishers.
    fn gop(&self) -> Option<Duration> {
        self.source.as_ref().map(|source| Duration::from_secs(source.gop.into()))
    }

    async fn conduct(&self, control: &Control, stage: &watch::Sender<Stage>, window: &Window, players: u32) -> Seen {
        let mut tally = Tally::default();
        let publishers = self.source.as_ref().map_or(0, |_| u32::from(self.server.streams));
        if !control.reach(|control| &control.publishing, publishers, window.join_within).await {
            tally.fail("publisher", &"not live in time");
        }
        // Behind the first key frame nobody would wait long for the next, and a cache would hold hardly more than it.
        sleep(self.gop().unwrap_or_default() / 2).await;
        let alone = Sample::take(self.server.pid);
        let _ = stage.send(Stage::Join);
        let join_within = self.join_over() + window.join_within;
        if !control.reach(|control| &control.watching, players, join_within).await {
            *tally.failures.entry(NO_PICTURE.to_owned()).or_default() += 1;
        }
        sleep(window.warm_up).await;
        let watching = control.watching.get();
        let (begin, began) = (Sample::take(self.server.pid), Instant::now());
        control.measure(true);
        sleep(window.time).await;
        control.measure(false);
        let (end, elapsed) = (Sample::take(self.server.pid), began.elapsed());
        let stayed = control.watching.get();
        if self.crowd.as_ref().is_some_and(|crowd| crowd.slow > 0) {
            control.catch_up();
            sleep(CATCH_UP).await;
        }
        Seen { tally, elapsed, alone, begin, end, watching, stayed }
    }
}

/// What one thread does.
struct Part {
    cast: Cast,
    clip: Option<Arc<Clip>>,
    control: Arc<Control>,
    index: usize,
    count: usize,
}

impl Part {
    async fn run(&self, staged: &mut watch::Receiver<Stage>, tally: &Rc<RefCell<Tally>>) {
        let scratch = Scratch::default();
        for stream in (0..self.cast.server.streams).skip(self.index).step_by(self.count) {
            if let Some(publisher) = self.publisher(stream, tally) {
                tokio::task::spawn_local(publisher.run(scratch.clone()));
            }
        }
        // An error means that the run is over.
        let _ = staged.wait_for(|stage| *stage >= Stage::Join).await;
        let players = self.cast.crowd.as_ref().map_or(0, |crowd| crowd.players);
        for number in (0..players).skip(self.index).step_by(self.count) {
            if let Some(player) = self.player(number, tally) {
                tokio::task::spawn_local(player.run(scratch.clone()));
            }
        }
        let _ = staged.wait_for(|stage| *stage == Stage::Stop).await;
    }

    fn publisher(&self, stream: u16, tally: &Rc<RefCell<Tally>>) -> Option<Publisher> {
        Some(Publisher {
            url: self.cast.server.url_of(stream),
            stream,
            clip: self.clip.clone()?,
            flat_out: self.cast.source.as_ref()?.flat_out,
            control: self.control.clone(),
            tally: tally.clone(),
        })
    }

    fn player(&self, number: u32, tally: &Rc<RefCell<Tally>>) -> Option<Player> {
        let crowd = self.cast.crowd.as_ref()?;
        let stream = (number % u32::from(self.cast.server.streams)) as u16;
        Some(Player {
            url: self.cast.server.url_of(stream),
            stream,
            verify: number.is_multiple_of(crowd.verify_every),
            joins_after: self.cast.join_over().mul_f64(f64::from(number) / f64::from(crowd.players)),
            discard: crowd.discard,
            slow: (number < crowd.slow).then_some(crowd.slow_kbps * 125),
            control: self.control.clone(),
            tally: tally.clone(),
        })
    }
}

pub(crate) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Long enough to read what sockets and servers keep for one player.
const CATCH_UP: Duration = Duration::from_secs(3);
/// As long as most encoders let pass between two key frames.
const USUAL_GOP: Duration = Duration::from_secs(2);
