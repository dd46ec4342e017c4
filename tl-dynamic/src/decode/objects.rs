//! Objects of any type and calls of any function: what tells where they end, and which are kept as they are.

use super::{Decoded, Decoder, undetermined};
use crate::codec::{Objects, Options, Unknown};
use crate::error::DecodeErrorKind;
use crate::frame::Frame;
use crate::program::{Program, Ty};
use crate::value::{Raw, Value};

impl<'c, 'b> Decoder<'c, 'b> {
    /// Whether all of `bytes` is one object, or one call, that ends where its own fields do.
    pub(crate) fn delimits(program: &'c Program, bytes: &'b [u8], is_query: bool) -> bool {
        const OPTIONS: &Options = &Options::new();
        let mut decoder = Decoder::new(program, bytes, OPTIONS);
        // More than any reader gives it, as part of a longer message; but nobody has paid for billions of items without bytes.
        decoder.limits.depth = u32::MAX;
        decoder.allocation_bytes = decoder.allocation_bytes.saturating_mul(32);
        decoder.object(is_query, false).is_ok() && decoder.rest.is_empty()
    }

    /// Reads a value; an object takes all that is left, if objects are kept as they are.
    pub(super) fn open_value<'p>(
        &mut self,
        ty: &'p Ty,
        frame: &'p Frame<'p>,
        is_last: bool,
    ) -> Decoded<Value> {
        match ty {
            Ty::Object | Ty::Query(_)
                if is_last && !self.is_followed && self.options.objects == Objects::Raw =>
            {
                self.raw()
            }
            _ => self.value(ty, frame, is_last),
        }
    }

    /// An object of any type, or a call of any function, that ends where its own fields do.
    pub(super) fn object(&mut self, is_query: bool, is_last: bool) -> Decoded<Value> {
        let (offset, start, allocation_bytes) = (self.offset(), self.rest, self.allocation_bytes);
        let is_followed = std::mem::replace(&mut self.is_followed, true);
        self.enter()?;
        let value = self.known_object(is_query, is_last)?;
        self.depth -= 1;
        self.is_followed = is_followed;
        if self.options.objects == Objects::Decode {
            return Ok(value);
        }
        // All that its value is for is where it ends.
        drop(value);
        self.allocation_bytes = allocation_bytes;
        let object = &start[..start.len() - self.rest.len()];
        self.pay(offset, "Object", object.len())?;
        match Raw::new(object.to_vec()) {
            Some(raw) => Ok(Value::Raw(raw)),
            None => self.fail_at(
                offset,
                "Object",
                DecodeErrorKind::UnalignedLength { len: object.len() },
            ),
        }
    }

    fn known_object(&mut self, is_query: bool, is_last: bool) -> Decoded<Value> {
        let start = self.rest;
        let reading = if is_query { "Function" } else { "Object" };
        let id = self.word(reading)?;
        let may_be_unknown = is_last
            && self.options.constructors == Unknown::Keep
            && self.options.objects == Objects::Decode;
        match self.program.with_id(id) {
            Some(index) if self.may_be_inside(index, is_query) => {
                let ty = self.program.combinator(index).ty;
                let is_level = ty.is_some_and(|ty| self.program.ty(ty).is_recursive);
                if is_level {
                    let after = std::mem::replace(&mut self.rest, start);
                    self.enter()?;
                    self.rest = after;
                }
                let value = self.free_combinator(index, is_last)?;
                self.depth -= u32::from(is_level);
                Ok(value)
            }
            _ if may_be_unknown => {
                self.rest = start;
                self.raw()
            }
            _ => self.unexpected_id(reading, id, std::iter::empty()),
        }
    }

    /// Whether an object, or a query, may be of this constructor or function. A message may be a call, too. Generated code knows
    /// only constructors in objects, and none that are built in or have parameters.
    fn may_be_inside(&self, index: u32, is_query: bool) -> bool {
        let combinator = self.program.combinator(index);
        let decodes = self.options.objects == Objects::Decode;
        if is_query {
            return combinator.is_function() && (decodes || combinator.type_slots == 0);
        }
        let is_plain = !combinator.is_builtin && combinator.patterns.is_empty();
        decodes || is_plain && !combinator.is_function()
    }

    /// Whatever the id belongs to.
    pub(super) fn any(&mut self) -> Decoded<Value> {
        let start = self.rest;
        let id = self.word("value")?;
        match self.program.with_id(id) {
            Some(index) => self.free_combinator(index, true),
            None if self.options.constructors == Unknown::Keep => {
                self.rest = start;
                self.raw()
            }
            None => self.unexpected_id("value", id, std::iter::empty()),
        }
    }

    /// A combinator that stands for itself: no type gives it arguments.
    pub(super) fn free_combinator(&mut self, index: u32, is_last: bool) -> Decoded<Value> {
        let combinator = self.program.combinator(index);
        if combinator.needs_arguments() {
            let why = "its type has parameters, and nothing here gives them: name the type, as in `Vector<long>`";
            return self.fail(combinator.name(), undetermined(why));
        }
        self.combinator(index, Frame::free(combinator), is_last)
    }

    /// All that is left, as one object.
    pub(super) fn raw(&mut self) -> Decoded<Value> {
        let offset = self.offset();
        let available = self.rest.len();
        if available < 4 {
            let kind = DecodeErrorKind::UnexpectedEnd {
                needed: 4,
                available,
            };
            return self.fail("Object", kind);
        }
        match Raw::new(std::mem::take(&mut self.rest).to_vec()) {
            Some(raw) => {
                self.pay(offset, "Object", available)?;
                Ok(Value::Raw(raw))
            }
            None => self.fail_at(
                offset,
                "Object",
                DecodeErrorKind::UnalignedLength { len: available },
            ),
        }
    }
}
