//! Which bytes are text.
//!
//! The standard library looks at every byte that is not in a long row of ASCII by itself, which took a fifth of the time to
//! read messages. [`fast`] looks at eight bytes of ASCII, or at a whole character of any other kind, at a time, and says no
//! more than whether all of it is sound; where it is not, the standard library tells where. As it makes texts of bytes on its
//! own word, it has the one line of `unsafe` that this takes: the feature `safe-wire` does without it.

#[cfg(any(test, not(feature = "safe-wire")))]
mod fast;

/// The text that bytes are; if they are none, how many of them are.
#[inline]
pub(super) fn text(bytes: &[u8]) -> Result<&str, usize> {
    #[cfg(not(feature = "safe-wire"))]
    if let Some(text) = fast::text(bytes) {
        return Ok(text);
    }
    core::str::from_utf8(bytes).map_err(|error| error.valid_up_to())
}
