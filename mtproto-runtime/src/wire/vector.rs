//! Vectors: `vector {t:Type} # [ t ] = Vector t`, and rows of items that something else counts.

use alloc::vec::Vec;

use super::{DecodeErrorKind, EncodeError, Reader, TlRead, TlWrite, Writer, rows};

/// The id of `vector`, the one constructor of every `Vector t`.
pub const VECTOR_ID: u32 = 0x1cb5_c415;

/// Vectors.
///
/// The methods that end in `_of` are for items without a [`TlRead`] that fits: they take a function that reads an item,
/// and the fewest bytes an item can take.
impl<'a> Reader<'a> {
    /// `Vector T`: id, count, items.
    #[inline]
    pub extern "C" fn vector<T: TlRead<'a>>(&mut self) -> Vec<T> {
        let count = self.boxed_count(T::MIN_BYTES, const { size_of::<T>() });
        T::read_items(self, count)
    }

    /// `vector T`: count, items.
    #[inline]
    pub extern "C" fn bare_vector<T: TlRead<'a>>(&mut self) -> Vec<T> {
        let count = self.bare_count(T::MIN_BYTES, const { size_of::<T>() });
        T::read_items(self, count)
    }

    /// `count * [ T ]`: items that a field before them counts.
    #[inline]
    pub extern "C" fn items<T: TlRead<'a>>(&mut self, count: u32) -> Vec<T> {
        let count = self.admit(
            self.offset(),
            "items",
            count,
            T::MIN_BYTES,
            const { size_of::<T>() },
        );
        T::read_items(self, count)
    }

    /// `Vector` of other items.
    ///
    /// ```
    /// use mtproto_runtime::wire::{Reader, VECTOR_ID};
    ///
    /// // Vector<vector<int>>: one bare vector, of the ints 7 and 8, in a boxed one
    /// let bytes: Vec<u8> = [VECTOR_ID, 1, 2, 7, 8].into_iter().flat_map(u32::to_le_bytes).collect();
    /// assert_eq!(Reader::new(&bytes).vector_of(4, |r| r.bare_vector::<i32>()), [[7, 8]]);
    /// ```
    #[inline]
    pub extern "C" fn vector_of<T>(
        &mut self,
        min_item_bytes: usize,
        item: impl FnMut(&mut Reader<'a>) -> T,
    ) -> Vec<T> {
        let count = self.boxed_count(min_item_bytes, size_of::<T>());
        self.collect(count, item)
    }

    /// `vector` of other items.
    #[inline]
    pub extern "C" fn bare_vector_of<T>(
        &mut self,
        min_item_bytes: usize,
        item: impl FnMut(&mut Reader<'a>) -> T,
    ) -> Vec<T> {
        let count = self.bare_count(min_item_bytes, size_of::<T>());
        self.collect(count, item)
    }

    /// `count * [ … ]` with other items.
    #[inline]
    pub extern "C" fn items_of<T>(
        &mut self,
        count: u32,
        min_item_bytes: usize,
        item: impl FnMut(&mut Reader<'a>) -> T,
    ) -> Vec<T> {
        let count = self.admit(
            self.offset(),
            "items",
            count,
            min_item_bytes,
            size_of::<T>(),
        );
        self.collect(count, item)
    }

    /// Reads `count` items that have been admitted; stops at the first failure.
    extern "C" fn collect<T>(
        &mut self,
        count: usize,
        mut item: impl FnMut(&mut Reader<'a>) -> T,
    ) -> Vec<T> {
        let mut items = Vec::with_capacity(rows::first_capacity(
            self.remaining(),
            count,
            size_of::<T>(),
        ));
        // What an item ends with is followed by the next one.
        let is_followed = core::mem::replace(&mut self.is_followed, true);
        for _ in 0..count {
            if items.len() == items.capacity() {
                let capacity = rows::next_capacity(items.capacity(), count);
                items.reserve_exact(capacity - items.len());
            }
            items.push(item(self));
            if self.failed() {
                break;
            }
        }
        self.is_followed = is_followed;
        items
    }

    extern "C" fn boxed_count(&mut self, min_item_bytes: usize, item_size: usize) -> usize {
        self.expect_id(VECTOR_ID, "Vector");
        self.counted("Vector", min_item_bytes, item_size)
    }

    extern "C" fn bare_count(&mut self, min_item_bytes: usize, item_size: usize) -> usize {
        self.counted("vector", min_item_bytes, item_size)
    }

    pub(super) extern "C" fn counted(
        &mut self,
        reading: &'static str,
        min_item_bytes: usize,
        item_size: usize,
    ) -> usize {
        let offset = self.offset();
        let count = self.word(reading);
        self.admit(offset, reading, count, min_item_bytes, item_size)
    }

    /// Holds a count against the bytes that are left, and pays for the items' memory: at least one byte for each, so
    /// that items of no size cannot be counted in billions. Returns the count, 0 when it fails.
    pub(super) extern "C" fn admit(
        &mut self,
        offset: usize,
        reading: &'static str,
        count: u32,
        min_item_bytes: usize,
        item_size: usize,
    ) -> usize {
        let (items, available) = (count as usize, self.remaining());
        let needed = items.saturating_mul(min_item_bytes);
        if i32::try_from(count).is_err() {
            self.fail_at(offset, reading, DecodeErrorKind::VectorTooLong { count });
            0
        } else if needed > available {
            self.fail_at(
                offset,
                reading,
                DecodeErrorKind::UnexpectedEnd { needed, available },
            );
            0
        } else if min_item_bytes == 0 && self.failed() {
            // The count may have been passed in: it is not zero, as one that was read now.
            0
        } else if self.pay(offset, reading, items.saturating_mul(item_size.max(1))) {
            items
        } else {
            0
        }
    }
}

/// Vectors.
impl Writer {
    /// `Vector T`: id, count, items.
    #[inline]
    pub fn vector<T: TlWrite>(&mut self, items: &[T]) {
        self.id(VECTOR_ID);
        self.bare_vector(items);
    }

    /// `vector T`: count, items.
    #[inline]
    pub fn bare_vector<T: TlWrite>(&mut self, items: &[T]) {
        if self.vector_count(items.len()) {
            T::write_items(items, self);
        }
    }

    /// `count * [ T ]`: items that something else counts. `what` is the field they are, for the error when the count is
    /// another.
    #[inline]
    pub fn items<T: TlWrite>(&mut self, count: u32, items: &[T], what: &'static str) {
        if self.agree(count, items.len(), what) {
            T::write_items(items, self);
        }
    }

    /// `Vector` of other items.
    #[inline]
    pub fn vector_of<T>(&mut self, items: &[T], item: impl Fn(&T, &mut Writer)) {
        self.id(VECTOR_ID);
        self.bare_vector_of(items, item);
    }

    /// `vector` of other items.
    #[inline]
    pub fn bare_vector_of<T>(&mut self, items: &[T], item: impl Fn(&T, &mut Writer)) {
        if self.vector_count(items.len()) {
            items.iter().for_each(|value| item(value, self));
        }
    }

    /// `count * [ … ]` with other items.
    #[inline]
    pub fn items_of<T>(
        &mut self,
        count: u32,
        items: &[T],
        what: &'static str,
        item: impl Fn(&T, &mut Writer),
    ) {
        if self.agree(count, items.len(), what) {
            items.iter().for_each(|value| item(value, self));
        }
    }

    /// A `#` that counts the items of the field `what`. Returns the count.
    pub fn count(&mut self, len: usize, what: &'static str) -> u32 {
        if self.is_image() {
            self.nat(len as u32);
            return len as u32;
        }
        match i32::try_from(len) {
            Ok(count) => {
                self.int(count);
                count.unsigned_abs()
            }
            Err(_) => {
                self.fail(EncodeError::too_long(what, len));
                0
            }
        }
    }

    /// Whether a field has as many items as it is said to have.
    fn agree(&mut self, count: u32, len: usize, what: &'static str) -> bool {
        if self.is_image() {
            self.tell_len(len);
            return true;
        }
        let agree = usize::try_from(count) == Ok(len);
        if !agree {
            self.fail(EncodeError::WrongCount {
                what,
                expected: count,
                found: len,
            });
        }
        agree
    }

    fn vector_count(&mut self, len: usize) -> bool {
        if self.is_image() {
            self.tell_len(len);
            return true;
        }
        match i32::try_from(len) {
            Ok(count) => self.int(count),
            Err(_) => self.fail(EncodeError::too_long("Vector", len)),
        }
        len <= i32::MAX as usize
    }
}
