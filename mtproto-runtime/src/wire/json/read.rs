//! JSON to bytes, by the schema.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{
    InPlace, Read, Step, expected, fail, listed, mismatch, missing, presence, undetermined,
};
use super::frame::{Closed, Frame};
use super::lookup::is_repetition;
use super::scalar::{boolean, double, float, from_base64, integer, long, text};
use super::tree::{Map, Tree};
use super::{MAX_LEVELS, UNKNOWN};
use crate::wire::definitions::{Condition, Definition, Definitions, Fields, applied, repeated};
use crate::wire::reader::{BOOL_FALSE, BOOL_TRUE};
use crate::wire::{VECTOR_ID, Writer};

/// The bytes of a value.
pub(super) fn bytes(form: &'static str, definitions: &Definitions, tree: &Tree) -> Read<Vec<u8>> {
    let mut reader = Reader {
        definitions,
        levels: 0,
        out: Vec::new(),
    };
    reader.value(form, &Frame::default(), tree)?;
    Ok(reader.out)
}

struct Reader<'d> {
    definitions: &'d Definitions,
    levels: u32,
    out: Vec<u8>,
}

impl Reader<'_> {
    fn value(&mut self, form: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        match self.scalar(form, tree) {
            Some(true) => return Ok(()),
            Some(false) => return mismatch(tree, &expected(form)),
            None => {}
        }
        if self.levels == MAX_LEVELS {
            return fail(format!("values nest deeper than the limit of {MAX_LEVELS}"));
        }
        self.levels += 1;
        self.nested(form, frame, tree)?;
        self.levels -= 1;
        Ok(())
    }

    /// Writes a value of a built-in type; whether that is what is there, or none for any other form.
    fn scalar(&mut self, form: &str, tree: &Tree) -> Option<bool> {
        let found = match form {
            "int" => integer(tree)
                .and_then(|value| i32::try_from(value).ok())
                .map(|value| self.put(&value.to_le_bytes())),
            "#" => integer(tree)
                .and_then(|value| u32::try_from(value).ok())
                .map(|value| self.put(&value.to_le_bytes())),
            "long" | "int53" => long(tree).map(|value| self.put(&value.to_le_bytes())),
            "float" => float(tree).map(|value| self.put(&value.to_le_bytes())),
            "double" => double(tree).map(|value| self.put(&value.to_le_bytes())),
            "Bool" => {
                boolean(tree).map(|value| self.word(if value { BOOL_TRUE } else { BOOL_FALSE }))
            }
            "true" => matches!(tree, Tree::Bool(true)).then_some(()),
            "string" => text(tree).map(|content| self.string(&content)),
            "bytes" => from_base64(tree).map(|bytes| self.string(&bytes)),
            "int128" => self.fixed(tree, 16),
            "int256" => self.fixed(tree, 32),
            "int512" => self.fixed(tree, 64),
            _ => return None,
        };
        Some(found.is_some())
    }

    fn nested(&mut self, form: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        let (start, rest) = form.split_at_checked(1).unwrap_or((form, ""));
        match start {
            "!" => self.boxed(rest, frame, tree),
            "%" => match rest.strip_prefix('$') {
                Some(name) => match frame.ty(name) {
                    Some(closed) => self.made_bare(closed, tree),
                    None => undetermined(),
                },
                None => self.bare(rest, frame, tree),
            },
            "@" => self.bare_type(rest, frame, tree),
            "=" => {
                let (id, form) = rest.split_once(':').unwrap_or((rest, ""));
                self.word(u32::from_str_radix(id, 16).unwrap_or(0));
                self.value(form, frame, tree)
            }
            "$" => match frame.ty(rest) {
                Some(closed) => self.value(closed.form, closed.frame, tree),
                None => undetermined(),
            },
            _ => match applied(form) {
                ("Vector", item) => {
                    self.word(VECTOR_ID);
                    self.vector(item, frame, tree)
                }
                ("vector", item) => self.vector(item, frame, tree),
                _ => self.call_or_object(form, tree),
            },
        }
    }

    /// A type behind `%`, known only now.
    fn made_bare(&mut self, closed: Closed<'_>, tree: &Tree) -> Read<()> {
        let Closed { form, frame } = closed;
        let (start, rest) = form.split_at_checked(1).unwrap_or((form, ""));
        match (start, applied(form)) {
            ("!", _) => self.bare_type(rest, frame, tree),
            ("=", _) => {
                let (_, form) = rest.split_once(':').unwrap_or((rest, ""));
                self.value(form, frame, tree)
            }
            (_, ("Vector", item)) => self.vector(item, frame, tree),
            _ => self.value(form, frame, tree),
        }
    }

    fn vector(&mut self, item: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        let Tree::List(items) = tree else {
            return mismatch(tree, "an array");
        };
        let count = i32::try_from(items.len());
        let Ok(count) = count else {
            return fail(format!("a vector can't have {} items", items.len()));
        };
        self.put(&count.to_le_bytes());
        for (index, tree) in items.iter().enumerate() {
            self.value(item, frame, tree).within(|| Step::Item(index))?;
        }
        Ok(())
    }

    fn call_or_object(&mut self, form: &'static str, tree: &Tree) -> Read<()> {
        let definitions = self.definitions;
        let own = form.strip_prefix("call:");
        let own = own.and_then(|id| definitions.function(u32::from_str_radix(id, 16).ok()?));
        if let Some(own) = own {
            let map = object(tree, || format!("a call of `{}`", own.name))?;
            expect_type(map, &own)?;
            self.word(own.id);
            return self.fields_of(&own, &mut Frame::default(), map);
        }
        let (is_call, expected) = match form {
            "call" => (
                true,
                "a call: an object with the function's name as `@type`",
            ),
            "object" => (false, "an object with its `@type`"),
            _ => return undetermined(),
        };
        let map = object(tree, || expected.to_owned())?;
        if let Some(raw) = raw(map)? {
            self.put(&raw);
            return Ok(());
        }
        let Some(name) = type_name(map)? else {
            return fail(format!(
                "expected {expected}, found an object without `@type`"
            ));
        };
        let found = definitions.function_named(name);
        let found = match is_call {
            true => found,
            false => found.or_else(|| definitions.constructor_named(name)),
        };
        match found {
            None => fail(format!(
                "expected {}, found `{name}`",
                if is_call {
                    "a function"
                } else {
                    "a constructor or function"
                }
            )),
            Some(own) if !own.patterns.is_empty() => undetermined(),
            Some(own) => {
                self.word(own.id);
                self.fields_of(&own, &mut Frame::default(), map)
            }
        }
    }

    fn boxed(&mut self, form: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        let (ty, args) = applied(form);
        let map = object(tree, || format!("a `{ty}`"))?;
        if let Some(raw) = raw(map)? {
            self.put(&raw);
            return Ok(());
        }
        let mut constructors = self.definitions.of_type(ty);
        let found = match type_name(map)? {
            Some(name) => self.definitions.named(ty, name).ok_or(format!("`{name}`")),
            None => constructors
                .next()
                .filter(|_| constructors.len() == 0)
                .ok_or_else(|| "an object without `@type`".to_owned()),
        };
        let own = match found {
            Ok(own) => own,
            Err(found) => {
                let names = listed(self.definitions.of_type(ty).map(|own| own.name));
                return fail(format!("expected a `{ty}`: {names}, found {found}"));
            }
        };
        let Some(mut inner) = Frame::bound(&own, args, frame) else {
            return fail(format!(
                "`{}` is no constructor of the type that stands here: its arguments differ",
                own.name
            ));
        };
        self.word(own.id);
        self.fields_of(&own, &mut inner, map)
    }

    fn bare(&mut self, form: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        let (id, args) = applied(form);
        let id = u32::from_str_radix(id, 16).unwrap_or(0);
        let own = self.definitions.constructor(id);
        let own = own.and_then(|own| Some((own, Frame::bound(&own, args, frame)?)));
        match own {
            Some((own, inner)) => self.told(&own, inner, tree),
            None => undetermined(),
        }
    }

    /// A bare value whose type tells the constructor.
    fn bare_type(&mut self, form: &'static str, frame: &Frame<'_>, tree: &Tree) -> Read<()> {
        match Frame::of_bare_type(self.definitions, form, frame) {
            Some((own, inner)) => self.told(&own, inner, tree),
            None => undetermined(),
        }
    }

    /// A bare value of a constructor that needs no `@type`.
    fn told(&mut self, own: &Definition, mut frame: Frame<'_>, tree: &Tree) -> Read<()> {
        let map = object(tree, || format!("a `{}`", own.name))?;
        expect_type(map, own)?;
        self.fields_of(own, &mut frame, map)
    }

    fn fields_of(&mut self, own: &Definition, frame: &mut Frame<'_>, map: &Map) -> Read<()> {
        self.fields(own.name, own.fields, frame, map)
    }

    fn fields(
        &mut self,
        owner: &str,
        fields: Fields,
        frame: &mut Frame<'_>,
        map: &Map,
    ) -> Read<()> {
        check_keys(owner, fields, map)?;
        let mut size_at = None;
        for field in fields.iter() {
            let (name, form) = (field.name, field.form);
            let tree = given(map, name);
            let must_be = field.condition.is_none_or(|it| frame.holds(it));
            if field.is_flag() {
                let is_set = match tree {
                    None => false,
                    Some(Tree::Bool(is_set)) => *is_set,
                    Some(other) => {
                        return mismatch(other, "`true` or `false`").within(|| Step::Field(name));
                    }
                };
                if is_set != must_be {
                    return fail(presence(&field, is_set));
                }
                continue;
            }
            match (tree, form) {
                (None, "^") => {
                    let word = mask(fields, name, map);
                    frame.set(name, word);
                    self.word(word);
                }
                (None, "~") => {
                    size_at = Some(self.out.len());
                    self.word(0);
                }
                (None, _) if !must_be => {
                    if form == "#" {
                        frame.set(name, 0);
                    }
                }
                (Some(_), _) if !must_be => return fail(presence(&field, true)),
                (None, "#") => match counted(fields, name, map) {
                    Some(count) => {
                        frame.set(name, count);
                        self.word(count);
                    }
                    None => return missing(owner, name),
                },
                // Another field may have set the bit that both share.
                (None, _) if field.condition.is_some() => return fail(presence(&field, false)),
                (None, _) => return missing(owner, name),
                (Some(tree), "^" | "#") => {
                    self.value("#", frame, tree).within(|| Step::Field(name))?;
                    frame.set(name, integer(tree).unwrap_or(0) as u32);
                }
                (Some(tree), "~") => {
                    self.value("int", frame, tree)
                        .within(|| Step::Field(name))?;
                    size_at = Some(self.out.len() - 4);
                }
                (Some(tree), _) => {
                    let start = self.out.len();
                    self.field(form, frame, tree).within(|| Step::Field(name))?;
                    if let Some(at) = size_at.take() {
                        self.set_size(at, start).within(|| Step::Field(name))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The size of an object, at the place that was left for it.
    fn set_size(&mut self, at: usize, start: usize) -> Read<()> {
        let size = self.out.len() - start;
        match (i32::try_from(size), self.out.get_mut(at..at + 4)) {
            (Ok(size), Some(place)) => {
                place.copy_from_slice(&size.to_le_bytes());
                Ok(())
            }
            _ => fail(format!(
                "an object of {size} bytes is too long to be written"
            )),
        }
    }

    fn field(&mut self, form: &'static str, frame: &mut Frame<'_>, tree: &Tree) -> Read<()> {
        if is_repetition(form) {
            self.repetition(form, frame, tree)
        } else {
            self.value(form, frame, tree)
        }
    }

    fn repetition(&mut self, form: &'static str, frame: &mut Frame<'_>, tree: &Tree) -> Read<()> {
        let Tree::List(items) = tree else {
            return mismatch(tree, "an array");
        };
        let (count, item) = form.split_once('*').unwrap_or((form, ""));
        match frame.number(count) {
            Some(count) if usize::try_from(count) == Ok(items.len()) => {}
            Some(expected) => {
                let found = items.len();
                return fail(format!(
                    "there are {found} items, but `{count}` says {expected}"
                ));
            }
            None => return fail(format!("`{count}` does not fit into 32 bits")),
        }
        if self.levels == MAX_LEVELS {
            return fail(format!("values nest deeper than the limit of {MAX_LEVELS}"));
        }
        self.levels += 1;
        let (is_plain, item) = repeated(item);
        for (index, tree) in items.iter().enumerate() {
            let done = if is_plain {
                self.field(item, frame, tree)
            } else {
                let mark = frame.mark();
                let done = object(tree, || "an object".to_owned())
                    .and_then(|map| self.fields("an item", Fields::of_item(item), frame, map));
                frame.reset(mark);
                done
            };
            done.within(|| Step::Item(index))?;
        }
        self.levels -= 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn word(&mut self, word: u32) {
        self.put(&word.to_le_bytes());
    }

    fn string(&mut self, content: &[u8]) {
        let room = content.len() + 12;
        self.out.reserve(room);
        let mut w = Writer::appending(core::mem::take(&mut self.out));
        w.bytes(content);
        self.out = w.into_bytes();
    }

    fn fixed(&mut self, tree: &Tree, len: usize) -> Option<()> {
        let bytes = from_base64(tree).filter(|bytes| bytes.len() == len)?;
        self.put(&bytes);
        Some(())
    }
}

/// A field's value; `null` is none.
fn given<'t>(map: &'t Map, name: &str) -> Option<&'t Tree> {
    map.get(name).filter(|tree| !matches!(tree, Tree::Null))
}

/// The word of a mask whose fields are told by what is given.
fn mask(fields: Fields, word: &str, map: &Map) -> u32 {
    let mut mask = 0;
    for field in fields.iter() {
        if let Some(Condition {
            word: own,
            bit: Some(bit),
        }) = field.condition
            && own == word
        {
            let is_there = match given(map, field.name) {
                Some(Tree::Bool(is_set)) if field.is_flag() => *is_set,
                Some(_) => !field.is_flag(),
                None => false,
            };
            mask |= u32::from(is_there) << (bit & 31);
        }
    }
    mask
}

/// The number of items that are given, where a missing number counts them.
fn counted(fields: Fields, count: &str, map: &Map) -> Option<u32> {
    fields.iter().find_map(|field| {
        let (number, _) = field.form.split_once('*')?;
        let (name, plus) = match number.split_once('+') {
            Some((name, plus)) => (name, plus.parse().ok()?),
            None => (number, 0),
        };
        if name != count || !is_repetition(field.form) {
            return None;
        }
        let Tree::List(items) = given(map, field.name)? else {
            return None;
        };
        u32::try_from(items.len()).ok()?.checked_sub(plus)
    })
}

/// Every key must be a field's.
fn check_keys(owner: &str, fields: Fields, map: &Map) -> Read<()> {
    for key in map.keys() {
        let is_type = key == "@type" && !fields.are_of_item();
        // The size of an object is known.
        if !is_type && !fields.iter().any(|field| field.name == key) {
            let names = listed(fields.iter().map(|field| field.name));
            return fail(match names.as_str() {
                "" => format!("`{owner}` has no field `{key}`, nor any other"),
                names => format!("`{owner}` has no field `{key}`; it has {names}"),
            });
        }
    }
    Ok(())
}

/// `@type` may be missing, but not be another one.
fn expect_type(map: &Map, own: &Definition) -> Read<()> {
    match type_name(map)? {
        Some(found) if found != own.name => {
            fail(format!("expected `{}`, found `{found}`", own.name))
        }
        _ => Ok(()),
    }
}

fn object(tree: &Tree, expected: impl FnOnce() -> String) -> Read<&Map> {
    match tree {
        Tree::Map(map) => Ok(map),
        other => mismatch(other, &expected()),
    }
}

fn type_name(map: &Map) -> Read<Option<&str>> {
    match map.get("@type") {
        None => Ok(None),
        Some(Tree::Text(name)) => Ok(Some(name)),
        Some(other) => mismatch(other, "a name").within(|| Step::Field("@type")),
    }
}

/// An object kept as bytes.
fn raw(map: &Map) -> Read<Option<Vec<u8>>> {
    if type_name(map)? != Some(UNKNOWN) {
        return Ok(None);
    }
    let id = match map.get("@id") {
        Some(Tree::Text(id)) => id
            .strip_prefix("0x")
            .filter(|digits| digits.len() <= 8)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok()),
        _ => None,
    };
    let rest = map.get("@raw").and_then(from_base64);
    match (id, rest) {
        (Some(id), Some(rest)) if map.len() == 3 && rest.len().is_multiple_of(4) => {
            Ok(Some([&id.to_le_bytes()[..], &rest].concat()))
        }
        _ => fail("expected `@id` in hex and `@raw` in base64, a whole number of 32-bit words, found another `@unknown`".to_owned()),
    }
}
