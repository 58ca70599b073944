//! What a client sends, and what it does with each command of the server.

use rtmp_amf::{AmfString, Object, Value, amf0};
use rtmp_chunk::Message;

use super::{Awaited, ClientEvent, ClientSession, Connection, Phase, Purpose, Waiting};
use crate::{
    Call, CallId, Capabilities, CapsEx, CommandError, Level, MessageError, SessionError, Status, StreamId, UserControl,
    VideoFunction, code,
    command::{Command, Origin},
    data_name::split_name,
};

impl ClientSession {
    /// CMD-11 to CMD-17. The order is the one FFmpeg uses.
    pub(super) fn send_connect(&mut self) {
        let mut object = Object::new().with("app", self.url.app.as_str());
        self.config.capabilities.write_to(&mut object, true);
        object.push("flashVer", self.config.flash_ver.as_str());
        object.push("tcUrl", self.url.tc_url());
        object.push("fpad", false);
        object.push("capabilities", 15.0);
        // CMD-15: servers may withhold what is not in these.
        object.push("audioCodecs", 4071.0);
        object.push("videoCodecs", 252.0);
        object
            .push("videoFunction", f64::from((self.config.capabilities.video_function | VideoFunction::CLIENT_SEEK).0));
        if self.config.amf3 {
            object.push("objectEncoding", 3.0);
        }
        object.entries.extend(self.config.properties.iter().map(|(key, value)| (key.as_str().into(), value.clone())));
        let transaction = self.expect(Waiting::Connect);
        let args = self.config.arguments.clone();
        let command = Command { name: "connect", transaction, object: &Value::Object(object), args: &args };
        self.send(0, &command);
    }

    /// The way of encoders: all at once, without waiting for each answer. See CMD-60.
    pub(super) fn create_stream(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get(id) else { return };
        stream.phase = Phase::Creating;
        self.deadlines.start(Awaited::Start(id));
        let (name, publishes) = (stream.name.clone(), stream.publishes());
        if publishes && self.config.announce_publish {
            self.announce("releaseStream", &name);
            self.announce("FCPublish", &name);
        }
        if !publishes {
            self.link.announce_window(self.config.link.window_ack_size); // CMD-61
        }
        let transaction = self.expect(Waiting::CreateStream(id));
        self.send(0, &Command { name: "createStream", transaction, object: &Value::Null, args: &[] });
        if !publishes && self.config.announce_play {
            self.announce("FCSubscribe", &name);
        }
    }

    /// Something that is said for the sake of servers that want to hear it; nobody waits for the answer.
    pub(super) fn announce(&mut self, name: &str, stream: &str) {
        self.transactions += 1;
        let transaction = self.transactions.into();
        self.send(0, &Command { name, transaction, object: &Value::Null, args: &[stream.into()] });
    }

    /// CMD-29.
    pub(super) fn delete_stream(&mut self, number: u32) {
        let args = [f64::from(number).into()];
        self.send(0, &Command { name: "deleteStream", transaction: 0.0, object: &Value::Null, args: &args });
    }

    pub(super) fn answer(&mut self, name: &str, to: &Origin, values: &[Value]) -> Result<(), CommandError> {
        if to.transaction == 0.0 {
            return Ok(());
        }
        let command = Command { name, transaction: to.transaction, object: &Value::Null, args: values };
        self.link.answer(&command.to_message(to.stream_id, to.amf3)?)
    }

