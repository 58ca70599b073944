//! One direction of an RTMP connection, from its first byte on, as messages and as text.

use crate::secrets::{Secrets, mask, mask_url};
use bytes::{Buf, Bytes, BytesMut};
use rtmp_session::UserControl;
use rtmp_session::amf::{AmfLimits, Object, Value, amf0};
use rtmp_session::chunk::{BandwidthLimit, ChunkDecoder, ChunkError, ChunkLimits, Control, Message, MessageType};
use std::fmt::Write;

/// Decodes what one side sent: the handshake, then messages.
pub(crate) struct Reader {
    buffer: BytesMut,
    decoder: ChunkDecoder,
    /// Bytes of the handshake still to come.
    handshake: usize,
    started: bool,
    failed: bool,
    taken: u64,
}

/// What one side sent.
#[derive(Debug)]
pub(crate) enum Item {
    /// The version byte and the two packets of 1536 bytes.
    Handshake {
        version: u8,
    },
    Message(Message),
}

/// Why the rest of a direction cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("byte 0 is {0:#04x}, not the version 3 of RTMP (HS-1)")]
    NotRtmp(u8),
    #[error(transparent)]
    Chunk(#[from] ChunkError),
}

impl Reader {
    pub(crate) fn new() -> Self {
        let limits = ChunkLimits::default().max_message_len(Message::MAX_LEN).max_partial_bytes(64 << 20);
        Self {
            buffer: BytesMut::new(),
            decoder: ChunkDecoder::new(limits),
            handshake: 1 + 2 * 1536,
            started: false,
            failed: false,
            taken: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if !self.failed {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next item, or `None` until more is pushed. After an error there is nothing more.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, ReadError> {
        if self.failed || self.buffer.is_empty() {
            return Ok(None);
        }
        if !self.started {
            let version = self.buffer[0];
            if version != 3 {
                return Err(self.fail(ReadError::NotRtmp(version)));
            }
            self.started = true;
            return Ok(Some(Item::Handshake { version }));
        }
        let skip = self.handshake.min(self.buffer.len());
        self.buffer.advance(skip);
        self.handshake -= skip;
        let before = self.buffer.len();
        let message = self.decoder.decode(&mut self.buffer);
        self.taken += (skip + before - self.buffer.len()) as u64;
        message.map(|message| message.map(Item::Message)).map_err(|error| self.fail(error.into()))
    }

    /// Bytes read so far, without those that wait for the rest of their message.
    pub(crate) fn position(&self) -> u64 {
        self.taken
    }

    /// Whether the bytes end inside the handshake or a message.
    pub(crate) fn is_cut_off(&self) -> bool {
        !self.failed && self.started && (self.handshake > 0 || !self.buffer.is_empty() || self.decoder.is_mid_message())
    }

    fn fail(&mut self, error: ReadError) -> ReadError {
        self.failed = true;
        self.buffer = BytesMut::new();
        error
    }
}

/// The name of a message type, as short as a column wants it.
pub(crate) fn type_name(kind: MessageType) -> &'static str {
    match kind {
        MessageType::SET_CHUNK_SIZE => "SetChunkSize",
        MessageType::ABORT => "Abort",
        MessageType::ACKNOWLEDGEMENT => "Ack",
        MessageType::USER_CONTROL => "UserControl",
        MessageType::WINDOW_ACK_SIZE => "WindowAckSize",
        MessageType::SET_PEER_BANDWIDTH => "SetPeerBandwidth",
        MessageType::AUDIO => "Audio",
        MessageType::VIDEO => "Video",
        MessageType::DATA_AMF3 => "Data3",
        MessageType::SHARED_OBJECT_AMF3 => "SharedObject3",
        MessageType::COMMAND_AMF3 => "Command3",
        MessageType::DATA_AMF0 => "Data",
        MessageType::SHARED_OBJECT_AMF0 => "SharedObject",
        MessageType::COMMAND_AMF0 => "Command",
        MessageType::AGGREGATE => "Aggregate",
        _ => "Unknown",
    }
}

/// What a message says, in one line without its header. Learns secrets from the commands that carry them.
pub(crate) fn describe(message: &Message, secrets: &mut Secrets) -> String {
    let text = match message.kind {
        MessageType::SET_CHUNK_SIZE
        | MessageType::ABORT
        | MessageType::ACKNOWLEDGEMENT
        | MessageType::WINDOW_ACK_SIZE
        | MessageType::SET_PEER_BANDWIDTH => describe_control(message),
        MessageType::USER_CONTROL => match UserControl::parse(&message.payload) {
            Ok(event) => format!("{event:?}"),
            Err(error) => error.to_string(),
        },
        MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => describe_command(message, secrets),
        MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => describe_values(&values(message).0),
        MessageType::AUDIO | MessageType::VIDEO => crate::codec_text::describe(message),
        _ => String::new(),
    };
    secrets.hide(&text)
}

/// The values of a command or data message, and what is wrong with the rest of it.
pub(crate) fn values(message: &Message) -> (Vec<Value>, Option<String>) {
    let mut rest: &[u8] = &message.payload;
    if matches!(message.kind, MessageType::COMMAND_AMF3 | MessageType::DATA_AMF3) && rest.first() == Some(&0) {
        rest = &rest[1..];
    }
    let limits = AmfLimits::default();
    let mut values = Vec::new();
    while !rest.is_empty() {
        match amf0::decode(&mut rest, &limits) {
            Ok(value) => values.push(value),
            Err(error) => return (values, Some(error.to_string())),
        }
    }
    (values, None)
}

fn describe_control(message: &Message) -> String {
    match Control::parse(message) {
        Ok(Some(Control::SetChunkSize(size))) => size.get().to_string(),
        Ok(Some(Control::Abort(id))) => format!("chunk stream {}", id.get()),
        Ok(Some(Control::Acknowledgement(bytes) | Control::WindowAckSize(bytes))) => bytes.to_string(),
        Ok(Some(Control::SetPeerBandwidth { window, limit })) => match limit {
            BandwidthLimit::HARD => format!("{window} hard"),
            BandwidthLimit::SOFT => format!("{window} soft"),
            BandwidthLimit::DYNAMIC => format!("{window} dynamic"),
            BandwidthLimit(other) => format!("{window} limit type {other}"),
        },
        Ok(None) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn describe_command(message: &Message, secrets: &mut Secrets) -> String {
    let (mut values, fault) = values(message);
    learn(&values, secrets);
    for value in &mut values {
        mask_value(value);
    }
    let name = values.first().and_then(Value::as_str).unwrap_or_default().to_owned();
    if name == "connect" {
        // What a program has behind the connect object is for the server's eyes: a token more often than not.
        values.iter_mut().skip(3).for_each(mask_strings);
    }
    let mut text = name;
    if let Some(id) = values.get(1).and_then(Value::as_f64) {
        let _ = write!(text, "[{id}]");
    }
    let _ = write!(text, "({})", describe_values(values.get(2..).unwrap_or_default()));
    if let Some(fault) = fault {
        let _ = write!(text, " and then: {fault}");
    }
    text
}

/// Stream names are keys.
fn learn(values: &[Value], secrets: &mut Secrets) {
    const NAMING: [&str; 9] = [
        "publish",
        "play",
        "releaseStream",
        "FCPublish",
        "FCUnpublish",
        "FCSubscribe",
        "FCUnsubscribe",
        "getStreamLength",
        "deleteStream",
    ];
    let name = values.first().and_then(Value::as_str).unwrap_or_default();
    if NAMING.contains(&name)
        && let Some(stream) = values.get(3).and_then(Value::as_str)
    {
        secrets.add(stream);
        secrets.add(stream.split('?').next().unwrap_or_default());
        secrets.add_query(stream);
    }
    if name == "connect" {
        for key in ["app", "tcUrl", "swfUrl", "pageUrl"] {
            let url = values.get(2).and_then(|object| object.get(key)).and_then(Value::as_str);
            secrets.add_query(url.unwrap_or_default());
        }
    }
    if matches!(name, "onStatus" | "onFCPublish" | "onFCUnpublish" | "onFCSubscribe")
        && let Some(details) = values.iter().skip(3).find_map(|value| value.get("details")).and_then(Value::as_str)
    {
        secrets.add(details);
    }
}

/// URLs lose their queries, credentials their value.
fn mask_value(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("://") || text.contains('?') => *text = mask_url(text).into(),
        Value::Object(object) | Value::EcmaArray(object) => {
            for (key, value) in &mut object.entries {
                match (key.to_ascii_lowercase().as_str(), &*value) {
                    ("pubpasswd" | "password" | "token" | "key" | "streamkey" | "securetoken", Value::String(text)) => {
                        *value = mask(text).as_str().into();
                    }
                    _ => mask_value(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask_value),
        _ => {}
    }
}

fn mask_strings(value: &mut Value) {
    match value {
        Value::String(text) if !text.is_empty() => *text = mask(text).as_str().into(),
        Value::Object(object) | Value::EcmaArray(object) => {
            object.entries.iter_mut().for_each(|(_, value)| mask_strings(value));
        }
        Value::Array(values) => values.iter_mut().for_each(mask_strings),
        _ => {}
    }
}

/// AMF values as a person writes them, long ones cut.
pub(crate) fn describe_values(values: &[Value]) -> String {
    let parts: Vec<String> = values.iter().map(describe_value).collect();
    parts.join(", ")
}

fn describe_value(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".into(),
        Value::Null => "null".into(),
        Value::Boolean(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::String(text) if text.chars().count() > LONGEST_TEXT => {
            format!("{:?}…", text.chars().take(LONGEST_TEXT).collect::<String>())
        }
        Value::String(text) => format!("{:?}", text.as_str()),
        Value::Object(object) => describe_object(object, '{', '}'),
        Value::EcmaArray(object) => describe_object(object, '[', ']'),
        Value::Array(values) if values.len() > LONGEST_LIST => {
            format!("[{}, … {} in all]", describe_values(&values[..LONGEST_LIST]), values.len())
        }
        Value::Array(values) => format!("[{}]", describe_values(values)),
        Value::ByteArray(bytes) => format!("{} bytes", bytes.len()),
        other => crate::amf_text::to_json(other).to_string(),
    }
}

fn describe_object(object: &Object, begin: char, end: char) -> String {
    // What recorders put in to keep room says nothing.
    let entries = object.entries.iter().filter(|(key, _)| *key != "filler");
    let parts: Vec<String> = entries.map(|(key, value)| format!("{key}: {}", describe_value(value))).collect();
    format!("{begin}{}{end}", parts.join(", "))
}

/// The SHA-256 of a payload in hex.
pub(crate) fn payload_sha256(payload: &Bytes) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(payload))
}

const LONGEST_TEXT: usize = 200;
const LONGEST_LIST: usize = 16;
