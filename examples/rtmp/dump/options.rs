//! rtmpdump's options, letter for letter.

use crate::target::ConnectOptions;
use clap::{ArgAction, Parser};
use rtmp_session::handshake::SwfVerification;

/// Records a stream, with the options, exit codes and progress line of rtmpdump
#[derive(Parser, Clone, Debug)]
#[command(
    name = "rtmp dump",
    bin_name = "rtmp dump",
    version,
    infer_long_args = true,
    args_override_self = true,
    disable_version_flag = true,
    before_help = "RTMPDump v2.4 compatible",
    after_help = "\
Exit codes: 0 complete, 1 failed, 2 incomplete (--resume goes on), 3 no connection.

A URL may have librtmp's key=value pairs behind it, separated by spaces. rtmpe:// is tried as plain RTMP."
)]
pub(crate) struct DumpOptions {
    /// URL with options behind it
    #[arg(short = 'i', long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// URL
    #[arg(short = 'r', long, value_name = "URL")]
    pub(crate) rtmp: Option<String>,
    /// Host, instead of the URL's
    #[arg(short = 'n', long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Port, instead of the URL's
    #[arg(short = 'c', long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// SOCKS 4 proxy
    #[arg(short = 'S', long, value_name = "HOST:PORT")]
    pub(crate) socks: Option<String>,
    /// 0 is RTMP; 2, RTMPE, is tried as plain RTMP
    #[arg(short = 'l', long, value_name = "NUMBER|NAME")]
    pub(crate) protocol: Option<String>,
    /// Name of the stream
    #[arg(short = 'y', long, value_name = "PATH")]
    pub(crate) playpath: Option<String>,
    /// Announce a playlist of this one stream
    #[arg(short = 'Y', long)]
    pub(crate) playlist: bool,
    /// URL of the player's SWF file
    #[arg(short = 's', long = "swfUrl", value_name = "URL")]
    pub(crate) swf_url: Option<String>,
    /// URL that the server is told it was reached by
    #[arg(short = 't', long = "tcUrl", value_name = "URL")]
    pub(crate) tc_url: Option<String>,
    /// URL of the web page
    #[arg(short = 'p', long = "pageUrl", value_name = "URL")]
    pub(crate) page_url: Option<String>,
    /// Application
    #[arg(short = 'a', long, value_name = "APP")]
    pub(crate) app: Option<String>,
    /// Hash of the player's SWF file, to answer SWF verification; with --swfsize
    #[arg(short = 'w', long = "swfhash", value_name = "HEX")]
    pub(crate) swf_hash: Option<String>,
    /// Size of the player's SWF file, uncompressed; with --swfhash
    #[arg(short = 'x', long = "swfsize", value_name = "BYTES")]
    pub(crate) swf_size: Option<u32>,
    /// URL of the player's SWF file, to answer SWF verification with its hash and size; a file will do
    #[arg(short = 'W', long = "swfVfy", value_name = "URL")]
    pub(crate) swf_verify: Option<String>,
    /// Days for which the SWF file is taken to be what it was [default: 30]
    #[arg(short = 'X', long = "swfAge", value_name = "DAYS")]
    pub(crate) swf_age: Option<u32>,
    /// Authentication string behind the connect object
    #[arg(short = 'u', long, value_name = "TEXT")]
    pub(crate) auth: Option<String>,
    /// Value behind the connect object: B:, S:, N:, O:, Z: and, inside objects, NB:, NS:, NN:, NO:
    #[arg(short = 'C', long, value_name = "TYPE:DATA", allow_hyphen_values = true)]
    pub(crate) conn: Vec<String>,
    /// Name and version of the Flash Player
    #[arg(short = 'f', long = "flashVer", value_name = "TEXT", default_value = "LNX 10,0,32,18")]
    pub(crate) flash_ver: String,
    /// A live stream
    #[arg(short = 'v', long)]
    pub(crate) live: bool,
    /// Name to subscribe to
    #[arg(short = 'd', long, value_name = "NAME")]
    pub(crate) subscribe: Option<String>,
    /// Accepted; the server is never hurried on
    #[arg(short = 'R', long)]
    pub(crate) realtime: bool,
    /// File to write, or - for standard output
    #[arg(short = 'o', long, value_name = "FILE", default_value = "-")]
    pub(crate) flv: String,
    /// Go on with a file
    #[arg(short = 'e', long)]
    pub(crate) resume: bool,
    /// Seconds without anything before giving up
    #[arg(short = 'm', long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u64,
    /// Second to start at
    #[arg(short = 'A', long, value_name = "SECONDS")]
    pub(crate) start: Option<f64>,
    /// Second to stop at
    #[arg(short = 'B', long, value_name = "SECONDS")]
    pub(crate) stop: Option<f64>,
    /// Key for a SecureToken answer
    #[arg(short = 'T', long, value_name = "KEY")]
    pub(crate) token: Option<String>,
    /// Accepted, of no use any more
    #[arg(short = 'j', long, value_name = "JSON")]
    pub(crate) jtv: Option<String>,
    /// Show progress with hashes
    #[arg(short = '#', long)]
    pub(crate) hashes: bool,
    /// Buffer time, in milliseconds
    #[arg(short = 'b', long, value_name = "MS", default_value_t = 36_000_000)]
    pub(crate) buffer: u32,
    /// Accepted; where to go on is found by comparing
    #[arg(short = 'k', long, value_name = "COUNT")]
    pub(crate) skip: Option<u32>,
    /// Print nothing
    #[arg(short = 'q', long)]
    pub(crate) quiet: bool,
    /// Print more
    #[arg(short = 'V', long)]
    pub(crate) verbose: bool,
    /// Print the decoded conversation
    #[arg(short = 'z', long, action = ArgAction::SetTrue)]
    pub(crate) debug: bool,
    /// rtmpdump looks at nothing that follows no option, and scripts leave a lone `-` there
    #[arg(hide = true, value_name = "WORD")]
    pub(crate) ignored: Vec<String>,
}

