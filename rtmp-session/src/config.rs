//! What a program chooses for its sessions.

use core::fmt;
use std::time::Duration;

use rtmp_amf::{AmfLimits, Value};
use rtmp_chunk::{ChunkDecoder, ChunkLimits, ChunkSize};
use rtmp_handshake::{Scheme, Seed, SwfVerification};

use crate::{Capabilities, ExternalClasses, shared_object::SharedObjectLimits};

/// Bounds on what one peer can make a session hold.
///
/// The worst case of one connection is `chunk.max_partial_bytes` and the one message being handled
/// (`chunk.max_message_len`), one receive buffer (256 KiB), `max_reply_bytes`, and what the program itself queues. A
/// client of a server costs that only while it publishes: before and after, one message and all unfinished ones
/// together are held to the longest command or shared object message, 32 KiB.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bounds of the chunk layer: message length, chunk streams, unfinished messages.
    pub chunk: ChunkLimits,
    /// Bounds on the values of one command: depth, number, bytes.
    pub amf: AmfLimits,
    /// Bounds on one shared object message. The objects themselves are the program's. See SO-10.
    pub shared_object: SharedObjectLimits,
    /// Longest command accepted, in bytes. Default 32 KiB: connect objects with tokens stay under 8 KiB. Besides, it is
    /// what a client that does not publish may leave unfinished: twice, once in messages of several chunks and once in
    /// one that is waited for whole. The values of one command take up to 4096 times 200 bytes while it is handled,
    /// within `amf`. See MSG-9.
    pub max_command_len: usize,
    /// Longest application or stream name, in bytes, queries not counted. Default 1 KiB. The connection keeps that of the
    /// application; of a stream name only a fingerprint is kept.
    pub max_name_len: usize,
    /// Message streams per connection. Default 16; nearly every peer uses one. Each costs up to 64 bytes, and what
    /// the program keeps for a publish or play. One more is refused. See CMD-28.
    pub max_streams: usize,
    /// Calls waiting for an answer, per direction. Default 64. Each costs up to 32 bytes, and what the program
    /// keeps for it.
    pub max_calls: usize,
    /// Bytes of answers queued for a peer that asks on and does not read: pongs, acknowledgements, results. Default
    /// 16 KiB. A single answer may be longer. What the program says unasked, media above all, does not count.
    pub max_reply_bytes: usize,
}

impl Limits {
    /// Bounds of the chunk layer for a client that has nothing to send but commands and shared objects.
    pub(crate) fn without_publish(&self) -> ChunkLimits {
        let longest = self.max_command_len.max(self.shared_object.max_message_len);
        let chunk = self.chunk.clone();
        let (message, partial) = (chunk.max_message_len.min(longest), chunk.max_partial_bytes.min(longest));
        chunk.max_message_len(message).max_partial_bytes(partial)
    }

    /// Sets [`Limits::chunk`].
    #[must_use]
    pub fn chunk(mut self, limits: ChunkLimits) -> Self {
        self.chunk = limits;
        self
    }

    /// Sets [`Limits::amf`].
    #[must_use]
    pub fn amf(mut self, limits: AmfLimits) -> Self {
        self.amf = limits;
        self
    }

    /// Sets [`Limits::shared_object`].
    #[must_use]
    pub fn shared_object(mut self, limits: SharedObjectLimits) -> Self {
        self.shared_object = limits;
        self
    }

    /// Sets [`Limits::max_command_len`].
    #[must_use]
    pub fn max_command_len(mut self, bytes: usize) -> Self {
        self.max_command_len = bytes;
        self
    }

    /// Sets [`Limits::max_name_len`].
    #[must_use]
    pub fn max_name_len(mut self, bytes: usize) -> Self {
        self.max_name_len = bytes;
        self
    }

    /// Sets [`Limits::max_streams`].
    #[must_use]
    pub fn max_streams(mut self, count: usize) -> Self {
        self.max_streams = count;
        self
    }

    /// Sets [`Limits::max_calls`].
    #[must_use]
    pub fn max_calls(mut self, count: usize) -> Self {
        self.max_calls = count;
        self
    }

    /// Sets [`Limits::max_reply_bytes`].
    #[must_use]
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.max_reply_bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chunk: ChunkLimits::default(),
            amf: AmfLimits::default(),
            shared_object: SharedObjectLimits::default(),
            max_command_len: 32 << 10,
            max_name_len: 1 << 10,
            max_streams: 16,
            max_calls: 64,
            max_reply_bytes: 16 << 10,
        }
    }
}

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

/// How a [`ServerSession`](crate::ServerSession) behaves.
#[non_exhaustive]
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// Everything below the commands.
    pub link: LinkConfig,
    /// What is told to clients that speak Enhanced RTMP; others hear nothing of it. See ERTMP-79.
    pub capabilities: Capabilities,
    /// What reads externalizable objects in AMF3 values. Default: nothing beyond the classes built in. See AMF3-31.
    pub external_classes: ExternalClasses,
}

impl ServerConfig {
    /// Sets [`ServerConfig::link`].
    #[must_use]
    pub fn link(mut self, link: LinkConfig) -> Self {
        self.link = link;
        self
    }

    /// Sets [`ServerConfig::external_classes`].
    #[must_use]
    pub fn external_classes(mut self, classes: ExternalClasses) -> Self {
        self.external_classes = classes;
        self
    }

    /// Sets [`ServerConfig::capabilities`].
    #[must_use]
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }
}

