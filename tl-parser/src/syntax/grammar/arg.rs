//! *args* and *opt-args*: the arguments of a combinator.
//!
//! Arguments are most of a schema: each is written where it stays and not handed up from function to function, first
//! without its type, which comes last.

use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, token, ty, unexpected};
use crate::span::Span;
use crate::syntax::ast::{Arg, ArgForm, Condition, Expr, ExprKind, Ident, Names, Nat, Repeat};
use crate::syntax::lexer::TokenKind;

/// `{ opt-args } { args }`; implicit arguments are taken at any place.
///
/// Repetitions that wait for their `]` are kept in a list: the parser does not call itself for them.
pub(super) fn args<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Vec<Arg<'s>>> {
    let (mut rest, mut args, mut open) = (input, Vec::new(), Vec::new());
    loop {
        if starts_arg(rest) {
            let (next, read) = arg(rest, &mut args)?;
            rest = next;
            if let Read::UpToBracket = read {
                open.push(Repetition {
                    opening: rest,
                    before: std::mem::take(&mut args),
                });
                rest = rest.descend()?;
            }
        } else if let Some(Repetition { opening, before }) = open.pop() {
            rest = rest.close(TokenKind::CloseBracket, Expected::ARGUMENT, opening)?;
            let repeated = std::mem::replace(&mut args, before);
            close_repetition(&mut args, repeated, rest);
        } else if rest.kind() == TokenKind::OpenBrace {
            rest = implicit(rest, &mut args)?.0;
        } else {
            return Ok((rest, args));
        }
    }
}

/// How much of an argument is read.
enum Read {
    All,
    /// It is a repetition, and what is repeated comes next.
    UpToBracket,
}

/// A repetition inside of which the parser is.
struct Repetition<'t, 's> {
    opening: Tokens<'t, 's>,
    /// The arguments around it; it is the last of them.
    before: Vec<Arg<'s>>,
}

/// Gives the last argument what it repeats.
fn close_repetition<'s>(args: &mut [Arg<'s>], repeated: Vec<Arg<'s>>, rest: Tokens<'_, 's>) {
    let Some(arg) = args.last_mut() else { return };
    let end = rest.since(rest).end;
    (arg.span.end, arg.ty.span.end) = (end, end);
    if let ExprKind::Repeat(repeat) = &mut arg.ty.kind {
        repeat.args = repeated;
    }
}

/// Whether one of *args* begins here.
#[inline]
fn starts_arg(input: Tokens<'_, '_>) -> bool {
    ty::starts_term(input)
        || matches!(
            input.kind(),
            TokenKind::Underscore | TokenKind::OpenBracket | TokenKind::Bang
        )
}

/// The four forms of *args*.
#[inline]
fn arg<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    match input.kind() {
        TokenKind::Lower | TokenKind::Upper | TokenKind::Underscore
            if input.peek(1) == TokenKind::Colon =>
        {
            named(input, args)
        }
        TokenKind::OpenParen if is_group(input) => group(input, args),
        TokenKind::Underscore => Err(unexpected(input.next(), Expected::token(TokenKind::Colon))),
        _ => anonymous(input, args),
    }
}

/// `args ::= var-ident-opt ":" [ conditional-def ] [ "!" ] type-term`, and the named repetition.
#[inline]
fn named<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    let start = input.next().next();
    if input.token().dotted {
        Err(failure(input, Problem::NamespacedArgument))
    } else if is_lone_name(start) {
        args.push(plain(input.ident(), ty::name(start)));
        Ok((start.next(), Read::All))
    } else if start.kind() == TokenKind::OpenParen && starts_condition(start.next()) {
        enclosed(input, args)
    } else {
        typed(input, head(input, args)?.0, args)
    }
}

fn plain<'s>(name: Ident<'s>, ty: Expr<'s>) -> Arg<'s> {
    let span = Span {
        end: ty.span.end,
        ..name.span
    };
    Arg {
        form: ArgForm::Plain,
        names: Names::One(name),
        condition: None,
        bang: None,
        ty,
        span,
    }
}

/// Whether a name is all there is of a type that may be conditional or repeated.
#[inline]
fn is_lone_name(input: Tokens<'_, '_>) -> bool {
    use TokenKind::{Dot, OpenAngle, Question, Star};
    input.kind().is_word() && !matches!(input.peek(1), Question | Dot | OpenAngle | Star)
}

/// `var-ident-opt ":" [ conditional-def ] [ "!" ]`
fn head<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    let start = input.next().next();
    let (rest, condition) = if starts_condition(start) {
        condition(start)?
    } else {
        (start, None)
    };
    let (rest, bang) = bang(rest);
    args.push(Arg {
        names: Names::One(input.ident()),
        condition,
        bang,
        ..untyped()
    });
    Ok((rest, ()))
}

/// `args ::= [ "!" ] type-term`, and the repetition without a name.
fn anonymous<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    let (rest, bang) = bang(input);
    args.push(Arg { bang, ..untyped() });
    typed(input, rest, args)
}

/// What the parts of an argument are filled in to.
fn untyped<'s>() -> Arg<'s> {
    let (span, kind) = (Span::default(), ExprKind::Hash);
    Arg {
        form: ArgForm::Plain,
        names: Names::None,
        condition: None,
        bang: None,
        ty: Expr { kind, span },
        span,
    }
}

