//! Values kept as bytes: where one ends, its lines tell.
//!
//! What is passed over is held against the schema as if it were read: the same bytes are refused, at the same offsets. But
//! nothing is made of it, so that the memory it takes is that of its bytes.

use alloc::vec::Vec;

use super::{Condition, Definition, Definitions, Field, Fields, applied, repeated};
use crate::wire::{DecodeErrorKind, RawObject, RawObjectRef, Reader, VECTOR_ID};

/// How far items are looked into for the fewest bytes that one takes.
const MAX_BARE_LEVELS: u32 = 8;

/// Values kept as bytes.
impl<'a> Reader<'a> {
    /// A boxed value of the type `type_name`, which `definitions` have; `definitions` must say of every cycle among its types
    /// that they nest.
    pub extern "C" fn opaque(
        &mut self,
        type_name: &'static str,
        definitions: &'static Definitions,
    ) -> RawObject {
        let offset = self.offset();
        let object = self.opaque_ref(type_name, definitions);
        self.kept(offset, type_name, object)
    }

    /// The same, borrowed from the input.
    pub extern "C" fn opaque_ref(
        &mut self,
        type_name: &'static str,
        definitions: &'static Definitions,
    ) -> RawObjectRef<'a> {
        let start = self.offset();
        Pass::new(self, definitions).boxed(type_name);
        self.passed_since(start)
    }

    /// A value of the type `type_name`, the id of which has just been read: it must be that of a constructor that `definitions`
    /// have. `expected` are all ids of the type, for the error.
    pub extern "C" fn opaque_constructor(
        &mut self,
        type_name: &'static str,
        id: u32,
        expected: &'static [u32],
        definitions: &'static Definitions,
    ) -> RawObject {
        let offset = self.offset().saturating_sub(4);
        let object = self.opaque_constructor_ref(type_name, id, expected, definitions);
        self.kept(offset, type_name, object)
    }

    /// The same, borrowed from the input.
    pub extern "C" fn opaque_constructor_ref(
        &mut self,
        type_name: &'static str,
        id: u32,
        expected: &'static [u32],
        definitions: &'static Definitions,
    ) -> RawObjectRef<'a> {
        let start = self.offset().saturating_sub(4);
        match definitions.constructor_of(type_name, id) {
            Some(own) => Pass::new(self, definitions).bare(&own),
            None => self.unexpected_id(type_name, id, expected),
        }
        self.passed_since(start)
    }

    /// The same where unknown constructors are kept: those are the error.
    #[allow(clippy::missing_errors_doc, reason = "it is none")]
    pub extern "C" fn opaque_or_unknown(
        &mut self,
        type_name: &'static str,
        id: u32,
        expected: &'static [u32],
        definitions: &'static Definitions,
    ) -> Result<RawObject, RawObject> {
        match definitions.constructor_of(type_name, id) {
            Some(_) => Ok(self.opaque_constructor(type_name, id, expected, definitions)),
            None => Err(self.unknown(type_name, id, expected)),
        }
    }

    /// The same, borrowed from the input.
    #[allow(clippy::missing_errors_doc, reason = "it is none")]
    pub extern "C" fn opaque_or_unknown_ref(
        &mut self,
        type_name: &'static str,
        id: u32,
        expected: &'static [u32],
        definitions: &'static Definitions,
    ) -> Result<RawObjectRef<'a>, RawObjectRef<'a>> {
        match definitions.constructor_of(type_name, id) {
            Some(_) => Ok(self.opaque_constructor_ref(type_name, id, expected, definitions)),
            None => Err(self.unknown_ref(type_name, id, expected)),
        }
    }

    /// Pays for a copy and makes it.
    extern "C" fn kept(
        &mut self,
        offset: usize,
        reading: &'static str,
        object: RawObjectRef<'a>,
    ) -> RawObject {
        if self.pay(offset, reading, object.as_bytes().len()) {
            object.to_owned()
        } else {
            RawObject::none()
        }
    }
}

