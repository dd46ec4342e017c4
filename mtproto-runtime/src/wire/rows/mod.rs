//! Memory for what is read: the one loop that all vectors are read by, and boxes.
//!
//! There are two forms of it. [`plain`] has `Box::new` and `Vec::push`, and does. But they may unwind, and so every type that
//! stands in a box or a vector gets code that drops it, and code that calls that, wherever it is read: for the Telegram API a
//! quarter of the machine code of all reads. And each of the dozen generic functions that they are made of is compiled anew
//! for each type. In [`raw`] only what must know the type is generic, and no owner of values lives across a call: that takes
//! `unsafe` code. What it gives stands in the book's page on performance; the feature `safe-wire` does without it. The tests
//! below hold the two against each other.

#[cfg(any(test, feature = "safe-wire"))]
mod plain;
#[cfg(any(test, not(feature = "safe-wire")))]
mod raw;

#[cfg(feature = "safe-wire")]
pub(super) use plain::{boxed, read};
#[cfg(not(feature = "safe-wire"))]
pub(super) use raw::{boxed, read};

/// Room for all items, unless they are so much larger in memory than what is left of the input that most may never
/// come: then for as many as that would hold, and for more when they do.
pub(super) fn first_capacity(available: usize, count: usize, item_size: usize) -> usize {
    if count.saturating_mul(item_size) <= available.saturating_mul(4) {
        count
    } else {
        available / item_size.max(1)
    }
}

/// Room for more of `count` items: three times as many again, but all that are missing when the last step would copy more
/// than a quarter of the whole.
pub(super) fn next_capacity(capacity: usize, count: usize) -> usize {
    let step = capacity.max(2);
    if count / 16 < step {
        count
    } else {
        capacity + 3 * step
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::boxed::Box;
    use alloc::rc::Rc;
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::cell::Cell;
    use core::fmt::Debug;

    use super::{plain, raw};
    use crate::wire::{Int256, Reader, TlRead};

    /// Words from which every type here can be read: short strings, small counts, vectors' ids.
    fn inputs() -> impl Iterator<Item = Vec<u8>> {
        let mut state = 1_u64;
        (0..400_usize).map(move |round| {
            let mut bytes = Vec::new();
            for _ in 0..round % 50 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let word = match state % 8 {
                    0 => crate::wire::VECTOR_ID,
                    1 => state as u32,
                    2 => 0x9972_75b5,
                    small => small as u32 - 3,
                };
                bytes.extend(word.to_le_bytes());
            }
            // Some end inside of a word.
            bytes.truncate(bytes.len().saturating_sub(round % 3));
            bytes
        })
    }

    fn same<'a, T: TlRead<'a> + PartialEq + Debug>(bytes: &'a [u8]) {
        for count in [0, 1, 2, 3, 7, 20, 64] {
            let (mut left, mut right) = (Reader::new(bytes), Reader::new(bytes));
            let by_raw: Vec<T> = raw::read(&mut left, count);
            let by_plain: Vec<T> = plain::read(&mut right, count);
            assert_eq!(by_raw, by_plain);
            assert_eq!(by_raw.capacity(), by_plain.capacity());
            assert_eq!(left.remaining(), right.remaining());
            assert_eq!(left.finish(), right.finish());
        }
        let (mut left, mut right) = (Reader::new(bytes), Reader::new(bytes));
        let by_raw: Box<T> = raw::boxed(&mut left);
        assert_eq!(by_raw, plain::boxed(&mut right));
        assert_eq!(left.finish(), right.finish());
    }

    #[test]
    fn both_forms_read_the_same() {
        for bytes in inputs() {
            same::<()>(&bytes);
            same::<bool>(&bytes);
            same::<i32>(&bytes);
            same::<i64>(&bytes);
            same::<Int256>(&bytes);
            same::<&str>(&bytes);
            same::<String>(&bytes);
            same::<Vec<i32>>(&bytes);
            same::<Vec<Vec<String>>>(&bytes);
            same::<Box<Vec<String>>>(&bytes);
            same::<Wide>(&bytes);
        }
    }

    /// So large and so aligned that room for all is not there at once, and grows.
    #[derive(PartialEq, Debug)]
    #[repr(align(64))]
    struct Wide([i64; 40]);

    impl<'a> TlRead<'a> for Wide {
        extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
            Self([i64::from(r.int()); 40])
        }
    }

    std::thread_local! {
        /// Values that are alive.
        static ALIVE: Rc<Cell<i32>> = Rc::default();
    }

    /// Counts itself.
    struct Counted(
        #[allow(dead_code, reason = "it is room on the heap that must be freed")] Box<i32>,
    );

    impl<'a> TlRead<'a> for Counted {
        extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
            ALIVE.with(|alive| alive.set(alive.get() + 1));
            Self(Box::new(r.int()))
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.with(|alive| alive.set(alive.get() - 1));
        }
    }

    #[test]
    fn every_value_that_is_read_is_dropped_once() {
        let alive = || ALIVE.with(|alive| alive.get());
        for bytes in inputs() {
            for count in [0, 1, 5, 60] {
                let mut r = Reader::new(&bytes);
                let items: Vec<Counted> = raw::read(&mut r, count);
                // An item that fails is there, too, and the last.
                let expected = (bytes.len() / 4 + 1).min(count);
                assert_eq!(items.len(), expected);
                assert_eq!(alive(), expected as i32);
                drop(items);
                assert_eq!(alive(), 0);
            }
            let one: Box<Counted> = raw::boxed(&mut Reader::new(&bytes));
            assert_eq!(alive(), 1);
            drop(one);
            assert_eq!(alive(), 0);
        }
    }
}
