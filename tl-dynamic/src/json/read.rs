//! JSON to values, by the schema.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::write::{FLOAT_NAN_BITS, NAN_BITS};
use super::{UNKNOWN, from_base64};
use crate::codec::{MAX_LEVELS, RootKind};
use crate::encode::{check_count, presence};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::frame::{Closed, Frame};
use crate::path::{InPlace, REPEATED};
use crate::program::{Arg, Field, Meaning, Program, Repeat, Role, Shape, Ty};
use crate::suggest::nearest;
use crate::value::{Object, Raw, Value};

type Read<T> = Result<T, Box<EncodeError>>;

pub(super) fn value(program: &Program, root: &RootKind, json: &Json) -> Read<Value> {
    let mut reader = Reader { program, levels: 0 };
    match root {
        RootKind::Value(ty) => reader.value(ty, &Frame::default(), json),
        RootKind::Any => reader.any(json, Wanted::Any),
        RootKind::Call(index) => {
            let combinator = program.combinator(*index);
            let map = object(json, || format!("a call of `{}`", combinator.name()))?;
            reader.expect_type(map, *index)?;
            reader.combinator(*index, map, Frame::free(combinator))
        }
    }
}

struct Reader<'c> {
    program: &'c Program,
    levels: u32,
}

/// What an object of any type has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Any,
    Call,
}

