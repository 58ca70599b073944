//! Messages made to hurt: each ends in a typed error or a bounded value, and within the memory the limits admit.
//!
//! Memory is counted by the allocator, as the peak of one call. Names say what the message is.

mod support;

use allocation_counter::measure;
use proptest::prelude::*;
use rtmp_amf::{AmfError, AmfLimits, Value, amf0, amf3};
use support::{hex, message};

/// What the documentation of `AmfLimits` promises.
fn admitted(limits: &AmfLimits) -> u64 {
    (limits.max_bytes + 200 * limits.max_values) as u64
}

/// Decodes in both formats with these limits and checks the memory at the peak.
fn decode_bounded(bytes: &[u8], limits: &AmfLimits) -> Result<Vec<Value>, AmfError> {
    let mut result = Ok(Vec::new());
    let info = measure(|| result = amf0::decode_all(bytes, limits));
    assert!(info.bytes_max <= admitted(limits), "AMF0: {} bytes at the peak", info.bytes_max);
    let info = measure(|| drop(amf3::decode_all(bytes, limits)));
    assert!(info.bytes_max <= admitted(limits), "AMF3: {} bytes at the peak", info.bytes_max);
    let info = measure(|| drop(amf0::skip(&mut &*bytes, limits)));
    assert!(info.bytes_max <= admitted(limits), "skip: {} bytes at the peak", info.bytes_max);
    result
}

#[test]
fn nested_100_000_deep_amf0_30() {
    let limits = AmfLimits::default();
    let objects = b"\x03\0\x01a".repeat(100_000);
    assert_eq!(decode_bounded(&objects, &limits), Err(AmfError::TooDeep { max: 32, offset: 128 }));
    let arrays = hex("0A 00000001").repeat(100_000);
    assert_eq!(decode_bounded(&arrays, &limits), Err(AmfError::TooDeep { max: 32, offset: 160 }));
    let amf3 = [vec![0x11], hex("09 03 01").repeat(100_000)].concat();
    assert_eq!(decode_bounded(&amf3, &limits), Err(AmfError::TooDeep { max: 32, offset: 97 }));
    let vectors = hex("10 03 00 01").repeat(100_000);
    assert_eq!(amf3::decode_all(&vectors, &limits), Err(AmfError::TooDeep { max: 32, offset: 128 }));
    let keys = hex("11 03 00").repeat(100_000);
    assert_eq!(amf3::decode_all(&keys, &limits), Err(AmfError::TooDeep { max: 32, offset: 96 }));
    let external =
        [hex("0A 07 43"), b"flex.messaging.io.ArrayCollection".to_vec(), hex("0A 01").repeat(100_000)].concat();
    assert_eq!(amf3::decode_all(&external, &limits), Err(AmfError::TooDeep { max: 32, offset: 36 + 31 * 2 }));
}

#[test]
fn nested_at_the_ceiling_with_the_largest_limits_amf0_30() {
    let limits = AmfLimits::default().max_depth(usize::MAX).max_values(usize::MAX).max_bytes(usize::MAX);
    let objects = b"\x03\0\x01a".repeat(100_000);
    assert!(matches!(amf0::decode_all(&objects, &limits), Err(AmfError::TooDeep { max: 128, .. })));
}

/// Room for members that do not come is made at each level.
#[test]
fn nested_with_few_values_allowed_amf0_31() {
    let objects = b"\x03\0\x01a".repeat(100);
    for (depth, values) in [(31, 34), (128, 130), (128, 200)] {
        let limits = AmfLimits::default().max_depth(depth).max_values(values).max_bytes(200);
        assert!(decode_bounded(&objects, &limits).is_err(), "the last member has no value");
    }
}

#[test]
fn a_five_byte_count_that_asks_for_300_gigabytes_amf0_20() {
    for bytes in ["0A FFFFFFFF", "08 FFFFFFFF", "0A 7FFFFFFF", "0C FFFFFFFF", "0F FFFFFFFF"] {
        let mut result = Ok(Value::Null);
        let info = measure(|| result = amf0::decode(&mut &hex(bytes)[..], &AmfLimits::default()));
        assert!(info.bytes_max < 256, "{bytes}: {} bytes at the peak", info.bytes_max);
        match bytes {
            // The end of an object may be missing (AMF0-17); the count never mattered.
            "08 FFFFFFFF" => assert_eq!(result, Ok(Value::EcmaArray(Default::default()))),
            _ => assert!(matches!(result, Err(AmfError::Truncated { .. })), "{bytes}"),
        }
    }
}

#[test]
fn counts_of_amf3_that_ask_for_gigabytes_amf3_36() {
    for bytes in
        ["09FFFFFFFF01", "0AFFFFFFF301", "0CFFFFFFFF", "0DFFFFFFFF00", "0FFFFFFFFF00", "10FFFFFFFF0001", "11FFFFFFFF00"]
    {
        let mut result = Ok(Value::Null);
        let info = measure(|| result = amf3::decode(&mut &hex(bytes)[..], &AmfLimits::default()));
        assert!(info.bytes_max < 256, "{bytes}: {} bytes at the peak", info.bytes_max);
        assert!(matches!(result, Err(AmfError::Truncated { .. })), "{bytes}");
    }
}

