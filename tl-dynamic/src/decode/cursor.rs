//! The cursor itself: words, strings, parts of the input, and what reading has cost so far.

use super::{Decoded, Decoder};
use crate::codec::Unknown;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::path::Path;
use crate::value::Value;

impl<'b> Decoder<'_, 'b> {
    pub(crate) fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    pub(super) fn expect_end(&self, reading: &str) -> Decoded<()> {
        match self.rest.len() {
            0 => Ok(()),
            count => self.fail(reading, DecodeErrorKind::TrailingBytes { count }),
        }
    }

    /// Reads a part of exactly `len` bytes. What was a negative `int` before it was cast is no length.
    pub(super) fn limited<T>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut Self) -> Decoded<T>,
    ) -> Decoded<T> {
        let Some((part, after)) = self.rest.split_at_checked(len) else {
            return match len.cast_signed() {
                0.. => self.fail_short("body", len),
                len => self.fail("body", DecodeErrorKind::NegativeLength { len }),
            };
        };
        let outer_end = self.end;
        let is_followed = std::mem::take(&mut self.is_followed);
        self.end -= after.len();
        self.rest = part;
        let value = read(self)?;
        self.expect_end("body")?;
        self.is_followed = is_followed;
        self.end = outer_end;
        self.rest = after;
        Ok(value)
    }

    pub(super) fn boolean(&mut self) -> Decoded<bool> {
        let [no, yes] = self.program.bool_ids;
        match self.word("Bool")? {
            id if id == yes => Ok(true),
            id if id == no => Ok(false),
            id => self.unexpected_id("Bool", id, [no, yes].into_iter()),
        }
    }

    pub(super) fn string(&mut self) -> Decoded<Value> {
        let offset = self.offset();
        let (header, content) = self.content("string")?;
        let text = std::str::from_utf8(content);
        if let (Err(error), Unknown::Reject) = (&text, self.options.text) {
            let bad = offset + header + error.valid_up_to();
            return self.fail_at(bad, "string", DecodeErrorKind::InvalidUtf8);
        }
        self.pay(offset, "string", content.len())?;
        Ok(match text {
            Ok(text) => Value::String(text.to_owned()),
            Err(_) => Value::NotUtf8(content.to_vec()),
        })
    }

    /// The content of a string, and how many bytes its length took.
    pub(super) fn content(&mut self, reading: &str) -> Decoded<(usize, &'b [u8])> {
        let (header, len) = match *self.rest {
            [len @ ..=253, ..] => (1, u64::from(len)),
            [254, a, b, c, ..] => (4, u64::from(u32::from_le_bytes([a, b, c, 0]))),
            [255, a, b, c, d, e, f, g, ..] => (8, u64::from_le_bytes([a, b, c, d, e, f, g, 0])),
            [255, ..] => (8, 0),
            _ => (4, 0),
        };
        let padded = usize::try_from((header as u64 + len + 3) & !3).unwrap_or(usize::MAX);
        let taken = self.take(reading, padded)?;
        let content = taken.get(header..header + len as usize);
        Ok((header, content.unwrap_or_default()))
    }

    pub(super) fn expect_id(&mut self, id: u32, name: &str) -> Decoded<()> {
        match self.word(name)? {
            found if found == id => Ok(()),
            found => self.unexpected_id(name, found, std::iter::once(id)),
        }
    }

    pub(super) fn word(&mut self, reading: &str) -> Decoded<u32> {
        self.chunk(reading).map(u32::from_le_bytes)
    }

    #[inline]
    pub(super) fn chunk<const N: usize>(&mut self, reading: &str) -> Decoded<[u8; N]> {
        match self.rest.split_first_chunk() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(*chunk)
            }
            None => self.fail_short(reading, N),
        }
    }

    #[inline]
    pub(super) fn take(&mut self, reading: &str, len: usize) -> Decoded<&'b [u8]> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => self.fail_short(reading, len),
        }
    }

    /// Enters a value of a recursive type. Whoever leaves it takes one off the depth; after a failure nobody asks.
    pub(super) fn enter(&mut self) -> Decoded<()> {
        if self.depth >= self.limits.depth {
            let limit = self.limits.depth;
            return self.fail("nested value", DecodeErrorKind::DepthLimit { limit });
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn pay(&mut self, offset: usize, reading: &str, bytes: usize) -> Decoded<()> {
        match self.allocation_bytes.checked_sub(bytes) {
            Some(left) => {
                self.allocation_bytes = left;
                Ok(())
            }
            None => {
                let kind = DecodeErrorKind::AllocationLimit {
                    needed: bytes,
                    available: self.allocation_bytes,
                };
                self.fail_at(offset, reading, kind)
            }
        }
    }

    /// The id just read is none of those that may be there.
    #[cold]
    pub(super) fn unexpected_id<T>(
        &self,
        reading: &str,
        found: u32,
        expected: impl Iterator<Item = u32>,
    ) -> Decoded<T> {
        let kind = DecodeErrorKind::UnexpectedConstructor {
            found,
            expected: expected.collect(),
        };
        self.fail_at(self.offset() - 4, reading, kind)
    }

    #[cold]
    pub(super) fn fail_short<T>(&self, reading: &str, needed: usize) -> Decoded<T> {
        let available = self.rest.len();
        self.fail(
            reading,
            DecodeErrorKind::UnexpectedEnd { needed, available },
        )
    }

    #[cold]
    pub(super) fn fail<T>(&self, reading: &str, kind: DecodeErrorKind) -> Decoded<T> {
        self.fail_at(self.offset(), reading, kind)
    }

    #[cold]
    pub(super) fn fail_at<T>(
        &self,
        offset: usize,
        reading: &str,
        kind: DecodeErrorKind,
    ) -> Decoded<T> {
        Err(Box::new(DecodeError {
            offset,
            reading: reading.to_owned(),
            kind,
            path: Path::default(),
        }))
    }
}