impl Reader<'_> {
    fn value(&mut self, ty: &Ty, frame: &Frame<'_>, json: &Json) -> Read<Value> {
        let found = match (ty, json) {
            (Ty::Nat, Json::Number(number)) => number
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .map(Value::Nat),
            (Ty::Int, Json::Number(number)) => number
                .as_i64()
                .and_then(|number| i32::try_from(number).ok())
                .map(Value::Int),
            (Ty::Long, json) => long(json).map(Value::Long),
            (Ty::Int53, json) => long(json).map(Value::Int53),
            (Ty::Float, json) => float(json).map(Value::Float),
            (Ty::Double, json) => double(json).map(Value::Double),
            (Ty::String, Json::String(text)) => Some(Value::String(text.clone())),
            (Ty::String, Json::Object(map)) => not_utf8(map),
            (Ty::Bytes, Json::String(text)) => from_base64(text).map(Value::Bytes),
            (Ty::Fixed(fixed), Json::String(text)) => from_base64(text)
                .filter(|bytes| bytes.len() == fixed.len)
                .map(Value::Bytes),
            (Ty::True, Json::Bool(true)) => Some(Value::True),
            (Ty::Bool, Json::Bool(value)) => Some(Value::Bool(*value)),
            (
                Ty::Vector { .. }
                | Ty::Boxed(..)
                | Ty::Bare(..)
                | Ty::BareType(..)
                | Ty::Var { .. }
                | Ty::Object
                | Ty::Query(_),
                json,
            ) => {
                if self.levels == MAX_LEVELS {
                    let limit = MAX_LEVELS;
                    return Err(EncodeErrorKind::DepthLimit { limit }.into());
                }
                self.levels += 1;
                let value = self.nested(ty, frame, json)?;
                self.levels -= 1;
                return Ok(value);
            }
            _ => None,
        };
        found.ok_or_else(|| mismatch(json, self.expected(ty)))
    }

    fn nested(&mut self, ty: &Ty, frame: &Frame<'_>, json: &Json) -> Read<Value> {
        match ty {
            Ty::Vector { item, .. } => self.vector(Closed { ty: item, frame }, json),
            Ty::Boxed(index, args) => self.boxed(*index, args, frame, json),
            Ty::Bare(index, args) => self.bare(*index, args, frame, json),
            Ty::BareType(index, args) => self.bare_type(*index, args, frame, json),
            Ty::Object => self.any(json, Wanted::Any),
            Ty::Query(_) => self.any(json, Wanted::Call),
            ty => match frame.resolve(ty) {
                None => Err(undetermined("nothing binds its type")),
                Some((closed, true)) => match closed.ty {
                    Ty::Boxed(index, args) => match &self.program.ty(*index).plain {
                        Some(plain) => self.value(plain, &Frame::default(), json),
                        None => self.bare_type(*index, args, closed.frame, json),
                    },
                    bare => self.value(bare, closed.frame, json),
                },
                Some((closed, false)) => self.value(closed.ty, closed.frame, json),
            },
        }
    }

    fn vector(&mut self, item: Closed<'_>, json: &Json) -> Read<Value> {
        let Json::Array(items) = json else {
            return Err(mismatch(json, "an array".to_owned()));
        };
        let items = items
            .iter()
            .enumerate()
            .map(|(index, json)| self.value(item.ty, item.frame, json).in_item(index));
        items.collect::<Read<_>>().map(Value::Vector)
    }

    fn boxed(&mut self, index: u32, args: &[Arg], frame: &Frame<'_>, json: &Json) -> Read<Value> {
        let program = self.program;
        let ty = program.ty(index);
        if let Json::Object(map) = json
            && let Some(raw) = raw(map)?
        {
            return Ok(raw);
        }
        if let Some(plain) = &ty.plain {
            return self.value(plain, &Frame::default(), json);
        }
        let map = object(json, || format!("a `{}`", ty.name))?;
        let constructor = match (type_name(map)?, &ty.constructors[..]) {
            (None, &[(_, only)]) => only,
            (None, constructors) => {
                let names = constructors
                    .iter()
                    .map(|own| program.combinator(own.1).name());
                return Err(EncodeErrorKind::Mismatch {
                    found: "an object without `@type`".to_owned(),
                    expected: format!("a `{}`: {}", ty.name, listed(names)),
                }
                .into());
            }
            (Some(name), constructors) => {
                let named = |own: &&(u32, u32)| program.combinator(own.1).name() == name;
                match constructors.iter().find(named) {
                    Some(own) => own.1,
                    None => {
                        let names: Vec<_> = constructors
                            .iter()
                            .map(|own| program.combinator(own.1).name())
                            .collect();
                        return Err(EncodeErrorKind::UnknownConstructor {
                            found: format!("`{name}`"),
                            nearest: nearest(name, names.iter().copied()).map(str::to_owned),
                            expected: format!("a `{}`: {}", ty.name, listed(names.into_iter())),
                        }
                        .into());
                    }
                }
            }
        };
        self.bound(constructor, args, frame, map)
    }

    fn bare(&mut self, index: u32, args: &[Arg], frame: &Frame<'_>, json: &Json) -> Read<Value> {
        let map = object(json, || {
            format!("a `{}`", self.program.combinator(index).name())
        })?;
        self.expect_type(map, index)?;
        self.bound(index, args, frame, map)
    }

    /// A bare value whose type tells the constructor.
    fn bare_type(
        &mut self,
        index: u32,
        args: &[Arg],
        frame: &Frame<'_>,
        json: &Json,
    ) -> Read<Value> {
        let program = self.program;
        let map = object(json, || format!("a `{}`", program.ty(index).name))?;
        let Some((constructor, inner)) = Frame::of_bare_type(program, index, args, frame) else {
            return Err(undetermined("bare, its type does not tell the constructor"));
        };
        self.expect_type(map, constructor)?;
        self.combinator(constructor, map, inner)
    }

    fn bound(
        &mut self,
        index: u32,
        args: &[Arg],
        frame: &Frame<'_>,
        map: &Map<String, Json>,
    ) -> Read<Value> {
        let combinator = self.program.combinator(index);
        match Frame::bound(self.program, combinator, args, frame) {
            Some(inner) => self.combinator(index, map, inner),
            None => Err(EncodeErrorKind::Contradiction {
                what: format!(
                    "`{}` is no constructor of the type that stands here: its arguments differ",
                    combinator.name()
                ),
            }
            .into()),
        }
    }

    /// `@type` may be missing, but not be another one.
    fn expect_type(&self, map: &Map<String, Json>, index: u32) -> Read<()> {
        let name = self.program.combinator(index).name();
        match type_name(map)? {
            Some(found) if found != name => Err(EncodeErrorKind::UnknownConstructor {
                found: format!("`{found}`"),
                expected: format!("`{name}`"),
                nearest: None,
            }
            .into()),
            _ => Ok(()),
        }
    }

    fn any(&mut self, json: &Json, wanted: Wanted) -> Read<Value> {
        let program = self.program;
        let expected = || match wanted {
            Wanted::Any => "an object with its `@type`".to_owned(),
            Wanted::Call => "a call: an object with the function's name as `@type`".to_owned(),
        };
        let map = object(json, expected)?;
        if let Some(raw) = raw(map)? {
            return Ok(raw);
        }
        let Some(name) = type_name(map)? else {
            return Err(EncodeErrorKind::Mismatch {
                found: "an object without `@type`".to_owned(),
                expected: expected(),
            }
            .into());
        };
        let index = match (program.named(name), wanted) {
            (Some(Meaning::Function(index)), _)
            | (Some(Meaning::Constructor(index)), Wanted::Any) => index,
            _ => {
                let fits = |meaning| match meaning {
                    Meaning::Function(_) => true,
                    Meaning::Constructor(_) => wanted == Wanted::Any,
                    Meaning::Type(_) => false,
                };
                let known = program.by_name.iter().filter(|row| fits(row.1));
                return Err(EncodeErrorKind::UnknownConstructor {
                    found: format!("`{name}`"),
                    expected: match wanted {
                        Wanted::Any => "a constructor or function".to_owned(),
                        Wanted::Call => "a function".to_owned(),
                    },
                    nearest: nearest(name, known.map(|row| &*row.0)).map(str::to_owned),
                }
                .into());
            }
        };
        let combinator = program.combinator(index);
        if combinator.needs_arguments() {
            return Err(undetermined(
                "its type has parameters, and nothing here gives them",
            ));
        }
        self.combinator(index, map, Frame::free(combinator))
    }

    fn combinator(
        &mut self,
        index: u32,
        map: &Map<String, Json>,
        mut frame: Frame<'_>,
    ) -> Read<Value> {
        let combinator = self.program.combinator(index);
        if let Some(why) = &combinator.unusable {
            return Err(undetermined(why));
        }
        let fields = self.fields(&combinator.fields, &combinator.shape, map, &mut frame)?;
        Ok(Value::Object(Object {
            shape: Arc::clone(&combinator.shape),
            fields,
        }))
    }

    fn fields(
        &mut self,
        fields: &[Field],
        shape: &Shape,
        map: &Map<String, Json>,
        frame: &mut Frame<'_>,
    ) -> Read<Vec<(u16, Value)>> {
        check_keys(shape, map)?;
        let given = |index: usize| {
            map.get(&*shape.fields[index].name)
                .filter(|json| !json.is_null())
        };
        let mut values = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let name = &*shape.fields[index].name;
            let json = given(index);
            let must_be = field.condition.is_none_or(|it| frame.holds(it));
            if let Role::Flag { .. } = field.role {
                let is_set = match json {
                    None => false,
                    Some(Json::Bool(is_set)) => *is_set,
                    Some(other) => {
                        let error = mismatch(other, "`true` or `false`".to_owned());
                        return Err(error).in_field(&shape.name, name);
                    }
                };
                if is_set != must_be {
                    let what = presence(shape, fields, field, name, is_set);
                    return Err(EncodeErrorKind::Contradiction { what }.into());
                }
                continue;
            }
            let value = match (json, field.role) {
                (None, _) if !must_be => {
                    if let Some(slot) = field.slot {
                        frame.set(slot, 0);
                    }
                    continue;
                }
                (Some(_), _) if !must_be => {
                    let what = presence(shape, fields, field, name, true);
                    return Err(EncodeErrorKind::Contradiction { what }.into());
                }
                (None, Role::Flags { .. }) => Value::Nat(mask(fields, field, given)),
                (None, Role::Length) => continue,
                (None, Role::Data) if field.slot.is_some() => match counted(fields, field, given) {
                    Some(count) => Value::Nat(count),
                    None => return Err(missing(shape, name)),
                },
                (None, _) => {
                    // Another field may have set the bit that both share.
                    return Err(match field.condition {
                        Some(_) => EncodeErrorKind::Contradiction {
                            what: presence(shape, fields, field, name, false),
                        }
                        .into(),
                        None => missing(shape, name),
                    });
                }
                (Some(json), _) => self.field(field, frame, json).in_field(&shape.name, name)?,
            };
            if let (Some(slot), Value::Nat(word)) = (field.slot, &value) {
                frame.set(slot, *word);
            }
            values.push((index as u16, value));
        }
        Ok(values)
    }

    fn field(&mut self, field: &Field, frame: &mut Frame<'_>, json: &Json) -> Read<Value> {
        match &field.ty {
            Ty::Repeat(repeat) => self.repeat(repeat, frame, json),
            ty => self.value(ty, frame, json),
        }
    }

    fn repeat(&mut self, repeat: &Repeat, frame: &mut Frame<'_>, json: &Json) -> Read<Value> {
        let Json::Array(items) = json else {
            return Err(mismatch(json, "an array".to_owned()));
        };
        check_count(repeat, frame, items.len())?;
        if self.levels == MAX_LEVELS {
            let limit = MAX_LEVELS;
            return Err(EncodeErrorKind::DepthLimit { limit }.into());
        }
        self.levels += 1;
        let mut values = Vec::with_capacity(items.len());
        for (index, json) in items.iter().enumerate() {
            let value = match &repeat.fields[..] {
                [only] if repeat.is_plain => self.plain_item(only, frame, json),
                fields => object(json, || "an object".to_owned())
                    .and_then(|map| self.fields(fields, &repeat.shape, map, frame))
                    .map(|fields| repeat.item(fields)),
            };
            values.push(value.in_item(index)?);
        }
        self.levels -= 1;
        Ok(Value::Vector(values))
    }

    fn plain_item(&mut self, field: &Field, frame: &mut Frame<'_>, json: &Json) -> Read<Value> {
        let value = self.field(field, frame, json)?;
        if let (Some(slot), Value::Nat(word)) = (field.slot, &value) {
            frame.set(slot, *word);
        }
        Ok(value)
    }

    /// What JSON belongs where a type stands.
    fn expected(&self, ty: &Ty) -> String {
        match ty {
            Ty::Long | Ty::Int53 => {
                format!("{}, as a string or a number", self.program.describe(ty))
            }
            Ty::Float => {
                "a number (`float`), or `Infinity`, `-Infinity` or `NaN` as a string".to_owned()
            }
            Ty::Double => {
                "a number (`double`), or `Infinity`, `-Infinity` or `NaN` as a string".to_owned()
            }
            Ty::String => "a string, or its bytes as {\"@bytes\": base64}".to_owned(),
            Ty::Bytes => "bytes as base64".to_owned(),
            Ty::Fixed(fixed) => {
                format!("{} bytes (`{}`) as base64", fixed.len, fixed.name)
            }
            Ty::Bool => "`true` or `false`".to_owned(),
            ty => self.program.describe(ty),
        }
    }
}

