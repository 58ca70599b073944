//! The requirements of docs/spec/amf0.md that the vectors alone do not show.

mod support;

use rtmp_amf::{AmfEncodeError, AmfError, AmfLimits, AmfString, Date, Object, Value, amf0};
use support::{from_amf0, hex, message, to_amf0};

fn assert_round_trip(bytes: &[u8]) {
    assert_eq!(to_amf0(&from_amf0(bytes).unwrap()), bytes);
}

#[test]
fn amf0_1_every_marker_is_a_type_or_an_error() {
    let payload = |marker: u8| match marker {
        0x00 => vec![0; 8],
        0x01 => vec![1],
        0x02 => vec![0, 0],
        0x03 => vec![0, 0, 9],
        0x05 | 0x06 | 0x0d => vec![],
        0x08 => vec![0, 0, 0, 0, 0, 0, 9],
        0x0a | 0x0c | 0x0f => vec![0; 4],
        0x0b => vec![0; 10],
        0x10 => vec![0, 1, b'T', 0, 0, 9],
        0x11 => vec![0x04, 5],
        _ => vec![0; 16],
    };
    for marker in 0..=u8::MAX {
        let bytes = [vec![marker], payload(marker)].concat();
        let known = matches!(marker, 0..=3 | 5 | 6 | 8 | 0x0a..=0x0d | 0x0f..=0x11);
        assert_eq!(from_amf0(&bytes).is_ok(), known, "{marker:#x}");
    }
}

#[test]
fn amf0_2_not_a_number_and_infinities_pass_bit_for_bit() {
    for bits in [0x7ff8_0000_0000_0000_u64, 0xfff8_dead_beef_0001, 0x7ff0_0000_0000_0001, 0x7ff0_0000_0000_0000] {
        let bytes = [vec![0], bits.to_be_bytes().to_vec()].concat();
        assert_eq!(from_amf0(&bytes).unwrap().as_f64().unwrap().to_bits(), bits);
        assert_round_trip(&bytes);
    }
}

#[test]
fn amf0_3_any_boolean_but_0_is_true_and_1_is_written() {
    assert_eq!(from_amf0(&[1, 0]), Ok(false.into()));
    assert_eq!(from_amf0(&[1, 0xff]), Ok(true.into()));
    assert_eq!(to_amf0(&true.into()), [1, 1]);
    assert_eq!(to_amf0(&false.into()), [1, 0]);
}

#[test]
fn amf0_4_65535_bytes_are_a_string_and_one_more_a_long_string() {
    let short = to_amf0(&"x".repeat(65_535).into());
    assert_eq!(short[..3], [0x02, 0xff, 0xff]);
    let long = to_amf0(&"x".repeat(65_536).into());
    assert_eq!(long[..5], [0x0c, 0, 1, 0, 0]);
    assert_round_trip(&short);
    assert_round_trip(&long);
}

#[test]
fn amf0_5_bytes_that_are_not_utf8_are_kept_or_refused() {
    let bytes = hex("02 0002 C328");
    let value = from_amf0(&bytes).unwrap();
    assert_eq!(value.as_str(), Some("\u{fffd}("));
    assert_eq!(to_amf0(&value), bytes);

    let strict = AmfLimits::default().strict_utf8(true);
    assert_eq!(amf0::decode(&mut &bytes[..], &strict), Err(AmfError::NotUtf8 { offset: 3 }));

    let key = hex("03 0002 C328 05 000009");
    let value = from_amf0(&key).unwrap();
    assert_eq!(value.as_object().unwrap().entries[0].0.as_bytes(), [0xc3, 0x28]);
    assert_eq!(to_amf0(&value), key);
    assert_eq!(amf0::decode(&mut &key[..], &strict), Err(AmfError::NotUtf8 { offset: 3 }));

    let long: Vec<u8> = [b"\x02\x00\x20".to_vec(), vec![0xff; 32]].concat();
    assert_round_trip(&long);
}

#[test]
fn amf0_6_nul_is_kept_and_overlong_forms_are_not_special() {
    assert_eq!(from_amf0(&hex("02 0003 610062")), Ok("a\0b".into()));
    assert_round_trip(&hex("02 0003 610062"));
    let overlong = from_amf0(&hex("02 0002 C080")).unwrap();
    assert_eq!(overlong.as_str(), Some("\u{fffd}\u{fffd}"), "not taken for NUL");
    assert_round_trip(&hex("02 0002 C080"));
}

