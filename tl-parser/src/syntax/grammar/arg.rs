//! *args* and *opt-args*: the arguments of a combinator.

use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, token, ty, unexpected};
use crate::span::Span;
use crate::syntax::ast::{Arg, ArgForm, Condition, Expr, ExprKind, Ident, Names, Repeat};
use crate::syntax::lexer::TokenKind;

/// `{ opt-args } { args }`; implicit arguments are taken at any place.
pub(super) fn args<'t, 's>(mut rest: Tokens<'t, 's>) -> Parse<'t, 's, Vec<Arg<'s>>> {
    let mut args = Vec::new();
    loop {
        (rest, ()) = match rest.kind() {
            TokenKind::OpenBrace => implicit(rest, &mut args)?,
            _ if starts_arg(rest) => arg(rest, &mut args)?,
            _ => return Ok((rest, args)),
        };
    }
}

/// Whether one of *args* begins here.
fn starts_arg(input: Tokens<'_, '_>) -> bool {
    ty::starts_term(input)
        || matches!(
            input.kind(),
            TokenKind::Underscore | TokenKind::OpenBracket | TokenKind::Bang
        )
}

/// The four forms of *args*. Arguments are most of a schema: they are written where they stay, and not handed up.
#[inline]
fn arg<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    match input.kind() {
        TokenKind::Lower | TokenKind::Upper | TokenKind::Underscore
            if input.peek(1) == TokenKind::Colon =>
        {
            named(input, args)
        }
        TokenKind::Underscore => Err(failure(
            input.next(),
            Problem::Expected(Expected::token(TokenKind::Colon)),
        )),
        TokenKind::OpenParen if is_group(input) => group(input, args),
        _ => anonymous(input, args),
    }
}

/// `args ::= var-ident-opt ":" [ conditional-def ] [ "!" ] type-term`, and the named repetition.
#[inline]
fn named<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    let name = name(input)?;
    let start = input.next().next();
    if is_type_name(start) {
        let word = start.ident();
        let ty = Expr {
            kind: ExprKind::Name(word),
            span: word.span,
        };
        let span = Span {
            end: word.span.end,
            ..name.span
        };
        args.push(Arg {
            form: ArgForm::Plain,
            names: Names::One(name),
            condition: None,
            bang: None,
            ty,
            span,
        });
        return Ok((start.next(), ()));
    }
    typed(input, name, start, args)
}

/// Whether a name is all there is behind an argument's `:`, as mostly it is.
#[inline]
fn is_type_name(input: Tokens<'_, '_>) -> bool {
    use TokenKind::{Dot, OpenAngle, Question, Star};
    input.kind().is_word() && !matches!(input.peek(1), Question | Dot | OpenAngle | Star)
}

/// `args ::= [ "!" ] type-term`, and the repetition without a name.
#[inline(never)]
fn anonymous<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    let (rest, bang) = bang(input);
    let (rest, ty) = term_or_repetition(rest)?;
    let span = rest.since(input);
    args.push(Arg {
        form: ArgForm::Plain,
        names: Names::None,
        condition: None,
        bang,
        ty,
        span,
    });
    Ok((rest, ()))
}

/// `opt-args ::= "{" var-ident { var-ident } ":" [ "!" ] type-expr "}"`
#[inline(never)]
fn implicit<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    declare(input, args, ArgForm::Implicit, TokenKind::CloseBrace)
}

/// `args ::= "(" var-ident-opt { var-ident-opt } ":" [ "!" ] type-term ")"`
///
/// The type is an *expr*, as in the page's own examples: `(l : list X)`.
#[inline(never)]
fn group<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    declare(input, args, ArgForm::Group, TokenKind::CloseParen)
}

/// What implicit arguments and groups have in common.
#[inline(never)]
fn declare<'t, 's>(
    input: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
    form: ArgForm,
    closing: TokenKind,
) -> Parse<'t, 's, ()> {
    let (rest, names) = names(input.descend()?, form)?;
    let (rest, _) = token(TokenKind::Colon)(rest)?;
    let (rest, bang) = bang(rest);
    let (rest, ty) = ty::expr(rest)?;
    let rest = rest.close(closing, Expected::NOTHING, input)?;
    let names = if let [name] = names.as_slice() {
        Names::One(*name)
    } else {
        Names::Several(names)
    };
    args.push(Arg {
        form,
        names,
        condition: None,
        bang,
        ty,
        span: rest.since(input),
    });
    Ok((rest, ()))
}

/// Whether the parenthesis here declares arguments: `(a b:int)` does, `(vector T)` is a type.
fn is_group(input: Tokens<'_, '_>) -> bool {
    let mut rest = input.next();
    while rest.kind().is_word() || rest.kind() == TokenKind::Underscore {
        rest = rest.next();
    }
    rest.kind() == TokenKind::Colon && rest.at > input.at + 1
}

fn names<'t, 's>(mut rest: Tokens<'t, 's>, form: ArgForm) -> Parse<'t, 's, Vec<Ident<'s>>> {
    let mut names = Vec::new();
    while rest.kind().is_word() || (rest.kind() == TokenKind::Underscore && form == ArgForm::Group)
    {
        names.push(name(rest)?);
        rest = rest.next();
    }
    if names.is_empty() || rest.kind() == TokenKind::Underscore {
        return Err(unexpected(rest, Expected::ARGUMENT_NAME));
    }
    Ok((rest, names))
}