/// The word of a mask whose fields are told by what is given.
fn mask<'j>(fields: &[Field], word: &Field, given: impl Fn(usize) -> Option<&'j Json>) -> u32 {
    let mut mask = 0;
    for (index, field) in fields.iter().enumerate() {
        if let Some(condition) = field.condition
            && Some(condition.slot) == word.slot
            && let Some(bit) = condition.bit
        {
            let is_there = match (given(index), field.role) {
                (Some(json), Role::Flag { .. }) => *json == Json::Bool(true),
                (json, _) => json.is_some(),
            };
            mask |= u32::from(is_there) << bit;
        }
    }
    mask
}

/// The number of items that are given, where a missing number counts them.
fn counted<'j>(
    fields: &[Field],
    count: &Field,
    given: impl Fn(usize) -> Option<&'j Json>,
) -> Option<u32> {
    fields.iter().enumerate().find_map(|(index, field)| {
        let Ty::Repeat(repeat) = &field.ty else {
            return None;
        };
        let items = given(index)?.as_array()?.len();
        let items = u32::try_from(items).ok()?;
        let is_counted = repeat.count.slot == count.slot;
        is_counted.then(|| items.checked_sub(repeat.count.plus))?
    })
}

/// Every key must be a field's.
fn check_keys(shape: &Shape, map: &Map<String, Json>) -> Read<()> {
    let is_item = &*shape.name == REPEATED;
    let type_keys = usize::from(!is_item && map.contains_key("@type"));
    let known = shape
        .fields
        .iter()
        .filter(|field| map.contains_key(&*field.name));
    if known.count() + type_keys == map.len() {
        return Ok(());
    }
    let is_field = |key: &str| shape.fields.iter().any(|field| *field.name == *key);
    let mut keys = map.keys().filter(|key| is_item || *key != "@type");
    let Some(unknown) = keys.find(|key| !is_field(key)) else {
        return Ok(());
    };
    let names = shape.fields.iter().map(|field| &*field.name);
    Err(EncodeErrorKind::UnknownField {
        field: unknown.clone(),
        combinator: shape.name.to_string(),
        nearest: nearest(unknown, names).map(str::to_owned),
    }
    .into())
}

