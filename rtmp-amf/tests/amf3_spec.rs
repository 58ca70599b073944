//! The requirements of docs/spec/amf3.md that the vectors alone do not show.

mod support;

use bytes::Bytes;
use rtmp_amf::{
    AmfEncodeError, AmfError, AmfLimits, AmfString, Date, Dictionary, ExternalPart, Externalizable, MixedArray, Object,
    Sealed, Traits, Value, Vector, VectorItems, amf0, amf3,
};
use support::{from_amf0, from_amf3, hex, message, to_amf0, to_amf3, to_amf3_with_references};

fn all(bytes: &str) -> Result<Vec<Value>, AmfError> {
    amf3::decode_all(&hex(bytes), &AmfLimits::default())
}

/// Read, written in full, and read again.
fn assert_same_when_written_in_full(bytes: &str) -> Value {
    let value = from_amf3(&hex(bytes)).unwrap();
    assert_eq!(from_amf3(&to_amf3(&value)), Ok(value.clone()), "{bytes}");
    value
}

#[test]
fn amf3_1_u29_round_trips_around_each_length() {
    for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000, 0x1fff_ffff] {
        let mut bytes = Vec::new();
        amf3::encode_u29(value, &mut bytes).unwrap();
        let wanted = [0x80, 0x4000, 0x20_0000].iter().filter(|from| value >= **from).count() + 1;
        assert_eq!(bytes.len(), wanted, "{value:#x}");
        let mut rest = &bytes[..];
        assert_eq!(amf3::decode_u29(&mut rest), Ok(value));
        assert!(rest.is_empty());
    }
}

#[test]
fn amf3_2_long_forms_of_lengths_are_let_pass() {
    assert_eq!(from_amf3(&hex("06 80 03 61")).unwrap(), "a");
    assert_eq!(from_amf3(&hex("04 80 80 80 01")).unwrap(), Value::Integer(1));
}

#[test]
fn amf3_3_u29_of_more_than_29_bits_is_refused_by_the_writer() {
    let mut bytes = Vec::new();
    assert_eq!(amf3::encode_u29(1 << 29, &mut bytes), Err(AmfEncodeError::TooLong { len: 1 << 29 }));
    assert!(bytes.is_empty());
}

#[test]
fn amf3_4_a_u29_cut_anywhere_is_refused() {
    for cut in ["", "80", "8080", "808080"] {
        assert!(matches!(amf3::decode_u29(&mut &hex(cut)[..]), Err(AmfError::Truncated { needed: 1, .. })), "{cut}");
    }
}

#[test]
fn amf3_5_6_every_marker_is_a_type_or_an_error() {
    // A length, count or reference header of 1, that is none, and enough zeros for what follows.
    let body = hex("01 01 01 00000000 00000000 00000000");
    for marker in 0..=u8::MAX {
        let bytes = [vec![marker], body.clone()].concat();
        let result = amf3::decode(&mut &bytes[..], &AmfLimits::default());
        match marker {
            0..=9 | 0x0b..=0x11 => assert!(result.is_ok(), "{marker:#x}: {result:?}"),
            0x0a => assert!(matches!(result, Err(AmfError::UnknownReference { .. })), "traits reference 0"),
            _ => assert_eq!(result, Err(AmfError::UnknownMarker { marker, offset: 0 })),
        }
    }
}

#[test]
fn amf3_7_marker_11_depends_on_the_format() {
    let dictionary = Value::from(Dictionary { weak_keys: true, entries: vec![] });
    assert_eq!(from_amf3(&hex("11 01 01")), Ok(dictionary.clone()));
    assert_eq!(from_amf0(&hex("11 11 01 01")), Ok(dictionary.clone()));
    assert_eq!(to_amf0(&dictionary), hex("11 11 01 01"));
}

#[test]
fn amf3_8_integers_are_29_bit_twos_complement() {
    for (bytes, value) in [("04 FFFFFFFE", -2), ("04 C0808000", -(1 << 28)), ("04 BFFFFFFF", (1 << 28) - 1)] {
        assert_eq!(from_amf3(&hex(bytes)), Ok(Value::Integer(value)));
        assert_eq!(to_amf3(&Value::Integer(value)), hex(bytes));
    }
}

