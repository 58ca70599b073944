//! What is written reads the same, what is read is written the same, and no bytes do harm.

mod support;
#[path = "support/values.rs"]
mod values;

use proptest::{collection::vec, prelude::*};
use rtmp_amf::{AmfLimits, Value, amf0, amf3};
use support::{from_amf0, from_amf3, to_amf0, to_amf3, to_amf3_with_references};

/// Bytes that are AMF more often than chance has it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => 0_u8..0x12, 1 => any::<u8>(), 1 => Just(0)];
    let mutated = |value: Vec<u8>, at: Vec<(prop::sample::Index, u8)>| {
        let mut value = value;
        for (index, byte) in at {
            let index = index.index(value.len());
            value[index] = byte;
        }
        value
    };
    let faults = || vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    prop_oneof![
        vec(byte, 0..200),
        (values::amf0().prop_map(|value| to_amf0(&value)), faults()).prop_map(move |(v, at)| mutated(v, at)),
        (values::amf3().prop_map(|value| to_amf3_with_references(&value)), faults())
            .prop_map(move |(v, at)| mutated(v, at)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn amf0_42_values_survive_amf0(value in values::amf0()) {
        let bytes = to_amf0(&value);
        prop_assert_eq!(from_amf0(&bytes), Ok(value.clone()));
        prop_assert_eq!(to_amf0(&from_amf0(&bytes).unwrap()), bytes, "and the bytes do");
    }

    #[test]
    fn amf3_44_values_survive_amf3(value in values::amf3()) {
        let bytes = to_amf3(&value);
        prop_assert_eq!(from_amf3(&bytes), Ok(value.clone()));
        prop_assert_eq!(to_amf3(&from_amf3(&bytes).unwrap()), bytes);
        let bytes = to_amf3_with_references(&value);
        prop_assert_eq!(from_amf3(&bytes), Ok(value));
        prop_assert_eq!(to_amf3_with_references(&from_amf3(&bytes).unwrap()), bytes);
    }

    #[test]
    fn amf0_33_any_amf3_value_survives_behind_its_marker(values in vec(values::amf3().prop_map(Value::in_amf3), 0..4)) {
        let mut bytes = Vec::new();
        amf0::encode_all(&values, &mut bytes).unwrap();
        prop_assert_eq!(amf0::decode_all(&bytes, &AmfLimits::default()), Ok(values));
    }

    #[test]
    fn amf0_27_a_list_of_values_is_what_its_values_are(values in vec(values::amf0(), 0..4)) {
        let mut bytes = Vec::new();
        amf0::encode_all(&values, &mut bytes).unwrap();
        prop_assert_eq!(amf0::decode_all(&bytes, &AmfLimits::default()), Ok(values.clone()));
        let (mut rest, limits) = (&bytes[..], AmfLimits::default());
        for value in values {
            let before = rest;
            prop_assert_eq!(amf0::decode(&mut rest, &limits), Ok(value));
            prop_assert_eq!(amf0::skip(&mut &*before, &limits).map(<[u8]>::len), Ok(before.len() - rest.len()));
        }
    }

    #[test]
    fn amf0_37_any_bytes_decode_or_fail_and_what_decodes_is_stable(bytes in bytes()) {
        let limits = AmfLimits::default().max_values(1000).max_bytes(10_000);
        if let Ok(values) = amf0::decode_all(&bytes, &limits) {
            let mut again = Vec::new();
            amf0::encode_all(&values, &mut again).unwrap();
            let limits = AmfLimits::default();
            let mut third = Vec::new();
            amf0::encode_all(&amf0::decode_all(&again, &limits).unwrap(), &mut third).unwrap();
            prop_assert_eq!(again, third);
        }
        if amf0::decode(&mut &bytes[..], &limits).is_ok() {
            prop_assert!(amf0::skip(&mut &bytes[..], &limits).is_ok());
        }
    }

    #[test]
    fn amf3_39_any_bytes_decode_or_fail_and_what_decodes_is_stable(bytes in bytes()) {
        let limits = AmfLimits::default().max_values(1000).max_bytes(10_000);
        if let Ok(values) = amf3::decode_all(&bytes, &limits) {
            for value in values {
                let again = to_amf3_with_references(&value);
                prop_assert_eq!(to_amf3_with_references(&from_amf3(&again).unwrap()), again);
            }
        }
    }

    #[test]
    fn amf3_1_any_u29_survives(value in 0_u32..1 << 29) {
        let mut bytes = Vec::new();
        amf3::encode_u29(value, &mut bytes).unwrap();
        prop_assert_eq!(amf3::decode_u29(&mut &bytes[..]), Ok(value));
    }
}
