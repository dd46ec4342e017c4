//! TL values on the wire: [binary data serialization](https://core.telegram.org/mtproto/serialize).
//!
//! Generated types implement [`TlRead`] and [`TlWrite`]; [`decode`] and [`encode`] are the entries for everybody else.
//! A value is a sequence of 32-bit words, little endian. A *bare* value is its fields one after another; a *boxed*
//! value starts with the id of its constructor. In Rust a constructor is a struct and reads bare, a boxed type is an
//! enum and reads its id first, a function reads its id first.
//!
//! ```
//! use mtproto_runtime::wire::{decode, encode};
//!
//! let bytes = encode(&vec![1_i64, -1])?; // a `Vector<long>`
//! assert_eq!(bytes.len(), 4 + 4 + 2 * 8);
//! assert_eq!(decode::<Vec<i64>>(&bytes)?, [1, -1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors stick
//!
//! No single read or write returns a `Result`. The [`Reader`] keeps its first failure and drops the bytes it had left.
//! Every later read finds none and yields zero, an empty string or an empty vector: loops and recursion end by
//! themselves, and [`decode`] asks once, at the end. Reads in generated code are plain expressions. For the whole
//! Telegram API that is 128 thousand lines of unoptimised IR where a `?` after every field makes 478 thousand, compiles
//! in .29 of the time of existing bindings instead of .50 (debug), and decodes faster. The [`Writer`] does the same,
//! and one body serves both of its passes: the first counts the bytes that find no room; if there are any, the second fills
//! all of them in.
//!
//! # Reads do not unwind
//!
//! No read panics. They say so in their signatures: they are `extern "C"`, which the compiler holds to abort rather than
//! unwind, and so a caller needs no code that cleans up half a value when a later field unwinds. For the whole Telegram
//! API that code is half of what an optimising compiler makes of the reads, and half of its time. An implementation of
//! [`TlRead`] outside of generated code carries `#[allow(improper_ctypes_definitions)]`: nothing here is called from C.
//!
//! # Hostile input
//!
//! Nothing here panics, recurses without a bound, or allocates memory that the input has not paid for: see [`Limits`].
//! Counts are held against the bytes that are left before anything is allocated.
//!
//! # Dialects
//!
//! Three cases that the specification leaves open or that peers treat in their own way:
//!
//! * A string of 2²⁴ bytes and more has the byte 255 and a 56-bit length in front, as TDLib and VK do. It is read,
//!   and written only where the length needs it.
//! * A length in a longer form than it needs (254 or 255 before a short string) is accepted as TDLib does, although no
//!   peer writes it: such a value encodes to fewer bytes than it was read from.
//! * Padding has to be there, but its content is ignored when reading. It is written as zeros.

mod boxed;
#[cfg(feature = "bytes")]
mod bytes;
mod definitions;
mod error;
mod image;
#[cfg(feature = "serde")]
pub mod json;
mod limits;
mod owned;
mod primitive;
#[doc(hidden)]
pub mod probe;
mod raw;
mod reader;
mod redacted;
mod room;
mod rows;
mod scratch;
mod serve;
mod string;
mod utf8;
mod vector;
mod writer;

use alloc::vec::Vec;

#[cfg(feature = "bytes")]
pub use self::bytes::decode_bytes;
#[cfg(feature = "bytes")]
pub use ::bytes::Bytes;
pub use boxed::Boxed;
pub use definitions::Definitions;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, ExpectedIds};
pub use image::{Shapes, debug_enum, debug_struct, equal};
pub use limits::Limits;
pub use owned::{ToOwnedForm, own};
pub use primitive::{Int128, Int256, Int512};
pub use raw::{RawObject, RawObjectRef};
pub use reader::Reader;
pub use redacted::Redacted;
pub use serve::{
    CallError, Reply, Service, Step, answer, answer_by_steps, call_id, not_implemented, read_call,
    unknown_function, write_result,
};
pub use vector::VECTOR_ID;
#[doc(hidden)]
pub use writer::OpenFlags;
pub use writer::Writer;

/// A value that can be read.
///
/// A struct (constructor) reads bare, an enum (boxed type) reads its id first, a function reads its id first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from the wire",
    label = "no `TlRead`",
    note = "a type of your own: `#[derive(tl_derive::TlRead)]`; in a field of one that has the derive, a module of yours reads it with `#[tl(with = …)]`",
    note = "a generated function: `read_functions` in the generator's configuration; a generated type that depends on numbers: its `read_with`"
)]
pub trait TlRead<'a>: Sized {
    /// The fewest bytes a value can take on the wire. Bounds the counts of vectors, so it must not be too high.
    const MIN_BYTES: usize = 4;

    /// Reads a value. Never fails: the reader keeps the first failure, and what is returned then is of no meaning.
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self;

    /// Reads `count` values in a row. Called by [`Reader::items`], which has checked the count and paid for the memory;
    /// numbers override it with one copy.
    #[inline]
    extern "C" fn read_items(r: &mut Reader<'a>, count: usize) -> Vec<Self> {
        rows::read(r, count)
    }
}

