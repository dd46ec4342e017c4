//! Rows of values: the one loop that all vectors are read by, and the one place of `wire` with `unsafe` in it.
//!
//! `Vec::push` would do, and did. But it may have to grow, and growing may unwind; so every type that stands in a vector
//! gets code that drops it, and code that calls that, wherever it is read. For the Telegram API that is a quarter of the
//! machine code of all reads: 19 seconds of an optimising compiler's time instead of 13.

use alloc::vec::Vec;

use super::{Reader, TlRead};

/// Reads `count` items that have been admitted; stops at the first failure.
#[inline]
pub(super) extern "C" fn read<'a, T: TlRead<'a>>(r: &mut Reader<'a>, count: usize) -> Vec<T> {
    let mut rows = Vec::with_capacity(first_capacity(r.remaining(), count, size_of::<T>()));
    loop {
        let mut len = rows.len();
        for room in rows.spare_capacity_mut().iter_mut().take(count - len) {
            room.write(T::read_from(r));
            len += 1;
            if r.failed() {
                break;
            }
        }
        #[expect(unsafe_code, reason = "see the head of this module")]
        // SAFETY: `len` is at most the capacity, and each item up to it was there before or has been written above.
        unsafe {
            rows.set_len(len);
        }
        if len == count || r.failed() {
            return rows;
        }
        grow(&mut rows, count);
    }
}

/// Room for all items, unless they are so much larger in memory than what is left of the input that most may never
/// come: then for as many as that would hold, and for more when they do.
pub(super) fn first_capacity(available: usize, count: usize, item_size: usize) -> usize {
    if count.saturating_mul(item_size) <= available.saturating_mul(4) {
        count
    } else {
        available / item_size.max(1)
    }
}

/// Makes room for more of `count` items: three times as many again, but all that are missing when the last step would
/// copy more than a quarter of the whole.
#[cold]
#[inline(never)]
pub(super) extern "C" fn grow<T>(rows: &mut Vec<T>, count: usize) {
    let (done, step) = (rows.len(), rows.len().max(2));
    rows.reserve_exact(if count / 16 < step {
        count - done
    } else {
        3 * step
    });
}
