//! Addresses of streams: taking `rtmp://` and `rtmps://` URLs apart the way encoders and players do.

use core::fmt;
use core::str::FromStr;

use crate::reference::resolve;

/// Where a stream is: `rtmp[s]://[user:password@]host[:port]/app[/instance]/stream`. See URL-1 to URL-8.
///
/// The text does not say where the application ends and the stream name begins. [`parse`](str::parse) does what FFmpeg
/// and librtmp do (URL-3):
///
/// | path | app | stream |
/// |---|---|---|
/// | `/live` | `live` | empty |
/// | `/live/key` | `live` | `key` |
/// | `/live/room/key`, `/live/room/a/b` | `live/room` | `key`, `a/b` |
/// | `/vod/mp4:a/b.mp4`: a prefix with a colon begins the name | `vod` | `mp4:a/b.mp4` |
/// | `/ondemand/a/b` | `ondemand` | `a/b` |
/// | `/live/key?token=a/b`: a query behind the name is part of it | `live` | `key?token=a/b` |
/// | `/live?vhost=x/key`: one behind the application is part of that | `live?vhost=x` | `key` |
/// | `/live/room#key`: a fragment names the stream (URL-5) | `live/room` | `key` |
///
/// Where that guess is wrong, say it with [`with_stream`](Self::with_stream), or set the fields.
///
/// Path and query are kept byte for byte, percent signs and spaces included: that is what servers compare. User,
/// password and fragment are percent-decoded.
///
/// Stream names are often keys, so `Debug` shows scheme, host, port and application and hides the rest (URL-8). There is
/// no `Display` for the same reason.
///
/// ```
/// use rtmp_session::RtmpUrl;
///
/// let url: RtmpUrl = "rtmps://example.com/live/secret-key?token=1".parse()?;
/// assert_eq!((url.app.as_str(), url.stream.as_str()), ("live", "secret-key?token=1"));
/// assert_eq!(url.tc_url(), "rtmps://example.com/live");
/// assert_eq!(url.authority(), "example.com:443");
///
/// let url = RtmpUrl::with_stream("rtmp://example.com/deeply/nested/app", "secret-key")?;
/// assert_eq!((url.app.as_str(), url.stream.as_str()), ("deeply/nested/app", "secret-key"));
/// # Ok::<(), rtmp_session::UrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RtmpUrl {
    tls: bool,
    /// Host name or address, an IPv6 address without its brackets.
    pub host: String,
    /// TCP port; the scheme's own, 1935 or 443, when the URL names none.
    pub port: u16,
    /// Was the port spelled out? Some servers compare `tcUrl` as text (URL-6).
    port_given: bool,
    /// Application and instance, and the query behind them if there was one. [`tc_url`](Self::tc_url) follows this field.
    pub app: String,
    /// Name of the stream with its query; empty when the URL has none.
    pub stream: String,
    /// User and password in front of the host, for publisher authentication.
    pub credentials: Option<Credentials>,
}

/// User and password, as FFmpeg and librtmp take them from the URL for `authmod=adobe` and `authmod=llnw` (URL-4).
/// They go into no other text: not into `tcUrl`, not into `Debug` (URL-8).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password; empty when the URL has only a user.
    pub password: String,
}

/// Why a text is no [`RtmpUrl`]. The text itself is not repeated: it may hold a password or a key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No `://`, or nothing in front of it.
    #[error("an RTMP URL begins with rtmp:// or rtmps://")]
    MissingScheme,
    /// A scheme other than `rtmp` and `rtmps`; RTMPE and RTMPT are not spoken here.
    #[error("only the schemes rtmp and rtmps are supported")]
    UnsupportedScheme,
    /// No host, or characters that no host has; an IPv6 address needs brackets (URL-1, URL-6).
    #[error("the host of the URL is missing or malformed")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port of the URL is not a number from 1 to 65535")]
    Port,
    /// A control character, such as a line feed in the middle of a pasted key.
    #[error("the URL has a control character in it")]
    ControlCharacter,
    /// A redirect from `rtmps` to `rtmp`. See [`RtmpUrl::resolve`].
    #[error("redirected from rtmps to rtmp, which gives up encryption")]
    Downgrade,
}

impl RtmpUrl {
    /// Server URL and stream name apart, as encoders ask for them: all of the path, with its query, is the application
    /// (URL-2).
    ///
    /// # Errors
    /// When `server` is not an RTMP URL, or `stream` has a control character in it.
    pub fn with_stream(server: &str, stream: &str) -> Result<Self, UrlError> {
        check_text(stream)?;
        let (mut url, path, _fragment) = Self::parse_authority(server)?;
        url.app = path.trim_end_matches('/').to_owned();
        url.stream = stream.to_owned();
        Ok(url)
    }

    /// Where to go when the server of this URL asks to reconnect to `reference`: a URL, or the end of one relative to
    /// the present `tcUrl`, such as `//192.0.2.7/app`, `/app` or `../app`, by RFC 3986 (ERTMP-93). The stream name stays;
    /// credentials are dropped when the host changes (ERTMP-96).
    ///
    /// # Errors
    /// When the result is not an RTMP URL, or would leave `rtmps` for `rtmp` ([`UrlError::Downgrade`]); parse the
    /// reference yourself to allow that.
    pub fn resolve(&self, reference: &str) -> Result<Self, UrlError> {
        let absolute = resolve(&self.tc_url(), reference.trim());
        let mut url = Self::with_stream(&absolute, &self.stream)?;
        if self.tls && !url.tls {
            return Err(UrlError::Downgrade);
        }
        if url.credentials.is_none() && url.host.eq_ignore_ascii_case(&self.host) {
            url.credentials.clone_from(&self.credentials);
        }
        Ok(url)
    }