#[test]
fn amf0_7_names_have_no_marker() {
    let value = from_amf0(&hex("03 0001 61 05 000009")).unwrap();
    assert_eq!(value, Value::from(Object::new().with("a", Value::Null)));
    assert!(from_amf0(&hex("03 02 0001 61 05 000009")).is_err());
}

#[test]
fn amf0_8_order_and_duplicates_are_kept_and_the_last_is_found() {
    let bytes = hex("03 0001 62 0101 0001 61 0100 0001 62 0100 000009");
    let value = from_amf0(&bytes).unwrap();
    let names: Vec<_> = value.as_object().unwrap().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b", "a", "b"]);
    assert_eq!(value["b"], false);
    assert_eq!(to_amf0(&value), bytes);
}

#[test]
fn amf0_9_the_end_is_an_empty_name_and_09() {
    assert_eq!(from_amf0(&hex("03 000009")), Ok(Object::new().into()));
    assert_eq!(to_amf0(&Object::new().into()), hex("03 000009"));
}

#[test]
fn amf0_10_an_empty_name_with_another_marker_behind_it_is_a_member() {
    let bytes = hex("03 0000 05 0001 61 05 000009");
    let value = from_amf0(&bytes).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 2);
    assert_eq!(value.get(""), Some(&Value::Null));
    assert_eq!(to_amf0(&value), bytes);
}

#[test]
fn amf0_11_12_null_and_undefined_differ_but_both_stand_for_nothing() {
    let values = message(&[5, 6]).unwrap();
    assert_eq!(values, [Value::Null, Value::Undefined]);
    assert!(values.iter().all(Value::is_null));
    assert!(!Value::Boolean(false).is_null());
}

#[test]
fn amf0_13_movieclip_and_recordset_are_refused() {
    for marker in [0x04, 0x0e] {
        let mut bytes = hex("03 0001 61");
        bytes.push(marker);
        bytes.extend([0; 32]);
        assert_eq!(message(&bytes), Err(AmfError::UnknownMarker { marker, offset: 4 }));
    }
}

#[test]
fn amf0_14_an_ecma_array_is_a_count_and_the_members_of_an_object() {
    let members = Object::new().with("a", 1).with("b", "c");
    let (array, object) = (to_amf0(&Value::EcmaArray(members.clone())), to_amf0(&members.into()));
    assert_eq!(array[..5], [0x08, 0, 0, 0, 2]);
    assert_eq!(array[5..], object[1..]);
}

#[test]
fn amf0_15_the_count_of_an_ecma_array_decides_nothing() {
    for count in [0, 1, 3, u32::MAX] {
        let bytes = [vec![8], count.to_be_bytes().to_vec(), hex("0001 61 05 0001 62 05 000009 05")].concat();
        let values = message(&bytes).unwrap();
        assert_eq!((values.len(), values[0].as_object().unwrap().len()), (2, 2), "{count}");
    }
}

#[test]
fn amf0_16_objects_and_ecma_arrays_read_alike() {
    let members = Object::new().with("width", 1920);
    for value in [Value::Object(members.clone()), Value::EcmaArray(members.clone()).in_amf3()] {
        assert_eq!(value["width"].as_u32(), Some(1920));
        assert_eq!(value.as_object(), Some(&members));
        assert_eq!(value.into_object(), Ok(members.clone()));
    }
}

#[test]
fn amf0_17_a_missing_end_is_let_pass_and_reported_where_a_name_would_start() {
    let nested = hex("08 00000001 0001 61 03 0001 62 05");
    let limits = AmfLimits::default();
    let mut decoder = amf0::Decoder::new(&nested, &limits);
    assert_eq!(decoder.next_value().unwrap().unwrap()["a"]["b"], Value::Null);
    assert!(decoder.missing_end());
    assert_eq!(decoder.next_value(), Ok(None));

    let whole = hex("03 0001 62 05 000009");
    let mut decoder = amf0::Decoder::new(&whole, &limits);
    decoder.next_value().unwrap();
    assert!(!decoder.missing_end());

    let strict = AmfLimits::default().strict_end(true);
    let error = amf0::decode_all(&nested, &strict);
    assert_eq!(error, Err(AmfError::MissingEnd { offset: nested.len() }));
}

