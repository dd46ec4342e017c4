//! What a choice of functions and types needs: everything that their arguments and results reach.

use std::collections::{HashMap, HashSet};

use tl_parser::schema::{CombinatorId, Param, Schema, Term, TypeId};

/// The combinators that `roots` reach, themselves among them. A type reaches all its constructors.
pub(crate) fn closure(
    schema: &Schema,
    roots: impl IntoIterator<Item = CombinatorId>,
) -> HashSet<CombinatorId> {
    let mut reached = HashSet::new();
    let mut types = HashSet::new();
    let mut waiting: Vec<CombinatorId> = roots.into_iter().collect();
    let same_name = by_name(schema);
    while let Some(id) = waiting.pop() {
        if !reached.insert(id) {
            continue;
        }
        let combinator = &schema[id];
        let mut need = Needs {
            types: Vec::new(),
            constructors: Vec::new(),
        };
        need.term(&combinator.result);
        need.params(&combinator.params);
        for ty in need.types.into_iter().filter(|ty| types.insert(*ty)) {
            waiting.extend(&schema[ty].constructors);
        }
        for constructor in need.constructors {
            // Another layer may give the name another definition.
            waiting.extend(&same_name[schema[constructor].name.as_str()]);
        }
    }
    reached
}

fn by_name(schema: &Schema) -> HashMap<&str, Vec<CombinatorId>> {
    let mut names: HashMap<&str, Vec<CombinatorId>> = HashMap::new();
    for (id, combinator) in schema.combinators() {
        names.entry(combinator.name.as_str()).or_default().push(id);
    }
    names
}

struct Needs {
    types: Vec<TypeId>,
    constructors: Vec<CombinatorId>,
}

impl Needs {
    fn params(&mut self, params: &[Param]) {
        for param in params {
            self.term(&param.ty);
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Boxed(ty, args) => {
                self.types.push(*ty);
                args.iter().for_each(|arg| self.term(arg));
            }
            Term::Bare(id, args) => {
                self.constructors.push(*id);
                args.iter().for_each(|arg| self.term(arg));
            }
            Term::Sum(term, _) => self.term(term),
            Term::Repeat(repeat) => {
                self.term(&repeat.count);
                self.params(&repeat.params);
            }
            Term::Type | Term::Nat | Term::Number(_) | Term::Var { .. } => {}
        }
    }
}
