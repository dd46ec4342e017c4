//! Room by pointers.

#![expect(unsafe_code, reason = "see the head of `room`")]

use alloc::vec::Vec;
use core::mem::{self, ManuallyDrop};
use core::ptr;

/// The spare capacity of a vector, from `at` to `end`.
pub(crate) struct Room {
    /// Where the next byte goes.
    at: *mut u8,
    end: *mut u8,
    /// The vector's memory, of which all before `at` is written: that up to `end`, of the global allocator.
    start: *mut u8,
}

// SAFETY: it owns its memory as a vector of bytes does.
unsafe impl Send for Room {}
// SAFETY: nothing is read or written through a shared reference.
unsafe impl Sync for Room {}

impl Room {
    #[inline]
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let mut bytes = ManuallyDrop::new(bytes);
        let start = bytes.as_mut_ptr();
        // SAFETY: both are within the vector's memory, or at its end.
        let (at, end) = unsafe { (start.add(bytes.len()), start.add(bytes.capacity())) };
        Self { at, end, start }
    }

    #[inline]
    pub(crate) fn into_vec(self) -> Vec<u8> {
        // SAFETY: it is not dropped nor used any more.
        unsafe { ManuallyDrop::new(self).vec() }
    }

    /// The vector that this was made of, with what is written.
    ///
    /// # Safety
    ///
    /// There are then two owners of it: this must not be dropped, nor used again.
    #[inline]
    unsafe fn vec(&self) -> Vec<u8> {
        let capacity = self.end.addr() - self.start.addr();
        // SAFETY: `start` and the capacity are those of a vector that was not dropped, and what is before `at` is written.
        unsafe { Vec::from_raw_parts(self.start, self.len(), capacity) }
    }

    /// How many bytes are written.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.at.addr() - self.start.addr()
    }

    /// How many bytes may follow.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.end.addr() - self.at.addr()
    }

    /// Appends bytes if there is room for all of them.
    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) -> bool {
        if N > self.left() {
            return false;
        }
        // SAFETY: there is room for `N` bytes at `at`.
        unsafe {
            self.at.cast::<[u8; N]>().write_unaligned(bytes);
            self.at = self.at.add(N);
        }
        true
    }

    /// The same, for any number of bytes.
    #[inline]
    pub(crate) fn put_slice(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > self.left() {
            return false;
        }
        // SAFETY: there is room for them at `at`, which no reference to bytes points to.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.at, bytes.len());
            self.at = self.at.add(bytes.len());
        }
        true
    }

    /// The same, in pieces.
    #[inline]
    pub(crate) fn put_chunks<const N: usize>(
        &mut self,
        chunks: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> bool {
        let count = chunks.len();
        if count > self.left() / N {
            return false;
        }
        let mut at = self.at;
        for chunk in chunks.take(count) {
            // SAFETY: there is room for `count` chunks from where `at` began.
            unsafe {
                at.cast::<[u8; N]>().write_unaligned(chunk);
                at = at.add(N);
            }
        }
        self.at = at;
        true
    }

    /// Appends a string of at most 253 bytes, its length before it and zeros up to the next word behind it.
    #[inline]
    pub(crate) fn put_string(&mut self, content: &[u8]) -> bool {
        let len = content.len();
        let padded = (len + 4) & !3;
        if len > 253 || padded > self.left() {
            return false;
        }
        // SAFETY: there is room for a byte, the content, and as many as make them whole words, the last of which is written
        // first.
        unsafe {
            self.at
                .add(padded - 4)
                .cast::<[u8; 4]>()
                .write_unaligned([0; 4]);
            self.at.write(len as u8);
            copy(content.as_ptr(), self.at.add(1), len);
            self.at = self.at.add(padded);
        }
        true
    }

    /// Writes over what has been written, if it has.
    #[inline]
    pub(crate) fn overwrite(&mut self, offset: usize, bytes: [u8; 4]) {
        if self.len() >= 4 && offset <= self.len() - 4 {
            // SAFETY: these bytes lie before `at`.
            unsafe {
                self.start
                    .add(offset)
                    .cast::<[u8; 4]>()
                    .write_unaligned(bytes)
            };
        }
    }

    /// Makes room for more.
    pub(crate) fn reserve(&mut self, additional: usize) {
        let mut bytes = mem::replace(self, Self::new(Vec::new())).into_vec();
        bytes.reserve(additional);
        *self = Self::new(bytes);
    }
}

impl Drop for Room {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is not used any more.
        drop(unsafe { self.vec() });
    }
}

/// Copies `len` bytes. Most strings are short, and a call takes longer than they do: up to 64 bytes go as two or four pieces of
/// one size, which lie over each other where `len` is less.
///
/// # Safety
///
/// There are `len` bytes to read at `from` and to write at `to`, and none are of both.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    /// The first `N` bytes and the last `N`.
    ///
    /// # Safety
    ///
    /// As above, and `len` is not less than `N`.
    #[inline]
    unsafe fn ends<const N: usize>(from: *const u8, to: *mut u8, len: usize) {
        // SAFETY: both pieces lie within the `len` bytes.
        unsafe {
            let first = from.cast::<[u8; N]>().read_unaligned();
            let last = from.add(len - N).cast::<[u8; N]>().read_unaligned();
            to.cast::<[u8; N]>().write_unaligned(first);
            to.add(len - N).cast::<[u8; N]>().write_unaligned(last);
        }
    }
    // SAFETY: each piece is not longer than `len`, as the arm says.
    unsafe {
        match len {
            0 => {}
            1 => to.write(from.read()),
            2..4 => ends::<2>(from, to, len),
            4..8 => ends::<4>(from, to, len),
            8..16 => ends::<8>(from, to, len),
            16..32 => ends::<16>(from, to, len),
            32..=64 => ends::<32>(from, to, len),
            _ => ptr::copy_nonoverlapping(from, to, len),
        }
    }
}