#[test]
fn amf0_17_an_end_inside_a_name_a_value_or_a_strict_array_stays_an_error() {
    for bytes in ["03 00", "03 0003 6162", "03 0001 61", "03 0001 61 00 3FF0", "0A 00000002 03 0001 61 05"] {
        assert!(matches!(message(&hex(bytes)), Err(AmfError::Truncated { .. })), "{bytes}");
    }
}

#[test]
fn amf0_18_the_count_of_a_strict_array_is_exact() {
    let values = message(&hex("0A 00000002 05 06 0101")).unwrap();
    assert_eq!(values, [vec![Value::Null, Value::Undefined].into(), Value::from(true)]);
    assert_round_trip(&hex("0A 00000002 05 06"));
    assert!(message(&hex("0A 00000003 05 06")).is_err());
}

#[test]
fn amf0_19_strict_arrays_inside_metadata_and_connect() {
    let connect = Object::new().with("app", "live").with("fourCcList", vec!["av01", "hvc1"]);
    let value = from_amf0(&to_amf0(&connect.into())).unwrap();
    let list: Vec<_> = value["fourCcList"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(list, ["av01", "hvc1"]);
}

#[test]
fn amf0_20_a_count_over_the_bytes_left_is_refused() {
    let error = from_amf0(&hex("0A 00000003 05 05"));
    assert_eq!(error, Err(AmfError::Truncated { offset: 5, needed: 3, left: 2 }));
}

#[test]
fn amf0_21_dates_keep_their_zone_and_new_ones_have_none() {
    let date = Date { millis: -0.5, time_zone: 90 };
    assert_eq!(from_amf0(&to_amf0(&date.into())), Ok(date.into()));
    assert_eq!(to_amf0(&Date::new(0.0).into()), hex("0B 0000000000000000 0000"));
    assert_eq!(from_amf0(&to_amf0(&date.into())).unwrap().as_date().unwrap().millis, -0.5);
}

#[test]
fn amf0_22_a_long_string_serves_where_a_string_does() {
    let mut bytes = hex("0C 00000007");
    bytes.extend(b"publish");
    assert_eq!(amf0::peek_str(&bytes), Some("publish"));
    assert_eq!(from_amf0(&bytes).unwrap(), "publish");
}

#[test]
fn amf0_23_unsupported_is_a_value_of_its_own() {
    let values = message(&hex("0D 05")).unwrap();
    assert_eq!(values, [Value::Unsupported, Value::Null]);
    assert!(!values[0].is_null());
}

#[test]
fn amf0_24_an_xml_document_is_laid_out_as_a_long_string() {
    let value = Value::XmlDocument("<a/>".into());
    assert_eq!(to_amf0(&value), hex("0F 00000004 3C612F3E"));
    assert_eq!(value.as_str(), Some("<a/>"));
}

/// Strict array, object and ECMA array get numbers as they begin; strings, dates and numbers do not.
#[test]
fn amf0_25_complex_values_are_numbered_as_they_begin() {
    let array = "0A 00000004  03 0001 61 08 00000000 0001 62 05 000009 000009  02 0001 7A  10 0001 54 000009";
    for (index, wanted) in [(1, "a"), (2, "b")] {
        let values = message(&hex(&format!("{array} 07 {index:04X}"))).unwrap();
        assert!(values[0][3].get(wanted).is_some(), "{index}");
    }
    let values = message(&hex(&format!("{array} 07 0003"))).unwrap();
    assert_eq!(values[0][3].as_object().unwrap().class(), Some("T"));
}

#[test]
fn amf0_26_27_references_reach_over_the_values_of_a_message_and_no_further() {
    let bytes = hex("03 0001 61 05 000009  07 0000");
    let values = message(&bytes).unwrap();
    assert_eq!(values[1], values[0]);

    let mut rest = &bytes[..];
    amf0::decode(&mut rest, &AmfLimits::default()).unwrap();
    assert_eq!(message(rest), Err(AmfError::UnknownReference { index: 0, len: 0, offset: 0 }));
}

#[test]
fn amf0_26_31_copying_a_reference_numbers_nothing_again() {
    // An array (0) of a null array (1), a reference to that, and an array (2); then a copy of it all, in which that
    // reference is met again; then an array more, number 3.
    let array = "0A 00000003  0A 00000001 05  07 0001  0A 00000001 06";
    let values = message(&hex(&format!("{array}  07 0000  0A 00000001 0101  07 0003"))).unwrap();
    assert_eq!(values[1], values[0]);
    assert_eq!(values[3], Value::Array(vec![true.into()]));
}

#[test]
fn amf0_26_the_last_index_is_65535() {
    let mut bytes = hex("0A 00010001");
    bytes.extend(hex("03 000009").repeat(65_535));
    bytes.extend(hex("0A 00000000  07 FFFF"));
    bytes[1..5].copy_from_slice(&65_537_u32.to_be_bytes());
    let limits = AmfLimits::default().max_values(100_000);
    let values = amf0::decode_all(&bytes, &limits).unwrap();
    assert_eq!(values[0][65_536], Value::from(Object::new()), "number 65535, since the array around it is number 0");
}

#[test]
fn amf0_28_unknown_references_and_cycles_are_refused() {
    assert_eq!(
        message(&hex("03 0001 61 07 0001 000009")),
        Err(AmfError::UnknownReference { index: 1, len: 1, offset: 4 })
    );
    assert_eq!(message(&hex("03 0001 61 07 0000 000009")), Err(AmfError::Cycle { index: 0, offset: 4 }));
    assert_eq!(message(&hex("0A 00000001 0A 00000001 07 0000")), Err(AmfError::Cycle { index: 0, offset: 10 }));
}

#[test]
fn amf0_29_equal_values_are_written_in_full() {
    let part = Value::from(Object::new().with("a", 1));
    let written = to_amf0(&vec![part.clone(), part.clone()].into());
    assert_eq!(written, [hex("0A 00000002"), to_amf0(&part), to_amf0(&part)].concat());
}

fn nested(levels: usize) -> Vec<u8> {
    [b"\x03\0\x01a".repeat(levels), vec![5], b"\0\0\x09".repeat(levels)].concat()
}

#[test]
fn amf0_30_nesting_has_a_limit() {
    assert!(from_amf0(&nested(32)).is_ok());
    assert_eq!(from_amf0(&nested(33)), Err(AmfError::TooDeep { max: 32, offset: 4 * 32 }));
    let limits = AmfLimits::default().max_depth(usize::MAX);
    assert!(amf0::decode(&mut &nested(128)[..], &limits).is_ok());
    assert!(matches!(amf0::decode(&mut &nested(129)[..], &limits), Err(AmfError::TooDeep { max: 128, .. })));
}

#[test]
fn amf0_30_nesting_has_a_limit_for_writers_too() {
    let deep = |levels| (0..levels).fold(Value::Null, |value, _| vec![value].into());
    assert!(amf0::encode(&deep(128), &mut Vec::new()).is_ok());
    assert_eq!(amf0::encode(&deep(129), &mut Vec::new()), Err(AmfEncodeError::TooDeep { max: 128 }));
}

#[test]
fn amf0_31_each_use_of_a_reference_counts() {
    let bytes = hex("0A 00000003  0A 00000002 05 05  07 0001  07 0001");
    let values = |max| amf0::decode_all(&bytes, &AmfLimits::default().max_values(max));
    // The array, its three items (two of them references with a value behind each), two nulls in each.
    assert!(values(12).is_ok());
    assert!(matches!(values(9), Err(AmfError::TooManyValues { max: 9, .. })));
}

#[test]
fn amf0_32_typed_objects_keep_their_class() {
    let value = from_amf0(&hex("10 0001 54 0001 78 05 000009")).unwrap();
    assert_eq!(value.as_object().unwrap().class(), Some("T"));
    assert_eq!(value["x"], Value::Null);
    assert_round_trip(&hex("10 0000 000009"));
}

#[test]
fn amf0_33_35_one_amf3_value_behind_11_and_then_amf0_again() {
    let bytes = hex("11 0A 0B 01 03 61 04 05 01  02 0001 62");
    let values = message(&bytes).unwrap();
    assert_eq!(values[0]["a"].as_u32(), Some(5));
    assert_eq!(values[1], "b");
    let mut again = Vec::new();
    amf0::encode_all(&values, &mut again).unwrap();
    assert_eq!(again, bytes, "an AMF3 value stays one");
}

#[test]
fn amf0_34_amf3_tables_are_shared_when_reading_and_not_used_when_writing() {
    let values = message(&hex("11 06 05 6162  11 06 00")).unwrap();
    assert_eq!(values, [Value::from("ab").in_amf3(), Value::from("ab").in_amf3()]);
    let mut written = Vec::new();
    amf0::encode_all(&values, &mut written).unwrap();
    assert_eq!(written, hex("11 06 05 6162  11 06 05 6162"));
}

#[test]
fn amf0_34_a_reference_to_an_object_with_amf3_inside_leaves_the_tables_alone() {
    // An object with an AMF3 class instance in it, a reference to that object, then an AMF3 value that refers to the
    // text 'x' (number 1, behind the class name) and one that refers to the traits.
    let bytes = hex("03 0001 61 11 0A13 0354 0378 0405 000009  07 0000  11 06 02  11 0A 01 0406");
    let values = message(&bytes).unwrap();
    assert_eq!(values[0], values[1]);
    assert_eq!(values[2], "x");
    assert_eq!(values[3]["x"].as_u32(), Some(6));
}

#[test]
fn amf0_36_unknown_markers_and_a_stray_end_are_refused() {
    for marker in (0x12..=0xff).chain([0x09]) {
        assert_eq!(from_amf0(&[marker]), Err(AmfError::UnknownMarker { marker, offset: 0 }));
    }
}

#[test]
fn amf0_37_a_value_cut_anywhere_is_an_error() {
    let whole =
        hex("0A 0000000A  00 3FF0000000000000  0101  02 0001 61  05  0B 0000000000000000 0000  0C 00000001 61  \
         0F 00000001 61  10 0001 54 0001 61 05 000009  11 0C 07 010203  08 00000000 0001 61 05 000009");
    assert!(from_amf0(&whole).is_ok());
    // Where a name of the last object would start its end may be missing (AMF0-17).
    let names = [whole.len() - 3, whole.len() - 7];
    for len in (0..whole.len()).filter(|len| !names.contains(len)) {
        assert!(matches!(from_amf0(&whole[..len]), Err(AmfError::Truncated { .. })), "cut at {len}");
    }
}

#[test]
fn amf0_38_values_before_a_faulty_one_stay_usable() {
    let (bytes, limits) = (hex("02 0001 61  00 3FF0000000000000  05  0E  05"), AmfLimits::default());
    let mut decoder = amf0::Decoder::new(&bytes, &limits);
    assert_eq!(decoder.next_value(), Ok(Some("a".into())));
    assert_eq!(decoder.next_value(), Ok(Some(1.into())));
    assert_eq!(decoder.next_value(), Ok(Some(Value::Null)));
    let error = decoder.next_value().unwrap_err();
    assert_eq!(decoder.next_value(), Err(error.clone()), "and the error stays");
    assert_eq!(decoder.skip_value(), Err(error));
}

#[test]
fn amf0_39_an_end_behind_the_last_value_is_passed_over() {
    assert_eq!(message(&hex("02 0001 61 05 000009")).unwrap().len(), 2);
    assert!(message(&hex("02 0001 61 000009 05")).is_err(), "only at the very end");
}

#[test]
fn amf0_40_lengths_are_compared_with_what_is_left() {
    for bytes in ["02 FFFF 61", "0C FFFFFFFF 61", "0F 7FFFFFFF 61", "03 FFFF 61", "10 FFFF 61"] {
        assert!(matches!(from_amf0(&hex(bytes)), Err(AmfError::Truncated { left: 1, .. })), "{bytes}");
    }
}

#[test]
fn amf0_41_writers_refuse_long_names_and_count_members() {
    let name = "n".repeat(65_536);
    let too_long = Err(AmfEncodeError::NameTooLong { len: 65_536 });
    assert_eq!(amf0::encode(&Object::new().with(&name, 1).into(), &mut Vec::new()), too_long);
    assert_eq!(amf0::encode(&Object::new().with_class(&name).into(), &mut Vec::new()), too_long);
    assert!(amf0::encode(&Object::new().with(&name[1..], 1).into(), &mut Vec::new()).is_ok());
    let array = Value::EcmaArray((0..300).map(|n| (n.to_string(), n)).collect());
    assert_eq!(to_amf0(&array)[..5], hex("08 0000012C"));
}

#[test]
fn amf0_42_what_a_real_encoder_sent_is_written_back_as_it_came() {
    let metadata = hex("02 000A 6F6E4D65746144617461  08 00000003  0008 6475726174696F6E 00 0000000000000000  \
         0006 73746572656F 0101  0007 656E636F646572 02 0004 4C617666  000009");
    let mut again = Vec::new();
    amf0::encode_all(&message(&metadata).unwrap(), &mut again).unwrap();
    assert_eq!(again, metadata);
}

#[test]
fn amf0_43_ids_are_whole_numbers_in_range() {
    assert_eq!(Value::from(3.0).as_u32(), Some(3));
    assert_eq!(Value::Integer(3).as_u32(), Some(3));
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5, -1.0, 4_294_967_296.0, 1e300] {
        assert_eq!(Value::from(odd).as_u32(), None, "{odd}");
    }
    assert_eq!(Value::from(-0.0).as_u32(), Some(0));
    assert_eq!(Value::from(-7.0).as_i64(), Some(-7));
    assert_eq!(Value::from(9.1e15).as_i64(), None, "a double has no such whole number for sure");
    assert_eq!(Value::from("3").as_u32(), None);
}

