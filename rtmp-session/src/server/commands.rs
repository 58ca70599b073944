//! What a server does with each command. See CMD-11 to CMD-56.

use rtmp_amf::Value;
use rtmp_chunk::Message;

use super::{
    Accepted, Answers, Asked, ConnectRequest, Connection, Pending, Play2, PlayRequest, PlayStart, PlaybackControl,
    PublishKind, PublishRequest, Role, ServerEvent, ServerSession,
};
use crate::{
    Call, Capabilities, Level, MessageError, SessionError, Status, code,
    command::Origin,
    name::{split_query, stream_name},
};

impl ServerSession {
    pub(super) fn handle_command(&mut self, message: &Message) {
        let max = self.config.limits.max_command_len;
        if message.payload.len() > max {
            let value = message.payload.len();
            self.link.fail(SessionError::Limit { what: "bytes of a command (MSG-9)", value, max });
            return;
        }
        let mut call = match Call::decode(message, &self.config.limits.amf, &self.config.external_classes) {
            Ok(call) => call,
            Err(error) => return self.link.reject(error),
        };
        call.origin.ticket = self.ticket();
        match &self.connection {
            _ if matches!(call.name.as_str(), "_result" | "_error") => self.link.ignore(), // CMD-5: nothing was asked
            Connection::New if call.name == "connect" => self.connect(call),
            Connection::Accepted(_) => {
                self.dispatch(call);
                self.lower_limits();
            }
            // CMD-11. A request that waits for its answer is decided before the next message is looked at.
            _ => self.refuse_call(&call.origin, "not connected"),
        }
    }

    fn dispatch(&mut self, call: Call) {
        match call.name.as_str() {
            "connect" => self.refuse_call(&call.origin, "already connected"), // CMD-19
            "createStream" => self.create_stream(&call),
            "deleteStream" => self.delete_stream(&call),
            "closeStream" => self.close_stream(&call),
            "publish" => self.publish(call),
            "play" => self.play(call),
            "play2" => self.play2(&call),
            "pause" | "pauseRaw" => self.pause(&call),
            "seek" => self.seek(&call),
            "receiveAudio" | "receiveVideo" => self.receive(&call),
            "releaseStream" => self.result(&call, &[Value::Undefined]), // CMD-31
            "FCPublish" => self.announce(&call, "onFCPublish", code::PUBLISH_START),
            "FCUnpublish" => self.fc_unpublish(&call),
            "FCSubscribe" => self.announce(&call, "onFCSubscribe", code::PLAY_START),
            "FCUnsubscribe" => self.announce(&call, "onFCUnsubscribe", code::PLAY_STOP),
            "getStreamLength" => self.result(&call, &[0.0.into()]), // CMD-51: of a live stream
            "_checkbw" => self.result(&call, &[]),                  // CMD-54
            "close" => self.close(),
            _ => self.unknown(call),
        }
    }

    /// A client that publishes no more needs no room for media. Where the program has ended the publish, there may be media
    /// under way, to be ignored, until the client says something.
    fn lower_limits(&mut self) {
        if self.may_send_media && !self.streams.any_publishes() {
            self.may_send_media = false;
            self.link.set_chunk_limits(self.config.limits.without_publish());
        }
    }

