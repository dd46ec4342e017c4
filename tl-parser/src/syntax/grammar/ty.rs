//! *expr* and what it is made of. Types and numbers are written the same way; which is which is seen when names are
//! resolved.

use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, unexpected};
use crate::syntax::ast::{Apply, Expr, ExprKind, Nat};
use crate::syntax::lexer::TokenKind;

/// `expr ::= { subexpr }`, here with at least one: the first is applied to the others.
#[inline]
pub(super) fn expr<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    use TokenKind::{CloseAngle, CloseParen, Comma, Semicolon};
    if input.kind().is_word()
        && matches!(input.peek(1), Semicolon | CloseAngle | CloseParen | Comma)
    {
        return Ok((input.next(), name(input)));
    }
    long_expr(input)
}

#[inline(never)]
fn long_expr<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (rest, head) = subexpr(input)?;
    if starts_term(rest) {
        application(input, rest, head)
    } else {
        Ok((rest, head))
    }
}

/// The arguments of `E_1 E_2 … E_n`, where there is at least one.
#[inline(never)]
fn application<'t, 's>(
    start: Tokens<'t, 's>,
    mut rest: Tokens<'t, 's>,
    head: Expr<'s>,
) -> Parse<'t, 's, Expr<'s>> {
    let mut args = Vec::new();
    while starts_term(rest) {
        let (next, arg) = subexpr(rest)?;
        args.push(arg);
        rest = next;
    }
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

/// `subexpr ::= term | nat-const "+" subexpr | subexpr "+" nat-const`
///
/// Which of the terms are numbers is not looked at.
pub(super) fn subexpr<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (rest, first) = long_term(input)?;
    if rest.kind() == TokenKind::Plus {
        sum(input, rest, first)
    } else {
        Ok((rest, first))
    }
}

/// The tree leans to the right, so that every term stands as deep as it is read.
#[inline(never)]
fn sum<'t, 's>(
    start: Tokens<'t, 's>,
    mut rest: Tokens<'t, 's>,
    first: Expr<'s>,
) -> Parse<'t, 's, Expr<'s>> {
    let mut terms = Vec::new();
    let mut last = first;
    while rest.kind() == TokenKind::Plus {
        let (next, term) = long_term(rest.descend()?)?;
        terms.push(std::mem::replace(&mut last, term));
        rest = next;
    }
    let sum = terms.into_iter().rev().fold(last, |right, left| {
        let span = left.span.to(right.span);
        Expr {
            kind: ExprKind::Add(Box::new((left, right))),
            span,
        }
    });
    Ok((rest.ascend(start), sum))
}

/// `term ::= "(" expr ")" | type-ident | var-ident | nat-const | "%" term | type-ident "<" expr { "," expr } ">"`
#[inline]
pub(super) fn term<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    if input.kind().is_word() && input.peek(1) != TokenKind::OpenAngle {
        return Ok((input.next(), name(input)));
    }
    long_term(input)
}

#[inline(never)]
fn long_term<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match input.kind() {
        TokenKind::Lower | TokenKind::Upper if input.peek(1) == TokenKind::OpenAngle => {
            angle(input)
        }
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
        TokenKind::OpenParen => paren(input),
        TokenKind::Percent => bare(input),
        _ => Err(unexpected(input, Expected::TYPE)),
    }
}

#[inline]
fn name<'s>(input: Tokens<'_, 's>) -> Expr<'s> {
    let name = input.ident();
    Expr {
        kind: ExprKind::Name(name),
        span: name.span,
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
#[inline(never)]
fn paren<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (rest, inner) = long_expr(input.descend()?)?;
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
#[inline(never)]
fn bare<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let (rest, inner) = long_term(input.descend()?)?;
    Ok((
        rest.ascend(input),
        Expr {
            kind: ExprKind::Bare(Box::new(inner)),
            span: rest.since(input),
        },
    ))
}

/// `type-ident "<" expr { "," expr } ">"`
#[inline(never)]
fn angle<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    let name = input.ident();
    let opening = input.next();
    let (mut rest, first) = expr(opening.descend()?)?;
    let mut args = vec![first];
    while rest.kind() == TokenKind::Comma {
        let (next, arg) = expr(rest.next())?;
        args.push(arg);
        rest = next;
    }
    let rest = rest.close(
        TokenKind::CloseAngle,
        Expected::token(TokenKind::Comma),
        opening,
    )?;
    let head = Expr {
        kind: ExprKind::Name(name),
        span: name.span,
    };
    Ok((
        rest,
        Expr {
            kind: ExprKind::Apply(Box::new(Apply {
                head,
                args,
                angle: true,
            })),
            span: rest.since(input),
        },
    ))
}
