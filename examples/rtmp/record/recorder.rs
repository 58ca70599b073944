//! One recording, supervised: it connects, writes, splits, and comes back when it has to.

use super::headers::Headers;
use super::output::is_mp4;
use super::overlap::Overlap;
use super::{Continuity, NameTemplate, Output, When, Written};
use crate::backoff::Backoff;
use crate::dial::Dialer;
use crate::failure::{Exit, Failure};
use crate::inlet::{Heard, Inlet};
use crate::part_file::{Naming, PartFile};
use crate::progress::{Line, Progress, clock, size};
use crate::stop_signal::StopSignal;
use crate::target::Target;
use jiff::Zoned;
use rtmp_session::amf::{AmfLimits, Object, Value, amf0};
use rtmp_session::flv::{Metadata, TagKind, VideoHeader};
use rtmp_session::{Media, MediaKind, PlayOptions, PlayStart};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What to record, and where to.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) target: Target,
    /// A [`NameTemplate`].
    pub(crate) output: String,
    pub(crate) when: When,
    /// Wait for the next publisher when a recording is over.
    pub(crate) repeat: bool,
}

/// Records until the stream, the time or the patience is over; with `repeat`, until it is told to stop.
pub(crate) async fn record(job: Job, dialer: Arc<Dialer>, progress: Progress, line: Line) -> Result<(), Failure> {
    let mut stop = StopSignal::new();
    let mut backoff = Backoff::default();
    loop {
        let began = Instant::now();
        let result = record_once(job.clone(), Arc::clone(&dialer), progress.clone(), line.clone()).await;
        if !job.repeat {
            return result;
        }
        if let Err(failure) = result {
            progress.note(failure.to_string());
        }
        if began.elapsed() > Duration::from_secs(10) {
            backoff.reset();
        }
        line.state("waiting");
        tokio::select! {
            () = sleep(backoff.next(Instant::now().into_std())) => {}
            () = stop.received() => return Ok(()),
        }
    }
}

async fn record_once(job: Job, dialer: Arc<Dialer>, progress: Progress, line: Line) -> Result<(), Failure> {
    let name =
        if job.when.split.is_some() { NameTemplate::numbered(&job.output) } else { NameTemplate::new(&job.output) };
    let mut recorder = Recorder {
        job,
        dialer,
        progress,
        line,
        name,
        stop_signal: StopSignal::new(),
        output: None,
        overlap: None,
        continuity: Continuity::new(),
        headers: Headers::default(),
        parts: 0,
        began: None,
        part_began: None,
        away_since: None,
    };
    recorder.resume()?;
    let ended = recorder.supervise().await;
    let finished = recorder.finish_part();
    ended.and(finished)
}

struct Recorder {
    job: Job,
    dialer: Arc<Dialer>,
    progress: Progress,
    line: Line,
    name: NameTemplate,
    stop_signal: StopSignal,
    /// `None` until the first message, and after the end.
    output: Option<Output>,
    /// While the beginning of the stream is compared with the end of the file that is gone on with.
    overlap: Option<Overlap>,
    continuity: Continuity,
    headers: Headers,
    parts: u32,
    /// Time of the first frame, and of the first one of this part.
    began: Option<u32>,
    part_began: Option<u32>,
    /// When connection or publisher went.
    away_since: Option<Instant>,
}

/// Why playing stopped.
enum End {
    /// Everything asked for is there.
    Complete,
    /// It may go on in another connection.
    Lost(Failure),
    /// At once, without asking the server.
    Moved,
}

impl Recorder {
    async fn supervise(&mut self) -> Result<(), Failure> {
        let deadline = self.job.when.until.map(|until| Instant::now() + until.from(&Zoned::now()));
        let mut backoff = Backoff::default();
        loop {
            self.line.state("connecting");
            let failure = match self.connect(deadline).await {
                Ok(Some(inlet)) => match self.play(inlet, deadline).await? {
                    End::Complete => return self.complete(),
                    End::Moved => continue,
                    End::Lost(failure) => {
                        if self.away_since.is_none() {
                            backoff.reset();
                        }
                        failure
                    }
                },
                Ok(None) => return self.stopped_while_away(),
                Err(failure) => failure,
            };
            let away = *self.away_since.get_or_insert_with(Instant::now);
            // A live stream that nobody publishes right now may still come, if it is waited for.
            let worth_waiting = failure.is_passing() || self.began.is_some() || deadline.is_some();
            let patient = deadline.is_some() || away.elapsed() < self.job.when.give_up;
            if !worth_waiting || !patient || (self.began.is_none() && deadline.is_none()) {
                return self.give_up(failure);
            }
            let pause = backoff.next(Instant::now().into_std());
            self.line.state("waiting");
            self.progress.note(format!("{failure}\n  again in {:.1} s", pause.as_secs_f64()));
            tokio::select! {
                () = sleep(pause) => {}
                () = until(deadline) => return self.stopped_while_away(),
                () = self.stop_signal.received() => return self.stopped_while_away(),
            }
        }
    }