/// Arrays of references to the array before: each level doubles what the last one holds.
fn reference_bomb(levels: u16) -> Vec<u8> {
    let mut bytes = hex("0A 00000001 05");
    for level in 0..levels {
        bytes.extend(hex(&format!("0A 00000002 07 {level:04X} 07 {level:04X}")));
    }
    bytes
}

#[test]
fn a_230_byte_reference_bomb_amf0_31() {
    let bytes = reference_bomb(20);
    assert!(bytes.len() <= 230);
    let error = decode_bounded(&bytes, &AmfLimits::default()).unwrap_err();
    assert!(matches!(error, AmfError::TooManyValues { max: 4096, .. }), "{error}");
    assert!(decode_bounded(&reference_bomb(5), &AmfLimits::default()).is_ok());
}

#[test]
fn reference_bombs_of_amf3_amf3_38() {
    let mut bytes = hex("09 03 01 01");
    for level in 0..40 {
        bytes.extend(hex(&format!("09 05 01 09 {0:02X} 09 {0:02X}", level << 1)));
    }
    let limits = AmfLimits::default();
    let mut result = Ok(Vec::new());
    let info = measure(|| result = amf3::decode_all(&bytes, &limits));
    assert!(matches!(result, Err(AmfError::TooManyValues { max: 4096, .. })));
    assert!(info.bytes_max <= admitted(&limits), "{} bytes at the peak", info.bytes_max);

    // A text of 60 000 bytes and 2000 references of two bytes to it: 120 MB if each were a copy.
    let text = [hex("06 87A941"), vec![b'x'; 60_000], hex("06 00").repeat(2_000)].concat();
    let info = measure(|| result = amf3::decode_all(&text, &limits));
    assert!(matches!(result, Err(AmfError::TooManyBytes { .. })), "{result:?}");
    assert!(info.bytes_max <= admitted(&limits), "{} bytes at the peak", info.bytes_max);
}

#[test]
fn one_class_of_many_names_and_many_objects_of_it_amf3_38() {
    // 200 sealed names of 100 bytes, then objects that refer to the class: each copies its names.
    let name = [hex("8149"), vec![b'n'; 100]].concat();
    let class = [hex("0A 99 03 01"), name.repeat(200), vec![1; 200]].concat();
    let object = [hex("0A 01"), vec![1; 200]].concat();
    let bytes = [class, object.repeat(1_000)].concat();
    let limits = AmfLimits::default().max_values(1_000_000);
    let mut result = Ok(Vec::new());
    let info = measure(|| result = amf3::decode_all(&bytes, &limits));
    assert!(matches!(result, Err(AmfError::TooManyBytes { .. })), "{result:?}");
    assert!(info.bytes_max <= 4 << 20, "{} bytes at the peak", info.bytes_max);
}

#[test]
fn one_class_with_a_long_name_and_many_objects_of_it_amf3_38() {
    // A name of 60 000 bytes, and two bytes for each further object of the class: 120 MB if each copy were free.
    let class = [hex("0A 03 87A941"), vec![b'c'; 60_000]].concat();
    let bytes = [class, hex("0A 01").repeat(2_000)].concat();
    let limits = AmfLimits::default();
    let mut result = Ok(Vec::new());
    let info = measure(|| result = amf3::decode_all(&bytes, &limits));
    assert!(matches!(result, Err(AmfError::TooManyBytes { .. })), "{result:?}");
    assert!(info.bytes_max <= admitted(&limits), "{} bytes at the peak", info.bytes_max);
}

#[test]
fn a_five_byte_long_string_amf0_40() {
    let error = message(&hex("0C FFFFFFFF"));
    assert_eq!(error, Err(AmfError::Truncated { offset: 5, needed: 0xffff_ffff, left: 0 }));
}

#[test]
fn a_truncated_string_amf0_37() {
    assert_eq!(message(&hex("02 0010 6162")), Err(AmfError::Truncated { offset: 3, needed: 16, left: 2 }));
    assert_eq!(message(&hex("02 00")), Err(AmfError::Truncated { offset: 1, needed: 2, left: 1 }));
    assert_eq!(message(&hex("02")), Err(AmfError::Truncated { offset: 1, needed: 2, left: 0 }));
}

