//! Memory from the allocator itself.

#![expect(unsafe_code, reason = "see the head of `rows`")]

use alloc::alloc::{alloc, handle_alloc_error, realloc};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::ptr;

use super::{first_capacity, next_capacity};
use crate::wire::{Reader, TlRead};

/// Reads a value into a box.
#[inline]
pub(crate) extern "C" fn boxed<'a, T: TlRead<'a>>(r: &mut Reader<'a>) -> Box<T> {
    let room = allocate(1, const { Layout::new::<T>() }) as *mut T;
    // SAFETY: `room` is memory of the global allocator for one `T`, or dangling if that has no size; it holds a value when
    // the box is made of it.
    unsafe {
        room.write(T::read_from(r));
        Box::from_raw(room)
    }
}

/// Reads `count` items that have been admitted; stops at the first failure.
#[inline]
pub(crate) extern "C" fn read<'a, T: TlRead<'a>>(r: &mut Reader<'a>, count: usize) -> Vec<T> {
    let mut rows = Rows::new(r.remaining(), count, const { Layout::new::<T>() });
    while !r.failed() && rows.make_room() {
        // SAFETY: there is room for an item at `end`.
        unsafe { (rows.end as *mut T).write(T::read_from(r)) };
        rows.advance();
    }
    // SAFETY: `start` is memory of the global allocator for `capacity` items, of which `len` have been written.
    unsafe { Vec::from_raw_parts(rows.start as *mut T, rows.len, rows.capacity) }
}

/// A vector in the making, without its type.
struct Rows {
    start: *mut u8,
    /// Where the next item goes.
    end: *mut u8,
    len: usize,
    capacity: usize,
    /// How many there shall be.
    count: usize,
    item: Layout,
}

impl Rows {
    #[inline]
    fn new(available: usize, count: usize, item: Layout) -> Self {
        let capacity = first_capacity(available, count, item.size());
        let start = allocate(capacity, item);
        Self {
            start,
            end: start,
            len: 0,
            capacity,
            count,
            item,
        }
    }

    /// Makes room for an item at `end`, unless there are all.
    #[inline]
    extern "C" fn make_room(&mut self) -> bool {
        if self.len == self.capacity && self.len < self.count {
            self.grow();
        }
        self.len < self.count
    }

    /// Counts the item at `end`.
    #[inline]
    extern "C" fn advance(&mut self) {
        self.len += 1;
        self.end = self.end.wrapping_add(self.item.size());
    }

    #[cold]
    #[inline(never)]
    extern "C" fn grow(&mut self) {
        let capacity = next_capacity(self.len, self.count);
        self.start = reallocate(self.start, self.len, capacity, self.item);
        self.end = self.start.wrapping_add(self.len * self.item.size());
        self.capacity = capacity;
    }
}

/// Memory of the global allocator for as many items; none, but aligned, if they have no size.
extern "C" fn allocate(capacity: usize, item: Layout) -> *mut u8 {
    let layout = rows_of(capacity, item);
    if layout.size() == 0 {
        return ptr::without_provenance_mut(item.align());
    }
    // SAFETY: the size is not zero.
    let rows = unsafe { alloc(layout) };
    if rows.is_null() {
        handle_alloc_error(layout);
    }
    rows
}

/// Memory for more items, with those that there are; `rows` is then no more.
extern "C" fn reallocate(rows: *mut u8, old: usize, capacity: usize, item: Layout) -> *mut u8 {
    let (old, layout) = (rows_of(old, item), rows_of(capacity, item));
    if old.size() == 0 {
        return allocate(capacity, item);
    }
    // SAFETY: `rows` was allocated by [`allocate`] for `old` items, and more items are of more bytes.
    let rows = unsafe { realloc(rows, old, layout.size()) };
    if rows.is_null() {
        handle_alloc_error(layout);
    }
    rows
}

/// The layout of as many items. There are no more than the reader's budget of memory holds.
fn rows_of(count: usize, item: Layout) -> Layout {
    let size = item.size().saturating_mul(count);
    Layout::from_size_align(size, item.align()).unwrap_or_else(|_| handle_alloc_error(item))
}
