//! *args* and *opt-args*: the arguments of a combinator.
//!
//! Arguments are most of a schema: each is written where it stays and not handed up from function to function, first
//! without its type, which comes last.

use super::condition::{bang, condition, starts_condition};
use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, token, ty, unexpected};
use crate::span::Span;
use crate::syntax::ast::{Arg, ArgForm, Expr, ExprKind, Ident, Names, Repeat};
use crate::syntax::lexer::TokenKind;

/// `{ opt-args } { args }`; implicit arguments are taken at any place.
///
/// Repetitions that wait for their `]` are kept in a list: the parser does not call itself for them.
pub(super) fn args<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Vec<Arg<'s>>> {
    let (mut rest, mut args, mut open) = (input, Vec::new(), Vec::new());
    loop {
        if starts_arg(rest) {
            let (next, read) = arg(rest, &mut args)?;
            rest = rest.up_to(next);
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
#[inline(always)]
fn starts_arg(input: Tokens<'_, '_>) -> bool {
    ty::starts_term(input)
        || matches!(
            input.kind(),
            TokenKind::Underscore | TokenKind::OpenBracket | TokenKind::Bang
        )
}

/// The four forms of *args*.
#[inline(always)]
fn arg<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    use TokenKind::{Colon, Lower, OpenParen, Underscore, Upper};
    match input.kind() {
        Lower | Upper | Underscore if input.peek(1) == Colon => named(input, args),
        Underscore => Err(unexpected(input.next(), Expected::token(Colon))),
        OpenParen if is_group(input) => group(input, args),
        _ => anonymous(input, args),
    }
}

/// `args ::= var-ident-opt ":" [ conditional-def ] [ "!" ] type-term`, and the named repetition.
#[inline(always)]
fn named<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    use TokenKind::{Dot, OpenAngle, Question, Star};
    let (name, start) = (input.token(), input.next().next());
    if name.dotted {
        Err(failure(input, Problem::NamespacedArgument))
    } else if start.kind().is_word() && !matches!(start.peek(1), Dot | OpenAngle | Question | Star)
    {
        args.push(plain(input.ident(), ty::name(start)));
        Ok((start.next(), Read::All))
    } else {
        detailed(input, start, args)
    }
}

/// `name:type`, as more than half of all arguments are.
#[inline(always)]
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

/// The other named ones.
fn detailed<'t, 's>(
    input: Tokens<'t, 's>,
    start: Tokens<'t, 's>,
    args: &mut Vec<Arg<'s>>,
) -> Parse<'t, 's, Read> {
    if start.kind() == TokenKind::OpenParen && starts_condition(start.next()) {
        return enclosed(input, args);
    }
    let (rest, condition) = condition(start)?;
    let (rest, bang) = bang(rest);
    args.push(Arg {
        names: Names::One(input.ident()),
        condition,
        bang,
        ..untyped()
    });
    typed(input, rest, args)
}

/// `args ::= [ "!" ] type-term`, and the repetition without a name.
fn anonymous<'t, 's>(input: Tokens<'t, 's>, args: &mut Vec<Arg<'s>>) -> Parse<'t, 's, Read> {
    let (rest, bang) = bang(input);
    args.push(Arg { bang, ..untyped() });
    typed(input, rest, args)
}

/// What the parts of an argument are filled in to.
#[inline(always)]
fn untyped<'s>() -> Arg<'s> {
    let (span, kind) = (Span::default(), ExprKind::Hash);
    let ty = Expr { kind, span };
    Arg {
        form: ArgForm::Plain,
        names: Names::None,
        condition: None,
        bang: None,
        ty,
        span,
    }
}

/// The type of the last argument, which began at `start`.
#[inline(always)]
fn typed<'t, 's>(
    start: Tokens<'t, 's>,
    input: Tokens<'t, 's>,
    args: &mut [Arg<'s>],
) -> Parse<'t, 's, Read> {
    use TokenKind::{OpenAngle, Star};
    if input.kind().is_word() && !matches!(input.peek(1), OpenAngle | Star) {
        let rest = input.next();
        finish(args, ty::name(input), rest.since(start));
        return Ok((rest, Read::All));
    }
    long_typed(start, input, args)
}

/// *type-term*, or `args ::= … [ multiplicity "*" ] "[" { args } "]"`, where `multiplicity ::= nat-term`.
#[inline(never)]
fn long_typed<'t, 's>(
    start: Tokens<'t, 's>,
    input: Tokens<'t, 's>,
    args: &mut [Arg<'s>],
) -> Parse<'t, 's, Read> {
    let is_repetition = input.kind() == TokenKind::OpenBracket;
    let (rest, count) = if is_repetition {
        (input, None)
    } else {
        count(start, input, args)?
    };
    if !is_repetition && count.is_none() {
        return Ok((rest, Read::All));
    }
    if rest.kind() != TokenKind::OpenBracket {
        return Err(unexpected(rest, Expected::token(TokenKind::OpenBracket)));
    }
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
    Ok((rest, Read::UpToBracket))
}

/// `nat-term "*"`, or else the whole type.
fn count<'t, 's>(
    start: Tokens<'t, 's>,
    input: Tokens<'t, 's>,
    args: &mut [Arg<'s>],
) -> Parse<'t, 's, Option<Expr<'s>>> {
    let (rest, term) = ty::term(input)?;
    if rest.kind() == TokenKind::Star {
        return Ok((rest.next(), Some(term)));
    }
    finish(args, term, rest.since(start));
    Ok((rest, None))
}

/// Gives the last argument its type.
#[inline(always)]
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
    rest.kind() == TokenKind::Colon
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
