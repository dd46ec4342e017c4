//! What is legal, but probably not what was meant.

use super::{Builtin, Combinator, Condition, Param, Schema, Term, VarId};
use crate::diagnostic::{Code, Diagnostic};

/// Implicit arguments that neither a type, a count, a condition nor the result uses.
pub(super) fn unused_implicit(combinator: &Combinator, diagnostics: &mut Vec<Diagnostic>) {
    // Few definitions have any.
    if !combinator.params.iter().any(|param| param.is_implicit) {
        return;
    }
    let mut used = Vec::new();
    variables(&combinator.result, &mut used);
    Param::walk(&combinator.params, &mut |param| {
        used.extend(param.condition.map(|condition| condition.word));
        variables(&param.ty, &mut used);
    });
    for param in combinator
        .params
        .iter()
        .filter(|param| param.is_implicit && matches!(param.ty, Term::Type | Term::Nat))
        .filter(|param| !used.contains(&param.var))
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
pub(super) fn reused_bits<'a>(
    schema: &Schema,
    combinator: &'a Combinator,
    seen: &mut Conditions<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    seen.clear();
    Param::walk(&combinator.params, &mut |param| {
        let Some(condition) = param.condition else {
            return;
        };
        if let Some(first) = seen.clash(schema, condition, param) {
            diagnostics.push(reused(combinator, condition, first, param));
        }
        seen.push(condition, param);
    });
}

#[cold]
fn reused(
    combinator: &Combinator,
    condition: Condition,
    first: &Param,
    second: &Param,
) -> Diagnostic {
    let name = |param: &Param| param.name.as_deref().unwrap_or("_").to_owned();
    let mut word = String::new();
    Param::walk(&combinator.params, &mut |param| {
        if param.var == condition.word {
            word = name(param);
        }
    });
    let (first_name, second_name) = (name(first), name(second));
    let (message, help) = match condition.bit {
        Some(bit) if first.condition == second.condition => (
            format!("`{first_name}` and `{second_name}` are both bit {bit} of `{word}`"),
            "two names for one fact: give the second a free bit, or leave it out",
        ),
        _ => (
            format!(
                "`{word}` decides as a whole over one of `{first_name}` and `{second_name}`, by a bit over the other"
            ),
            "declare a word of its own for one of them",
        ),
    };
    Diagnostic::new(Code::BitReused, second.span, message)
        .also(first.span, "the other one is here")
        .help(help)
}

/// The conditions of one definition. It is used again for the next one.
#[derive(Default)]
pub(super) struct Conditions<'a> {
    all: Vec<(Condition, &'a Param)>,
    /// One bit for each condition, so that most are seen to be new at a glance.
    glance: u64,
    has_whole_word: bool,
}

impl<'a> Conditions<'a> {
    fn clear(&mut self) {
        self.all.clear();
        (self.glance, self.has_whole_word) = (0, false);
    }

    /// The first argument whose condition does not go with that of another.
    fn clash(&self, schema: &Schema, condition: Condition, param: &Param) -> Option<&'a Param> {
        let is_new = self.glance & glance(condition) == 0;
        if is_new && !self.has_whole_word && condition.bit.is_some() {
            return None;
        }
        let mut first_to_last = self.all.iter();
        let clash = first_to_last.find(|(other, first)| {
            let same_flag = *other == condition && is_flag(schema, param) && is_flag(schema, first);
            same_flag
                || other.word == condition.word && other.bit.is_none() != condition.bit.is_none()
        });
        clash.map(|(_, first)| *first)
    }

    fn push(&mut self, condition: Condition, param: &'a Param) {
        self.all.push((condition, param));
        self.glance |= glance(condition);
        self.has_whole_word |= condition.bit.is_none();
    }
}

/// The bit that stands for a condition in [`Conditions::glance`].
fn glance(condition: Condition) -> u64 {
    let bit = condition.bit.map_or(0, u32::from);
    1 << (condition.word.0.wrapping_mul(29).wrapping_add(bit) % 64)
}

/// Whether a conditional argument is its bit and nothing else: a bare `true`.
fn is_flag(schema: &Schema, param: &Param) -> bool {
    matches!(param.ty, Term::Bare(id, _) if schema[id].builtin == Some(Builtin::True))
}

fn variables(term: &Term, used: &mut Vec<VarId>) {
    match term {
        Term::Var { var, .. } => used.push(*var),
        Term::Sum(term, _) => variables(term, used),
        Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
            args.iter().for_each(|arg| variables(arg, used))
        }
        // The arguments inside are walked on their own.
        Term::Repeat(repeat) => variables(&repeat.count, used),
        Term::Type | Term::Nat | Term::Number(_) => {}
    }
}
