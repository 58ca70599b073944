//! Where to connect and what to say there: a URL and what the options add to it.

use crate::amf_text;
use crate::failure::Failure;
use crate::player_file::{self, PlayerFile};
use crate::secrets::{Secrets, mask, mask_url};
use clap::Args;
use rtmp_session::amf::{Object, Value};
use rtmp_session::chunk::ChunkSize;
use rtmp_session::{Capabilities, CapsEx, ClientConfig, Credentials, FourCcMask, RtmpUrl};
use std::time::Duration;

/// What is said in the connect command, beyond the URL.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConnectOptions {
    /// Application, where the URL is not split as it should be; see --show-url
    #[arg(long, value_name = "NAME", help_heading = "Connect command")]
    pub(crate) app: Option<String>,

    /// Stream name or key, where the URL is not split as it should be
    #[arg(long, value_name = "NAME", help_heading = "Connect command")]
    pub(crate) stream: Option<String>,

    /// URL that the server is told it was reached by
    #[arg(long, value_name = "URL", help_heading = "Connect command")]
    pub(crate) tc_url: Option<String>,

    /// URL of the web page that the player pretends to stand on
    #[arg(long, value_name = "URL", help_heading = "Connect command")]
    pub(crate) page_url: Option<String>,

    /// URL of the Flash file that the player pretends to be
    #[arg(long, value_name = "URL", help_heading = "Connect command")]
    pub(crate) swf_url: Option<String>,

    /// The Flash file itself, a file or an http(s) URL, to answer servers that ask for SWF verification
    #[arg(long, value_name = "FILE|URL", help_heading = "Connect command")]
    pub(crate) swf_verify: Option<String>,

    /// Days for which a Flash file from the web is taken to be what it was [default: 30]
    #[arg(long, value_name = "DAYS", help_heading = "Connect command")]
    pub(crate) swf_age: Option<u32>,

    /// Name and version of the Flash Player to pretend to be
    #[arg(long, value_name = "TEXT", help_heading = "Connect command")]
    pub(crate) flash_ver: Option<String>,

    /// Another value behind the connect object, in rtmpdump's notation (B:1, N:5, S:text, O:1 .. NS:name:text .. O:0) or
    /// JSON; may be given several times
    #[arg(short = 'C', long = "conn", value_name = "VALUE", help_heading = "Connect command")]
    pub(crate) conn: Vec<String>,

    /// Further properties of the connect object, as a JSON object
    #[arg(long, value_name = "JSON", help_heading = "Connect command")]
    pub(crate) connect_json: Option<String>,

    /// Announce a play with FCSubscribe, for networks that want it
    #[arg(long, help_heading = "Connect command")]
    pub(crate) subscribe: bool,

    /// Announce nothing of Enhanced RTMP; a server cannot ask to move then
    #[arg(long, help_heading = "Connect command")]
    pub(crate) no_enhanced: bool,

    /// Size of the chunks to send, in bytes
    #[arg(long, value_name = "BYTES", help_heading = "Connect command")]
    pub(crate) chunk_size: Option<u32>,

    /// Shared secret for the answer to a SecureToken
    #[arg(long, value_name = "SECRET", help_heading = "Connect command")]
    pub(crate) token: Option<String>,

    /// Offer AMF3 as well as AMF0
    #[arg(long, help_heading = "Connect command")]
    pub amf3: bool,

    /// Handshake with the digest of Flash Player, which some old servers insist on
    #[arg(long, help_heading = "Connect command")]
    pub(crate) digest: bool,
}

/// A server, an application and a stream on it.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) url: RtmpUrl,
    pub(crate) config: ClientConfig,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) secrets: Secrets,
    /// Shared secret for the answer to a SecureToken.
    pub(crate) token: Option<String>,
    /// What to be when the server asks for SWF verification.
    pub(crate) player: Option<PlayerFile>,
    /// `key=value` pairs of librtmp's notation that concern the caller: live, start, stop, buffer, timeout, token, ..
    pub(crate) extras: Vec<(String, String)>,
}

