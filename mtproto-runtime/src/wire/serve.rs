//! What a server answers calls with; the generated module `server` plugs into it.
//!
//! The server has one error type, [`Service::Error`], which says what the peer is told, and for each namespace of the schema
//! a generated trait with a method for each function. The generated `dispatch` goes by a call's id to its method and
//! writes what that returns.

use alloc::vec::Vec;
use core::fmt;

use super::{DecodeError, EncodeError, Function, RawObjectRef, Reader, TlRead, TlWrite, Writer};

/// Something that answers calls.
pub trait Service {
    /// What the methods fail with: an error for the peer, or what else keeps the server from an answer now.
    type Error: From<CallError>;
}

/// What a method of a server returns.
pub type Reply<S, T> = Result<T, <S as Service>::Error>;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The server does not implement the function.
    NotImplemented {
        /// Its TL name.
        function: &'static str,
    },
    /// The schema has no such function.
    UnknownFunction {
        /// The id that is there.
        id: u32,
    },
    /// The call can't be read.
    Decode(DecodeError),
    /// The result can't be written.
    Encode(EncodeError),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotImplemented { function } => write!(f, "`{function}` is not implemented"),
            Self::UnknownFunction { id } => write!(f, "no function has the id 0x{id:08x}"),
            Self::Decode(error) => write!(f, "the call can't be read: {error}"),
            Self::Encode(error) => write!(f, "the result can't be written: {error}"),
        }
    }
}

impl core::error::Error for CallError {}

impl From<DecodeError> for CallError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<EncodeError> for CallError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

/// What one step of answering a call comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'c> {
    /// The answer.
    Answer(Vec<u8>),
    /// The answer is that of the call within: `query` of `invokeWithLayer`.
    Inner(RawObjectRef<'c>),
}

/// Takes steps until there is an answer. Calls within calls are not copied, and nest as deeply as they like.
///
/// # Errors
///
/// Those of a step.
pub fn answer_by_steps<'c, E>(
    call: &'c [u8],
    mut step: impl FnMut(&'c [u8]) -> Result<Step<'c>, E>,
) -> Result<Vec<u8>, E> {
    let mut call = call;
    loop {
        match step(call)? {
            Step::Answer(bytes) => return Ok(bytes),
            Step::Inner(query) => call = query.as_bytes(),
        }
    }
}

/// The id of a call; 0 of fewer than 4 bytes.
#[must_use]
pub fn call_id(call: &[u8]) -> u32 {
    Reader::new(call).peek_id()
}

/// Reads a call, has it handled, and writes what it returns.
///
/// # Errors
///
/// The call can't be read, the handler fails, or the result can't be written.
pub fn answer<'c, F, E>(
    call: &'c [u8],
    handle: impl FnOnce(F) -> Result<F::Return, E>,
) -> Result<Step<'c>, E>
where
    F: Function<Return: TlWrite> + TlRead<'c>,
    E: From<CallError>,
{
    let result = handle(read_call(call)?)?;
    write_result(|w| result.write_to(w))
}

/// Reads a call.
///
/// # Errors
///
/// [`CallError::Decode`].
pub fn read_call<'c, F: TlRead<'c>>(call: &'c [u8]) -> Result<F, CallError> {
    Ok(super::decode(call)?)
}

/// Writes a result; `write` is called twice and must write the same each time.
///
/// # Errors
///
/// [`CallError::Encode`].
pub fn write_result<'c, E: From<CallError>>(write: impl Fn(&mut Writer)) -> Result<Step<'c>, E> {
    match super::encode_by(write) {
        Ok(bytes) => Ok(Step::Answer(bytes)),
        Err(error) => Err(CallError::Encode(error).into()),
    }
}

/// What a method that a server does not have returns.
///
/// # Errors
///
/// [`CallError::NotImplemented`], always.
pub fn not_implemented<C, R, E: From<CallError>>(_: C, function: &'static str) -> Result<R, E> {
    Err(CallError::NotImplemented { function }.into())
}

/// What a call of no known function returns.
///
/// # Errors
///
/// [`CallError::UnknownFunction`], always.
pub fn unknown_function<R, E: From<CallError>>(id: u32) -> Result<R, E> {
    Err(CallError::UnknownFunction { id }.into())
}
