//! One connection that plays a stream.

use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure, Step};
use crate::target::Target;
use rtmp_session::tokio::Error;
use rtmp_session::{ClientEvent, Media, PlayOptions, SessionError, Status, StreamId, UserControl, code};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A stream being played.
pub(crate) struct Inlet {
    client: Client,
    stream: StreamId,
    target: Target,
    /// Longest time without media before the stream counts as stalled.
    patience: Duration,
    last_media: Instant,
    /// The server asked for it before playing had begun.
    asked_to_move: Option<Option<String>>,
    /// The publisher is away, and the server keeps us waiting for it.
    away: bool,
    /// The server asked which player this is, and heard nothing.
    unverified: bool,
}

/// What an [`Inlet`] hears.
#[derive(Debug)]
pub(crate) enum Heard {
    Media(Media),
    /// The publisher left; the server may keep us for its return.
    PublisherLeft,
    PublisherCame,
    /// The stream is over. Nothing follows.
    Ended(Status),
    /// The server asks to connect elsewhere.
    Reconnect(Option<String>),
}

impl Inlet {
    /// Connects and asks for the stream; returns when the server has agreed.
    pub(crate) async fn open(dialer: &Dialer, target: &Target, options: &PlayOptions) -> Result<Self, Failure> {
        let client = dialer.dial(target).await?;
        Self::play(client, dialer, target, options).await
    }

    /// Asks for the stream on a connection that is there.
    pub(crate) async fn play(
        mut client: Client,
        dialer: &Dialer,
        target: &Target,
        options: &PlayOptions,
    ) -> Result<Self, Failure> {
        let stream = client.session().play_with(&target.url.stream, options.clone());
        let patience = dialer.general().timeout.idle;
        let mut inlet = Self {
            client,
            stream,
            target: target.clone(),
            patience,
            last_media: Instant::now(),
            asked_to_move: None,
            away: false,
            unverified: false,
        };
        inlet.start(dialer.general().timeout.connect).await?;
        Ok(inlet)
    }

    async fn start(&mut self, limit: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + limit;
        loop {
            match timeout_at(deadline, self.client.next_event()).await {
                Ok(Ok(Some(ClientEvent::Started { .. }))) => break,
                Ok(Ok(Some(ClientEvent::Ended { status, .. }))) => return Err(self.refused(&status)),
                Ok(Ok(Some(ClientEvent::Reconnect { url }))) => self.asked_to_move = Some(url),
                Ok(Ok(Some(event))) => self.note_swf_request(&event),
                Ok(Ok(None)) => {
                    return Err(
                        self.closed(Step::Play, "servers do that to a stream they do not have, or do not want to show")
                    );
                }
                Ok(Err(error)) => return Err(self.broken(&error)),
                Err(_) => {
                    return Err(self
                        .failure(Step::Play, "no answer to the play command")
                        .exit(Exit::Stalled)
                        .hint("is the stream name right? some servers leave a wrong one without an answer"));
                }
            }
        }
        self.last_media = Instant::now();
        Ok(())
    }

    /// What comes next. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Heard, Failure> {
        if let Some(url) = self.asked_to_move.take() {
            return Ok(Heard::Reconnect(url));
        }
        loop {
            // While the publisher is away it is for the caller to lose patience.
            let deadline = if self.away { Instant::now() + A_LONG_TIME } else { self.last_media + self.patience };
            let Ok(event) = timeout_at(deadline, self.client.next_event()).await else {
                return Err(self.stalled());
            };
            let event = match event {
                Ok(Some(event)) => event,
                Ok(None) => {
                    return Err(
                        self.closed(Step::Media, "the server may be going down; --trace FILE shows what was said")
                    );
                }
                Err(error) => return Err(self.broken(&error)),
            };
            match event {
                ClientEvent::Media { media, .. } => {
                    self.last_media = Instant::now();
                    self.away = false;
                    return Ok(Heard::Media(media));
                }
                ClientEvent::Ended { status, .. } if status.code == code::PLAY_STREAM_NOT_FOUND => {
                    return Err(self.refused(&status));
                }
                ClientEvent::Ended { status, .. } => return Ok(Heard::Ended(status)),
                ClientEvent::Status { status, .. }
                    if status.code == code::PLAY_UNPUBLISH_NOTIFY && !std::mem::replace(&mut self.away, true) =>
                {
                    return Ok(Heard::PublisherLeft);
                }
                ClientEvent::Control(UserControl::StreamEof(_)) if !std::mem::replace(&mut self.away, true) => {
                    return Ok(Heard::PublisherLeft);
                }
                ClientEvent::Status { status, .. } if status.code == code::PLAY_PUBLISH_NOTIFY => {
                    self.away = false;
                    self.last_media = Instant::now();
                    return Ok(Heard::PublisherCame);
                }
                ClientEvent::Reconnect { url } => return Ok(Heard::Reconnect(url)),
                event => self.note_swf_request(&event),
            }
        }
    }

    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Ends playing and says goodbye, without waiting long for an answer.
    pub(crate) async fn close(mut self) {
        let _ = self.client.session().end_stream(self.stream);
        let _ = tokio::time::timeout(Duration::from_millis(500), self.client.close()).await;
    }

    fn note_swf_request(&mut self, event: &ClientEvent) {
        let asked = matches!(event, ClientEvent::Control(UserControl::SwfVerifyRequest(_)));
        self.unverified |= asked && self.target.player.is_none();
    }

    fn closed(&self, step: Step, hint: &str) -> Failure {
        let hint = if self.unverified { "it asked for SWF verification; --swf-verify FILE answers" } else { hint };
        self.failure(step, "the server closed the connection").hint(hint)
    }

    fn stalled(&self) -> Failure {
        let seconds = self.patience.as_secs_f64();
        self.failure(Step::Media, &format!("nothing came for {seconds} s"))
            .exit(Exit::Stalled)
            .hint("is somebody publishing? --timeout idle=120 waits longer")
    }

    fn refused(&self, status: &Status) -> Failure {
        let text = self.target.secrets.hide(&format!("{}: {}", status.code, status.description));
        let failure = Failure::new(Step::Play, self.target.place(), text);
        if status.code == code::PLAY_STREAM_NOT_FOUND {
            return failure.exit(Exit::NoSuchStream).hint("check the stream name; is somebody publishing it?");
        }
        failure.hint("the server does not want to show this stream; does it need a token?")
    }

    fn broken(&self, error: &Error) -> Failure {
        let failure = self.failure(Step::Media, &error.to_string());
        match error {
            Error::Session(SessionError::TimedOut(_)) => failure.exit(Exit::Stalled),
            _ => failure,
        }
    }

    fn failure(&self, step: Step, cause: &str) -> Failure {
        Failure::new(step, self.target.place(), self.target.secrets.hide(cause))
    }
}

const A_LONG_TIME: Duration = Duration::from_secs(1 << 30);