    /// A stream that ended before it had anything new: either the file was whole already, or it is another stream's.
    fn complete(&mut self) -> Result<(), Failure> {
        if let Some(overlap) = self.overlap.take() {
            overlap.end()?;
            self.output = self.go_on_with_file(0)?;
        }
        Ok(())
    }

    /// `None`: the time is over before there was a connection.
    async fn connect(&mut self, deadline: Option<Instant>) -> Result<Option<Inlet>, Failure> {
        let dialer = Arc::clone(&self.dialer);
        let options = self.play_options();
        tokio::select! {
            inlet = Inlet::open(&dialer, &self.job.target, &options) => inlet.map(Some),
            () = until(deadline) => Ok(None),
            () = self.stop_signal.received() => Ok(None),
        }
    }

    fn play_options(&self) -> PlayOptions {
        let options = PlayOptions::default();
        let start = match (&self.overlap, self.job.when.start) {
            (Some(overlap), _) => PlayStart::Recorded(f64::from(overlap.start())),
            _ if self.job.when.live => PlayStart::Live,
            (None, Some(start)) if self.began.is_none() => PlayStart::Recorded(start.as_secs_f64() * 1000.0),
            _ => PlayStart::LiveOrRecorded,
        };
        options.start(start)
    }

    async fn play(&mut self, mut inlet: Inlet, deadline: Option<Instant>) -> Result<End, Failure> {
        self.line.state("recording");
        if self.began.is_some() {
            self.continuity.rejoin();
        }
        let end = loop {
            tokio::select! {
                heard = inlet.next() => match heard {
                    Ok(Heard::Media(media)) => {
                        if !self.take(media)? {
                            break End::Complete;
                        }
                    }
                    Ok(Heard::PublisherLeft) if deadline.is_none() && self.began.is_some() => break End::Complete,
                    Ok(Heard::PublisherLeft) => {
                        self.line.state("publisher away");
                        self.away_since.get_or_insert_with(Instant::now);
                        self.continuity.rejoin();
                    }
                    Ok(Heard::PublisherCame) => self.line.state("recording"),
                    Ok(Heard::Ended(_)) if deadline.is_none() => break End::Complete,
                    Ok(Heard::Ended(status)) => {
                        break End::Lost(Failure::new(crate::failure::Step::Media, self.job.target.place(), status.code));
                    }
                    Ok(Heard::Reconnect(url)) => {
                        if self.follow(&mut inlet, url.as_deref()) {
                            break End::Moved;
                        }
                    }
                    Err(failure) => break End::Lost(failure),
                },
                () = until(deadline) => break End::Complete,
                () = self.stop_signal.received() => break End::Complete,
            }
        };
        inlet.close().await;
        Ok(end)
    }

    /// The next connection goes where the server says.
    fn follow(&mut self, inlet: &mut Inlet, url: Option<&str>) -> bool {
        match inlet.client().session().successor(url, Instant::now().into_std()) {
            Ok(session) => {
                self.job.target.url = session.url().clone();
                self.progress.note(format!("the server asks to move to {}", self.job.target.display()));
                true
            }
            Err(error) => {
                self.progress.note(format!("{}: stays: {error}", self.job.target.display()));
                false
            }
        }
    }

    /// Writes one message. False when enough has been recorded, or nobody reads any more.
    fn take(&mut self, media: Media) -> Result<bool, Failure> {
        if let Some(overlap) = &mut self.overlap {
            let Some(gap) = overlap.compare(&media)? else { return Ok(true) };
            if overlap.is_exact() {
                self.continuity.take_any_frame();
            }
            self.overlap = None;
            self.output = self.go_on_with_file(gap)?;
        }
        let behind_gap = self.continuity.is_joining();
        let Some(media) = self.continuity.place(media) else { return Ok(true) };
        if self.headers.has_metadata(&media) {
            return Ok(true); // a server repeats it for each connection
        }
        if media.kind == MediaKind::Data {
            self.note_length(&media);
        }
        self.headers.keep(&media);
        let is_frame = media.kind != MediaKind::Data && !self.headers.holds(&media);
        if is_frame {
            let began = *self.began.get_or_insert(media.timestamp);
            let elapsed = elapsed(began, media.timestamp);
            if self.job.when.stop.is_some_and(|stop| elapsed >= stop) {
                return Ok(false);
            }
            if behind_gap {
                self.note_gap(media.timestamp)?;
            }
            if self.is_split_point(&media) {
                self.finish_part()?;
            }
        }
        if self.output.is_none() {
            self.begin_part(&media, is_frame)?;
        }
        if is_frame {
            self.part_began.get_or_insert(media.timestamp);
        }
        self.write(&media)
    }

