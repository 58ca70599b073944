//! Two readings of one recorded connection: tshark's RTMP dissector, which shares nothing with us, and our own decoder.

use crate::patience;
use crate::tap::{From, Recording, SERVER_PORT};
use crate::work_dir::WorkDir;
use bytes::BytesMut;
use rtmp_session::chunk::{ChunkDecoder, ChunkLimits};
use std::collections::HashMap;
use std::process::Command;

/// One RTMP message, as far as both readers tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: u8,
    pub(crate) length: usize,
    pub(crate) stream_id: u32,
    pub(crate) timestamp: u32,
    pub(crate) chunk_stream: u32,
}

/// C0 to C2, or S0 to S2.
const HANDSHAKE: usize = 1 + 1536 + 1536;

/// The messages of one direction, decoded by the crate under test.
pub(crate) fn ours(recording: &Recording, from: From) -> Vec<Seen> {
    let mut input = BytesMut::from(&recording.bytes(from)[HANDSHAKE..]);
    let mut decoder = ChunkDecoder::new(ChunkLimits::default());
    let mut messages = Vec::new();
    while let Some(message) = decoder.decode(&mut input).expect("what real programs and we send is well formed") {
        messages.push(Seen {
            kind: message.kind.0,
            length: message.payload.len(),
            stream_id: message.stream_id,
            timestamp: message.timestamp,
            chunk_stream: message.chunk_stream.get(),
        });
    }
    assert!(!decoder.is_mid_message(), "the connection ended inside a message");
    messages
}

/// The messages of both directions as tshark reads them. Panics if it calls any packet malformed.
pub(crate) fn tshark(work: &WorkDir, recording: &Recording) -> (Vec<Seen>, Vec<Seen>) {
    let pcap = work.file("connection.pcap");
    recording.write_pcap(&pcap);
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&pcap).args(["-d", &format!("tcp.port=={SERVER_PORT},rtmpt")]);
    command.args(["-o", "rtmpt.max_packet_size:16777215", "-o", "tcp.desegment_tcp_streams:TRUE"]);
    command.args(["-Y", "rtmpt || _ws.malformed", "-T", "pdml"]);
    let output = patience::output(&mut command).expect("tshark runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    read_pdml(&String::from_utf8_lossy(&output.stdout))
}

/// Reads tshark's XML, which has one element a line. Headers of formats 1 to 3 name only what changed.
fn read_pdml(pdml: &str) -> (Vec<Seen>, Vec<Seen>) {
    let mut sides = [Side::default(), Side::default()];
    let mut from_server = false;
    let mut header = Header::default();
    let mut inside = false;
    for line in pdml.lines().map(str::trim) {
        assert!(!line.contains("<proto name=\"_ws.malformed\""), "tshark calls a packet malformed");
        if line.starts_with("<proto ") || line.starts_with("</packet") {
            if inside {
                sides[usize::from(from_server)].message(&header);
            }
            inside = line.contains("name=\"rtmpt\"");
            header = Header::default();
            continue;
        }
        let Some(name) = attribute(line, "name") else { continue };
        let number = attribute(line, "show").and_then(number);
        match (name, number) {
            ("tcp.srcport", Some(port)) => from_server = port == u32::from(SERVER_PORT),
            ("rtmpt.header.format", format) => header.format = format,
            ("rtmpt.header.csid", csid) => header.chunk_stream = csid,
            // Beside a delta tshark also shows the sum as `timestamp`; only what is on the wire counts here.
            ("rtmpt.header.timestamp", time) if header.format == Some(0) => header.time = time,
            ("rtmpt.header.timestampdelta", time) => header.time = time,
            ("rtmpt.header.ets", Some(time)) => header.time = Some(time),
            ("rtmpt.header.bodysize", length) => header.length = length,
            ("rtmpt.header.typeid", kind) => header.kind = kind,
            ("rtmpt.header.streamid", stream) => header.stream_id = stream,
            _ => {}
        }
    }
    let [client, server] = sides;
    (client.messages, server.messages)
}

#[derive(Default)]
struct Header {
    format: Option<u32>,
    chunk_stream: Option<u32>,
    time: Option<u32>,
    length: Option<u32>,
    kind: Option<u32>,
    stream_id: Option<u32>,
}

#[derive(Default)]
struct Side {
    /// The last message of each chunk stream, and its delta.
    last: HashMap<u32, (Seen, u32)>,
    messages: Vec<Seen>,
}

impl Side {
    fn message(&mut self, header: &Header) {
        let (Some(format), Some(chunk_stream)) = (header.format, header.chunk_stream) else { return }; // the handshake
        let nothing = Seen { kind: 0, length: 0, stream_id: 0, timestamp: 0, chunk_stream };
        let (before, delta) = self.last.get(&chunk_stream).cloned().unwrap_or((nothing, 0));
        let delta = header.time.unwrap_or(delta);
        let timestamp = if format == 0 { delta } else { before.timestamp.wrapping_add(delta) };
        let seen = Seen {
            kind: header.kind.map_or(before.kind, |kind| kind as u8),
            length: header.length.map_or(before.length, |length| length as usize),
            stream_id: header.stream_id.unwrap_or(before.stream_id),
            timestamp,
            chunk_stream,
        };
        self.last.insert(chunk_stream, (seen.clone(), delta));
        self.messages.push(seen);
    }
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
    line[start..].split('"').next()
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}
