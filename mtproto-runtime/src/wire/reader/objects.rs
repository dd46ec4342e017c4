//! Objects of any type, and of constructors that a schema does not have.

use crate::wire::{
    DecodeError, DecodeErrorKind, ExpectedIds, RawObject, RawObjectRef, Reader, TlRead,
};

/// Unknown constructors that are kept.
impl<'a> Reader<'a> {
    /// Takes the id just read, which is of no constructor of `type_name`, and all bytes that are left as one object.
    ///
    /// Nothing tells where the object ends. It is kept where it is the last of the input, or of the part that is
    /// [`limited`](Self::limited): if anything after it fails, as what needs a byte does, the failure is that of
    /// [`unexpected_id`](Self::unexpected_id).
    #[cold]
    #[inline(never)]
    pub fn unknown(
        &mut self,
        type_name: &'static str,
        found: u32,
        expected: &'static [u32],
    ) -> RawObject {
        // What can't be paid for is not kept.
        let len = self.remaining() + 4;
        if self.failed() || self.pay(self.offset().saturating_sub(4), "Object", len) {
            self.unknown_ref(type_name, found, expected).to_owned()
        } else {
            RawObject::none()
        }
    }

    /// The same, borrowed from the input.
    #[cold]
    #[inline(never)]
    pub fn unknown_ref(
        &mut self,
        type_name: &'static str,
        found: u32,
        expected: &'static [u32],
    ) -> RawObjectRef<'a> {
        let start = self.offset().saturating_sub(4);
        let object = self.input.get(start..self.end).unwrap_or_default();
        if self.failed() || !object.len().is_multiple_of(4) {
            self.unexpected_id(type_name, found, expected);
            return RawObjectRef::read(&[]);
        }
        self.rest = &[];
        self.kept = Some(DecodeError {
            offset: start,
            reading: type_name,
            kind: DecodeErrorKind::UnexpectedConstructor {
                found,
                expected: ExpectedIds::AnyOf(expected),
            },
        });
        RawObjectRef::read(object)
    }
}

/// Objects of any type.
impl<'a> Reader<'a> {
    /// The id that comes next, which stays; 0 when there is none.
    #[must_use]
    pub fn peek_id(&self) -> u32 {
        self.rest
            .first_chunk()
            .map_or(0, |id| u32::from_le_bytes(*id))
    }

    /// Reads past a value.
    pub extern "C" fn pass<T: TlRead<'a>>(&mut self) {
        T::read_from(self);
    }

    /// Reads past the id that comes next and records that `type_name` has none such.
    #[cold]
    #[inline(never)]
    pub extern "C" fn unknown_id(&mut self, type_name: &'static str) {
        let found = self.id();
        self.unexpected_id(type_name, found, &[]);
    }

    /// An object of any type that is the last of what holds it. It takes all that is left of the input, or of the part
    /// that is [`limited`](Self::limited); but within an object that something follows, `pass` finds its end.
    pub extern "C" fn last(&mut self, pass: fn(&mut Self)) -> RawObject {
        if self.is_followed {
            self.passed(pass)
        } else {
            self.read()
        }
    }

    /// The same, borrowed from the input.
    pub extern "C" fn last_ref(&mut self, pass: fn(&mut Self)) -> RawObjectRef<'a> {
        if self.is_followed {
            self.passed_ref(pass)
        } else {
            self.read()
        }
    }

    /// An object of any type that something follows: `pass` finds its end.
    pub extern "C" fn passed(&mut self, pass: fn(&mut Self)) -> RawObject {
        let offset = self.offset();
        let object = self.passed_ref(pass);
        if self.pay(offset, "Object", object.as_bytes().len()) {
            object.to_owned()
        } else {
            RawObject::none()
        }
    }

    /// The same, borrowed from the input.
    ///
    /// What `pass` reads is gone again when it returns, and so are its claims to memory.
    pub extern "C" fn passed_ref(&mut self, pass: fn(&mut Self)) -> RawObjectRef<'a> {
        let (rest, allocation_bytes) = (self.rest, self.allocation_bytes);
        let is_followed = core::mem::replace(&mut self.is_followed, true);
        self.enter();
        pass(self);
        self.leave();
        self.is_followed = is_followed;
        self.allocation_bytes = allocation_bytes;
        let len = if self.failed() {
            0
        } else {
            rest.len() - self.rest.len()
        };
        RawObjectRef::read(&rest[..len])
    }

    /// What has been passed over since an offset; nothing after a failure.
    pub(in crate::wire) extern "C" fn passed_since(&self, start: usize) -> RawObjectRef<'a> {
        let passed = self.input.get(start..self.offset());
        RawObjectRef::read(passed.filter(|_| !self.failed()).unwrap_or_default())
    }
}
