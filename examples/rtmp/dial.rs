//! Everything up to an accepted connect command, with an error for each step of it.

use crate::failure::{Exit, Failure, Step};
use crate::general::General;
use crate::proxy::Proxy;
use crate::secure_token;
use crate::target::Target;
use crate::transcript::{Traced, Transcript};
use crate::trust;
use rtmp_session::amf::Value;
use rtmp_session::auth::{AuthError, ClientAuth};
use rtmp_session::tokio::tls::TlsClient;
use rtmp_session::tokio::{Connection, Error, Transport};
use rtmp_session::{ClientConfig, ClientEvent, ClientSession, CutOff, RtmpUrl, SessionError, Status, Timeout};
use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

/// A client connection of this program.
pub(crate) type Client = Connection<ClientSession, Traced<Transport>>;

/// Opens connections as the general options say.
pub(crate) struct Dialer {
    general: General,
    tls: OnceLock<TlsClient>,
    transcript: Option<Transcript>,
}

impl Dialer {
    pub(crate) fn new(general: &General) -> Result<Self, Failure> {
        let transcript = general.trace.as_deref().map(Transcript::create).transpose()?;
        Ok(Self { general: general.clone(), tls: OnceLock::new(), transcript })
    }

    pub(crate) fn general(&self) -> &General {
        &self.general
    }

    /// Connects and authenticates. Returns when the server has accepted the connect command.
    pub(crate) async fn dial(&self, target: &Target) -> Result<Client, Failure> {
        let config = self.config(target).await?;
        let deadline = Instant::now() + self.general.timeout.connect;
        let mut url = target.url.clone();
        let mut auth = target.credentials.clone().map(ClientAuth::new);
        loop {
            let io = self.open(&url, target, deadline).await?;
            let session = ClientSession::new(config.clone(), &url, Instant::now().into_std());
            match self.establish(session, io, target, deadline).await? {
                Ok(mut client) => {
                    answer_secure_token(&mut client, target);
                    return Ok(client);
                }
                Err(status) => {
                    // Credentials are for a server that asks for them, each time on a new connection.
                    let Some(auth) = &mut auth else { return Err(refused(target, &status)) };
                    let nonce =
                        getrandom::u32().map_err(|error| Failure::new(Step::ConnectCommand, target.place(), error))?;
                    match auth.handle_refusal(&target.url.app, &status.description, nonce) {
                        Ok(()) => url.app = auth.app(&target.url.app),
                        Err(AuthError::NotAsked) => return Err(refused(target, &status)),
                        Err(error) => {
                            return Err(Failure::new(Step::ConnectCommand, target.place(), error)
                                .hint("check user and password in rtmp://USER:PASSWORD@HOST/APP/STREAM"));
                        }
                    }
                }
            }
        }
    }

    /// Connects where a session that the server asked to move goes on; its streams go with it.
    pub(crate) async fn follow(&self, session: ClientSession, target: &Target) -> Result<Client, Failure> {
        let deadline = Instant::now() + self.general.timeout.connect;
        let io = self.open(&session.url().clone(), target, deadline).await?;
        self.establish(session, io, target, deadline).await?.map_err(|status| refused(target, &status))
    }

    async fn config(&self, target: &Target) -> Result<ClientConfig, Failure> {
        let timeouts = self.general.timeout;
        let mut config = target.config.clone();
        config.link = config
            .link
            .handshake_timeout(timeouts.connect)
            .idle_timeout(Some(timeouts.idle))
            .ping_interval(Some(timeouts.idle / 2));
        if let Some(player) = &target.player {
            config = config.swf_verification(player.verification(self.general.proxy.as_ref()).await?);
        }
        Ok(config)
    }

    /// Resolve, connect, TLS.
    async fn open(&self, url: &RtmpUrl, target: &Target, deadline: Instant) -> Result<Transport, Failure> {
        let authority = match &self.general.connect_to {
            Some(other) => other.clone(),
            None => url.authority(),
        };
        let socket = match &self.general.proxy {
            None => {
                let addresses = resolve(&authority, target, deadline).await?;
                connect_any(&addresses, &authority, target, deadline).await?
            }
            Some(proxy) => through(proxy, &authority, target, deadline).await?,
        };
        let _ = socket.set_nodelay(true);
        if !url.is_tls() {
            return Ok(socket.into());
        }
        let tls = match self.tls.get() {
            Some(tls) => tls,
            None => {
                let tls = trust::tls_client(&self.general)?;
                self.tls.get_or_init(|| tls)
            }
        };
        match timeout_at(deadline, tls.connect(&url.host, socket)).await {
            Ok(Ok(transport)) => Ok(transport),
            Ok(Err(error)) => Err(tls_failure(target, &error)),
            Err(_) => Err(Failure::new(Step::Tls, target.place(), "no answer in time")
                .hint("is it an RTMPS port? plain RTMP is rtmp://, usually on 1935")),
        }
    }

    /// Handshake and connect command. The inner error is a refusal.
    async fn establish(
        &self,
        session: ClientSession,
        io: Transport,
        target: &Target,
        deadline: Instant,
    ) -> Result<Result<Client, Status>, Failure> {
        let tap =
            self.transcript.as_ref().map(|file| file.connection(target.url.host.as_str(), target.secrets.clone()));
        let mut client = Connection::new(session, Traced { io, tap });
        loop {
            let Ok(event) = timeout_at(deadline, client.next_event()).await else {
                return Err(no_answer(&mut client, target));
            };
            match event {
                Ok(Some(ClientEvent::Connected)) => return Ok(Ok(client)),
                Ok(Some(_)) => {}
                Ok(None) => return Err(closed(&mut client, target)),
                Err(Error::Session(SessionError::Refused(status))) => return Ok(Err(*status)),
                Err(error) => return Err(self.broken(&mut client, target, &error)),
            }
        }
    }

