//! Bytes to JSON, as they are: nothing is held in between.

use alloc::format;

use serde_core::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::cursor::{Cursor, DEEP, UNDETERMINED, UNEXPECTED};
use super::frame::{Closed, Frame};
use super::lookup::is_repetition;
use super::{MAX_LEVELS, UNKNOWN, number};
use crate::base64;
use crate::wire::VECTOR_ID;
use crate::wire::definitions::{Definition, Definitions, Fields, applied, repeated};
use crate::wire::reader::{BOOL_FALSE, BOOL_TRUE};

pub(super) fn value<S: Serializer>(
    bytes: &[u8],
    form: &'static str,
    definitions: &Definitions,
    to: S,
) -> Result<S::Ok, S::Error> {
    let cursor = Cursor::new(bytes, definitions);
    let done = Next {
        cursor: &cursor,
        form,
        frame: &Frame::default(),
    }
    .serialize(to)?;
    cursor.expect_end().map_err(S::Error::custom)?;
    Ok(done)
}

/// A value that lies next when it is serialized.
struct Next<'c, 'b> {
    cursor: &'c Cursor<'b>,
    form: &'static str,
    frame: &'c Frame<'c>,
}

impl Serialize for Next<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self {
            cursor,
            form,
            frame,
        } = *self;
        cursor.scalar(form, to, |to| {
            let levels = cursor.levels.get();
            if levels == MAX_LEVELS {
                return Err(S::Error::custom(DEEP));
            }
            cursor.levels.set(levels + 1);
            let done = self.nested(to, frame)?;
            cursor.levels.set(levels);
            Ok(done)
        })
    }
}

impl<'c, 'b> Next<'c, 'b> {
    fn of(&self, closed: Closed<'c>) -> Self {
        Self {
            cursor: self.cursor,
            form: closed.form,
            frame: closed.frame,
        }
    }

    /// A value of another form in the same frame.
    fn as_form(&self, form: &'static str) -> Self {
        self.of(Closed {
            form,
            frame: self.frame,
        })
    }

    fn nested<S: Serializer>(&self, to: S, frame: &'c Frame<'c>) -> Result<S::Ok, S::Error> {
        let (cursor, form) = (self.cursor, self.form);
        let (start, rest) = form.split_at_checked(1).unwrap_or((form, ""));
        match start {
            "!" => self.boxed(rest, to),
            "%" => match rest.strip_prefix('$') {
                Some(name) => match frame.ty(name) {
                    Some(closed) => self.of(closed).made_bare(to),
                    None => Err(S::Error::custom(UNDETERMINED)),
                },
                None => self.bare(rest, to),
            },
            "@" => self.bare_type(rest, to),
            "=" => {
                let (id, form) = rest.split_once(':').unwrap_or((rest, ""));
                cursor.expect_id(id).map_err(S::Error::custom)?;
                self.as_form(form).serialize(to)
            }
            "$" => match frame.ty(rest) {
                Some(closed) => self.of(closed).serialize(to),
                None => Err(S::Error::custom(UNDETERMINED)),
            },
            _ => match applied(form) {
                ("Vector", item) => {
                    if cursor.word().map_err(S::Error::custom)? != VECTOR_ID {
                        return Err(S::Error::custom(UNEXPECTED));
                    }
                    self.vector(item, to)
                }
                ("vector", item) => self.vector(item, to),
                _ => self.call_or_object(to),
            },
        }
    }

