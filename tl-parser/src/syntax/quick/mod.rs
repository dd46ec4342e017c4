//! The short way through a text with nothing wrong in it.
//!
//! Definition after definition is read on its own: a [plain] one, as most are, straight from its bytes, any other by the
//! grammar from a few tokens that stay in the processor's cache. A large text is read by two threads, half each. What is
//! wrong with a text is told from the list of all of its tokens: with the first thing that is, this way ends, and the text
//! is read again by [`recover`](super::recover).

mod plain;
#[cfg(test)]
mod tests;

use super::ast::{Comment, Item};
use super::grammar::{self, Tokens};
use super::lexer::{BYTE_ORDER_MARK, Lexer, TokenKind};
use crate::span::FileId;
use crate::threads::both;
use plain::Plain;

/// All items and all comments, if nothing is wrong.
pub(super) fn read(file: FileId, text: &str) -> Option<Read<'_>> {
    let start = match text.starts_with(BYTE_ORDER_MARK) {
        true => BYTE_ORDER_MARK.len_utf8(),
        false => 0,
    };
    match seam(text) {
        Some(seam) if text.len() >= LARGE => read_halves(file, text, start, seam),
        _ => read_part(file, text, start),
    }
}

/// The items and comments of a text.
pub(super) type Read<'s> = (Vec<Item<'s>>, Vec<Comment<'s>>);

/// A text of this many bytes takes several times as long to read as a thread to start.
const LARGE: usize = 64 << 10;

/// The end of a line near the middle that ends with a `;`. If that is the end of a definition, the halves can be read on
/// their own, for no token but a comment goes on over the end of a line. If it stands within a comment, the first half
/// ends in the middle of that, and is no text with nothing wrong in it.
fn seam(text: &str) -> Option<usize> {
    let middle = text.len() / 2;
    let mut behind = text.as_bytes().get(middle..)?.windows(2);
    behind.position(|pair| pair == b";\n").map(|at| middle + at + 2)
}

fn read_halves(file: FileId, text: &str, start: usize, seam: usize) -> Option<Read<'_>> {
    let (first, second) = both(
        || read_part(file, text.get(..seam)?, start),
        || read_part(file, text, seam),
    );
    let ((mut items, mut comments), (more_items, more_comments)) = (first?, second?);
    items.extend(more_items);
    comments.extend(more_comments);
    Some((items, comments))
}

/// Reads a text from a place on.
fn read_part(file: FileId, text: &str, start: usize) -> Option<Read<'_>> {
    let mut lexer = Lexer::new(file, text, TOKENS);
    let mut plain = Plain::new(file, text, start);
    let mut items = Vec::with_capacity(text.len() / BYTES_PER_ITEM + 1);
    let mut at = lexer.gap(start);
    while at < text.len() {
        at = match plain.definition(at) {
            Some((definition, end)) => {
                items.push(Item::Combinator(definition));
                end
            }
            None => by_tokens(&mut lexer, at, &mut items)?,
        };
        at = lexer.gap(at);
    }
    let is_sound = lexer.lexed.diagnostics.is_empty();
    is_sound.then_some((items, lexer.lexed.comments))
}

/// A guess at the tokens of the longest definition.
const TOKENS: usize = 512;

/// Real schemas have an item for every hundred bytes or more.
const BYTES_PER_ITEM: usize = 100;

/// Reads what stands up to the next `;`: one item, and before it perhaps marks. Says where it ends.
#[inline(never)]
fn by_tokens<'s>(lexer: &mut Lexer<'s>, at: usize, items: &mut Vec<Item<'s>>) -> Option<usize> {
    let end = lexer.item(at);
    let list = &lexer.lexed.list;
    let mut next = 0;
    while list.kind(next) != TokenKind::End {
        let (rest, ()) = grammar::item(Tokens::new(list, next), items).ok()?;
        next = rest.index();
    }
    Some(end)
}