    fn connect(&mut self, call: Call) {
        let text = |key| call.object.get(key).and_then(Value::as_str);
        let (Some(full_app), Some(tc_url)) = (text("app"), text("tcUrl")) else {
            let status = Status::new(Level::Error, code::CONNECT_REJECTED, "connect without app or tcUrl"); // CMD-18
            let _ = Answers::new(&mut self.link).error(&call.origin, &status);
            self.connection = Connection::Closed;
            self.link.fail(SessionError::Refused(Box::new(status)));
            return;
        };
        let (app, query) = split_query(full_app);
        let app = app.trim_matches('/');
        if self.name_too_long(app) {
            return;
        }
        let capabilities = Capabilities::from_value(&call.object);
        let object_encoding = call.object.get("objectEncoding").and_then(Value::as_f64).unwrap_or(0.0);
        let request = ConnectRequest {
            app: app.to_owned(),
            query: query.map(str::to_owned),
            tc_url: tc_url.to_owned(),
            // The text writes flashver, clients flashVer (CMD-12).
            flash_ver: text("flashVer").or_else(|| text("flashver")).unwrap_or_default().to_owned(),
            swf_url: text("swfUrl").map(str::to_owned),
            page_url: text("pageUrl").map(str::to_owned),
            object_encoding,
            capabilities: capabilities.clone(),
            wire: call.object.as_object().cloned().unwrap_or_default(),
            args: call.args,
            ticket: call.origin.ticket,
        };
        let asked = Asked {
            origin: call.origin,
            speaks_enhanced: capabilities.is_enhanced(),
            sent_list: !capabilities.fourcc_list.is_empty(),
            client: Accepted { app: app.to_owned(), amf3: object_encoding == 3.0, capabilities },
        };
        self.link.connect_came();
        self.connection = Connection::Asked(Box::new(asked));
        self.pending = Some(Pending::Connect { ticket: request.ticket });
        self.events.push_back(ServerEvent::Connect(request));
    }

    fn create_stream(&mut self, call: &Call) {
        match self.streams.create(self.config.limits.max_streams) {
            // CMD-10: null, then the number.
            Some(number) => self.result(call, &[f64::from(number).into()]),
            None => self.refuse_call(&call.origin, "too many streams"), // CMD-28
        }
    }

    /// CMD-29: the argument decides. GStreamer names the stream instead of giving its number.
    fn delete_stream(&mut self, call: &Call) {
        let number = match call.args.first() {
            Some(Value::String(name)) => self.streams.named(name),
            Some(value) => value.as_f64().map(|number| number as u32),
            None => Some(call.origin.stream_id),
        };
        match number.and_then(|number| self.streams.delete(number)) {
            Some(active) => self.ended(active.id),
            None => self.link.ignore(),
        }
    }

    /// CMD-30: the message stream stays.
    fn close_stream(&mut self, call: &Call) {
        let number = call.origin.stream_id;
        let Some(active) = self.streams.on(number) else { return self.refuse_call(&call.origin, "nothing to close") };
        let (stream, role) = (active.id, active.role);
        self.streams.end(stream);
        if role == Role::Publishes {
            let status = Status::new(Level::Status, code::UNPUBLISH_SUCCESS, "stopped publishing");
            Answers::new(&mut self.link).status(number, &status);
        }
        self.ended(stream);
    }

    fn publish(&mut self, call: Call) {
        let number = call.origin.stream_id;
        if matches!(call.args.first(), Some(Value::Boolean(false))) {
            return self.close_stream(&call); // CMD-40
        }
        if !self.streams.exists(number) {
            return self.refuse_call(&call.origin, "no such stream"); // MSG-11
        }
        let Some(wire_name) = call.text(0) else {
            self.link.reject(MessageError::Missing { command: "publish", value: "a name" });
            return self.refuse_on(number, code::PUBLISH_BAD_NAME, "publish without a name");
        };
        let (name, query) = split_query(stream_name(wire_name, self.app()));
        if self.name_too_long(name) {
            return;
        }
        if self.streams.on(number).is_some() {
            return self.refuse_on(number, code::PUBLISH_BAD_NAME, "the message stream is in use");
        }
        let Some((stream, _)) = self.streams.begin(number, wire_name, Role::AsksToPublish) else { return };
        let word = call.text(1);
        let kind = word.map_or(Some(PublishKind::Live), PublishKind::from_word);
        let request = PublishRequest {
            stream,
            app: self.app().to_owned(),
            name: name.to_owned(),
            query: query.map(str::to_owned),
            unknown_kind: word.filter(|_| kind.is_none()).map(str::to_owned),
            kind: kind.unwrap_or_default(),
            ticket: call.origin.ticket,
            wire: call.args,
        };
        self.pending = Some(Pending::Stream { ticket: request.ticket, stream });
        self.events.push_back(ServerEvent::Publish(request));
    }