    fn write(&mut self, media: &Media) -> Result<bool, Failure> {
        let Some(output) = &mut self.output else { return Ok(true) };
        // Disks and pipes block; the other streams of this thread go on elsewhere.
        let written = tokio::task::block_in_place(|| output.write(media))?;
        // A header may be older than the first frame.
        let position = elapsed(self.began.unwrap_or(media.timestamp), media.timestamp);
        self.line.media(position.as_millis() as u64, media.payload.len());
        Ok(written == Written::Yes)
    }

    fn is_split_point(&self, media: &Media) -> bool {
        let Some(split) = self.job.when.split else { return false };
        let elapsed = elapsed(self.part_began.unwrap_or(media.timestamp), media.timestamp);
        let is_key = VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_keyframe());
        let cuttable = if self.headers.has_video() { media.kind == MediaKind::Video && is_key } else { true };
        self.output.is_some() && cuttable && elapsed >= split
    }

    fn begin_part(&mut self, media: &Media, is_frame: bool) -> Result<(), Failure> {
        self.parts += 1;
        self.part_began = None;
        let path = self.name.fill(&self.job.target, self.parts, &Zoned::now()).map_err(Failure::arguments)?;
        self.output = Some(Output::create(&path, Naming::Part)?);
        if is_frame && self.parts > 1 {
            for mut header in self.headers.all() {
                header.timestamp = media.timestamp;
                self.write(&header)?;
            }
        }
        Ok(())
    }

    fn finish_part(&mut self) -> Result<(), Failure> {
        let Some(output) = self.output.take() else { return Ok(()) };
        let bytes = output.size();
        if let Some(path) = tokio::task::block_in_place(|| output.finish())? {
            self.progress.note(format!("{}: {}", path.display(), size(bytes)));
        }
        Ok(())
    }

    /// A recorded stream says how long it is.
    fn note_length(&self, media: &Media) {
        let metadata = Metadata::parse(TagKind::Script, &media.payload, &AmfLimits::default());
        let duration = metadata.ok().flatten().and_then(|metadata| metadata.duration());
        if let Some(duration) = duration.filter(|duration| *duration > 0.0 && !self.job.when.live) {
            self.line.set_total((duration * 1000.0) as u64);
        }
    }

    /// Notes in the file and on the screen that something is missing here.
    fn note_gap(&mut self, timestamp: u32) -> Result<(), Failure> {
        let missing = self.away_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        self.line.reconnected();
        self.line.state("recording");
        let at = timestamp.wrapping_sub(self.began.unwrap_or(timestamp));
        self.progress.note(format!("gap at {}: about {:.1} s are missing", clock(at.into()), missing.as_secs_f64()));
        let object = Object::new()
            .with("time", f64::from(at) / 1000.0)
            .with("missing", (missing.as_secs_f64() * 10.0).round() / 10.0);
        let mut payload = Vec::new();
        for value in [Value::from("onRecordingGap"), Value::EcmaArray(object)] {
            amf0::encode(&value, &mut payload).map_err(Failure::arguments)?;
        }
        if self.output.is_some() {
            self.write(&Media::data(timestamp, payload))?;
        }
        Ok(())
    }

    /// `--resume`: looks for a file to go on with.
    fn resume(&mut self) -> Result<(), Failure> {
        if !self.job.when.resume {
            return Ok(());
        }
        let path = self.name.fill(&self.job.target, 1, &Zoned::now()).map_err(Failure::arguments)?;
        if path.as_os_str() == "-" {
            return Err(Failure::arguments("standard output cannot be gone on with").hint("-o FILE"));
        }
        if is_mp4(&path) {
            return Err(Failure::arguments("an MP4 file cannot be gone on with").hint("--resume is for FLV files"));
        }
        self.overlap = Overlap::with_file(&path, Naming::Part, self.job.when.live)?;
        Ok(())
    }

    /// The file that is gone on with, `gap` milliseconds behind its last frame.
    fn go_on_with_file(&mut self, gap: u32) -> Result<Option<Output>, Failure> {
        let path = self.name.fill(&self.job.target, 1, &Zoned::now()).map_err(Failure::arguments)?;
        let Some((file, last)) = PartFile::resume(Path::new(&path), Naming::Part, gap)? else { return Ok(None) };
        self.progress.note(format!("goes on with {} at {}", path.display(), clock(last.into())));
        self.parts = 1;
        Ok(Some(Output::File(Box::new(file))))
    }

    fn stopped_while_away(&self) -> Result<(), Failure> {
        if self.began.is_some() {
            return Ok(());
        }
        Err(Failure::new(crate::failure::Step::Media, self.job.target.place(), "nothing was recorded")
            .exit(Exit::Incomplete))
    }

    fn give_up(&self, failure: Failure) -> Result<(), Failure> {
        if self.began.is_some() { Err(failure.exit(Exit::Incomplete)) } else { Err(failure) }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Media time from one moment to another; none if it goes back.
fn elapsed(from: u32, to: u32) -> Duration {
    Duration::from_millis((to.wrapping_sub(from) as i32).max(0).unsigned_abs().into())
}