    /// The value of `tcUrl` in connect: scheme, host, port if the URL names one, and the application (URL-2, URL-6).
    pub fn tc_url(&self) -> String {
        format!("{}://{}/{}", self.scheme(), self.url_authority(), self.app)
    }

    /// `host:port` to connect to, as `TcpStream::connect` takes it; an IPv6 address stands in brackets.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.bracketed_host(), self.port)
    }

    /// `rtmp` or `rtmps`.
    pub const fn scheme(&self) -> &'static str {
        if self.tls { "rtmps" } else { "rtmp" }
    }

    /// Is it `rtmps`, so that TLS comes below the handshake?
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// What follows the first slash of the application: `room` in `live/room`. A query is not part of it.
    pub fn instance(&self) -> Option<&str> {
        let path = self.app.split('?').next()?;
        path.split_once('/').map(|(_, instance)| instance)
    }

    /// Scheme, authority and nothing else yet; the path without its leading slashes, and the fragment.
    fn parse_authority(text: &str) -> Result<(Self, &str, Option<&str>), UrlError> {
        let text = text.trim();
        check_text(text)?;
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::MissingScheme)?;
        let tls = match scheme {
            "" => return Err(UrlError::MissingScheme),
            _ if scheme.eq_ignore_ascii_case("rtmp") => false,
            _ if scheme.eq_ignore_ascii_case("rtmps") => true,
            _ => return Err(UrlError::UnsupportedScheme),
        };
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (userinfo, host_port) = match authority.rsplit_once('@') {
            Some((userinfo, host_port)) => (Some(userinfo), host_port),
            None => (None, authority),
        };
        let (host, port) = split_host_port(host_port)?;
        let url = Self {
            tls,
            host: host.to_owned(),
            port: port.unwrap_or(if tls { 443 } else { 1935 }),
            port_given: port.is_some(),
            app: String::new(),
            stream: String::new(),
            credentials: userinfo.map(Credentials::from_userinfo),
        };
        Ok((url, path.trim_start_matches('/'), fragment.filter(|fragment| !fragment.is_empty())))
    }

    fn url_authority(&self) -> String {
        let default = if self.tls { 443 } else { 1935 };
        if self.port_given || self.port != default { self.authority() } else { self.bracketed_host() }
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl FromStr for RtmpUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (mut url, path, fragment) = Self::parse_authority(text)?;
        let (app, stream) = match fragment {
            Some(fragment) => (path.trim_end_matches('/'), percent_decode(fragment)),
            None => {
                let (app, stream) = split_path(path);
                (app, stream.to_owned())
            }
        };
        url.app = app.to_owned();
        url.stream = stream;
        Ok(url)
    }
}

impl fmt::Debug for RtmpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = self.app.split('?').next().unwrap_or_default();
        f.debug_struct("RtmpUrl")
            .field("scheme", &self.scheme())
            .field("host", &self.host)
            .field("port", &self.port)
            .field("app", &app)
            .field("stream_len", &self.stream.len())
            .finish_non_exhaustive()
    }
}

impl Credentials {
    fn from_userinfo(userinfo: &str) -> Self {
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
        Self { user: percent_decode(user), password: percent_decode(password) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Application and stream of a path without leading slashes; the table at [`RtmpUrl`] says how.
fn split_path(text: &str) -> (&str, &str) {
    let path_end = text.find('?').unwrap_or(text.len());
    let path = &text[..path_end];
    let Some(first) = path.find('/') else {
        // The query belongs to the application, up to the last slash. It may hold slashes of its own (URL-7).
        return split_at_slash(text, text[path_end..].rfind('/').map(|slash| path_end + slash));
    };
    let behind_first = &path[first + 1..];
    let second = behind_first.find('/').filter(|&slash| {
        let name_has_prefix = behind_first[..slash].contains(':');
        !name_has_prefix && &path[..first] != "ondemand"
    });
    split_at_slash(text, Some(second.map_or(first, |slash| first + 1 + slash)))
}

fn split_at_slash(text: &str, slash: Option<usize>) -> (&str, &str) {
    slash.map_or((text, ""), |slash| (&text[..slash], &text[slash + 1..]))
}

fn split_host_port(text: &str) -> Result<(&str, Option<u16>), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed.split_once(']').ok_or(UrlError::Host)?;
            let without_zone = address.split('%').next().unwrap_or_default();
            without_zone.parse::<core::net::Ipv6Addr>().map_err(|_| UrlError::Host)?;
            match port {
                "" => (address, ""),
                _ => (address, port.strip_prefix(':').ok_or(UrlError::Host)?),
            }
        }
        None => {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            if host.is_empty() || host.contains([' ', '[', ']', '\\', '<', '>', '"']) {
                return Err(UrlError::Host);
            }
            (host, port)
        }
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(number) if digits && number != 0 => Ok((host, Some(number))),
        _ => Err(UrlError::Port),
    }
}

fn check_text(text: &str) -> Result<(), UrlError> {
    if text.chars().any(char::is_control) { Err(UrlError::ControlCharacter) } else { Ok(()) }
}

/// `%41` becomes `A`; a percent sign that begins no such triple stands for itself.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let decoded = match (first, behind) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