impl Target {
    /// Reads a URL, which librtmp's ` key=value` pairs may follow. They win over the options.
    pub(crate) fn parse(text: &str, options: &ConnectOptions) -> Result<Self, Failure> {
        let mut options = options.clone();
        let mut words = text.split_whitespace();
        let url_text = words.next().unwrap_or_default();
        let mut extras = Vec::new();
        let mut credentials = (None, None);
        let mut verify_swf_url = false;
        for word in words {
            let (key, value) = word.split_once('=').ok_or_else(|| {
                Failure::arguments("what follows the URL is not in the form key=value")
                    .hint("a space inside a URL or value is written as \\20")
            })?;
            let value = unescape(value);
            match key.to_ascii_lowercase().as_str() {
                "app" => options.app = Some(value),
                "playpath" => options.stream = Some(value),
                "tcurl" => options.tc_url = Some(value),
                "pageurl" => options.page_url = Some(value),
                "swfurl" => options.swf_url = Some(value),
                "swfvfy" => verify_swf_url = is_true(&value),
                "swfage" => {
                    options.swf_age = Some(value.parse().map_err(|_| Failure::arguments("swfAge is a number of days"))?)
                }
                "flashver" => options.flash_ver = Some(value),
                "conn" => options.conn.push(value),
                "subscribe" => options.subscribe = true,
                "token" => options.token = Some(value),
                "pubuser" => credentials.0 = Some(value),
                "pubpasswd" => credentials.1 = Some(value),
                key => extras.push((key.to_owned(), value)),
            }
        }
        if verify_swf_url {
            options.swf_verify = options.swf_verify.or_else(|| options.swf_url.clone());
        }
        let mut target = Self::build(&unescape(url_text), &options)?;
        if let (Some(user), password) = credentials {
            target.secrets.add(&user);
            target.secrets.add(password.as_deref().unwrap_or_default());
            target.credentials = Some(Credentials { user, password: password.unwrap_or_default() });
        }
        target.extras = extras;
        Ok(target)
    }

    fn build(text: &str, options: &ConnectOptions) -> Result<Self, Failure> {
        let mut url: RtmpUrl = text.parse().map_err(|error| {
            Failure::arguments(error).hint("rtmp://HOST/APP/STREAM, for example rtmp://live.example.com/app/key")
        })?;
        if let Some(app) = &options.app {
            // What the URL's path has behind a known application is the stream.
            let path = if url.stream.is_empty() { url.app.clone() } else { format!("{}/{}", url.app, url.stream) };
            if let Some(rest) = path.strip_prefix(app.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                url.stream = rest.to_owned();
            }
            url.app.clone_from(app);
        }
        if let Some(stream) = &options.stream {
            url.stream.clone_from(stream);
        }
        let credentials = url.credentials.take();
        let mut secrets = Secrets::default();
        secrets.add(&url.stream);
        secrets.add(url.stream.split('?').next().unwrap_or_default());
        for part in [&url.stream, &url.app] {
            secrets.add_query(part);
        }
        if let Some(Credentials { user, password }) = &credentials {
            secrets.add(password);
            secrets.add(user);
        }
        if let Some(token) = &options.token {
            secrets.add(token);
        }
        let config = client_config(&url, options)?;
        let max_age = Duration::from_secs(86_400 * u64::from(options.swf_age.unwrap_or(30)));
        let player = options.swf_verify.as_deref().map(|place| PlayerFile::at(place, max_age));
        let token = options.token.clone();
        Ok(Self { url, config, credentials, secrets, token, player, extras: Vec::new() })
    }

    /// Scheme, host, port and application, fit to print.
    pub(crate) fn place(&self) -> String {
        mask_url(&self.url.tc_url())
    }

    /// As [`place`](Self::place), with the stream masked.
    pub(crate) fn display(&self) -> String {
        let stream = self.url.stream.split('?').next().unwrap_or_default();
        if stream.is_empty() { self.place() } else { format!("{}/{}", self.place(), mask(stream)) }
    }

    /// How the URL was understood, for `--show-url`. This is the one place that prints keys: it was asked to.
    pub(crate) fn explain(&self) -> String {
        let or_none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
        let tc_url = self.config.properties.iter().rev().find(|(key, _)| key == "tcUrl");
        let tc_url = tc_url.and_then(|(_, value)| value.as_str()).map_or_else(|| self.url.tc_url(), str::to_owned);
        let user = self.credentials.as_ref().map_or("(none)", |credentials| &credentials.user);
        format!(
            "scheme  {}\nhost    {}\nport    {}\nuser    {user}\napp     {}\nstream  {}\ntcUrl   {tc_url}",
            self.url.scheme(),
            self.url.host,
            self.url.port,
            or_none(&self.url.app),
            or_none(&self.url.stream),
        )
    }

