//! Byte strings that share the input: `bytes` as [`Bytes`], behind the feature `bytes`.

use bytes::Bytes;

use super::{DecodeError, Limits, Reader, TlRead, TlWrite, ToOwnedForm, Writer};

/// Reads a value that takes up the whole input, as [`decode`](super::decode) does. What it has as [`Bytes`] shares the input
/// and keeps it in memory.
///
/// ```
/// use mtproto_runtime::wire::{Bytes, decode_bytes};
///
/// let input = Bytes::from(vec![3, b'a', b'b', b'c']);
/// let content: Bytes = decode_bytes(&input)?;
/// assert_eq!(content.as_ptr(), input[1..].as_ptr());
/// # Ok::<(), mtproto_runtime::wire::DecodeError>(())
/// ```
///
/// # Errors
///
/// As [`decode`](super::decode).
pub fn decode_bytes<'a, T: TlRead<'a>>(input: &'a Bytes) -> Result<T, DecodeError> {
    let mut r = Reader::from_bytes(input);
    let value = T::read_from(&mut r);
    r.finish_with(value)
}

impl<'a> Reader<'a> {
    /// A reader of which [`shared_bytes`](Self::shared_bytes) share the input, within the [`Limits`] for its length.
    #[must_use]
    pub fn from_bytes(input: &'a Bytes) -> Self {
        let mut r = Self::with_limits(input, Limits::for_input(input.len()));
        r.source = Some(input);
        r
    }

    /// `bytes`: a part of the input where the reader is [made of `Bytes`](Self::from_bytes), else a copy.
    pub fn shared_bytes(&mut self) -> Bytes {
        match self.source {
            Some(source) => source.slice_ref(self.byte_slice()),
            None => Bytes::from(self.bytes()),
        }
    }
}

/// `bytes`, shared with the input where that can be.
impl<'a> TlRead<'a> for Bytes {
    #[inline]
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        r.shared_bytes()
    }
}

/// `bytes`.
impl TlWrite for Bytes {
    fn write_to(&self, w: &mut Writer) {
        w.bytes(self);
    }
}

impl ToOwnedForm for Bytes {
    type Owned = Self;

    fn to_owned_form(&self) -> Self {
        self.clone()
    }
}
