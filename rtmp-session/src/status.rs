//! Status codes and the information objects that carry them. See ST-1 to ST-7.

use core::fmt;

use rtmp_amf::{AmfString, Object, Value};

use crate::shown::Words;

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
#[non_exhaustive]
#[derive(Clone, PartialEq)]
pub struct Status {
    /// How bad it is. An unknown word is taken as [`Level::Status`].
    pub level: Level,
    /// What happened, as one of the [`code`](crate::code) constants. Compared byte for byte. See ST-7.
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
    #[must_use]
    pub fn with(mut self, key: impl Into<AmfString>, value: impl Into<Value>) -> Self {
        self.more = self.more.with(key, value);
        self
    }

    /// Is this the code? Compared byte for byte; only `IdleTimeout` is also spelled `IdleTimeOut`. See ST-7.
    pub fn is(&self, code: &str) -> bool {
        let idle =
            |text: &str| matches!(text.strip_prefix("NetConnection.Connect."), Some("IdleTimeout" | "IdleTimeOut"));
        self.code == code || (idle(&self.code) && idle(code))
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

/// The code, and the description as far as it is fit for a log.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Words::new(&self.code) {
            code if code.is_empty() => f.write_str("no code")?,
            code => write!(f, "{code}")?,
        }
        let description = Words::new(&self.description);
        if description.is_empty() { Ok(()) } else { write!(f, " ({description})") }
    }
}

/// Hides what a challenge says (AUTH-12), and the further properties: stream names stand there, which are often keys.
impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("level", &self.level)
            .field("code", &Words::new(&self.code))
            .field("description", &Words::new(&self.description))
            .field("more", &format_args!("({} properties)", self.more.entries.len()))
            .finish()
    }
}
