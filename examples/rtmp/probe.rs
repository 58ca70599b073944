//! `rtmp probe`: what a stream is, and whether it is well.

use crate::dial::Dialer;
use crate::failure::{Exit, Failure, Step};
use crate::general::{General, seconds};
use crate::inlet::{Heard, Inlet};
use crate::inspect::media_text;
use crate::media_stats::MediaStats;
use crate::target::{ConnectOptions, Target};
use clap::Args;
use rtmp_session::amf::Value;
use rtmp_session::flv::VideoHeader;
use rtmp_session::{MediaKind, PlayOptions};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Plays a stream for a moment and tells what it is: codecs, rates, key frames, delays
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Exit codes: 0 healthy, 3 no connection, 4 refused, 5 no such stream, 6 connected but nothing came, or it stopped.

Examples:
  rtmp probe rtmp://live.example.com/app/show
  rtmp probe --json --for 10 rtmp://live.example.com/app/show | jq .media.video
  rtmp probe -q --wait 5 rtmp://localhost/live/show || systemctl restart encoder")]
pub(crate) struct Probe {
    #[arg(value_name = "URL")]
    url: String,

    /// How long to look
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    duration: Duration,

    /// How long to wait for the first message, and for the next
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    wait: Duration,

    /// One JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// What was found out, as far as it went.
#[derive(Default)]
struct Findings {
    accepted: Option<Duration>,
    playing: Option<Duration>,
    first_media: Option<Duration>,
    first_picture: Option<Duration>,
    observed: Duration,
    server: Option<Json>,
    stats: MediaStats,
}

impl Probe {
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        Ok(vec![Target::parse(&self.url, &self.connect)?])
    }

    pub(crate) async fn run(&self, general: &General) -> Result<(), Failure> {
        let target = Target::parse(&self.url, &self.connect)?;
        let mut general = general.clone();
        general.timeout.idle = self.wait;
        let dialer = Dialer::new(&general)?;
        let mut findings = Findings::default();
        let result = self.look(&dialer, &target, &mut findings).await;
        if self.json {
            say!("{}", findings.to_json(&target, result.as_ref().err()));
        } else if !general.quiet {
            say!("{}", findings.to_text(&target).trim_end());
        }
        result
    }

    async fn look(&self, dialer: &Dialer, target: &Target, findings: &mut Findings) -> Result<(), Failure> {
        let begin = Instant::now();
        let client = dialer.dial(target).await?;
        findings.accepted = Some(begin.elapsed());
        let mut inlet = Inlet::play(client, dialer, target, &PlayOptions::default()).await?;
        findings.playing = Some(begin.elapsed());
        findings.server = Some(describe_server(&mut inlet));
        let first = Instant::now();
        let mut deadline = first + self.wait;
        loop {
            let heard = match timeout_at(deadline, inlet.next()).await {
                Ok(heard) => heard?,
                Err(_) => break,
            };
            match heard {
                Heard::Media(media) => {
                    if media.kind != MediaKind::Data && findings.first_media.is_none() {
                        findings.first_media = Some(begin.elapsed());
                        deadline = Instant::now() + self.duration;
                    }
                    let is_picture = media.kind == MediaKind::Video
                        && VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_keyframe());
                    if is_picture && findings.first_picture.is_none() {
                        findings.first_picture = Some(begin.elapsed());
                    }
                    findings.stats.add(&media);
                }
                Heard::Ended(_) | Heard::PublisherLeft => break,
                Heard::PublisherCame | Heard::Reconnect(_) => {}
            }
        }
        findings.observed = begin.elapsed().saturating_sub(findings.first_media.unwrap_or_else(|| begin.elapsed()));
        inlet.close().await;
        if findings.first_media.is_none() {
            let seconds = self.wait.as_secs_f64();
            return Err(Failure::new(Step::Media, target.place(), format!("nothing came for {seconds} s"))
                .exit(Exit::Stalled)
                .hint("is somebody publishing? many servers let a player wait for that"));
        }
        Ok(())
    }
}

fn describe_server(inlet: &mut Inlet) -> Json {
    let session = inlet.client().session();
    let handshake = session.peer().map(|peer| {
        let [a, b, c, d] = peer.version;
        json!({ "scheme": format!("{:?}", peer.scheme).to_lowercase(), "version": format!("{a}.{b}.{c}.{d}") })
    });
    let capabilities = session.capabilities();
    let codecs = |map: &rtmp_session::FourCcInfoMap| -> Json {
        map.0.iter().map(|(name, mask)| (name.to_string(), json!(mask.0))).collect::<serde_json::Map<_, _>>().into()
    };
    let software = session.server_properties().get("fmsVer").and_then(Value::as_str);
    json!({
        "software": software,
        "handshake": handshake,
        "enhanced": capabilities.is_enhanced(),
        "caps_ex": capabilities.caps_ex.0,
        "fourcc_list": capabilities.fourcc_list.iter().map(|name| name.to_string()).collect::<Vec<_>>(),
        "video_fourcc": codecs(&capabilities.video),
        "audio_fourcc": codecs(&capabilities.audio),
    })
}

impl Findings {
    fn to_json(&self, target: &Target, failure: Option<&Failure>) -> Json {
        let ms = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * 1000.0).map(f64::round);
        json!({
            "url": target.display(),
            "healthy": failure.is_none(),
            "failure": failure.map(|failure| json!({
                "step": failure.step.to_string(),
                "cause": failure.cause,
                "exit_code": failure.exit as u8,
            })),
            "accepted_ms": ms(self.accepted),
            "playing_ms": ms(self.playing),
            "first_media_ms": ms(self.first_media),
            "first_key_frame_ms": ms(self.first_picture),
            "observed_ms": self.observed.as_millis() as u64,
            "server": self.server,
            "media": self.stats.to_json(),
        })
    }

    fn to_text(&self, target: &Target) -> String {
        let mut text = format!("{}\n", target.display());
        let times = [
            ("connected", self.accepted),
            ("playing", self.playing),
            ("first media", self.first_media),
            ("first key frame", self.first_picture),
        ];
        for (what, time) in times {
            if let Some(time) = time {
                text += &format!("  {what:<16}after {:.0} ms\n", time.as_secs_f64() * 1000.0);
            }
        }
        text += &media_text(&self.stats);
        if let Some(Value::EcmaArray(object) | Value::Object(object)) = &self.stats.metadata
            && let Some(encoder) = object.get("encoder").and_then(Value::as_str)
        {
            text += &format!("  encoder: {encoder}\n");
        }
        if let Some(server) = &self.server {
            let version = server["handshake"]["version"].as_str().unwrap_or("unknown");
            let enhanced =
                if server["enhanced"] == true { "announces Enhanced RTMP" } else { "announces no Enhanced RTMP" };
            let software = server["software"].as_str().unwrap_or("unknown software");
            text += &format!("  server: {software}, handshake version {version}, {enhanced}\n");
        }
        text
    }
}
