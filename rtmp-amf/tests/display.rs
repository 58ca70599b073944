//! Values as text, and decoders.

use std::cell::RefCell;

use bytes::Bytes;
use rtmp_amf::{
    AmfLimits, AmfString, Date, Dictionary, ExternalPart, Externalizable, MixedArray, Object, Value, Vector,
    VectorItems, amf0, amf3,
};

#[test]
fn plain_values_look_like_json() {
    let object = Object::new().with("n", 1).with("half", -0.5).with("on", true).with("none", Value::Null);
    let object = object.with("list", [Value::from("a"), Value::Integer(-3), Vec::<Value>::new().into()]);
    let text = r#"{"n": 1, "half": -0.5, "on": true, "none": null, "list": ["a", -3, []]}"#;
    assert_eq!(object.to_string(), text);
    for value in [Value::from(object.clone()), Value::EcmaArray(object.clone()), Value::from(object).in_amf3()] {
        assert_eq!(value.to_string(), text);
        let json: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
        assert_eq!(json["list"][1], -3);
    }
    assert_eq!(Object::new().to_string(), "{}");
    assert_eq!(format!("{:#}", Value::from(Object::new().with("a", [1]))), "{\n    \"a\": [\n        1,\n    ],\n}");
}

#[test]
fn what_json_lacks_has_a_word_of_its_own() {
    let vector = |items| Value::from(Vector { fixed: false, items });
    let mixed = |named, dense| Value::from(MixedArray { named, dense });
    let entries = vec![(Value::Integer(1), "x".into()), (Object::new().into(), Value::Undefined)];
    let body = vec![ExternalPart::Bytes(Bytes::from_static(&[1, 2])), ExternalPart::Value(Value::Integer(5))];
    for (value, text) in [
        (Value::Undefined, "undefined"),
        (Value::Unsupported, "unsupported"),
        (f64::NAN.into(), "NaN"),
        (f64::NEG_INFINITY.into(), "-inf"),
        (Date::new(1500.5).into(), "Date(1500.5)"),
        (Bytes::from_static(&[0; 5]).into(), "<5 bytes>"),
        (Value::Xml("<a/>".into()), r#""<a/>""#),
        (Object::new().with("a", 1).with_class("C").into(), r#"C {"a": 1}"#),
        (mixed(Object::new().with("a", 1), vec!["x".into()]), r#"{"a": 1, 0: "x"}"#),
        (mixed(Object::new(), vec![]), "{}"),
        (vector(VectorItems::Int(vec![-1])), "[-1]"),
        (vector(VectorItems::Uint(vec![1, 2])), "[1, 2]"),
        (vector(VectorItems::Number(vec![0.5])), "[0.5]"),
        (vector(VectorItems::Object { class: "*".into(), items: vec!["a".into()] }), r#"["a"]"#),
        (Dictionary { weak_keys: false, entries }.into(), r#"{1: "x", {}: undefined}"#),
        (Externalizable { class: "E".into(), body }.into(), "E [<2 bytes>, 5]"),
    ] {
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn no_text_of_a_peer_reaches_the_terminal_unescaped() {
    let text = "\"\\\n\r\t\u{1b}[31m\u{9b}é\u{7f}";
    let shown = Value::from(text).to_string();
    assert_eq!(shown, "\"\\\"\\\\\\n\\r\\t\\u001b[31m\\u009bé\\u007f\"");
    assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    let object = Object::new().with("\u{1b}", 1).with_class("\u{7}");
    assert_eq!(object.to_string(), r#"\u0007 {"\u001b": 1}"#);
    assert_eq!(Value::from(AmfString::from_bytes(&[0xff])).to_string(), "\"\u{fffd}\"", "AMF0-5");
}

#[test]
fn decoders_show_where_they_are_and_nothing_of_what_they_read() {
    let limits = AmfLimits::default();
    let message = [&b"\x02\x00\x06secret"[..], &[0x12]].concat();
    let mut decoder = amf0::Decoder::new(&message, &limits);
    assert_eq!(format!("{decoder:?}"), "Decoder { rest_len: 10, missing_end: false, failed: None, .. }");
    decoder.next_value().unwrap();
    decoder.next_value().unwrap_err();
    assert!(format!("{decoder:?}").contains("failed: Some(UnknownMarker"), "{decoder:?}");

    let seen = RefCell::new(String::new());
    let reader = |_: &str, body: &mut amf3::ExternalInput<'_, '_>| {
        *seen.borrow_mut() = format!("{body:?}");
        body.bytes(1).map(|_| true)
    };
    let mut decoder = amf3::Decoder::new(&[0x0a, 0x07, 0x03, b'C', 0x55], &limits).external(&reader);
    assert_eq!(format!("{decoder:?}"), "Decoder { rest_len: 5, failed: None, .. }");
    decoder.next_value().unwrap();
    assert_eq!(*seen.borrow(), "ExternalInput { rest_len: 1, .. }");
}
