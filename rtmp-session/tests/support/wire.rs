//! A peer that says anything, byte by byte or message by message.

use bytes::{Buf, Bytes, BytesMut};
use rtmp_session::{
    Drive, Link, SessionError,
    amf::{AmfLimits, Value, amf0},
    chunk::{ChunkDecoder, ChunkLimits, ChunkSize, ChunkStreamId, Control, Message, MessageType, encode_once},
};

/// AMF0 values, one behind the other.
pub fn values(values: &[Value]) -> Bytes {
    let mut out = BytesMut::new();
    amf0::encode_all(values, &mut out).expect("values that AMF can express");
    out.freeze()
}

/// A command message of type 20.
pub fn command(stream_id: u32, name: &str, transaction: f64, args: &[Value]) -> Message {
    let mut all = vec![name.into(), transaction.into()];
    all.extend_from_slice(args);
    Message {
        kind: MessageType::COMMAND_AMF0,
        stream_id,
        timestamp: 0,
        chunk_stream: ChunkStreamId::COMMAND,
        payload: values(&all),
    }
}

/// A command message of type 17, with its selector byte.
pub fn command_amf3(stream_id: u32, name: &str, transaction: f64, args: &[Value]) -> Message {
    let plain = command(stream_id, name, transaction, args);
    let payload = [&[0][..], &plain.payload].concat().into();
    Message { kind: MessageType::COMMAND_AMF3, payload, ..plain }
}

/// A data message of type 18.
pub fn data(stream_id: u32, all: &[Value]) -> Message {
    Message {
        kind: MessageType::DATA_AMF0,
        stream_id,
        timestamp: 0,
        chunk_stream: ChunkStreamId::DATA,
        payload: values(all),
    }
}

/// Appends bytes to what a session has received.
pub fn feed(session: &mut impl Drive, bytes: &[u8]) {
    session.buffers().0.extend_from_slice(bytes);
}

/// What a session wants to send.
pub fn drain(session: &mut impl Drive) -> Vec<u8> {
    let (_, queue) = session.buffers();
    let bytes = queue.copy_to_bytes(queue.remaining());
    bytes.to_vec()
}

/// The messages in bytes of a session that has not announced a chunk size yet.
pub fn messages(bytes: &[u8]) -> Vec<Message> {
    decode(ChunkDecoder::new(ChunkLimits::default()), bytes)
}

/// The messages in bytes of a session that has announced its chunk size.
pub fn messages_in_large_chunks(bytes: &[u8]) -> Vec<Message> {
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    let size =
        encode_once(&Control::SetChunkSize(ChunkSize::MAX).to_message(), ChunkSize::DEFAULT).expect("four bytes");
    decoder.decode(&mut BytesMut::from(&size[..])).expect("a chunk size");
    decode(decoder, bytes)
}

fn decode(mut decoder: ChunkDecoder, mut bytes: &[u8]) -> Vec<Message> {
    let mut buffer = BytesMut::new();
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(bytes.len().min(1 << 16));
        buffer.extend_from_slice(piece);
        bytes = rest;
        while let Some(message) = decoder.decode(&mut buffer).expect("well-formed chunks") {
            out.push(message);
        }
    }
    out
}

/// Takes a server session through a handshake with a client that puts no thought into it.
pub fn handshaken(session: &mut rtmp_session::ServerSession) {
    let mut hello = vec![3];
    hello.resize(1 + 2 * 1536, 0);
    feed(session, &hello);
    assert!(matches!(session.poll_event(), Ok(None)), "a plain handshake");
    drain(session);
}

/// A link that speaks with a session: what the session says comes out as messages.
pub struct Peer {
    pub link: Link,
    /// Everything the session said, window and chunk size included.
    pub said: Vec<Message>,
}

impl Peer {
    pub fn client() -> Self {
        Self { link: Link::client(super::link_config(), super::epoch()), said: Vec::new() }
    }

    pub fn server() -> Self {
        Self { link: Link::server(super::link_config(), super::epoch()), said: Vec::new() }
    }

    pub fn send(&mut self, message: &Message) {
        self.link.send(message).expect("a message that can be sent");
    }

    pub fn command(&mut self, stream_id: u32, name: &str, transaction: f64, args: &[Value]) {
        self.send(&command(stream_id, name, transaction, args));
    }

    /// connect as FFmpeg sends it.
    pub fn connect(&mut self, app: &str) {
        let object = rtmp_session::amf::Object::new()
            .with("app", app)
            .with("type", "nonprivate")
            .with("flashVer", "FMLE/3.0 (compatible; Lavf59.27.100)")
            .with("tcUrl", format!("rtmp://127.0.0.1/{app}"));
        self.command(0, "connect", 1.0, &[Value::Object(object)]);
    }

    /// Carries bytes in both directions until nothing moves; gives back the events of the session.
    pub fn talk<S: Drive>(
        &mut self,
        session: &mut S,
        mut on_event: impl FnMut(&mut S, S::Event),
    ) -> Result<(), SessionError> {
        loop {
            let to_session = drain(&mut self.link);
            feed(session, &to_session);
            let result = loop {
                match session.poll_event() {
                    Ok(Some(event)) => on_event(session, event),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            let to_link = drain(session);
            feed(&mut self.link, &to_link);
            while let Some(message) = self.link.poll_event().expect("a session sends well-formed messages") {
                self.said.push(message);
            }
            result?;
            if to_session.is_empty() && to_link.is_empty() {
                return Ok(());
            }
        }
    }

    /// The commands that the session said: stream, name, transaction, and the values behind them.
    pub fn commands(&self) -> Vec<(u32, String, f64, Vec<Value>)> {
        let commands = self
            .said
            .iter()
            .filter(|message| matches!(message.kind, MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3));
        commands
            .map(|message| {
                let skip = usize::from(message.kind == MessageType::COMMAND_AMF3);
                let mut all =
                    amf0::decode_all(&message.payload[skip..], &AmfLimits::default()).expect("AMF0").into_iter();
                let name = all.next().and_then(|value| value.as_str().map(str::to_owned)).expect("a name");
                let transaction = all.next().and_then(|value| value.as_f64()).expect("a transaction");
                (message.stream_id, name, transaction, all.collect())
            })
            .collect()
    }

    /// The names of the commands that the session said, with the status code if there is one: `onStatus/NetStream...`.
    pub fn command_names(&self) -> Vec<String> {
        let label = |(_, name, _, values): (u32, String, f64, Vec<Value>)| {
            let code = values.iter().find_map(|value| value.get("code").and_then(Value::as_str).map(str::to_owned));
            code.map_or_else(|| name.clone(), |code| format!("{name}/{code}"))
        };
        self.commands().into_iter().map(label).collect()
    }

    pub fn kinds(&self) -> Vec<MessageType> {
        self.said.iter().map(|message| message.kind).collect()
    }
}
