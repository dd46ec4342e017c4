//! Objects of types nobody here knows.

use alloc::vec::Vec;
use core::fmt;

use super::{Combinator, DecodeError, DecodeErrorKind, Reader, TlRead, TlWrite, Writer};

/// A boxed object, kept as the bytes it came in: `Object`, or a query `!X` that a server does not know.
///
/// Only its type would tell where an object ends, so reading one takes all that is left of the input, or of the part of
/// it that is [`limited`](Reader::limited). It is therefore the last field of whatever holds it.
///
/// ```
/// use mtproto_runtime::wire::{RawObject, VECTOR_ID, decode, encode};
///
/// let object: RawObject = decode(&encode(&vec![7_i32])?)?;
/// assert_eq!(object.id(), VECTOR_ID);
/// assert_eq!(object.decode::<Vec<i32>>()?, [7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawObject {
    bytes: Vec<u8>,
}

impl RawObject {
    /// What a reader found to be one object.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self {
            bytes: Vec::from(bytes),
        }
    }

    /// What a failed reader yields.
    pub(super) const fn none() -> Self {
        Self { bytes: Vec::new() }
    }

    /// The object that `bytes` are: an id, and what belongs to it.
    ///
    /// # Errors
    ///
    /// If there are fewer than 4 bytes, or not a multiple of 4.
    pub fn new(bytes: Vec<u8>) -> Result<Self, DecodeError> {
        let mut r = Reader::new(&bytes);
        object(&mut r);
        r.finish().map(|()| Self { bytes })
    }

    /// The id of the constructor or function.
    #[must_use]
    pub fn id(&self) -> u32 {
        id_of(&self.bytes)
    }

    /// The whole object, with its id.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole object, with its id.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Reads the object as a boxed type or a function, as [`decode`](super::decode) does.
    ///
    /// # Errors
    ///
    /// If it is not of that type. Offsets count from the start of the object.
    pub fn decode<'a, T: TlRead<'a>>(&'a self) -> Result<T, DecodeError> {
        super::decode(&self.bytes)
    }

    /// Reads the object as one constructor, as [`decode_boxed`](super::decode_boxed) does.
    ///
    /// # Errors
    ///
    /// If it is not of that constructor. Offsets count from the start of the object.
    pub fn decode_boxed<'a, T: TlRead<'a> + Combinator>(&'a self) -> Result<T, DecodeError> {
        super::decode_boxed(&self.bytes)
    }
}

/// Tells the id and the length, not the content.
impl fmt::Debug for RawObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(&self.bytes, f)
    }
}

impl<'a> TlRead<'a> for RawObject {
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        let offset = r.offset();
        let bytes = object(r);
        if r.pay(offset, "Object", bytes.len()) {
            Self::read(bytes)
        } else {
            Self::none()
        }
    }
}

impl TlWrite for RawObject {
    fn write_to(&self, w: &mut Writer) {
        w.raw(&self.bytes);
    }
}

/// A [`RawObject`] that lies in the input.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RawObjectRef<'a> {
    bytes: &'a [u8],
}

impl<'a> RawObjectRef<'a> {
    /// What a reader found to be one object.
    pub(super) const fn read(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The id of the constructor or function.
    #[must_use]
    pub fn id(&self) -> u32 {
        id_of(self.bytes)
    }

    /// The whole object, with its id.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The same with bytes of its own.
    #[must_use]
    pub fn to_owned(&self) -> RawObject {
        RawObject::read(self.bytes)
    }

    /// Reads the object as a boxed type or a function, as [`decode`](super::decode) does.
    ///
    /// # Errors
    ///
    /// If it is not of that type. Offsets count from the start of the object.
    pub fn decode<T: TlRead<'a>>(&self) -> Result<T, DecodeError> {
        super::decode(self.bytes)
    }

    /// Reads the object as one constructor, as [`decode_boxed`](super::decode_boxed) does.
    ///
    /// # Errors
    ///
    /// If it is not of that constructor. Offsets count from the start of the object.
    pub fn decode_boxed<T: TlRead<'a> + Combinator>(&self) -> Result<T, DecodeError> {
        super::decode_boxed(self.bytes)
    }
}

/// Tells the id and the length, not the content.
impl fmt::Debug for RawObjectRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self.bytes, f)
    }
}

impl<'a> TlRead<'a> for RawObjectRef<'a> {
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        Self { bytes: object(r) }
    }
}

impl TlWrite for RawObjectRef<'_> {
    fn write_to(&self, w: &mut Writer) {
        w.raw(self.bytes);
    }
}

fn id_of(object: &[u8]) -> u32 {
    object.first_chunk().map_or(0, |id| u32::from_le_bytes(*id))
}

fn describe(object: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (id, len) = (id_of(object), object.len());
    write!(f, "RawObject(0x{id:08x}, {len} bytes)")
}

/// Takes all that is left, as one object.
fn object<'a>(r: &mut Reader<'a>) -> &'a [u8] {
    let available = r.remaining();
    if available < 4 {
        r.fail(
            "Object",
            DecodeErrorKind::UnexpectedEnd {
                needed: 4,
                available,
            },
        );
    } else if !available.is_multiple_of(4) {
        r.fail(
            "Object",
            DecodeErrorKind::UnalignedLength { len: available },
        );
    }
    r.rest()
}
