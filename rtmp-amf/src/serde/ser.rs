//! Types into values.

use alloc::{string::ToString, vec::Vec};

use bytes::Bytes;
use serde::{
    Serialize,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
        SerializeTupleVariant, Serializer,
    },
};

use super::{SerdeError, impls::DATE};
use crate::{AmfString, Date, Object, Value};

/// Makes a value of what it is given.
pub(super) struct ToValue;

impl Serializer for ToValue {
    type Ok = Value;
    type Error = SerdeError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    fn serialize_bool(self, value: bool) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value, SerdeError> {
        self.serialize_i128(value.into())
    }

    fn serialize_i128(self, value: i128) -> Result<Value, SerdeError> {
        const WHOLE: u128 = 1 << 53;
        if value.unsigned_abs() > WHOLE {
            return Err(SerdeError::IntegerTooLarge(value));
        }
        Ok(Value::Number(value as f64))
    }

    fn serialize_u8(self, value: u8) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value, SerdeError> {
        self.serialize_i128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<Value, SerdeError> {
        self.serialize_i128(i128::try_from(value).unwrap_or(i128::MAX))
    }

    fn serialize_f32(self, value: f32) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result<Value, SerdeError> {
        Ok(value.to_string().into())
    }

    fn serialize_str(self, value: &str) -> Result<Value, SerdeError> {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, SerdeError> {
        Ok(Value::ByteArray(Bytes::copy_from_slice(value)))
    }

    fn serialize_none(self) -> Result<Value, SerdeError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, SerdeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, SerdeError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, SerdeError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, SerdeError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, SerdeError> {
        match value.serialize(self)? {
            Value::Number(millis) if name == DATE => Ok(Value::Date(Date::new(millis))),
            value => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, SerdeError> {
        Ok(Object::new().with(variant, value.serialize(self)?).into())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Items, SerdeError> {
        Ok(Items { items: Vec::new(), variant: None })
    }

    fn serialize_tuple(self, len: usize) -> Result<Items, SerdeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items, SerdeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Items, SerdeError> {
        Ok(Items { items: Vec::new(), variant: Some(variant) })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Members, SerdeError> {
        Ok(Members { object: Object::new(), key: AmfString::new(), variant: None })
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Members, SerdeError> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Members, SerdeError> {
        Ok(Members { object: Object::new(), key: AmfString::new(), variant: Some(variant) })
    }
}

/// A list in the making, in an object of one member if it belongs to a variant.
pub(super) struct Items {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = SerdeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        let index = self.items.len();
        self.items.push(value.serialize(ToValue).map_err(|error| error.in_item(index))?);
        Ok(())
    }

    fn end(self) -> Result<Value, SerdeError> {
        Ok(in_variant(self.variant, Value::Array(self.items)))
    }
}

macro_rules! like_a_list {
    ($($list:ident::$add:ident),+) => {
        $(impl $list for Items {
            type Ok = Value;
            type Error = SerdeError;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
                SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> Result<Value, SerdeError> {
                SerializeSeq::end(self)
            }
        })+
    };
}

like_a_list!(
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// An object in the making, in an object of one member if it belongs to a variant.
pub(super) struct Members {
    object: Object,
    key: AmfString,
    variant: Option<&'static str>,
}

impl SerializeMap for Members {
    type Ok = Value;
    type Error = SerdeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerdeError> {
        self.key = match key.serialize(ToValue)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string().into(),
            Value::Boolean(value) => value.to_string().into(),
            _ => return Err(SerdeError::KeyNotText),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        let key = core::mem::take(&mut self.key);
        let value = value.serialize(ToValue).map_err(|error| error.in_member(&key))?;
        self.object.push(key, value);
        Ok(())
    }

    fn end(self) -> Result<Value, SerdeError> {
        Ok(in_variant(self.variant, self.object.into()))
    }
}

macro_rules! like_a_map {
    ($($map:ident),+) => {
        $(impl $map for Members {
            type Ok = Value;
            type Error = SerdeError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), SerdeError> {
                self.object.push(name, value.serialize(ToValue).map_err(|error| error.in_member(name))?);
                Ok(())
            }

            fn end(self) -> Result<Value, SerdeError> {
                SerializeMap::end(self)
            }
        })+
    };
}

like_a_map!(SerializeStruct, SerializeStructVariant);

fn in_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Object::new().with(variant, value).into(),
        None => value,
    }
}
