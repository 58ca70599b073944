//! Feature `serde`: values into and out of types that derive its traits.
#![cfg(feature = "serde")]

mod support;

use std::collections::BTreeMap;

use bytes::Bytes;
use rtmp_amf::{
    AmfString, Date, Dictionary, Externalizable, MixedArray, Object, SerdeError, Value, Vector, VectorItems,
    from_value, to_value,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use support::{hex, message};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connect {
    app: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tc_url: Option<String>,
    #[serde(default)]
    audio_codecs: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    four_cc_list: Vec<String>,
}

fn connect() -> Object {
    Object::new().with("app", "live").with("audioCodecs", 4071.0).with("fourCcList", vec!["av01", "hvc1"])
}

/// The first message of this name in a capture.
fn captured(capture: &str, name: &str) -> Vec<Value> {
    let name = format!("String '{name}'");
    let rows = include_str!("data/messages.tsv").lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let row = rows.filter(|row| row[0].starts_with(capture)).find(|row| row[3].starts_with(&name));
    message(&hex(row.expect("the capture has it")[4])).unwrap()
}

fn read<T: DeserializeOwned>(value: impl Into<Value>) -> Result<T, SerdeError> {
    from_value(&value.into())
}

#[test]
fn a_connect_object_into_a_type_and_back() {
    let unknown = connect().with("swfUrl", Value::Undefined).with("capabilities", 15);
    let value: Connect = read(unknown).unwrap();
    let wanted = Connect {
        app: "live".into(),
        tc_url: None,
        audio_codecs: 4071,
        four_cc_list: vec!["av01".into(), "hvc1".into()],
    };
    assert_eq!(value, wanted);
    assert_eq!(to_value(&value), Ok(connect().into()));
}

#[test]
fn connect_objects_of_real_clients() {
    for capture in ["ffmpeg5", "ffmpeg9", "librtmp", "obs29", "gst-rtmp2", "nginx", "rtmpdump"] {
        let value: Connect = from_value(&captured(capture, "connect")[2]).unwrap();
        assert!(value.app.starts_with("live"), "{capture}: {value:?}");
        assert!(value.tc_url.is_some(), "{capture}");
    }
    let value: Connect = from_value(&captured("ffmpeg9-publish-h264-fourcc-list", "connect")[2]).unwrap();
    assert_eq!(value.four_cc_list, ["hvc1", "av01", "vp09"]);
}

#[test]
fn metadata_of_real_encoders() {
    #[derive(Deserialize)]
    struct MetaData<'a> {
        width: u32,
        framerate: f64,
        videocodecid: u32,
        encoder: &'a str,
        stereo: Option<bool>,
    }
    let values = captured("obs29", "@setDataFrame");
    let metadata: MetaData = from_value(&values[2]).unwrap();
    assert_eq!((metadata.width, metadata.framerate, metadata.videocodecid), (320, 25.0, 7));
    assert!(metadata.encoder.starts_with("obs-output"), "{}", metadata.encoder);
    assert!(metadata.stereo.is_some());
}

#[test]
fn amf0_43_numbers_fill_integers_when_they_are_whole_and_in_range() {
    assert_eq!(read::<u8>(255.0), Ok(255));
    assert_eq!(read::<i64>(-9_007_199_254_740_992.0), Ok(-(1 << 53)));
    assert_eq!(read::<i32>(Value::Integer(-5)), Ok(-5));
    for (odd, message) in [
        (256.0, "invalid value: integer `256`, expected u8"),
        (-1.0, "invalid value: integer `-1`, expected u8"),
        (1.5, "invalid type: floating point `1.5`, expected u8"),
        (f64::NAN, "invalid type: floating point `NaN`, expected u8"),
    ] {
        assert_eq!(read::<u8>(odd).unwrap_err().to_string(), message);
    }
    assert_eq!(read::<f64>(Value::Integer(3)), Ok(3.0));
    assert!(read::<f64>(-0.0).unwrap().is_sign_negative());
    assert!(read::<f32>(f64::NAN).unwrap().is_nan());
}

#[test]
fn amf0_8_of_a_member_that_comes_twice_the_last_counts() {
    let value: Connect = read(Object::new().with("app", "a").with("app", "b")).unwrap();
    assert_eq!(value.app, "b");
}

