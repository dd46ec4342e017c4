//! Bytes to values: <https://core.telegram.org/mtproto/serialize>.
//!
//! The order of checks is that of the runtime's reader, so that both report the same failure at the same offset.

mod cursor;
mod objects;

use std::sync::Arc;

use crate::codec::{Limits, MAX_LEVELS, Objects, Options, RootKind, Unknown};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::frame::{Closed, Frame};
use crate::path::InPlace;
use crate::program::{Arg, Field, Program, Repeat, Role, Shape, Ty};
use crate::value::{Object, Value};

type Decoded<T> = Result<T, Box<DecodeError>>;

/// A cursor.
pub(crate) struct Decoder<'c, 'b> {
    program: &'c Program,
    options: &'c Options,
    /// What is left.
    rest: &'b [u8],
    /// The offset of the end of `rest`: the whole input's, or that of the part being read.
    end: usize,
    limits: Limits,
    /// How many values of recursive types are being read.
    depth: u32,
    /// How many values of any kind are being read.
    levels: u32,
    /// How much more memory may be taken.
    allocation_bytes: usize,
    /// Whether an object is being read that something can follow: none in it is kept as it is.
    is_followed: bool,
}

impl<'c, 'b> Decoder<'c, 'b> {
    pub(crate) fn new(program: &'c Program, bytes: &'b [u8], options: &'c Options) -> Self {
        let limits = options.limits.unwrap_or(Limits::for_input(bytes.len()));
        Self {
            program,
            options,
            rest: bytes,
            end: bytes.len(),
            limits,
            depth: 0,
            levels: 0,
            allocation_bytes: limits.allocation_bytes,
            is_followed: false,
        }
    }

    pub(crate) fn root(&mut self, root: &RootKind) -> Decoded<Value> {
        match root {
            RootKind::Value(ty) => self.open_value(ty, &Frame::default(), true),
            RootKind::Call(index) => {
                let name = self.program.combinator(*index).name();
                let id = self.program.combinator(*index).shape.id;
                self.expect_id(id, name)?;
                self.free_combinator(*index, true)
            }
            RootKind::Any => self.any(),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(&mut self) -> Decoded<()> {
        self.expect_end("value")
    }

    /// Reads a value. `is_last`: nothing follows it in the message.
    fn value<'p>(&mut self, ty: &'p Ty, frame: &'p Frame<'p>, is_last: bool) -> Decoded<Value> {
        Ok(match ty {
            Ty::Nat => Value::Nat(self.word("#")?),
            Ty::Int => Value::Int(i32::from_le_bytes(self.chunk("int")?)),
            Ty::Long => Value::Long(i64::from_le_bytes(self.chunk("long")?)),
            Ty::Int53 => Value::Int53(i64::from_le_bytes(self.chunk("long")?)),
            Ty::Float => Value::Float(f32::from_le_bytes(self.chunk("float")?)),
            Ty::Double => Value::Double(f64::from_le_bytes(self.chunk("double")?)),
            Ty::String => self.string()?,
            Ty::Bytes => {
                let offset = self.offset();
                let (_, bytes) = self.content("bytes")?;
                self.pay(offset, "bytes", bytes.len())?;
                Value::Bytes(bytes.to_vec())
            }
            Ty::Fixed(fixed) => {
                let offset = self.offset();
                let bytes = self.take(fixed.name, fixed.len)?;
                self.pay(offset, fixed.name, fixed.len)?;
                Value::Bytes(bytes.to_vec())
            }
            Ty::True => Value::True,
            Ty::Bool => Value::Bool(self.boolean()?),
            Ty::Unusable => return self.fail("Type", undetermined("a type is no value")),
            nested => return self.nested(|it| it.nested_value(nested, frame, is_last)),
        })
    }

    /// One level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Decoded<T>) -> Decoded<T> {
        if self.levels == MAX_LEVELS {
            let limit = MAX_LEVELS;
            return self.fail("nested value", DecodeErrorKind::DepthLimit { limit });
        }
        self.levels += 1;
        let value = read(self)?;
        self.levels -= 1;
        Ok(value)
    }

