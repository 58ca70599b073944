//! Other crates, driven where they take the bytes of a connection.

use std::fmt::Debug;

use rtmp_benches::receiver::{ReadBuffer, Sink};
use rtmp_runtime::server::{ServerEvent, ServerSession};
use shiguredo_rtmp::tests::{encode_audio_frame, encode_video_frame};
use shiguredo_rtmp::{RtmpConnectionEvent, RtmpServerConnection};

use crate::candidate::Candidate;

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::<Shiguredo>::default(), Box::<Runtime>::default()]
}

fn text(error: impl Debug) -> String {
    format!("{error:?}")
}

#[derive(Default)]
struct Shiguredo {
    buffer: ReadBuffer,
    connection: RtmpServerConnection,
}

impl Candidate for Shiguredo {
    fn name(&self) -> &'static str {
        "shiguredo_rtmp"
    }

    fn accept(&mut self) {
        self.connection = RtmpServerConnection::new();
    }

    fn recv(&mut self, read: &[u8], answer: &mut Vec<u8>, sink: &mut Sink) -> Result<(), String> {
        self.connection.feed_recv_buf(self.buffer.read(read)).map_err(text)?;
        while let Some(event) = self.connection.next_event() {
            match event {
                RtmpConnectionEvent::PublishRequested { .. } => self.connection.accept().map_err(text)?,
                // It takes the FLV header off.
                RtmpConnectionEvent::AudioReceived(frame) => {
                    let time = frame.timestamp.as_millis();
                    sink.take(8, time, whole(sink, |out| encode_audio_frame(out, &frame)).unwrap_or(frame.data));
                }
                RtmpConnectionEvent::VideoReceived(frame) => {
                    let time = frame.timestamp.as_millis();
                    sink.take(9, time, whole(sink, |out| encode_video_frame(out, &frame)).unwrap_or(frame.data));
                }
                _ => {}
            }
        }
        answer.extend_from_slice(self.connection.send_buf());
        self.connection.advance_send_buf(self.connection.send_buf().len());
        Ok(())
    }
}

/// The payload as it was sent, where that is to be known.
fn whole(sink: &Sink, encode: impl FnOnce(&mut Vec<u8>)) -> Option<Vec<u8>> {
    sink.is_checking().then(|| {
        let mut payload = Vec::new();
        encode(&mut payload);
        payload
    })
}

struct Runtime {
    buffer: ReadBuffer,
    session: ServerSession,
    /// Before the first tag it hands out the header of a file.
    before_tag: usize,
}

impl Default for Runtime {
    fn default() -> Self {
        Self { buffer: ReadBuffer::default(), session: ServerSession::with_defaults(), before_tag: FLV_FILE_HEADER }
    }
}

impl Candidate for Runtime {
    fn name(&self) -> &'static str {
        "rtmp-runtime"
    }

    fn accept(&mut self) {
        self.session = ServerSession::with_defaults();
        self.before_tag = FLV_FILE_HEADER;
    }

    fn recv(&mut self, read: &[u8], answer: &mut Vec<u8>, sink: &mut Sink) -> Result<(), String> {
        let (response, events) = self.session.handle_data(self.buffer.read(read)).map_err(text)?;
        for event in events {
            if let ServerEvent::Media { flv } = event {
                let (kind, time, payload) = tag(flv, self.before_tag).ok_or("no FLV tag")?;
                self.before_tag = 0;
                sink.take(kind, time, payload);
            }
        }
        answer.extend_from_slice(&response);
        Ok(())
    }
}

/// Type, time and payload of a tag that is followed by its length.
fn tag(flv: Vec<u8>, start: usize) -> Option<(u8, u32, bytes::Bytes)> {
    let header = flv.get(start..)?.first_chunk::<FLV_TAG_HEADER>()?;
    let (kind, time) = (header[0], u32::from_be_bytes([header[7], header[4], header[5], header[6]]));
    let payload = start + FLV_TAG_HEADER..flv.len().checked_sub(4)?;
    (payload.start <= payload.end).then(|| (kind, time, bytes::Bytes::from(flv).slice(payload)))
}

/// With the length of the tag before the first, which there is none of.
const FLV_FILE_HEADER: usize = 13;
const FLV_TAG_HEADER: usize = 11;
