//! What a program says unasked: media, notices and calls to the client.

use rtmp_amf::Value;

use super::{Answers, NOT_PLAYING, Role, ServerSession};
use crate::{CommandError, Level, Media, Status, StreamId, UserControl, code, shared_object::SharedObjectMessage};

impl ServerSession {
    /// Sends media to a player. What the player does not want at the moment (paused, no audio, no video) is left out.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play,
    /// [`CommandError::TooLong`] for a payload over 16 777 215 bytes.
    pub fn send_media(&mut self, stream: StreamId, media: &Media) -> Result<(), CommandError> {
        let (number, active) = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        let Role::Plays(player) = active.role else { return Err(NOT_PLAYING) };
        if !player.wants(media.kind) {
            return Ok(());
        }
        self.link.send(&media.to_message(number))
    }

    /// Ends a stream from our side. A player hears Stream EOF, `UnpublishNotify` and `Play.Stop`, a publisher
    /// `NetStream.Publish.Rejected`; see CMD-46. No [`ServerEvent::Ended`](crate::ServerEvent::Ended) follows.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if its request is not answered.
    pub fn end_stream(&mut self, stream: StreamId, reason: &str) -> Result<(), CommandError> {
        let (number, active) = self.streams.get(stream).ok_or(CommandError::UnknownStream)?;
        let role = active.role;
        match role {
            Role::AsksToPublish | Role::AsksToPlay => return Err(NOT_ANSWERED),
            Role::Publishes => Answers::unasked(&mut self.link).kicked(number, reason),
            Role::Plays(_) => Answers::unasked(&mut self.link).stopped(number, reason),
        }
        self.streams.end(stream);
        Ok(())
    }

    /// Ends the playing of a recording whose last byte was sent: Stream EOF, `Play.Stop`, `onPlayStatus` with
    /// `Play.Complete`. No [`ServerEvent::Ended`](crate::ServerEvent::Ended) follows. `duration` is in seconds. See
    /// CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn complete_stream(&mut self, stream: StreamId, duration: f64, bytes: u64) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).completed(number, duration, bytes);
        self.streams.end(stream);
        Ok(())
    }

    /// Tells a player that the publisher has left: Stream EOF and `UnpublishNotify`. The player stays and may hear
    /// [`notify_published`](Self::notify_published) later. See CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn notify_unpublished(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).unpublished(number, "the publisher left");
        Ok(())
    }

    /// Tells a waiting player that a publisher has come: Stream Begin and `PublishNotify`. See CMD-46.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::WrongState`] if it does not play.
    pub fn notify_published(&mut self, stream: StreamId) -> Result<(), CommandError> {
        let number = self.player(stream)?;
        Answers::unasked(&mut self.link).published(number);
        Ok(())
    }

    /// Calls a procedure of the client, without an answer. On a stream, or on the connection.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended, [`CommandError::Amf`] for values that AMF cannot express.
    pub fn notify(&mut self, stream: Option<StreamId>, name: &str, values: &[Value]) -> Result<(), CommandError> {
        let number = self.wire_number(stream)?;
        Answers::unasked(&mut self.link).call(number, name, values)
    }

    /// Sends an `onStatus`. About a stream, or about the connection. See CMD-57.
    ///
    /// # Errors
    /// [`CommandError::UnknownStream`] if it has ended.
    pub fn send_status(&mut self, stream: Option<StreamId>, status: &Status) -> Result<(), CommandError> {
        let number = self.wire_number(stream)?;
        Answers::unasked(&mut self.link).call(number, "onStatus", &[status.to_value()])
    }

    /// Sends what happens to a shared object. See SO-5 to SO-7.
    ///
    /// # Errors
    /// [`CommandError::Amf`] for names and values that AMF cannot express, [`CommandError::TooLong`] for more than fits a
    /// message.
    pub fn send_shared_object(&mut self, message: &SharedObjectMessage) -> Result<(), CommandError> {
        self.link.send(&message.to_message()?)
    }

    /// Sends a user control event, such as Stream Dry or Buffer Empty. Streams in it are numbers of the wire; see
    /// [`message_stream_id`](Self::message_stream_id).
    ///
    /// # Errors
    /// [`CommandError::Closed`] if the connection is over.
    pub fn send_control(&mut self, event: &UserControl) -> Result<(), CommandError> {
        self.link.send(&event.to_message())
    }

    /// Asks the client to connect anew: to `url`, whole or relative, or to where it is now. See ERTMP-92, ERTMP-93.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] if the client did not announce that it can. See ERTMP-95.
    pub fn request_reconnect(&mut self, url: Option<&str>) -> Result<(), CommandError> {
        let can = self.client().is_some_and(|client| client.capabilities.caps_ex.contains(crate::CapsEx::RECONNECT));
        if !can {
            return Err(CommandError::WrongState("the client did not announce that it can reconnect"));
        }
        let mut status = Status::new(Level::Status, code::RECONNECT_REQUEST, "the server asks to connect anew");
        if let Some(url) = url {
            status = status.with("tcUrl", url);
        }
        self.send_status(None, &status)
    }

    fn wire_number(&self, stream: Option<StreamId>) -> Result<u32, CommandError> {
        match stream {
            Some(stream) => self.streams.number(stream).ok_or(CommandError::UnknownStream),
            None => Ok(0),
        }
    }
}

const NOT_ANSWERED: CommandError = CommandError::WrongState("its request is not answered yet");
