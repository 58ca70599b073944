//! The byte vectors of the requirement lists, one test each.

mod support;

use bytes::Bytes;
use rtmp_amf::{AmfError, AmfString, Date, Dictionary, Object, Sealed, Traits, Value, Vector, VectorItems, amf3};
use support::{from_amf0, from_amf3, hex, to_amf0, to_amf3, to_amf3_with_references};

/// The vector that a test is named after.
fn vector(test: &str) -> Vec<u8> {
    let id = test.to_uppercase().replace('_', "-");
    let line = include_str!("data/vectors.tsv").lines().find(|line| line.split('\t').next() == Some(&id));
    let mut columns = line.unwrap_or_else(|| panic!("no vector {id}")).split('\t').skip(1);
    let (len, bytes) = (columns.next().unwrap(), hex(columns.next().unwrap()));
    assert_eq!(bytes.len().to_string(), len, "{id} is whole");
    bytes
}

fn amf0_exact(bytes: &[u8], value: impl Into<Value>) {
    let value = value.into();
    assert_eq!(from_amf0(bytes), Ok(value.clone()));
    assert_eq!(to_amf0(&value), bytes, "AMF0-42: the same bytes again");
}

/// For forms that are read but not written.
fn amf0_reads(bytes: &[u8], value: impl Into<Value>) {
    let value = value.into();
    assert_eq!(from_amf0(bytes), Ok(value.clone()));
    assert_eq!(from_amf0(&to_amf0(&value)), Ok(value), "what is written reads the same");
}

fn amf0_rejects(bytes: &[u8], error: AmfError) {
    assert_eq!(from_amf0(bytes), Err(error));
}

fn amf3_exact(bytes: &[u8], value: impl Into<Value>) {
    let value = value.into();
    assert_eq!(from_amf3(bytes), Ok(value.clone()));
    assert_eq!(to_amf3(&value), bytes, "the same bytes again");
    assert_eq!(to_amf3_with_references(&value), bytes, "nothing to refer to");
}

/// For values with references to text and traits.
fn amf3_exact_with_references(bytes: &[u8], value: impl Into<Value>) {
    let value = value.into();
    assert_eq!(from_amf3(bytes), Ok(value.clone()));
    assert_eq!(to_amf3_with_references(&value), bytes, "the same bytes again");
    assert_eq!(from_amf3(&to_amf3(&value)), Ok(value), "written in full it reads the same");
}

/// For values with references to objects, which a tree does not keep.
fn amf3_reads(bytes: &[u8], value: impl Into<Value>) {
    let value = value.into();
    assert_eq!(from_amf3(bytes), Ok(value.clone()));
    assert_eq!(from_amf3(&to_amf3(&value)), Ok(value.clone()), "written in full it reads the same");
    assert_eq!(from_amf3(&to_amf3_with_references(&value)), Ok(value));
}

fn amf3_rejects(bytes: &[u8], error: AmfError) {
    assert_eq!(from_amf3(bytes), Err(error));
}

fn u29_exact(bytes: &[u8], value: u32) {
    u29_reads(bytes, value);
    let mut written = Vec::new();
    amf3::encode_u29(value, &mut written).unwrap();
    assert_eq!(written, bytes);
}

/// For forms that are longer than need be.
fn u29_reads(bytes: &[u8], value: u32) {
    let mut rest = bytes;
    assert_eq!(amf3::decode_u29(&mut rest), Ok(value));
    assert!(rest.is_empty());
}

fn u29_rejects(bytes: &[u8], error: AmfError) {
    assert_eq!(amf3::decode_u29(&mut &bytes[..]), Err(error));
}

fn object() -> Object {
    Object::new()
}

fn class_t(sealed: Sealed, member: Value) -> Object {
    let mut object = Object::new().with("x", member);
    object.traits = Some(Box::new(Traits { class: "T".into(), sealed }));
    object
}

fn key_frames() -> Object {
    object().with("times", vec![0.0, 2.0]).with("filepositions", vec![300.0, 9000.0])
}

fn vector_of(fixed: bool, items: VectorItems) -> Value {
    Vector { fixed, items }.into()
}