/// `var-ident-opt ::= var-ident | "_"`
#[inline]
fn name<'s>(input: Tokens<'_, 's>) -> Result<Ident<'s>, nom::Err<super::SyntaxError>> {
    if input.token().dotted {
        Err(failure(input, Problem::NamespacedArgument))
    } else {
        Ok(input.ident())
    }
}

/// What stands behind an argument's `:`, at `start`.
#[inline(never)]
fn typed<'t, 's>(
    input: Tokens<'t, 's>,
    name: Ident<'s>,
    start: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
) -> Parse<'t, 's, ()> {
    if start.kind() == TokenKind::OpenParen && starts_condition(start.next()) {
        return enclosed(input, name, start, args);
    }
    let (rest, condition) = if starts_condition(start) {
        condition(start)?
    } else {
        (start, None)
    };
    let (rest, bang) = bang(rest);
    let (rest, ty) = term_or_repetition(rest)?;
    args.push(Arg {
        form: ArgForm::Plain,
        names: Names::One(name),
        condition,
        bang,
        ty,
        span: rest.since(input),
    });
    Ok((rest, ()))
}

/// `(flags.0?type)`: a condition within parentheses, as TL-combinators writes it. The parentheses say nothing and go,
/// unless the type is an application that needs them.
#[inline(never)]
fn enclosed<'t, 's>(
    input: Tokens<'t, 's>,
    name: Ident<'s>,
    opening: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
) -> Parse<'t, 's, ()> {
    let (rest, condition) = condition(opening.descend()?)?;
    let (start, bang) = bang(rest);
    let (rest, inner) = ty::expr(start)?;
    let span = rest.since(start);
    let rest = rest.close(TokenKind::CloseParen, Expected::NOTHING, opening)?;
    let needed = matches!(&inner.kind, ExprKind::Add(_))
        || matches!(&inner.kind, ExprKind::Apply(app) if !app.angle);
    let ty = if needed {
        Expr {
            kind: ExprKind::Paren(Box::new(inner)),
            span,
        }
    } else {
        inner
    };
    args.push(Arg {
        form: ArgForm::Plain,
        names: Names::One(name),
        condition,
        bang,
        ty,
        span: rest.since(input),
    });
    Ok((rest, ()))
}

#[inline]
fn starts_condition(input: Tokens<'_, '_>) -> bool {
    input.kind().is_word() && matches!(input.peek(1), TokenKind::Question | TokenKind::Dot)
}

/// `conditional-def ::= var-ident [ "." nat-const ] "?"`
#[inline]
fn condition<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Option<Condition<'s>>> {
    let word = input.ident();
    let mut rest = input.next();
    let mut bit = None;
    if rest.kind() == TokenKind::Dot {
        let (next, nat) = bit_number(rest.next())?;
        (rest, bit) = (next, Some(nat));
    }
    let (rest, _) = token(TokenKind::Question)(rest)?;
    Ok((
        rest,
        Some(Condition {
            word,
            bit,
            span: rest.since(input),
        }),
    ))
}

#[inline]
fn bit_number<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, crate::syntax::ast::Nat> {
    if input.kind() == TokenKind::Nat {
        ty::nat(input)
    } else {
        Err(unexpected(input, Expected::BIT))
    }
}

#[inline]
fn bang<'t, 's>(input: Tokens<'t, 's>) -> (Tokens<'t, 's>, Option<Span>) {
    match input.kind() {
        TokenKind::Bang => (input.next(), Some(input.span())),
        _ => (input, None),
    }
}

/// *type-term*, or `args ::= … [ multiplicity "*" ] "[" { args } "]"`, where `multiplicity ::= nat-term`.
#[inline]
fn term_or_repetition<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    use TokenKind::{OpenAngle, Star};
    if input.kind().is_word() && !matches!(input.peek(1), OpenAngle | Star) {
        return ty::term(input);
    }
    long_term_or_repetition(input)
}

#[inline(never)]
fn long_term_or_repetition<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Expr<'s>> {
    if input.kind() == TokenKind::OpenBracket {
        return repetition(input, input, None);
    }
    let (rest, term) = ty::term(input)?;
    if rest.kind() != TokenKind::Star {
        return Ok((rest, term));
    }
    repetition(input, rest.next(), Some(term))
}

/// `"[" { args } "]"`
#[inline(never)]
fn repetition<'t, 's>(
    start: Tokens<'t, 's>,
    opening: Tokens<'t, 's>,
    count: Option<Expr<'s>>,
) -> Parse<'t, 's, Expr<'s>> {
    token(TokenKind::OpenBracket)(opening)?;
    let (mut rest, mut args) = (opening.descend()?, Vec::new());
    while starts_arg(rest) {
        (rest, ()) = arg(rest, &mut args)?;
    }
    let rest = rest.close(TokenKind::CloseBracket, Expected::ARGUMENT, opening)?;
    Ok((
        rest,
        Expr {
            kind: ExprKind::Repeat(Box::new(Repeat { count, args })),
            span: rest.since(start),
        },
    ))
}
