//! Room of the thread's own, which [`encode`](super::encode) writes into before it knows how much room a value takes.

use alloc::vec::Vec;

#[cfg(feature = "std")]
pub(super) use kept::{put_back, take};
#[cfg(not(feature = "std"))]
pub(super) use none::{put_back, take};

#[cfg(feature = "std")]
mod kept {
    use core::cell::Cell;

    use super::Vec;

    /// Bytes of a thread's first scratch, and the most that one grows to.
    const BYTES: (usize, usize) = (4 << 10, 64 << 10);

    std::thread_local! {
        /// None while it is in use.
        static SCRATCH: Cell<Option<Vec<u8>>> = const { Cell::new(Some(Vec::new())) };
    }

    /// The thread's scratch, which is empty, to be [put back](put_back). While it is in use, and while the thread ends, there is
    /// only one that has no capacity; without `std` always.
    pub(in crate::wire) fn take() -> Vec<u8> {
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten();
        if let Some(scratch) = &mut scratch
            && scratch.capacity() == 0
            && scratch.try_reserve_exact(BYTES.0).is_err()
        {
            keep(Vec::new());
        }
        scratch.unwrap_or_default()
    }

    /// Keeps the scratch for the next time; `room` would have done.
    pub(in crate::wire) fn put_back(mut scratch: Vec<u8>, room: usize) {
        scratch.clear();
        if scratch.capacity() == 0 {
            return;
        }
        if room > scratch.capacity() && room <= BYTES.1 {
            // If there is no memory, it stays as it is.
            let _ = scratch.try_reserve_exact(room.next_power_of_two());
        }
        keep(scratch);
    }

    fn keep(scratch: Vec<u8>) {
        let _ = SCRATCH.try_with(|place| place.set(Some(scratch)));
    }
}

#[cfg(not(feature = "std"))]
mod none {
    use super::Vec;

    pub(in crate::wire) fn take() -> Vec<u8> {
        Vec::new()
    }

    pub(in crate::wire) fn put_back(_: Vec<u8>, _: usize) {}
}