    pub(super) fn handle_command(&mut self, message: &Message) {
        let max = self.config.link.limits.max_command_len;
        if message.payload.len() > max {
            let value = message.payload.len();
            self.link.fail(SessionError::Limit { what: "bytes of a command (MSG-9)", value, max });
            return;
        }
        let call = match Call::decode(message, &self.config.link.limits.amf, &self.config.external_classes) {
            Ok(call) => call,
            Err(error) => return self.link.reject(error),
        };
        match call.name.as_str() {
            "_result" => self.handle_result(call),
            "_error" => self.handle_error(&call),
            "onStatus" => {
                let status = Status::from_value(call.args.first().unwrap_or(&Value::Null));
                self.handle_status(call.origin.stream_id, status);
            }
            // CMD-24, CMD-32, CMD-52, CMD-53, CMD-54: nothing hangs on these.
            "onBWDone" | "_onbwdone" | "onFCPublish" | "onFCUnpublish" | "onFCSubscribe" | "onFCUnsubscribe"
            | "playlist_ready" => self.link.ignore(),
            "_onbwcheck" => {
                let _ = self.answer("_result", &call.origin, &[]); // CMD-54
            }
            "ping" => {
                let _ = self.answer("pong", &call.origin, &[]); // CMD-55
            }
            "close" => self.close(closed()),
            _ => self.handle_unknown(call),
        }
    }

    /// Takes out data messages that speak of the stream instead of belonging to it. See MSG-13.
    pub(super) fn handle_stream_data(&mut self, number: u32, payload: &[u8]) -> bool {
        let limits = &self.config.link.limits;
        let Some((name, _)) = split_name(payload) else { return false };
        match &*name {
            "|RtmpSampleAccess" => true,
            "onStatus" | "onPlayStatus" if payload.len() <= limits.max_command_len => {
                // From the name on: what is in AMF3 may refer to it (AMF0-34).
                let mut decoder = amf0::Decoder::new(payload, &limits.amf);
                let (Ok(Some(_)), Ok(Some(value))) = (decoder.next_value(), decoder.next_value()) else { return false };
                self.handle_status_data(number, Status::from_value(&value))
            }
            _ => false,
        }
    }

    /// What servers say as data. What publishers send as data reaches players unseen, so that a status that came this way
    /// starts nothing, and ends a play only where the server has said itself that nothing more comes. The next item of a
    /// playlist may be announced by nothing else, so that one that media follows takes a Stream EOF back. See CMD-46,
    /// UCM-3.
    fn handle_status_data(&mut self, number: u32, status: Status) -> bool {
        let Some(stream) = self.streams.meant(number, |stream| !stream.publishes()) else { return false };
        let id = stream.id;
        match status.code.as_str() {
            code::PLAY_COMPLETE if stream.is_at_end => self.end(id, status),
            code::DATA_START | code::PLAY_SWITCH | code::PLAY_TRANSITION_COMPLETE => {
                stream.is_at_end = false;
                self.events.push_back(ClientEvent::Status { stream: Some(id), status });
            }
            _ => return false,
        }
        true
    }

    fn handle_result(&mut self, call: Call) {
        match self.answered(call.transaction) {
            None => self.link.ignore(), // CMD-5
            Some(Waiting::Connect) => self.connected(&call),
            Some(Waiting::CreateStream(id)) => self.created(id, call.args.first().and_then(Value::as_u32)),
            Some(Waiting::Start(_)) => {} // CMD-37: the status is the answer.
            Some(Waiting::Call(call_id)) => {
                self.deadlines.stop(Awaited::Call(call_id));
                let mut values = call.args;
                values.insert(0, call.object);
                self.events.push_back(ClientEvent::Reply { call: call_id, values });
            }
        }
    }

    fn handle_error(&mut self, call: &Call) {
        let information = call.args.first().unwrap_or(&call.object);
        let mut status = Status::from_value(information);
        status.level = Level::Error;
        match self.answered(call.transaction) {
            None => self.link.ignore(),
            Some(Waiting::Connect) => self.refused(status),
            Some(Waiting::CreateStream(id) | Waiting::Start(id)) => self.end(id, status),
            Some(Waiting::Call(call)) => {
                self.deadlines.stop(Awaited::Call(call));
                self.events.push_back(ClientEvent::CallFailed { call, status });
            }
        }
    }

    /// Its answer, should it still come, is one that nobody waits for.
    pub(super) fn give_up(&mut self, call: CallId) {
        self.waiting.retain(|(_, waiting)| *waiting != Waiting::Call(call));
        let status = Status::new(Level::Error, code::CALL_FAILED, "no answer came in time");
        self.events.push_back(ClientEvent::CallFailed { call, status });
    }

