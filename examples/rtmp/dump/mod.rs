//! `rtmp dump`: rtmpdump, as scripts know it.

mod options;
mod status;

pub(crate) use options::DumpOptions;

use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure};
use crate::general::{General, Timeouts};
use crate::inlet::{Heard, Inlet};
use crate::part_file::{Naming, PartFile};
use crate::player_file::PlayerFile;
use crate::proxy::Proxy;
use crate::record::{Continuity, Output, Overlap, Written};
use crate::stop_signal::StopSignal;
use crate::target::{Target, is_true};
use rtmp_session::amf::Value;
use rtmp_session::flv::Metadata;
use rtmp_session::{Media, MediaKind, PlayOptions, PlayStart};
use status::Status;
use std::path::Path;
use std::time::Duration;

/// rtmpdump's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DumpExit {
    Complete = 0,
    Failed = 1,
    Incomplete = 2,
    NoConnection = 3,
}

/// Runs to the end, and says what rtmpdump would say.
pub(crate) async fn dump(options: &DumpOptions) -> DumpExit {
    let status = Status::new(options);
    status.say("RTMPDump v2.4 compatible, rtmp ".to_owned() + env!("CARGO_PKG_VERSION"));
    for what in options.unsupported() {
        status.say(format!("WARNING: {what}"));
    }
    match Dump::prepare(options, &status).await {
        Ok(mut dump) => match dump.run(&status).await {
            Ok(exit) => exit,
            Err(failure) => failed(&failure, &status),
        },
        Err(failure) => failed(&failure, &status),
    }
}

fn failed(failure: &Failure, status: &Status) -> DumpExit {
    status.error(format!("ERROR: {failure}"));
    match failure.exit {
        Exit::NoConnection => DumpExit::NoConnection,
        Exit::Incomplete | Exit::Stalled => DumpExit::Incomplete,
        _ => DumpExit::Failed,
    }
}

/// The options of the other subcommands that say the same.
fn general(options: &DumpOptions) -> General {
    let timeout = Duration::from_secs(options.timeout);
    General {
        timeout: Timeouts { connect: timeout, idle: timeout, total: None },
        quiet: options.quiet,
        proxy: options.socks.as_deref().map(Proxy::socks4),
        trace: options.debug.then(|| "/dev/stderr".into()),
        ..General::default()
    }
}

/// A player file that is not where it was stops nothing: few servers ask for it.
async fn prepare_player(
    options: &DumpOptions,
    target: &mut Target,
    proxy: Option<&Proxy>,
    status: &Status,
) -> Result<(), Failure> {
    if let Some(known) = options.known_player().map_err(Failure::arguments)? {
        target.player = Some(PlayerFile::known(known));
    }
    if let Some(player) = &target.player
        && let Err(failure) = player.verification(proxy).await
    {
        status.say(format!("WARNING: SWF verification will not be answered: {failure}"));
        target.player = None;
    }
    Ok(())
}

/// What some servers want to hear before the stream is asked for.
fn introduce(client: &mut Client, options: &DumpOptions, target: &Target) {
    if options.playlist {
        let list = Value::Array(vec![target.url.stream.as_str().into()]);
        let _ = client.session().notify(None, "set_playlist", &[list]);
    }
    if let Some(name) = &options.subscribe {
        let _ = client.session().notify(None, "FCSubscribe", &[name.as_str().into()]);
    }
}

/// How rtmpdump says that a download begins.
fn beginning(options: &DumpOptions, resumed: bool, live: bool) -> String {
    if resumed {
        let size = std::fs::metadata(&options.flv).map_or(0, |meta| meta.len());
        return format!("Resuming download at: {:.3} kB", size as f64 / 1024.0);
    }
    if live { "Starting Live Stream".to_owned() } else { "Starting download at: 0.000 kB".to_owned() }
}

struct Dump<'a> {
    options: &'a DumpOptions,
    inlet: Inlet,
    live: bool,
    stop: Option<f64>,
    overlap: Option<Overlap>,
    output: Option<Output>,
    continuity: Continuity,
    /// In seconds, as the metadata has it.
    duration: Option<f64>,
    /// In seconds.
    position: f64,
}

