//! The byte vectors of docs/spec.

/// The bytes of the vector with this id.
pub fn vector(id: &str) -> Vec<u8> {
    let line = VECTORS.lines().find(|line| line.split('\t').next() == Some(id));
    let mut fields = line.unwrap_or_else(|| panic!("no vector {id}")).split('\t').skip(1);
    let len: usize = fields.next().unwrap().parse().unwrap();
    let bytes = unhex(fields.next().unwrap());
    assert_eq!(bytes.len(), len, "{id}");
    bytes
}

pub fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

const VECTORS: &str = include_str!("../../../docs/spec/vectors.tsv");