#[test]
fn amf3_9_integers_out_of_range_are_written_as_doubles() {
    for value in [1 << 28, i32::MAX, i32::MIN, -(1 << 28) - 1] {
        assert_eq!(from_amf3(&to_amf3(&Value::Integer(value))), Ok(f64::from(value).into()));
    }
}

#[test]
fn amf3_10_integer_and_double_are_one_kind_to_a_reader_and_keep_their_form() {
    let (integer, double) = (from_amf3(&hex("04 05")).unwrap(), from_amf3(&hex("05 4014000000000000")).unwrap());
    assert_eq!(integer.as_f64(), double.as_f64());
    assert_eq!(integer.as_u32(), double.as_u32());
    assert_eq!(to_amf3(&integer), hex("04 05"));
    assert_eq!(to_amf3(&double), hex("05 4014000000000000"));
}

#[test]
fn amf3_11_not_a_number_passes_bit_for_bit() {
    let bytes = hex("05 7FF8DEADBEEF0001");
    assert_eq!(to_amf3(&from_amf3(&bytes).unwrap()), bytes);
}

#[test]
fn amf3_12_markers_alone() {
    assert_eq!(all("00 01 02 03").unwrap(), [Value::Undefined, Value::Null, false.into(), true.into()]);
    assert_eq!(to_amf3(&Value::Unsupported), [0], "AMF3 has undefined for it");
}

#[test]
fn amf3_13_text_is_a_length_or_an_index() {
    assert_eq!(all("06 03 61  06 03 62  06 02  06 00").unwrap(), ["a", "b", "b", "a"].map(Value::from));
}

#[test]
fn amf3_14_the_empty_text_has_no_number() {
    assert_eq!(all("06 01  06 03 61  06 00").unwrap(), ["", "a", "a"].map(Value::from));
    let empty_twice = Value::from(["", "", "a", "a"]);
    assert_eq!(to_amf3_with_references(&empty_twice), hex("09 09 01  06 01  06 01  06 03 61  06 00"));
}

/// Class name, sealed name, dynamic name, vector type, array key, value: 0 to 5.
#[test]
fn amf3_15_all_texts_share_one_table() {
    let values = all("0A 1B 03 43  03 73  01  03 64 01  01   10 01 00 03 76   09 01 03 6B 01 01   06 03 74 \
         06 00  06 02  06 04  06 06  06 08  06 0A")
    .unwrap();
    assert_eq!(values[4..], ["C", "s", "d", "v", "k", "t"].map(Value::from));
}

#[test]
fn amf3_16_equal_literals_are_entered_again() {
    assert_eq!(all("06 03 61  06 03 61  06 03 62  06 04").unwrap()[3], "b");
}

#[test]
fn amf3_15_38_copying_a_reference_enters_no_text_and_no_object_again() {
    // An array with a text in it, a reference to that array, then a text more and a reference to that: number 1.
    assert_eq!(all("09 03 01 06 03 61  09 00  06 03 62  06 02").unwrap()[2..], ["b", "b"].map(Value::from));
    // An array of three arrays, the second of them a reference to the first; then a copy of it all, in which that
    // reference is met again; then an array more, number 3.
    let values = all("09 07 01  09 03 01 04 01  09 02  09 03 01 04 02   09 00   09 03 01 04 03   09 06").unwrap();
    assert_eq!(values[1], values[0]);
    assert_eq!(values[3], Value::Array(vec![Value::Integer(3)]));
}

#[test]
fn amf3_17_xml_and_byte_arrays_are_not_in_the_table_of_texts() {
    assert_eq!(all("0B 03 78  07 03 79  0C 03 7A  06 03 61  06 00").unwrap()[4], "a");
}

#[test]
fn amf3_18_lengths_are_compared_with_what_is_left_and_bytes_kept() {
    assert_eq!(from_amf3(&hex("06 FFFFFFFF")), Err(AmfError::Truncated { offset: 5, needed: 268_435_455, left: 0 }));
    let bytes = hex("06 05 C328");
    assert_eq!(to_amf3(&from_amf3(&bytes).unwrap()), bytes);
    let strict = AmfLimits::default().strict_utf8(true);
    assert_eq!(amf3::decode(&mut &bytes[..], &strict), Err(AmfError::NotUtf8 { offset: 2 }));
    let twice = hex("09 05 01 06 05 C328 06 00");
    assert_eq!(from_amf3(&twice).unwrap()[1], from_amf3(&bytes).unwrap(), "through a reference too");
}

