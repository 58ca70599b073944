//! AMF values as text: JSON both ways, and rtmpdump's `-C` notation.
//!
//! What JSON lacks is written as an object with one key that starts with a dollar sign: `{"$undefined": true}`,
//! `{"$date": 1700000000000}`, `{"$ecma": {..}}`, `{"$xml": "<a/>"}`, `{"$bytes": "00ff"}`.

use rtmp_session::amf::{Date, Object, Value};
use serde_json::{Map, Number, Value as Json, json};

/// Reads the arguments of a command line. Each is an item of `-C` notation, JSON, or, failing both, a plain string.
pub(crate) fn read_arguments<T: AsRef<str>>(arguments: &[T]) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    // Objects of the `-C` notation that are open, outermost first, each with its name in the one around it.
    let mut open: Vec<(Option<String>, Object)> = Vec::new();
    for argument in arguments {
        let argument = argument.as_ref();
        match Item::parse(argument)? {
            Some(Item::Begin(name)) => open.push((name, Object::new())),
            Some(Item::End) => {
                let (name, object) =
                    open.pop().ok_or_else(|| format!("{argument:?} ends an object that was not begun"))?;
                place(&mut open, &mut values, name, Value::Object(object), argument)?;
            }
            Some(Item::Value(name, value)) => place(&mut open, &mut values, name, value, argument)?,
            None if open.is_empty() => values.push(read_plain(argument)?),
            None => return Err(format!("{argument:?} stands inside an object: it must be NB:, NN:, NS:, NZ: or NO:")),
        }
    }
    if open.is_empty() { Ok(values) } else { Err("an object is not ended with O:0".into()) }
}

/// JSON as AMF. Objects become anonymous objects, arrays strict arrays, numbers doubles.
pub(crate) fn from_json(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(on) => Value::Boolean(*on),
        Json::Number(number) => Value::Number(number.as_f64().ok_or_else(|| format!("{number} is out of range"))?),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(from_json).collect::<Result<_, _>>()?),
        Json::Object(map) => match map.iter().next() {
            Some((key, value)) if map.len() == 1 && key.starts_with('$') => special(key, value)?,
            _ => Value::Object(object_from_json(map)?),
        },
    })
}

/// AMF as JSON, for people and scripts.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Undefined => json!({ "$undefined": true }),
        Value::Null => Json::Null,
        Value::Boolean(on) => json!(on),
        Value::Number(number) => number_to_json(*number),
        Value::Integer(number) => json!(number),
        Value::String(text) => json!(text.as_str()),
        Value::Object(object) => object_to_json(object),
        Value::Amf3(inner) => to_json(inner),
        Value::EcmaArray(object) => json!({ "$ecma": object_to_json(object) }),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Date(date) => json!({ "$date": number_to_json(date.millis) }),
        Value::Xml(text) | Value::XmlDocument(text) => json!({ "$xml": text.as_str() }),
        Value::ByteArray(bytes) => json!({ "$bytes": hex::encode(bytes) }),
        Value::Dictionary(dictionary) => {
            let pairs: Json =
                dictionary.entries.iter().map(|(key, value)| json!([to_json(key), to_json(value)])).collect();
            json!({ "$dictionary": pairs })
        }
        other => json!({ "$other": format!("{other:?}") }),
    }
}

/// One item of the `-C` notation.
enum Item {
    /// `O:1`, `NO:name:1`
    Begin(Option<String>),
    /// `O:0`
    End,
    /// `B:1`, `NS:name:text` and so on
    Value(Option<String>, Value),
}

