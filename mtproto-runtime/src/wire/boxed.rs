//! Values in boxed form: <https://core.telegram.org/mtproto/serialize>, "Boxed and bare types".

use alloc::boxed::Box;
use core::fmt;
use core::ops::{Deref, DerefMut};

use super::{Combinator, Reader, TlRead, TlWrite, ToOwnedForm, Writer, own};

/// A constructor's struct in boxed form: its id, and then the bare value.
///
/// A struct by itself is read and written bare. This is what it is where a boxed type of one constructor stands, without an
/// enum of one variant: generated code has it on request (`boxed_structs`). It is of no size of its own, fields and methods
/// of the struct are its own too, and `Debug` shows the struct.
///
/// ```
/// use mtproto_runtime::wire::{Boxed, Combinator, Reader, TlRead, TlWrite, Writer, decode, encode};
///
/// struct Point {
///     x: i32,
/// }
///
/// impl Combinator for Point {
///     const TL: (u32, &'static str) = (0x0123_4567, "point");
/// }
///
/// impl TlRead<'_> for Point {
///     extern "C" fn read_from(r: &mut Reader<'_>) -> Self {
///         Self { x: r.int() }
///     }
/// }
///
/// impl TlWrite for Point {
///     fn write_to(&self, w: &mut Writer) {
///         w.int(self.x);
///     }
/// }
///
/// let bytes = [0x67, 0x45, 0x23, 0x01, 7, 0, 0, 0];
/// let point: Boxed<Point> = decode(&bytes)?;
/// assert_eq!(point.x, 7);
/// assert_eq!(encode(&point).as_deref(), Ok(&bytes[..]));
/// # Ok::<(), mtproto_runtime::wire::DecodeError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Boxed<T>(
    /// The value.
    pub T,
);

impl<T: fmt::Debug> fmt::Debug for Boxed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Deref for Boxed<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Boxed<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Boxed<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> From<T> for Boxed<Box<T>> {
    #[inline]
    fn from(value: T) -> Self {
        Self(Box::new(value))
    }
}

impl<'r, T: TlRead<'r> + Combinator> TlRead<'r> for Boxed<T> {
    #[inline]
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        // A derive may have taken care of the id.
        if !T::IS_BOXED {
            let (id, name) = T::TL;
            r.expect_id(id, name);
        }
        Self(T::read_from(r))
    }
}

impl<T: TlWrite + Combinator> TlWrite for Boxed<T> {
    #[inline]
    fn write_to(&self, w: &mut Writer) {
        if T::IS_BOXED {
            self.0.write_to(w);
        } else {
            w.variant(T::TL.0, &self.0);
        }
    }
}

impl<T: ToOwnedForm> ToOwnedForm for Boxed<T> {
    type Owned = Boxed<T::Owned>;

    fn to_owned_form(&self) -> Self::Owned {
        Boxed(own(&self.0))
    }
}

impl<T: ToOwnedForm> Boxed<T> {
    /// The same with data of its own.
    pub fn to_owned(&self) -> Boxed<T::Owned> {
        self.to_owned_form()
    }
}
