//! Reading: a cursor that keeps its first failure.

use alloc::boxed::Box;

use super::{
    Combinator, DecodeError, DecodeErrorKind, ExpectedIds, Int128, Int256, Int512, Limits,
    RawObject, RawObjectRef, TlRead, rows,
};

pub(super) const BOOL_TRUE: u32 = 0x9972_75b5;
pub(super) const BOOL_FALSE: u32 = 0xbc79_9737;

/// What [`Reader::id`] says it reads, until [`Reader::unexpected_id`] knows the type.
const ANY_ID: &str = "constructor id";

/// Reads TL values from bytes.
///
/// No read returns a `Result`: at the first failure the reader records it, with the offset, and drops the bytes it had
/// left. Every later read finds no bytes and yields zero, an empty string or an empty vector at next to no cost.
///
/// ```
/// use mtproto_runtime::wire::Reader;
///
/// let mut r = Reader::new(&[1, 0, 0, 0, 2, 0]);
/// assert_eq!((r.int(), r.long(), r.int()), (1, 0, 0));
/// assert_eq!(r.finish().unwrap_err().to_string(), "at byte 4: the input ends inside `long`: 8 bytes needed, 2 left");
/// ```
pub struct Reader<'a> {
    /// What is left; empty after a failure.
    pub(super) rest: &'a [u8],
    /// The offset of the end of `rest`: the whole input's, or that of the part being read by [`Self::limited`].
    end: usize,
    /// How many more recursive values may be entered; below zero after [`Self::enter`] failed.
    depth: i32,
    /// How much more heap may be taken.
    allocation_bytes: usize,
    depth_limit: u32,
    failure: Option<DecodeError>,
    /// All of the input; only [`Self::unknown_ref`] goes back in it.
    input: &'a [u8],
    /// Where an unknown constructor took all that was left: the error that it is if more has to be there.
    kept: Option<DecodeError>,
    /// Whether an object is being read that something follows: no object in it lasts to the end of the input.
    is_followed: bool,
    /// What the input is a part of, where that can be shared.
    #[cfg(feature = "bytes")]
    pub(super) source: Option<&'a bytes::Bytes>,
}

