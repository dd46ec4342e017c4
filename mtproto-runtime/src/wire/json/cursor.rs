//! A place in bytes that are being told.

use core::cell::Cell;

use crate::wire::Reader;
use crate::wire::definitions::Definitions;

/// How many values that take no bytes there may be: a count alone pays for none.
const MAX_EMPTY_ITEMS: u32 = 1 << 20;

/// Why bytes can't be told, in a sentence. Those that a value has written itself can, but for what follows an unknown object.
pub(super) type Stop = &'static str;

const ENDS: Stop = "the bytes end inside a value; nothing can follow an object of an unknown constructor, which takes all of them";
pub(super) const DEEP: Stop = "values nest too deep";
pub(super) const UNEXPECTED: Stop = "an id belongs to another type";
pub(super) const UNDETERMINED: Stop = "the schema does not tell what stands here";
const TRAILING: Stop = "bytes are left after an object";
const TOO_MANY: Stop = "too many items without bytes";

/// Where in the bytes what is serialized next lies. It moves on while a serializer takes values by reference.
pub(super) struct Cursor<'b> {
    pub rest: Cell<&'b [u8]>,
    pub levels: Cell<u32>,
    empty_items: Cell<u32>,
    pub definitions: &'b Definitions,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8], definitions: &'b Definitions) -> Self {
        Self {
            rest: Cell::new(bytes),
            levels: Cell::new(0),
            empty_items: Cell::new(0),
            definitions,
        }
    }

    /// Makes the input end after so many bytes; what is after them.
    pub(super) fn narrow(&self, size: u32) -> Result<&'b [u8], Stop> {
        let (part, after) = self
            .rest
            .get()
            .split_at_checked(size as usize)
            .ok_or(ENDS)?;
        self.rest.set(part);
        Ok(after)
    }

    /// Counts an item that took no bytes.
    pub(super) fn count(&self, before: &[u8]) -> Result<(), Stop> {
        if self.rest.get().len() == before.len() {
            let count = self.empty_items.get() + 1;
            self.empty_items.set(count);
            if count > MAX_EMPTY_ITEMS {
                return Err(TOO_MANY);
            }
        }
        Ok(())
    }

    pub(super) fn expect_end(&self) -> Result<(), Stop> {
        match self.rest.get() {
            [] => Ok(()),
            _ => Err(TRAILING),
        }
    }

    pub(super) fn expect_id(&self, id: &str) -> Result<(), Stop> {
        match self.word()? {
            found if u32::from_str_radix(id, 16) == Ok(found) => Ok(()),
            _ => Err(UNEXPECTED),
        }
    }

    pub(super) fn take(&self, len: usize) -> Result<&'b [u8], Stop> {
        let (taken, rest) = self.rest.get().split_at_checked(len).ok_or(ENDS)?;
        self.rest.set(rest);
        Ok(taken)
    }

    pub(super) fn chunk<const N: usize>(&self) -> Result<[u8; N], Stop> {
        let (chunk, rest) = self.rest.get().split_first_chunk().ok_or(ENDS)?;
        self.rest.set(rest);
        Ok(*chunk)
    }

    pub(super) fn word(&self) -> Result<u32, Stop> {
        self.chunk().map(u32::from_le_bytes)
    }

    /// What a `string` or `bytes` holds.
    pub(super) fn string(&self) -> Result<&'b [u8], Stop> {
        let mut r = Reader::new(self.rest.get());
        let content = r.byte_slice();
        if r.failed() {
            return Err(ENDS);
        }
        self.rest.set(r.rest());
        Ok(content)
    }
}