#[test]
fn missing_members_and_wrong_types_are_told_by_name() {
    let error = read::<Connect>(Object::new().with("tcUrl", "x")).unwrap_err();
    assert_eq!(error.to_string(), "missing field `app`");
    let error = read::<Connect>(Object::new().with("app", 1)).unwrap_err();
    assert_eq!(error.to_string(), "in `app`: invalid type: integer `1`, expected a string");
    assert!(read::<Connect>("text").is_err());
    assert!(read::<Connect>(vec![1]).is_err());
    assert!(read::<Vec<u32>>(connect()).is_err());
}

#[test]
fn a_fault_deep_in_a_value_says_where() {
    #[derive(Debug, Deserialize)]
    struct MetaData {
        #[serde(default, rename = "videoTrackIdInfoMap")]
        _tracks: BTreeMap<String, Track>,
        #[serde(default, rename = "grid")]
        _grid: Vec<Vec<i8>>,
        #[serde(default, rename = "list")]
        _list: Vec<Track>,
        #[serde(default, rename = "mode")]
        _mode: Option<Mode>,
    }
    #[derive(Debug, Deserialize)]
    struct Track {
        #[serde(rename = "width")]
        _width: u8,
    }
    let wide = || Value::from(Object::new().with("width", 1280));
    let message = |member: &str, value: Value| {
        let error = read::<MetaData>(Object::new().with(member, value)).unwrap_err();
        assert!(matches!(&error, SerdeError::Within { cause, .. } if matches!(**cause, SerdeError::Message(_))));
        error.to_string()
    };
    assert_eq!(
        message("videoTrackIdInfoMap", Object::new().with("1", wide()).into()),
        "in `videoTrackIdInfoMap.1.width`: invalid value: integer `1280`, expected u8"
    );
    assert_eq!(
        message("videoTrackIdInfoMap", Object::new().with("1", Object::new()).into()),
        "in `videoTrackIdInfoMap.1`: missing field `width`"
    );
    let grid = vec![Value::from(vec![1, 2]), vec![3, 400].into()].into();
    assert_eq!(message("grid", grid), "in `grid[1][1]`: invalid value: integer `400`, expected i8");
    let list = vec![Object::new().with("width", 1).into(), wide()].into();
    assert_eq!(message("list", list), "in `list[1].width`: invalid value: integer `1280`, expected u8");
    let mode = Object::new().with("range", Object::new().with("from", -1)).into();
    assert_eq!(message("mode", mode), "in `mode.range.from`: invalid value: integer `-1`, expected u32");

    let dictionary = |key: Value| Dictionary { weak_keys: false, entries: vec![(key, "x".into())] };
    let fault = |key| read::<BTreeMap<String, u8>>(dictionary(key)).unwrap_err().to_string();
    assert!(fault("k".into()).starts_with("in `k`: "), "{}", fault("k".into()));
}

#[test]
fn the_path_to_a_fault_is_bounded_and_prints() {
    let name = format!("a\n\u{1b}[31m{}", "x".repeat(100_000));
    let error = read::<BTreeMap<String, u8>>(Object::new().with(name, "text")).unwrap_err();
    let SerdeError::Within { path, .. } = error else { panic!("{error}") };
    assert_eq!(path, format!("a\\n\\u{{1b}}[31m{}", "x".repeat(57)));
}

#[test]
fn a_type_that_does_not_fit_says_where() {
    #[derive(Serialize)]
    struct Outer {
        list: Vec<BTreeMap<&'static str, u64>>,
    }
    let outer = Outer { list: vec![BTreeMap::new(), BTreeMap::from([("size", u64::MAX)])] };
    let error = to_value(&outer).unwrap_err();
    let cause = Box::new(SerdeError::IntegerTooLarge(u64::MAX.into()));
    assert_eq!(error, SerdeError::Within { path: "list[1].size".into(), cause });
}

