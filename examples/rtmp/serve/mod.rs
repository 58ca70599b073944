//! `rtmp serve`: a server to test clients against.

mod client;
mod request;

use crate::failure::{Failure, Step};
use crate::general::General;
use crate::player_file::PlayerFile;
use crate::transcript::Transcript;
use clap::Args;
use client::Visit;
use request::ConsoleRequest;
use rtmp_session::auth::{AuthMethod, ServerAuth};
use rtmp_session::handshake::SwfVerification;
use rtmp_session::tokio::live::Hub;
use rtmp_session::tokio::tls::TlsServer;
use rtmp_session::tokio::{Listener, ServerConnection};
use rtmp_session::{Capabilities, CapsEx, FourCcMask, ServerConfig};
use std::io::{self, BufRead};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast;

/// A test server that accepts everything, passes streams on, and prints the decoded conversation
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Lines on standard input are sent to every client, or behind #NUMBER to one:
  ping                                   a ping request
  eof | begin | dry                      a user control event about the client's stream
  status CODE [TEXT]                     onStatus on the client's stream, level status; !CODE makes it an error
  call NAME [AMF…]                       a command on the connection
  notify NAME [AMF…]                     a command on the client's stream
  data NAME [AMF…]                       a data message to a player
  reconnect [URL]                        an Enhanced RTMP reconnect request
  end [TEXT]                             ends the client's stream
  close                                  closes the connection

Examples:
  rtmp serve
  rtmp serve --listen 127.0.0.1:0 --refuse-publish 'wrong key'
  rtmp serve --tls-cert cert.pem --tls-key key.pem --listen 0.0.0.0:1936")]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:1935")]
    listen: String,

    /// Refuse every connect command, with this description
    #[arg(long, value_name = "TEXT")]
    refuse_connect: Option<String>,

    /// Refuse every publish, with this description
    #[arg(long, value_name = "TEXT")]
    refuse_publish: Option<String>,

    /// Refuse every play, with this description
    #[arg(long, value_name = "TEXT")]
    refuse_play: Option<String>,

    /// Refuse the play of a stream that nobody publishes, instead of letting the player wait
    #[arg(long)]
    no_waiting: bool,

    /// Demand this user and password, in the way encoders answer: USER:PASSWORD
    #[arg(long, value_name = "USER:PASSWORD")]
    auth: Option<String>,

    /// How to ask for it
    #[arg(long, value_name = "METHOD", value_parser = ["adobe", "llnw"], default_value = "adobe")]
    auth_method: String,

    /// List these codecs in the answer to connect, by FourCC: av01,hvc1,Opus; without it none is listed
    #[arg(long, value_name = "FOURCC", value_delimiter = ',')]
    codecs: Vec<String>,

    /// Ask every client whether it is this Flash file (SWF verification), a file or an http(s) URL, and print whether it is
    #[arg(long, value_name = "FILE|URL")]
    swf_verify: Option<String>,

    /// Certificate chain for RTMPS, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key for RTMPS, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

/// What all connections share.
struct Server {
    options: Serve,
    auth: Mutex<ServerAuth>,
    player: Option<SwfVerification>,
}

impl Serve {
    /// User and password to demand.
    fn credentials(&self) -> Option<(&str, &str)> {
        self.auth.as_deref().map(|text| text.split_once(':').unwrap_or((text, "")))
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let tls = self.tls()?;
        let player = match &self.swf_verify {
            Some(place) => Some(PlayerFile::at(place, Duration::ZERO).verification(general.proxy.as_ref()).await?),
            None => None,
        };
        let config = ServerConfig::default().capabilities(self.capabilities());
        let mut listener = Listener::bind(self.listen.as_str(), config).await.map_err(|error| {
            Failure::new(Step::Connect, self.listen.clone(), error).hint("is the port taken? --listen names another")
        })?;
        let scheme = if tls.is_some() { "rtmps" } else { "rtmp" };
        if let Some(tls) = tls {
            listener = listener.with_tls(tls);
        }
        let address = listener.local_addr().map_err(|error| Failure::new(Step::Connect, self.listen.clone(), error))?;
        say!("listening on {scheme}://{address}");

        let transcript = match &general.trace {
            Some(file) => Some(Transcript::create(file)?),
            None if general.quiet => None,
            None => Some(Transcript::to_stdout()),
        };
        let method = if self.auth_method == "llnw" { AuthMethod::Llnw } else { AuthMethod::Adobe };
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| Failure::new(Step::Arguments, "--auth", error))?;
        let shared = Arc::new(Server { options: self.clone(), auth: Mutex::new(ServerAuth::new(method, key)), player });
        let hub = Hub::default();
        let (requests, _) = broadcast::channel(64);
        read_console(requests.clone());
        let mut count = 0;
        let mut stop = crate::stop_signal::StopSignal::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.received() => return Ok(()),
            };
            let (connection, peer): (ServerConnection, _) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    complain!("rtmp: accept: {error}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            count += 1;
            let name = format!("#{count} {peer}");
            let visit =
                Visit::new(count, name, Arc::clone(&shared), hub.clone(), transcript.clone(), requests.subscribe());
            tokio::spawn(visit.run(connection));
        }
    }

    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::default().caps_ex(CapsEx::RECONNECT | CapsEx::MULTITRACK | CapsEx::MODEX);
        self.codecs.iter().fold(capabilities, |capabilities, name| {
            let capabilities = capabilities.fourcc(name);
            if AUDIO_CODECS.contains(&name.as_str()) {
                capabilities.audio(name, FourCcMask::CAN_DECODE)
            } else {
                capabilities.video(name, FourCcMask::CAN_DECODE)
            }
        })
    }

    fn tls(&self) -> Result<Option<TlsServer>, Failure> {
        let (Some(chain), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        let read = |file: &PathBuf| std::fs::read(file).map_err(|error| Failure::file(file.display(), error));
        TlsServer::from_pem(&read(chain)?, &read(key)?).map(Some).map_err(|error| Failure::file(chain.display(), error))
    }
}

/// Standard input blocks, so it has a thread of its own; the end of it ends nothing.
fn read_console(requests: broadcast::Sender<ConsoleRequest>) {
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            match ConsoleRequest::parse(&line) {
                Ok(Some(request)) => drop(requests.send(request)),
                Ok(None) => {}
                Err(error) => complain!("rtmp: {error}"),
            }
        }
    });
}

/// FourCCs of audio; any other is taken for video.
const AUDIO_CODECS: [&str; 6] = ["mp4a", ".mp3", "Opus", "fLaC", "ac-3", "ec-3"];
