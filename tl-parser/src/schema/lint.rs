//! What is legal, but probably not what was meant.

use super::{Builtin, Combinator, Condition, Map, Param, Schema, Term, VarId};
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
    used.sort_unstable();
    for param in combinator
        .params
        .iter()
        .filter(|param| param.is_implicit && matches!(param.ty, Term::Type | Term::Nat))
        .filter(|param| used.binary_search(&param.var).is_err())
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
            let word = seen.name_of(condition.word, combinator);
            diagnostics.push(reused(word, condition, first, param));
        }
        seen.push(condition, param);
    });
}

#[cold]
fn reused(word: &str, condition: Condition, first: &Param, second: &Param) -> Diagnostic {
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

fn name(param: &Param) -> &str {
    param.name.as_deref().unwrap_or("_")
}

/// The conditions of one definition. It is used again for the next one.
#[derive(Default)]
pub(super) struct Conditions<'a> {
    all: Vec<(Condition, &'a Param)>,
    /// Where those stand that may clash with a later one, asked for once there are more than [`FEW`].
    index: Index,
    /// One bit for each condition, so that most are seen to be new at a glance.
    glance: u64,
    has_whole_word: bool,
    /// The names of all variables, asked for by findings alone.
    names: Option<Map<VarId, &'a str>>,
}

/// Per sort of condition the place of the first one.
#[derive(Default)]
struct Index {
    firsts: Map<Sort, usize>,
    /// How many conditions are in it.
    indexed: usize,
}

/// What a condition has to differ in from others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    /// A mere flag on a condition.
    Flag(Condition),
    /// Any bit of a word.
    Bits(VarId),
    /// A word as a whole.
    Whole(VarId),
}

impl Sort {
    fn of_word(condition: Condition) -> Self {
        match condition.bit {
            Some(_) => Self::Bits(condition.word),
            None => Self::Whole(condition.word),
        }
    }
}

/// So many conditions are looked through as fast as an index.
const FEW: usize = 64;

impl<'a> Conditions<'a> {
    fn clear(&mut self) {
        self.all.clear();
        (self.glance, self.has_whole_word) = (0, false);
        if self.index.indexed > 0 {
            self.index = Index::default();
        }
        self.names = None;
    }

    /// The first argument whose condition does not go with that of another.
    fn clash(&mut self, schema: &Schema, condition: Condition, param: &Param) -> Option<&'a Param> {
        let is_new = self.glance & glance(condition) == 0;
        if is_new && !self.has_whole_word && condition.bit.is_some() {
            return None;
        }
        if self.all.len() > FEW {
            return self.find_clash(schema, condition, param);
        }
        let mut first_to_last = self.all.iter();
        let clash = first_to_last.find(|(other, first)| {
            let same_flag = *other == condition && is_flag(schema, param) && is_flag(schema, first);
            same_flag
                || other.word == condition.word && other.bit.is_none() != condition.bit.is_none()
        });
        clash.map(|(_, first)| *first)
    }

    #[cold]
    fn find_clash(
        &mut self,
        schema: &Schema,
        condition: Condition,
        param: &Param,
    ) -> Option<&'a Param> {
        let Index { firsts, indexed } = &mut self.index;
        for (at, (other, first)) in self.all.iter().enumerate().skip(*indexed) {
            firsts.entry(Sort::of_word(*other)).or_insert(at);
            if is_flag(schema, first) {
                firsts.entry(Sort::Flag(*other)).or_insert(at);
            }
        }
        *indexed = self.all.len();
        let opposite = match condition.bit {
            Some(_) => Sort::Whole(condition.word),
            None => Sort::Bits(condition.word),
        };
        let same = is_flag(schema, param).then_some(Sort::Flag(condition));
        let sorts = [Some(opposite), same].into_iter().flatten();
        let first = sorts.filter_map(|sort| firsts.get(&sort)).min()?;
        Some(self.all[*first].1)
    }

    fn push(&mut self, condition: Condition, param: &'a Param) {
        self.all.push((condition, param));
        self.glance |= glance(condition);
        self.has_whole_word |= condition.bit.is_none();
    }

    #[cold]
    fn name_of(&mut self, var: VarId, combinator: &'a Combinator) -> &'a str {
        let names = self.names.get_or_insert_with(|| {
            let mut names = Map::default();
            Param::walk(&combinator.params, &mut |param| {
                names.insert(param.var, name(param));
            });
            names
        });
        names.get(&var).copied().unwrap_or("_")
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