impl<'a> Dump<'a> {
    /// Connects and asks for the stream.
    async fn prepare(options: &'a DumpOptions, status: &Status) -> Result<Self, Failure> {
        let text = options.url_text().map_err(Failure::arguments)?;
        let mut target = Target::parse(&text, &options.connect_options())?;
        let general = general(options);
        prepare_player(options, &mut target, general.proxy.as_ref(), status).await?;
        let number = |key: &str| target.extra(key).and_then(|value| value.parse::<f64>().ok());
        let live = options.live || target.extra("live").is_some_and(is_true);
        let start = options.start.or_else(|| number("start").map(|ms| ms / 1000.0));
        let stop = options.stop.or_else(|| number("stop").map(|ms| ms / 1000.0));
        let buffer = number("buffer").map_or(options.buffer, |ms| ms as u32);
        target.config.buffer_length = Duration::from_millis(buffer.into());
        let in_file = options.flv != "-";
        let overlap = if options.resume && in_file && !live {
            Overlap::with_file(Path::new(&options.flv), Naming::AsItIs, false)?
        } else {
            None
        };
        status.say("Connecting ...");
        let dialer = Dialer::new(&general)?;
        let mut client = dialer.dial(&target).await?;
        status.say("INFO: Connected...");
        introduce(&mut client, options, &target);
        let from = match (&overlap, start) {
            (Some(overlap), _) => PlayStart::Recorded(overlap.start().into()),
            (None, _) if live => PlayStart::Live,
            (None, Some(start)) => PlayStart::Recorded(start * 1000.0),
            (None, None) => PlayStart::LiveOrRecorded,
        };
        let mut play = PlayOptions::default().start(from);
        if let (Some(stop), false) = (stop, live) {
            play = play.duration((stop - start.unwrap_or(0.0)).max(0.0) * 1000.0);
        }
        let inlet = Inlet::play(client, &dialer, &target, &play).await?;
        status.say(beginning(options, overlap.is_some(), live));
        if let Some(stop) = stop {
            status.say(format!("For duration: {:.3} sec", stop - start.unwrap_or(0.0)));
        }
        Ok(Self {
            options,
            inlet,
            live,
            stop: stop.map(|stop| if live { stop } else { stop - start.unwrap_or(0.0) }),
            overlap,
            output: None,
            continuity: Continuity::new(),
            duration: None,
            position: 0.0,
        })
    }

    async fn run(&mut self, status: &Status) -> Result<DumpExit, Failure> {
        let mut signal = StopSignal::new();
        let ended = loop {
            let heard = tokio::select! {
                heard = self.inlet.next() => heard,
                () = signal.received() => break Ok(DumpExit::Incomplete),
            };
            match heard {
                Ok(Heard::Media(media)) => {
                    if !self.take(media, status)? {
                        break Ok(DumpExit::Complete);
                    }
                }
                Ok(Heard::Ended(_) | Heard::PublisherLeft) => break Ok(DumpExit::Complete),
                Ok(_) => {}
                Err(failure) => break Err(failure),
            }
        };
        let exit = match ended {
            Ok(exit) => exit,
            Err(failure) if self.output.is_none() => return Err(failure),
            Err(failure) => {
                status.error(format!("\nERROR: {failure}"));
                DumpExit::Incomplete
            }
        };
        if let Some(overlap) = self.overlap.take() {
            overlap.end()?;
        }
        if let Some(output) = self.output.take() {
            output.finish()?;
        }
        Ok(self.conclude(exit, status))
    }

    /// A recorded stream is complete when as much is there as it said it has.
    fn conclude(&self, exit: DumpExit, status: &Status) -> DumpExit {
        let percent = self.percent();
        let short = !self.live && self.stop.is_none() && percent.is_some_and(|percent| percent < 99.0);
        if exit == DumpExit::Complete && !short {
            status.end("Download complete");
            return DumpExit::Complete;
        }
        if self.live && exit == DumpExit::Incomplete && self.stop.is_none() {
            status.end("Download may be incomplete");
            return exit;
        }
        let about = percent.map_or_else(String::new, |percent| format!(" (downloaded about {percent:.2}%)"));
        status.end(&format!("Download may be incomplete{about}, try resuming"));
        DumpExit::Incomplete
    }

    fn percent(&self) -> Option<f64> {
        let total = match (self.stop, self.duration) {
            (Some(stop), _) if !self.live => stop,
            (_, Some(duration)) if !self.live => duration,
            _ => return None,
        };
        (total > 0.0).then(|| (self.position * 100.0 / total).min(100.0))
    }

    /// False when enough is there, or nobody reads the pipe any more.
    fn take(&mut self, media: Media, status: &Status) -> Result<bool, Failure> {
        if media.kind == MediaKind::Data {
            self.note_metadata(&media, status);
        }
        if let Some(overlap) = &mut self.overlap {
            let Some(gap) = overlap.compare(&media)? else { return Ok(true) };
            self.overlap = None;
            self.continuity.take_any_frame();
            let resumed = PartFile::resume(Path::new(&self.options.flv), Naming::AsItIs, gap)?;
            self.output = resumed.map(|(file, _)| Output::File(Box::new(file)));
        }
        let Some(media) = self.continuity.place(media) else { return Ok(true) };
        if self.stop.is_some_and(|stop| f64::from(self.continuity.elapsed()) / 1000.0 >= stop) {
            return Ok(false);
        }
        let output = match &mut self.output {
            Some(output) => output,
            None => self.output.insert(Output::create_flv(Path::new(&self.options.flv), Naming::AsItIs)?),
        };
        let written = tokio::task::block_in_place(|| output.write(&media))?;
        let size = output.size();
        self.position = f64::from(media.timestamp) / 1000.0;
        status.progress(size, self.position, self.percent());
        Ok(written == Written::Yes)
    }

    fn note_metadata(&mut self, media: &Media, status: &Status) {
        let limits = rtmp_session::amf::AmfLimits::default();
        let Ok(Some(metadata)) = Metadata::parse(rtmp_session::flv::TagKind::Script, &media.payload, &limits) else {
            return;
        };
        if self.duration.is_none() {
            self.duration = metadata.duration().filter(|duration| *duration > 0.0);
        }
        status.metadata(&metadata.properties);
    }
}
