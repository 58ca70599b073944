//! What a server says, message by message.

use bytes::BytesMut;
use rtmp_amf::{Object, Value, amf0};
use rtmp_chunk::{BandwidthLimit, ChunkStreamId, Control, Message, MessageType};

use super::{Asked, Settings};
use crate::{
    CommandError, Level, Link, Status, UserControl, code,
    command::{Command, Origin},
};

/// Writes answers. Those made of our own words alone cannot fail; a link that is over takes none.
pub(super) struct Answers<'a> {
    link: &'a mut Link,
    /// The client asked for them: they count towards [`Limits::max_reply_bytes`](crate::Limits::max_reply_bytes).
    asked: bool,
}

impl<'a> Answers<'a> {
    pub(super) fn new(link: &'a mut Link) -> Self {
        Self { link, asked: true }
    }

    /// For what the program says of its own accord. How much of that waits is the program's business.
    pub(super) fn unasked(link: &'a mut Link) -> Self {
        Self { link, asked: false }
    }

    /// The answer to connect. See CTL-27, CMD-20 to CMD-22.
    pub(super) fn connected(&mut self, config: &Settings, asked: &Asked) {
        self.link.set_window_ack_size(config.window_ack_size);
        self.control(Control::SetPeerBandwidth { window: config.window_ack_size, limit: BandwidthLimit::DYNAMIC });
        self.link.set_chunk_size(config.chunk_size);
        self.user_control(UserControl::StreamBegin(0));
        let properties = Object::new().with("fmsVer", "FMS/3,0,1,123").with("capabilities", 31.0).with("mode", 1.0);
        let encoding = if asked.client.amf3 { 3.0 } else { 0.0 };
        let status =
            Status::new(Level::Status, code::CONNECT_SUCCESS, "Connection succeeded.").with("objectEncoding", encoding);
        let mut information = status.to_value();
        if let (Value::Object(object), true) = (&mut information, asked.speaks_enhanced) {
            config.capabilities.write_to(object, asked.sent_list);
        }
        let _ = self.result(&asked.origin, &Value::Object(properties), &[information]);
    }

    pub(super) fn publishing(&mut self, number: u32, name: &str) {
        self.user_control(UserControl::StreamBegin(number));
        self.status(number, &status(code::PUBLISH_START, "publishing").with("details", name));
    }

    /// See CMD-44.
    pub(super) fn playing(&mut self, number: u32, name: &str, reset: bool) {
        self.user_control(UserControl::StreamBegin(number));
        if reset {
            self.status(number, &status(code::PLAY_RESET, "playing and resetting").with("details", name));
        }
        self.status(number, &status(code::PLAY_START, "started playing").with("details", name));
        // MSG-13.
        self.data(number, &["|RtmpSampleAccess".into(), true.into(), true.into()]);
    }

    pub(super) fn kicked(&mut self, number: u32, reason: &str) {
        self.status(number, &Status::new(Level::Error, code::PUBLISH_REJECTED, reason));
    }

    pub(super) fn stopped(&mut self, number: u32, reason: &str) {
        self.unpublished(number, reason);
        self.status(number, &status(code::PLAY_STOP, reason));
    }

    pub(super) fn completed(&mut self, number: u32, duration: f64, bytes: u64) {
        self.user_control(UserControl::StreamEof(number));
        self.status(number, &status(code::PLAY_STOP, "stopped playing"));
        let information = Object::new()
            .with("level", "status")
            .with("code", code::PLAY_COMPLETE)
            .with("duration", duration)
            .with("bytes", bytes as f64);
        self.data(number, &["onPlayStatus".into(), Value::Object(information)]);
    }

    pub(super) fn unpublished(&mut self, number: u32, reason: &str) {
        self.user_control(UserControl::StreamEof(number));
        self.status(number, &status(code::PLAY_UNPUBLISH_NOTIFY, reason));
    }

    pub(super) fn published(&mut self, number: u32) {
        self.user_control(UserControl::StreamBegin(number));
        self.status(number, &status(code::PLAY_PUBLISH_NOTIFY, "a publisher came"));
    }

    pub(super) fn sought(&mut self, number: u32, position: f64) {
        self.user_control(UserControl::StreamEof(number));
        self.user_control(UserControl::StreamBegin(number));
        self.status(number, &status(code::SEEK_NOTIFY, format!("seeking to {position}")));
        self.status(number, &status(code::PLAY_START, "started playing"));
    }

    pub(super) fn transition(&mut self, number: u32, name: &str) {
        self.status(number, &status(code::PLAY_TRANSITION, "switching").with("details", name));
    }

    /// An `onStatus`. See CMD-57.
    pub(super) fn status(&mut self, number: u32, status: &Status) {
        let _ = self.call(number, "onStatus", &[status.to_value()]);
    }

    /// A call of the client that wants no answer.
    pub(super) fn call(&mut self, number: u32, name: &str, args: &[Value]) -> Result<(), CommandError> {
        let command = Command { name, transaction: 0.0, object: &Value::Null, args };
        self.say(&command.to_message(number, false)?)
    }

    /// `_result`, if an answer is wanted. See CMD-2, CMD-3.
    pub(super) fn result(&mut self, to: &Origin, object: &Value, args: &[Value]) -> Result<(), CommandError> {
        self.answer("_result", to, object, args)
    }

    /// `_error`, if an answer is wanted.
    pub(super) fn error(&mut self, to: &Origin, status: &Status) -> Result<(), CommandError> {
        self.answer("_error", to, &Value::Null, &[status.to_value()])
    }

    pub(super) fn user_control(&mut self, event: UserControl) {
        let _ = self.say(&event.to_message());
    }

    fn control(&mut self, control: Control) {
        let _ = self.say(&control.to_message());
    }

    fn data(&mut self, number: u32, values: &[Value]) {
        let mut body = BytesMut::new();
        for value in values {
            // Only our own short strings and numbers come here.
            let _ = amf0::encode(value, &mut body);
        }
        let _ = self.say(&Message {
            kind: MessageType::DATA_AMF0,
            stream_id: number,
            timestamp: 0,
            chunk_stream: ChunkStreamId::DATA,
            payload: body.freeze(),
        });
    }

    fn answer(&mut self, name: &str, to: &Origin, object: &Value, args: &[Value]) -> Result<(), CommandError> {
        if to.transaction == 0.0 {
            return Ok(());
        }
        let command = Command { name, transaction: to.transaction, object, args };
        self.say(&command.to_message(to.stream_id, to.amf3)?)
    }

    fn say(&mut self, message: &Message) -> Result<(), CommandError> {
        if self.asked { self.link.answer(message) } else { self.link.send(message) }
    }
}

fn status(code: &str, description: impl Into<String>) -> Status {
    Status::new(Level::Status, code, description)
}
