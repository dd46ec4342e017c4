//! Item after item, over errors: a broken definition yields one diagnostic and never hides the next one.

use super::ast::Item;
use super::grammar::{self, SyntaxError, Tokens};
use super::lexer::{Lexed, Token, TokenKind, TokenList};
use crate::diagnostic::{Code, Diagnostic};

/// All items that can be read, and all diagnostics, those of the lexer among them.
pub(super) fn items<'s>(lexed: &Lexed<'s>) -> (Vec<Item<'s>>, Vec<Diagnostic>) {
    let mut reader = Reader {
        lexed,
        items: Vec::with_capacity(lexed.list.tokens.len() / 16),
        diagnostics: Vec::new(),
    };
    let mut at = 0;
    while lexed.list.kind(at) != TokenKind::End {
        at = reader.item(at);
    }
    let Reader {
        items,
        mut diagnostics,
        ..
    } = reader;
    diagnostics.extend_from_slice(&lexed.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    (items, diagnostics)
}

struct Reader<'l, 's> {
    lexed: &'l Lexed<'s>,
    items: Vec<Item<'s>>,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> Reader<'_, 's> {
    /// Reads the item at a token and says where the next one begins.
    fn item(&mut self, at: usize) -> usize {
        match grammar::item(Tokens::new(&self.lexed.list, at), &mut self.items) {
            Ok((rest, ())) => rest.index(),
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => self.recover(at, Some(error)),
            // Complete parsers never ask for more.
            Err(nom::Err::Incomplete(_)) => self.recover(at, None),
        }
    }

    fn recover(&mut self, at: usize, error: Option<SyntaxError>) -> usize {
        let list = &self.lexed.list;
        let next = next_item(list, at);
        let diagnostic = match completed(list, at, next) {
            Some(item) => {
                self.items.push(item);
                Some(missing_semicolon(list, next))
            }
            None => error.map(|error| error.diagnostic(list)),
        };
        if !self.is_reported(at, next) {
            self.diagnostics.extend(diagnostic);
        }
        next
    }

    /// Whether the lexer has stumbled within these tokens: then the grammar's error is most likely the same one.
    fn is_reported(&self, at: usize, next: usize) -> bool {
        let list = &self.lexed.list;
        let start = list.token(at).start;
        // What the lexer has skipped before the next item is no part of this one.
        let end = match list.kind(next) {
            TokenKind::End => list.token(next).start,
            _ => list.token(next.saturating_sub(1)).end,
        };
        let found = &self.lexed.diagnostics;
        let first = found.partition_point(|diagnostic| diagnostic.primary.span.start < start);
        found
            .get(first)
            .is_some_and(|diagnostic| diagnostic.primary.span.start < end)
    }
}

/// The item from `at` up to `next`, if nothing but its `;` is missing.
fn completed<'s>(list: &TokenList<'s>, at: usize, next: usize) -> Option<Item<'s>> {
    let last = list.token(next.checked_sub(1)?);
    if last.kind == TokenKind::Semicolon {
        return None;
    }
    let mut tokens = list.tokens.get(at..next)?.to_vec();
    tokens.push(Token {
        kind: TokenKind::Semicolon,
        dotted: false,
        start: last.end,
        end: last.end,
    });
    let closed = TokenList {
        file: list.file,
        text: list.text,
        tokens,
    };
    let mut items = Vec::new();
    let (rest, ()) = grammar::item(Tokens::new(&closed, 0), &mut items).ok()?;
    if rest.index() == closed.tokens.len() {
        items.pop()
    } else {
        None
    }
}

fn missing_semicolon(list: &TokenList<'_>, next: usize) -> Diagnostic {
    let last = next.saturating_sub(1);
    let place = list.span(last).after();
    Diagnostic::new(
        Code::MissingSemicolon,
        place,
        format!("expected `;` after `{}`", list.word(last)),
    )
    .label("the definition ends here")
    .fix(place, ";")
}

/// Where to go on after the broken item at `at`: behind the next `;`, or earlier, where another item clearly begins.
fn next_item(list: &TokenList<'_>, at: usize) -> usize {
    if matches!(
        list.kind(at),
        TokenKind::TripleMinus | TokenKind::TripleEquals
    ) {
        return next_line(list, at);
    }
    // A type applied on its own has no `=`, and so the first one there is belongs to the item after it.
    let mut result_seen = list.kind(at) == TokenKind::Upper;
    let mut best: Option<(usize, usize)> = None;
    let mut place = behind_name(list, at);
    loop {
        match list.kind(place) {
            TokenKind::End => return place,
            TokenKind::Semicolon => return place + 1,
            TokenKind::Equals | TokenKind::Arrow => match best {
                Some((_, start)) => return start,
                None => result_seen = true,
            },
            _ if place > at && is_first_of_line(list, place) => {
                if starts_item(list, place) {
                    return place;
                }
                if result_seen && may_start_item(list, place) {
                    let indent = indent(list, place);
                    best = best
                        .filter(|&(least, _)| least <= indent)
                        .or(Some((indent, place)));
                }
            }
            _ => {}
        }
        place += 1;
    }
}

/// A mark takes its line.
fn next_line(list: &TokenList<'_>, at: usize) -> usize {
    let mut place = at + 1;
    while list.kind(place) != TokenKind::End && !is_first_of_line(list, place) {
        place += 1;
    }
    place
}

/// A mark, or a name with an id: what can stand nowhere but at the start of an item.
fn starts_item(list: &TokenList<'_>, at: usize) -> bool {
    match list.kind(at) {
        TokenKind::TripleMinus | TokenKind::TripleEquals => true,
        _ => {
            let behind = behind_name(list, at);
            behind > at && matches!(list.kind(behind), TokenKind::Id | TokenKind::BadId)
        }
    }
}

/// A word that can open a definition, if the tokens around it say so too.
fn may_start_item(list: &TokenList<'_>, at: usize) -> bool {
    use TokenKind::{
        Arrow, At, CloseAngle, CloseParen, Colon, Comma, Dot, Equals, Lower, OpenAngle, Plus, Star,
        Underscore, Upper,
    };
    matches!(list.kind(at), Lower | Upper | Underscore | At)
        && !matches!(
            list.kind(at + 1),
            CloseAngle | CloseParen | Colon | Comma | Dot | OpenAngle | Plus | Star
        )
        && at
            .checked_sub(1)
            .is_some_and(|before| !matches!(list.kind(before), Equals | Arrow | Plus | Comma))
}

/// The token behind the annotations and the name that stand here.
fn behind_name(list: &TokenList<'_>, mut at: usize) -> usize {
    while list.kind(at) == TokenKind::At && list.kind(at + 1).is_word() {
        at += 2;
    }
    match list.kind(at) {
        TokenKind::Lower | TokenKind::Upper | TokenKind::Underscore => at + 1,
        _ => at,
    }
}

fn is_first_of_line(list: &TokenList<'_>, at: usize) -> bool {
    at == 0 || list.gap(at).contains('\n')
}

/// How far a token that is the first of its line stands from its beginning, in bytes.
fn indent(list: &TokenList<'_>, at: usize) -> usize {
    let gap = list.gap(at);
    gap.len() - gap.rfind('\n').map_or(0, |newline| newline + 1)
}
