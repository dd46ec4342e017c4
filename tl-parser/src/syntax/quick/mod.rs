//! The short way through a text with nothing wrong in it.
//!
//! Definition after definition is read on its own: a [plain] one, as most are, straight from its bytes, any other by the
//! grammar from a few tokens that stay in the processor's cache. What is wrong with a text is told from the list of all of
//! its tokens: with the first thing that is, this way ends, and the text is read again by [`recover`](super::recover).
//!
//! It keeps to one thread: schemas are read in build scripts, among as many compilers as there are cores, and there
//! waiting for a second thread takes longer than reading.

mod plain;
#[cfg(test)]
mod tests;

use super::ast::{Comment, Item};
use super::grammar::{self, Tokens};
use super::lexer::{BYTE_ORDER_MARK, Lexer, TokenKind};
use crate::span::FileId;
use plain::Plain;

/// All items and all comments, if nothing is wrong.
pub(super) fn read(file: FileId, text: &str) -> Option<(Vec<Item<'_>>, Vec<Comment<'_>>)> {
    let start = match text.starts_with(BYTE_ORDER_MARK) {
        true => BYTE_ORDER_MARK.len_utf8(),
        false => 0,
    };
    let mut lexer = Lexer::new(file, text, TOKENS);
    let mut plain = Plain::new(file, text);
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