    fn nested_value<'p>(
        &mut self,
        ty: &'p Ty,
        frame: &'p Frame<'p>,
        is_last: bool,
    ) -> Decoded<Value> {
        match ty {
            Ty::Vector { is_boxed, item } => {
                let item = Closed { ty: item, frame };
                self.vector(*is_boxed, item, is_last)
            }
            Ty::Boxed(index, args) => self.boxed(*index, args, frame, is_last),
            Ty::Bare(index, args) => self.bare(*index, args, frame, is_last),
            Ty::BareType(index, args) => self.bare_type(*index, args, frame, is_last),
            // The parser lets repetitions stand in fields alone, where `field` reads them.
            Ty::Repeat(_) => self.fail("items", undetermined("a repetition is no type")),
            Ty::Query(_) => self.object(true, is_last),
            Ty::Object => self.object(false, is_last),
            Ty::Var { .. } => match frame.resolve(ty) {
                None => self.fail("value", undetermined("nothing binds its type")),
                Some((closed, false)) => self.value(closed.ty, closed.frame, is_last),
                Some((closed, true)) => self.made_bare(closed, is_last),
            },
            scalar => self.value(scalar, frame, is_last),
        }
    }

    /// A type behind `%`, known only now.
    fn made_bare(&mut self, closed: Closed<'_>, is_last: bool) -> Decoded<Value> {
        let Closed { ty, frame } = closed;
        match ty {
            Ty::Boxed(index, args) => match &self.program.ty(*index).plain {
                Some(plain) => self.value(plain, &Frame::default(), is_last),
                None => self.bare_type(*index, args, frame, is_last),
            },
            Ty::Vector { item, .. } => self.vector(false, Closed { ty: item, frame }, is_last),
            Ty::Bool => self.fail(
                "Bool",
                undetermined("bare, it does not tell its constructor"),
            ),
            bare => self.value(bare, frame, is_last),
        }
    }

    fn boxed<'p>(
        &mut self,
        index: u32,
        args: &'p [Arg],
        frame: &'p Frame<'p>,
        is_last: bool,
    ) -> Decoded<Value> {
        let program = self.program;
        let ty = program.ty(index);
        if ty.is_recursive {
            self.enter()?;
        }
        let start = self.rest;
        // A built-in type has one constructor.
        let is_value = ty.plain.as_ref().is_some_and(|plain| *plain != Ty::True);
        let reading = match &ty.constructors[..] {
            [only] if is_value => program.combinator(only.1).name(),
            _ => &ty.name,
        };
        let id = self.word(reading)?;
        let Some(constructor) = ty.constructor_with_id(id) else {
            // Generated code has no variant for the unknown where one constructor is all.
            let is_kept = !is_value || self.options.objects == Objects::Decode;
            if is_last && is_kept && self.options.constructors == Unknown::Keep {
                self.rest = start;
                return self.raw();
            }
            return self.unexpected_id(reading, id, ty.constructors.iter().map(|own| own.0));
        };
        let value = match &ty.plain {
            Some(plain) => self.value(plain, &Frame::default(), is_last)?,
            None => {
                let combinator = program.combinator(constructor);
                let Some(inner) = Frame::bound(program, combinator, args, frame) else {
                    let fitting = ty.constructors.iter().filter(|own| {
                        let own = program.combinator(own.1);
                        Frame::bound(program, own, args, frame).is_some()
                    });
                    return self.unexpected_id(&ty.name, id, fitting.map(|own| own.0));
                };
                self.combinator(constructor, inner, is_last)?
            }
        };
        if ty.is_recursive {
            self.depth -= 1;
        }
        Ok(value)
    }

    fn bare<'p>(
        &mut self,
        index: u32,
        args: &'p [Arg],
        frame: &'p Frame<'p>,
        is_last: bool,
    ) -> Decoded<Value> {
        let program = self.program;
        let combinator = program.combinator(index);
        match Frame::bound(program, combinator, args, frame) {
            Some(inner) => self.combinator(index, inner, is_last),
            None => self.fail(
                combinator.name(),
                undetermined("it is no constructor of the type that stands here"),
            ),
        }
    }

    /// A bare value whose type tells the constructor.
    fn bare_type<'p>(
        &mut self,
        index: u32,
        args: &'p [Arg],
        frame: &'p Frame<'p>,
        is_last: bool,
    ) -> Decoded<Value> {
        let program = self.program;
        let is_level = program.ty(index).is_recursive;
        if is_level {
            self.enter()?;
        }
        match Frame::of_bare_type(program, index, args, frame) {
            Some((constructor, inner)) => {
                let value = self.combinator(constructor, inner, is_last)?;
                if is_level {
                    self.depth -= 1;
                }
                Ok(value)
            }
            None => self.fail(
                &program.ty(index).name,
                undetermined("bare, it does not tell its constructor"),
            ),
        }
    }

    fn combinator(&mut self, index: u32, mut frame: Frame<'_>, is_last: bool) -> Decoded<Value> {
        let combinator = self.program.combinator(index);
        if let Some(why) = &combinator.unusable {
            return self.fail(combinator.name(), undetermined(why));
        }
        if combinator.is_recursive {
            self.enter()?;
        }
        let (fields, shape) = (&combinator.fields, &combinator.shape);
        let fields = self.fields(fields, shape, combinator.open_field, &mut frame, is_last)?;
        if combinator.is_recursive {
            self.depth -= 1;
        }
        Ok(Value::Object(Object {
            shape: Arc::clone(&combinator.shape),
            fields,
        }))
    }

    /// Fields in their order. Those that are absent leave nothing behind. `open`: the one that may take all that is left.
    fn fields(
        &mut self,
        fields: &[Field],
        shape: &Shape,
        open: Option<usize>,
        frame: &mut Frame<'_>,
        is_last: bool,
    ) -> Decoded<Vec<(u16, Value)>> {
        let mut values = Vec::new();
        let mut limit = None;
        for (index, field) in fields.iter().enumerate() {
            if let Some(condition) = field.condition
                && !frame.holds(condition)
            {
                if let Some(slot) = field.slot {
                    frame.set(slot, 0);
                }
                continue;
            }
            if let Role::Flag { .. } = field.role {
                continue;
            }
            let is_last = is_last && nothing_follows(&fields[index + 1..], frame);
            let value = self
                .field(field, frame, &mut limit, is_last, open == Some(index))
                .in_field(&shape.name, &shape.fields[index].name)?;
            self.pay(self.offset(), "fields", size_of::<(u16, Value)>())?;
            values.push((index as u16, value));
        }
        Ok(values)
    }

    /// `limit` goes from a field that states a size to the field it bounds.
    fn field(
        &mut self,
        field: &Field,
        frame: &mut Frame<'_>,
        limit: &mut Option<usize>,
        is_last: bool,
        is_open: bool,
    ) -> Decoded<Value> {
        if let Some(len) = limit.take() {
            return self.limited(len, |it| it.open_value(&field.ty, frame, true));
        }
        match (&field.ty, field.role) {
            (Ty::Repeat(repeat), _) => self.nested(|it| it.repeat(repeat, frame, is_last)),
            (Ty::Nat, role) => {
                let offset = self.offset();
                let word = self.word("#")?;
                if let Role::Flags { known } = role
                    && word & !known != 0
                    && self.options.flag_bits == Unknown::Reject
                {
                    let bits = word & !known;
                    let kind = DecodeErrorKind::UnknownFlagBits { bits, known };
                    return self.fail_at(offset, "#", kind);
                }
                if let Some(slot) = field.slot {
                    frame.set(slot, word);
                }
                Ok(Value::Nat(word))
            }
            (ty, role) => {
                let value = match is_open {
                    true => self.open_value(ty, frame, is_last)?,
                    false => self.value(ty, frame, is_last)?,
                };
                if let (Role::Length, Value::Int(len)) = (role, &value) {
                    *limit = Some(*len as usize);
                }
                Ok(value)
            }
        }
    }

    fn repeat(&mut self, repeat: &Repeat, frame: &mut Frame<'_>, is_last: bool) -> Decoded<Value> {
        let Ok(count) = frame.count(repeat.count) else {
            return self.fail("items", DecodeErrorKind::NumberTooLarge);
        };
        let min = match &repeat.fields[..] {
            [only] if only.condition.is_none() => self.min_bytes(&only.ty),
            _ => 0,
        };
        let count = self.admit(self.offset(), "items", count, min)?;
        let mut items = Vec::with_capacity(count);
        for index in 0..count {
            let is_last = is_last && index + 1 == count;
            let fields = self
                .fields(&repeat.fields, &repeat.shape, None, frame, is_last)
                .in_item(index)?;
            items.push(repeat.item(fields));
        }
        Ok(Value::Vector(items))
    }

    fn vector(&mut self, is_boxed: bool, item: Closed<'_>, is_last: bool) -> Decoded<Value> {
        let reading = if is_boxed { "Vector" } else { "vector" };
        if is_boxed {
            self.expect_id(self.program.vector_id, reading)?;
        }
        let offset = self.offset();
        let count = self.word(reading)?;
        let min = self.min_bytes(item.ty);
        let count = self.admit(offset, reading, count, min)?;
        let mut items = Vec::with_capacity(count);
        for index in 0..count {
            let is_last = is_last && index + 1 == count;
            items.push(self.value(item.ty, item.frame, is_last).in_item(index)?);
        }
        Ok(Value::Vector(items))
    }

    /// Holds a count against the bytes that are left, and pays for the items.
    fn admit(
        &mut self,
        offset: usize,
        reading: &str,
        count: u32,
        min_bytes: usize,
    ) -> Decoded<usize> {
        let (items, available) = (count as usize, self.rest.len());
        let needed = items.saturating_mul(min_bytes);
        if i32::try_from(count).is_err() {
            return self.fail_at(offset, reading, DecodeErrorKind::VectorTooLong { count });
        }
        if needed > available {
            let kind = DecodeErrorKind::UnexpectedEnd { needed, available };
            return self.fail_at(offset, reading, kind);
        }
        self.pay(offset, reading, items.saturating_mul(size_of::<Value>()))?;
        Ok(items)
    }

    /// The fewest bytes of an item, as generated code knows it: small structs count as they are, larger ones as a word, and
    /// what depends on the arguments of a type as nothing.
    fn min_bytes(&self, ty: &Ty) -> usize {
        match ty {
            Ty::Long | Ty::Int53 | Ty::Double => 8,
            Ty::Fixed(fixed) => fixed.len,
            Ty::True | Ty::Repeat(_) | Ty::Unusable | Ty::Var { .. } | Ty::BareType(..) => 0,
            Ty::Vector { is_boxed: true, .. } => 8,
            Ty::Boxed(_, args) | Ty::Bare(_, args) if !args.is_empty() => 0,
            Ty::Bare(index, _) => self.program.combinator(*index).min_bytes,
            _ => 4,
        }
    }
}

impl Repeat {
    /// One item of its fields' values.
    pub(crate) fn item(&self, mut fields: Vec<(u16, Value)>) -> Value {
        match fields.pop() {
            Some((_, only)) if self.is_plain => only,
            last => {
                fields.extend(last);
                Value::Object(Object {
                    shape: Arc::clone(&self.shape),
                    fields,
                })
            }
        }
    }
}

/// Whether fields are all absent or take no bytes, as far as can be told before the words among them are read.
pub(crate) fn nothing_follows(fields: &[Field], frame: &Frame<'_>) -> bool {
    fields.iter().all(|field| {
        let is_absent = field
            .condition
            .is_some_and(|condition| !frame.holds(condition));
        is_absent && field.slot.is_none() || field.ty == Ty::True
    })
}

fn undetermined(why: &str) -> DecodeErrorKind {
    DecodeErrorKind::Undetermined {
        why: why.to_owned(),
    }
}