/// A value that can be written.
///
/// It must write the same bytes each time: encoding may ask twice, once for the length and once for the bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written to the wire",
    label = "no `TlWrite`",
    note = "a type of your own: `#[derive(tl_derive::TlWrite)]`; in a field of one that has the derive, a module of yours writes it with `#[tl(with = …)]`",
    note = "a generated type that depends on numbers: its `write_with`"
)]
pub trait TlWrite {
    /// Writes the value. Never fails: the writer keeps the first failure.
    fn write_to(&self, w: &mut Writer);

    /// Writes values in a row. Numbers override it with one copy.
    #[inline]
    fn write_items(items: &[Self], w: &mut Writer)
    where
        Self: Sized,
    {
        for item in items {
            item.write_to(w);
        }
    }
}

/// A constructor or a function: something with an id and a name in TL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no constructor and no function",
    label = "no `Combinator`",
    note = "a struct of your own: `#[derive(tl_derive::TlWrite)]` with `#[tl(id = 0x…, name = \"…\")]`; an enum is a type, and has no id of its own"
)]
pub trait Combinator {
    /// [`ID`](Self::ID) and [`NAME`](Self::NAME) at once: a constant less to compile for each of thousands of types.
    const TL: (u32, &'static str);
    /// The number that stands for the combinator on the wire.
    const ID: u32 = Self::TL.0;
    /// Its name in TL, with the namespace: `messages.getHistory`.
    const NAME: &'static str = Self::TL.1;
    /// Whether a derive was told that the type's own reading and writing take care of the id.
    #[doc(hidden)]
    const IS_BOXED: bool = false;
}

impl<T: Combinator> Combinator for alloc::boxed::Box<T> {
    const TL: (u32, &'static str) = T::TL;
    const IS_BOXED: bool = T::IS_BOXED;
}

/// A function, and what it returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no call of a function",
    label = "no `Function`",
    note = "a struct of your own: `#[derive(tl_derive::Function)]` with `#[tl(boxed, returns = …)]`"
)]
pub trait Function: Combinator + TlWrite {
    /// What the function returns, in the form that owns its data.
    type Return;

    /// Reads what this call returns, which may depend on its arguments.
    fn read_return(&self, r: &mut Reader<'_>) -> Self::Return;
}

/// Reads what a call returns, when that takes up the whole input.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_return<F: Function>(call: &F, bytes: &[u8]) -> Result<F::Return, DecodeError> {
    let mut r = Reader::new(bytes);
    let value = call.read_return(&mut r);
    r.finish_with(value)
}

/// Reads a value that takes up the whole input, within the [`Limits`] for an input of its length.
///
/// ```
/// use mtproto_runtime::wire::decode;
///
/// assert_eq!(decode::<&str>(b"\x05hello\0\0")?, "hello");
/// let error = decode::<&str>(b"\x05hel").unwrap_err();
/// assert_eq!(error.to_string(), "at byte 0: the input ends inside `string`: 8 bytes needed, 4 left");
/// # Ok::<(), mtproto_runtime::wire::DecodeError>(())
/// ```
///
/// # Errors
///
/// The first thing that went wrong, and where. [`DecodeErrorKind::TrailingBytes`] if bytes are left over.
pub fn decode<'a, T: TlRead<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    decode_with(bytes, Limits::for_input(bytes.len()))
}

/// [`decode`] within other limits.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_with<'a, T: TlRead<'a>>(bytes: &'a [u8], limits: Limits) -> Result<T, DecodeError> {
    let mut r = Reader::with_limits(bytes, limits);
    let value = T::read_from(&mut r);
    r.finish_with(value)
}

/// Reads a value from the start of the input, and returns it with the bytes after it.
///
/// ```
/// use mtproto_runtime::wire::decode_prefix;
///
/// let (value, rest) = decode_prefix::<i32>(&[1, 0, 0, 0, 9, 9])?;
/// assert_eq!((value, rest), (1, &[9, 9][..]));
/// # Ok::<(), mtproto_runtime::wire::DecodeError>(())
/// ```
///
/// # Errors
///
/// The first thing that went wrong, and where.
pub fn decode_prefix<'a, T: TlRead<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), DecodeError> {
    let mut r = Reader::new(bytes);
    let value = T::read_from(&mut r);
    let rest = r.rest();
    r.finish_with((value, rest))
}

