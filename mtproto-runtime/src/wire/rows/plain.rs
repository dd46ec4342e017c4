//! The same by the means of the standard library.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{first_capacity, next_capacity};
use crate::wire::{Reader, TlRead};

/// Reads a value into a box.
#[inline]
pub(crate) extern "C" fn boxed<'a, T: TlRead<'a>>(r: &mut Reader<'a>) -> Box<T> {
    Box::new(T::read_from(r))
}

/// Reads `count` items that have been admitted; stops at the first failure.
#[inline]
pub(crate) extern "C" fn read<'a, T: TlRead<'a>>(r: &mut Reader<'a>, count: usize) -> Vec<T> {
    let mut items = Vec::with_capacity(first_capacity(r.remaining(), count, size_of::<T>()));
    while !r.failed() && items.len() < count {
        if items.len() == items.capacity() {
            let capacity = next_capacity(items.len(), count);
            items.reserve_exact(capacity - items.len());
        }
        items.push(T::read_from(r));
    }
    items
}