fn object(json: &Json, expected: impl FnOnce() -> String) -> Read<&Map<String, Json>> {
    json.as_object().ok_or_else(|| mismatch(json, expected()))
}

fn type_name(map: &Map<String, Json>) -> Read<Option<&str>> {
    match map.get("@type") {
        None => Ok(None),
        Some(Json::String(name)) => Ok(Some(name)),
        Some(other) => Err(mismatch(other, "a name".to_owned())).in_field(REPEATED, "@type"),
    }
}

/// An object kept as bytes.
fn raw(map: &Map<String, Json>) -> Read<Option<Value>> {
    if type_name(map)? != Some(UNKNOWN) {
        return Ok(None);
    }
    let text = |key| map.get(key).and_then(Json::as_str);
    let id = text("@id")
        .and_then(|id| id.strip_prefix("0x"))
        .filter(|digits| digits.len() <= 8)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let rest = text("@raw").and_then(from_base64);
    let raw = match (id, rest) {
        (Some(id), Some(rest)) if map.len() == 3 => {
            Raw::new([&id.to_le_bytes()[..], &rest].concat())
        }
        _ => None,
    };
    raw.map(|raw| Some(Value::Raw(raw))).ok_or_else(|| {
        EncodeErrorKind::Mismatch {
            found: "another `@unknown`".to_owned(),
            expected: "`@id` in hex and `@raw` in base64, a whole number of 32-bit words"
                .to_owned(),
        }
        .into()
    })
}