#[test]
fn amf3_19_three_tables_each_message_anew() {
    let bytes = hex("06 03 61  0A 01");
    let mut rest = &bytes[..];
    amf3::decode(&mut rest, &AmfLimits::default()).unwrap();
    assert!(amf3::decode(&mut rest, &AmfLimits::default()).is_err());
    assert!(matches!(message(&hex("11 06 00")), Err(AmfError::UnknownReference { len: 0, .. })));
}

/// One of each kind, numbered in the order of beginning, then a reference to each.
#[test]
fn amf3_20_all_composite_kinds_are_numbered_containers_before_their_members() {
    let kinds = [
        ("09", "09 03 01 01"),
        ("0A", "0A 0B 01 01"),
        ("08", "08 01 0000000000000000"),
        ("07", "07 03 78"),
        ("0B", "0B 03 78"),
        ("0C", "0C 03 78"),
        ("0D", "0D 03 00 00000001"),
        ("0E", "0E 03 00 00000001"),
        ("0F", "0F 03 00 3FF0000000000000"),
        ("10", "10 01 00 01"),
        ("11", "11 01 00"),
    ];
    let literals: String = kinds.iter().map(|(_, bytes)| *bytes).collect();
    for (index, (marker, literal)) in kinds.iter().enumerate() {
        let values = all(&format!("{literals} {marker} {:02X}", index << 1)).unwrap();
        assert_eq!(values[kinds.len()], from_amf3(&hex(literal)).unwrap(), "{marker}");
    }
    let inner = all("09 03 01 09 01 01  09 02").unwrap();
    assert_eq!(inner[1], Value::Array(vec![]), "the outer array is number 0, the inner one 1");
}

#[test]
fn amf3_21_a_reference_to_another_type_is_refused() {
    assert_eq!(all("09 01 01  0A 00"), Err(AmfError::ReferenceType { index: 0, offset: 4 }));
    assert_eq!(all("0B 03 78  07 00"), Err(AmfError::ReferenceType { index: 0, offset: 4 }));
}

#[test]
fn amf3_22_an_index_out_of_range_of_any_table_is_refused() {
    for bytes in ["06 02", "0A 05", "09 02", "08 00", "0A 0B 03 61 02", "10 01 00 04"] {
        assert!(matches!(all(bytes), Err(AmfError::UnknownReference { .. })), "{bytes}");
    }
}

#[test]
fn amf3_23_cycles_are_refused() {
    assert_eq!(all("09 03 01 09 00"), Err(AmfError::Cycle { index: 0, offset: 4 }));
    assert_eq!(all("0A 0B 01 03 61 0A 00 01"), Err(AmfError::Cycle { index: 0, offset: 6 }));
    assert_eq!(all("11 03 00 11 00 01"), Err(AmfError::Cycle { index: 0, offset: 4 }));
}

#[test]
fn amf3_24_dates_ignore_the_other_bits_and_write_01() {
    let value = from_amf3(&hex("08 7F BFF0000000000000")).unwrap();
    assert_eq!(value.as_date(), Some(Date::new(-1.0)));
    assert_eq!(to_amf3(&value), hex("08 01 BFF0000000000000"));
}

#[test]
fn amf3_25_both_kinds_of_xml_stay_apart() {
    for bytes in ["07 05 6162", "0B 05 6162"] {
        let value = from_amf3(&hex(bytes)).unwrap();
        assert_eq!(value.as_str(), Some("ab"));
        assert_eq!(to_amf3(&value), hex(bytes));
        assert_eq!(from_amf0(&to_amf0(&value)), Ok(value), "in AMF0 too");
    }
}

