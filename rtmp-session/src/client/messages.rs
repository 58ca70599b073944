//! What comes of each message of a server; commands have a file of their own.

use bytes::Bytes;
use rtmp_chunk::{Message, MessageType};

use super::{Awaited, ClientEvent, ClientSession, Phase};
use crate::{Media, MediaKind, UserControl, shared_object::SharedObjectMessage};

impl ClientSession {
    /// What comes of a message; more than one event wait in the queue.
    pub(super) fn handle(&mut self, message: Message) -> Option<ClientEvent> {
        match message.kind {
            MessageType::AUDIO | MessageType::VIDEO | MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => {
                return self.handle_media(message);
            }
            MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => self.handle_command(&message),
            MessageType::USER_CONTROL => self.handle_user_control(&message.payload),
            MessageType::SHARED_OBJECT_AMF0 | MessageType::SHARED_OBJECT_AMF3 => {
                self.handle_shared_object(&message);
            }
            MessageType(1..=6) => {}
            // MSG-8.
            _ => self.link.ignore(),
        }
        self.events.pop_front()
    }

    fn handle_media(&mut self, message: Message) -> Option<ClientEvent> {
        let number = message.stream_id;
        // MSG-7.
        if message.kind == MessageType::VIDEO && message.payload.is_empty() {
            self.link.ignore();
            return None;
        }
        let media = match Media::from_message(message) {
            Ok(media) => media?,
            Err(error) => {
                self.link.reject(error);
                return None;
            }
        };
        if media.kind == MediaKind::Data && self.handle_stream_data(number, &media.payload) {
            return self.events.pop_front();
        }
        // UCM-3: what comes behind a Stream EOF is of no use.
        let stream = self.streams.meant(number, |stream| !stream.publishes()).filter(|stream| !stream.is_at_end);
        let Some(stream) = stream else {
            self.link.ignore();
            return None;
        };
        let event = ClientEvent::Media { stream: stream.id, media };
        // Some servers send media without saying start.
        if let Phase::Asked(number) = stream.phase {
            stream.phase = Phase::Started(number);
            self.deadlines.stop(Awaited::Start(stream.id));
            self.events.push_back(event);
            return Some(ClientEvent::Started { stream: stream.id });
        }
        Some(event)
    }

    fn handle_shared_object(&mut self, message: &Message) {
        let limits = &self.config.link.limits.shared_object;
        match SharedObjectMessage::decode_with(message, limits, &self.config.external_classes) {
            Ok(message) => self.events.push_back(ClientEvent::SharedObject(message)),
            Err(error) => self.link.reject(error.into()),
        }
    }

    fn handle_user_control(&mut self, body: &Bytes) {
        match UserControl::parse(body) {
            // The link has answered pings, and counted what cannot be read.
            Ok(UserControl::PingRequest(_) | UserControl::PingResponse(_)) | Err(_) => {}
            Ok(event) => {
                match event {
                    UserControl::StreamBegin(number) => self.play_is_heard_of(number, false),
                    UserControl::StreamEof(number) => self.play_is_heard_of(number, true),
                    UserControl::SwfVerifyRequest(kind) => self.answer_swf_request(kind),
                    _ => {}
                }
                self.events.push_back(ClientEvent::Control(event));
            }
        }
    }

    /// UCM-3. The server may say nothing more before there is a publisher.
    fn play_is_heard_of(&mut self, number: u32, is_at_end: bool) {
        if let Some(stream) = self.streams.meant(number, |stream| !stream.publishes()) {
            stream.is_at_end = is_at_end;
            self.deadlines.stop(Awaited::Start(stream.id));
        }
    }

    /// SWFV-1, SWFV-5. librtmp takes a request without a type for one of type 1.
    fn answer_swf_request(&mut self, kind: Option<u8>) {
        let (Some(player), Some(server)) = (self.config.swf_verification, self.link.peer()) else { return };
        if kind.is_none_or(|kind| kind <= 1) {
            let answer = Bytes::copy_from_slice(&player.answer(&server.tail));
            let _ = self.link.answer(&UserControl::SwfVerifyResponse(answer).to_message());
        }
    }
}