    pub(crate) fn extra(&self, key: &str) -> Option<&str> {
        self.extras.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

fn client_config(url: &RtmpUrl, options: &ConnectOptions) -> Result<ClientConfig, Failure> {
    let mut config = ClientConfig::default().amf3(options.amf3).announce_play(options.subscribe);
    if !options.no_enhanced {
        config = config.capabilities(everything());
    }
    if let Some(text) = &options.flash_ver {
        config = config.flash_ver(text.as_str());
    }
    // A player says where it came from; a file on this disk came from nowhere.
    let from_web = options.swf_verify.clone().filter(|place| player_file::is_web(place));
    let swf_url = options.swf_url.clone().or(from_web);
    let texts = [("tcUrl", &options.tc_url), ("pageUrl", &options.page_url), ("swfUrl", &swf_url)];
    for (key, text) in texts {
        if let Some(text) = text {
            config = config.property(key, text.as_str());
        }
    }
    if let Some(json) = &options.connect_json {
        for (key, value) in connect_object(json)?.entries {
            config = config.property(key, value);
        }
    }
    for value in amf_text::read_arguments(&options.conn).map_err(Failure::arguments)? {
        config = config.argument(value);
    }
    if let Some(size) = options.chunk_size {
        let size = ChunkSize::new(size).ok_or_else(|| Failure::arguments("a chunk has 1 to 16777215 bytes"))?;
        config.link = config.link.chunk_size(size);
    }
    // Servers that verify the player do so with those that have this handshake.
    if options.digest || options.swf_verify.is_some() {
        config.link = config.link.scheme(rtmp_session::handshake::Scheme::Digest);
    }
    if url.host.is_empty() {
        return Err(Failure::arguments("the URL has no host"));
    }
    Ok(config)
}

/// All of Enhanced RTMP: payloads of any codec are passed on as they are, and reconnect requests are obeyed.
fn everything() -> Capabilities {
    let caps = CapsEx::RECONNECT | CapsEx::MULTITRACK | CapsEx::MODEX | CapsEx::TIMESTAMP_NANO_OFFSET;
    Capabilities::default()
        .fourcc("*")
        .video("*", FourCcMask::CAN_FORWARD)
        .audio("*", FourCcMask::CAN_FORWARD)
        .caps_ex(caps)
}

fn connect_object(text: &str) -> Result<Object, Failure> {
    let json = serde_json::from_str(text).map_err(|error| Failure::arguments(format!("--connect-json: {error}")))?;
    match amf_text::from_json(&json).map_err(Failure::arguments)? {
        Value::Object(object) => Ok(object),
        _ => {
            Err(Failure::arguments("--connect-json takes a JSON object")
                .hint(r#"--connect-json '{"type": "nonprivate"}'"#))
        }
    }
}

/// What librtmp takes for yes.
pub(crate) fn is_true(value: &str) -> bool {
    ["1", "on", "yes", "true"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// librtmp writes a byte that would end the value as a backslash and two hex digits.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = if *first == b'\\' { behind.get(..2).and_then(|pair| hex::decode(pair).ok()) } else { None };
        match escaped {
            Some(byte) => {
                bytes.extend(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::parse(text, &ConnectOptions::default()).unwrap()
    }

    #[test]
    fn librtmp_pairs_follow_the_url() {
        let target =
            target(r"rtmp://host/app/x app=other/app playpath=mp4:a\20b conn=S:t live=1 pubUser=me pubPasswd=secret");
        assert_eq!((target.url.app.as_str(), target.url.stream.as_str()), ("other/app", "mp4:a b"));
        assert_eq!(target.config.arguments, [Value::from("t")]);
        assert_eq!(target.extra("live"), Some("1"));
        assert_eq!(target.credentials.unwrap().user, "me");
    }

    #[test]
    fn nothing_secret_is_in_what_is_printed() {
        let target = target("rtmp://me:hunter2@host:1936/live?sig=abcdef/stream-key-12345?token=t0psecret");
        let shown =
            format!("{} {} {}", target.place(), target.display(), target.secrets.hide("x stream-key-12345 abcdef y"));
        for secret in ["me:", "hunter2", "abcdef", "stream-key", "t0psecret"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.starts_with("rtmp://host:1936/live?… rtmp://host:1936/live?…/str…"), "{shown}");
    }

    #[test]
    fn an_application_from_the_options_moves_the_split() {
        let options = ConnectOptions { app: Some("a/b/c".into()), ..ConnectOptions::default() };
        let target = Target::parse("rtmp://host/a/b/c/key", &options).unwrap();
        assert_eq!((target.url.app.as_str(), target.url.stream.as_str()), ("a/b/c", "key"));
    }
}