#[test]
fn amf0_12_16_null_and_undefined_are_none_and_arrays_with_names_are_objects() {
    assert_eq!(read::<Option<u32>>(Value::Null), Ok(None));
    assert_eq!(read::<Option<u32>>(Value::Undefined), Ok(None));
    assert_eq!(read::<Option<u32>>(7), Ok(Some(7)));
    assert_eq!(read::<()>(Value::Undefined), Ok(()));
    let dictionary = Dictionary { weak_keys: false, entries: vec![("app".into(), "live".into())] };
    let members = Object::new().with("app", "live");
    for value in [
        Value::EcmaArray(members.clone()),
        Value::from(members.clone()).in_amf3(),
        dictionary.into(),
        MixedArray { named: members, dense: vec![1.into()] }.into(),
    ] {
        assert_eq!(from_value::<Connect>(&value).map(|connect| connect.app), Ok("live".into()), "{value:?}");
    }
}

#[test]
fn lists_bytes_and_dates() {
    assert_eq!(read::<(f64, String)>([Value::from(0.5), "x".into()]), Ok((0.5, "x".into())));
    let vector = |items| Value::from(Vector { fixed: false, items });
    assert_eq!(from_value::<Vec<i32>>(&vector(VectorItems::Int(vec![-1, 2]))), Ok(vec![-1, 2]));
    assert_eq!(from_value::<Vec<u32>>(&vector(VectorItems::Uint(vec![u32::MAX]))), Ok(vec![u32::MAX]));
    assert_eq!(from_value::<Vec<f64>>(&vector(VectorItems::Number(vec![0.5]))), Ok(vec![0.5]));
    let objects = VectorItems::Object { class: "*".into(), items: vec!["a".into()] };
    assert_eq!(from_value::<Vec<String>>(&vector(objects)), Ok(vec!["a".into()]));
    let collection = Externalizable::of_value("flex.messaging.io.ArrayCollection", ["a"]);
    assert_eq!(read::<Vec<String>>(collection), Ok(vec!["a".into()]));

    let bytes = Value::from(Bytes::from_static(&[1, 2]));
    assert_eq!(from_value::<Vec<u8>>(&bytes), Ok(vec![1, 2]));
    assert_eq!(from_value::<&[u8]>(&bytes), Ok(&[1, 2][..]));
    assert_eq!(to_value(&vec![1_u8, 2]), Ok(vec![1, 2].into()), "a list, as serde has it");

    assert_eq!(read::<f64>(Date::new(5.0)), Ok(5.0));
    assert_eq!(read::<Date>(Date::new(5.0)), Ok(Date::new(5.0)));
    assert_eq!(to_value(&Date::new(5.0)), Ok(Date::new(5.0).into()));
    assert_eq!(read::<AmfString>("x"), Ok("x".into()));
    assert_eq!(to_value(&AmfString::from("x")), Ok("x".into()));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Live,
    Seek(u32),
    Pair(u32, String),
    Range { from: u32 },
}

#[test]
fn variants_are_names_or_objects_of_one_member() {
    let range = Object::new().with("from", 4);
    for (mode, value) in [
        (Mode::Live, Value::from("live")),
        (Mode::Seek(3), Object::new().with("seek", 3).into()),
        (Mode::Pair(3, "x".into()), Object::new().with("pair", [Value::from(3), "x".into()]).into()),
        (Mode::Range { from: 4 }, Object::new().with("range", range).into()),
    ] {
        assert_eq!(to_value(&mode), Ok(value.clone()));
        assert_eq!(from_value::<Mode>(&value), Ok(mode));
    }
    assert!(read::<Mode>("record").is_err());
    assert!(read::<Mode>(Object::new()).is_err());
    assert!(read::<Mode>(7).is_err());
}

#[test]
fn types_of_every_kind_become_values() {
    #[derive(Serialize)]
    struct Newtype(i8);
    #[derive(Serialize)]
    struct Pair(i16, u16);
    #[derive(Serialize)]
    struct Unit;
    let some: Option<u64> = Some(9);
    assert_eq!(to_value(&(Newtype(-1), Pair(-2, 2), Unit, 'c', some, 1.5_f32, true)).unwrap(), {
        let pair = Value::from([-2, 2]);
        Value::from([(-1).into(), pair, Value::Null, "c".into(), 9.into(), 1.5.into(), true.into()])
    });
    let keyed = BTreeMap::from([(1_u32, "a"), (2, "b")]);
    assert_eq!(to_value(&keyed), Ok(Object::new().with("1", "a").with("2", "b").into()));
    assert_eq!(to_value(&BTreeMap::from([(vec![1], 1)])), Err(SerdeError::KeyNotText));
    assert_eq!(to_value(&(1_u64 << 53)), Ok(9_007_199_254_740_992.0.into()));
    assert_eq!(to_value(&u64::MAX), Err(SerdeError::IntegerTooLarge(u64::MAX.into())));
    assert_eq!(to_value(&i64::MIN), Err(SerdeError::IntegerTooLarge(i64::MIN.into())));
}

