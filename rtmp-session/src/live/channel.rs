//! The log of one live stream.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rtmp_chunk::{Message, encode_into};

use super::classify::{Class, classify};
use super::cursor::State;
use super::entry::Entry;
use super::meter::Share;
use super::payloads;
use super::timeline::Timeline;
use super::{ChannelConfig, Cursor, Gap, Headers, ImageFormat, Next, NextImage, Start};
use crate::{Media, MediaKind};

/// One live stream: a bounded log of [`Media`] that any number of [`Cursor`]s read.
///
/// It is GOP cache, fan-out queue and policy for slow readers at once. What a push costs does not depend on the number
/// of readers, and there are no queues per reader. See the [module](super) for how it works.
///
/// A clone goes on by itself from where this one is, and shares the payloads so far. The [`Cursor`]s of this one are
/// places in it too, until they read what came later: for a stream that is to be had in two renditions from there on.
#[derive(Clone, Debug)]
pub struct Channel {
    config: ChannelConfig,
    log: VecDeque<Entry>,
    /// Sequence number of the oldest entry. Numbers are never used twice.
    first: u64,
    /// What the entries cost together.
    bytes: usize,
    /// All that was ever pushed, for distances in the log.
    pushed: u64,
    timeline: Timeline,
    /// In force at the head.
    headers: Arc<Headers>,
    publish: Publish,
    live: bool,
    ended: bool,
    /// The memory of the list of entries.
    list: Share,
}

/// What is known of the publish going on.
#[derive(Clone, Debug)]
struct Publish {
    /// Sequence number of its first message.
    begin: u64,
    /// The newest place to start at; it may have left the log.
    newest_key: Option<u64>,
    newest_video: Option<u64>,
    /// There are key frames of the default track.
    default_track: bool,
}

impl Publish {
    const fn new(begin: u64) -> Self {
        Self { begin, newest_key: None, newest_video: None, default_track: false }
    }
}

impl Channel {
    /// An empty stream, ready for a publisher.
    pub fn new(config: ChannelConfig) -> Self {
        Self {
            list: Share::new(config.meter.as_ref()),
            config,
            log: VecDeque::new(),
            first: 0,
            bytes: 0,
            pushed: 0,
            timeline: Timeline::default(),
            headers: Arc::new(Headers::default()),
            publish: Publish::new(0),
            live: true,
            ended: false,
        }
    }

    /// Appends one message. Where several have arrived together, [`Channel::push_batch`] is better.
    pub fn push(&mut self, media: Media) {
        self.push_batch([media]);
    }

    /// Appends what one read of the publisher brought, and drops what is over the bounds.
    ///
    /// With an [`ImageFormat`] the batch is rendered into one contiguous image, and every payload that fits one chunk
    /// becomes a slice of it, so nothing is held twice. Other payloads are copied if they are at most 32 KiB long, so that
    /// the log does not keep the read buffers alive that they came in ([`Media::detached`]); longer ones are shared.
    ///
    /// Left out are inter frames before the first key frame of a publish, which no decoder can use, messages longer than
    /// RTMP can carry, and data named `onStatus` or `onPlayStatus`: players would take it for the word of the server, such
    /// as that the stream is over.
    pub fn push_batch(&mut self, batch: impl IntoIterator<Item = Media>) {
        let begin = self.log.len();
        for media in batch {
            self.append(media);
        }
        match self.config.image {
            Some(format) => payloads::render(&mut self.log, begin, format, &self.config),
            None => payloads::gather(&mut self.log, begin, &self.config),
        }
        self.account(begin);
        self.evict();
        self.meter_entries();
    }

    /// Drops the oldest messages until the rest costs at most `max_bytes` of what [`Channel::held`] tells: for a program
    /// that needs the memory elsewhere. Readers that were not through with them find a [`Gap`]. What is pushed from now on
    /// is bounded by the [`ChannelConfig`] again.
    pub fn trim(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes && self.drop_oldest() {}
        self.log.shrink_to(self.log.len() * 2);
        self.meter_entries();
    }

    /// The publisher left. Readers keep their places; what comes after [`Channel::resume`] goes on in time from here,
    /// with headers of its own. Who comes meanwhile waits for it.
    pub fn interrupt(&mut self) {
        self.live = false;
        self.timeline.interrupt();
        self.headers = Arc::new(self.headers.cleared());
        self.publish = Publish::new(self.head());
    }

    /// A publisher came back.
    pub fn resume(&mut self) {
        self.live = true;
    }

    /// The stream is over for good: readers find [`Next::Ended`] behind its last message.
    pub fn end(&mut self) {
        self.live = false;
        self.ended = true;
    }

    /// Whether there is a publisher: neither [interrupted](Channel::interrupt) nor [ended](Channel::end).
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// How much media time was pushed so far. Jumps do not count, nor what lies between two publishes: beside a clock it
    /// tells whether a publisher keeps real time.
    pub fn media_time(&self) -> Duration {
        Duration::from_millis(self.timeline.elapsed())
    }

