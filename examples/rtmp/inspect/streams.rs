//! Recorded byte streams and captures: RTMP on the wire.

use super::entry::{Entry, Fault, Report};
use super::pcap::for_each_segment;
use super::tcp::{Flow, Reassembly};
use crate::conversation::{Item, ReadError, Reader};
use std::collections::HashMap;
use std::io::Read;

/// Reads what one side of a connection sent, from C0 or S0 on.
pub(crate) fn read_byte_stream(mut file: impl Read, report: &mut impl Report) -> Result<(), std::io::Error> {
    let mut direction = Direction::new(String::new());
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => direction.push(&buffer[..count], None, report),
        }
    }
    direction.finish(report);
    Ok(())
}

/// Reads every RTMP connection of a packet capture, both directions in the order of the packets.
pub(crate) fn read_capture(start: &[u8], file: impl Read, report: &mut impl Report) -> Result<(), String> {
    let mut connections = Connections::default();
    for_each_segment(start, file, |time, flow, segment| {
        let begin = *connections.begin.get_or_insert(time.as_secs_f64());
        let time = time.as_secs_f64() - begin;
        let mut bytes = Vec::new();
        let state = connections.flow(flow);
        if segment.syn {
            *state = FlowState::default(); // the port is used again
        }
        let whole = state.reassembly.push(segment, &mut bytes);
        if !bytes.is_empty() || !whole {
            connections.push(flow, &bytes, whole, time, report);
        }
    })?;
    connections.finish(report);
    Ok(())
}

/// One direction of one connection.
struct Direction {
    source: String,
    reader: Reader,
    count: u64,
}

impl Direction {
    fn new(source: String) -> Self {
        Self { source, reader: Reader::new(), count: 0 }
    }

    fn push(&mut self, bytes: &[u8], time: Option<f64>, report: &mut impl Report) {
        self.reader.push(bytes);
        loop {
            match self.reader.next() {
                Ok(Some(Item::Handshake { version })) => {
                    report.note(&self.source, &format!("handshake, version {version}"));
                }
                Ok(Some(Item::Message(message))) => {
                    self.count += 1;
                    report.entry(&Entry::of_message(&self.source, time, message));
                }
                Ok(None) => return,
                Err(error) => return self.fail(&error, report),
            }
        }
    }

    fn finish(&mut self, report: &mut impl Report) {
        if self.reader.is_cut_off() {
            report.note(&self.source, &format!("ends inside a message, behind byte {}", self.reader.position()));
        }
    }

    fn fail(&mut self, error: &ReadError, report: &mut impl Report) {
        let requirement = if matches!(error, ReadError::NotRtmp(_)) { "HS-2" } else { "CHK-1" };
        report.fault(&Fault {
            source: self.source.clone(),
            place: format!("byte {}, behind message {}", self.reader.position(), self.count),
            requirement,
            text: error.to_string(),
            fatal: true,
        });
    }
}

/// The TCP connections of a capture.
#[derive(Default)]
struct Connections {
    flows: HashMap<Flow, FlowState>,
    begin: Option<f64>,
    count: usize,
}

#[derive(Default)]
struct FlowState {
    reassembly: Reassembly,
    role: Role,
}

#[derive(Default)]
enum Role {
    /// Nothing came yet.
    #[default]
    New,
    Rtmp(Box<Direction>),
    /// Begins with something else than an RTMP handshake, or was lost.
    Other,
}

impl Connections {
    fn flow(&mut self, flow: Flow) -> &mut FlowState {
        self.flows.entry(flow).or_default()
    }

    fn push(&mut self, flow: Flow, bytes: &[u8], whole: bool, time: f64, report: &mut impl Report) {
        if matches!(self.flow(flow).role, Role::New) && !bytes.is_empty() {
            let role = if bytes[0] == 3 { Role::Rtmp(Box::new(Direction::new(self.name(flow)))) } else { Role::Other };
            self.flow(flow).role = role;
        }
        let state = self.flow(flow);
        let Role::Rtmp(direction) = &mut state.role else { return };
        direction.push(bytes, Some(time), report);
        if !whole {
            report.fault(&Fault {
                source: direction.source.clone(),
                place: format!("behind message {}", direction.count),
                requirement: "CHK-1",
                text: "the capture lacks a TCP segment here".into(),
                fatal: true,
            });
            state.role = Role::Other;
        }
    }

    /// `1>` for what the client of the first connection sent, `1<` for what it was sent: it speaks first.
    fn name(&mut self, flow: Flow) -> String {
        match self.flows.get(&flow.reversed()).map(|state| &state.role) {
            Some(Role::Rtmp(direction)) => direction.source.replace('>', "<"),
            _ => {
                self.count += 1;
                format!("{}>", self.count)
            }
        }
    }

    fn finish(&mut self, report: &mut impl Report) {
        let mut flows: Vec<_> = self.flows.iter_mut().collect();
        flows.sort_by_key(|(flow, _)| **flow);
        let mut found = false;
        for (_, state) in flows {
            let Role::Rtmp(direction) = &mut state.role else { continue };
            found = true;
            if state.reassembly.has_hole() {
                report.note(&direction.source, "the capture lacks a TCP segment before the end");
            }
            direction.finish(report);
        }
        if !found {
            report.note("", "no RTMP connection from its beginning on is in this capture");
        }
    }
}