    fn play(&mut self, call: Call) {
        let number = call.origin.stream_id;
        if matches!(call.args.first(), Some(Value::Boolean(false))) {
            return self.close_stream(&call);
        }
        if !self.streams.exists(number) {
            return self.refuse_call(&call.origin, "no such stream"); // MSG-11
        }
        let Some(wire_name) = call.text(0) else {
            self.link.reject(MessageError::Missing { command: "play", value: "a name" });
            return self.refuse_on(number, code::PLAY_FAILED, "play without a name");
        };
        let (name, query) = split_query(stream_name(wire_name, self.app()));
        if self.name_too_long(name) {
            return;
        }
        if self.streams.on(number).is_some_and(|active| active.role == Role::Publishes) {
            return self.refuse_on(number, code::PLAY_FAILED, "the message stream publishes");
        }
        let Some((stream, before)) = self.streams.begin(number, wire_name, Role::AsksToPlay) else { return };
        if let Some(before) = before {
            self.ended(before.id);
        }
        let request = PlayRequest {
            stream,
            app: self.app().to_owned(),
            name: name.to_owned(),
            query: query.map(str::to_owned),
            start: call.number(1).map_or(PlayStart::LiveOrRecorded, PlayStart::from_number),
            duration: call.number(2).filter(|duration| *duration >= 0.0),
            reset: call.args.get(3).is_none_or(|reset| reset.as_bool() != Some(false) && reset.as_f64() != Some(0.0)),
            ticket: call.origin.ticket,
            wire: call.args,
        };
        self.pending = Some(Pending::Stream { ticket: request.ticket, stream });
        self.events.push_back(ServerEvent::Play(request));
    }

    fn play2(&mut self, call: &Call) {
        let Some(active) = self.streams.on(call.origin.stream_id) else {
            return self.refuse_call(&call.origin, "no such stream");
        };
        if !matches!(active.role, Role::Plays(_)) {
            return self.refuse_call(&call.origin, "not playing");
        }
        let stream = active.id;
        let parameters = call.args.first().unwrap_or(&Value::Null);
        let text = |key| parameters.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key| parameters.get(key).and_then(Value::as_f64);
        let Some(stream_name) = text("streamName") else {
            self.link.reject(MessageError::Missing { command: "play2", value: "streamName" });
            return self.refuse_on(call.origin.stream_id, code::PLAY_FAILED, "play2 without streamName");
        };
        let control = PlaybackControl::Play2(Play2 {
            stream_name,
            old_stream_name: text("oldStreamName"),
            start: number("start"),
            len: number("len"),
            offset: number("offset"),
            transition: text("transition"),
        });
        self.pending = Some(Pending::Transition { stream });
        self.events.push_back(ServerEvent::Playback { stream, control });
    }

    /// CMD-49.
    fn pause(&mut self, call: &Call) {
        let number = call.origin.stream_id;
        let Some(active) = self.streams.on(number) else { return self.refuse_call(&call.origin, "no such stream") };
        let Role::Plays(player) = &mut active.role else { return self.refuse_call(&call.origin, "not playing") };
        let paused = call.args.first().and_then(Value::as_bool).unwrap_or(!player.paused);
        player.paused = paused;
        let stream = active.id;
        let (code, words) =
            if paused { (code::PAUSE_NOTIFY, "paused") } else { (code::UNPAUSE_NOTIFY, "playing again") };
        Answers::new(&mut self.link).status(number, &Status::new(Level::Status, code, words));
        let control = PlaybackControl::Pause { paused, position: call.number(1).unwrap_or(0.0) };
        self.events.push_back(ServerEvent::Playback { stream, control });
    }

