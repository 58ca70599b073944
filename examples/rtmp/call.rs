//! `rtmp call` and `rtmp send`: single commands and data messages.

use crate::amf_text::{read_arguments, to_json};
use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure, Step};
use crate::general::{General, seconds};
use crate::target::{ConnectOptions, Target};
use clap::Args;
use rtmp_session::amf::{Value, amf0};
use rtmp_session::tokio::Error;
use rtmp_session::{ClientEvent, Media, Status, StreamId};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Calls a procedure of the server and prints its answer as JSON, one value a line
#[derive(Args, Clone, Debug)]
#[command(after_help = ARGUMENTS)]
pub(crate) struct Call {
    /// Server and application; a stream name is not needed
    #[arg(value_name = "URL")]
    url: String,

    /// Name of the procedure
    name: String,

    /// What to hand over: JSON, or rtmpdump's notation
    #[arg(value_name = "AMF", allow_negative_numbers = true)]
    arguments: Vec<String>,

    /// Ask for no answer
    #[arg(long)]
    no_reply: bool,

    /// How long to wait for the answer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    wait: Duration,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// Sends a data message, such as onTextData, on a stream of its own
#[derive(Args, Clone, Debug)]
#[command(after_help = ARGUMENTS)]
pub(crate) struct Send {
    /// Server and application
    #[arg(value_name = "URL")]
    url: String,

    /// Name or key of the stream to publish to
    #[arg(value_name = "STREAM")]
    to: String,

    /// Name of the message
    name: String,

    /// What it holds: JSON, or rtmpdump's notation
    #[arg(value_name = "AMF", allow_negative_numbers = true)]
    arguments: Vec<String>,

    /// Send a command on the stream instead of a data message
    #[arg(long)]
    command: bool,

    /// Keep the stream open for so long behind the message
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    keep: Duration,

    #[command(flatten)]
    connect: ConnectOptions,
}

const ARGUMENTS: &str = r#"Values are JSON (5, true, null, "text", {"a": [1, 2]}), items of rtmpdump's notation
(B:1  N:2.5  S:text  Z:  O:1 NS:name:text NN:size:3 O:0), or, if they are neither, plain strings.

Examples:
  rtmp call rtmp://localhost/live getStreamLength film
  rtmp call rtmp://localhost/live setVolume '{"level": 0.5}' B:1
  rtmp send rtmp://localhost/live show onTextData '{"text": "hello"}'"#;

impl Call {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        Ok(vec![Target::parse(&self.url, &self.connect)?])
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let target = Target::parse(&self.url, &self.connect)?;
        let arguments = read_arguments(&self.arguments).map_err(Failure::arguments)?;
        let mut client = Dialer::new(general)?.dial(&target).await?;
        let failed = |cause: &dyn std::fmt::Display| {
            Failure::new(Step::Call, target.place(), target.secrets.hide(&cause.to_string()))
        };
        if self.no_reply {
            client.session().notify(None, &self.name, &arguments).map_err(|error| failed(&error))?;
        } else {
            client.session().call(&self.name, &arguments).map_err(|error| failed(&error))?;
            for value in self.answer(&mut client, &target).await? {
                say!("{}", to_json(&value));
            }
        }
        client.close().await.map_err(|error| failed(&error))
    }

    async fn answer(&self, client: &mut Client, target: &Target) -> Result<Vec<Value>, Failure> {
        let deadline = Instant::now() + self.wait;
        loop {
            match timeout_at(deadline, client.next_event()).await {
                Ok(Ok(Some(ClientEvent::Reply { values, .. }))) => return Ok(values),
                Ok(Ok(Some(ClientEvent::CallFailed { status, .. }))) => {
                    return Err(refused(target, Step::Call, &status).hint("does the server know this procedure?"));
                }
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => {
                    return Err(Failure::new(Step::Call, target.place(), "the server closed the connection"));
                }
                Ok(Err(error)) => return Err(broken(target, &error)),
                Err(_) => {
                    return Err(Failure::new(Step::Call, target.place(), "no answer in time")
                        .exit(Exit::Stalled)
                        .hint("many servers do not answer what they do not know; --wait 30 waits longer"));
                }
            }
        }
    }
}

impl Send {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        let options = ConnectOptions { stream: Some(self.to.clone()), ..self.connect.clone() };
        Ok(vec![whole_path_as_app(&self.url, &options)?])
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let target = self.targets()?.remove(0);
        let arguments = read_arguments(&self.arguments).map_err(Failure::arguments)?;
        let mut client = Dialer::new(general)?.dial(&target).await?;
        let stream = client.session().publish(&target.url.stream);
        started(&mut client, &target, general.timeout.connect).await?;
        self.send(&mut client, stream, &arguments).map_err(|error| Failure::new(Step::Media, target.place(), error))?;
        let deadline = Instant::now() + self.keep;
        while let Ok(event) = timeout_at(deadline, client.next_event()).await {
            match event {
                Ok(Some(ClientEvent::Ended { status, .. })) => return Err(refused(&target, Step::Media, &status)),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) => return Err(broken(&target, &error)),
            }
        }
        let _ = client.session().end_stream(stream);
        client.close().await.map_err(|error| broken(&target, &error))
    }

    fn send(&self, client: &mut Client, stream: StreamId, arguments: &[Value]) -> Result<(), String> {
        if self.command {
            return client.session().notify(Some(stream), &self.name, arguments).map_err(|error| error.to_string());
        }
        let mut payload = Vec::new();
        for value in [Value::from(self.name.as_str())].iter().chain(arguments) {
            amf0::encode(value, &mut payload).map_err(|error| error.to_string())?;
        }
        client.session().send_media(stream, &Media::data(0, payload)).map_err(|error| error.to_string())
    }
}

/// With the stream given apart, all of the URL's path is the application.
fn whole_path_as_app(url: &str, options: &ConnectOptions) -> Result<Target, Failure> {
    let mut target = Target::parse(url, &ConnectOptions { stream: None, ..options.clone() })?;
    if !target.url.stream.is_empty() && options.app.is_none() {
        target.url.app = format!("{}/{}", target.url.app, target.url.stream);
    }
    let stream = options.stream.clone().unwrap_or_default();
    target.secrets.add(&stream);
    target.url.stream = stream;
    Ok(target)
}

async fn started(client: &mut Client, target: &Target, limit: Duration) -> Result<(), Failure> {
    let deadline = Instant::now() + limit;
    loop {
        match timeout_at(deadline, client.next_event()).await {
            Ok(Ok(Some(ClientEvent::Started { .. }))) => return Ok(()),
            Ok(Ok(Some(ClientEvent::Ended { status, .. }))) => {
                return Err(refused(target, Step::Publish, &status)
                    .hint("only one publisher a name: somebody else may be live under this one"));
            }
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => {
                return Err(Failure::new(Step::Publish, target.place(), "the server closed the connection"));
            }
            Ok(Err(error)) => return Err(broken(target, &error)),
            Err(_) => return Err(Failure::new(Step::Publish, target.place(), "no answer in time").exit(Exit::Stalled)),
        }
    }
}

fn refused(target: &Target, step: Step, status: &Status) -> Failure {
    let text = target.secrets.hide(&format!("{}: {}", status.code, status.description));
    Failure::new(step, target.place(), text).exit(Exit::Refused)
}

fn broken(target: &Target, error: &Error) -> Failure {
    Failure::new(Step::Media, target.place(), target.secrets.hide(&error.to_string())).exit(Exit::NoConnection)
}
