//! What the tests of this crate share.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]

pub mod strategy;

use bytes::BytesMut;
use rtmp_flv::{Anomalies, FlvError, FlvLimits, Tag, TagDecoder};

/// A byte vector of docs/spec, by its id.
pub fn vector(id: &str) -> Vec<u8> {
    let line = include_str!("../data/vectors.tsv")
        .lines()
        .find(|line| line.split('\t').next() == Some(id))
        .unwrap_or_else(|| panic!("no vector {id}"));
    let (len, hex) = line.split_once('\t').and_then(|(_, rest)| rest.split_once('\t')).expect("three columns");
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(|at| hex_byte(&hex[at..at + 2])).collect();
    assert_eq!(bytes.len(), len.parse::<usize>().unwrap(), "length of {id}");
    bytes
}

fn hex_byte(digits: &str) -> u8 {
    u8::from_str_radix(digits, 16).expect("hexadecimal")
}

/// Bytes written in hexadecimal, spaces allowed.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (0..digits.len()).step_by(2).map(|at| hex_byte(&digits[at..at + 2])).collect()
}

/// A tag's bytes, as a file has them, with its PreviousTagSize.
pub fn tag_bytes(type_byte: u8, timestamp: u32, data: &[u8]) -> Vec<u8> {
    let mut out = vec![type_byte];
    out.extend_from_slice(&(data.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&timestamp.to_be_bytes()[1..]);
    out.push((timestamp >> 24) as u8);
    out.extend_from_slice(&[0; 3]);
    out.extend_from_slice(data);
    out.extend_from_slice(&(data.len() as u32 + 11).to_be_bytes());
    out
}

/// A file with these tags.
pub fn file(tags: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vector("V-FLV-01");
    tags.iter().for_each(|tag| out.extend_from_slice(tag));
    out
}

/// What a decoder makes of a whole input.
#[derive(Debug)]
pub struct Decoded {
    pub tags: Vec<Tag>,
    pub anomalies: Anomalies,
    pub rest: Vec<u8>,
    pub decoder: TagDecoder,
}

impl Decoded {
    pub fn is_cut(&self) -> bool {
        self.decoder.is_mid_tag(&self.rest)
    }
}

/// Decodes `input` in one piece.
pub fn decode(mut decoder: TagDecoder, input: &[u8]) -> Result<Decoded, FlvError> {
    let mut src = BytesMut::from(input);
    let mut tags = Vec::new();
    while let Some(tag) = decoder.decode_end(&mut src)? {
        tags.push(tag);
    }
    let anomalies = decoder.take_anomalies();
    Ok(Decoded { tags, anomalies, rest: src.to_vec(), decoder })
}

/// Decodes whole tags without a file header in front of them.
pub fn decode_tags(input: &[u8]) -> Result<Decoded, FlvError> {
    decode(TagDecoder::at_tag(FlvLimits::default()), input)
}

/// Decodes a whole file.
pub fn decode_file(input: &[u8]) -> Result<Decoded, FlvError> {
    decode(TagDecoder::new(FlvLimits::default()), input)
}