    /// Metadata and sequence headers in force now, per track.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Bytes and messages in the log.
    pub fn held(&self) -> (usize, usize) {
        (self.bytes, self.log.len())
    }

    /// A reader that starts where [`ChannelConfig::start`] says. It belongs to its owner; the channel keeps nothing.
    ///
    /// One that subscribes before the publish begins reads it from the first message on.
    pub fn subscribe(&self) -> Cursor {
        Cursor { at: self.head(), state: self.state_at_head(), seen: 0, skips_video: false }
    }

    /// The next message for this reader.
    pub fn next(&self, cursor: &mut Cursor) -> Next {
        match self.look(cursor) {
            Found::Headers => Next::Media(next_header(cursor)),
            Found::Entry(entry) => {
                cursor.at += 1;
                cursor.seen = entry.version;
                Next::Media(entry.media.clone())
            }
            Found::Gap(gap) => Next::Gap(gap),
            Found::Pending => Next::Pending,
            Found::Ended => Next::Ended,
        }
    }

    /// Wire bytes from this reader's place to the end of the batch it stands in: whole messages, with format 0 headers,
    /// fit for every connection of the [`ImageFormat`]. They are the messages that [`Channel::next`] would give.
    ///
    /// Without an [`ImageFormat`] there are no images: always [`NextImage::Pending`].
    pub fn next_image(&self, cursor: &mut Cursor) -> NextImage {
        let Some(format) = self.config.image else { return NextImage::Pending };
        match self.look(cursor) {
            Found::Headers => NextImage::Image(self.config.hold(header_image(cursor, format))),
            Found::Entry(entry) if cursor.skips_video => {
                cursor.at += 1;
                cursor.seen = entry.version;
                NextImage::Image(entry.image.slice(..entry.own))
            }
            Found::Entry(entry) => {
                cursor.at += u64::from(entry.run);
                cursor.seen = self.entry(cursor.at - 1).map_or(entry.version, |last| last.version);
                NextImage::Image(entry.image.clone())
            }
            Found::Gap(gap) => NextImage::Gap(gap),
            Found::Pending => NextImage::Pending,
            Found::Ended => NextImage::Ended,
        }
    }

