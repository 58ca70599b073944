//! rml_rtmp, driven as its examples drive it: the handshake first, then the session.

use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{ServerSession, ServerSessionConfig, ServerSessionEvent, ServerSessionResult};
use rtmp_benches::receiver::{ReadBuffer, Sink};

use crate::candidate::Candidate;

#[derive(Default)]
pub(crate) struct Rml {
    buffer: ReadBuffer,
    handshake: Option<Handshake>,
    session: Option<ServerSession>,
}

impl Candidate for Rml {
    fn name(&self) -> &'static str {
        "rml_rtmp"
    }

    fn accept(&mut self) {
        self.handshake = Some(Handshake::new(PeerType::Server));
        self.session = None;
    }

    fn recv(&mut self, read: &[u8], answer: &mut Vec<u8>, sink: &mut Sink) -> Result<(), String> {
        let read = self.buffer.read(read);
        if let Some(session) = &mut self.session {
            let results = session.handle_input(read).map_err(|error| error.to_string())?;
            return handle(session, results, answer, sink);
        }
        let handshake = self.handshake.as_mut().ok_or("nobody was accepted")?;
        match handshake.process_bytes(read).map_err(|error| error.to_string())? {
            HandshakeProcessResult::InProgress { response_bytes } => answer.extend(response_bytes),
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                answer.extend(response_bytes);
                let config = ServerSessionConfig::new();
                let (mut session, mut results) = ServerSession::new(config).map_err(|error| error.to_string())?;
                results.extend(session.handle_input(&remaining_bytes).map_err(|error| error.to_string())?);
                handle(&mut session, results, answer, sink)?;
                self.session = Some(session);
            }
        }
        Ok(())
    }
}

/// Says yes to whatever is asked.
fn handle(
    session: &mut ServerSession,
    results: Vec<ServerSessionResult>,
    answer: &mut Vec<u8>,
    sink: &mut Sink,
) -> Result<(), String> {
    use ServerSessionEvent::{AudioDataReceived, ConnectionRequested, PublishStreamRequested, VideoDataReceived};
    for result in results {
        let event = match result {
            ServerSessionResult::OutboundResponse(packet) => {
                answer.extend(packet.bytes);
                continue;
            }
            ServerSessionResult::RaisedEvent(event) => event,
            ServerSessionResult::UnhandleableMessageReceived(_) => continue,
        };
        match event {
            AudioDataReceived { data, timestamp, .. } => sink.take(8, timestamp.value, data),
            VideoDataReceived { data, timestamp, .. } => sink.take(9, timestamp.value, data),
            ConnectionRequested { request_id, .. } | PublishStreamRequested { request_id, .. } => {
                let more = session.accept_request(request_id).map_err(|error| error.to_string())?;
                handle(session, more, answer, sink)?;
            }
            _ => {}
        }
    }
    Ok(())
}