/// Reads a constructor that stands in boxed form: its id, then the bare value.
///
/// Not for enums and functions, which read their ids themselves: [`decode`] those.
///
/// # Errors
///
/// As [`decode`]; [`DecodeErrorKind::UnexpectedConstructor`] if the id is another one.
pub fn decode_boxed<'a, T: TlRead<'a> + Combinator>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    let mut r = Reader::new(bytes);
    let value = r.constructor();
    r.finish_with(value)
}

/// Writes a value, into one allocation of exactly its size.
///
/// The value is gone through once if it fits into memory that the thread keeps for that, and else twice. That memory grows to
/// the longest value so far of up to 64 KiB; without the feature `std` there is none. What was written stays there until something
/// else is written there: for secrets there is [`encode_into`], which copies nothing.
///
/// ```
/// use mtproto_runtime::wire::encode;
///
/// assert_eq!(encode("hello")?, b"\x05hello\0\0");
/// # Ok::<(), mtproto_runtime::wire::EncodeError>(())
/// ```
///
/// # Errors
///
/// When the value has no form on the wire: see [`EncodeError`].
pub fn encode<T: TlWrite + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    encode_in_scratch(&|w| value.write_to(w))
}

/// [`encode`], compiled once.
fn encode_in_scratch(write: &dyn Fn(&mut Writer)) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::appending(scratch::take());
    write(&mut w);
    let error = w.take_error();
    let (missing, scratch) = (w.missing(), w.into_bytes());
    let len = scratch.len().saturating_add(missing);
    let mut bytes = Vec::new();
    let has_memory = error.is_none() && bytes.try_reserve_exact(len).is_ok();
    if has_memory && missing == 0 {
        bytes.extend_from_slice(&scratch);
    }
    scratch::put_back(scratch, len);
    if let Some(error) = error {
        return Err(error);
    }
    if !has_memory {
        return Err(EncodeError::too_long("value", len));
    }
    if missing > 0 {
        fill(write, len, &mut bytes)?;
    }
    Ok(bytes)
}

/// Writes a constructor in boxed form: its id, then the bare value.
///
/// Not for enums and functions, which write their ids themselves: [`encode`] those.
///
/// # Errors
///
/// As [`encode`].
pub fn encode_boxed<T: TlWrite + Combinator>(value: &T) -> Result<Vec<u8>, EncodeError> {
    encode_in_scratch(&|w| w.constructor(value))
}

/// Appends a value to `bytes`, which grows at most once.
///
/// # Errors
///
/// As [`encode`]; `bytes` is then as it was.
pub fn encode_into<T: TlWrite + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    append(&|w| value.write_to(w), bytes)
}

/// [`encode_into`], compiled once.
fn append(write: &dyn Fn(&mut Writer), bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    let len = count(write)?;
    if bytes.try_reserve(len).is_err() {
        return Err(EncodeError::too_long("value", len));
    }
    fill(write, len, bytes)
}

/// The number of bytes that [`encode`] makes of a value.
///
/// # Errors
///
/// As [`encode`].
pub fn encoded_len<T: TlWrite + ?Sized>(value: &T) -> Result<usize, EncodeError> {
    count(&|w| value.write_to(w))
}

/// The first pass of two.
fn count(write: &dyn Fn(&mut Writer)) -> Result<usize, EncodeError> {
    let mut w = Writer::appending(Vec::new());
    write(&mut w);
    match w.take_error() {
        Some(error) => Err(error),
        None => Ok(w.missing()),
    }
}

/// [`encode`] for what has no [`TlWrite`] that fits: a result that depends on the arguments of its call. No copy of it stays
/// anywhere.
///
/// ```
/// use mtproto_runtime::wire::encode_by;
///
/// let bytes = encode_by(|w| w.items(2, &[7_i32, 8], "tuple.items"))?;
/// assert_eq!(bytes, [7, 0, 0, 0, 8, 0, 0, 0]);
/// # Ok::<(), mtproto_runtime::wire::EncodeError>(())
/// ```
///
/// # Errors
///
/// As [`encode`].
pub fn encode_by(write: impl Fn(&mut Writer)) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    append(&write, &mut bytes)?;
    Ok(bytes)
}

/// The second pass: there is room for the `len` bytes that the first one found.
fn fill(write: &dyn Fn(&mut Writer), len: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = bytes.len();
    let mut w = Writer::appending(core::mem::take(bytes));
    write(&mut w);
    let error = w.take_error();
    let missing = w.missing();
    *bytes = w.into_bytes();
    if error.is_none() && missing == 0 && bytes.len() == start + len {
        return Ok(());
    }
    bytes.truncate(start);
    Err(error.unwrap_or(EncodeError::Unstable))
}
