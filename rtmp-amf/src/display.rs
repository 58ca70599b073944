//! Values as text, for people and logs.

use core::fmt::{self, Debug, Display, Formatter, Write};

use crate::{Date, ExternalPart, Object, Value, VectorItems};

/// Like JSON where JSON has a word for it: `{"app": "live", "fourCcList": ["av01"], "fpad": false}`, with `{:#}` on many
/// lines. For people to read, not for programs to read back; feature `serde` makes real JSON.
///
/// The rest: `undefined`, `unsupported`, `NaN`, `Date(ms)`, `<5 bytes>` for a byte array; the name of a class stands in
/// front of its members. Control characters are escaped, so a peer's text cannot drive a terminal. Nothing is left out,
/// so the text may be as long as the message, and hold what is secret in it.
///
/// ```
/// use rtmp_amf::{Object, Value};
///
/// let info = Object::new().with("level", "status").with("clientid", 7).with("tags", vec!["a\n", "b"]);
/// assert_eq!(Value::from(info).to_string(), r#"{"level": "status", "clientid": 7, "tags": ["a\n", "b"]}"#);
/// assert_eq!(Value::Undefined.to_string(), "undefined");
/// ```
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.plain() {
            Self::Undefined => f.write_str("undefined"),
            Self::Null | Self::Amf3(_) => f.write_str("null"),
            Self::Unsupported => f.write_str("unsupported"),
            Self::Boolean(value) => Display::fmt(value, f),
            Self::Number(number) => Display::fmt(number, f),
            Self::Integer(number) => Display::fmt(number, f),
            Self::String(text) | Self::Xml(text) | Self::XmlDocument(text) => Display::fmt(&Quoted(text), f),
            Self::Object(object) | Self::EcmaArray(object) => Display::fmt(object, f),
            Self::Array(items) => list(items, f),
            Self::MixedArray(array) => {
                let mut map = f.debug_map();
                add_members(&mut map, &array.named);
                map.entries(array.dense.iter().enumerate().map(|(index, item)| (index, Shown(item)))).finish()
            }
            Self::Date(date) => Display::fmt(date, f),
            Self::ByteArray(bytes) => write!(f, "<{} bytes>", bytes.len()),
            Self::Vector(vector) => match &vector.items {
                VectorItems::Int(items) => list(items, f),
                VectorItems::Uint(items) => list(items, f),
                VectorItems::Number(items) => list(items, f),
                VectorItems::Object { items, .. } => list(items, f),
            },
            Self::Dictionary(dictionary) => {
                let entries = dictionary.entries.iter().map(|(key, value)| (Shown(key), Shown(value)));
                f.debug_map().entries(entries).finish()
            }
            Self::Externalizable(object) => {
                write!(f, "{} ", Escaped(&object.class))?;
                list(&object.body, f)
            }
        }
    }
}

/// As the [`Value`] that it is: `{"level": "status"}`, or `Class {"level": "status"}`.
impl Display for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(class) = self.class() {
            write!(f, "{} ", Escaped(class))?;
        }
        let mut map = f.debug_map();
        add_members(&mut map, self);
        map.finish()
    }
}

/// `Date(ms)`.
impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Date({})", self.millis)
    }
}

/// A value as in [`Value`], raw bytes as `<5 bytes>`.
impl Display for ExternalPart {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => Display::fmt(value, f),
            Self::Bytes(bytes) => write!(f, "<{} bytes>", bytes.len()),
        }
    }
}

fn add_members(map: &mut fmt::DebugMap<'_, '_>, object: &Object) {
    map.entries(object.entries.iter().map(|(name, value)| (Shown(Quoted(name)), Shown(value))));
}

fn list<T: Display>(items: &[T], f: &mut Formatter<'_>) -> fmt::Result {
    f.debug_list().entries(items.iter().map(Shown)).finish()
}

/// Lets the standard library lay out lists and maps of what is to be displayed.
struct Shown<T>(T);

impl<T: Display> Debug for Shown<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

/// Text in the quotes of JSON.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(self.0))
    }
}

/// Text as it stands between the quotes of JSON.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '"' | '\\' => write!(f, "\\{char}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