#[test]
fn values_go_through_other_formats_and_stand_in_types() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Message {
        name: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let value = Value::from(connect().with("name", "n").with("none", Value::Null).with("on", true));
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(
        json,
        r#"{"app":"live","audioCodecs":4071.0,"fourCcList":["av01","hvc1"],"name":"n","none":null,"on":true}"#
    );
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    assert_eq!(serde_json::from_str::<Object>(&json).unwrap(), value.clone().into_object().unwrap());
    let message: Message = from_value(&value).unwrap();
    assert_eq!((message.rest.len(), &message.rest["app"]), (5, &"live".into()));
    assert_eq!(from_value::<Message>(&to_value(&message).unwrap()), Ok(message));
    assert_eq!(from_value::<serde_json::Value>(&value).unwrap()["fourCcList"][1], "hvc1");
}

#[test]
fn values_of_amf3_show_what_they_mean_in_other_formats() {
    let shown = |value: Value| serde_json::to_string(&value).unwrap();
    let mixed = MixedArray { named: Object::new().with("a", 1), dense: vec!["x".into()] };
    assert_eq!(shown(mixed.into()), r#"{"a":1.0,"0":"x"}"#);
    let dictionary = Dictionary { weak_keys: true, entries: vec![("k".into(), Value::Integer(1))] };
    assert_eq!(shown(dictionary.into()), r#"{"k":1}"#);
    assert_eq!(shown(Bytes::from_static(&[1, 2]).into()), "[1,2]");
    assert_eq!(shown(Date::new(5.0).into()), "5.0");
    assert_eq!(shown(Value::Xml("<a/>".into())), r#""<a/>""#);
    assert_eq!(shown(Externalizable::of_value("C", 1).into()), "[1.0]");
    assert_eq!(shown(Vector { fixed: true, items: VectorItems::Int(vec![1]) }.into()), "[1]");
    assert_eq!(shown(Value::Undefined.in_amf3()), "null");
}

#[test]
fn many_members_of_one_name_take_no_quadratic_time() {
    let object: Object = (0..100_000).map(|n| ("same", n)).collect();
    assert_eq!(read::<BTreeMap<String, u32>>(object), Ok(BTreeMap::from([("same".to_owned(), 99_999)])));
}

/// Bytes as a type that asks for them reads them, whichever way they are given.
#[derive(Debug, PartialEq)]
struct Raw(Vec<u8>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl serde::de::Visitor<'_> for RawVisitor {
            type Value = Raw;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("raw bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Raw, E> {
                Ok(Raw(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(RawVisitor)
    }
}

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[test]
fn bytes_come_from_byte_arrays_and_from_text_as_it_stood_on_the_wire() {
    let bytes = Value::from(Bytes::from_static(&[1, 0xff]));
    assert_eq!(from_value::<Raw>(&bytes), Ok(Raw(vec![1, 0xff])));
    assert_eq!(to_value(&Raw(vec![1, 0xff])), Ok(bytes.clone()));
    assert_eq!(read::<Raw>(AmfString::from_bytes(&[0xff])), Ok(Raw(vec![0xff])), "AMF0-5");
    assert_eq!(from_value::<Raw>(&Value::XmlDocument("<a/>".into())), Ok(Raw(b"<a/>".to_vec())));
    assert!(read::<Raw>(7).unwrap_err().to_string().contains("raw bytes"));
    assert_eq!(from_value::<Value>(&bytes), Ok(bytes), "a value of a value");
}

#[test]
fn structs_without_names_and_with_a_single_field() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair(u8, i64);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Meters(f32);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Unit;
    assert_eq!(read::<Pair>([1, -2]), Ok(Pair(1, -2)));
    assert!(read::<Pair>([1, -2, 3]).is_err(), "one too many");
    assert!(read::<Pair>([1]).is_err(), "one too few");
    assert!(read::<(u8, u8)>("text").is_err());
    assert_eq!(read::<Meters>(1.5), Ok(Meters(1.5)));
    assert_eq!(read::<Unit>(Value::Undefined), Ok(Unit));
    assert!(read::<f64>("1.5").is_err(), "text is no number");
    assert!(read::<serde::de::IgnoredAny>(connect()).is_ok());
}

#[test]
fn dictionaries_and_wrapped_objects_are_maps() {
    let entries = vec![("k".into(), Value::Integer(1)), ("l".into(), 2.5.into())];
    let dictionary = Value::from(Dictionary { weak_keys: false, entries });
    let map = BTreeMap::from([("k".to_owned(), 1.0), ("l".to_owned(), 2.5)]);
    assert_eq!(from_value::<BTreeMap<String, f64>>(&dictionary), Ok(map));
    let proxy = Externalizable::of_value("flex.messaging.io.ObjectProxy", connect());
    assert_eq!(read::<Connect>(proxy).unwrap().app, "live");
    let unreadable = Externalizable { class: "C".into(), body: Vec::new() };
    let error = read::<Connect>(unreadable).unwrap_err().to_string();
    assert!(error.contains("externalizable object"), "{error}");
}

#[test]
fn lists_are_no_maps_and_maps_no_lists() {
    let error = |result: Result<Value, SerdeError>| result.unwrap_err().to_string();
    assert!(error(read::<BTreeMap<String, u8>>([1, 2]).map(|_| Value::Null)).contains("sequence"));
    assert!(error(read::<Vec<u8>>(connect()).map(|_| Value::Null)).contains("map"));
    assert!(error(read::<AmfString>(7).map(Value::from)).contains("text"));
    assert!(error(read::<BTreeMap<String, u8>>(true).map(|_| Value::Null)).contains("boolean"));
    let json = |text: &str| serde_json::from_str::<Object>(text).unwrap_err().to_string();
    assert!(json("7").contains("expected a value"), "{}", json("7"));
}

#[test]
fn every_json_value_has_its_amf_value() {
    let text = r#"{"a\n":"b\t","n":null,"low":-3,"high":18,"part":0.5,"on":false,"list":[[],{}]}"#;
    let list: [Value; 2] = [Vec::<Value>::new().into(), Object::new().into()];
    let object = Object::new()
        .with("a\n", "b\t")
        .with("n", Value::Null)
        .with("low", -3)
        .with("high", 18)
        .with("part", 0.5)
        .with("on", false)
        .with("list", list);
    assert_eq!(serde_json::from_str::<Object>(text).unwrap(), object);
    // Text that is already owned, and what may be missing.
    let tree: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::from_value::<Value>(tree).unwrap(), Value::from(object.clone()));
    assert_eq!(read::<Option<Value>>(object.clone()), Ok(Some(object.into())));
    assert_eq!(read::<Option<Value>>(Value::Undefined), Ok(None));
    assert_eq!(serde_json::from_str::<AmfString>(r#""a\"b""#).unwrap(), "a\"b");
    assert_eq!(serde_json::from_str::<Date>("5").unwrap(), Date::new(5.0));
}

#[test]
fn vectors_and_nested_values_show_their_items() {
    let shown = |items| serde_json::to_string(&Value::from(Vector { fixed: false, items })).unwrap();
    assert_eq!(shown(VectorItems::Uint(vec![1, 2])), "[1,2]");
    assert_eq!(shown(VectorItems::Number(vec![0.5])), "[0.5]");
    let items = vec![Value::Integer(3), Value::Boolean(true), Value::XmlDocument("<b/>".into())];
    assert_eq!(shown(VectorItems::Object { class: "*".into(), items }), r#"[3,true,"<b/>"]"#);
    let keyed = BTreeMap::from([(true, 1), (false, 0)]);
    assert_eq!(to_value(&keyed), Ok(Object::new().with("false", 0).with("true", 1).into()));
    assert_eq!(to_value(&(1_u128 << 100)), Err(SerdeError::IntegerTooLarge(1 << 100)));
    assert_eq!(to_value(&None::<u8>), Ok(Value::Null));
}
