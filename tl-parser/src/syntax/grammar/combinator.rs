//! *declaration*: combinators, partial applications and finalizations.

use super::condition::bang;
use super::error::{Expected, Problem};
use super::{Parse, SyntaxError, Tokens, arg, failure, token, ty, unexpected};
use crate::syntax::ast::{
    Combinator, ExplicitId, Expr, ExprKind, Finalization, FinalizationKind, Ident, Item,
    PartialApplication,
};
use crate::syntax::lexer::TokenKind;

/// `declaration ::= combinator-decl | partial-app-decl | final-decl`
///
/// A combinator and a partial application of one (`pair int string;`) look alike up to the `=` or `;` behind their
/// arguments. The first is tried first; its failures are final once something belongs to it alone.
pub(super) fn declaration<'t, 's>(
    input: Tokens<'t, 's>,
    items: &mut Vec<Item<'s>>,
) -> Parse<'t, 's, ()> {
    match input.kind() {
        TokenKind::Upper if starts_finalization(input) => finalization(input, items),
        TokenKind::Upper => applied_type(input, items),
        TokenKind::Lower if input.peek(1) != TokenKind::Id => match combinator(input, items) {
            Err(nom::Err::Error(error)) => applied_combinator(input, items, error),
            outcome => outcome,
        },
        TokenKind::Lower | TokenKind::Underscore | TokenKind::At => combinator(input, items),
        _ => Err(unexpected(input, Expected::DEFINITION)),
    }
}

/// `combinator-decl ::= full-combinator-id { opt-args } { args } "=" result-type ";"`
///
/// Also `builtin-combinator-decl ::= full-combinator-id "?" "=" boxed-type-ident ";"`, and VK's annotations before the
/// name and its `=>`.
fn combinator<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    let (rest, annotations) = if input.kind() == TokenKind::At {
        annotations(input)?
    } else {
        (input, Vec::new())
    };
    let (rest, name) = combinator_name(rest)?;
    let (rest, id) = explicit_id(rest);
    let builtin = (rest.kind() == TokenKind::Question).then(|| rest.span());
    let (rest, args) = if builtin.is_some() {
        (rest.next(), Vec::new())
    } else {
        arg::args(rest)?
    };
    let (rest, arrow) = equals(rest, builtin.is_some())?;
    let (rest, result_bang) = bang(rest);
    let (rest, result) = result(rest)?;
    let (rest, _) = token(TokenKind::Semicolon)(rest)?;
    let span = rest.since(input);
    items.push(Item::Combinator(Combinator {
        annotations,
        name,
        id,
        args,
        builtin,
        arrow,
        result_bang,
        result,
        span,
    }));
    Ok((rest, ()))
}

/// `@read @any`
#[inline(never)]
fn annotations<'t, 's>(mut rest: Tokens<'t, 's>) -> Parse<'t, 's, Vec<Ident<'s>>> {
    let mut annotations = Vec::new();
    while rest.kind() == TokenKind::At {
        let (next, annotation) = annotation_name(rest.next())?;
        annotations.push(annotation);
        rest = next;
    }
    Ok((rest, annotations))
}

fn annotation_name<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Ident<'s>> {
    match input.kind() {
        kind if kind.is_word() => Ok((input.next(), input.ident())),
        _ => Err(unexpected(input, Expected::NAME)),
    }
}

/// The name of `full-combinator-id ::= lc-ident-full | "_"`.
#[inline]
fn combinator_name<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Ident<'s>> {
    match input.kind() {
        TokenKind::Upper => Err(failure(input, Problem::UpperCaseName)),
        TokenKind::Lower | TokenKind::Underscore => Ok((input.next(), input.ident())),
        _ => Err(unexpected(input, Expected::NAME)),
    }
}

/// The id of *lc-ident-full*; one that the lexer has reported counts as none.
#[inline]
fn explicit_id<'t, 's>(input: Tokens<'t, 's>) -> (Tokens<'t, 's>, Option<ExplicitId>) {
    match input.kind() {
        TokenKind::Id => (
            input.next(),
            Some(ExplicitId {
                value: hex(input.word()),
                span: input.span(),
            }),
        ),
        TokenKind::BadId => (input.next(), None),
        _ => (input, None),
    }
}

/// The value of `#` and up to eight hexadecimal digits.
#[inline]
fn hex(id: &str) -> u32 {
    let digits = id.bytes().skip(1).map(|digit| {
        u32::from(if digit > b'9' {
            (digit & 0xf) + 9
        } else {
            digit & 0xf
        })
    });
    digits.fold(0, |value, digit| value << 4 | digit)
}

