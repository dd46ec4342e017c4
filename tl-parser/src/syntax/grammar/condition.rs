//! *conditional-def* and `!`: what may stand between an argument's `:` and its type.

use super::error::Expected;
use super::{Parse, Tokens, token, ty, unexpected};
use crate::span::Span;
use crate::syntax::ast::{Condition, Nat};
use crate::syntax::lexer::TokenKind;

/// Whether a condition begins here, or something that can't be anything else.
#[inline(always)]
pub(super) fn starts_condition(input: Tokens<'_, '_>) -> bool {
    input.kind().is_word() && matches!(input.peek(1), TokenKind::Question | TokenKind::Dot)
}

/// `[ conditional-def ]`, where `conditional-def ::= var-ident [ "." nat-const ] "?"`
#[inline(always)]
pub(super) fn condition<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Option<Condition<'s>>> {
    if !starts_condition(input) {
        return Ok((input, None));
    }
    let (rest, bit) = match input.next().kind() {
        TokenKind::Dot => bit(input.next().next())?,
        _ => (input.next(), None),
    };
    let (rest, _) = token(TokenKind::Question)(rest)?;
    Ok((
        rest,
        Some(Condition {
            word: input.ident(),
            bit,
            span: rest.since(input),
        }),
    ))
}

#[inline(always)]
fn bit<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Option<Nat>> {
    if input.kind() != TokenKind::Nat {
        return Err(unexpected(input, Expected::BIT));
    }
    let (rest, nat) = ty::nat(input)?;
    Ok((rest, Some(nat)))
}

/// `[ "!" ]`
#[inline(always)]
pub(super) fn bang<'t, 's>(input: Tokens<'t, 's>) -> (Tokens<'t, 's>, Option<Span>) {
    match input.kind() {
        TokenKind::Bang => (input.next(), Some(input.span())),
        _ => (input, None),
    }
}
