//! rtmp-session.

use std::time::Instant;

use bytes::Buf;
use rtmp_benches::receiver::Sink;
use rtmp_session::{MediaKind, ServerConfig, ServerEvent, ServerSession};

use crate::candidate::Candidate;

#[derive(Default)]
pub(crate) struct Ours {
    session: Option<ServerSession>,
}

impl Candidate for Ours {
    fn name(&self) -> &'static str {
        "rtmp-session"
    }

    fn accept(&mut self) {
        self.session = Some(ServerSession::new(ServerConfig::default(), Instant::now()));
    }

    fn recv(&mut self, read: &[u8], answer: &mut Vec<u8>, sink: &mut Sink) -> Result<(), String> {
        let session = self.session.as_mut().ok_or("nobody was accepted")?;
        session.recv_buffer().extend_from_slice(read);
        while let Some(event) = session.poll_event().map_err(|error| error.to_string())? {
            match event {
                ServerEvent::Media { media, .. } => {
                    let kind = if media.kind == MediaKind::Video { 9 } else { 8 };
                    sink.take(kind, media.timestamp, media.payload);
                }
                ServerEvent::Connect(request) => session.accept_connect(request).map_err(|error| error.to_string())?,
                ServerEvent::Publish(request) => session.accept_publish(request).map_err(|error| error.to_string())?,
                _ => {}
            }
        }
        let queue = session.send_queue();
        while !queue.is_empty() {
            answer.extend_from_slice(queue.chunk());
            queue.advance(queue.chunk().len());
        }
        Ok(())
    }
}
