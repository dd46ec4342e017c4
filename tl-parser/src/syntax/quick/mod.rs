//! The short way through a text with nothing wrong in it.
//!
//! Definition after definition is read on its own: a [plain] one, as most are, straight from its bytes, any other by the
//! grammar from a few tokens that stay in the processor's cache. What is wrong with a text is told from the list of all of
//! its tokens: with the first thing that is, this way ends, and the text is read again by [`recover`](super::recover).
//!
//! Its outcome is an [`Outline`], where of a plain definition no more is kept than where its parts begin and end. Who needs
//! the [tree] of one gets it from there; resolving it seldom does.
//!
//! It keeps to one thread: schemas are read in build scripts, among as many compilers as there are cores, and there
//! waiting for a second thread takes longer than reading.

pub(crate) mod plain;
mod scan;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use super::ast::{self, Combinator, Comment, Item};
use super::grammar::{self, Tokens};
use super::lexer::{BYTE_ORDER_MARK, Lexer, TokenKind};
use crate::span::{FileId, Span};
use plain::{Definition, Plain};

/// One file: trees of what has to have one, and plain definitions without.
#[derive(Clone, Debug)]
pub(crate) struct Outline<'s> {
    pub(crate) file: FileId,
    pub(crate) text: &'s str,
    /// Everything but comments, in source order.
    pub(crate) entries: Vec<Entry<'s>>,
    /// All comments, in source order.
    pub(crate) comments: Vec<Comment<'s>>,
    /// The arguments of all plain definitions, one after another.
    args: Vec<plain::Arg>,
}

/// One top-level piece of an [`Outline`].
#[derive(Clone, Debug)]
pub(crate) enum Entry<'s> {
    Plain(Definition),
    Tree(Box<Item<'s>>),
}

/// The outline of a text, if nothing is wrong with it.
pub(super) fn read(file: FileId, text: &str) -> Option<Outline<'_>> {
    let start = match text.starts_with(BYTE_ORDER_MARK) {
        true => BYTE_ORDER_MARK.len_utf8(),
        false => 0,
    };
    let mut lexer = Lexer::new(file, text, TOKENS);
    let mut plain = scan::Scanner::new(text);
    let mut entries = Vec::with_capacity(text.len() / BYTES_PER_ENTRY + 1);
    let mut at = lexer.gap(start);
    while at < text.len() {
        at = match plain.definition(at) {
            Some(definition) => {
                let end = definition.end();
                entries.push(Entry::Plain(definition));
                end
            }
            None => by_tokens(&mut lexer, at, &mut entries)?,
        };
        at = lexer.gap(at);
    }
    lexer.lexed.diagnostics.is_empty().then_some(Outline {
        file,
        text,
        entries,
        comments: lexer.lexed.comments,
        args: plain.args,
    })
}

/// A guess at the tokens of the longest definition.
const TOKENS: usize = 512;

/// Real schemas have an item for every hundred bytes or more.
const BYTES_PER_ENTRY: usize = 100;

/// Reads what stands up to the next `;`: one item, and before it perhaps marks. Says where it ends.
#[inline(never)]
fn by_tokens<'s>(lexer: &mut Lexer<'s>, at: usize, entries: &mut Vec<Entry<'s>>) -> Option<usize> {
    let end = lexer.item(at);
    let list = &lexer.lexed.list;
    let (mut next, mut items) = (0, Vec::new());
    while list.kind(next) != TokenKind::End {
        let (rest, ()) = grammar::item(Tokens::new(list, next), &mut items).ok()?;
        next = rest.index();
    }
    entries.extend(items.into_iter().map(|item| Entry::Tree(Box::new(item))));
    Some(end)
}

impl<'s> Outline<'s> {
    /// The outline of a file whose trees are there.
    pub(crate) fn of_trees(id: FileId, text: &'s str, file: ast::File<'s>) -> Self {
        let trees = file.items.into_iter().map(Box::new);
        Self {
            file: id,
            text,
            entries: trees.map(Entry::Tree).collect(),
            comments: file.comments,
            args: Vec::new(),
        }
    }

    /// The file with the trees of all.
    pub(super) fn into_file(mut self) -> ast::File<'s> {
        let entries = std::mem::take(&mut self.entries);
        let item = |entry| match entry {
            Entry::Plain(definition) => Item::Combinator(self.plain(&definition).tree()),
            Entry::Tree(item) => *item,
        };
        ast::File {
            items: entries.into_iter().map(item).collect(),
            comments: self.comments,
        }
    }

    /// A plain definition of this file.
    #[inline]
    pub(crate) fn plain<'a>(&'a self, definition: &'a Definition) -> Plain<'a, 's> {
        Plain::new(self, definition)
    }

    /// The trees of all combinators, built one after another where there are none yet.
    pub(crate) fn combinators(&self) -> impl Iterator<Item = Cow<'_, Combinator<'s>>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Plain(definition) => Some(Cow::Owned(self.plain(definition).tree())),
            Entry::Tree(item) => match &**item {
                Item::Combinator(tree) => Some(Cow::Borrowed(tree)),
                _ => None,
            },
        })
    }

    /// Where an entry stands, with its closing `;`.
    pub(crate) fn span(&self, entry: &Entry<'_>) -> Span {
        match entry {
            Entry::Plain(definition) => self.plain(definition).span(),
            Entry::Tree(item) => item.span(),
        }
    }
}
