//! *expr* and what it is made of. Types and numbers are written the same way; which is which is seen when names are
//! resolved.
//!
//! Nearly every type is a lone name: that is seen first. The functions that call each other in a circle are kept small,
//! for a hundred levels of them have to fit on a small stack.

use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, unexpected};
use crate::syntax::ast::{Apply, Expr, ExprKind, Nat};
use crate::syntax::lexer::TokenKind;

/// `expr ::= { subexpr }`, here with at least one: the first is applied to the others.
#[inline]
pub(super) fn expr<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    if is_lone_name(input) {
        Ok((input.next(), name(input)))
    } else {
        application(input)
    }
}

/// Whether a name is all there is of an *expr*.
#[inline]
fn is_lone_name(input: Tokens<'_, '_>) -> bool {
    use TokenKind::{CloseAngle, CloseParen, Comma, Semicolon};
    input.kind().is_word() && matches!(input.peek(1), Semicolon | CloseAngle | CloseParen | Comma)
}

/// `E_1 E_2 … E_n`
fn application<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (mut rest, mut parts) = (input, Vec::new());
    loop {
        match subexpr(rest) {
            Ok((next, part)) => {
                parts.push(part);
                rest = next;
            }
            error => return error,
        }
        if !starts_term(rest) {
            return apply(input, rest, parts);
        }
    }
}

/// The first of some expressions applied to the others.
fn apply<'t, 's>(
    start: Tokens<'t, 's>,
    rest: Tokens<'t, 's>,
    mut parts: Vec<Expr<'s>>,
) -> Parse<'t, 's, Expr<'s>> {
    let args = parts.split_off(1.min(parts.len()));
    match parts.pop() {
        Some(head) if args.is_empty() => Ok((rest, head)),
        Some(head) => {
            let kind = ExprKind::Apply(Box::new(Apply {
                head,
                args,
                angle: false,
            }));
            Ok((
                rest,
                Expr {
                    kind,
                    span: rest.since(start),
                },
            ))
        }
        None => Err(unexpected(rest, Expected::TYPE)),
    }
}

/// `subexpr ::= term | nat-const "+" subexpr | subexpr "+" nat-const`
///
/// Which of the terms are numbers is not looked at.
fn subexpr<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match term(input) {
        Ok((rest, first)) if rest.kind() == TokenKind::Plus => sum(input, rest, first),
        outcome => outcome,
    }
}

/// The tree leans to the right, so that every term stands as deep as it is read.
fn sum<'t, 's>(
    start: Tokens<'t, 's>,
    mut rest: Tokens<'t, 's>,
    first: Expr<'s>,
) -> Parse<'t, 's, Expr<'s>> {
    let (mut terms, mut last) = (Vec::new(), first);
    while rest.kind() == TokenKind::Plus {
        let (next, right) = term(rest.descend()?)?;
        terms.push(std::mem::replace(&mut last, right));
        rest = next;
    }
    Ok((rest.ascend(start), fold(terms, last)))
}

fn fold<'s>(terms: Vec<Expr<'s>>, last: Expr<'s>) -> Expr<'s> {
    terms.into_iter().rev().fold(last, |right, left| {
        let span = left.span.to(right.span);
        Expr {
            kind: ExprKind::Add(Box::new((left, right))),
            span,
        }
    })
}

/// `term ::= "(" expr ")" | type-ident | var-ident | nat-const | "%" term | type-ident "<" expr { "," expr } ">"`
pub(super) fn term<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match input.kind() {
        TokenKind::Lower | TokenKind::Upper if input.peek(1) == TokenKind::OpenAngle => {
            angle(input)
        }
        TokenKind::OpenParen => paren(input),
        TokenKind::Percent => bare(input),
        _ => atom(input),
    }
}

/// Whether a *term* begins here.
#[inline]
pub(super) fn starts_term(input: Tokens<'_, '_>) -> bool {
    use TokenKind::{Hash, Lower, Nat, OpenParen, Percent, Upper};
    matches!(
        input.kind(),
        Lower | Upper | Hash | Nat | OpenParen | Percent
    )
}

/// `type-ident | var-ident | nat-const`, where `type-ident ::= boxed-type-ident | lc-ident-ns | "#"`
fn atom<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match input.kind() {
        TokenKind::Lower | TokenKind::Upper => Ok((input.next(), name(input))),
        TokenKind::Hash => Ok((
            input.next(),
            Expr {
                kind: ExprKind::Hash,
                span: input.span(),
            },
        )),
        TokenKind::Nat => {
            let (rest, Nat { value, span }) = nat(input)?;
            Ok((
                rest,
                Expr {
                    kind: ExprKind::Nat(value),
                    span,
                },
            ))
        }
        _ => Err(unexpected(input, Expected::TYPE)),
    }
}

/// The name that stands here.
#[inline]
pub(super) fn name<'s>(input: Tokens<'_, 's>) -> Expr<'s> {
    let name = input.ident();
    Expr {
        kind: ExprKind::Name(name),
        span: name.span,
    }
}

/// *nat-const*
#[inline]
pub(super) fn nat<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Nat> {
    let digits = input.word();
    // Nine digits always fit.
    let value = match digits.len() {
        ..10 => Some(
            digits
                .bytes()
                .fold(0, |value, digit| value * 10 + u32::from(digit & 0xf)),
        ),
        _ => digits.parse().ok(),
    };
    match value {
        Some(value) => Ok((
            input.next(),
            Nat {
                value,
                span: input.span(),
            },
        )),
        None => Err(failure(input, Problem::TooLarge)),
    }
}

/// `"(" expr ")"`
fn paren<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match application(input.descend()?) {
        Ok((rest, inner)) => close_paren(input, rest, inner),
        error => error,
    }
}

fn close_paren<'t, 's>(
    input: Tokens<'t, 's>,
    rest: Tokens<'t, 's>,
    inner: Expr<'s>,
) -> Parse<'t, 's, Expr<'s>> {
    let rest = rest.close(TokenKind::CloseParen, Expected::NOTHING, input)?;
    Ok((
        rest,
        Expr {
            kind: ExprKind::Paren(Box::new(inner)),
            span: rest.since(input),
        },
    ))
}

/// `"%" term`
fn bare<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match term(input.descend()?) {
        Ok((rest, inner)) => {
            let span = rest.since(input);
            Ok((
                rest.ascend(input),
                Expr {
                    kind: ExprKind::Bare(Box::new(inner)),
                    span,
                },
            ))
        }
        error => error,
    }
}

/// `type-ident "<" expr { "," expr } ">"`
fn angle<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (mut rest, mut args) = (input.next().descend()?, Vec::with_capacity(1));
    loop {
        match expr(rest) {
            Ok((next, arg)) => {
                args.push(arg);
                rest = next;
            }
            error => return error,
        }
        if rest.kind() != TokenKind::Comma {
            return close_angle(input, rest, args);
        }
        rest = rest.next();
    }
}

fn close_angle<'t, 's>(
    input: Tokens<'t, 's>,
    rest: Tokens<'t, 's>,
    args: Vec<Expr<'s>>,
) -> Parse<'t, 's, Expr<'s>> {
    let rest = rest.close(
        TokenKind::CloseAngle,
        Expected::token(TokenKind::Comma),
        input.next(),
    )?;
    let apply = Apply {
        head: name(input),
        args,
        angle: true,
    };
    Ok((
        rest,
        Expr {
            kind: ExprKind::Apply(Box::new(apply)),
            span: rest.since(input),
        },
    ))
}