    fn broken(&self, client: &mut Client, target: &Target, error: &Error) -> Failure {
        match error {
            Error::Session(SessionError::TimedOut(Timeout::Handshake)) => no_answer(client, target),
            Error::Session(SessionError::Handshake(error)) => {
                Failure::new(Step::Handshake, target.place(), error).hint(NOT_RTMP)
            }
            Error::Session(SessionError::UnexpectedEof(CutOff::Handshake)) => closed(client, target),
            error => Failure::new(reached(client), target.place(), target.secrets.hide(&error.to_string()))
                .hint("the server may be overloaded or going down; --trace FILE shows what was said"),
        }
    }
}

/// Wowza asks in its answer to connect, and wants to hear before anything else. See CMD-56.
fn answer_secure_token(client: &mut Client, target: &Target) {
    let Some(secret) = &target.token else { return };
    let challenge = client.session().server_properties().get("secureToken").and_then(Value::as_str);
    if let Some(answer) = challenge.and_then(|challenge| secure_token::answer(secret, challenge)) {
        let _ = client.session().notify(None, "secureTokenResponse", &[answer.as_str().into()]);
    }
}

/// A connection that a proxy makes; it looks the host up, too.
async fn through(proxy: &Proxy, authority: &str, target: &Target, deadline: Instant) -> Result<TcpStream, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(Step::Connect, target.place(), format!("through {}: {error}", proxy.authority))
            .hint("check --proxy; without it the connection is made directly")
    };
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "1935"));
    let port = port.parse().map_err(|_| failed(&"the port is not a number"))?;
    let connected = async {
        let mut socket = TcpStream::connect(&proxy.authority).await?;
        proxy.tunnel(&mut socket, host.trim_matches(['[', ']']), port).await?;
        Ok::<_, io::Error>(socket)
    };
    match timeout_at(deadline, connected).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&"no answer in time")),
    }
}

async fn resolve(authority: &str, target: &Target, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
    let failed = |cause: &str| {
        Failure::new(Step::Resolve, target.place(), cause.to_owned())
            .hint("check the spelling of the host, and whether names can be resolved here at all")
    };
    match timeout_at(deadline, lookup_host(authority)).await {
        Ok(Ok(found)) => {
            let addresses: Vec<_> = found.collect();
            if addresses.is_empty() { Err(failed("the host has no address")) } else { Ok(addresses) }
        }
        Ok(Err(error)) => Err(failed(&error.to_string())),
        Err(_) => Err(failed("no answer in time")),
    }
}

/// Tries the addresses in turn, so that a host with a dead IPv6 address is still reached.
async fn connect_any(
    addresses: &[SocketAddr],
    authority: &str,
    target: &Target,
    deadline: Instant,
) -> Result<TcpStream, Failure> {
    let mut last = None;
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = (left / (addresses.len() - tried) as u32).max(Duration::from_millis(1));
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
        }
    }
    let error = last.unwrap_or_else(|| io::ErrorKind::NotFound.into());
    let hint = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("nothing listens on {authority}: is the server running, is the port right?")
        }
        io::ErrorKind::TimedOut => "a firewall may drop the packets; --timeout connect=30 waits longer".to_owned(),
        _ => "is the network up?".to_owned(),
    };
    Err(Failure::new(Step::Connect, target.place(), error).hint(hint))
}

fn tls_failure(target: &Target, error: &io::Error) -> Failure {
    let text = error.to_string();
    let hint = if text.contains("certificate") || text.contains("fingerprint") {
        "--ca FILE trusts a private authority, --pin FINGERPRINT this one certificate"
    } else {
        "is it an RTMPS port? plain RTMP is rtmp://, usually on 1935"
    };
    Failure::new(Step::Tls, target.place(), text).hint(hint)
}

/// How far a connection has come that is not accepted yet.
fn reached(client: &mut Client) -> Step {
    if client.session().peer().is_some() { Step::ConnectCommand } else { Step::Handshake }
}

fn no_answer(client: &mut Client, target: &Target) -> Failure {
    let step = reached(client);
    let failure = Failure::new(step, target.place(), "no answer in time").exit(Exit::NoConnection);
    match step {
        Step::Handshake => failure.hint(NOT_RTMP),
        _ => failure.hint("the server is there but does not answer: overloaded, or waiting for its own authorisation"),
    }
}

fn closed(client: &mut Client, target: &Target) -> Failure {
    let step = reached(client);
    let failure = Failure::new(step, target.place(), "the server closed the connection");
    match step {
        Step::Handshake => failure.hint(NOT_RTMP),
        _ => failure.hint("servers do that to an application they do not know, or an address they do not like"),
    }
}

fn refused(target: &Target, status: &Status) -> Failure {
    let mut text = status.code.clone();
    if !status.description.is_empty() {
        text += ": ";
        text += &status.description;
    }
    let hint = if status.description.contains("authmod") || status.description.contains("auth") {
        "give user and password: rtmp://USER:PASSWORD@HOST/APP/STREAM"
    } else {
        "check the application name; --show-url prints how the URL was split"
    };
    Failure::new(Step::ConnectCommand, target.place(), target.secrets.hide(&text)).hint(hint)
}

const NOT_RTMP: &str = "is it an RTMP server? rtmps:// speaks TLS first, usually on port 443";