#[test]
fn amf3_26_byte_arrays_are_raw() {
    let value = from_amf3(&hex("0C 07 FF0080")).unwrap();
    assert_eq!(value.as_bytes(), Some(&Bytes::from_static(&[0xff, 0, 0x80])));
    assert_eq!(to_amf0(&value), hex("11 0C 07 FF0080"));
}

#[test]
fn amf3_27_arrays_have_named_members_a_dense_part_or_both() {
    let bytes = "09 05 03 61 02 03 62 03 01 04 01 04 02";
    let value = from_amf3(&hex(bytes)).unwrap();
    let named = Object::new().with("a", false).with("b", true);
    let dense = vec![Value::Integer(1), Value::Integer(2)];
    assert_eq!(value, Value::from(MixedArray { named, dense }));
    assert_eq!((&value["b"], &value[1]), (&true.into(), &Value::Integer(2)));
    assert_eq!(to_amf3(&value), hex(bytes));
    assert_eq!(from_amf0(&to_amf0(&value)), Ok(value));
    assert_eq!(from_amf3(&hex("09 01 01")), Ok(Value::Array(vec![])));

    let empty_name = Value::EcmaArray(Object::new().with("", 1));
    assert_eq!(amf3::encode(&empty_name, &mut Vec::new()), Err(AmfEncodeError::EmptyName));
    let dynamic = Value::from(Object::new().with("", 1));
    assert_eq!(amf3::encode(&dynamic, &mut Vec::new()), Err(AmfEncodeError::EmptyName));
}

#[test]
fn amf3_28_29_30_sealed_and_dynamic_members_keep_their_kind() {
    // Two sealed members a and b, one dynamic c.
    let bytes = "0A 2B 03 54 03 61 03 62 02 03 03 63 01 01";
    let value = from_amf3(&hex(bytes)).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!(object.traits.as_deref(), Some(&Traits { class: "T".into(), sealed: Sealed::First(2) }));
    assert_eq!((&object["a"], &object["b"], &object["c"]), (&false.into(), &true.into(), &Value::Null));
    assert_eq!(to_amf3(&value), hex(bytes));
    // Sealed only and anonymous, as ActionScript classes without an alias are.
    let bytes = "0A 13 01 03 61 02";
    let value = from_amf3(&hex(bytes)).unwrap();
    assert_eq!(value.as_object().unwrap().class(), None);
    assert_eq!(to_amf3(&value), hex(bytes));
    assert_eq!(to_amf0(&value), hex("03 0001 61 0100 000009"), "AMF0 has no anonymous typed object");
    assert_eq!(to_amf0(&value.in_amf3()), [hex("11"), hex(bytes)].concat());
}

#[test]
fn amf3_29_traits_of_all_kinds_are_numbered() {
    let bytes = "09 0B 01  0A 0B 01 01  0A 07 43 666C65782E6D6573736167696E672E696F2E4172726179436F6C6C656374696F6E \
                 09 01 01  0A 13 03 54 03 78 02  0A 05 09 01 01  0A 09 03";
    let value = from_amf3(&hex(bytes)).unwrap();
    assert_eq!(value[3], value[1]);
    assert_eq!(value[4]["x"], true);
    assert_eq!(to_amf3_with_references(&value), hex(bytes));
}

