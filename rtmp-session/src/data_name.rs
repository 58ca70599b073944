//! The names that data messages begin with. See MSG-12, AMF0-22.

use std::borrow::Cow;

use rtmp_amf::{AmfLimits, amf0};

/// The first of `values` if it is a string, short, long or of AMF3, and what follows it. A string of AMF3 that is longer
/// than any name with a meaning counts as none.
pub(crate) fn split_name(values: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let mut rest = values;
    if values.first() == Some(&AMF3) {
        let limits = AmfLimits::default().max_depth(2).max_values(4).max_bytes(64);
        let name = amf0::decode(&mut rest, &limits).ok()?;
        return Some((name.as_str()?.to_owned().into(), rest));
    }
    let name = amf0::peek_str(values)?;
    amf0::skip(&mut rest, &AmfLimits::default()).ok()?;
    Some((name.into(), rest))
}

/// What is behind `@setDataFrame`, however often it is said: who takes one off must not find another.
pub(crate) fn skip_set_data_frame(mut values: &[u8]) -> &[u8] {
    while let Some((name, rest)) = split_name(values) {
        if name != "@setDataFrame" {
            break;
        }
        values = rest;
    }
    values
}

/// The marker of an AMF3 value among those of AMF0.
const AMF3: u8 = 0x11;
