//! What derives ask of a type that they know by name only, when they hold it against a schema.
//!
//! An inherent constant goes before one of a trait: `Probe::<T>::ID` is that of the [`Combinator`] if `T` is one, else the one
//! that [`NotCombinator`], which has to be in scope, gives to everything.

use core::marker::PhantomData;

use super::Combinator;

/// Asks about `T`.
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: Combinator + ?Sized> Probe<T> {
    /// The id, if the type is a constructor or a function.
    pub const ID: Option<u32> = Some(T::ID);
    /// Whether it reads and writes its id itself.
    pub const IS_BOXED: bool = T::IS_BOXED;
}

/// The answers for all other types.
pub trait NotCombinator {
    /// None: it is a boxed type, or nothing that has an id.
    const ID: Option<u32> = None;
    /// As far as is known.
    const IS_BOXED: bool = true;
}

impl<T: ?Sized> NotCombinator for Probe<T> {}

/// Whether `id` is one of `ids`.
pub const fn is_one_of(id: Option<u32>, ids: &[u32]) -> bool {
    let Some(id) = id else { return false };
    let mut at = 0;
    while at < ids.len() {
        if ids[at] == id {
            return true;
        }
        at += 1;
    }
    false
}
