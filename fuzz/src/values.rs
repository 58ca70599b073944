//! AMF0 and AMF3: any message decodes or fails; what decodes can be written and then reads back as the same bytes.

use rtmp_session::amf::{AmfLimits, Value, amf0, amf3};

/// Wide enough for whatever a short message holds once its references are written out.
fn generous() -> AmfLimits {
    AmfLimits::default().max_values(1 << 20).max_bytes(64 << 20).max_depth(AmfLimits::DEPTH_CEILING)
}

/// The bytes are one AMF0 message: values to the end.
pub fn amf0(data: &[u8]) {
    let limits = AmfLimits::default();
    if let Ok(values) = amf0::decode_all(data, &limits) {
        assert!(count(&values) <= limits.max_values, "more values than the limit");
        let written = write0(&values);
        let again = amf0::decode_all(&written, &generous()).expect("we wrote it");
        assert_eq!(write0(&again), written);
        for value in &values {
            fits_amf3(value);
        }
    }
    skips_as_it_decodes(data, &limits);
    // Whatever the limits, no input panics.
    let tight = AmfLimits::default().max_depth(2).max_values(5).max_bytes(20).strict_utf8(true).strict_end(true);
    let _ = amf0::decode_all(data, &tight);
    let _ = amf0::peek_str(data);
}

/// The bytes are AMF3 values to the end.
pub fn amf3(data: &[u8]) {
    let limits = AmfLimits::default();
    if let Ok(values) = amf3::decode_all(data, &limits) {
        assert!(count(&values) <= limits.max_values, "more values than the limit");
        for value in &values {
            fits_amf3(value);
        }
        let written = write0(&values);
        let again = amf0::decode_all(&written, &generous()).expect("we wrote it");
        assert_eq!(write0(&again), written);
    }
    let tight = AmfLimits::default().max_depth(2).max_values(5).max_bytes(20).strict_utf8(true);
    let _ = amf3::decode_all(data, &tight);
}

fn write0(values: &[Value]) -> Vec<u8> {
    let mut written = Vec::new();
    amf0::encode_all(values, &mut written).expect("what was read can be written");
    written
}

/// Both ways of writing AMF3 read back as what was written.
fn fits_amf3(value: &Value) {
    let mut plain = Vec::new();
    // AMF3 has no empty member names, and nothing that AMF0 calls unsupported needs to fit: refusing is an answer.
    if amf3::encode(value, &mut plain).is_err() {
        return;
    }
    let again = amf3::decode(&mut &plain[..], &generous()).expect("we wrote it");
    let mut twice = Vec::new();
    amf3::encode(&again, &mut twice).expect("it could be written before");
    assert_eq!(twice, plain);

    let mut shared = Vec::new();
    amf3::encode_with_references(value, &mut shared).expect("it could be written without");
    assert!(shared.len() <= plain.len(), "references never make it longer");
    let again = amf3::decode(&mut &shared[..], &generous()).expect("we wrote it");
    twice.clear();
    amf3::encode(&again, &mut twice).expect("it could be written before");
    assert_eq!(twice, plain, "references change nothing");
}

/// `skip` goes exactly as far as `decode`.
fn skips_as_it_decodes(data: &[u8], limits: &AmfLimits) {
    let (mut decoded, mut skipped) = (data, data);
    while !decoded.is_empty() {
        let value = amf0::decode(&mut decoded, limits);
        let span = amf0::skip(&mut skipped, limits);
        match (value, span) {
            (Ok(_), Ok(span)) => {
                assert_eq!(decoded, skipped);
                assert!(!span.is_empty());
            }
            // A value that only its limits or references forbid may still be skipped.
            (Err(_), _) => return,
            (Ok(_), Err(error)) => panic!("decodes but cannot be skipped: {error}"),
        }
    }
}

/// Values inside one another, at the least.
fn count(values: &[Value]) -> usize {
    values
        .iter()
        .map(|value| {
            let inside = match value.plain() {
                Value::Object(object) | Value::EcmaArray(object) => {
                    object.iter().map(|(_, value)| count(std::slice::from_ref(value))).sum()
                }
                Value::Array(items) => count(items),
                _ => 0,
            };
            1 + inside
        })
        .sum()
}