/// The way through one value.
struct Pass<'r, 'a> {
    r: &'r mut Reader<'a>,
    definitions: &'static Definitions,
    /// The numbers of the objects around, by name, innermost last.
    numbers: Vec<(&'static str, u32)>,
    /// Where those of the object begin that is being passed over.
    own_numbers: usize,
}

impl<'r, 'a> Pass<'r, 'a> {
    fn new(r: &'r mut Reader<'a>, definitions: &'static Definitions) -> Self {
        Self {
            r,
            definitions,
            numbers: Vec::new(),
            own_numbers: 0,
        }
    }

    fn boxed(&mut self, ty: &'static str) {
        let own = self.definitions.constructor_of(ty, self.r.peek_id());
        // All constructors of a type say the same of it.
        let any = own.or_else(|| {
            let first = self.definitions.ids_of(ty).first();
            self.definitions.constructor(*first?)
        });
        let nests = any.is_some_and(|own| own.nests.0);
        if nests {
            self.r.enter();
        }
        let found = self.r.id();
        match own {
            Some(own) => self.bare(&own),
            None => {
                let ids = self.definitions.ids_of(ty);
                if self.definitions.keeps_unknown {
                    self.r.unknown_ref(ty, found, ids);
                } else {
                    self.r.unexpected_id(ty, found, ids);
                }
            }
        }
        if nests {
            self.r.leave();
        }
    }

    fn bare(&mut self, own: &Definition) {
        if own.nests.1 {
            self.r.enter();
        }
        // What holds itself may do so without taking a byte, so that only the depth ends it.
        if !self.r.failed() {
            let outer = core::mem::replace(&mut self.own_numbers, self.numbers.len());
            self.fields(own.fields);
            self.numbers.truncate(self.own_numbers);
            self.own_numbers = outer;
        }
        if own.nests.1 {
            self.r.leave();
        }
    }

