//! Room of the thread's own, which [`encode`](super::encode) writes into before it knows how much room a value takes.

use alloc::vec::Vec;

/// Bytes of a scratch. What a system gives for it are pages that cost nothing until something is written there.
#[cfg(feature = "std")]
const BYTES: usize = 64 << 10;

/// Calls `write` with an empty scratch, which `write` gives back. Within itself, and while a thread ends, it is called with
/// one that has no capacity; without `std` always.
#[cfg(feature = "std")]
pub(super) fn with<T>(write: impl FnOnce(Vec<u8>) -> (Vec<u8>, T)) -> T {
    use core::cell::Cell;

    std::thread_local! {
        static SCRATCH: Cell<Option<Vec<u8>>> = const { Cell::new(Some(Vec::new())) };
    }

    let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten();
    if let Some(scratch) = &mut scratch {
        scratch.clear();
        // Does nothing after the first time. If there is no memory, there is no scratch.
        let _ = scratch.try_reserve_exact(BYTES);
    }
    let is_ours = scratch.is_some();
    let (scratch, outcome) = write(scratch.unwrap_or_default());
    if is_ours {
        let _ = SCRATCH.try_with(|place| place.set(Some(scratch)));
    }
    outcome
}

#[cfg(not(feature = "std"))]
pub(super) fn with<T>(write: impl FnOnce(Vec<u8>) -> (Vec<u8>, T)) -> T {
    write(Vec::new()).1
}
