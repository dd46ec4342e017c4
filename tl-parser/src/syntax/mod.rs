//! Text to syntax tree and back: the only place that knows how TL is spelled.
//!
//! [`parse`] is the first step of the pipeline: text, to tokens (`lexer`), to declarations (`grammar`), one after
//! another and over errors (`recover`), with a shorter way where there are none (`quick`). [`print`](mod@print) is its inverse. What the names in the tree mean is the
//! business of [`schema`](crate::schema).
//!
//! Specification: <https://core.telegram.org/mtproto/TL-formal>, <https://core.telegram.org/mtproto/TL-combinators>,
//! <https://core.telegram.org/mtproto/TL-patterns>; beyond it, what the schemas of TDLib, TON and VK hold.

pub mod ast;
mod grammar;
mod lexer;
pub mod print;
mod quick;
mod recover;

pub(crate) use quick::plain::{Arg as PlainArg, Plain, Type as PlainType};
pub(crate) use quick::{Entry, Outline};

use crate::diagnostic::Diagnostic;
use crate::span::FileId;

/// Reads one file. Never fails: a broken definition costs one diagnostic and is left out, everything else is in the tree.
///
/// The text is at most [`MAX_SOURCE_BYTES`](crate::span::MAX_SOURCE_BYTES) long, as in every
/// [`Source`](crate::span::Source).
pub fn parse<'s>(file: FileId, text: &'s str) -> Parsed<'s> {
    match quick::read(file, text) {
        Some(outline) => Parsed {
            file: outline.into_file(),
            diagnostics: Vec::new(),
        },
        None => parse_by_tokens(file, text),
    }
}

/// Reads one file as [`parse`] does, but without building the trees of plain definitions.
pub(crate) fn outline<'s>(file: FileId, text: &'s str) -> (Outline<'s>, Vec<Diagnostic>) {
    match quick::read(file, text) {
        Some(outline) => (outline, Vec::new()),
        None => {
            let Parsed {
                file: trees,
                diagnostics,
            } = parse_by_tokens(file, text);
            (Outline::of_trees(file, text, trees), diagnostics)
        }
    }
}

/// The way over errors. A text without any gives the same tree either way.
fn parse_by_tokens(file: FileId, text: &str) -> Parsed<'_> {
    let lexed = lexer::lex(file, text);
    let (items, diagnostics) = recover::items(&lexed);
    Parsed {
        file: ast::File {
            items,
            comments: lexed.comments,
        },
        diagnostics,
    }
}

/// What was read of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed<'s> {
    /// Everything that was well-formed.
    pub file: ast::File<'s>,
    /// What was not, in source order.
    pub diagnostics: Vec<Diagnostic>,
}
