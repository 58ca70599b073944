//! What is chosen below the commands.

use std::time::Duration;

use rtmp_chunk::{ChunkDecoder, ChunkSize};
use rtmp_handshake::{Scheme, Seed};

use super::Limits;

/// How a [`Link`](crate::Link) behaves.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Bounds on what the peer can cost.
    pub limits: Limits,
    /// Where the random bytes of the handshake come from. `None`, the default, asks the operating system for each new
    /// link. A fixed seed makes every byte of a session the same in every run. See HS-6.
    pub seed: Option<Seed>,
    /// The form of handshake a client starts with; servers follow. Default [`Scheme::Plain`], which every server takes.
    pub scheme: Scheme,
    /// Size of the chunks sent. Default 65 536, a common ceiling of deployed peers: nearly every frame is one or two
    /// chunks. A [`Link`](crate::Link) announces it right behind the handshake, the sessions with their connect. See CTL-8.
    pub chunk_size: ChunkSize,
    /// Bytes the peer may receive before it acknowledges. Default 2 500 000. Servers say it with connect, clients before
    /// their first play, as players do; encoders say none. A [`Link`](crate::Link) says none by itself. See CTL-16, CMD-61.
    pub window_ack_size: u32,
    /// Time from the start to the end of the handshake and, in a session, to the connect command at a server and to its
    /// answer at a client. Default 10 s. `tokio::connect` takes at most as long again to
    /// open the socket.
    pub handshake_timeout: Duration,
    /// Longest silence of the peer. `None`: for ever. Default 60 s. Judged at each deadline: nothing received and
    /// nothing of substance, which is more than 4 KiB, taken from the send queue since the last one means the peer is gone.
    /// So is one that goes on sending, if the queue still holds something of what it held at the last deadline, and nothing
    /// of substance was taken.
    pub idle_timeout: Option<Duration>,
    /// After this much silence the peer is sent a ping, once per interval. `None`: never. Default 30 s. See UCM-3.
    pub ping_interval: Option<Duration>,
    /// Refuse a peer whose C2 or S2 answers nothing of ours. Default off: see
    /// [`Handshake::verify_echo`](rtmp_handshake::Handshake::verify_echo) and HS-8.
    pub verify_echo: bool,
    /// At a server, go on with clients that ask for another version than 3. Default off: see
    /// [`Handshake::answer_other_versions`](rtmp_handshake::Handshake::answer_other_versions) and HS-3.
    pub answer_other_versions: bool,
    /// Discard an unfinished message when another begins on its chunk stream, instead of ending the connection. Default
    /// off: see [`ChunkDecoder::drop_partial`] and CHK-33. [`Stats::messages_dropped`](crate::Stats::messages_dropped)
    /// counts them.
    pub drop_partial: bool,
    /// Ignore the top bit of Set Chunk Size, instead of ending the connection. Default off: see
    /// [`ChunkDecoder::ignore_chunk_size_top_bit`] and CTL-7.
    pub ignore_chunk_size_top_bit: bool,
    /// Do without the guess that reads senders who leave out extended timestamps. Default off: see
    /// [`ChunkDecoder::strict_extended_timestamps`] and CHK-21.
    pub strict_extended_timestamps: bool,
}

impl LinkConfig {
    pub(crate) fn decoder(&self) -> ChunkDecoder {
        ChunkDecoder::new(self.limits.chunk.clone())
            .drop_partial(self.drop_partial)
            .ignore_chunk_size_top_bit(self.ignore_chunk_size_top_bit)
            .strict_extended_timestamps(self.strict_extended_timestamps)
    }

    /// Sets [`LinkConfig::limits`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`LinkConfig::seed`].
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets [`LinkConfig::scheme`].
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Sets [`LinkConfig::chunk_size`].
    #[must_use]
    pub fn chunk_size(mut self, size: ChunkSize) -> Self {
        self.chunk_size = size;
        self
    }

    /// Sets [`LinkConfig::window_ack_size`].
    #[must_use]
    pub fn window_ack_size(mut self, bytes: u32) -> Self {
        self.window_ack_size = bytes;
        self
    }

    /// Sets [`LinkConfig::handshake_timeout`].
    #[must_use]
    pub fn handshake_timeout(mut self, time: Duration) -> Self {
        self.handshake_timeout = time;
        self
    }

    /// Sets [`LinkConfig::idle_timeout`].
    #[must_use]
    pub fn idle_timeout(mut self, time: Option<Duration>) -> Self {
        self.idle_timeout = time;
        self
    }

    /// Sets [`LinkConfig::ping_interval`].
    #[must_use]
    pub fn ping_interval(mut self, time: Option<Duration>) -> Self {
        self.ping_interval = time;
        self
    }

    /// Sets [`LinkConfig::verify_echo`].
    #[must_use]
    pub fn verify_echo(mut self, on: bool) -> Self {
        self.verify_echo = on;
        self
    }

    /// Sets [`LinkConfig::answer_other_versions`].
    #[must_use]
    pub fn answer_other_versions(mut self, on: bool) -> Self {
        self.answer_other_versions = on;
        self
    }

    /// Sets [`LinkConfig::drop_partial`].
    #[must_use]
    pub fn drop_partial(mut self, on: bool) -> Self {
        self.drop_partial = on;
        self
    }

    /// Sets [`LinkConfig::ignore_chunk_size_top_bit`].
    #[must_use]
    pub fn ignore_chunk_size_top_bit(mut self, on: bool) -> Self {
        self.ignore_chunk_size_top_bit = on;
        self
    }

    /// Sets [`LinkConfig::strict_extended_timestamps`].
    #[must_use]
    pub fn strict_extended_timestamps(mut self, on: bool) -> Self {
        self.strict_extended_timestamps = on;
        self
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            seed: None,
            scheme: Scheme::Plain,
            chunk_size: const { ChunkSize::new(65_536).expect("within the range of chunk sizes") },
            window_ack_size: 2_500_000,
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Some(Duration::from_secs(60)),
            ping_interval: Some(Duration::from_secs(30)),
            verify_echo: false,
            answer_other_versions: false,
            drop_partial: false,
            ignore_chunk_size_top_bit: false,
            strict_extended_timestamps: false,
        }
    }
}
