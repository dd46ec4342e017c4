//! The same by the means of the standard library.

use alloc::vec::Vec;

/// The spare capacity of a vector.
pub(crate) struct Room {
    bytes: Vec<u8>,
}

impl Room {
    #[inline]
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    #[inline]
    pub(crate) fn into_vec(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes are written.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes may follow.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }

    /// Appends bytes if there is room for all of them.
    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) -> bool {
        self.put_slice(&bytes)
    }

    /// The same, for any number of bytes.
    #[inline]
    pub(crate) fn put_slice(&mut self, bytes: &[u8]) -> bool {
        let has_room = self.left() >= bytes.len();
        if has_room {
            self.bytes.extend_from_slice(bytes);
        }
        has_room
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
        let start = self.bytes.len();
        self.bytes.resize(start + count * N, 0);
        for (place, chunk) in self.bytes[start..].as_chunks_mut().0.iter_mut().zip(chunks) {
            *place = chunk;
        }
        true
    }

    /// Appends a string of at most 253 bytes, its length before it and zeros up to the next word behind it.
    #[inline]
    pub(crate) fn put_string(&mut self, content: &[u8]) -> bool {
        let len = content.len();
        let padded = (len + 4) & !3;
        let fits = len <= 253 && padded <= self.left();
        if fits {
            let end = self.bytes.len() + padded;
            self.bytes.push(len as u8);
            self.bytes.extend_from_slice(content);
            self.bytes.resize(end, 0);
        }
        fits
    }

    /// Writes over what has been written, if it has.
    #[inline]
    pub(crate) fn overwrite(&mut self, offset: usize, bytes: [u8; 4]) {
        if let Some(place) = self
            .bytes
            .get_mut(offset..)
            .and_then(<[u8]>::first_chunk_mut)
        {
            *place = bytes;
        }
    }

    /// Makes room for more.
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.bytes.reserve(additional);
    }
}
