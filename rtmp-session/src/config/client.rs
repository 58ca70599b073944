//! What a client chooses.

use core::fmt;
use std::time::Duration;

use rtmp_amf::Value;
use rtmp_handshake::SwfVerification;

use super::LinkConfig;
use crate::{Capabilities, ExternalClasses};

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
    /// default, answers nothing. Servers that ask want [`Scheme::Digest`](rtmp_handshake::Scheme::Digest) in
    /// [`ClientConfig::link`] as well. See SWFV-5.
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