impl Item {
    /// `None` if the text is not in this notation at all.
    fn parse(text: &str) -> Result<Option<Self>, String> {
        let Some((kind, rest)) = text.split_once(':') else { return Ok(None) };
        let (kind, name, data) = match kind {
            "B" | "N" | "S" | "O" | "Z" => (kind, None, rest),
            "NB" | "NN" | "NS" | "NO" | "NZ" => {
                let (name, data) = rest.split_once(':').unwrap_or((rest, ""));
                (&kind[1..], Some(name.to_owned()), data)
            }
            _ => return Ok(None),
        };
        Ok(Some(match kind {
            "B" => Self::Value(
                name,
                Value::Boolean(boolean(data).ok_or_else(|| format!("{text:?}: a boolean is 0 or 1"))?),
            ),
            "N" => {
                let number = data.trim().parse().map_err(|_| format!("{text:?}: {data:?} is not a number"))?;
                Self::Value(name, Value::Number(number))
            }
            "S" => Self::Value(name, Value::from(data)),
            "Z" => Self::Value(name, Value::Null),
            _ if boolean(data) == Some(false) => Self::End,
            _ => Self::Begin(name),
        }))
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn place(
    open: &mut [(Option<String>, Object)],
    values: &mut Vec<Value>,
    name: Option<String>,
    value: Value,
    argument: &str,
) -> Result<(), String> {
    match (open.last_mut(), name) {
        (Some((_, object)), Some(name)) => object.push(name, value),
        (Some(_), None) => {
            return Err(format!("{argument:?} stands inside an object and needs a name, as in NS:name:text"));
        }
        // rtmpdump takes a name outside of any object as a value without one.
        (None, _) => values.push(value),
    }
    Ok(())
}

fn read_plain(text: &str) -> Result<Value, String> {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => from_json(&json),
        Err(error) if text.starts_with(['{', '[', '"']) => Err(format!("{text:?} looks like JSON, but: {error}")),
        Err(_) => Ok(Value::from(text)),
    }
}

fn special(key: &str, value: &Json) -> Result<Value, String> {
    let wrong = || format!("{key} does not take {value}");
    Ok(match key {
        "$undefined" => Value::Undefined,
        "$date" => Value::Date(Date { millis: value.as_f64().ok_or_else(wrong)?, ..Date::default() }),
        "$ecma" => Value::EcmaArray(object_from_json(value.as_object().ok_or_else(wrong)?)?),
        "$xml" => Value::Xml(value.as_str().ok_or_else(wrong)?.into()),
        "$bytes" => Value::ByteArray(hex::decode(value.as_str().ok_or_else(wrong)?).map_err(|_| wrong())?.into()),
        _ => return Err(format!("{key} is not known: use $undefined, $date, $ecma, $xml or $bytes")),
    })
}

fn object_from_json(map: &Map<String, Json>) -> Result<Object, String> {
    let mut object = Object::new();
    for (key, value) in map {
        object.push(key.as_str(), from_json(value)?);
    }
    Ok(object)
}

fn object_to_json(object: &Object) -> Json {
    let map = object.entries.iter().map(|(key, value)| (key.to_string(), to_json(value))).collect();
    Json::Object(map)
}

fn number_to_json(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return json!(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtmpdump_notation_builds_nested_objects() {
        let items = ["B:1", "S:a:b", "O:1", "NN:width:640", "NO:inner:1", "NZ:nothing:", "O:0", "NB:on:0", "O:0", "Z:"];
        let values = read_arguments(&items).unwrap();
        let inner = Object::new().with("nothing", Value::Null);
        let outer = Object::new().with("width", 640.0).with("inner", inner).with("on", false);
        assert_eq!(values, [Value::Boolean(true), Value::String("a:b".into()), Value::Object(outer), Value::Null]);
    }

    #[test]
    fn json_and_plain_words_are_arguments_too() {
        let values = read_arguments(&["5", "true", "word", r#"{"a":[1,null]}"#, r#""quoted""#]).unwrap();
        let object = Object::new().with("a", Value::Array(vec![Value::Number(1.0), Value::Null]));
        let expected = [5.0.into(), true.into(), "word".into(), Value::Object(object), "quoted".into()];
        assert_eq!(values, expected);
    }

    #[test]
    fn what_is_neither_is_refused_with_the_argument() {
        for wrong in [&["{broken"][..], &["O:1"], &["O:0"], &["N:seven"], &["O:1", "S:nameless", "O:0"], &["B:maybe"]] {
            assert!(read_arguments(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn json_comes_back_as_it_went() {
        let text =
            r#"{"a":1,"b":[true,null,"x",1.5],"c":{"$ecma":{"k":"v"}},"d":{"$bytes":"00ff"},"e":{"$undefined":true}}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(to_json(&from_json(&json).unwrap()), json);
    }
}