/// The reader itself.
impl<'a> Reader<'a> {
    /// A reader of `bytes` within the [`Limits`] for an input of their length.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_limits(bytes, Limits::for_input(bytes.len()))
    }

    /// A reader of `bytes` within other limits.
    #[must_use]
    pub fn with_limits(bytes: &'a [u8], limits: Limits) -> Self {
        Self {
            rest: bytes,
            end: bytes.len(),
            depth: i32::try_from(limits.depth).unwrap_or(i32::MAX),
            allocation_bytes: limits.allocation_bytes,
            depth_limit: limits.depth,
            failure: None,
            input: bytes,
            kept: None,
            is_followed: false,
            #[cfg(feature = "bytes")]
            source: None,
        }
    }

    /// Ends reading.
    ///
    /// # Errors
    ///
    /// The first failure, or [`DecodeErrorKind::TrailingBytes`] if bytes are left.
    #[inline]
    pub fn finish(mut self) -> Result<(), DecodeError> {
        self.finish_with(())
    }

    /// Ends reading: the value that was read, or the first failure.
    #[inline]
    pub(super) fn finish_with<T>(&mut self, value: T) -> Result<T, DecodeError> {
        self.expect_end("value");
        match self.failure.take() {
            None => Ok(value),
            Some(failure) => Err(failure),
        }
    }

    /// Whether something has failed. What is read from then on means nothing.
    #[inline]
    #[must_use]
    pub fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The offset of the next byte in the input.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// How many bytes are left.
    #[inline]
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes all bytes that are left.
    #[inline]
    pub extern "C" fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Reads a part of exactly `len` bytes, as a length field before it says. Within `read` the input ends with the
    /// part; bytes that `read` leaves are a failure, and so is a length that was a negative `int` before it was cast.
    pub extern "C" fn limited<R>(&mut self, len: usize, read: impl FnOnce(&mut Self) -> R) -> R {
        let outer_kept = self.kept.clone();
        let is_followed = core::mem::take(&mut self.is_followed);
        let (outer_end, after) = self.narrow(len);
        let value = read(self);
        self.expect_end("body");
        self.end = outer_end;
        self.kept = outer_kept;
        self.is_followed = is_followed;
        self.rest = if self.failed() { &[] } else { after };
        value
    }

    /// Enters a value of a recursive type; fails when values nest too deeply. To be paired with [`leave`](Self::leave).
    #[inline]
    pub extern "C" fn enter(&mut self) {
        self.depth = self.depth.wrapping_sub(1);
        if self.depth < 0 {
            self.fail_at_depth();
        }
    }

    /// Leaves what [`enter`](Self::enter) entered, whether or not it failed.
    #[inline]
    pub extern "C" fn leave(&mut self) {
        self.depth = self.depth.wrapping_add(1);
    }

    #[cold]
    #[inline(never)]
    extern "C" fn fail_at_depth(&mut self) {
        self.fail(
            "nested value",
            DecodeErrorKind::DepthLimit {
                limit: self.depth_limit,
            },
        );
    }

    /// Records a failure at the present offset, unless there is one already.
    #[cold]
    #[inline(never)]
    pub extern "C" fn fail(&mut self, reading: &'static str, kind: DecodeErrorKind) {
        self.fail_at(self.offset(), reading, kind);
    }

    /// Records that the id just read is of no constructor of `type_name`.
    ///
    /// A failed reader yields the id 0 and thus gets here too: its first failure stays.
    #[cold]
    #[inline(never)]
    pub extern "C" fn unexpected_id(
        &mut self,
        type_name: &'static str,
        found: u32,
        expected: &'static [u32],
    ) {
        self.wrong_id(type_name, found, ExpectedIds::AnyOf(expected));
    }

    #[cold]
    #[inline(never)]
    extern "C" fn wrong_id(&mut self, reading: &'static str, found: u32, expected: ExpectedIds) {
        match &mut self.failure {
            // The input ended at this very id, and only now it shows whose it would have been.
            Some(failure) if failure.reading == ANY_ID => failure.reading = reading,
            _ => {
                let offset = self.offset().saturating_sub(4);
                self.fail_at(
                    offset,
                    reading,
                    DecodeErrorKind::UnexpectedConstructor { found, expected },
                );
            }
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) extern "C" fn fail_at(
        &mut self,
        offset: usize,
        reading: &'static str,
        kind: DecodeErrorKind,
    ) {
        if self.failure.is_none() {
            self.failure = Some(self.kept.take().unwrap_or(DecodeError {
                offset,
                reading,
                kind,
            }));
        }
        self.rest = &[];
    }

    #[cold]
    #[inline(never)]
    extern "C" fn fail_short(&mut self, reading: &'static str, needed: usize) {
        let available = self.rest.len();
        self.fail(
            reading,
            DecodeErrorKind::UnexpectedEnd { needed, available },
        );
    }

    #[inline]
    extern "C" fn expect_end(&mut self, reading: &'static str) {
        if !self.rest.is_empty() {
            self.fail_at_end(reading);
        }
    }

    #[cold]
    #[inline(never)]
    extern "C" fn fail_at_end(&mut self, reading: &'static str) {
        let count = self.rest.len();
        self.fail(reading, DecodeErrorKind::TrailingBytes { count });
    }

    /// Makes the next `len` bytes the whole rest; returns the old end and the bytes after the new one.
    extern "C" fn narrow(&mut self, len: usize) -> (usize, &'a [u8]) {
        let outer_end = self.end;
        match self.rest.split_at_checked(len) {
            Some((part, after)) => {
                self.end -= after.len();
                self.rest = part;
                (outer_end, after)
            }
            None => {
                match len.cast_signed() {
                    0.. => self.fail_short("body", len),
                    len => self.fail("body", DecodeErrorKind::NegativeLength { len }),
                }
                (outer_end, &[])
            }
        }
    }

    /// Pays for an allocation of `bytes`. To be asked before it is made.
    #[inline]
    pub(super) extern "C" fn pay(
        &mut self,
        offset: usize,
        reading: &'static str,
        bytes: usize,
    ) -> bool {
        match self.allocation_bytes.checked_sub(bytes) {
            Some(left) => {
                self.allocation_bytes = left;
                true
            }
            None => {
                self.fail_to_pay(offset, reading, bytes);
                false
            }
        }
    }

    #[cold]
    #[inline(never)]
    extern "C" fn fail_to_pay(&mut self, offset: usize, reading: &'static str, needed: usize) {
        let available = self.allocation_bytes;
        self.fail_at(
            offset,
            reading,
            DecodeErrorKind::AllocationLimit { needed, available },
        );
    }

    /// Takes `len` bytes, or none at all and fails.
    #[inline]
    pub(super) extern "C" fn take(&mut self, reading: &'static str, len: usize) -> &'a [u8] {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.fail_short(reading, len);
                &[]
            }
        }
    }

    #[inline]
    extern "C" fn chunk<const N: usize>(&mut self, reading: &'static str) -> [u8; N] {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                *chunk
            }
            None => {
                self.fail_short(reading, N);
                [0; N]
            }
        }
    }

    #[inline]
    extern "C" fn chunk_ref<const N: usize>(&mut self, reading: &'static str) -> &'a [u8; N] {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                chunk
            }
            None => {
                self.fail_short(reading, N);
                &[0; N]
            }
        }
    }

    #[inline]
    pub(super) extern "C" fn word(&mut self, reading: &'static str) -> u32 {
        u32::from_le_bytes(self.chunk(reading))
    }
}

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

    /// A value of any type.
    // Unoptimised, too, this is no function of its own for each type.
    #[inline(always)]
    pub extern "C" fn read<T: TlRead<'a>>(&mut self) -> T {
        T::read_from(self)
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
    pub(super) extern "C" fn passed_since(&self, start: usize) -> RawObjectRef<'a> {
        let passed = self.input.get(start..self.offset());
        RawObjectRef::read(passed.filter(|_| !self.failed()).unwrap_or_default())
    }
}
