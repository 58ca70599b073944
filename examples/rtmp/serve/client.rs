//! One client of the test server.

use super::Server;
use super::request::{Action, ConsoleRequest};
use crate::secrets::Secrets;
use crate::transcript::{Traced, Transcript};
use rtmp_session::amf::{Value, amf0};
use rtmp_session::auth::Verdict;
use rtmp_session::tokio::live::{Hub, Publisher, Ready, Subscription};
use rtmp_session::tokio::{Connection, Error, ServerConnection, Transport};
use rtmp_session::{
    CommandError, ConnectRequest, Level, Media, PlayRequest, PublishRequest, ServerEvent, ServerSession, SessionError,
    Status, StreamId, UserControl,
};
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;
use tokio::sync::broadcast;

type Client = Connection<ServerSession, Traced<Transport>>;

/// From accept to close.
pub(super) struct Visit {
    number: u64,
    name: String,
    server: Arc<Server>,
    hub: Hub,
    transcript: Option<Transcript>,
    requests: broadcast::Receiver<ConsoleRequest>,
    publisher: Option<Publisher>,
    stream: Option<StreamId>,
    feed: Option<Subscription>,
}

impl Visit {
    pub(super) fn new(
        number: u64,
        name: String,
        server: Arc<Server>,
        hub: Hub,
        transcript: Option<Transcript>,
        requests: broadcast::Receiver<ConsoleRequest>,
    ) -> Self {
        Self { number, name, server, hub, transcript, requests, publisher: None, stream: None, feed: None }
    }

    pub(super) async fn run(mut self, connection: ServerConnection) {
        let (session, io) = connection.into_parts();
        let tap = self.transcript.as_ref().map(|file| file.connection(self.name.clone(), Secrets::default()));
        let client = Connection::new(session, Traced { io, tap });
        let ended = self.serve(client).await;
        match ended {
            Ok(()) => self.note("closed"),
            // Its words are in the line above, without what is secret in them.
            Err(Error::Session(SessionError::Refused(_))) => self.note("refused"),
            Err(error) => self.note(&error.to_string()),
        }
    }

    async fn serve(&mut self, mut client: Client) -> Result<(), Error> {
        loop {
            let room = client.has_room();
            tokio::select! {
                event = client.next_event() => match event? {
                    Some(ServerEvent::Closed) => return client.close().await,
                    Some(event) => self.handle(&mut client, event)?,
                    None => return Ok(()),
                },
                ready = ready(&mut self.feed), if room => self.pass_on(&mut client, ready)?,
                request = self.requests.recv() => {
                    let Ok(request) = request else { continue };
                    if request.client.is_some_and(|number| number != self.number) {
                        continue;
                    }
                    if request.action == Action::Close {
                        return client.close().await;
                    }
                    self.act(&mut client, request.action);
                }
            }
        }
    }