/// `=`, or VK's `=>`. Says whether it is the latter.
#[inline]
fn equals<'t, 's>(input: Tokens<'t, 's>, builtin: bool) -> Parse<'t, 's, bool> {
    let expected = Expected::token(TokenKind::Equals);
    match input.kind() {
        TokenKind::Equals => Ok((input.next(), false)),
        TokenKind::Arrow => Ok((input.next(), true)),
        _ if builtin => Err(unexpected(input, expected)),
        _ => Err(nom::Err::Error(SyntaxError::expected(
            input,
            expected.or(Expected::ARGUMENT),
        ))),
    }
}

/// `result-type ::= boxed-type-ident { subexpr } | boxed-type-ident "<" subexpr { "," subexpr } ">"`
///
/// That it is a boxed type is checked where names are resolved: there the message can say more. Before it, the page's own
/// example has a `!` that its grammar has not: `getUser flags:# id:int = !UserInfo flags`.
#[inline]
fn result<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    match input.kind() {
        TokenKind::Nat => Err(unexpected(input, Expected::RESULT)),
        _ if ty::starts_term(input) => ty::expr(input),
        _ => Err(unexpected(input, Expected::RESULT)),
    }
}

/// `partial-type-app-decl ::= boxed-type-ident subexpr { subexpr } ";" | boxed-type-ident "<" expr { "," expr } ">" ";"`
///
/// What breaks off where a combinator would go on was meant to be one.
fn applied_type<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    partial(input, items).map_err(|error| match error {
        nom::Err::Error(error) | nom::Err::Failure(error)
            if goes_on_as_combinator(input, error) =>
        {
            failure(input, Problem::UpperCaseName)
        }
        nom::Err::Error(error) => nom::Err::Failure(error),
        error => error,
    })
}

fn goes_on_as_combinator(input: Tokens<'_, '_>, error: SyntaxError) -> bool {
    use TokenKind::{
        Arrow, BadId, Bang, Colon, Equals, Id, OpenBrace, OpenBracket, Question, Underscore,
    };
    matches!(
        input.list.kind(error.index()),
        Arrow
            | BadId
            | Bang
            | Colon
            | Equals
            | Id
            | OpenBrace
            | OpenBracket
            | Question
            | Underscore
    )
}

/// `partial-comb-app-decl ::= combinator-id subexpr { subexpr } ";"`
fn applied_combinator<'t, 's>(
    input: Tokens<'t, 's>,
    items: &mut Vec<Item<'s>>,
    error: SyntaxError,
) -> Parse<'t, 's, ()> {
    use TokenKind::{Arrow, Equals};
    partial(input, items).map_err(|other| match other {
        // With a result behind it, this was to be a combinator.
        nom::Err::Error(other) | nom::Err::Failure(other)
            if !matches!(input.list.kind(other.index()), Arrow | Equals) =>
        {
            nom::Err::Failure(error.farthest(other))
        }
        _ => nom::Err::Failure(error),
    })
}

fn partial<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    let (rest, expr) = ty::expr(input)?;
    if !matches!(expr.kind, ExprKind::Apply(_)) {
        return Err(unexpected(rest, Expected::TYPE));
    }
    let (rest, _) = token(TokenKind::Semicolon)(rest)?;
    items.push(Item::Partial(PartialApplication {
        expr,
        span: rest.since(input),
    }));
    Ok((rest, ()))
}

/// `final-decl ::= "New" boxed-type-ident ";" | "Final" boxed-type-ident ";" | "Empty" boxed-type-ident ";"`
fn finalization<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    let kind = match input.word() {
        "New" => FinalizationKind::New,
        "Final" => FinalizationKind::Final,
        _ => FinalizationKind::Empty,
    };
    let ty = input.next().ident();
    let (rest, _) = token(TokenKind::Semicolon)(input.next().next())?;
    items.push(Item::Finalization(Finalization {
        kind,
        ty,
        span: rest.since(input),
    }));
    Ok((rest, ()))
}

/// The three keywords are names like any other wherever this does not hold.
fn starts_finalization(input: Tokens<'_, '_>) -> bool {
    matches!(input.word(), "New" | "Final" | "Empty")
        && input.peek(1) == TokenKind::Upper
        && input.peek(2) == TokenKind::Semicolon
}