/// The type of the last argument, which began at `start`: *type-term*, or
/// `args ::= … [ multiplicity "*" ] "[" { args } "]"`, where `multiplicity ::= nat-term`.
fn typed<'t, 's>(
    start: Tokens<'t, 's>,
    input: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
) -> Parse<'t, 's, Read> {
    if input.kind() == TokenKind::OpenBracket {
        return Ok(repetition(start, input, input, None, args));
    }
    let (rest, term) = if is_lone_name(input) {
        (input.next(), ty::name(input))
    } else {
        ty::term(input)?
    };
    if rest.kind() == TokenKind::Star {
        token(TokenKind::OpenBracket)(rest.next())?;
        return Ok(repetition(start, input, rest.next(), Some(term), args));
    }
    finish(args, term, rest.since(start));
    Ok((rest, Read::All))
}

fn repetition<'t, 's>(
    start: Tokens<'t, 's>,
    input: Tokens<'t, 's>,
    opening: Tokens<'t, 's>,
    count: Option<Expr<'s>>,
    args: &mut [Arg<'s>],
) -> (Tokens<'t, 's>, Read) {
    let kind = ExprKind::Repeat(Box::new(Repeat {
        count,
        args: Vec::new(),
    }));
    finish(
        args,
        Expr {
            kind,
            span: input.span(),
        },
        start.span(),
    );
    (opening, Read::UpToBracket)
}

fn finish<'s>(args: &mut [Arg<'s>], ty: Expr<'s>, span: Span) {
    if let Some(arg) = args.last_mut() {
        (arg.ty, arg.span) = (ty, span);
    }
}

/// `opt-args ::= "{" var-ident { var-ident } ":" [ "!" ] type-expr "}"`
fn implicit<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, ()> {
    declare(input, args, ArgForm::Implicit, TokenKind::CloseBrace)
}

/// `args ::= "(" var-ident-opt { var-ident-opt } ":" [ "!" ] type-term ")"`
///
/// The type is an *expr*, as in the page's own examples: `(l : list X)`.
fn group<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    let (rest, ()) = declare(input, args, ArgForm::Group, TokenKind::CloseParen)?;
    Ok((rest, Read::All))
}

/// What implicit arguments and groups have in common.
fn declare<'t, 's>(
    input: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
    form: ArgForm,
    closing: TokenKind,
) -> Parse<'t, 's, ()> {
    let (rest, names) = names(input.descend()?, form)?;
    let (rest, _) = token(TokenKind::Colon)(rest)?;
    let (rest, bang) = bang(rest);
    args.push(Arg {
        form,
        names,
        bang,
        ..untyped()
    });
    let (rest, ty) = ty::expr(rest)?;
    let rest = rest.close(closing, Expected::NOTHING, input)?;
    finish(args, ty, rest.since(input));
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

/// `var-ident { var-ident }`, and in a group `var-ident-opt { var-ident-opt }`.
fn names<'t, 's>(mut rest: Tokens<'t, 's>, form: ArgForm) -> Parse<'t, 's, Names<'s>> {
    let mut names = Vec::new();
    while rest.kind().is_word() || (rest.kind() == TokenKind::Underscore && form == ArgForm::Group)
    {
        if rest.token().dotted {
            return Err(failure(rest, Problem::NamespacedArgument));
        }
        names.push(rest.ident());
        rest = rest.next();
    }
    match names.as_slice() {
        [] => Err(unexpected(rest, Expected::ARGUMENT_NAME)),
        _ if rest.kind() == TokenKind::Underscore => Err(unexpected(rest, Expected::ARGUMENT_NAME)),
        [name] => Ok((rest, Names::One(*name))),
        _ => Ok((rest, Names::Several(names))),
    }
}

/// `name:(flags.0?type)`: a condition within parentheses, as TL-combinators writes it. The parentheses say nothing and
/// go, unless the type is one that needs them.
fn enclosed<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    let opening = input.next().next();
    let (rest, condition) = condition(opening.descend()?)?;
    let (start, bang) = bang(rest);
    args.push(Arg {
        names: Names::One(input.ident()),
        condition,
        bang,
        ..untyped()
    });
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
    finish(args, ty, rest.since(input));
    Ok((rest, Read::All))
}

#[inline]
fn starts_condition(input: Tokens<'_, '_>) -> bool {
    input.kind().is_word() && matches!(input.peek(1), TokenKind::Question | TokenKind::Dot)
}

/// `conditional-def ::= var-ident [ "." nat-const ] "?"`
#[inline]
fn condition<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Option<Condition<'s>>> {
    let word = input.ident();
    let (rest, bit) = match input.next().kind() {
        TokenKind::Dot => bit(input.next().next())?,
        _ => (input.next(), None),
    };
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
fn bit<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Option<Nat>> {
    if input.kind() != TokenKind::Nat {
        return Err(unexpected(input, Expected::BIT));
    }
    let (rest, nat) = ty::nat(input)?;
    Ok((rest, Some(nat)))
}

#[inline]
fn bang<'t, 's>(input: Tokens<'t, 's>) -> (Tokens<'t, 's>, Option<Span>) {
    match input.kind() {
        TokenKind::Bang => (input.next(), Some(input.span())),
        _ => (input, None),
    }
}