    fn handle(&mut self, client: &mut Client, event: ServerEvent) -> Result<(), Error> {
        let session = client.session();
        match event {
            ServerEvent::Connect(request) => match self.why_not_connect(&request) {
                Some(reason) => session.reject(request, &reason)?,
                None => {
                    session.accept_connect(request)?;
                    if self.server.player.is_some() {
                        session.send_control(&UserControl::SwfVerifyRequest(Some(1)))?;
                    }
                }
            },
            ServerEvent::Publish(request) => self.answer_publish(session, request)?,
            ServerEvent::Play(request) => self.answer_play(session, request)?,
            ServerEvent::Media { media, .. } => {
                if let Some(publisher) = &mut self.publisher {
                    publisher.push(media);
                }
            }
            ServerEvent::Ended { .. } => {
                self.publisher = None;
                self.feed = None;
                self.stream = None;
            }
            ServerEvent::Command { call, .. } if call.wants_reply() => {
                let arguments = call.args.clone();
                session.reply(call, &arguments)?;
            }
            ServerEvent::SwfVerification(answer) => {
                if let (Some(player), Some(peer)) = (self.server.player, session.peer()) {
                    self.note(if answer[..] == player.answer(&peer.own_tail) {
                        "the right SWF"
                    } else {
                        "another SWF"
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn answer_publish(&mut self, session: &mut ServerSession, request: PublishRequest) -> Result<(), CommandError> {
        if let Some(reason) = &self.server.options.refuse_publish {
            return session.reject(request, reason);
        }
        match self.hub.publish(&key(&request.app, &request.name)) {
            Ok(publisher) => {
                self.publisher = Some(publisher);
                self.stream = Some(request.stream);
                session.accept_publish(request)
            }
            Err(busy) => session.reject(request, &busy.to_string()),
        }
    }

    fn answer_play(&mut self, session: &mut ServerSession, request: PlayRequest) -> Result<(), CommandError> {
        let key = key(&request.app, &request.name);
        if let Some(reason) = &self.server.options.refuse_play {
            return session.reject(request, reason);
        }
        if self.server.options.no_waiting && !self.hub.is_live(&key) {
            return session.reject(request, "nobody publishes this stream");
        }
        self.feed = Some(self.hub.subscribe(&key));
        self.stream = Some(request.stream);
        session.accept_play(request)
    }

    fn note(&self, text: &str) {
        if let Some(transcript) = &self.transcript {
            transcript.note(&self.name, text);
        }
    }

    fn why_not_connect(&self, request: &ConnectRequest) -> Option<String> {
        if let Some(reason) = &self.server.options.refuse_connect {
            return Some(reason.clone());
        }
        let (user, password) = self.server.options.credentials()?;
        let Ok(nonce) = getrandom::u32() else { return Some("no challenge can be made".to_owned()) };
        let mut auth = self.server.auth.lock().unwrap_or_else(PoisonError::into_inner);
        match auth.check_request(request, SystemTime::now(), nonce, |name| (name == user).then(|| password.to_owned()))
        {
            Verdict::Accepted { .. } => None,
            Verdict::Refused { description } => Some(description),
        }
    }

    fn pass_on(&mut self, client: &mut Client, ready: Ready) -> Result<(), Error> {
        let (Some(feed), Some(stream)) = (&mut self.feed, self.stream) else { return Ok(()) };
        match ready {
            Ready::Media => {
                while let Some(media) = feed.try_next() {
                    client.session().send_media(stream, &media)?;
                    if !client.has_room() {
                        break;
                    }
                }
            }
            Ready::Ended => client.session().notify_unpublished(stream)?,
            _ => {}
        }
        Ok(())
    }

    /// Does what the console asks for; what cannot be done is said and harms nobody.
    fn act(&self, client: &mut Client, action: Action) {
        let session = client.session();
        let number = self.stream.and_then(|stream| session.message_stream_id(stream)).unwrap_or(0);
        let result = match action {
            Action::Ping => session.send_control(&UserControl::PingRequest(0)),
            Action::StreamBegin => session.send_control(&UserControl::StreamBegin(number)),
            Action::StreamEof => session.send_control(&UserControl::StreamEof(number)),
            Action::StreamDry => session.send_control(&UserControl::StreamDry(number)),
            Action::Status { code, text, error } => {
                let level = if error { Level::Error } else { Level::Status };
                session.send_status(self.stream, &Status::new(level, code, text))
            }
            Action::Call { name, values } => session.notify(None, &name, &values),
            Action::Notify { name, values } => session.notify(self.stream, &name, &values),
            Action::Data { name, values } => match (self.stream, data(&name, &values)) {
                (Some(stream), Some(media)) => session.send_media(stream, &media),
                _ => return complain!("rtmp: {} plays nothing", self.name),
            },
            Action::Reconnect(url) => session.request_reconnect(url.as_deref()),
            Action::End(reason) => match self.stream {
                Some(stream) => session.end_stream(stream, &reason),
                None => return complain!("rtmp: {} has no stream", self.name),
            },
            Action::Close => Ok(()),
        };
        if let Err(error) = result {
            complain!("rtmp: {}: {error}", self.name);
        }
    }
}

async fn ready(feed: &mut Option<Subscription>) -> Ready {
    match feed {
        Some(feed) => feed.ready().await,
        None => std::future::pending().await,
    }
}

fn data(name: &str, values: &[Value]) -> Option<Media> {
    let mut payload = Vec::new();
    for value in [Value::from(name)].iter().chain(values) {
        amf0::encode(value, &mut payload).ok()?;
    }
    Some(Media::data(0, payload))
}

fn key(app: &str, name: &str) -> String {
    format!("{app}/{name}")
}
