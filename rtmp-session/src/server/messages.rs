//! What comes of each message of a client; commands have a file of their own.

use rtmp_chunk::{Message, MessageType};

use super::{PlaybackControl, Role, ServerEvent, ServerSession};
use crate::{Media, StreamId, UserControl, shared_object::SharedObjectMessage};

impl ServerSession {
    /// What comes of a message; more than one event wait in the queue.
    pub(super) fn handle(&mut self, message: Message) -> Option<ServerEvent> {
        match message.kind {
            MessageType::AUDIO | MessageType::VIDEO | MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => {
                return self.handle_media(message);
            }
            MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => self.handle_command(&message),
            MessageType::USER_CONTROL => self.handle_user_control(&message),
            MessageType::SHARED_OBJECT_AMF0 | MessageType::SHARED_OBJECT_AMF3 if self.client().is_some() => {
                self.handle_shared_object(&message);
            }
            MessageType(1..=6) => {}
            // MSG-8.
            _ => self.link.ignore(),
        }
        self.events.pop_front()
    }

    fn handle_media(&mut self, message: Message) -> Option<ServerEvent> {
        // MSG-11. The video message without a byte of MSG-7 says nothing.
        let silent = message.kind == MessageType::VIDEO && message.payload.is_empty();
        let Some(stream) = self.streams.publisher(message.stream_id).filter(|_| !silent) else {
            self.link.ignore();
            return None;
        };
        match Media::from_message(message) {
            Ok(media) => media.map(|media| ServerEvent::Media { stream, media }),
            Err(error) => {
                self.link.reject(error);
                None
            }
        }
    }

    fn handle_shared_object(&mut self, message: &Message) {
        let limits = &self.config.limits.shared_object;
        match SharedObjectMessage::decode_with(message, limits, &self.config.external_classes) {
            Ok(message) => self.events.push_back(ServerEvent::SharedObject(message)),
            Err(error) => self.link.reject(error.into()),
        }
    }

    fn handle_user_control(&mut self, message: &Message) {
        // The link has answered pings, and counted what cannot be read.
        let (stream_id, length) = match UserControl::parse(&message.payload) {
            Ok(UserControl::SetBufferLength { stream_id, length }) => (stream_id, length),
            Ok(UserControl::SwfVerifyResponse(answer)) => {
                self.events.push_back(ServerEvent::SwfVerification(answer));
                return;
            }
            _ => return,
        };
        // UCM-9. librtmp names stream 0 before it has one.
        match self.streams.on(stream_id) {
            Some(active) if matches!(active.role, Role::Plays(_)) => {
                let stream = active.id;
                let control = PlaybackControl::BufferLength { length };
                self.events.push_back(ServerEvent::Playback { stream, control });
            }
            _ => self.link.ignore(),
        }
    }

    /// The client is done with a stream.
    pub(super) fn ended(&mut self, stream: StreamId) {
        self.events.push_back(ServerEvent::Ended { stream });
    }
}
