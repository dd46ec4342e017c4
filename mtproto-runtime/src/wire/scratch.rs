//! Room of the thread's own, which [`encode`](super::encode) writes into before it knows how much room a value takes.

use alloc::vec::Vec;

/// Bytes of a thread's first scratch, and the most that one grows to.
#[cfg(feature = "std")]
const BYTES: (usize, usize) = (4 << 10, 64 << 10);

/// Calls `write` with an empty scratch, which `write` gives back with the room that would have done. Within itself, and while a
/// thread ends, it is called with one that has no capacity; without `std` always.
#[cfg(feature = "std")]
pub(super) fn with<T>(write: impl FnOnce(Vec<u8>) -> (Vec<u8>, usize, T)) -> T {
    use core::cell::Cell;

    std::thread_local! {
        static SCRATCH: Cell<Option<Vec<u8>>> = const { Cell::new(Some(Vec::new())) };
    }

    let Some(mut scratch) = SCRATCH.try_with(Cell::take).ok().flatten() else {
        return write(Vec::new()).2;
    };
    // If there is no memory, there is no scratch.
    if scratch.capacity() == 0 {
        let _ = scratch.try_reserve_exact(BYTES.0);
    }
    let (mut scratch, room, outcome) = write(scratch);
    scratch.clear();
    if room > scratch.capacity() && room <= BYTES.1 {
        let _ = scratch.try_reserve_exact(room.next_power_of_two());
    }
    let _ = SCRATCH.try_with(|place| place.set(Some(scratch)));
    outcome
}

#[cfg(not(feature = "std"))]
pub(super) fn with<T>(write: impl FnOnce(Vec<u8>) -> (Vec<u8>, usize, T)) -> T {
    write(Vec::new()).2
}