    fn connected(&mut self, call: &Call) {
        self.connection = Connection::Connected;
        self.link.connect_came();
        self.server = call.object.as_object().cloned().unwrap_or_default();
        let information = call.args.first().and_then(Value::as_object);
        self.server.entries.extend(information.into_iter().flat_map(|object| object.entries.iter().cloned()));
        // ERTMP-79: the information object first, then the properties.
        let information = Capabilities::from_value(call.args.first().unwrap_or(&Value::Null));
        self.capabilities =
            if information.is_enhanced() { information } else { Capabilities::from_value(&call.object) };
        self.events.push_back(ClientEvent::Connected);
        let queued = |stream: &&super::streams::Stream| stream.phase == Phase::Queued;
        let ids: Vec<_> = self.streams.list.iter().filter(queued).map(|stream| stream.id).collect();
        for id in ids {
            self.create_stream(id);
        }
    }

    fn refused(&mut self, status: Status) {
        self.connection = Connection::Closed;
        self.link.fail(SessionError::Refused(Box::new(status)));
    }

    fn created(&mut self, id: StreamId, number: Option<u32>) {
        let number = number.filter(|number| *number != 0);
        let Some(stream) = self.streams.list.iter_mut().find(|stream| stream.id == id) else { return };
        let Some(number) = number else {
            self.link.reject(MessageError::Missing { command: "_result of createStream", value: "a number" });
            let status = Status::new(Level::Error, code::STREAM_FAILED, "createStream was answered without a number");
            return self.end(id, status);
        };
        if stream.phase == Phase::Abandoned {
            self.streams.remove(id);
            return self.delete_stream(number);
        }
        stream.phase = Phase::Asked(number);
        self.deadlines.start(Awaited::Start(id));
        let (name, purpose) = (AmfString::from(stream.name.as_str()), stream.purpose.clone());
        let transaction = self.expect(Waiting::Start(id));
        let mut args = vec![Value::String(name)];
        let command = match purpose {
            Purpose::Publish(kind) => {
                args.push(kind.as_str().into());
                "publish"
            }
            Purpose::Play(options) => {
                let length = self.config.buffer_length.as_millis() as u32;
                let _ = self.link.send(&UserControl::SetBufferLength { stream_id: number, length }.to_message());
                args.push(options.start.to_number().into());
                if options.duration.is_some() || options.reset.is_some() {
                    args.push(options.duration.unwrap_or(-1.0).into());
                }
                args.extend(options.reset.map(Value::from));
                "play"
            }
        };
        self.send(number, &Command { name: command, transaction, object: &Value::Null, args: &args });
    }

    /// CMD-57, CMD-58: the code decides.
    fn handle_status(&mut self, number: u32, status: Status) {
        if number == 0 && status.code.starts_with("NetConnection.") {
            return self.handle_connection_status(status);
        }
        let publishes = status.code.contains("ublish") && !status.code.contains(".Play.");
        let Some(stream) = self.streams.meant(number, |stream| number != 0 || stream.publishes() == publishes) else {
            self.events.push_back(ClientEvent::Status { stream: None, status });
            return;
        };
        let id = stream.id;
        if !stream.publishes() {
            self.deadlines.stop(Awaited::Start(id));
            stream.is_at_end &= !goes_on(&status);
        }
        let starts = match stream.purpose {
            Purpose::Publish(_) => status.code == code::PUBLISH_START,
            Purpose::Play(_) => status.code == code::PLAY_START,
        };
        match stream.phase {
            Phase::Asked(number) if starts => {
                stream.phase = Phase::Started(number);
                self.deadlines.stop(Awaited::Start(id));
                self.events.push_back(ClientEvent::Started { stream: id });
            }
            _ if ends(&status) => self.end(id, status),
            _ => self.events.push_back(ClientEvent::Status { stream: Some(id), status }),
        }
    }