const NULL: Value = Value::Null;

macro_rules! vectors {
    ($($name:ident => $check:ident($($argument:expr),+),)+) => {
        $(#[test]
        fn $name() {
            $check(&vector(stringify!($name)), $($argument),+);
        })+
    };
}

vectors! {
    v_amf0_01 => amf0_exact(0.0),
    v_amf0_02 => amf0_exact(1.0),
    v_amf0_03 => amf0_exact(-1.0),
    v_amf0_04 => amf0_exact(1_635_135_537.0),
    v_amf0_05 => amf0_exact(true),
    v_amf0_06 => amf0_reads(true),
    v_amf0_07 => amf0_exact(""),
    v_amf0_08 => amf0_exact("abc"),
    v_amf0_09 => amf0_exact("é€"),
    v_amf0_10 => amf0_exact(object().with("app", "live")),
    v_amf0_11 => amf0_exact(object()),
    v_amf0_12 => amf0_exact(NULL),
    v_amf0_13 => amf0_exact(Value::Undefined),
    v_amf0_14 => amf0_exact(Value::EcmaArray(object().with("a", 1).with("b", false))),
    v_amf0_15 => amf0_reads(Value::EcmaArray(object().with("a", 1).with("b", false))),
    v_amf0_16 => amf0_reads(Value::EcmaArray(object().with("a", 1).with("b", false))),
    v_amf0_17 => amf0_reads(Value::EcmaArray(object().with("a", 1))),
    v_amf0_18 => amf0_exact(vec![1.into(), "a".into(), NULL]),
    v_amf0_19 => amf0_exact(Date::new(1_234_567_890_123.0)),
    v_amf0_20 => amf0_reads("abc"),
    v_amf0_21 => amf0_reads(vec![object().with("k", 1), object().with("k", 1)]),
    v_amf0_22 => amf0_exact(Value::Unsupported),
    v_amf0_23 => amf0_exact(Value::XmlDocument("<a/>".into())),
    v_amf0_24 => amf0_exact(object().with("x", 2).with_class("T")),
    v_amf0_25 => amf0_exact(Value::Integer(5)),
    v_amf0_26 => amf0_exact(Value::EcmaArray(object().with("keyframes", key_frames()))),
    v_amf0_27 => amf0_exact(object().with("a", 1).with("", 2)),
    v_amf0_90 => amf0_rejects(AmfError::Truncated { offset: 3, needed: 5, left: 2 }),
    v_amf0_91 => amf0_rejects(AmfError::UnknownMarker { marker: 0x12, offset: 0 }),
    v_amf0_92 => amf0_rejects(AmfError::UnknownReference { index: 5, len: 0, offset: 0 }),
    v_amf0_93 => amf0_rejects(AmfError::Truncated { offset: 5, needed: 8, left: 2 }),
    v_amf0_94 => amf0_rejects(AmfError::Truncated { offset: 5, needed: 0xffff_ffff, left: 0 }),
    v_amf0_95 => amf0_exact(AmfString::from_bytes(&[0xc3, 0x28])),
    v_amf0_96 => amf0_rejects(AmfError::UnknownMarker { marker: 0x09, offset: 0 }),
    v_amf0_97 => amf0_rejects(AmfError::UnknownMarker { marker: 0x0e, offset: 0 }),
    v_amf0_98 => amf0_rejects(AmfError::UnknownMarker { marker: 0x04, offset: 0 }),
    v_amf0_99 => amf0_exact(Date { millis: 1_234_567_890_123.0, time_zone: -360 }),

    v_amf3_01 => amf3_exact(Value::Undefined),
    v_amf3_02 => amf3_exact(NULL),
    v_amf3_03 => amf3_exact(false),
    v_amf3_04 => amf3_exact(true),
    v_amf3_05 => amf3_exact(Value::Integer(-1)),
    v_amf3_06 => amf3_exact(Value::Integer(268_435_455)),
    v_amf3_07 => amf3_exact(Value::Integer(-268_435_456)),
    v_amf3_08 => amf3_exact(268_435_456.0),
    v_amf3_09 => amf3_exact(""),
    v_amf3_10 => amf3_exact("a"),
    v_amf3_11 => amf3_exact_with_references(vec!["ab", "ab"]),
    v_amf3_12 => amf3_exact(vec![Value::Integer(1), Value::Integer(2)]),
    v_amf3_13 => amf3_exact(Value::EcmaArray(object().with("a", Value::Integer(1)))),
    v_amf3_14 => amf3_exact(object().with("a", Value::Integer(1))),
    v_amf3_15 => amf3_exact(class_t(Sealed::All, Value::Integer(5))),
    v_amf3_16 => amf3_exact_with_references(
        vec![class_t(Sealed::All, Value::Integer(5)), class_t(Sealed::All, Value::Integer(6))]
    ),
    v_amf3_17 => amf3_reads(vec![object(), object()]),
    v_amf3_18 => amf3_exact(Date::new(1_234_567_890_123.0)),
    v_amf3_19 => amf3_exact(Bytes::from_static(&[1, 2, 3])),
    v_amf3_20 => amf3_exact(Value::Xml("<a/>".into())),
    v_amf3_21 => amf3_exact(Value::XmlDocument("<a/>".into())),
    v_amf3_22 => amf3_exact(vector_of(false, VectorItems::Int(vec![1, -2]))),
    v_amf3_23 => amf3_exact(vector_of(true, VectorItems::Uint(vec![u32::MAX]))),
    v_amf3_24 => amf3_exact(vector_of(false, VectorItems::Number(vec![0.5]))),
    v_amf3_25 => amf3_exact(
        vector_of(false, VectorItems::Object { class: "*".into(), items: vec![Value::Integer(7)] })
    ),
    v_amf3_26 => amf3_exact(Dictionary { weak_keys: false, entries: vec![("k".into(), Value::Integer(1))] }),
    v_amf3_90 => amf3_rejects(AmfError::UnknownReference { index: 1, len: 0, offset: 1 }),
    v_amf3_91 => amf3_rejects(AmfError::Truncated { offset: 3, needed: 1, left: 0 }),
    v_amf3_92 => amf3_rejects(AmfError::UnknownReference { index: 1, len: 0, offset: 2 }),
    v_amf3_93 => amf3_rejects(AmfError::UnknownReference { index: 1, len: 0, offset: 1 }),
    v_amf3_94 => amf3_rejects(AmfError::Truncated { offset: 5, needed: 268_435_455, left: 1 }),
    v_amf3_95 => amf3_rejects(AmfError::UnknownMarker { marker: 0x12, offset: 0 }),
    v_amf3_96 => amf3_rejects(AmfError::UnknownExternalizable { class: "X".into(), offset: 4 }),

    v_u29_01 => u29_exact(0),
    v_u29_02 => u29_exact(1),
    v_u29_03 => u29_exact(127),
    v_u29_04 => u29_exact(128),
    v_u29_05 => u29_exact(16_383),
    v_u29_06 => u29_exact(16_384),
    v_u29_07 => u29_exact(2_097_151),
    v_u29_08 => u29_exact(2_097_152),
    v_u29_09 => u29_exact(4_194_303),
    v_u29_10 => u29_exact(268_435_455),
    v_u29_11 => u29_exact(268_435_456),
    v_u29_12 => u29_exact(536_870_911),
    v_u29_13 => u29_reads(1),
    v_u29_14 => u29_reads(1),
    v_u29_15 => u29_reads(1),
    v_u29_90 => u29_rejects(AmfError::Truncated { offset: 2, needed: 1, left: 0 }),
}

#[test]
fn every_vector_of_amf_has_its_test() {
    let ids = include_str!("data/vectors.tsv").lines().filter_map(|line| line.split('\t').next());
    let tests = include_str!("vectors.rs");
    for id in ids.filter(|id| ["V-AMF0-", "V-AMF3-", "V-U29-"].iter().any(|prefix| id.starts_with(prefix))) {
        let row = format!("    {} =>", id.to_lowercase().replace('-', "_"));
        assert!(tests.contains(&row), "{id}");
    }
}
