//! How much a channel keeps, and in which form.

use std::time::Duration;

use bytes::Bytes;
use rtmp_chunk::ChunkSize;

use super::Meter;

/// Bounds and form of one [`Channel`](super::Channel).
///
/// However many read from it, a channel holds at most `max_bytes` of messages, the rest of the batch in which the oldest
/// of them stands (without [`ChannelConfig::image`] at most 64 KiB of it), and `max_header_bytes` of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelConfig {
    /// Most bytes of messages kept. The newest GOP has to fit: one of 10 s at 25 Mbit/s does. Default 32 MiB.
    pub max_bytes: usize,
    /// Most media time kept. A GOP longer than this is cut, and who comes then waits for the next key frame.
    /// Default 20 s.
    pub max_span: Duration,
    /// Most messages kept, each of which costs about 150 bytes beside its payload. Default 8192.
    pub max_messages: usize,
    /// How much media time a reader may fall behind when there is a newer key frame to go on from. What is older than
    /// that key frame, farther behind than this and farther than [`ChannelConfig::lag_bytes`], is dropped: a stuck
    /// reader finds a [`Gap`](super::Gap), and memory is not held for it. Default 4 s.
    pub lag_span: Duration,
    /// See [`ChannelConfig::lag_span`]; so that a burst faster than real time is no reason to drop. Default 2 MiB.
    pub lag_bytes: usize,
    /// Most bytes of metadata and sequence headers kept for those who come later, 65 of them at the most; what does not
    /// fit is passed on and forgotten, with the header that it replaces. Default 1 MiB.
    pub max_header_bytes: usize,
    /// Where a new reader starts. Default [`Start::Keyframe`].
    pub start: Start,
    /// Render wire images for [`Channel::next_image`](super::Channel::next_image). Default `None`.
    pub image: Option<ImageFormat>,
    /// Counts what the channel keeps alive. Default `None`.
    pub meter: Option<Meter>,
}

impl ChannelConfig {
    pub(super) fn hold(&self, buffer: impl AsRef<[u8]> + Into<Bytes> + Send + 'static) -> Bytes {
        match &self.meter {
            Some(meter) => meter.hold(buffer),
            None => buffer.into(),
        }
    }
}

/// Where a new reader of a stream with video starts. Without video it starts at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// At the newest key frame in the log: a picture at once, up to a GOP behind.
    #[default]
    Keyframe,
    /// At the next key frame: no delay, and nothing to see until then.
    Live,
}

/// The connections that images fit: those with this message stream and this chunk size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageFormat {
    /// Message stream id on the wire. The first `createStream` of a connection yields 1 nearly everywhere.
    pub message_stream: u32,
    /// The chunk size that the server announced. Larger is better: 65 536 makes nearly every frame one chunk.
    pub chunk_size: ChunkSize,
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self {
            max_bytes: 32 << 20,
            max_span: Duration::from_secs(20),
            max_messages: 8192,
            lag_span: Duration::from_secs(4),
            lag_bytes: 2 << 20,
            max_header_bytes: 1 << 20,
            start: Start::Keyframe,
            image: None,
            meter: None,
        }
    }
}

macro_rules! setters {
    ($($name:ident: $type:ty),*) => {
        impl ChannelConfig {
            $(
                #[doc = concat!("Sets [`ChannelConfig::", stringify!($name), "`].")]
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )*
        }
    };
}
setters!(
    max_bytes: usize, max_span: Duration, max_messages: usize, lag_span: Duration, lag_bytes: usize,
    max_header_bytes: usize, start: Start, image: Option<ImageFormat>, meter: Option<Meter>
);
