//! Reading: a cursor that keeps its first failure.

mod objects;
mod values;

use super::{DecodeError, DecodeErrorKind, ExpectedIds, Limits, TlRead};

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
    pub(super) is_followed: bool,
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

    /// A value of any type.
    // Unoptimised, too, this is no function of its own for each type.
    #[inline(always)]
    pub extern "C" fn read<T: TlRead<'a>>(&mut self) -> T {
        T::read_from(self)
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