#[test]
fn skipped_values_are_numbered_and_checked_like_decoded_ones() {
    let bytes =
        hex("03 0001 61 0A 00000001 05 000009  10 0001 54 000009  08 00000000 000009  07 0001  07 0002  11 06 0361");
    let limits = AmfLimits::default();
    let mut decoder = amf0::Decoder::new(&bytes, &limits);
    for skipped in [13, 7, 8] {
        assert_eq!(decoder.skip_value().unwrap().unwrap().len(), skipped);
    }
    assert_eq!(decoder.next_value().unwrap().unwrap(), Value::from([Value::Null]));
    assert_eq!(decoder.skip_value().unwrap().unwrap(), hex("07 0002"));
    assert_eq!(decoder.skip_value().unwrap().unwrap(), hex("11 06 0361"));
    assert_eq!(decoder.skip_value(), Ok(None));

    assert!(amf0::skip(&mut &nested(33)[..], &limits).is_err());
    assert!(amf0::skip(&mut &hex("0A FFFFFFFF")[..], &limits).is_err());
    assert!(amf0::skip(&mut &hex("07 0000")[..], &limits).is_err());
    assert!(amf0::skip(&mut &hex("02 0005 6162")[..], &limits).is_err());
    let mut rest = &bytes[..];
    assert_eq!(amf0::skip(&mut rest, &limits).unwrap().len(), 13);
    assert_eq!(rest.len(), bytes.len() - 13);
}

#[test]
fn the_first_string_is_seen_without_decoding() {
    assert_eq!(amf0::peek_str(&hex("02 0001 61 FF")), Some("a"));
    for none in ["", "02", "02 0002 61", "05", "0C 000000", "02 0002 C328"] {
        assert_eq!(amf0::peek_str(&hex(none)), None, "{none}");
    }
}

#[test]
fn text_up_to_22_bytes_and_longer_is_the_same_to_a_user() {
    for len in [0, 1, 21, 22, 23, 100] {
        let text = "ü".repeat(len / 2) + &"x".repeat(len % 2);
        let value = from_amf0(&to_amf0(&text.as_str().into())).unwrap();
        assert_eq!(value.as_str(), Some(text.as_str()));
        let kept = AmfString::from(text.clone());
        assert_eq!((kept.len(), kept.is_utf8(), kept.clone()), (len, true, AmfString::from(&text)));
        assert_eq!(String::from(kept), text);
    }
}
