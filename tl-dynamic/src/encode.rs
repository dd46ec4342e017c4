//! Values to bytes: <https://core.telegram.org/mtproto/serialize>.
//!
//! A value states its counts and masks itself. Each is held against what it speaks of, so that what is written can be read.

use crate::codec::{MAX_LEVELS, RootKind};
use crate::decode::{Decoder, nothing_follows};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::frame::{Closed, Frame};
use crate::path::InPlace;
use crate::program::{Arg, Condition, Field, Program, Repeat, Role, Shape, Ty};
use crate::value::{Object, Value};

type Encoded<T> = Result<T, Box<EncodeError>>;

/// Writes a value.
pub(crate) fn encode(program: &Program, root: &RootKind, value: &Value) -> Encoded<Vec<u8>> {
    let mut encoder = Encoder {
        program,
        bytes: Vec::new(),
        levels: 0,
    };
    match root {
        RootKind::Value(ty) => encoder.value(ty, &Frame::default(), value, true)?,
        RootKind::Call(index) => match value {
            Value::Object(object) if object.shape.index == Some(*index) => {
                encoder.free_object(object, true)?;
            }
            other => {
                let name = program.combinator(*index).name();
                return mismatch(other, format!("a call of `{name}`"));
            }
        },
        RootKind::Any => match value {
            Value::Raw(raw) => encoder.bytes.extend(raw.as_bytes()),
            Value::Object(object) => encoder.free_object(object, true)?,
            other => return mismatch(other, "an object".to_owned()),
        },
    }
    Ok(encoder.bytes)
}

struct Encoder<'c> {
    program: &'c Program,
    bytes: Vec<u8>,
    levels: u32,
}

