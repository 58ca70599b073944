//! Default deny: what is open, what was answered, and what the next poll refuses.

use super::{Answers, Connection, Pending, Role, ServerEvent, ServerSession};
use crate::{CommandError, Level, SessionError, Status, StreamId, code, command::Origin};

impl ServerSession {
    pub(super) fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Takes the pending request off the list, if it is this one.
    pub(super) fn answered(&mut self, ticket: u64) -> Result<(), CommandError> {
        match self.pending {
            Some(Pending::Connect { ticket: asked } | Pending::Stream { ticket: asked, .. }) if asked == ticket => {
                self.pending = None;
                Ok(())
            }
            _ => Err(CommandError::Expired),
        }
    }

    pub(super) fn answered_call(&mut self, origin: &Origin) -> Result<(), CommandError> {
        if matches!(self.pending, Some(Pending::Call(asked)) if asked.ticket == origin.ticket) {
            self.pending = None;
            return Ok(());
        }
        let at = self.deferred.iter().position(|ticket| *ticket == origin.ticket).ok_or(CommandError::Expired)?;
        self.deferred.swap_remove(at);
        Ok(())
    }

    /// Default deny.
    pub(super) fn refuse_unanswered(&mut self) {
        const IGNORED: &str = "not accepted";
        match self.pending.take() {
            None => {}
            Some(Pending::Connect { .. }) => {
                self.refuse_connect(Status::new(Level::Error, code::CONNECT_REJECTED, IGNORED));
            }
            Some(Pending::Stream { stream, .. }) => {
                let publishes = self.streams.get(stream).is_some_and(|(_, active)| active.role == Role::AsksToPublish);
                let code = if publishes { code::PUBLISH_BAD_NAME } else { code::PLAY_STREAM_NOT_FOUND };
                self.refuse_stream(stream, &Status::new(Level::Error, code, IGNORED));
            }
            Some(Pending::Seek { stream }) => self.refuse_control(stream, code::SEEK_FAILED, "cannot seek"),
            Some(Pending::Transition { stream }) => self.refuse_control(stream, code::PLAY_FAILED, "cannot switch"),
            Some(Pending::Call(origin)) => {
                let status = Status::new(Level::Error, code::CALL_FAILED, "no such procedure");
                let _ = Answers::new(&mut self.link).error(&origin, &status);
            }
        }
    }

    pub(super) fn refuse_control(&mut self, stream: StreamId, code: &str, reason: &str) {
        if let Ok(number) = self.player(stream) {
            Answers::new(&mut self.link).status(number, &Status::new(Level::Error, code, reason));
        }
    }

    /// CMD-23: `_error`, then the connection is over.
    pub(super) fn refuse_connect(&mut self, status: Status) {
        if let Connection::Asked(asked) = std::mem::replace(&mut self.connection, Connection::Closed) {
            let _ = Answers::new(&mut self.link).error(&asked.origin, &status);
        }
        self.link.fail(SessionError::Refused(Box::new(status)));
    }

    pub(super) fn refuse_stream(&mut self, stream: StreamId, status: &Status) {
        let Some((number, _)) = self.streams.end(stream) else { return };
        Answers::new(&mut self.link).status(number, status);
        self.events.push_back(ServerEvent::Ended { stream });
    }
}
