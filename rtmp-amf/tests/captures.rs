//! Messages of real encoders, players and servers, compared with what tshark's dissector read in them.
//!
//! `data/messages.tsv` holds each different command and data message of the captures, with the capture's name,
//! direction, message type, tshark's reading and the payload.

mod support;

use rtmp_amf::{AmfLimits, Object, Value, amf0};
use support::{hex, message};

struct Row {
    capture: &'static str,
    tshark: &'static str,
    payload: Vec<u8>,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("data/messages.tsv").lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [capture, _direction, _kind, tshark, payload] = columns[..] else { panic!("five columns: {line}") };
        Row { capture, tshark, payload: hex(payload) }
    });
    rows.collect()
}

/// The values as tshark's notes show them: text is quoted except in members.
fn shown(value: &Value, member: bool) -> String {
    let members = |object: &Object| {
        let members: Vec<_> = object.iter().map(|(name, value)| format!("{name}={}", shown(value, true))).collect();
        members.join(", ")
    };
    match value {
        Value::Undefined => "Undefined".into(),
        Value::Null => "Null".into(),
        Value::Boolean(value) => format!("Boolean {value}"),
        Value::Number(number) => format!("Number {number}"),
        // nginx-rtmp sends fields of fixed length, filled up with NUL, which tshark does not show (AMF0-6).
        Value::String(text) if member => format!("String {}", text.trim_end_matches('\0')),
        Value::String(text) => format!("String '{text}'"),
        Value::Object(object) => format!("Object{{{}}}", members(object)),
        Value::EcmaArray(object) => format!("ECMA{{{}}}", members(object)),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| shown(item, false)).collect();
            format!("Strict{{{}}}", items.join(", "))
        }
        other => panic!("no capture holds {other:?}"),
    }
}

#[test]
fn every_message_reads_as_tshark_reads_it() {
    let rows = rows();
    assert!(rows.len() > 100, "{}", rows.len());
    for row in rows {
        let values = message(&row.payload).unwrap_or_else(|error| panic!("{}: {error}: {}", row.capture, row.tshark));
        let read: Vec<_> = values.iter().map(|value| shown(value, false)).collect();
        assert_eq!(read.join("; "), row.tshark, "{}", row.capture);
    }
}

/// The count of an ECMA array is the one thing of which an encoder may have written something else (AMF0-15).
#[test]
fn amf0_42_every_message_is_written_back_as_it_came() {
    for row in rows() {
        let mut again = Vec::new();
        amf0::encode_all(&message(&row.payload).unwrap(), &mut again).unwrap();
        assert_eq!(again, row.payload, "{}: {}", row.capture, row.tshark);
    }
}

#[test]
fn every_message_passes_the_strict_limits() {
    let strict = AmfLimits::default().strict_utf8(true).strict_end(true);
    for row in rows() {
        assert!(amf0::decode_all(&row.payload, &strict).is_ok(), "{}: {}", row.capture, row.tshark);
    }
}

#[test]
fn names_are_seen_and_data_frames_sliced_without_decoding() {
    let mut sliced = 0;
    for row in rows() {
        let name = amf0::peek_str(&row.payload).expect("each message begins with its name");
        assert!(row.tshark.starts_with(&format!("String '{name}'")), "{}", row.tshark);
        let (mut rest, limits) = (&row.payload[..], AmfLimits::default());
        amf0::skip(&mut rest, &limits).unwrap();
        if name == "@setDataFrame" {
            assert_eq!(amf0::peek_str(rest), Some("onMetaData"));
            sliced += 1;
        }
        let mut values = 1;
        while !rest.is_empty() {
            amf0::skip(&mut rest, &limits).unwrap();
            values += 1;
        }
        assert_eq!(values, message(&row.payload).unwrap().len(), "{}", row.tshark);
    }
    assert!(sliced > 5, "{sliced}");
}

#[test]
fn a_message_cut_anywhere_is_an_error_or_shorter() {
    for row in rows() {
        let whole = message(&row.payload).unwrap();
        for len in 0..row.payload.len() {
            if let Ok(values) = message(&row.payload[..len]) {
                assert!(values.len() <= whole.len(), "{} cut at {len}", row.tshark);
            }
        }
    }
}
