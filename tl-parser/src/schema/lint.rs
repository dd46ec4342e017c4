//! What is legal, but probably not what was meant.

use super::{Builtin, Combinator, Condition, Param, Schema, Term, VarId};
use crate::diagnostic::{Code, Diagnostic};

/// Implicit arguments that neither a type, a count, a condition nor the result uses.
pub(super) fn unused_implicit(combinator: &Combinator, diagnostics: &mut Vec<Diagnostic>) {
    let mut used = Vec::new();
    variables(&combinator.result, &mut used);
    Param::walk(&combinator.params, &mut |param| {
        used.extend(param.condition.map(|condition| condition.word));
        variables(&param.ty, &mut used);
    });
    for param in combinator
        .params
        .iter()
        .filter(|param| param.is_implicit && !used.contains(&param.var))
    {
        let name = param.name.as_deref().unwrap_or("_");
        diagnostics.push(
            Diagnostic::new(
                Code::UnusedImplicit,
                param.span,
                format!("nothing uses the implicit argument `{name}`"),
            )
            .label("declared here")
            .help("remove it, or use it in the result: a reader can't find its value otherwise"),
        );
    }
}

/// One bit that two mere flags stand for, or a word whose bits are conditions and that is a condition itself.
pub(super) fn reused_bits(
    schema: &Schema,
    combinator: &Combinator,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: Vec<(Condition, &Param)> = Vec::new();
    Param::walk(&combinator.params, &mut |param| {
        let Some(condition) = param.condition else {
            return;
        };
        let clash = seen.iter().find(|(other, first)| {
            let same_flag = *other == condition && is_flag(schema, param) && is_flag(schema, first);
            same_flag
                || other.word == condition.word && other.bit.is_none() != condition.bit.is_none()
        });
        if let Some((_, first)) = clash {
            diagnostics.push(
                Diagnostic::new(
                    Code::BitReused,
                    param.span,
                    "this condition gives a flag bit a second meaning",
                )
                .also(first.span, "the first one is here")
                .help("take a free bit of the word"),
            );
        }
        seen.push((condition, param));
    });
}

/// Whether a conditional argument is its bit and nothing else: a bare `true`.
fn is_flag(schema: &Schema, param: &Param) -> bool {
    matches!(param.ty, Term::Bare(id, _) if schema[id].builtin == Some(Builtin::True))
}

fn variables(term: &Term, used: &mut Vec<VarId>) {
    match term {
        Term::Var { var, .. } => used.push(*var),
        Term::Sum(term, _) => variables(term, used),
        Term::Boxed(_, args) | Term::Bare(_, args) => {
            args.iter().for_each(|arg| variables(arg, used))
        }
        // The arguments inside are walked on their own.
        Term::Repeat(repeat) => variables(&repeat.count, used),
        Term::Type | Term::Nat | Term::Number(_) => {}
    }
}
