//! What a program asks and tells the server once it is connected, and the media it sends.

use bytes::{BufMut, BytesMut};
use rtmp_amf::{Object, Value};

use super::{Awaited, ClientSession, Connection, Phase, Waiting};
use crate::{
    Call, CallId, CommandError, Level, Media, MediaKind, Play2, Status, StreamId, UserControl, code, command::Command,
    data_name::split_name, media::SET_DATA_FRAME, shared_object::SharedObjectMessage,
};

impl ClientSession {
    /// Sends media on a stream that publishes. Data named `onMetaData` gets its `@setDataFrame` here. See MSG-12.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it plays or has not started,
    /// [`CommandError::TooLong`] for a payload over 16 777 215 bytes.
    pub fn send_media(&mut self, stream: StreamId, media: &Media) -> Result<(), CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        if !stream.publishes() {
            return Err(CommandError::WrongState("the stream plays"));
        }
        let Phase::Started(number) = stream.phase else {
            return Err(CommandError::WrongState("the stream has not started"));
        };
        let mut message = media.to_message(number);
        if media.kind == MediaKind::Data && split_name(&media.payload).is_some_and(|(name, _)| name == "onMetaData") {
            let mut payload = BytesMut::with_capacity(SET_DATA_FRAME.len() + media.payload.len());
            payload.put_slice(SET_DATA_FRAME);
            payload.put_slice(&media.payload);
            message.payload = payload.freeze();
        }
        self.link.send(&message)
    }

    /// Ends a stream: `FCUnpublish` if its publish was announced, and `deleteStream`. No
    /// [`ClientEvent::Ended`](crate::ClientEvent::Ended) follows.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended.
    pub fn end_stream(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        self.deadlines.stop(Awaited::Start(stream.id));
        if stream.phase == Phase::Creating {
            stream.phase = Phase::Abandoned;
            return Ok(());
        }
        let id = stream.id;
        let Some(stream) = self.streams.remove(id) else { return Ok(()) };
        self.forget_start(id);
        let Some(number) = stream.number() else { return Ok(()) };
        if stream.publishes() && self.config.announce_publish {
            self.announce("FCUnpublish", &stream.name);
        }
        self.delete_stream(number);
        Ok(())
    }

    /// Pauses a stream that plays, or goes on. `position` is where the player stands, in milliseconds. See CMD-49.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it has not been asked for yet.
    pub fn pause(&mut self, stream: StreamId, paused: bool, position: f64) -> Result<(), CommandError> {
        self.tell(stream, "pause", &[paused.into(), position.into()])
    }

    /// Goes on playing elsewhere: at `position` milliseconds. See CMD-50.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn seek(&mut self, stream: StreamId, position: f64) -> Result<(), CommandError> {
        self.tell(stream, "seek", &[position.into()])
    }

    /// Turns audio off or on again. See CMD-48.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn receive_audio(&mut self, stream: StreamId, on: bool) -> Result<(), CommandError> {
        self.tell(stream, "receiveAudio", &[on.into()])
    }

    /// Turns video off or on again. See CMD-48.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn receive_video(&mut self, stream: StreamId, on: bool) -> Result<(), CommandError> {
        self.tell(stream, "receiveVideo", &[on.into()])
    }

    /// Goes over to another stream without a break. See CMD-47.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn play2(&mut self, stream: StreamId, parameters: &Play2) -> Result<(), CommandError> {
        let mut object = Object::new().with("streamName", parameters.stream_name.as_str());
        let texts = [("oldStreamName", &parameters.old_stream_name), ("transition", &parameters.transition)];
        for (key, text) in texts {
            text.iter().for_each(|text| object.push(key, text.as_str()));
        }
        for (key, number) in [("start", parameters.start), ("len", parameters.len), ("offset", parameters.offset)] {
            number.iter().for_each(|number| object.push(key, *number));
        }
        self.tell(stream, "play2", &[Value::Object(object)])
    }

    /// Tells the server how much is buffered, in milliseconds. See UCM-3.
    ///
    /// # Errors
    /// As for [`pause`](Self::pause).
    pub fn set_buffer_length(&mut self, stream: StreamId, length: u32) -> Result<(), CommandError> {
        let stream_id = self.asked(stream)?;
        self.link.send(&UserControl::SetBufferLength { stream_id, length }.to_message())
    }

    /// Calls a procedure of the server; the answer is a [`ClientEvent::Reply`](crate::ClientEvent::Reply) or
    /// [`ClientEvent::CallFailed`](crate::ClientEvent::CallFailed), the latter also when none has come for
    /// [`ClientConfig::answer_timeout`](crate::ClientConfig::answer_timeout). See CMD-4.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] before [`ClientEvent::Connected`](crate::ClientEvent::Connected),
    /// [`CommandError::TooMany`] with [`Limits::max_calls`](crate::Limits::max_calls) unanswered, [`CommandError::Amf`] for
    /// values that AMF cannot express.
    pub fn call(&mut self, name: &str, args: &[Value]) -> Result<CallId, CommandError> {
        if self.connection != Connection::Connected {
            return Err(CommandError::WrongState("not connected"));
        }
        let max = self.config.link.limits.max_calls;
        if self.waiting.iter().filter(|(_, waiting)| matches!(waiting, Waiting::Call(_))).count() >= max {
            return Err(CommandError::TooMany { what: "calls", max });
        }
        let transaction = self.transactions + 1;
        let command = Command { name, transaction: transaction.into(), object: &Value::Null, args };
        self.link.send(&command.to_message(0, false)?)?;
        self.transactions = transaction;
        self.calls += 1;
        let id = CallId(self.calls);
        self.waiting.push((transaction, Waiting::Call(id)));
        self.deadlines.start(Awaited::Call(id));
        Ok(id)
    }

    /// Calls a procedure of the server, on a stream or on the connection, without an answer.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] before [`ClientEvent::Connected`](crate::ClientEvent::Connected),
    /// [`CommandError::UnknownStream`] if the stream has ended, [`CommandError::Amf`] for values that AMF cannot express.
    pub fn notify(&mut self, stream: Option<StreamId>, name: &str, args: &[Value]) -> Result<(), CommandError> {
        if self.connection != Connection::Connected {
            return Err(CommandError::WrongState("not connected"));
        }
        let number = stream.map_or(Ok(0), |stream| self.asked(stream))?;
        let command = Command { name, transaction: 0.0, object: &Value::Null, args };
        self.link.send(&command.to_message(number, false)?)
    }

    /// Answers a [`ClientEvent::Command`](crate::ClientEvent::Command): `_result`, null, `values`. If no answer is wanted,
    /// none is sent.
    ///
    /// # Errors
    /// [`CommandError::Expired`] if it was refused before, [`CommandError::Amf`] for values that AMF cannot express,
    /// [`CommandError::TooLong`] for more than fits a message. The call is used up, so the server hears `_error` then.
    pub fn reply(&mut self, call: Call, values: &[Value]) -> Result<(), CommandError> {
        match self.pending {
            Some(origin) if origin.ticket == call.origin.ticket => self.pending = None,
            _ => return Err(CommandError::Expired),
        }
        self.answer("_result", &call.origin, values).inspect_err(|_| {
            let status = Status::new(Level::Error, code::CALL_FAILED, "no answer that can be sent");
            let _ = self.answer("_error", &call.origin, &[status.to_value()]);
        })
    }

    /// Sends what happens to a shared object. See SO-5 to SO-7.
    ///
    /// # Errors
    /// [`CommandError::Amf`] for names and values that AMF cannot express, [`CommandError::TooLong`] for more than fits a
    /// message.
    pub fn send_shared_object(&mut self, message: &SharedObjectMessage) -> Result<(), CommandError> {
        self.link.send(&message.to_message()?)
    }

    /// Sends a user control event, such as a SWF verification response: of 42 bytes, or the server refuses it.
    ///
    /// # Errors
    /// [`CommandError::Closed`] if the connection is over.
    pub fn send_control(&mut self, event: &UserControl) -> Result<(), CommandError> {
        self.link.send(&event.to_message())
    }

    fn asked(&mut self, stream: StreamId) -> Result<u32, CommandError> {
        let stream = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        stream.number().ok_or(CommandError::WrongState("the stream was not asked for yet"))
    }

    fn tell(&mut self, stream: StreamId, name: &str, args: &[Value]) -> Result<(), CommandError> {
        let number = self.asked(stream)?;
        let command = Command { name, transaction: 0.0, object: &Value::Null, args };
        self.link.send(&command.to_message(number, false)?)?;
        // UCM-3: with a new command, what the server sends is wanted again.
        self.streams.get(stream).ok_or(CommandError::UnknownStream)?.is_at_end = false;
        Ok(())
    }
}
