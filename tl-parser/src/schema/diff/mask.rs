//! Which bits of a mask are taken. A mask can be handed on to the types of fields and of the result, so a bit can be taken
//! far from where the mask stands.

use std::collections::{HashMap, HashSet};

use super::form::visit_terms;
use crate::schema::{Combinator, CombinatorId, CombinatorKind, Param, Schema, Term, VarId};

/// A `#` argument of a combinator.
type Word = (CombinatorId, VarId);

/// How the masks of one schema are handed on.
pub(super) struct Masks<'a> {
    schema: &'a Schema,
    /// From a word to the parameters of types that take its value.
    inner: HashMap<Word, Vec<Word>>,
    /// The reverse.
    outer: HashMap<Word, Vec<Word>>,
}

impl<'a> Masks<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut masks = Self {
            schema,
            inner: HashMap::new(),
            outer: HashMap::new(),
        };
        for (id, combinator) in schema.combinators() {
            visit_own_terms(combinator, &mut |term| masks.add_uses(id, term));
        }
        masks
    }

    fn add_uses(&mut self, user: CombinatorId, term: &Term) {
        let schema = self.schema;
        let (constructors, args) = match term {
            Term::Boxed(ty, args) | Term::BareType(ty, args) => {
                (schema[*ty].constructors.as_slice(), args)
            }
            Term::Bare(id, args) => (std::slice::from_ref(id), args),
            _ => return,
        };
        for (at, arg) in args.iter().enumerate() {
            let &Term::Var { var, .. } = arg else {
                continue;
            };
            for &constructor in constructors {
                if let Some(parameter) = parameter(&schema[constructor], at) {
                    let (from, to) = ((user, var), (constructor, parameter));
                    self.inner.entry(from).or_default().push(to);
                    self.outer.entry(to).or_default().push(from);
                }
            }
        }
    }

    /// Who has taken a bit of a word: an argument's name, and its definition's where that is another.
    pub(super) fn user_of_bit(&self, id: CombinatorId, word: VarId, bit: u8) -> Option<String> {
        let mut seen = HashSet::new();
        // A word that hands its value on has it from others too; one that is only handed a value has nothing to do with
        // other values it is handed.
        let mut waiting = vec![((id, word), true)];
        while let Some(step) = waiting.pop() {
            if !seen.insert(step) {
                continue;
            }
            let ((at, word), looks_out) = step;
            if let Some(user) = own_user_of_bit(&self.schema[at], word, bit) {
                let definition = &self.schema[at].name;
                return Some(if at == id {
                    user
                } else {
                    format!("{user} of `{definition}`")
                });
            }
            let next = |edges: &HashMap<Word, Vec<Word>>| edges.get(&step.0).cloned();
            let inner = next(&self.inner).unwrap_or_default();
            waiting.extend(inner.into_iter().map(|word| (word, false)));
            if looks_out {
                let outer = next(&self.outer).unwrap_or_default();
                waiting.extend(outer.into_iter().map(|word| (word, true)));
            }
        }
        None
    }
}

/// The variable that a constructor gives its type as the parameter `at`.
fn parameter(constructor: &Combinator, at: usize) -> Option<VarId> {
    let Term::Boxed(_, args) = &constructor.result else {
        return None;
    };
    match args.get(at) {
        Some(&Term::Var { var, .. }) => Some(var),
        _ => None,
    }
}

/// The types of all arguments, and of what a function returns: it is read with the masks of the call.
fn visit_own_terms<'c>(combinator: &'c Combinator, visit: &mut impl FnMut(&'c Term)) {
    Param::walk(&combinator.params, &mut |param| {
        visit_terms(&param.ty, visit)
    });
    if combinator.kind == CombinatorKind::Function {
        visit_terms(&combinator.result, visit);
    }
}

fn own_user_of_bit(combinator: &Combinator, word: VarId, bit: u8) -> Option<String> {
    let is_word = |term: &Term| matches!(term, Term::Var { var, .. } if *var == word);
    let mut user = None;
    Param::walk(&combinator.params, &mut |param| {
        let on_bit = param.condition.is_some_and(|condition| {
            condition.word == word && condition.bit.is_none_or(|own| own == bit)
        });
        if on_bit && user.is_none() {
            let name = param.name.as_deref().unwrap_or("_");
            user = Some(format!("`{name}`"));
        }
    });
    // A number has no free bits.
    visit_own_terms(combinator, &mut |term| {
        let is_number = match term {
            Term::Sum(inner, _) => is_word(inner),
            Term::Repeat(repeat) => is_word(&repeat.count),
            _ => false,
        };
        if is_number && user.is_none() {
            user = Some("a count".to_owned());
        }
    });
    user
}