#[test]
fn amf3_31_externalizable_bodies_are_read_by_who_knows_them() {
    let collection = Externalizable::of_value("flex.messaging.io.ArrayCollection", vec!["a", "b"]);
    for class in ["flex.messaging.io.ArrayCollection", "flex.messaging.io.ArrayList", "flex.messaging.io.ObjectProxy"] {
        let value = Value::from(Externalizable { class: class.into(), ..collection.clone() });
        assert_eq!(from_amf3(&to_amf3(&value)), Ok(value.clone()));
        assert_eq!(value[1], "b");
    }
    let reader = |class: &str, body: &mut amf3::ExternalInput<'_, '_>| -> Result<bool, AmfError> {
        if class != "P" {
            return Ok(false);
        }
        let flags = body.u29()?;
        assert_eq!(body.rest().len(), 12);
        body.bytes(3)?;
        if flags & 1 == 1 {
            assert!(body.value()?.as_array().is_some());
        }
        body.u8()?;
        Ok(true)
    };
    // A text of the body takes part in the numbering; the object before a reference to itself is complete.
    let bytes = hex("0A 07 03 50  8201 AABBCC  09 03 01 06 03 6B  FF   06 00  ");
    let limits = AmfLimits::default();
    let mut decoder = amf3::Decoder::new(&bytes, &limits).external(&reader);
    let value = decoder.next_value().unwrap().unwrap();
    let Value::Externalizable(object) = &value else { panic!("{value:?}") };
    let part = |bytes: &[u8]| ExternalPart::Bytes(Bytes::copy_from_slice(bytes));
    let body = [part(&hex("8201 AABBCC")), ExternalPart::Value(["k"].into()), part(&[0xff])];
    assert_eq!((&object.class, object.body.as_slice()), (&AmfString::from("P"), &body[..]));
    assert_eq!(decoder.next_value().unwrap().unwrap(), "P");
    assert_eq!(to_amf3(&value), bytes[..bytes.len() - 2]);

    // Twice by reference, and inside AMF0.
    let bytes = hex("0A 00000002 11 09 03 01 0A 07 03 50 00 AABBCC FF  11 0A 02");
    let mut decoder = amf0::Decoder::new(&bytes, &limits).external(&ignore_length);
    let value = decoder.next_value().unwrap().unwrap();
    assert_eq!(value[0][0], value[1]);
    assert_eq!(decoder.next_value(), Ok(None));
}

fn ignore_length(_: &str, body: &mut amf3::ExternalInput<'_, '_>) -> Result<bool, AmfError> {
    body.bytes(5).map(|_| true)
}

#[test]
fn amf3_32_a_name_twice_keeps_both_and_finds_the_last() {
    let bytes = "0A 1B 01 03 61 02 03 61 03 01";
    let value = from_amf3(&hex(bytes)).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 2);
    assert_eq!(value["a"], true);
    assert_eq!(to_amf3(&value), hex(bytes));
}

#[test]
fn amf3_33_35_vectors_keep_their_type_name_and_their_items() {
    for bytes in ["10 01 01 01", "10 03 00 07 466F6F 0A 0B 01 01", "10 05 00 03 2A 00 06 01"] {
        let value = from_amf3(&hex(bytes)).unwrap();
        assert_eq!(to_amf3(&value), hex(bytes));
    }
    let vector = Vector { fixed: true, items: VectorItems::Number(vec![f64::INFINITY, -0.0]) };
    assert_eq!(from_amf3(&to_amf3(&vector.clone().into())), Ok(vector.into()));
    assert_eq!(assert_same_when_written_in_full("10 05 00 03 2A 09 01 01 09 02")[1], Value::Array(vec![]));
}

#[test]
fn amf3_34_dictionaries_have_keys_of_any_kind() {
    let bytes = "11 05 01  09 01 01 06 03 61  06 03 31 05 3FF0000000000000";
    let value = from_amf3(&hex(bytes)).unwrap();
    assert_eq!(value["1"], 1.0);
    assert_eq!(to_amf3(&value), hex(bytes));
}

#[test]
fn amf3_36_counts_are_compared_with_what_is_left() {
    let count = "83 01"; // 192 items
    for (marker, behind, size) in
        [("09", "01", 1), ("0D", "00", 4), ("0E", "00", 4), ("0F", "00", 8), ("10", "00 01", 1), ("11", "00", 2)]
    {
        let bytes = hex(&format!("{marker} {count} {behind} {}", "01".repeat(190)));
        let Err(AmfError::Truncated { needed, .. }) = from_amf3(&bytes) else { panic!("{marker}") };
        assert_eq!(needed, 192 * size, "{marker}");
    }
    let names = hex(&format!("0A FFFFFFF3 01 {}", "01".repeat(190)));
    assert!(matches!(from_amf3(&names), Err(AmfError::Truncated { needed: 0x01ff_ffff, .. })));
    let huge = hex("0F FFFFFFFF 00 0000");
    assert!(matches!(from_amf3(&huge), Err(AmfError::Truncated { .. })));
}