    /// CMD-50.
    fn seek(&mut self, call: &Call) {
        let Some(active) = self.streams.on(call.origin.stream_id) else {
            return self.refuse_call(&call.origin, "no such stream");
        };
        if !matches!(active.role, Role::Plays(_)) {
            return self.refuse_call(&call.origin, "not playing");
        }
        let stream = active.id;
        let control = PlaybackControl::Seek { position: call.number(0).unwrap_or(0.0) };
        self.pending = Some(Pending::Seek { stream });
        self.events.push_back(ServerEvent::Playback { stream, control });
    }

    /// CMD-48: no answer to false; true starts the kind anew.
    fn receive(&mut self, call: &Call) {
        let number = call.origin.stream_id;
        let Some(active) = self.streams.on(number) else { return self.refuse_call(&call.origin, "no such stream") };
        let Role::Plays(player) = &mut active.role else { return self.refuse_call(&call.origin, "not playing") };
        let on = call.args.first().and_then(Value::as_bool).unwrap_or(true);
        let control = if call.name == "receiveAudio" {
            player.audio = on;
            PlaybackControl::ReceiveAudio(on)
        } else {
            player.video = on;
            PlaybackControl::ReceiveVideo(on)
        };
        let stream = active.id;
        if on {
            let mut answers = Answers::new(&mut self.link);
            answers.status(number, &Status::new(Level::Status, code::SEEK_NOTIFY, "sending again"));
            answers.status(number, &Status::new(Level::Status, code::PLAY_START, "started playing"));
        }
        self.events.push_back(ServerEvent::Playback { stream, control });
    }

    /// CMD-32, CMD-39, CMD-52: a result for those who wait for one, and the call that Flash programs wait for.
    fn announce(&mut self, call: &Call, name: &str, code: &str) {
        let stream = split_query(call.text(0).unwrap_or_default()).0;
        if self.name_too_long(stream) {
            return;
        }
        self.result(call, &[Value::Undefined]);
        let status = Status::new(Level::Status, code, stream);
        let _ = Answers::new(&mut self.link).call(0, name, &[status.to_value()]);
    }

    /// CMD-39: the publish is over; deleteStream follows.
    fn fc_unpublish(&mut self, call: &Call) {
        self.announce(call, "onFCUnpublish", code::UNPUBLISH_SUCCESS);
        let number = call.text(0).and_then(|name| self.streams.named(name));
        let Some(active) = number.and_then(|number| self.streams.on(number)) else { return };
        if active.role == Role::Publishes {
            let stream = active.id;
            self.streams.end(stream);
            self.ended(stream);
        }
    }

    /// CMD-25: an orderly end.
    fn close(&mut self) {
        self.connection = Connection::Closed;
        self.events.extend(self.streams.drain().map(|stream| ServerEvent::Ended { stream }));
        self.events.push_back(ServerEvent::Closed);
    }

    fn unknown(&mut self, call: Call) {
        let stream = self.streams.on(call.origin.stream_id).map(|active| active.id);
        self.pending = Some(Pending::Call(call.origin));
        self.events.push_back(ServerEvent::Command { stream, call });
    }

    fn app(&self) -> &str {
        self.client().map_or("", |client| &client.app)
    }

    fn name_too_long(&mut self, name: &str) -> bool {
        let (value, max) = (name.len(), self.config.limits.max_name_len);
        if value > max {
            self.link.fail(SessionError::Limit { what: "bytes of a name", value, max });
        }
        value > max
    }

    fn result(&mut self, call: &Call, values: &[Value]) {
        let _ = Answers::new(&mut self.link).result(&call.origin, &Value::Null, values);
    }

    /// CMD-7; with transaction 0 nobody hears it.
    fn refuse_call(&mut self, origin: &Origin, reason: &str) {
        self.link.ignore();
        let status = Status::new(Level::Error, code::CALL_FAILED, reason);
        let _ = Answers::new(&mut self.link).error(origin, &status);
    }

    fn refuse_on(&mut self, number: u32, code: &str, reason: &str) {
        Answers::new(&mut self.link).status(number, &Status::new(Level::Error, code, reason));
    }
}