    fn fields(&mut self, fields: Fields) {
        let mut size = None;
        for field in fields.iter() {
            if field
                .condition
                .is_some_and(|condition| !self.holds(condition))
            {
                continue;
            }
            match field.form {
                "^" if !self.definitions.keeps_unknown => {
                    let word = self.r.flags(field.known_bits);
                    self.numbers.push((field.name, word));
                }
                "^" | "#" => {
                    let number = self.r.nat();
                    self.numbers.push((field.name, number));
                }
                "~" => size = Some(self.r.int()),
                form => match size.take() {
                    Some(size) => {
                        self.r
                            .limited(size as usize, |r| r.read::<RawObjectRef<'_>>());
                    }
                    None if field.is_repetition => self.repetition(form),
                    None => self.value(form),
                },
            }
            if self.r.failed() {
                return;
            }
        }
    }

    fn value(&mut self, form: &'static str) {
        match form {
            _ if form.starts_with(['!', '%']) => self.nested(form),
            "int" => {
                self.r.int();
            }
            "#" => {
                self.r.nat();
            }
            "float" => {
                self.r.float();
            }
            "long" | "int53" => {
                self.r.long();
            }
            "double" => {
                self.r.double();
            }
            "Bool" => {
                self.r.boolean();
            }
            "true" => {}
            "string" if self.definitions.has_text => {
                self.r.str_();
            }
            "string" | "bytes" => {
                self.r.byte_slice();
            }
            "int128" => {
                self.r.int128_ref();
            }
            "int256" => {
                self.r.int256_ref();
            }
            "int512" => {
                self.r.int512_ref();
            }
            _ => self.nested(form),
        }
    }

    fn nested(&mut self, form: &'static str) {
        let (start, rest) = form.split_at_checked(1).unwrap_or((form, ""));
        match (start, applied(form)) {
            ("!", _) => self.boxed(rest),
            ("%", _) => match self.definition(rest) {
                Some(own) => self.bare(&own),
                None => self.r.fail("object", DecodeErrorKind::NoConstructor),
            },
            ("=", _) => {
                let (id, form) = rest.split_once(':').unwrap_or((rest, ""));
                let id = u32::from_str_radix(id, 16).unwrap_or(0);
                self.r.expect_id(id, form);
                self.value(form);
            }
            (_, ("Vector", item)) => {
                self.r.expect_id(VECTOR_ID, "Vector");
                self.vector("Vector", item);
            }
            (_, ("vector", item)) => self.vector("vector", item),
            // The generator lets no type be kept as bytes that holds anything else.
            _ => self.r.fail("object", DecodeErrorKind::NoConstructor),
        }
    }

    fn vector(&mut self, reading: &'static str, item: &'static str) {
        let min_bytes = self.min_bytes(item, MAX_BARE_LEVELS);
        // A byte of memory for each, so that items without bytes can't be counted in billions.
        let count = self.r.counted(reading, min_bytes, 1);
        self.items(count, |pass| pass.value(item));
    }

    fn repetition(&mut self, form: &'static str) {
        let (count, item) = form.split_once('*').unwrap_or((form, ""));
        let (is_plain, item) = repeated(item);
        let (offset, count) = (self.r.offset(), self.number(count));
        if is_plain {
            let min_bytes = self.min_bytes(item, MAX_BARE_LEVELS);
            let count = self.r.admit(offset, "items", count, min_bytes, 1);
            self.items(count, |pass| pass.value(item));
        } else {
            let count = self.r.admit(offset, "items", count, 0, 1);
            self.items(count, |pass| {
                let mark = pass.numbers.len();
                pass.fields(Fields::of_item(item));
                pass.numbers.truncate(mark);
            });
        }
    }

    fn items(&mut self, count: usize, item: impl Fn(&mut Self)) {
        for _ in 0..count {
            item(self);
            if self.r.failed() {
                return;
            }
        }
    }

    fn definition(&self, id: &str) -> Option<Definition> {
        self.definitions
            .constructor(u32::from_str_radix(id, 16).ok()?)
    }

    /// The fewest bytes that a value takes, or fewer.
    fn min_bytes(&self, form: &'static str, levels: u32) -> usize {
        let (start, rest) = form.split_at_checked(1).unwrap_or((form, ""));
        match form {
            "true" => 0,
            "long" | "int53" | "double" => 8,
            "int128" => 16,
            "int256" => 32,
            "int512" => 64,
            _ if form.starts_with("Vector<") => 8,
            _ if start == "%" => match (self.definition(rest), levels.checked_sub(1)) {
                (Some(own), Some(levels)) => own
                    .fields
                    .iter()
                    .filter(|field| field.condition.is_none())
                    .map(|field| self.min_bytes_of(&field, levels))
                    .fold(0, usize::saturating_add)
                    // As generated code has it: nothing hangs on more than a word.
                    .min(4),
                _ => 0,
            },
            _ => 4,
        }
    }

    fn min_bytes_of(&self, field: &Field, levels: u32) -> usize {
        match field.is_repetition {
            true => 0,
            false => self.min_bytes(field.form, levels),
        }
    }

    fn holds(&self, condition: Condition) -> bool {
        let number = self.named(condition.word);
        match condition.bit {
            Some(bit) => number >> (bit & 31) & 1 != 0,
            None => number != 0,
        }
    }

    /// `n`, `n+1` or `1`.
    fn number(&self, text: &'static str) -> u32 {
        text.split('+').fold(0, |sum: u32, part| {
            let number = part.parse().unwrap_or_else(|_| self.named(part));
            sum.saturating_add(number)
        })
    }

    /// A number of the object; zero for one that is absent.
    fn named(&self, name: &str) -> u32 {
        let own = self.numbers.get(self.own_numbers..).unwrap_or_default();
        let found = own.iter().rfind(|number| number.0 == name);
        found.map_or(0, |number| number.1)
    }
}