impl Encoder<'_> {
    fn value(&mut self, ty: &Ty, frame: &Frame<'_>, value: &Value, is_last: bool) -> Encoded<()> {
        match (ty, value) {
            (Ty::Nat, Value::Nat(value)) => self.put(&value.to_le_bytes()),
            (Ty::Int, Value::Int(value)) => self.put(&value.to_le_bytes()),
            (Ty::Long, Value::Long(value)) | (Ty::Int53, Value::Int53(value)) => {
                self.put(&value.to_le_bytes());
            }
            (Ty::Float, Value::Float(value)) => self.put(&value.to_le_bytes()),
            (Ty::Double, Value::Double(value)) => self.put(&value.to_le_bytes()),
            (Ty::String, Value::String(text)) => self.string(text.as_bytes())?,
            (Ty::String, Value::NotUtf8(bytes)) | (Ty::Bytes, Value::Bytes(bytes)) => {
                self.string(bytes)?;
            }
            (Ty::Fixed(fixed), Value::Bytes(bytes)) if bytes.len() == fixed.len => self.put(bytes),
            (Ty::True, Value::True) => {}
            (Ty::Bool, Value::Bool(value)) => self.id(self.program.bool_ids[usize::from(*value)]),
            _ => {
                if self.levels == MAX_LEVELS {
                    let limit = MAX_LEVELS;
                    return Err(EncodeErrorKind::DepthLimit { limit }.into());
                }
                self.levels += 1;
                self.nested(ty, frame, value, is_last)?;
                self.levels -= 1;
            }
        }
        Ok(())
    }

    fn nested(&mut self, ty: &Ty, frame: &Frame<'_>, value: &Value, is_last: bool) -> Encoded<()> {
        match (ty, value) {
            (Ty::Vector { is_boxed, item }, Value::Vector(items)) => {
                self.vector(*is_boxed, Closed { ty: item, frame }, items, is_last)
            }
            (Ty::Boxed(..) | Ty::Object | Ty::Query(_), Value::Raw(raw)) => {
                let has_end = || match ty {
                    Ty::Boxed(..) => false,
                    _ => Decoder::delimits(self.program, raw.as_bytes(), *ty != Ty::Object),
                };
                if !is_last && !has_end() {
                    let what = "a raw object that the schema does not tell the end of: nothing can follow it";
                    return Err(EncodeErrorKind::Contradiction {
                        what: what.to_owned(),
                    }
                    .into());
                }
                self.put(raw.as_bytes());
                Ok(())
            }
            (Ty::Object, Value::Object(object)) => self.free_object(object, is_last),
            (Ty::Query(_), Value::Object(object)) => {
                let index = self.own(object)?;
                match self.program.combinator(index).is_function() {
                    true => self.free_object(object, is_last),
                    false => mismatch(value, "a call".to_owned()),
                }
            }
            (Ty::Boxed(index, args), value) => self.boxed(*index, args, frame, value, is_last),
            (Ty::Bare(index, args), Value::Object(object)) if self.own(object)? == *index => {
                self.bound_object(object, args, frame, is_last)
            }
            (Ty::BareType(index, args), value) => {
                self.bare_type(*index, args, frame, value, is_last)
            }
            (Ty::Var { .. }, value) => match frame.resolve(ty) {
                None => undetermined("nothing binds its type"),
                Some((closed, false)) => self.value(closed.ty, closed.frame, value, is_last),
                Some((closed, true)) => self.made_bare(closed, value, is_last),
            },
            (Ty::Unusable | Ty::Repeat(_), _) => undetermined("a type is no value"),
            (ty, value) => mismatch(value, self.program.describe(ty)),
        }
    }

    fn made_bare(&mut self, closed: Closed<'_>, value: &Value, is_last: bool) -> Encoded<()> {
        let Closed { ty, frame } = closed;
        match (ty, value) {
            (Ty::Boxed(index, args), value) => match &self.program.ty(*index).plain {
                Some(plain) => self.value(plain, &Frame::default(), value, is_last),
                None => self.bare_type(*index, args, frame, value, is_last),
            },
            (Ty::Vector { item, .. }, Value::Vector(items)) => {
                self.vector(false, Closed { ty: item, frame }, items, is_last)
            }
            (Ty::Bool, _) => undetermined("bare, `Bool` does not tell the constructor"),
            (bare, value) => self.value(bare, frame, value, is_last),
        }
    }

    /// A bare value whose type tells the constructor.
    fn bare_type(
        &mut self,
        index: u32,
        args: &[Arg],
        frame: &Frame<'_>,
        value: &Value,
        is_last: bool,
    ) -> Encoded<()> {
        let program = self.program;
        let Some((constructor, inner)) = Frame::of_bare_type(program, index, args, frame) else {
            return undetermined("bare, its type does not tell the constructor");
        };
        match value {
            Value::Object(object) if self.own(object)? == constructor => {
                self.object(object, inner, is_last)
            }
            other => mismatch(
                other,
                format!("a `{}`", program.combinator(constructor).name()),
            ),
        }
    }

    fn boxed(
        &mut self,
        index: u32,
        args: &[Arg],
        frame: &Frame<'_>,
        value: &Value,
        is_last: bool,
    ) -> Encoded<()> {
        let ty = self.program.ty(index);
        if let (Some(plain), &[(id, _)]) = (&ty.plain, &ty.constructors[..]) {
            self.id(id);
            return self.value(plain, &Frame::default(), value, is_last);
        }
        match value {
            Value::Object(object) => {
                let own = self.own(object)?;
                if !ty.constructors.iter().any(|row| row.1 == own) {
                    return mismatch(value, format!("a constructor of `{}`", ty.name));
                }
                self.id(object.id());
                self.bound_object(object, args, frame, is_last)
            }
            other => mismatch(other, format!("a `{}`", ty.name)),
        }
    }

    /// The fields of an object of a type with arguments.
    fn bound_object(
        &mut self,
        object: &Object,
        args: &[Arg],
        frame: &Frame<'_>,
        is_last: bool,
    ) -> Encoded<()> {
        let combinator = self.program.combinator(self.own(object)?);
        match Frame::bound(self.program, combinator, args, frame) {
            Some(inner) => self.object(object, inner, is_last),
            None => Err(EncodeErrorKind::Contradiction {
                what: format!(
                    "`{}` is no constructor of the type that stands here: its arguments differ",
                    combinator.name()
                ),
            }
            .into()),
        }
    }

    /// An object that stands for itself, with its id.
    fn free_object(&mut self, object: &Object, is_last: bool) -> Encoded<()> {
        let combinator = self.program.combinator(self.own(object)?);
        if combinator.needs_arguments() {
            return undetermined("its type has parameters, and nothing here gives them");
        }
        self.id(object.id());
        self.object(object, Frame::free(combinator), is_last)
    }

    fn object(&mut self, object: &Object, mut frame: Frame<'_>, is_last: bool) -> Encoded<()> {
        let combinator = self.program.combinator(self.own(object)?);
        if let Some(why) = &combinator.unusable {
            return undetermined(why);
        }
        self.fields(&combinator.fields, object, &mut frame, is_last)
    }

    fn fields(
        &mut self,
        fields: &[Field],
        object: &Object,
        frame: &mut Frame<'_>,
        is_last: bool,
    ) -> Encoded<()> {
        let shape = &*object.shape;
        // The place of a size that is still to be written.
        let mut open: Option<usize> = None;
        for (index, field) in fields.iter().enumerate() {
            let name = &shape.fields[index].name;
            let is_there = field.condition.is_none_or(|it| frame.holds(it));
            if let Role::Flag { .. } = field.role {
                continue;
            }
            let value = object.stored(index);
            if !is_there && let Some(slot) = field.slot {
                frame.set(slot, 0);
            }
            let value = match (value, is_there) {
                (Some(value), true) => value,
                (None, false) => continue,
                (None, true) if field.role == Role::Length => {
                    open = Some(self.bytes.len());
                    self.put(&[0; 4]);
                    continue;
                }
                (found, _) => {
                    let what = presence(shape, fields, field, name, found.is_some());
                    return Err(EncodeErrorKind::Contradiction { what }.into());
                }
            };
            if field.role == Role::Length {
                open = Some(self.bytes.len());
            }
            let is_bounded = open.is_some() && field.role != Role::Length;
            let is_last = is_bounded || is_last && nothing_follows(&fields[index + 1..], frame);
            self.field(field, frame, value, is_last)
                .in_field(&shape.name, name)?;
            if is_bounded && let Some(at) = open.take() {
                let stated = index
                    .checked_sub(1)
                    .and_then(|before| object.stored(before));
                self.close(at, stated).in_field(&shape.name, name)?;
            }
        }
        Ok(())
    }

    /// Fills in the size at `at` of what was written behind it, or holds the one that is there against it.
    fn close(&mut self, at: usize, stated: Option<&Value>) -> Encoded<()> {
        let len = self.bytes.len() - at - 4;
        let Ok(size) = i32::try_from(len) else {
            let what = "an object".to_owned();
            return Err(EncodeErrorKind::TooLong { what, len }.into());
        };
        match stated {
            Some(Value::Int(stated)) if *stated != size => Err(EncodeErrorKind::Contradiction {
                what: format!(
                    "the object takes {size} bytes, but the field before it says {stated}"
                ),
            }
            .into()),
            _ => {
                self.bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
                Ok(())
            }
        }
    }

    fn field(
        &mut self,
        field: &Field,
        frame: &mut Frame<'_>,
        value: &Value,
        is_last: bool,
    ) -> Encoded<()> {
        match (&field.ty, value) {
            (Ty::Repeat(repeat), Value::Vector(items)) => {
                self.repeat(repeat, frame, items, is_last)
            }
            (Ty::Repeat(_), other) => mismatch(other, "items".to_owned()),
            (Ty::Nat, Value::Nat(word)) => {
                if let Some(slot) = field.slot {
                    frame.set(slot, *word);
                }
                self.put(&word.to_le_bytes());
                Ok(())
            }
            (ty, value) => self.value(ty, frame, value, is_last),
        }
    }

    fn repeat(
        &mut self,
        repeat: &Repeat,
        frame: &mut Frame<'_>,
        items: &[Value],
        is_last: bool,
    ) -> Encoded<()> {
        check_count(repeat, frame, items.len())?;
        for (index, item) in items.iter().enumerate() {
            let is_last = is_last && index + 1 == items.len();
            let written = match (item, &repeat.fields[..]) {
                (item, [only]) if repeat.is_plain => self.nested_item(only, frame, item, is_last),
                (Value::Object(object), fields) if std::ptr::eq(&*object.shape, &*repeat.shape) => {
                    self.fields(fields, object, frame, is_last)
                }
                (other, _) => mismatch(other, "an item of this repetition".to_owned()),
            };
            written.in_item(index)?;
        }
        Ok(())
    }

    /// The one nameless field of a repetition, which may be a repetition itself.
    fn nested_item(
        &mut self,
        field: &Field,
        frame: &mut Frame<'_>,
        item: &Value,
        is_last: bool,
    ) -> Encoded<()> {
        if self.levels == MAX_LEVELS {
            let limit = MAX_LEVELS;
            return Err(EncodeErrorKind::DepthLimit { limit }.into());
        }
        self.levels += 1;
        self.field(field, frame, item, is_last)?;
        self.levels -= 1;
        Ok(())
    }

    fn vector(
        &mut self,
        is_boxed: bool,
        item: Closed<'_>,
        items: &[Value],
        is_last: bool,
    ) -> Encoded<()> {
        let Ok(count) = i32::try_from(items.len()) else {
            let (what, len) = ("a vector".to_owned(), items.len());
            return Err(EncodeErrorKind::TooLong { what, len }.into());
        };
        if is_boxed {
            self.id(self.program.vector_id);
        }
        self.put(&count.to_le_bytes());
        for (index, value) in items.iter().enumerate() {
            let is_last = is_last && index + 1 == items.len();
            self.value(item.ty, item.frame, value, is_last)
                .in_item(index)?;
        }
        Ok(())
    }

    /// The index of an object's combinator, if it is this schema's.
    fn own(&self, object: &Object) -> Encoded<u32> {
        let index = object.shape.index.filter(|&index| {
            let own = self.program.combinators.get(index as usize);
            own.is_some_and(|own| std::ptr::eq(&*own.shape, &*object.shape))
        });
        index.ok_or_else(|| {
            EncodeErrorKind::Mismatch {
                found: format!("`{}` of another codec", object.name()),
                expected: "an object of this codec's schema".to_owned(),
            }
            .into()
        })
    }

    fn string(&mut self, content: &[u8]) -> Encoded<()> {
        let len = content.len();
        let bytes = (len as u64).to_le_bytes();
        match len {
            0..=253 => self.put(&bytes[..1]),
            254..=0xff_ffff => {
                self.put(&[254]);
                self.put(&bytes[..3]);
            }
            _ if len as u64 >> 56 == 0 => {
                self.put(&[255]);
                self.put(&bytes[..7]);
            }
            _ => {
                let what = "a string".to_owned();
                return Err(EncodeErrorKind::TooLong { what, len }.into());
            }
        }
        self.put(content);
        let header = match len {
            0..=253 => 1,
            254..=0xff_ffff => 4,
            _ => 8,
        };
        self.put(&[0; 3][..(header + len).next_multiple_of(4) - header - len]);
        Ok(())
    }

    fn id(&mut self, id: u32) {
        self.put(&id.to_le_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// Holds the number of items against the count that the schema says.
pub(crate) fn check_count(repeat: &Repeat, frame: &Frame<'_>, len: usize) -> Encoded<()> {
    let count = frame
        .count(repeat.count)
        .ok()
        .filter(|&count| i32::try_from(count).is_ok());
    match count {
        Some(count) if count as usize == len => Ok(()),
        Some(count) => Err(EncodeErrorKind::Contradiction {
            what: format!("there are {len} items, but the count is {count}"),
        }
        .into()),
        None => Err(EncodeErrorKind::Contradiction {
            what: "the count exceeds 31 bits".to_owned(),
        }
        .into()),
    }
}

/// Why a field must or must not be there.
pub(crate) fn presence(
    shape: &Shape,
    fields: &[Field],
    field: &Field,
    name: &str,
    is_there: bool,
) -> String {
    let Some(Condition { slot, bit }) = field.condition else {
        return format!("`{}` needs the field `{name}`", shape.name);
    };
    let word = fields.iter().position(|word| word.slot == Some(slot));
    let word = match word {
        Some(at) => format!("`{}`", shape.fields[at].name),
        None => "the number that the type is given".to_owned(),
    };
    let place = match bit {
        Some(bit) => format!("bit {bit} of {word}"),
        None => word,
    };
    match is_there {
        true => format!("`{name}` is there, but {place} is not set"),
        false => format!("{place} is set, but `{name}` is absent"),
    }
}

impl Program {
    /// A type in words, for errors.
    pub(crate) fn describe(&self, ty: &Ty) -> String {
        match ty {
            Ty::Nat => "a number of 32 bits (`#`)".to_owned(),
            Ty::Int => "an integer of 32 bits (`int`)".to_owned(),
            Ty::Long => "an integer of 64 bits (`long`)".to_owned(),
            Ty::Int53 => "an integer of 64 bits (`int53`)".to_owned(),
            Ty::Float => "a number (`float`)".to_owned(),
            Ty::Double => "a number (`double`)".to_owned(),
            Ty::String => "a string".to_owned(),
            Ty::Bytes => "bytes".to_owned(),
            Ty::Fixed(fixed) => format!("{} bytes (`{}`)", fixed.len, fixed.name),
            Ty::True => "`true`".to_owned(),
            Ty::Bool => "a `Bool`".to_owned(),
            Ty::Object => "an object of any type".to_owned(),
            Ty::Query(_) => "a call".to_owned(),
            Ty::Vector { .. } => "a vector".to_owned(),
            Ty::Repeat(_) => "items".to_owned(),
            Ty::Boxed(index, _) | Ty::BareType(index, _) => format!("a `{}`", self.ty(*index).name),
            Ty::Bare(index, _) => format!("a `{}`", self.combinator(*index).name()),
            Ty::Var { .. } | Ty::Unusable => "a value".to_owned(),
        }
    }
}

fn mismatch<T>(found: &Value, expected: String) -> Encoded<T> {
    let found = found.describe();
    Err(EncodeErrorKind::Mismatch { found, expected }.into())
}

fn undetermined<T>(why: &str) -> Encoded<T> {
    let why = why.to_owned();
    Err(EncodeErrorKind::Undetermined { why }.into())
}
