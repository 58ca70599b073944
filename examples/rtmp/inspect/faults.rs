//! What in a conversation or file breaks which numbered requirement.

use super::entry::{Entry, Fault};
use crate::conversation::values;
use rtmp_session::UserControl;
use rtmp_session::amf::Value;
use rtmp_session::chunk::{ChunkStreamId, Control, MessageType};
use rtmp_session::flv::{Anomalies, AudioHeader, VideoHeader};
use std::collections::HashMap;

/// Looks at the entries of one direction, in order.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    count: u64,
    /// The newest time of each stream and type.
    times: HashMap<(u32, u8), u32>,
}

impl Checker {
    /// The faults of the next entry.
    pub(crate) fn check(&mut self, entry: &Entry) -> Vec<Fault> {
        self.count += 1;
        let mut found = Findings { entry, place: format!("message {}", self.count), faults: Vec::new() };
        found.check_header();
        match entry.kind {
            MessageType::SET_CHUNK_SIZE
            | MessageType::ABORT
            | MessageType::ACKNOWLEDGEMENT
            | MessageType::WINDOW_ACK_SIZE
            | MessageType::SET_PEER_BANDWIDTH => found.check_control(),
            MessageType::USER_CONTROL => found.check_user_control(),
            MessageType::AUDIO | MessageType::VIDEO => {
                found.check_media();
                self.check_time(&mut found);
            }
            MessageType::COMMAND_AMF0 | MessageType::COMMAND_AMF3 => found.check_command(),
            MessageType::DATA_AMF0 | MessageType::DATA_AMF3 => found.check_data(),
            MessageType::AGGREGATE | MessageType::SHARED_OBJECT_AMF0 | MessageType::SHARED_OBJECT_AMF3 => {}
            MessageType(kind) => found.add("MSG-8", format!("message type {kind} is not assigned")),
        }
        found.faults
    }

    fn check_time(&mut self, found: &mut Findings<'_>) {
        let entry = found.entry;
        let newest = self.times.entry((entry.stream, entry.kind.0)).or_insert(entry.timestamp);
        let step = entry.timestamp.wrapping_sub(*newest) as i32;
        if step < 0 {
            let requirement = if entry.chunk_stream.is_some() { "CHK-29" } else { "FLV-19" };
            found.add(requirement, format!("time goes back by {} ms to {}", step.unsigned_abs(), entry.timestamp));
        }
        *newest = entry.timestamp;
    }
}

struct Findings<'a> {
    entry: &'a Entry,
    place: String,
    faults: Vec<Fault>,
}

impl Findings<'_> {
    fn add(&mut self, requirement: &'static str, text: impl Into<String>) {
        self.faults.push(Fault {
            source: self.entry.source.clone(),
            place: self.place.clone(),
            requirement,
            text: text.into(),
            fatal: false,
        });
    }

    fn check_header(&mut self) {
        if self.entry.chunk_stream.is_some() && self.entry.stream > 0xff_ffff {
            self.add("CHK-41", format!("message stream id {} is over 0xffffff", self.entry.stream));
        }
    }

    fn check_control(&mut self) {
        if self.entry.chunk_stream != Some(ChunkStreamId::CONTROL) || self.entry.stream != 0 {
            self.add(
                "CTL-1",
                "protocol control message on another chunk stream than 2 or another message stream than 0",
            );
        }
        match Control::parse(&self.entry.to_message()) {
            Ok(Some(Control::SetChunkSize(size))) if size.get() < 128 => {
                self.add("CTL-6", format!("chunk size {} is under 128", size.get()));
            }
            Ok(Some(Control::WindowAckSize(0))) => self.add("CTL-18", "acknowledgement window of 0"),
            Ok(Some(Control::SetPeerBandwidth { limit, .. })) if limit.0 > 2 => {
                self.add("CTL-26", format!("limit type {} is not defined", limit.0));
            }
            Ok(_) => {}
            Err(error) => self.add("CTL-2", error.to_string()),
        }
    }

    fn check_user_control(&mut self) {
        if self.entry.chunk_stream != Some(ChunkStreamId::CONTROL) || self.entry.stream != 0 {
            self.add("UCM-1", "user control message on another chunk stream than 2 or another message stream than 0");
        }
        match UserControl::parse(&self.entry.payload) {
            Ok(UserControl::Other { event, .. }) => {
                self.add("UCM-4", format!("user control event {event} is not defined"))
            }
            Ok(_) => {}
            Err(error) => self.add("UCM-5", error.to_string()),
        }
    }

    fn check_media(&mut self) {
        let payload = &self.entry.payload;
        let video = self.entry.kind == MessageType::VIDEO;
        if payload.is_empty() {
            if video {
                self.add("MSG-7", "empty video message");
            }
            return;
        }
        let (anomalies, error) = if video {
            match VideoHeader::parse(payload) {
                Ok(header) => (header.anomalies, None),
                Err(error) => (Anomalies::default(), Some(error)),
            }
        } else {
            match AudioHeader::parse(payload) {
                Ok(header) => (header.anomalies, None),
                Err(error) => (Anomalies::default(), Some(error)),
            }
        };
        for anomaly in anomalies.iter() {
            self.add(anomaly.requirement(), anomaly.to_string());
        }
        if let Some(error) = error {
            self.add(if video { "FLV-34" } else { "FLV-25" }, error.to_string());
        }
    }

    fn check_command(&mut self) {
        if self.entry.payload.is_empty() {
            return self.add("MSG-7", "empty command message");
        }
        if self.entry.kind == MessageType::COMMAND_AMF3 && self.entry.payload[0] != 0 {
            self.add("MSG-4", format!("selector byte {} instead of 0", self.entry.payload[0]));
        }
        let (values, fault) = values(&self.entry.to_message());
        if !matches!(values.first(), Some(Value::String(_))) {
            self.add("CMD-6", "command without a name");
        } else if values.get(1).and_then(Value::as_f64).is_none() {
            self.add("CMD-1", "command without a transaction id");
        }
        if let Some(fault) = fault {
            self.add("CMD-1", fault);
        }
    }

    fn check_data(&mut self) {
        if self.entry.payload.is_empty() {
            return self.add("MSG-7", "empty data message");
        }
        let (values, fault) = values(&self.entry.to_message());
        if !matches!(values.first(), Some(Value::String(_))) {
            self.add("FLV-45", "data message that does not begin with a name");
        }
        if let Some(fault) = fault {
            self.add("FLV-55", fault);
        }
    }
}
