//! The types that TL has built in, and the Rust types they are.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Reader, TlRead, TlWrite, Writer};

/// Numbers: rows of them are one copy.
macro_rules! number {
    ($($rust:ty, $tl:literal, $method:ident;)+) => {$(
        #[doc = concat!("`", $tl, "`.")]
        impl<'a> TlRead<'a> for $rust {
            const MIN_BYTES: usize = size_of::<Self>();

            #[inline]
            extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
                r.$method()
            }

            extern "C" fn read_items(r: &mut Reader<'a>, count: usize) -> Vec<Self> {
                let bytes = r.take($tl, count.saturating_mul(size_of::<Self>()));
                bytes.as_chunks().0.iter().map(|chunk| Self::from_le_bytes(*chunk)).collect()
            }
        }

        #[doc = concat!("`", $tl, "`.")]
        impl TlWrite for $rust {
            #[inline]
            fn write_to(&self, w: &mut Writer) {
                w.$method(*self);
            }

            fn write_items(items: &[Self], w: &mut Writer) {
                if w.is_image() {
                    return items.iter().for_each(|item| item.write_to(w));
                }
                let chunks = items.iter().map(|item| item.to_le_bytes());
                if !w.room.put_chunks(chunks) {
                    w.make_room(size_of_val(items));
                }
            }
        }
    )+};
}

number! {
    i32, "int", int;
    u32, "#", nat;
    i64, "long", long;
    f32, "float", float;
    f64, "double", double;
}

/// A bare `true`: no bytes at all.
impl TlRead<'_> for () {
    const MIN_BYTES: usize = 0;

    #[inline]
    extern "C" fn read_from(_: &mut Reader<'_>) {}
}

/// A bare `true`: no bytes at all.
impl TlWrite for () {
    #[inline]
    fn write_to(&self, _: &mut Writer) {}
}

/// Numbers that are only bytes.
macro_rules! wide_number {
    ($($name:ident, $method:ident, $bytes:literal, $tl:literal;)+) => {$(
        #[doc = concat!("`", $tl, "`: ", $bytes, " bytes, in the order of the wire.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl Default for $name {
            fn default() -> Self {
                Self([0; $bytes])
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(")")
            }
        }

        impl From<[u8; $bytes]> for $name {
            #[inline]
            fn from(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; $bytes] {
            #[inline]
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl AsRef<[u8]> for $name {
            #[inline]
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl<'a> TlRead<'a> for $name {
            const MIN_BYTES: usize = $bytes;

            #[inline]
            extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
                r.$method()
            }
        }

        impl TlWrite for $name {
            #[inline]
            fn write_to(&self, w: &mut Writer) {
                w.$method(self);
            }
        }
    )+};
}

/// Numbers that lie in the input.
macro_rules! wide_number_ref {
    ($($bytes:literal, $method:ident, $tl:literal;)+) => {$(
        #[doc = concat!("`", $tl, "`, borrowed from the input.")]
        impl<'a> TlRead<'a> for &'a [u8; $bytes] {
            const MIN_BYTES: usize = $bytes;

            #[inline]
            extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
                r.$method()
            }
        }

        #[doc = concat!("`", $tl, "`.")]
        impl TlWrite for [u8; $bytes] {
            #[inline]
            fn write_to(&self, w: &mut Writer) {
                w.raw(self);
            }
        }
    )+};
}

wide_number_ref! {
    16, int128_ref, "int128";
    32, int256_ref, "int256";
    64, int512_ref, "int512";
}

wide_number! {
    Int128, int128, 16, "int128";
    Int256, int256, 32, "int256";
    Int512, int512, 64, "int512";
}

/// Types that read by one method of the reader.
macro_rules! read_by {
    ($($rust:ty, $method:ident, $min_bytes:expr, $doc:literal $(, $item:ident)?;)+) => {$(
        #[doc = $doc]
        impl<'a $(, $item: TlRead<'a>)?> TlRead<'a> for $rust {
            const MIN_BYTES: usize = $min_bytes;

            #[inline]
            extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
                r.$method()
            }
        }
    )+};
}

read_by! {
    bool, boolean, 4, "`Bool`, boxed.";
    String, string, 4, "`string`.";
    &'a str, str_, 4, "`string`, borrowed from the input.";
    Vec<u8>, bytes, 4, "`bytes`: `u8` by itself is no TL type.";
    &'a [u8], byte_slice, 4, "`bytes`, borrowed from the input.";
    Vec<T>, vector, 8, "`Vector T`, boxed.", T;
    Box<T>, boxed, T::MIN_BYTES, "The same as `T`.", T;
}

/// Types that write by one method of the writer.
macro_rules! write_by {
    ($($rust:ty, |$value:ident, $w:ident| $body:expr, $doc:literal $(, $item:ident $(: $bound:tt)?)?;)+) => {$(
        #[doc = $doc]
        impl$(<$item: TlWrite $(+ ?$bound)?>)? TlWrite for $rust {
            #[inline]
            fn write_to(&self, $w: &mut Writer) {
                let $value = self;
                $body;
            }
        }
    )+};
}

write_by! {
    bool, |value, w| w.boolean(*value), "`Bool`, boxed.";
    str, |value, w| w.string(value), "`string`.";
    [u8], |value, w| w.bytes(value), "`bytes`: `u8` by itself is no TL type.";
    [T], |value, w| w.vector(value), "`Vector T`, boxed.", T;
    Vec<T>, |value, w| w.vector(value), "`Vector T`, boxed.", T;
    &T, |value, w| (**value).write_to(w), "The same as `T`.", T: Sized;
    Box<T>, |value, w| (**value).write_to(w), "The same as `T`.", T: Sized;
}

/// Owners of texts and bytes, as nearly all fields of these are: not inlined, so that what a schema's types write holds a call
/// and not how a `String` shows its bytes.
macro_rules! write_owner {
    ($($rust:ty, $doc:literal;)+) => {$(
        #[doc = $doc]
        impl TlWrite for $rust {
            fn write_to(&self, w: &mut Writer) {
                w.put_bytes(self.as_ref());
            }
        }
    )+};
}

write_owner! {
    String, "`string`.";
    Vec<u8>, "`bytes`: `u8` by itself is no TL type.";
}