/// How a [`ClientSession`](crate::ClientSession) behaves.
#[non_exhaustive]
#[derive(Clone)]
pub struct ClientConfig {
    /// Everything below the commands.
    pub link: LinkConfig,
    /// The `flashVer` of the connect command. Default `LNX 9,0,124,2`, which servers that look at it accept.
    pub flash_ver: String,
    /// What is told to the server about Enhanced RTMP; nothing if empty. See ERTMP-74 to ERTMP-77.
    pub capabilities: Capabilities,
    /// The highest AMF version offered: `false`, the default, AMF0 alone; `true` AMF3 too. See CMD-16.
    pub amf3: bool,
    /// What reads externalizable objects in AMF3 values. Default: nothing beyond the classes built in. See AMF3-31.
    pub external_classes: ExternalClasses,
    /// Further properties of the connect object, such as `swfUrl`, `pageUrl` or `type`, behind the usual ones.
    pub properties: Vec<(String, Value)>,
    /// Further values behind the connect object. See CMD-17.
    pub arguments: Vec<Value>,
    /// Announce a publish with `releaseStream` and `FCPublish`, as encoders do. Default on. See CMD-60, CMD-62.
    pub announce_publish: bool,
    /// Announce a play with `FCSubscribe`, which some content delivery networks want. Default off. See CMD-52.
    pub announce_play: bool,
    /// The buffer length told to the server before a play. Default 3 s. See UCM-3.
    pub buffer_length: Duration,
    /// How many reconnect requests in a row a session follows. Default 5. See ERTMP-96.
    pub max_reconnects: u32,
    /// Tell another host that a reconnect request names what was told to this one: user and password,
    /// [`ClientConfig::properties`] and [`ClientConfig::arguments`]. Default off: they are often keys. See ERTMP-96.
    pub trust_reconnect_hosts: bool,
    /// How long the server may take for each answer it owes: to createStream, to a publish (its start), to a play (any word
    /// about it) and to a call. Then the connection is over ([`Timeout::Start`](crate::Timeout::Start)), or the call has
    /// [failed](crate::ClientEvent::CallFailed). Default 30 s, as long as librtmp waits: servers ask other servers before
    /// they let a publisher in. `None`: for ever, where players shall wait for a stream at a server that says nothing until
    /// there is one.
    pub answer_timeout: Option<Duration>,
    /// The player file to be when a server asks for SWF verification: requests of type 1 are answered with it. `None`, the
    /// default, answers nothing. Servers that ask want [`Scheme::Digest`] in [`ClientConfig::link`] as well. See SWFV-5.
    pub swf_verification: Option<SwfVerification>,
}

/// Hides the values that go with connect: they are often keys.
impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("link", &self.link)
            .field("flash_ver", &self.flash_ver)
            .field("capabilities", &self.capabilities)
            .field("amf3", &self.amf3)
            .field("properties", &self.properties.len())
            .field("arguments", &self.arguments.len())
            .finish_non_exhaustive()
    }
}

impl ClientConfig {
    /// Sets [`ClientConfig::link`].
    #[must_use]
    pub fn link(mut self, link: LinkConfig) -> Self {
        self.link = link;
        self
    }

    /// Sets [`ClientConfig::flash_ver`].
    #[must_use]
    pub fn flash_ver(mut self, text: impl Into<String>) -> Self {
        self.flash_ver = text.into();
        self
    }

    /// Sets [`ClientConfig::capabilities`].
    #[must_use]
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets [`ClientConfig::amf3`].
    #[must_use]
    pub fn amf3(mut self, on: bool) -> Self {
        self.amf3 = on;
        self
    }

    /// Sets [`ClientConfig::external_classes`].
    #[must_use]
    pub fn external_classes(mut self, classes: ExternalClasses) -> Self {
        self.external_classes = classes;
        self
    }

    /// Adds to [`ClientConfig::properties`].
    #[must_use]
    pub fn property(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.properties.push((key.into(), value.into()));
        self
    }

    /// Adds to [`ClientConfig::arguments`].
    #[must_use]
    pub fn argument(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Sets [`ClientConfig::announce_publish`].
    #[must_use]
    pub fn announce_publish(mut self, on: bool) -> Self {
        self.announce_publish = on;
        self
    }

    /// Sets [`ClientConfig::announce_play`].
    #[must_use]
    pub fn announce_play(mut self, on: bool) -> Self {
        self.announce_play = on;
        self
    }

    /// Sets [`ClientConfig::buffer_length`].
    #[must_use]
    pub fn buffer_length(mut self, time: Duration) -> Self {
        self.buffer_length = time;
        self
    }

    /// Sets [`ClientConfig::max_reconnects`].
    #[must_use]
    pub fn max_reconnects(mut self, count: u32) -> Self {
        self.max_reconnects = count;
        self
    }

    /// Sets [`ClientConfig::trust_reconnect_hosts`].
    #[must_use]
    pub fn trust_reconnect_hosts(mut self, on: bool) -> Self {
        self.trust_reconnect_hosts = on;
        self
    }

    /// Sets [`ClientConfig::answer_timeout`].
    #[must_use]
    pub fn answer_timeout(mut self, time: Option<Duration>) -> Self {
        self.answer_timeout = time;
        self
    }

    /// Sets [`ClientConfig::swf_verification`].
    #[must_use]
    pub fn swf_verification(mut self, player: SwfVerification) -> Self {
        self.swf_verification = Some(player);
        self
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            link: LinkConfig::default(),
            flash_ver: "LNX 9,0,124,2".into(),
            capabilities: Capabilities::default(),
            amf3: false,
            external_classes: ExternalClasses::default(),
            properties: Vec::new(),
            arguments: Vec::new(),
            announce_publish: true,
            announce_play: false,
            buffer_length: Duration::from_secs(3),
            max_reconnects: 5,
            answer_timeout: Some(Duration::from_secs(30)),
            trust_reconnect_hosts: false,
            swf_verification: None,
        }
    }
}
