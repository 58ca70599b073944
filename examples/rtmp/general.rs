//! The options that every subcommand takes.

use crate::proxy::Proxy;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct General {
    /// Connect to this host and port instead of the URL's; everything said on the connection stays the URL's
    #[arg(long, global = true, value_name = "HOST:PORT", help_heading = "Connection")]
    pub(crate) connect_to: Option<String>,

    /// Connect through this proxy: socks5://HOST:PORT, socks4://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ in front
    /// of the host where it asks for them. Player files from the web come through it too
    #[arg(long, global = true, value_name = "URL", help_heading = "Connection")]
    pub(crate) proxy: Option<Proxy>,

    /// Seconds to wait: one number for connecting and for silence, or `connect=5,idle=20,total=3600`
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        default_value = "connect=10,idle=30",
        help_heading = "Connection"
    )]
    pub(crate) timeout: Timeouts,

    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub(crate) ca: Option<PathBuf>,

    /// Accept exactly the certificate with this SHA-256 fingerprint, in hex, whoever signed it
    #[arg(long, global = true, value_name = "SHA256", conflicts_with = "insecure", help_heading = "Connection")]
    pub(crate) pin: Option<Fingerprint>,

    /// Accept any certificate: anybody on the way can read and change the stream
    #[arg(long, global = true, help_heading = "Connection")]
    pub(crate) insecure: bool,

    /// Write the decoded conversation to this file, without passwords and stream keys
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    pub(crate) trace: Option<PathBuf>,

    /// How to show progress
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Output")]
    pub(crate) progress: ProgressStyle,

    /// Print errors only
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Print how each URL is split into host, app, stream and tcUrl, and exit
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) show_url: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressStyle {
    /// A bar on a terminal, a line now and then otherwise
    #[default]
    Auto,
    /// A line now and then
    Plain,
    /// One JSON object a second on standard error
    Json,
    /// Nothing
    None,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// Until the server has accepted the connect command.
    pub(crate) connect: Duration,
    /// Without a byte from the peer.
    pub(crate) idle: Duration,
    /// For the whole run; `None` is for ever.
    pub(crate) total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_secs(30), total: None }
    }
}

impl FromStr for Timeouts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut timeouts = Self::default();
        for part in text.split(',') {
            match part.split_once('=') {
                None => {
                    timeouts.connect = seconds(part)?;
                    timeouts.idle = timeouts.connect;
                }
                Some(("connect", value)) => timeouts.connect = seconds(value)?,
                Some(("idle", value)) => timeouts.idle = seconds(value)?,
                Some(("total", value)) => timeouts.total = Some(seconds(value)?),
                Some((name, _)) => return Err(format!("no timeout is called {name}: use connect, idle or total")),
            }
        }
        Ok(timeouts)
    }
}

/// The SHA-256 of a certificate in DER form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub [u8; 32]);

impl FromStr for Fingerprint {
    type Err = String;

    /// Accepts the colons that openssl prints between the bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.replace(':', ""), &mut bytes)
            .map_err(|_| "a SHA-256 fingerprint is 64 hex digits".to_owned())?;
        Ok(Self(bytes))
    }
}

/// Seconds, or `mm:ss`, or `hh:mm:ss`, each with a fraction, or a number with a unit: `90s`, `15m`, `1h`, `250ms`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time: use seconds, hh:mm:ss, or a number with ms, s, m or h");
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| (0.0..1e9).contains(n));
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];
    if let Some((value, unit)) = units.iter().find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale))) {
        return Ok(Duration::from_secs_f64(number(value).ok_or_else(wrong)? * unit));
    }
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return Err(wrong());
    }
    let total = parts.iter().try_fold(0.0, |sum, part| number(part).map(|n| sum * 60.0 + n)).ok_or_else(wrong)?;
    Ok(Duration::from_secs_f64(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let read = |text| seconds(text).map(|time| time.as_millis());
        assert_eq!(read("90"), Ok(90_000));
        assert_eq!(read("1.5"), Ok(1_500));
        assert_eq!(read("01:02:03"), Ok(3_723_000));
        assert_eq!(read("2:30"), Ok(150_000));
        assert_eq!(read("1h"), Ok(3_600_000));
        assert_eq!(read("250ms"), Ok(250));
        for wrong in ["", "-1", "1:2:3:4", "x", "nan", "inf", "5 apples"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn timeouts_can_be_set_apart() {
        let timeouts: Timeouts = "connect=5,idle=20,total=1h".parse().unwrap();
        assert_eq!(timeouts.connect, Duration::from_secs(5));
        assert_eq!(timeouts.idle, Duration::from_secs(20));
        assert_eq!(timeouts.total, Some(Duration::from_secs(3600)));
        let both: Timeouts = "7".parse().unwrap();
        assert_eq!((both.connect, both.idle), (Duration::from_secs(7), Duration::from_secs(7)));
        assert!("soon=1".parse::<Timeouts>().is_err());
    }

    #[test]
    fn a_fingerprint_may_have_colons() {
        let plain = "00".repeat(31) + "ff";
        let colons = "00:".repeat(31) + "FF";
        assert_eq!(plain.parse::<Fingerprint>(), colons.parse());
        assert!("00ff".parse::<Fingerprint>().is_err());
    }
}
