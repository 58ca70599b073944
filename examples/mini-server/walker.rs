//! Brings the news of one stream to its players on one thread.
//!
//! It is woken once per batch of the publisher, not once per player and message, and walks the players once, each from
//! its own place to the head in one write. While it walks, more arrives and becomes one larger batch: under load the
//! writes grow by themselves, and the cost per byte falls.

use std::cell::{Cell, RefCell, RefMut};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::images::Images;
use crate::player::{Player, Ticket};
use crate::registry::Stream;

pub(crate) struct Walker {
    stream: Arc<Stream>,
    news: Arc<Notify>,
    players: RefCell<Vec<Player>>,
    /// While walking: index of the next player.
    position: Cell<usize>,
    /// How long a walk may take: the longest of the last ones, the older the less it counts.
    long_walk: Cell<Duration>,
    /// Since when the other tasks of the thread have had no turn.
    breath: Cell<Instant>,
    /// While walking: how long the turns of the others took.
    others: Cell<Duration>,
}

impl Walker {
    pub(crate) fn new(stream: &Arc<Stream>) -> Rc<Self> {
        let news = Arc::new(Notify::new());
        stream.lock().readers.add_walker(&news);
        Rc::new(Self {
            stream: Arc::clone(stream),
            news,
            players: RefCell::default(),
            position: Cell::new(0),
            long_walk: Cell::new(Duration::ZERO),
            breath: Cell::new(Instant::now()),
            others: Cell::new(Duration::ZERO),
        })
    }

    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.players.borrow().is_empty()
    }

    pub(crate) fn join(&self, player: Player) -> Rc<Ticket> {
        let ticket = Rc::clone(&player.ticket);
        let mut players = self.players.borrow_mut();
        ticket.slot.set(players.len());
        players.push(player);
        ticket
    }

    pub(crate) fn leave(&self, ticket: &Ticket) {
        let mut players = self.players.borrow_mut();
        let mut slot = ticket.slot.get();
        let position = self.position.get();
        // The last player takes the free slot. Were that behind the walk, this walk would pass it by; so a player that
        // was walked to takes the slot, and the last one takes a slot at the border.
        if slot < position {
            players.swap(slot, position - 1);
            players[slot].ticket.slot.set(slot);
            slot = position - 1;
            self.position.set(slot);
        }
        players.swap_remove(slot).set_blocked(false, &self.stream);
        if let Some(moved) = players.get(slot) {
            moved.ticket.slot.set(slot);
        }
        if players.is_empty() {
            self.news.notify_one();
        }
    }

    /// The player of that ticket.
    pub(crate) fn player(&self, ticket: &Ticket) -> RefMut<'_, Player> {
        RefMut::map(self.players.borrow_mut(), |players| &mut players[ticket.slot.get()])
    }

    /// Until the last player has left.
    pub(crate) async fn run(&self, coalesce: Duration) {
        let mut since = None;
        loop {
            if !self.take_news() {
                self.news.notified().await;
                self.breath.set(Instant::now());
                since = None;
            }
            if !coalesce.is_zero() && !self.is_idle() {
                self.hold(since.unwrap_or_else(Instant::now), coalesce).await;
                // What came meanwhile is part of this walk.
                self.take_news();
            }
            // Looked at last: among the news just taken may be that the last player has left, which nobody tells twice.
            if self.is_idle() {
                break;
            }
            let start = Instant::now();
            self.others.set(Duration::ZERO);
            self.walk().await;
            let walk = start.elapsed().saturating_sub(self.others.get());
            self.long_walk.set(walk.max(self.long_walk.get() * 7 / 8));
            // News that came during the walk is as old as that.
            since = Some(start);
        }
        self.stream.lock().readers.remove_walker(&self.news);
    }

    /// Waits, so that more is sent with each write: not longer than `coalesce` from the arrival of the first message to
    /// its sending, and not longer than it takes to make walking a small part of the time.
    async fn hold(&self, since: Instant, coalesce: Duration) {
        let walk = self.long_walk.get();
        let delay = (walk * WALKS_OF_TIME).min(coalesce.saturating_sub(walk + TIMER_STEP));
        tokio::time::sleep_until((since + delay).into()).await;
        self.breath.set(Instant::now());
    }

    /// Lets the other tasks of the thread, publishers and newcomers among them, have their turn if it is time: where
    /// there always is news, walks follow each other without an end. Whether it did.
    async fn breathe(&self) -> bool {
        let is_time = self.breath.get().elapsed() > LONGEST_STRETCH;
        if is_time {
            let start = Instant::now();
            tokio::task::yield_now().await;
            self.breath.set(Instant::now());
            self.others.set(self.others.get() + start.elapsed());
        }
        is_time
    }

    async fn walk(&self) {
        let pushes = self.stream.lock().readers.pushes();
        let is_alone = self.players.borrow().len() == 1;
        let mut images = if is_alone { Images::for_one(&self.stream) } else { Images::for_many(&self.stream) };
        self.position.set(0);
        loop {
            let position = self.position.get();
            match self.players.borrow_mut().get_mut(position) {
                Some(player) => player.pump(&mut images),
                None => break,
            }
            self.position.set(position + 1);
            if position.is_multiple_of(PLAYERS_PER_LOOK_AT_THE_CLOCK) && self.breathe().await {
                images.refresh();
            }
        }
        self.position.set(0);
        self.stream.lock().readers.walked(&self.news, pushes);
    }

    /// Whether there was news. It is taken then.
    fn take_news(&self) -> bool {
        pin!(self.news.notified()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

/// With `--coalesce`, walking takes about one part of the time in this many, if the duration allows it.
const WALKS_OF_TIME: u32 = 100;
/// What the runtime's timers round up by.
const TIMER_STEP: Duration = Duration::from_millis(1);
const PLAYERS_PER_LOOK_AT_THE_CLOCK: usize = 8;
/// How long walking goes on before the other tasks of its thread get their turn.
const LONGEST_STRETCH: Duration = Duration::from_millis(5);
