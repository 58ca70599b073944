//! One publish target of a live stream, supervised: it connects, publishes, and comes back when it has to.

use crate::backoff::Backoff;
use crate::codec_check::{self, CodecCheck};
use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure, Step};
use crate::progress::{Line, Progress};
use crate::target::Target;
use rtmp_session::tokio::Error;
use rtmp_session::tokio::live::{Hub, Ready, Subscription};
use rtmp_session::{ClientEvent, Media, SessionError, StreamId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

/// What all targets of a run share.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) hub: Hub,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) progress: Progress,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Each target says once whether its first attempt has succeeded.
    pub(crate) tried: mpsc::UnboundedSender<bool>,
    /// How long a target may be away before it is given up; `None` is for ever.
    pub(crate) give_up: Option<Duration>,
    /// Send no codec that a server does not list.
    pub(crate) strict: bool,
}

/// Where the source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It waits for the targets' first attempts.
    Waiting,
    Running,
    Ended,
}

/// The key of the one stream in the hub.
pub(crate) const SOURCE: &str = "source";

/// How one connection ended.
enum End {
    /// The source has ended and everything is sent.
    Complete,
    /// The server asked to move; here is the connection to the new place.
    Moved(Box<Client>, StreamId),
    Failed(Failure),
}

/// Publishes until the source ends. The error is the last one seen if the target is not live by then.
pub(crate) async fn run(target: Target, feed: Feed, line: Line) -> Result<(), Failure> {
    let mut outlet = Outlet {
        target,
        feed,
        line,
        backoff: Backoff::default(),
        tried: false,
        was_live: false,
        asked_to_move: None,
        codecs: CodecCheck::default(),
        unlisted: false,
    };
    outlet.supervise().await
}

struct Outlet {
    target: Target,
    feed: Feed,
    line: Line,
    backoff: Backoff,
    tried: bool,
    was_live: bool,
    /// The server asked for it before the publish had begun.
    asked_to_move: Option<Option<String>>,
    codecs: CodecCheck,
    /// Something was not sent because the server does not list it: it never will.
    unlisted: bool,
}

impl Outlet {
    async fn supervise(&mut self) -> Result<(), Failure> {
        let mut away_since = Instant::now();
        loop {
            self.line.state("connecting");
            let failure = match self.connect().await {
                Ok((client, stream)) => {
                    self.feed.progress.note(format!("{}: live", self.target.display()));
                    match self.stay(client, stream).await {
                        Ok(()) => return Ok(()),
                        Err(failure) => {
                            away_since = Instant::now();
                            failure
                        }
                    }
                }
                Err(failure) => failure,
            };
            self.say_tried();
            // As long as it is open whether anybody can be reached, there is nothing to come back for.
            let _ = self.feed.phase.wait_for(|phase| *phase != Phase::Waiting).await;
            // A server may hold the name of a connection that it has not noticed to be dead yet.
            if !failure.is_passing() && (!self.was_live || self.unlisted) {
                return Err(failure);
            }
            if self.feed.give_up.is_some_and(|limit| away_since.elapsed() >= limit) || self.ended() {
                return Err(failure);
            }
            let pause = self.backoff.next(Instant::now().into_std());
            self.line.state("waiting");
            self.feed.progress.note(format!("{failure}\n  again in {:.1} s", pause.as_secs_f64()));
            tokio::select! {
                () = sleep(pause) => {}
                _ = self.feed.phase.wait_for(|phase| *phase == Phase::Ended) => return Err(failure),
            }
        }
    }

    /// Everything up to an accepted publish.
    async fn connect(&mut self) -> Result<(Client, StreamId), Failure> {
        let mut client = self.feed.dialer.dial(&self.target).await?;
        let stream = client.session().publish(&self.target.url.stream);
        self.start(&mut client, stream).await?;
        Ok((client, stream))
    }

    async fn start(&mut self, client: &mut Client, stream: StreamId) -> Result<(), Failure> {
        self.asked_to_move = None;
        let limit = self.feed.dialer.general().timeout.connect;
        let started = async {
            let mut asked_to_move = None;
            loop {
                match client.next_event().await {
                    Ok(Some(ClientEvent::Started { stream: started })) if started == stream => {
                        return Ok(asked_to_move);
                    }
                    Ok(Some(ClientEvent::Ended { status, .. })) => return Err(self.refused(&status)),
                    Ok(Some(ClientEvent::Reconnect { url })) => asked_to_move = Some(url),
                    Ok(Some(_)) => {}
                    Ok(None) => return Err(self.failure("the server closed the connection").exit(Exit::Refused)),
                    Err(error) => return Err(self.failure(&error.to_string()).exit(Exit::NoConnection)),
                }
            }
        };
        match tokio::time::timeout(limit, started).await {
            Ok(started) => {
                self.asked_to_move = started?;
                Ok(())
            }
            Err(_) => Err(self
                .failure("no answer to the publish command")
                .exit(Exit::Stalled)
                .hint("is the stream name or key right? some servers leave a wrong one without an answer")),
        }
    }

