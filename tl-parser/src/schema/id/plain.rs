//! Ids of plain definitions: their canonical text is mostly their own, a few pieces of it put together.

use std::ops::Range;

use super::{Dialect, Ids};
use crate::syntax::{Plain, PlainArg, PlainType};

impl Ids {
    /// The id a plain definition's text gives.
    pub(in crate::schema) fn plain(&mut self, definition: Plain<'_, '_>) -> u32 {
        // Canonical text is less than twice as long: `string` takes the place of `bytes`, ` = ` that of `=`.
        let Range { start, end } = definition.span().range();
        if end - start > ROOM / 2 - CHUNK {
            return self.computed(&definition.tree());
        }
        let mut text = Text {
            source: definition.text(),
            bytes: &mut self.plain,
            len: 0,
            verbatim: definition.name_range(),
        };
        text.write(definition, self.dialect);
        crc32fast::hash(text.bytes.get(..text.len).unwrap_or_default())
    }
}

/// How long canonical text may become here.
pub(super) const ROOM: usize = 4096;

/// Most pieces are no longer. This many bytes are copied whatever the length: that is faster than to look at it.
const CHUNK: usize = 64;

/// The canonical text of one definition.
struct Text<'t> {
    source: &'t str,
    bytes: &'t mut [u8; ROOM],
    len: usize,
    /// What of the source goes into the text next, as it stands.
    verbatim: Range<usize>,
}

impl Text<'_> {
    #[inline]
    fn write(&mut self, definition: Plain<'_, '_>, dialect: Dialect) {
        let is_telegram = dialect == Dialect::Telegram;
        for arg in definition.args() {
            let ty = slice(self.source, arg.ty().head());
            if is_telegram && ty == "true" && arg.condition().is_some() && !arg.ty().is_applied() {
                continue;
            }
            let is_string = is_telegram && ty == "bytes";
            if !is_string && arg.has_canonical_condition() {
                self.extend(b" ", arg.start()..arg.ty().head().end);
            } else {
                self.arg(arg, is_string);
            }
            self.applied(arg.ty());
        }
        let result = definition.result();
        self.extend(b" = ", result.head());
        self.applied(result);
        self.flush();
    }

    /// An argument whose type or condition reads otherwise, up to what its type is applied to.
    fn arg(&mut self, arg: &PlainArg, is_string: bool) {
        self.extend(b" ", arg.name());
        self.extend(b":", arg.name().end + 1..arg.name().end + 1);
        if let Some(condition) = arg.condition() {
            self.extend(b"", arg.word(condition));
            if let Some(bit) = condition.bit() {
                self.put(format!(".{bit}").as_bytes());
            }
            self.put(b"?");
        }
        match is_string {
            true => self.put(b"string"),
            false => self.extend(b"", arg.ty().head()),
        }
    }

    #[inline]
    fn applied(&mut self, ty: PlainType) {
        if let Some(item) = ty.item() {
            self.extend(b" ", item);
        }
    }

    /// A piece, and what has to stand before it. What stands there in the source too goes into the text together.
    #[inline]
    fn extend<const N: usize>(&mut self, before: &[u8; N], piece: Range<usize>) {
        let start = piece.start.wrapping_sub(N);
        let rest = self.source.as_bytes().get(start..).unwrap_or_default();
        let is_there = rest.first_chunk() == Some(before);
        if is_there && start == self.verbatim.end {
            self.verbatim.end = piece.end;
            return;
        }
        self.flush();
        if is_there {
            self.verbatim = start..piece.end;
        } else {
            self.put(before);
            self.verbatim = piece;
        }
    }

    #[inline]
    fn flush(&mut self) {
        let range = std::mem::take(&mut self.verbatim);
        let bytes = self.source.as_bytes();
        let from = bytes.get(range.start..).unwrap_or_default();
        let to = self.bytes.get_mut(self.len..).unwrap_or_default();
        match (from.first_chunk::<CHUNK>(), to.first_chunk_mut()) {
            (Some(from), Some(to)) if range.len() <= CHUNK => {
                *to = *from;
                self.len += range.len();
            }
            _ => self.put_all(range),
        }
    }

    #[inline(never)]
    fn put_all(&mut self, range: Range<usize>) {
        let piece = slice(self.source, range);
        self.put(piece.as_bytes());
    }

    /// What does not stand in the source goes behind what does.
    #[inline]
    fn put(&mut self, piece: &[u8]) {
        if !self.verbatim.is_empty() {
            self.flush();
        }
        let to = self.bytes.get_mut(self.len..self.len + piece.len());
        if let Some(to) = to {
            to.copy_from_slice(piece);
            self.len += piece.len();
        }
    }
}

#[inline]
fn slice(source: &str, range: Range<usize>) -> &str {
    source.get(range).unwrap_or_default()
}
