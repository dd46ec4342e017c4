//! From values that lie in the input to values that own their data.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Int128, Int256, Int512, RawObject, RawObjectRef};

/// A value that may borrow, and the form of it that owns its data.
///
/// Generated types that borrow have `to_owned`; this says the same to generic types.
pub trait ToOwnedForm {
    /// The form that owns its data.
    type Owned;

    /// The same value in that form.
    fn to_owned_form(&self) -> Self::Owned;
}

/// A value in the form that owns its data.
///
/// ```
/// use mtproto_runtime::wire::{decode, own};
///
/// let borrowed: Option<Vec<&str>> = Some(decode(b"\x15\xc4\xb5\x1c\x01\0\0\0\x05hello\0\0")?);
/// assert_eq!(own(&borrowed), Some(vec!["hello".to_owned()]));
/// # Ok::<(), mtproto_runtime::wire::DecodeError>(())
/// ```
pub fn own<T: ToOwnedForm + ?Sized>(value: &T) -> T::Owned {
    value.to_owned_form()
}

/// Types whose owned form is made by an expression.
macro_rules! owned_by {
    ($($rust:ty => $owned:ty, |$value:ident| $own:expr $(, $item:ident)?;)+) => {$(
        impl$(<$item: ToOwnedForm>)? ToOwnedForm for $rust {
            type Owned = $owned;

            fn to_owned_form(&self) -> $owned {
                let $value = self;
                $own
            }
        }
    )+};
}

owned_by! {
    &str => String, |value| String::from(*value);
    &[u8] => Vec<u8>, |value| Vec::from(*value);
    &[u8; 16] => Int128, |value| Int128(**value);
    &[u8; 32] => Int256, |value| Int256(**value);
    &[u8; 64] => Int512, |value| Int512(**value);
    RawObjectRef<'_> => RawObject, |value| value.to_owned();
    RawObject => RawObject, |value| value.clone();
    Vec<T> => Vec<T::Owned>, |value| value.iter().map(own).collect(), T;
    Option<T> => Option<T::Owned>, |value| value.as_ref().map(own), T;
    Box<T> => Box<T::Owned>, |value| Box::new(own(&**value)), T;
    i32 => i32, |value| *value;
    u32 => u32, |value| *value;
    i64 => i64, |value| *value;
    f32 => f32, |value| *value;
    f64 => f64, |value| *value;
    bool => bool, |value| *value;
    () => (), |value| *value;
}