    /// A call, a call of one function, or any object.
    fn call_or_object<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (cursor, definitions) = (self.cursor, self.cursor.definitions);
        let start = cursor.rest.get();
        let id = cursor.word().map_err(S::Error::custom)?;
        let found = match self.form.strip_prefix("call:") {
            Some(own) => definitions
                .function(id)
                .filter(|_| u32::from_str_radix(own, 16) == Ok(id)),
            None if self.form == "call" => definitions.function(id),
            None => definitions
                .constructor(id)
                .or_else(|| definitions.function(id)),
        };
        match found {
            Some(definition) if definition.patterns.is_empty() => {
                cursor.object(&definition, Frame::default(), to)
            }
            _ => cursor.raw(start, to),
        }
    }

    fn boxed<S: Serializer>(&self, form: &'static str, to: S) -> Result<S::Ok, S::Error> {
        let cursor = self.cursor;
        let (ty, args) = applied(form);
        let start = cursor.rest.get();
        let id = cursor.word().map_err(S::Error::custom)?;
        let own = cursor.definitions.constructor(id);
        match own.filter(|own| own.ty == ty) {
            None => cursor.raw(start, to),
            Some(own) => match Frame::bound(&own, args, self.frame) {
                Some(frame) => cursor.object(&own, frame, to),
                None => Err(S::Error::custom(UNEXPECTED)),
            },
        }
    }

    fn bare<S: Serializer>(&self, form: &'static str, to: S) -> Result<S::Ok, S::Error> {
        let (id, args) = applied(form);
        let id = u32::from_str_radix(id, 16).unwrap_or(0);
        let own = self.cursor.definitions.constructor(id);
        let own = own.and_then(|own| Some((own, Frame::bound(&own, args, self.frame)?)));
        match own {
            Some((own, frame)) => self.cursor.object(&own, frame, to),
            None => Err(S::Error::custom(UNDETERMINED)),
        }
    }

    fn bare_type<S: Serializer>(&self, form: &'static str, to: S) -> Result<S::Ok, S::Error> {
        match Frame::of_bare_type(self.cursor.definitions, form, self.frame) {
            Some((own, frame)) => self.cursor.object(&own, frame, to),
            None => Err(S::Error::custom(UNDETERMINED)),
        }
    }

    /// A type behind `%`, known only now.
    fn made_bare<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (start, rest) = self.form.split_at_checked(1).unwrap_or((self.form, ""));
        match (start, applied(self.form)) {
            ("!", _) => self.bare_type(rest, to),
            ("=", _) => {
                let (_, form) = rest.split_once(':').unwrap_or((rest, ""));
                self.as_form(form).serialize(to)
            }
            (_, ("Vector", item)) => self.vector(item, to),
            _ => self.serialize(to),
        }
    }

    fn vector<S: Serializer>(&self, item: &'static str, to: S) -> Result<S::Ok, S::Error> {
        let count = self.cursor.word().map_err(S::Error::custom)?;
        let mut items = to.serialize_seq(None)?;
        for _ in 0..count {
            let before = self.cursor.rest.get();
            items.serialize_element(&self.as_form(item))?;
            self.cursor.count(before).map_err(S::Error::custom)?;
        }
        items.end()
    }
}

/// The items of a repetition, which lie next when they are serialized.
struct Items<'c, 'b> {
    cursor: &'c Cursor<'b>,
    form: &'static str,
    frame: &'c Frame<'c>,
}

impl Serialize for Items<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self {
            cursor,
            form,
            frame,
        } = *self;
        let (count, item) = form.split_once('*').unwrap_or((form, ""));
        let count = frame.number(count);
        let count = count.ok_or_else(|| S::Error::custom(UNDETERMINED))?;
        let (is_plain, item) = repeated(item);
        let mut items = to.serialize_seq(None)?;
        for _ in 0..count {
            let before = cursor.rest.get();
            if is_plain {
                items.serialize_element(&Field {
                    cursor,
                    form: item,
                    frame,
                })?;
            } else {
                items.serialize_element(&Record {
                    cursor,
                    fields: Fields::of_item(item),
                    frame,
                })?;
            }
            cursor.count(before).map_err(S::Error::custom)?;
        }
        items.end()
    }
}

/// A value that only fields can be: a repetition, or any other.
struct Field<'c, 'b> {
    cursor: &'c Cursor<'b>,
    form: &'static str,
    frame: &'c Frame<'c>,
}

impl Serialize for Field<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self {
            cursor,
            form,
            frame,
        } = *self;
        if is_repetition(form) {
            return Items {
                cursor,
                form,
                frame,
            }
            .serialize(to);
        }
        Next {
            cursor,
            form,
            frame,
        }
        .serialize(to)
    }
}

/// One item of a repetition with several fields.
struct Record<'c, 'b> {
    cursor: &'c Cursor<'b>,
    fields: Fields,
    frame: &'c Frame<'c>,
}

impl Serialize for Record<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let frame = self.frame.clone();
        self.cursor.fields(self.fields, frame, &mut map)?;
        map.end()
    }
}

