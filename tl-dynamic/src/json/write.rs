//! Values to JSON.

use serde_json::{Map, Number, Value as Json};

use super::{UNKNOWN, to_base64};
use crate::program::Role;
use crate::value::{Object, Value};

/// The bits of the NaN that needs no further word.
pub(super) const NAN_BITS: u64 = 0x7ff8_0000_0000_0000;
/// The same of a `float`.
pub(super) const FLOAT_NAN_BITS: u32 = 0x7fc0_0000;

pub(super) fn value(value: &Value) -> Json {
    match value {
        Value::Int(value) => (*value).into(),
        Value::Nat(value) => (*value).into(),
        Value::Long(value) => value.to_string().into(),
        Value::Int53(value) if value.unsigned_abs() < 1 << 53 => (*value).into(),
        Value::Int53(value) => value.to_string().into(),
        Value::Float(value) => float(*value),
        Value::Double(value) => double(*value),
        Value::Bool(value) => (*value).into(),
        Value::True => true.into(),
        Value::String(text) => text.as_str().into(),
        Value::NotUtf8(bytes) => Json::Object(Map::from_iter([(
            "@bytes".to_owned(),
            to_base64(bytes).into(),
        )])),
        Value::Bytes(bytes) => to_base64(bytes).into(),
        Value::Vector(items) => items.iter().map(self::value).collect(),
        Value::Object(object) => Json::Object(self::object(object)),
        Value::Raw(raw) => {
            let (_, rest) = raw.as_bytes().split_at(4);
            Json::Object(Map::from_iter([
                ("@type".to_owned(), UNKNOWN.into()),
                ("@id".to_owned(), format!("0x{:08x}", raw.id()).into()),
                ("@raw".to_owned(), to_base64(rest).into()),
            ]))
        }
    }
}

fn double(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value == f64::INFINITY => "Infinity".into(),
        None if value == f64::NEG_INFINITY => "-Infinity".into(),
        None if value.to_bits() == NAN_BITS => "NaN".into(),
        None => format!("NaN:0x{:016x}", value.to_bits()).into(),
    }
}

/// A number as a double, which holds every float.
fn float(value: f32) -> Json {
    match value.to_bits() {
        FLOAT_NAN_BITS => "NaN".into(),
        bits if value.is_nan() => format!("NaN:0x{bits:08x}").into(),
        _ => double(value.into()),
    }
}

fn object(object: &Object) -> Map<String, Json> {
    let mut map = Map::new();
    if object.shape.index.is_some() {
        map.insert("@type".to_owned(), object.name().into());
    }
    for (index, field) in object.shape.fields.iter().enumerate() {
        let Some(own) = object.at(index) else {
            continue;
        };
        let is_told_by_others = match (field.role, own) {
            (Role::Flags { known }, Value::Nat(word)) => word & !known == 0,
            (Role::Length, _) => true,
            _ => false,
        };
        if !is_told_by_others {
            map.insert((*field.name).to_owned(), value(own));
        }
    }
    map
}
