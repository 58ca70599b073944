//! Shared by the tests of this crate.
#![allow(dead_code, unreachable_pub)]

use rtmp_amf::{AmfError, AmfLimits, Value, amf0, amf3};

/// The bytes of hexadecimal digits; spaces between them are for the reader.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    assert_eq!(digits.len() % 2, 0, "whole bytes: {text}");
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// The one value that `bytes` are in AMF0.
pub fn from_amf0(bytes: &[u8]) -> Result<Value, AmfError> {
    let mut rest = bytes;
    let value = amf0::decode(&mut rest, &AmfLimits::default())?;
    assert!(rest.is_empty(), "{} bytes left", rest.len());
    Ok(value)
}

/// The one value that `bytes` are in AMF3.
pub fn from_amf3(bytes: &[u8]) -> Result<Value, AmfError> {
    let mut rest = bytes;
    let value = amf3::decode(&mut rest, &AmfLimits::default())?;
    assert!(rest.is_empty(), "{} bytes left", rest.len());
    Ok(value)
}

/// All values of an AMF0 message.
pub fn message(bytes: &[u8]) -> Result<Vec<Value>, AmfError> {
    amf0::decode_all(bytes, &AmfLimits::default())
}

pub fn to_amf0(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    amf0::encode(value, &mut bytes).expect("it can be written");
    bytes
}

pub fn to_amf3(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    amf3::encode(value, &mut bytes).expect("it can be written");
    bytes
}

/// As Flash Player writes it.
pub fn to_amf3_with_references(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    amf3::encode_with_references(value, &mut bytes).expect("it can be written");
    bytes
}