    fn handle_connection_status(&mut self, status: Status) {
        let acts = self.config.capabilities.caps_ex.contains(CapsEx::RECONNECT);
        if status.code == code::RECONNECT_REQUEST && acts {
            let url = status.more.get("tcUrl").and_then(Value::as_str).map(str::to_owned);
            self.events.push_back(ClientEvent::Reconnect { url });
        } else if status.is_error() && status.code.starts_with("NetConnection.Connect.") {
            self.refused(status);
        } else if status.code == code::CONNECT_CLOSED {
            self.close(status);
        } else {
            self.events.push_back(ClientEvent::Status { stream: None, status });
        }
    }

    fn handle_unknown(&mut self, mut call: Call) {
        self.tickets += 1;
        call.origin.ticket = self.tickets;
        self.pending = Some(call.origin);
        self.events.push_back(ClientEvent::Command { call });
    }

    /// CMD-25.
    fn close(&mut self, status: Status) {
        if std::mem::replace(&mut self.connection, Connection::Closed) == Connection::Closed {
            return;
        }
        self.deadlines.stop_all();
        let ended =
            std::mem::take(&mut self.streams.list).into_iter().filter(|stream| stream.phase != Phase::Abandoned);
        self.events.extend(ended.map(|stream| ClientEvent::Ended { stream: stream.id, status: status.clone() }));
        for (_, waiting) in std::mem::take(&mut self.waiting) {
            if let Waiting::Call(call) = waiting {
                self.events.push_back(ClientEvent::CallFailed { call, status: status.clone() });
            }
        }
        self.events.push_back(ClientEvent::Closed { status });
    }

    pub(super) fn end(&mut self, id: StreamId, status: Status) {
        let Some(stream) = self.streams.remove(id) else { return };
        self.deadlines.stop(Awaited::Start(id));
        self.forget_start(id);
        if let Some(number) = stream.number() {
            self.delete_stream(number); // Else the server counts it among those it allows us.
        }
        if stream.phase != Phase::Abandoned {
            self.events.push_back(ClientEvent::Ended { stream: id, status });
        }
    }

    fn send(&mut self, number: u32, command: &Command<'_>) {
        // Fails only for values of the program that AMF cannot express, such as a key over 64 KiB in a connect object:
        // then the server hears nothing, and the connect deadline passes.
        if let Ok(message) = command.to_message(number, false) {
            let _ = self.link.send(&message);
        }
    }

    fn expect(&mut self, answer: Waiting) -> f64 {
        self.transactions += 1;
        self.waiting.push((self.transactions, answer));
        self.transactions.into()
    }

    /// Most servers answer publish and play with a status alone, so the question would stay for ever.
    pub(super) fn forget_start(&mut self, id: StreamId) {
        self.waiting.retain(|(_, waiting)| *waiting != Waiting::Start(id));
    }

    fn answered(&mut self, transaction: f64) -> Option<Waiting> {
        let at = self.waiting.iter().position(|(id, _)| f64::from(*id) == transaction)?;
        Some(self.waiting.swap_remove(at).1)
    }
}

/// What streams end with when the server closes the connection, or has closed it. See CMD-25.
pub(super) fn closed() -> Status {
    Status::new(Level::Status, code::CONNECT_CLOSED, "closed by the server")
}

/// Does media follow, also where the server does not say Stream Begin? See UCM-3.
fn goes_on(status: &Status) -> bool {
    let codes = [code::PLAY_START, code::PLAY_PUBLISH_NOTIFY, code::SEEK_NOTIFY, code::UNPAUSE_NOTIFY];
    codes.contains(&status.code.as_str())
}

/// Is a stream over with this status? A seek that fails leaves it where it was.
fn ends(status: &Status) -> bool {
    let over = [code::PLAY_STOP, code::PLAY_COMPLETE, code::UNPUBLISH_SUCCESS];
    (status.is_error() && !status.code.starts_with("NetStream.Seek.")) || over.contains(&status.code.as_str())
}
