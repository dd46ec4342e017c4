//! How much an input may cost.

/// What reading one input may cost at most.
///
/// Both limits are counted by the [`Reader`](super::Reader) while it reads; going past one is an error like any other.
/// Without them 10,000 nested values (40 KB) overflow the stack, and one megabyte can ask for a gigabyte of heap.
///
/// ```
/// use mtproto_runtime::wire::{Limits, decode_with};
///
/// let bytes = [b'\x03', b'a', b'b', b'c'];
/// let limits = Limits::for_input(bytes.len()).with_allocation_bytes(2);
/// assert!(decode_with::<String>(&bytes, limits).is_err());
/// assert!(decode_with::<&str>(&bytes, limits).is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep values of recursive types may nest. What is above `i32::MAX` counts as `i32::MAX`.
    pub depth: u32,
    /// How many bytes of heap the value may take: strings, boxes, and the items of vectors by their size in Rust. Paid
    /// before each allocation is made.
    pub allocation_bytes: usize,
}

impl Limits {
    /// The depth that [`for_input`](Self::for_input) allows.
    pub const DEPTH: u32 = 64;

    /// What an input of `len` bytes gets by default: [`DEPTH`](Self::DEPTH), and six times its length plus 64 KiB of
    /// heap. The heap thus stays within eight times an input of 64 KiB and more, and a small input with few but large
    /// values is not refused.
    #[must_use]
    pub const fn for_input(len: usize) -> Self {
        Self {
            depth: Self::DEPTH,
            allocation_bytes: len.saturating_mul(6).saturating_add(64 * 1024),
        }
    }

    /// The same limits with another depth.
    #[must_use]
    pub const fn with_depth(self, depth: u32) -> Self {
        Self { depth, ..self }
    }

    /// The same limits with another amount of heap.
    #[must_use]
    pub const fn with_allocation_bytes(self, allocation_bytes: usize) -> Self {
        Self {
            allocation_bytes,
            ..self
        }
    }
}