#[test]
fn amf3_37_nesting_is_counted_together_with_amf0() {
    let around = |amf0: usize, amf3: usize| {
        let mut bytes = hex("0A 00000001").repeat(amf0);
        bytes.push(0x11);
        bytes.extend(hex("09 03 01").repeat(amf3));
        bytes.push(1);
        from_amf0(&bytes)
    };
    assert!(around(16, 16).is_ok());
    assert!(matches!(around(16, 17), Err(AmfError::TooDeep { max: 32, .. })));
    assert!(matches!(around(33, 0), Err(AmfError::TooDeep { max: 32, .. })));
}

#[test]
fn amf3_37_nesting_has_a_limit_for_writers_too() {
    let deep = |levels| (0..levels).fold(Value::Null, |value, _| vec![value].into());
    assert!(amf3::encode(&deep(128), &mut Vec::new()).is_ok());
    assert_eq!(amf3::encode(&deep(129), &mut Vec::new()), Err(AmfEncodeError::TooDeep { max: 128 }));
}

#[test]
fn amf3_38_references_are_charged_by_what_they_copy() {
    // A text of 100 bytes and 20 references to it.
    let text = format!("06 81 49 {} {}", "61".repeat(100), "06 00".repeat(20));
    let bytes = hex(&text);
    let limits = AmfLimits::default().max_bytes(2_000);
    assert!(matches!(amf3::decode_all(&bytes, &limits), Err(AmfError::TooManyBytes { max: 2_000, .. })));
    assert_eq!(amf3::decode_all(&bytes, &limits.max_bytes(2_100)).unwrap().len(), 21);
}

#[test]
fn amf3_39_a_value_cut_anywhere_is_an_error() {
    let whole =
        hex("09 1B 03 61 02 01  0A 1B 03 54 03 78 04 8100 03 79 05 3FF0000000000000 01  08 01 0000000000000000 \
         07 05 6162  0B 05 6162  0C 05 6162  0D 03 00 00000001  0E 03 00 00000001  0F 03 00 0000000000000000 \
         10 03 00 03 2A 00  11 03 00 06 00 06 00  06 07 616263  06 0A  03");
    assert_eq!(from_amf3(&whole).map(|value| value.as_array().unwrap().len()), Ok(13));
    for len in 0..whole.len() {
        assert!(matches!(from_amf3(&whole[..len]), Err(AmfError::Truncated { .. })), "cut at {len}");
    }
}

#[test]
fn amf3_40_42_43_flash_commands_mix_both_formats() {
    // What stands behind the selector byte of a type 17 message: name and id in AMF0, the object in AMF3.
    let bytes = hex("02 0007 636F6E6E656374  00 3FF0000000000000  11 0A 0B 01 07 617070 06 09 6C697665 01");
    let values = message(&bytes).unwrap();
    assert_eq!(values[0], "connect");
    assert_eq!(values[2]["app"], "live");
    let mut again = Vec::new();
    amf0::encode_all(&values, &mut again).unwrap();
    assert_eq!(again, bytes);
}

#[test]
fn amf3_44_without_references_or_numbered_like_a_reader() {
    let class = |x| {
        let mut object = Object::new().with("x", x).with("y", "x");
        object.traits = Some(Box::new(Traits { class: "x".into(), sealed: Sealed::All }));
        object
    };
    let value = Value::from(vec![class("x"), class("y"), class("z")]);
    let (plain, short) = (to_amf3(&value), to_amf3_with_references(&value));
    assert!(short.len() < plain.len());
    assert_eq!(from_amf3(&plain), Ok(value.clone()));
    assert_eq!(from_amf3(&short), Ok(value));
}

#[test]
fn amf3_45_arrays_objects_and_dictionaries_are_looked_up_alike() {
    let members = Object::new().with("a", 1);
    let dictionary = Dictionary { weak_keys: false, entries: vec![("a".into(), 1.into()), (1.into(), 2.into())] };
    let mixed = MixedArray { named: members.clone(), dense: vec![0.into()] };
    for value in [Value::EcmaArray(members.clone()), members.into(), dictionary.into(), mixed.into()] {
        assert_eq!(value["a"], 1.0, "{value:?}");
        assert_eq!(value["b"], Value::Undefined);
        assert_eq!(value.in_amf3()["a"], 1.0);
    }
}