impl<'b> Cursor<'b> {
    /// A value of a built-in type, or `nested`.
    fn scalar<S: Serializer>(
        &self,
        form: &str,
        to: S,
        nested: impl FnOnce(S) -> Result<S::Ok, S::Error>,
    ) -> Result<S::Ok, S::Error> {
        let stop = S::Error::custom;
        match form {
            "int" => to.serialize_i32(i32::from_le_bytes(self.chunk().map_err(stop)?)),
            "#" => to.serialize_u32(self.word().map_err(stop)?),
            "long" => {
                let value = i64::from_le_bytes(self.chunk().map_err(stop)?);
                to.collect_str(&value)
            }
            "int53" => {
                let value = i64::from_le_bytes(self.chunk().map_err(stop)?);
                if value.unsigned_abs() < 1 << 53 {
                    to.serialize_i64(value)
                } else {
                    to.collect_str(&value)
                }
            }
            "float" => {
                let value = f32::from_le_bytes(self.chunk().map_err(stop)?);
                match number::float_as_text(value) {
                    Some(text) => to.serialize_str(&text),
                    None => to.serialize_f64(value.into()),
                }
            }
            "double" => {
                let value = f64::from_le_bytes(self.chunk().map_err(stop)?);
                match number::double_as_text(value) {
                    Some(text) => to.serialize_str(&text),
                    None => to.serialize_f64(value),
                }
            }
            "Bool" => match self.word().map_err(stop)? {
                BOOL_TRUE => to.serialize_bool(true),
                BOOL_FALSE => to.serialize_bool(false),
                _ => Err(stop(UNEXPECTED)),
            },
            "true" => to.serialize_bool(true),
            "string" => {
                let content = self.string().map_err(stop)?;
                match core::str::from_utf8(content) {
                    Ok(text) => to.serialize_str(text),
                    Err(_) => {
                        let mut map = to.serialize_map(Some(1))?;
                        map.serialize_entry("@bytes", &base64::encode(content))?;
                        map.end()
                    }
                }
            }
            "bytes" => to.serialize_str(&base64::encode(self.string().map_err(stop)?)),
            "int128" => to.serialize_str(&base64::encode(self.take(16).map_err(stop)?)),
            "int256" => to.serialize_str(&base64::encode(self.take(32).map_err(stop)?)),
            "int512" => to.serialize_str(&base64::encode(self.take(64).map_err(stop)?)),
            _ => nested(to),
        }
    }

    fn object<S: Serializer>(
        &self,
        definition: &Definition,
        frame: Frame<'_>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("@type", definition.name)?;
        self.fields(definition.fields, frame, &mut map)?;
        map.end()
    }

    fn fields<M: SerializeMap>(
        &self,
        fields: Fields,
        mut frame: Frame<'_>,
        map: &mut M,
    ) -> Result<(), M::Error> {
        let stop = M::Error::custom;
        let mut size = None;
        for field in fields.iter() {
            let (name, form) = (field.name, field.form);
            if field
                .condition
                .is_some_and(|condition| !frame.holds(condition))
            {
                if form == "#" {
                    frame.set(name, 0);
                }
                continue;
            }
            match form {
                "^" | "#" => {
                    let word = self.word().map_err(stop)?;
                    frame.set(name, word);
                    if form == "#" || word & !field.known_bits != 0 {
                        map.serialize_entry(name, &word)?;
                    }
                }
                "~" => size = Some(self.word().map_err(stop)?),
                _ => {
                    let after = match size.take() {
                        Some(size) => Some(self.narrow(size).map_err(stop)?),
                        None => None,
                    };
                    map.serialize_entry(
                        name,
                        &Field {
                            cursor: self,
                            form,
                            frame: &frame,
                        },
                    )?;
                    if let Some(after) = after {
                        self.expect_end().map_err(stop)?;
                        self.rest.set(after);
                    }
                }
            }
        }
        Ok(())
    }

    /// An object that is not known: all that is left.
    fn raw<S: Serializer>(&self, start: &'b [u8], to: S) -> Result<S::Ok, S::Error> {
        self.rest.set(&[]);
        let (id, rest) = start.split_first_chunk().unwrap_or((&[0; 4], &[]));
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("@type", UNKNOWN)?;
        map.serialize_entry("@id", &format!("0x{:08x}", u32::from_le_bytes(*id)))?;
        map.serialize_entry("@raw", &base64::encode(rest))?;
        map.end()
    }
}
