//! Ids of plain definitions: their canonical text is mostly their own, a few pieces of it put together.

use std::ops::Range;

use super::{Dialect, Ids};
use crate::syntax::{Plain, PlainArg, PlainType};

impl Ids {
    /// The id a plain definition's text gives.
    pub(in crate::schema) fn plain(&mut self, definition: Plain<'_, '_>) -> u32 {
        self.write_plain(definition);
        crc32fast::hash(self.text.as_bytes())
    }

    fn write_plain(&mut self, definition: Plain<'_, '_>) {
        let source = definition.text();
        self.text.clear();
        self.text.push_str(definition.name().text);
        let mut verbatim = Verbatim::default();
        for arg in definition.args() {
            let ty = slice(source, arg.ty().head());
            let is_telegram = self.dialect == Dialect::Telegram;
            if is_telegram && ty == "true" && arg.condition().is_some() && !arg.ty().is_applied() {
                continue;
            }
            let is_string = is_telegram && ty == "bytes";
            if is_string || arg.ty().is_applied() || !arg.has_canonical_condition() {
                verbatim.flush(source, &mut self.text);
                self.plain_arg(arg, if is_string { "string" } else { ty }, source);
            } else {
                verbatim.extend(" ", arg.range(), source, &mut self.text);
            }
        }
        let result = definition.result();
        verbatim.extend(" = ", result.head(), source, &mut self.text);
        verbatim.flush(source, &mut self.text);
        if let Some(item) = result.item() {
            self.text.push(' ');
            self.text.push_str(slice(source, item));
        }
    }

    fn plain_arg(&mut self, arg: &PlainArg, ty: &str, source: &str) {
        self.text.push(' ');
        self.text.push_str(slice(source, arg.name()));
        self.text.push(':');
        if let Some(condition) = arg.condition() {
            self.text.push_str(slice(source, arg.word(condition)));
            if let Some(bit) = condition.bit() {
                self.text.push('.');
                self.number(bit.into());
            }
            self.text.push('?');
        }
        self.plain_type(ty, arg.ty(), source);
    }

    fn plain_type(&mut self, head: &str, ty: PlainType, source: &str) {
        self.text.push_str(head);
        if let Some(item) = ty.item() {
            self.text.push(' ');
            self.text.push_str(slice(source, item));
        }
    }
}

/// What of the source goes into the canonical text next, as it stands.
#[derive(Default)]
struct Verbatim(Range<usize>);

impl Verbatim {
    /// A piece, and what has to stand before it. What stands there in the source too goes into the text together.
    #[inline]
    fn extend(&mut self, before: &str, piece: Range<usize>, source: &str, text: &mut String) {
        let start = piece.start.wrapping_sub(before.len());
        let is_there = source.as_bytes().get(start..piece.start) == Some(before.as_bytes());
        if is_there && start == self.0.end {
            self.0.end = piece.end;
            return;
        }
        self.flush(source, text);
        self.0 = piece;
        if is_there {
            self.0.start = start;
        } else {
            text.push_str(before);
        }
    }

    fn flush(&mut self, source: &str, text: &mut String) {
        let range = std::mem::take(&mut self.0);
        if !range.is_empty() {
            text.push_str(slice(source, range));
        }
    }
}

#[inline]
fn slice(source: &str, range: Range<usize>) -> &str {
    source.get(range).unwrap_or_default()
}
