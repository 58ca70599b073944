//! The byte vectors of docs/spec.

/// The bytes of the vector with this id.
pub fn vector(id: &str) -> Vec<u8> {
    let line = VECTORS.lines().find(|line| line.split('\t').next() == Some(id));
    let mut columns = line.unwrap_or_else(|| panic!("no vector {id}")).split('\t').skip(1);
    let len: usize = columns.next().expect("a length").parse().expect("a number");
    let bytes = unhex(columns.next().expect("bytes"));
    assert_eq!(bytes.len(), len, "{id}");
    bytes
}

/// Bytes written in hexadecimal.
pub fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
}

const VECTORS: &str = include_str!("../../../docs/spec/vectors.tsv");
