//! What definitions need: everything that their arguments and results reach.

use std::collections::BTreeSet;

use super::{CombinatorId, Map, Param, Schema, Term, TypeId, View};

/// What some definitions reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The constructors reached, the definitions that the search began with among them.
    pub combinators: BTreeSet<CombinatorId>,
    /// The types whose values can occur, boxed or as the result of one of `combinators`.
    pub types: BTreeSet<TypeId>,
}

impl Schema {
    /// What `roots` reach through all layers: a type reaches all its constructors, and a constructor all that layers have
    /// defined by its name.
    pub fn reach(&self, roots: impl IntoIterator<Item = CombinatorId>) -> Reach {
        let mut same_name: Map<&str, Vec<CombinatorId>> = Map::default();
        for (id, combinator) in self.combinators() {
            let name = combinator.name.as_str();
            same_name.entry(name).or_default().push(id);
        }
        search(
            self,
            roots,
            |ty| self[ty].constructors.to_vec(),
            |id| match self[id].name.as_str() {
                "_" => vec![id],
                name => same_name.get(name).cloned().unwrap_or_default(),
            },
        )
    }
}

impl Schema {
    /// The types and the constructors that one definition names itself: a type where its values stand, boxed or bare, a
    /// constructor where its own do.
    pub fn needs(&self, id: CombinatorId) -> (Vec<TypeId>, Vec<CombinatorId>) {
        let mut needs = Needs::default();
        needs.term(&self[id].result);
        needs.params(&self[id].params);
        (needs.types, needs.constructors)
    }

    /// The same of the arguments alone: what values of a constructor can hold.
    pub fn arguments_need(&self, id: CombinatorId) -> (Vec<TypeId>, Vec<CombinatorId>) {
        let mut needs = Needs::default();
        needs.params(&self[id].params);
        (needs.types, needs.constructors)
    }
}

impl View<'_> {
    /// What `roots` reach at this layer: a type reaches the constructors that it has here.
    pub fn reach(&self, roots: impl IntoIterator<Item = CombinatorId>) -> Reach {
        search(
            self.schema(),
            roots,
            |ty| self.constructors(ty).collect(),
            |id| vec![self.current(id)],
        )
    }
}

fn search(
    schema: &Schema,
    roots: impl IntoIterator<Item = CombinatorId>,
    constructors: impl Fn(TypeId) -> Vec<CombinatorId>,
    definitions: impl Fn(CombinatorId) -> Vec<CombinatorId>,
) -> Reach {
    let mut reach = Reach::default();
    let mut waiting: Vec<CombinatorId> = roots.into_iter().collect();
    while let Some(id) = waiting.pop() {
        if !reach.combinators.insert(id) {
            continue;
        }
        let (needed_types, needed_constructors) = schema.needs(id);
        for ty in needed_types {
            if reach.types.insert(ty) {
                waiting.extend(constructors(ty));
            }
        }
        for constructor in needed_constructors {
            waiting.extend(definitions(constructor));
        }
    }
    reach
}

/// What one definition names.
#[derive(Default)]
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
            Term::Boxed(ty, args) | Term::BareType(ty, args) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::{combinator, schema};

    fn names(schema: &Schema, reach: &Reach) -> Vec<String> {
        let own = reach
            .combinators
            .iter()
            .filter(|id| !schema[**id].is_prelude);
        own.map(|id| schema[*id].name.to_string()).collect()
    }

    #[test]
    fn arguments_results_and_items_are_reached_and_cycles_end() {
        let schema = schema(
            "a b:Vector<B> = A; b1 c:2*[ C ] = B; b2 flags:# a:flags.0?A = B; c = C; d = D;\n\
             ---functions---\nask = A;",
        );
        let reach = schema.reach([combinator(&schema, "ask")]);
        assert_eq!(names(&schema, &reach), ["a", "b1", "b2", "c", "ask"]);
        let reach = schema.reach([combinator(&schema, "d")]);
        assert_eq!(names(&schema, &reach), ["d"]);
    }

    #[test]
    fn a_layer_reaches_only_what_holds_at_it() {
        let schema = schema("===1===\na b:B = A; b = B;\n===2===\na c:C = A; c = C;");
        let newest = schema.view(Some(2));
        let a = newest.current(combinator(&schema, "a"));
        assert_eq!(names(&schema, &newest.reach([a])), ["a", "c"]);
        let all = schema.reach([a]);
        assert_eq!(all.combinators.len(), 4);
        assert_eq!(names(&schema, &all), ["a", "b", "a", "c"]);
    }

    #[test]
    fn a_long_chain_takes_no_stack() {
        let mut text = String::new();
        for index in 0..20_000 {
            text.push_str(&format!("c{index} next:C{} = C{index};\n", index + 1));
        }
        text.push_str("c20000 = C20000;");
        let schema = schema(&text);
        let reach = schema.reach([combinator(&schema, "c0")]);
        assert_eq!(reach.combinators.len(), 20_001);
        assert_eq!(reach.types.len(), 20_001);
    }
}