    fn look(&self, cursor: &mut Cursor) -> Found<'_> {
        if matches!(cursor.state, State::Waiting) && !self.start(cursor) {
            return self.nothing();
        }
        if cursor.at < self.first {
            let gap = Gap { skipped: self.first - cursor.at };
            cursor.at = self.head();
            cursor.state = self.state_at_head();
            cursor.skips_video = false;
            return Found::Gap(gap);
        }
        if matches!(cursor.state, State::Headers { .. }) {
            return Found::Headers;
        }
        while let Some(entry) = self.entry(cursor.at) {
            cursor.skips_video &= entry.headers.is_none();
            if !cursor.skips_video || !entry.is_inter {
                return Found::Entry(entry);
            }
            cursor.at += 1;
        }
        self.nothing()
    }

    fn nothing(&self) -> Found<'_> {
        if self.ended { Found::Ended } else { Found::Pending }
    }

    /// Of a reader that begins anew. Before the first message of a publish it will miss nothing.
    fn state_at_head(&self) -> State {
        if self.publish.begin == self.head() { State::Running } else { State::Waiting }
    }

    /// Finds a waiting reader its first message. False if there is none yet.
    fn start(&self, cursor: &mut Cursor) -> bool {
        let Publish { begin, newest_key, .. } = self.publish;
        // This publish began while it waited: everything is new to it, and the headers are in the log.
        if cursor.at <= begin && begin >= self.first {
            cursor.at = begin;
            cursor.seen = 0;
            cursor.state = State::Running;
            return begin < self.head();
        }
        if !self.has_video() {
            cursor.at = self.head();
            // Should the video go on, its frames are of no use before a key frame.
            cursor.skips_video = newest_key.is_some();
            self.start_with(cursor, &self.headers, self.timeline.latest());
            return true;
        }
        let wanted = match self.config.start {
            Start::Keyframe => self.first,
            Start::Live => cursor.at,
        };
        let Some(key) = newest_key.filter(|key| *key >= wanted.max(self.first)) else { return false };
        let Some(entry) = self.entry(key) else { return false };
        let Some(headers) = &entry.headers else { return false };
        cursor.at = key;
        self.start_with(cursor, headers, entry.media.timestamp);
        true
    }

    /// Sets a reader going, with headers first unless it has the same already.
    fn start_with(&self, cursor: &mut Cursor, headers: &Arc<Headers>, timestamp: u32) {
        cursor.state = if cursor.seen == headers.version() || headers.is_empty() {
            State::Running
        } else {
            State::Headers { headers: Arc::clone(headers), index: 0, timestamp }
        };
    }

    fn append(&mut self, mut media: Media) {
        let class = classify(&media);
        let is_of_use = match class {
            Class::Interframe => self.publish.newest_key.is_some(),
            Class::Status => false,
            _ => true,
        };
        if !is_of_use || media.payload.len() > Message::MAX_LEN {
            return;
        }
        let is_start = match class {
            Class::Keyframe { default_track } => {
                self.publish.default_track |= default_track;
                // The tracks of a stream have their key frames together, and the default track goes first.
                default_track || !self.publish.default_track
            }
            _ => false,
        };
        media.timestamp = self.timeline.stamp(media.timestamp, class.is_frame());
        let headers_cost = self.update_headers(&class, &media);
        if is_start {
            self.publish.newest_key = Some(self.head());
        }
        if media.kind == MediaKind::Video {
            self.publish.newest_video = Some(self.head());
        }
        self.log.push_back(Entry {
            image: Bytes::new(),
            run: 1,
            own: 0,
            is_inter: matches!(class, Class::Interframe),
            cost: media.payload.len() + headers_cost,
            offset: 0,
            elapsed: self.timeline.elapsed(),
            version: self.headers.version(),
            headers: is_start.then(|| Arc::clone(&self.headers)),
            media,
        });
    }

    /// Keeps a header. Returns what that costs: as long as a key frame behind it is in the log, so are these headers.
    fn update_headers(&mut self, class: &Class, media: &Media) -> usize {
        let headers = match class {
            Class::Header(role) => self.headers.with(role, media, &self.config),
            Class::ClearMetadata => self.headers.without_metadata(),
            _ => None,
        };
        let Some(headers) = headers else { return 0 };
        self.headers = Arc::new(headers);
        media.payload.len() + self.headers.overhead()
    }

    fn account(&mut self, begin: usize) {
        for entry in self.log.range_mut(begin..) {
            entry.offset = self.pushed;
            self.pushed += entry.cost as u64;
            self.bytes += entry.cost;
        }
    }

    fn evict(&mut self) {
        while let Some(oldest) = self.log.front() {
            if !self.is_over_bounds(oldest) && !self.is_left_behind(oldest) {
                break;
            }
            self.drop_oldest();
        }
    }

    /// False if there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.log.pop_front() else { return false };
        self.bytes -= oldest.cost;
        self.first += 1;
        true
    }

    /// Tells the meter how long the list of entries is now.
    fn meter_entries(&mut self) {
        self.list.set(self.log.capacity() * size_of::<Entry>());
    }

    fn is_over_bounds(&self, oldest: &Entry) -> bool {
        self.bytes > self.config.max_bytes
            || self.log.len() > self.config.max_messages
            || self.age(oldest) > self.config.max_span.as_millis()
    }

    /// Readers that far behind have a better place to go on from.
    fn is_left_behind(&self, oldest: &Entry) -> bool {
        let resume_at = match self.publish.newest_key {
            Some(key) => key,
            None if self.has_video() => return false,
            None => self.head(),
        };
        self.first < resume_at
            && self.age(oldest) > self.config.lag_span.as_millis()
            && self.pushed - oldest.offset > self.config.lag_bytes as u64
    }

    fn age(&self, entry: &Entry) -> u128 {
        u128::from(self.timeline.elapsed() - entry.elapsed)
    }

    /// Whether there is video in the log. A stream whose video stopped is an audio stream.
    fn has_video(&self) -> bool {
        self.publish.newest_video.is_some_and(|newest| newest >= self.first)
    }

    /// Sequence number of what is pushed next.
    fn head(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    fn entry(&self, at: u64) -> Option<&Entry> {
        let index = at.checked_sub(self.first)?;
        self.log.get(usize::try_from(index).ok()?)
    }
}

/// What stands at a cursor.
enum Found<'a> {
    /// The cursor's own headers.
    Headers,
    Entry(&'a Entry),
    Gap(Gap),
    Pending,
    Ended,
}

/// Takes one header off a cursor that has some.
fn next_header(cursor: &mut Cursor) -> Media {
    let State::Headers { headers, index, timestamp } = &mut cursor.state else { unreachable!("there are headers") };
    let media = Media { timestamp: *timestamp, ..headers.get(*index).expect("the index is in range").clone() };
    *index += 1;
    if *index == headers.len() {
        cursor.seen = headers.version();
        cursor.state = State::Running;
    }
    media
}

/// Takes all headers off a cursor that has some.
fn header_image(cursor: &mut Cursor, format: ImageFormat) -> Vec<u8> {
    let mut image = Vec::new();
    while matches!(cursor.state, State::Headers { .. }) {
        let message = next_header(cursor).to_message(format.message_stream);
        encode_into(&message, format.chunk_size, &mut image).expect("headers were pushed, so they are not too long");
    }
    image
}
