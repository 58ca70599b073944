//! Values from and to types that derive serde's traits, with feature `serde`.

mod access;
mod de;
mod error;
mod impls;
mod ser;

use ::serde::{Deserialize, Serialize};
pub use error::SerdeError;

use crate::Value;

/// Reads a value into a type of your own: connect objects, onMetaData, status objects.
///
/// Objects, ECMA arrays and dictionaries fill structs and maps; of members with one name the last counts (AMF0-8).
/// Numbers fill integers when they are whole and in range (AMF0-43), `null` and `undefined` an `Option`, dates a number
/// of milliseconds or a [`Date`](crate::Date), byte arrays bytes or a list of `u8`. Members that the type does not know
/// are passed over, and what is missing is for `#[serde(default)]` or `Option` to say.
///
/// ```
/// use rtmp_amf::{Object, Value};
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Connect<'a> {
///     app: &'a str,
///     tc_url: Option<&'a str>,
///     #[serde(default)]
///     audio_codecs: u32,
/// }
///
/// let object = Value::from(Object::new().with("app", "live").with("type", "nonprivate").with("audioCodecs", 4071.0));
/// let connect: Connect = rtmp_amf::from_value(&object)?;
/// assert_eq!((connect.app, connect.tc_url, connect.audio_codecs), ("live", None, 4071));
/// # Ok::<(), rtmp_amf::SerdeError>(())
/// ```
///
/// # Errors
/// What is missing or of the wrong type, and [where](SerdeError::Within).
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, SerdeError> {
    T::deserialize(value)
}

/// Makes a value of a type of your own.
///
/// Structs and maps become objects, lists arrays, numbers of all kinds [`Value::Number`], bytes byte arrays, `None` and
/// unit `null`; a variant of an enum its name, or an object whose one member has that name. Use
/// `#[serde(skip_serializing_if = "Option::is_none")]` where a member should be left out instead of `null`.
/// For an ECMA array take the members out: `Value::EcmaArray(object)`.
///
/// ```
/// use rtmp_amf::Value;
///
/// #[derive(serde::Serialize)]
/// struct Status {
///     level: &'static str,
///     code: &'static str,
///     clientid: u32,
/// }
///
/// let value = rtmp_amf::to_value(&Status { level: "status", code: "NetStream.Play.Start", clientid: 1 })?;
/// assert_eq!(value["code"], "NetStream.Play.Start");
/// assert_eq!(value["clientid"], Value::Number(1.0));
/// # Ok::<(), rtmp_amf::SerdeError>(())
/// ```
///
/// # Errors
/// A map key that is not text, a number or a truth value; an integer over 2⁵³, which a double cannot hold for sure.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, SerdeError> {
    value.serialize(ser::ToValue)
}