    /// Stays live, wherever the server moves it. Ok when the source has ended and all of it is sent.
    async fn stay(&mut self, mut client: Client, mut stream: StreamId) -> Result<(), Failure> {
        loop {
            let feed = self.feed.hub.subscribe(SOURCE);
            self.line.state("live");
            if self.was_live {
                self.line.reconnected();
            }
            self.was_live = true;
            self.say_tried();
            if self.ended() && !self.feed.hub.is_live(SOURCE) {
                return self.leave(client, stream).await; // it ended while we were connecting
            }
            match self.pump(client, stream, feed).await {
                End::Complete => return Ok(()),
                End::Moved(moved, anew) => (client, stream) = (*moved, anew),
                End::Failed(failure) => return Err(failure),
            }
        }
    }

    async fn pump(&mut self, mut client: Client, stream: StreamId, mut feed: Subscription) -> End {
        let mut sent = 0;
        if let Some(url) = self.asked_to_move.take()
            && let Some(moved) = self.move_on(&mut client, url, stream).await
        {
            tokio::spawn(client.close());
            return End::Moved(Box::new(moved), stream);
        }
        loop {
            let room = client.has_room();
            tokio::select! {
                event = client.next_event() => match event {
                    Ok(Some(ClientEvent::Ended { status, .. })) => return End::Failed(self.refused(&status)),
                    Ok(Some(ClientEvent::Reconnect { url })) => {
                        if let Some(moved) = self.move_on(&mut client, url, stream).await {
                            tokio::spawn(client.close());
                            return End::Moved(Box::new(moved), stream);
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return End::Failed(self.failure("the server closed the connection")),
                    Err(error) => return End::Failed(self.broken(&error)),
                },
                ready = feed.ready(), if room => match ready {
                    Ready::Media => {
                        if let Err(failure) = self.send(&mut client, stream, &mut feed, &mut sent) {
                            return End::Failed(failure);
                        }
                    }
                    Ready::Gap(gap) => {
                        self.line.dropped(gap.skipped);
                        let text = format!("{}: too slow, {} messages left out", self.target.display(), gap.skipped);
                        self.feed.progress.note(text);
                    }
                    _ => {
                        return match self.leave(client, stream).await {
                            Ok(()) => End::Complete,
                            Err(failure) => End::Failed(failure),
                        };
                    }
                },
            }
        }
    }

    /// What is there, as far as the connection has room; `sent` counts it.
    fn send(
        &mut self,
        client: &mut Client,
        stream: StreamId,
        feed: &mut Subscription,
        sent: &mut u32,
    ) -> Result<(), Failure> {
        while let Some(media) = feed.try_next() {
            self.check_codec(client, &media)?;
            *sent += 1;
            if *sent == SETTLED {
                self.backoff.reset();
            }
            client.session().send_media(stream, &media).map_err(|error| self.failure(&error.to_string()))?;
            self.line.media(media.timestamp.into(), media.payload.len());
            if !client.has_room() {
                break;
            }
        }
        Ok(())
    }

    fn check_codec(&mut self, client: &mut Client, media: &Media) -> Result<(), Failure> {
        match self.codecs.check(media, client.session().capabilities()) {
            Ok(()) => Ok(()),
            Err(error) if self.feed.strict => {
                self.unlisted = true;
                Err(codec_check::refusal(error, &self.target))
            }
            Err(error) => {
                self.feed.progress.note(codec_check::warning(error, &self.target));
                Ok(())
            }
        }
    }

    /// Goes where the server asks to, while the old connection stays open. `None`: it stays where it is.
    async fn move_on(&mut self, client: &mut Client, url: Option<String>, stream: StreamId) -> Option<Client> {
        let session = match client.session().successor(url.as_deref(), Instant::now().into_std()) {
            Ok(session) => session,
            Err(error) => {
                self.feed.progress.note(format!("{}: stays: {error}", self.target.display()));
                return None;
            }
        };
        let mut target = self.target.clone();
        target.url = session.url().clone();
        self.feed.progress.note(format!("{}: the server asks to move to {}", self.target.display(), target.display()));
        let moved = async {
            let mut moved = self.feed.dialer.follow(session, &target).await?;
            self.start(&mut moved, stream).await?;
            Ok::<_, Failure>(moved)
        };
        match moved.await {
            Ok(moved) => {
                let _ = client.session().end_stream(stream);
                Some(moved)
            }
            Err(failure) => {
                self.feed.progress.note(failure.to_string());
                None
            }
        }
    }

    async fn leave(&self, mut client: Client, stream: StreamId) -> Result<(), Failure> {
        self.line.state("ending");
        let _ = client.session().end_stream(stream);
        let result = client.close().await.map_err(|error| self.broken(&error));
        self.line.state("done");
        result
    }

    fn ended(&self) -> bool {
        *self.feed.phase.borrow() == Phase::Ended
    }

    fn say_tried(&mut self) {
        if !self.tried {
            self.tried = true;
            let _ = self.feed.tried.send(self.was_live);
        }
    }

    fn refused(&self, status: &rtmp_session::Status) -> Failure {
        let text = self.target.secrets.hide(&format!("{}: {}", status.code, status.description));
        Failure::new(Step::Publish, self.target.place(), text)
            .hint("somebody else may publish under this name; else check the stream name or key")
    }

    fn broken(&self, error: &Error) -> Failure {
        let failure = self.failure(&error.to_string());
        match error {
            Error::Session(SessionError::TimedOut(_)) => failure.exit(Exit::Stalled),
            _ => failure,
        }
    }

    fn failure(&self, cause: &str) -> Failure {
        Failure::new(Step::Media, self.target.place(), self.target.secrets.hide(cause))
    }
}

/// Messages after which a connection counts as working.
const SETTLED: u32 = 100;
