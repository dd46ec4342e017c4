//! Tokens to syntax tree: the section "Syntax" of TL-formal, one file per group of productions.
//!
//! Every parser is a plain nom parser over [`Tokens`]. Which production applies is seen from the next few tokens, so
//! almost every failure is final ([`nom::Err::Failure`]); the exception is in `combinator`.

mod arg;
mod combinator;
mod condition;
mod error;
mod section;
mod ty;

use nom::IResult;

pub(super) use error::SyntaxError;
use error::{Expected, Problem};

use super::ast::{Ident, Item};
use super::lexer::{Token, TokenKind, TokenList};
use crate::span::Span;

/// How deep brackets, `%` and `+` may nest. Real schemas stay below ten.
pub(super) const MAX_NESTING: u8 = 100;

/// *declaration*, or a mark between declarations; the item goes to the end of `items`.
///
/// `TL-program ::= constr-declarations { "---" "functions" "---" fun-declarations | "---" "types" "---" … }`
pub(super) fn item<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    match input.kind() {
        TokenKind::TripleMinus => section::section(input, items),
        TokenKind::TripleEquals => section::layer(input, items),
        _ => combinator::declaration(input, items),
    }
}

/// The outcome of a parser.
pub(super) type Parse<'t, 's, T> = IResult<Tokens<'t, 's>, T, SyntaxError>;

/// The tokens not read yet, and how deep inside of brackets they stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'t, 's> {
    list: &'t TokenList<'s>,
    at: u32,
    depth: u8,
}

impl<'t, 's> Tokens<'t, 's> {
    /// The tokens from an index on.
    #[inline]
    pub(super) fn new(list: &'t TokenList<'s>, at: usize) -> Self {
        Self {
            list,
            at: at as u32,
            depth: 0,
        }
    }

    /// The index of the next token.
    #[inline]
    pub(super) fn index(self) -> usize {
        self.at as usize
    }

    #[inline]
    fn kind(self) -> TokenKind {
        self.peek(0)
    }

    #[inline]
    fn peek(self, ahead: u32) -> TokenKind {
        self.list.kind((self.at + ahead) as usize)
    }

    #[inline]
    fn token(self) -> Token {
        self.list.token(self.index())
    }

    #[inline]
    fn word(self) -> &'s str {
        self.list.word(self.index())
    }

    #[inline]
    fn span(self) -> Span {
        self.list.span(self.index())
    }

    #[inline]
    fn ident(self) -> Ident<'s> {
        let Token { start, end, .. } = self.token();
        let text = self
            .list
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default();
        Ident {
            text,
            span: Span::new(self.list.file, start, end),
        }
    }

    /// What stands from `start` up to here.
    #[inline]
    fn since(self, start: Self) -> Span {
        let end = self
            .at
            .checked_sub(1)
            .map_or(0, |last| self.list.token(last as usize).end);
        Span {
            end,
            ..start.span()
        }
    }

    #[inline]
    fn next(self) -> Self {
        Self {
            at: self.at + 1,
            ..self
        }
    }

    /// Steps over an opening bracket or a prefix, one level down.
    #[inline]
    fn descend(self) -> Result<Self, nom::Err<SyntaxError>> {
        if self.depth >= MAX_NESTING {
            return Err(nom::Err::Failure(SyntaxError::new(self, Problem::TooDeep)));
        }
        Ok(Self {
            at: self.at + 1,
            depth: self.depth + 1,
            ..self
        })
    }

    /// Steps over the bracket that closes the one at `opening`, back to its level.
    #[inline]
    fn close(
        self,
        kind: TokenKind,
        or: Expected,
        opening: Self,
    ) -> Result<Self, nom::Err<SyntaxError>> {
        if self.kind() != kind {
            let error = SyntaxError::expected(self, or.or(Expected::token(kind)));
            return Err(nom::Err::Failure(error.opened_at(opening)));
        }
        Ok(self.next().ascend(opening))
    }

    /// Back to the level of the bracket at `opening`.
    fn ascend(self, opening: Self) -> Self {
        Self {
            depth: opening.depth,
            ..self
        }
    }

    /// Steps to where `next` is, on the same level. On the hot path this is faster than going on with `next` itself:
    /// only one number has to be read back from where a function left its outcome.
    #[inline]
    fn up_to(self, next: Self) -> Self {
        Self {
            at: next.at,
            ..self
        }
    }
}

/// One token of a kind.
fn token<'t, 's: 't>(kind: TokenKind) -> impl Fn(Tokens<'t, 's>) -> Parse<'t, 's, Span> {
    move |input| {
        if input.kind() == kind {
            Ok((input.next(), input.span()))
        } else {
            Err(unexpected(input, Expected::token(kind)))
        }
    }
}

/// The failure of a token that nothing in the grammar has a place for.
fn unexpected(input: Tokens<'_, '_>, expected: Expected) -> nom::Err<SyntaxError> {
    failure(input, Problem::Expected(expected))
}

fn failure(input: Tokens<'_, '_>, problem: Problem) -> nom::Err<SyntaxError> {
    nom::Err::Failure(SyntaxError::new(input, problem))
}
