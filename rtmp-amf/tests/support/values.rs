//! Strategies for any value.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use rtmp_amf::{
    AmfString, Date, Dictionary, ExternalPart, Externalizable, MixedArray, Object, Sealed, Traits, Value, Vector,
    VectorItems,
};

/// Text: plain, long, not ASCII, not UTF-8.
pub(crate) fn text() -> impl Strategy<Value = AmfString> + Clone {
    prop_oneof![
        4 => "[a-zA-Z]{0,30}".prop_map(AmfString::from),
        1 => "\\PC{0,40}".prop_map(AmfString::from),
        1 => vec(any::<u8>(), 0..40).prop_map(|bytes| AmfString::from_bytes(&bytes)),
    ]
}

/// The name of a member, which AMF3 cannot have empty.
fn name() -> impl Strategy<Value = AmfString> {
    prop_oneof!["[a-c]", "[a-zA-Z]{1,30}", "\\PC{1,5}"].prop_map(AmfString::from)
}

/// A double that is equal to itself.
fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("NaN differs from itself", |number| !number.is_nan())
}

fn simple() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        number().prop_map(Value::Number),
        (-(1 << 28)..1 << 28).prop_map(Value::Integer),
        text().prop_map(Value::String),
        number().prop_map(|millis| Value::Date(Date::new(millis))),
        text().prop_map(Value::Xml),
        text().prop_map(Value::XmlDocument),
        vec(any::<u8>(), 0..20).prop_map(|bytes| Value::ByteArray(Bytes::from(bytes))),
        (any::<bool>(), numbers()).prop_map(|(fixed, items)| Vector { fixed, items }.into()),
    ]
}

fn numbers() -> impl Strategy<Value = VectorItems> {
    prop_oneof![
        vec(any::<i32>(), 0..4).prop_map(VectorItems::Int),
        vec(any::<u32>(), 0..4).prop_map(VectorItems::Uint),
        vec(number(), 0..4).prop_map(VectorItems::Number),
    ]
}

fn members(value: impl Strategy<Value = Value>, at_least: usize) -> impl Strategy<Value = Object> {
    vec((name(), value), at_least..5).prop_map(|members| members.into_iter().collect())
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    let sealed = prop_oneof![Just(Sealed::All), (0_usize..5).prop_map(Sealed::First)];
    (members(value, 0), proptest::option::of((text(), sealed))).prop_map(|(mut object, traits)| {
        let traits = traits.map(|(class, sealed)| Traits { class, sealed });
        object.traits = traits.map(|mut traits| {
            if let Sealed::First(count) = &mut traits.sealed {
                *count = (*count).min(object.len());
            }
            Box::new(traits)
        });
        // An anonymous object whose members are all dynamic is one without traits.
        object.traits = object.traits.filter(|traits| **traits != Traits::default());
        object
    })
}

/// Bodies as the built-in classes have them.
fn external(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    value.prop_map(|value| {
        let (class, body) = ("flex.messaging.io.ObjectProxy".into(), vec![ExternalPart::Value(value)]);
        Externalizable { class, body }.into()
    })
}

/// Any value that AMF3 tells from all others.
pub(crate) fn amf3() -> impl Strategy<Value = Value> {
    simple().prop_recursive(4, 40, 5, |value| {
        prop_oneof![
            2 => object(value.clone()).prop_map(Value::Object),
            1 => members(value.clone(), 1).prop_map(Value::EcmaArray),
            1 => vec(value.clone(), 0..5).prop_map(Value::Array),
            1 => (members(value.clone(), 1), vec(value.clone(), 1..4))
                .prop_map(|(named, dense)| MixedArray { named, dense }.into()),
            1 => (any::<bool>(), vec((value.clone(), value.clone()), 0..4))
                .prop_map(|(weak_keys, entries)| Dictionary { weak_keys, entries }.into()),
            1 => (any::<bool>(), text(), vec(value.clone(), 0..4))
                .prop_map(|(fixed, class, items)| Vector { fixed, items: VectorItems::Object { class, items } }.into()),
            1 => external(value),
        ]
    })
}

/// Any value that AMF0 tells from all others, AMF3 behind its marker included.
pub(crate) fn amf0() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![
        8 => simple(),
        1 => Just(Value::Unsupported),
        1 => (number(), any::<i16>()).prop_map(|(millis, time_zone)| Value::Date(Date { millis, time_zone })),
        1 => amf3().prop_map(Value::in_amf3),
    ];
    simple.prop_recursive(4, 40, 5, |value| {
        let members = vec((text(), value.clone()), 0..5).prop_map(|members| members.into_iter().collect::<Object>());
        prop_oneof![
            members.clone().prop_map(Value::Object),
            members.clone().prop_map(Value::EcmaArray),
            (members, text()).prop_map(|(object, class)| object.with_class(class).into()),
            vec(value, 0..5).prop_map(Value::Array),
        ]
    })
}