impl DumpOptions {
    /// The URL as this program reads it: scheme, host and port as the options have them.
    pub(crate) fn url_text(&self) -> Result<String, String> {
        let (text, pairs) = match (&self.rtmp, &self.url) {
            (Some(url), _) | (None, Some(url)) => {
                url.split_once(' ').map_or((url.as_str(), ""), |(url, rest)| (url, rest))
            }
            // rtmpdump takes the parts one by one, too.
            (None, None) if self.host.is_some() => ("rtmp://host", ""),
            (None, None) => return Err("no URL: use -r or -i".into()),
        };
        let (scheme, rest) = text.split_once("://").unwrap_or(("rtmp", text));
        let named = self.protocol.as_deref().unwrap_or(scheme).to_ascii_lowercase();
        let scheme = match named.as_str() {
            "rtmp" | "rtmpe" | "0" | "2" => "rtmp",
            "rtmps" | "4" => "rtmps",
            other => return Err(format!("the protocol {other} is not supported: RTMP and RTMPS are")),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port.to_owned())),
            _ => (authority, None),
        };
        let host = self.host.as_deref().unwrap_or(host);
        let port = self.port.map(|port| port.to_string()).or(port).map_or_else(String::new, |port| format!(":{port}"));
        let pairs = if pairs.is_empty() { String::new() } else { format!(" {pairs}") };
        Ok(format!("{scheme}://{host}{port}{path}{pairs}"))
    }

    pub(crate) fn connect_options(&self) -> ConnectOptions {
        let mut conn = Vec::new();
        if let Some(auth) = &self.auth {
            conn.extend(["B:1".to_owned(), format!("S:{auth}")]);
        }
        conn.extend(self.conn.iter().cloned());
        ConnectOptions {
            app: self.app.clone(),
            stream: self.playpath.clone(),
            tc_url: self.tc_url.clone(),
            page_url: self.page_url.clone(),
            swf_url: self.swf_verify.clone().or_else(|| self.swf_url.clone()),
            swf_verify: self.swf_verify.clone(),
            swf_age: self.swf_age,
            flash_ver: Some(self.flash_ver.clone()),
            conn,
            connect_json: None,
            subscribe: self.live && self.subscribe.is_none(),
            amf3: false,
            digest: self.swf_hash.is_some(),
            no_enhanced: true,
            chunk_size: None,
            token: self.token.clone(),
        }
    }

    /// The player, if its hash and size are given: that is all that is needed of it.
    pub(crate) fn known_player(&self) -> Result<Option<SwfVerification>, String> {
        let (Some(text), Some(size)) = (&self.swf_hash, self.swf_size) else { return Ok(None) };
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| "--swfhash is 64 hex digits")?;
        Ok(Some(SwfVerification { hash, size }))
    }

    /// What is asked for and will not be done.
    pub(crate) fn unsupported(&self) -> Vec<&'static str> {
        let asked = [
            (self.swf_hash.is_some() && self.swf_size.is_none(), "--swfhash: of no use without --swfsize"),
            (self.swf_size.is_some() && self.swf_hash.is_none(), "--swfsize: of no use without --swfhash"),
            (self.jtv.is_some(), "--jtv: of no use any more"),
            (
                self.rtmp.as_ref().or(self.url.as_ref()).is_some_and(|url| url.starts_with("rtmpe")),
                "rtmpe: trying plain RTMP",
            ),
        ];
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, what)| what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(arguments: &[&str]) -> Result<String, String> {
        DumpOptions::try_parse_from([&["rtmp dump"], arguments].concat()).unwrap().url_text()
    }

    #[test]
    fn host_port_and_protocol_can_be_given_apart() {
        assert_eq!(url(&["-r", "rtmp://h/a/b"]).unwrap(), "rtmp://h/a/b");
        assert_eq!(url(&["-r", "rtmpe://h:1/a", "-n", "g", "-c", "2"]).unwrap(), "rtmp://g:2/a");
        assert_eq!(url(&["-i", "rtmp://h/a swfUrl=x live=1"]).unwrap(), "rtmp://h/a swfUrl=x live=1");
        assert_eq!(url(&["-n", "g"]).unwrap(), "rtmp://g");
        assert!(url(&["-r", "rtmpt://h/a"]).is_err());
        assert!(url(&[]).is_err());
    }

    #[test]
    fn letters_may_be_joined_and_long_names_cut_short() {
        let options =
            DumpOptions::try_parse_from(["x", "-vr", "rtmp://h/a", "-B30", "--pageU", "p", "-ofile"]).unwrap();
        assert!(options.live);
        assert_eq!((options.stop, options.flv.as_str()), (Some(30.0), "file"));
        assert_eq!(options.page_url.as_deref(), Some("p"));
        assert!(DumpOptions::try_parse_from(["x", "-r", "rtmp://h/a", "--live", "-"]).unwrap().live);
    }
}