/// The shapes that give the most memory for their bytes.
#[test]
fn messages_at_the_limits_hold_what_the_limits_say_amf0_31() {
    let limits = AmfLimits::default();
    let many = |bytes: &str, count: usize| hex(bytes).repeat(count);
    let small_objects = many("03 0001 61 05 000009", 100_000);
    let nulls = many("05", 1 << 20);
    let array_of_nulls = [hex("0A 000FFFFF"), nulls.clone()].concat();
    let members = [hex("03"), many("0000 05", 100_000)].concat();
    let texts = [hex("02 FFFF"), vec![b'x'; 0xffff]].concat().repeat(17);
    let not_utf8 = [hex("02 FFFF"), vec![0xff; 0xffff]].concat().repeat(17);
    let odd_texts = many("02 0001 FF", 100_000);
    let arrays = many("0A 00000001 05", 100_000);
    let full_arrays = [hex("0A 0000FFFF").repeat(31), nulls.clone()].concat();
    let amf3_objects = many("11 0A 0B 01 03 61 01 01", 100_000);
    let amf3_classes = many("11 0A 13 03 54 03 78 01", 100_000);
    let dictionaries = many("11 11 03 00 01 01", 100_000);
    let vectors = many("11 0D 03 00 00000001", 100_000);
    let byte_arrays = many("11 0C 03 FF", 100_000);
    let dates = many("11 08 01 0000000000000000", 100_000);
    let messages = [
        small_objects,
        nulls,
        array_of_nulls,
        members,
        texts,
        not_utf8,
        odd_texts,
        arrays,
        full_arrays,
        amf3_objects,
        amf3_classes,
        dictionaries,
        vectors,
        byte_arrays,
        dates,
    ];
    for (index, bytes) in messages.iter().enumerate() {
        let error = decode_bounded(bytes, &limits).expect_err("each is over a limit");
        assert!(
            matches!(error, AmfError::TooManyValues { .. } | AmfError::TooManyBytes { .. }),
            "message {index}: {error}"
        );
    }
}

#[test]
fn wrong_utf8_is_kept_within_the_limit_amf0_5() {
    let limits = AmfLimits::default();
    let bytes = [hex("02 FFFF"), vec![0xff; 0xffff]].concat();
    let values = decode_bounded(&bytes, &limits).unwrap();
    assert_eq!(values[0].as_str().unwrap().chars().count(), 0xffff);
}

#[test]
fn text_that_is_not_utf8_is_paid_for_before_it_is_made_amf0_5() {
    // Shown with replacement characters it is three times as long as it came.
    let bytes = [hex("0C 000FFFFF"), vec![0xff; 0xf_ffff]].concat();
    let info = measure(|| assert!(matches!(message(&bytes), Err(AmfError::TooManyBytes { .. }))));
    assert!(info.bytes_max < 1_000, "{} bytes for a text that is refused", info.bytes_max);
}

#[test]
fn dropping_and_comparing_what_the_deepest_message_gave_is_safe_amf0_30() {
    let levels = AmfLimits::DEPTH_CEILING;
    let bytes = [b"\x03\0\x01a".repeat(levels), vec![5], b"\0\0\x09".repeat(levels)].concat();
    let limits = AmfLimits::default().max_depth(levels);
    let run = move || {
        let value = amf0::decode(&mut &bytes[..], &limits).unwrap();
        assert_eq!(value.clone(), value);
        assert!(format!("{value:?}").len() > levels);
        assert_eq!(amf0::encode(&value, &mut Vec::new()), Ok(()));
    };
    // Half the stack that threads of std get.
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

/// Pieces of messages, most of them well-formed, of which a few more make something that is not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let well_formed = prop::sample::select(vec![
        "03 0001 61",
        "000009",
        "05",
        "06",
        "0000 05",
        "02 0002 6162",
        "02 0001 FF",
        "0A 00000003",
        "0A FFFFFFFF",
        "08 00000001 0001 61",
        "0C 00000004 61626364",
        "0C FFFFFFFF",
        "07 0000",
        "07 0001",
        "0B 0000000000000000 0000",
        "10 0001 54",
        "0F 00000002 3C2F",
        "11 0A 0B 01",
        "11 0A 13 03 54 03 78",
        "11 06 03 61",
        "06 00",
        "04 01",
        "01",
        "11 09 05 01",
        "11 09 FFFFFF",
        "11 11 05 00",
        "11 0D 07 00",
        "11 0C 05 FFFF",
        "11 08 01 0000000000000000",
        "11 0A 00",
        "11 0A 02",
        "11 07 03 61",
        "0A 07 43",
    ]);
    prop_oneof![
        8 => well_formed.prop_map(hex),
        1 => (any::<u16>(), prop::collection::vec(any::<u8>(), 0..3_000))
            .prop_map(|(len, text)| [&[2][..], &len.to_be_bytes(), &text].concat()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (prop::sample::select(vec!["05", "0A 00000001", "03 0001 61", "11 09 03 01", "0000 05"]), 1..400_usize)
            .prop_map(|(bytes, count)| hex(bytes).repeat(count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_comes_holds_no_more_than_the_limits_amf0_31_amf3_38(
        pieces in prop::collection::vec(piece(), 0..200),
        depth in 1..40_usize, values in 16..2_000_usize, bytes in 1_000..100_000_usize,
    ) {
        let limits = AmfLimits::default().max_depth(depth).max_values(values).max_bytes(bytes);
        // A typed error or values, and never more than was admitted.
        let _ = decode_bounded(&pieces.concat(), &limits);
    }
}
