//! Values: numbers, flags words, ids, and what is built of others.

use alloc::boxed::Box;

use super::{ANY_ID, BOOL_FALSE, BOOL_TRUE};
use crate::wire::{
    Combinator, DecodeErrorKind, ExpectedIds, Int128, Int256, Int512, Reader, TlRead, rows,
};

/// Values.
impl<'a> Reader<'a> {
    /// `int`.
    #[inline]
    pub extern "C" fn int(&mut self) -> i32 {
        i32::from_le_bytes(self.chunk("int"))
    }

    /// `#`, a natural number.
    #[inline]
    pub extern "C" fn nat(&mut self) -> u32 {
        self.word("#")
    }

    /// `long`.
    #[inline]
    pub extern "C" fn long(&mut self) -> i64 {
        i64::from_le_bytes(self.chunk("long"))
    }

    /// `float`, with all its bits.
    #[inline]
    pub extern "C" fn float(&mut self) -> f32 {
        f32::from_le_bytes(self.chunk("float"))
    }

    /// `double`, with all its bits.
    #[inline]
    pub extern "C" fn double(&mut self) -> f64 {
        f64::from_le_bytes(self.chunk("double"))
    }

    /// `Bool`, always boxed.
    #[inline]
    pub extern "C" fn boolean(&mut self) -> bool {
        match self.id() {
            BOOL_TRUE => true,
            BOOL_FALSE => false,
            found => {
                self.unexpected_id("Bool", found, &[BOOL_FALSE, BOOL_TRUE]);
                false
            }
        }
    }

    /// `int128`.
    #[inline]
    pub extern "C" fn int128(&mut self) -> Int128 {
        Int128(self.chunk("int128"))
    }

    /// `int256`.
    #[inline]
    pub extern "C" fn int256(&mut self) -> Int256 {
        Int256(self.chunk("int256"))
    }

    /// `int512`.
    #[inline]
    pub extern "C" fn int512(&mut self) -> Int512 {
        Int512(self.chunk("int512"))
    }

    /// `int128`, borrowed from the input.
    #[inline]
    pub extern "C" fn int128_ref(&mut self) -> &'a [u8; 16] {
        self.chunk_ref("int128")
    }

    /// `int256`, borrowed from the input.
    #[inline]
    pub extern "C" fn int256_ref(&mut self) -> &'a [u8; 32] {
        self.chunk_ref("int256")
    }

    /// `int512`, borrowed from the input.
    #[inline]
    pub extern "C" fn int512_ref(&mut self) -> &'a [u8; 64] {
        self.chunk_ref("int512")
    }

    /// The id of a constructor or function; 0 when there is none.
    #[inline]
    pub extern "C" fn id(&mut self) -> u32 {
        self.word(ANY_ID)
    }

    /// The id of the constructor or function `name`, and no other.
    #[inline]
    pub extern "C" fn expect_id(&mut self, id: u32, name: &'static str) {
        let found = self.word(name);
        if found != id {
            self.wrong_id(name, found, ExpectedIds::One(id));
        }
    }

    /// A flags word, in which no bit outside `known` may be set.
    #[inline]
    pub extern "C" fn flags(&mut self, known: u32) -> u32 {
        let word = self.nat();
        if word & !known == 0 {
            return word;
        }
        self.unknown_flags(word & !known, known);
        0
    }

    #[cold]
    #[inline(never)]
    extern "C" fn unknown_flags(&mut self, bits: u32, known: u32) {
        let offset = self.offset().saturating_sub(4);
        self.fail_at(
            offset,
            "#",
            DecodeErrorKind::UnknownFlagBits { bits, known },
        );
    }

    /// A constructor in boxed form: its id, then the bare value.
    #[inline]
    pub fn constructor<T: TlRead<'a> + Combinator>(&mut self) -> T {
        self.expect_id(T::ID, T::NAME);
        T::read_from(self)
    }

    /// A value in a box of its own.
    #[inline(always)]
    pub extern "C" fn boxed<T: TlRead<'a>>(&mut self) -> Box<T> {
        self.pay(self.offset(), "boxed value", const { size_of::<T>() });
        rows::boxed(self)
    }

    /// A value that is there when `present`, a flags word masked with the bit that says so, is not zero.
    #[inline]
    pub extern "C" fn optional<T: TlRead<'a>>(&mut self, present: u32) -> Option<T> {
        if present != 0 {
            Some(T::read_from(self))
        } else {
            None
        }
    }

    /// [`boxed`](Self::boxed) for values without a [`TlRead`] that fits.
    #[inline]
    pub extern "C" fn boxed_of<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Box<T> {
        self.pay(self.offset(), "boxed value", size_of::<T>());
        Box::write(Box::new_uninit(), value(self))
    }

    /// The id of a built-in type's one constructor, and the value without it.
    #[inline]
    pub extern "C" fn with_id<T>(
        &mut self,
        id: u32,
        name: &'static str,
        value: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.expect_id(id, name);
        value(self)
    }

    /// [`optional`](Self::optional) for values without a [`TlRead`] that fits. Nothing is there once something has failed:
    /// the number may have been passed in, and a value that is in itself by it would never end.
    #[inline]
    pub extern "C" fn optional_of<T>(
        &mut self,
        present: u32,
        value: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        if present != 0 && !self.failed() {
            Some(value(self))
        } else {
            None
        }
    }
}

/// Numbers that a type depends on.
impl Reader<'_> {
    /// Holds a number that a type is applied to against the only one that its constructor `name` stands for.
    #[inline]
    pub extern "C" fn expect_nat(&mut self, name: &'static str, found: u32, expected: u32) {
        if found != expected {
            self.fail(name, DecodeErrorKind::WrongNumber { found, expected });
        }
    }

    /// The number that `plus` is added to in the result of the constructor `name`: `n` of `Tuple t (n+1)`. There is none
    /// for a number below `plus`.
    #[inline]
    pub extern "C" fn less(&mut self, name: &'static str, number: u32, plus: u32) -> u32 {
        number.checked_sub(plus).unwrap_or_else(|| {
            self.expect_nat(name, number, plus);
            0
        })
    }
}

impl Reader<'_> {
    /// Records that no constructor of `type_name` stands for the numbers that the type is applied to.
    #[cold]
    #[inline(never)]
    pub extern "C" fn no_constructor(&mut self, type_name: &'static str) {
        self.fail(type_name, DecodeErrorKind::NoConstructor);
    }
}
