//! Status codes and the information objects that carry them. See ST-1 to ST-7.

use rtmp_amf::{AmfString, Object, Value};

/// How bad it is. See ST-1, CMD-58.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// All is well.
    Status,
    /// Something is not as it should be, and goes on.
    Warning,
    /// The operation is over.
    Error,
}

impl Level {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What an information object says: the answer to connect, or an `onStatus`. See CMD-57.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// How bad it is. An unknown word is taken as [`Level::Status`].
    pub level: Level,
    /// What happened, as one of the [`code`] constants. Compared byte for byte. See ST-7.
    pub code: String,
    /// Words for people; may be empty. See CMD-59.
    pub description: String,
    /// Everything else in the information object, such as `details`, `clientid` or `tcUrl`.
    pub more: Object,
}

impl Status {
    /// A status of any level.
    pub fn new(level: Level, code: impl Into<String>, description: impl Into<String>) -> Self {
        Self { level, code: code.into(), description: description.into(), more: Object::new() }
    }

    /// Adds a property to the information object.
    pub fn with(mut self, key: impl Into<AmfString>, value: impl Into<Value>) -> Self {
        self.more = self.more.with(key, value);
        self
    }

    /// Does it end the operation? See CMD-58.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// Reads an information object, in any order of properties. See CMD-9, CMD-59.
    pub fn from_value(value: &Value) -> Self {
        let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut more = Object::new();
        for (key, value) in value.as_object().into_iter().flat_map(|object| &object.entries) {
            if !matches!(key.as_str(), "level" | "code" | "description") {
                more.entries.push((key.clone(), value.clone()));
            }
        }
        let level = match value.get("level").and_then(Value::as_str) {
            Some("error") => Level::Error,
            Some("warning") => Level::Warning,
            _ => Level::Status,
        };
        Self { level, code: text("code"), description: text("description"), more }
    }

    /// The information object, in the usual order. See CMD-9.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new()
            .with("level", self.level.as_str())
            .with("code", self.code.as_str())
            .with("description", self.description.as_str());
        object.entries.extend(self.more.entries.iter().cloned());
        Value::Object(object)
    }
}

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.code.is_empty() { "no code" } else { &self.code })?;
        if !self.description.is_empty() {
            write!(f, " ({})", self.description)?;
        }
        Ok(())
    }
}

/// The codes that occur on the wire. See ST-2, ST-3, ST-4.
pub mod code {
    /// Connect accepted.
    pub const CONNECT_SUCCESS: &str = "NetConnection.Connect.Success";
    /// No permission; also carries the steps of publisher authentication (AUTH-1).
    pub const CONNECT_REJECTED: &str = "NetConnection.Connect.Rejected";
    /// No such application.
    pub const CONNECT_INVALID_APP: &str = "NetConnection.Connect.InvalidApp";
    /// The attempt failed.
    pub const CONNECT_FAILED: &str = "NetConnection.Connect.Failed";
    /// The connection ended.
    pub const CONNECT_CLOSED: &str = "NetConnection.Connect.Closed";
    /// The server asks the client to connect anew (ERTMP-92).
    pub const RECONNECT_REQUEST: &str = "NetConnection.Connect.ReconnectRequest";
    /// No such procedure, or it failed.
    pub const CALL_FAILED: &str = "NetConnection.Call.Failed";
    /// Publishing has begun.
    pub const PUBLISH_START: &str = "NetStream.Publish.Start";
    /// The name is in use, or may not be published to.
    pub const PUBLISH_BAD_NAME: &str = "NetStream.Publish.BadName";
    /// The server ends or refuses publishing.
    pub const PUBLISH_REJECTED: &str = "NetStream.Publish.Rejected";
    /// Publishing has ended.
    pub const UNPUBLISH_SUCCESS: &str = "NetStream.Unpublish.Success";
    /// Playing has begun.
    pub const PLAY_START: &str = "NetStream.Play.Start";
    /// The playlist was cleared.
    pub const PLAY_RESET: &str = "NetStream.Play.Reset";
    /// Playing has ended.
    pub const PLAY_STOP: &str = "NetStream.Play.Stop";
    /// Everything there is has been sent.
    pub const PLAY_COMPLETE: &str = "NetStream.Play.Complete";
    /// No such stream.
    pub const PLAY_STREAM_NOT_FOUND: &str = "NetStream.Play.StreamNotFound";
    /// The attempt failed.
    pub const PLAY_FAILED: &str = "NetStream.Play.Failed";
    /// A publisher came.
    pub const PLAY_PUBLISH_NOTIFY: &str = "NetStream.Play.PublishNotify";
    /// The publisher left.
    pub const PLAY_UNPUBLISH_NOTIFY: &str = "NetStream.Play.UnpublishNotify";
    /// Switching to another stream has begun.
    pub const PLAY_TRANSITION: &str = "NetStream.Play.Transition";
    /// Paused.
    pub const PAUSE_NOTIFY: &str = "NetStream.Pause.Notify";
    /// Playing again.
    pub const UNPAUSE_NOTIFY: &str = "NetStream.Unpause.Notify";
    /// Playing goes on elsewhere.
    pub const SEEK_NOTIFY: &str = "NetStream.Seek.Notify";
    /// This stream cannot seek.
    pub const SEEK_FAILED: &str = "NetStream.Seek.Failed";
    /// The operation failed.
    pub const STREAM_FAILED: &str = "NetStream.Failed";
}