fn not_utf8(map: &Map<String, Json>) -> Option<Value> {
    let bytes = from_base64(map.get("@bytes")?.as_str()?)?;
    if map.len() != 1 {
        return None;
    }
    Some(match String::from_utf8(bytes) {
        Ok(text) => Value::String(text),
        Err(error) => Value::NotUtf8(error.into_bytes()),
    })
}

fn long(json: &Json) -> Option<i64> {
    match json {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number.as_i64(),
        _ => None,
    }
}

fn double(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => match text.as_str() {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            "NaN" => Some(f64::from_bits(NAN_BITS)),
            other => {
                let digits = other.strip_prefix("NaN:0x")?;
                let bits = u64::from_str_radix(digits, 16).ok()?;
                Some(f64::from_bits(bits)).filter(|value| value.is_nan())
            }
        },
        _ => None,
    }
}

/// The nearest float; none for a number too large for any.
fn float(json: &Json) -> Option<f32> {
    if let Json::String(text) = json {
        let bits = match text.strip_prefix("NaN:0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None if text == "NaN" => FLOAT_NAN_BITS,
            None => return double(json).map(|value| value as f32),
        };
        return Some(f32::from_bits(bits)).filter(|value| value.is_nan());
    }
    let value = double(json)? as f32;
    value.is_finite().then_some(value)
}

/// Names for a sentence: all of a few, some of many.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 4;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<_> = names.take(SHOWN).map(|name| format!("`{name}`")).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} or {more} more", shown.join(", ")),
    }
}

fn missing(shape: &Shape, name: &str) -> Box<EncodeError> {
    EncodeErrorKind::MissingField {
        field: name.to_owned(),
        combinator: shape.name.to_string(),
    }
    .into()
}

fn mismatch(json: &Json, expected: String) -> Box<EncodeError> {
    let found = match json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => format!("`{value}`"),
        Json::Number(number) => format!("the number {number}"),
        Json::String(text) => match text.char_indices().nth(40) {
            Some((end, _)) => format!("the string \"{}…\"", &text[..end]),
            None => format!("the string \"{text}\""),
        },
        Json::Array(_) => "an array".to_owned(),
        Json::Object(map) => match map.get("@type").and_then(Json::as_str) {
            Some(name) => format!("an object (`{name}`)"),
            None => "an object".to_owned(),
        },
    };
    EncodeErrorKind::Mismatch { found, expected }.into()
}

fn undetermined(why: &str) -> Box<EncodeError> {
    EncodeErrorKind::Undetermined {
        why: why.to_owned(),
    }
    .into()
}
