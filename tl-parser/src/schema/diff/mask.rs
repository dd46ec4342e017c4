//! Which bits of a mask are taken. A mask can be handed on to the types of fields and of the result, so a bit can be taken
//! far from where the mask stands.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};

use super::form::visit_terms;
use crate::schema::{Combinator, CombinatorId, CombinatorKind, Param, Schema, Term, TypeId, VarId};

/// How the masks of one schema are handed on.
pub(super) struct Masks<'a> {
    schema: &'a Schema,
    words: HashMap<Word, usize>,
    /// Per word, those that take its value.
    inner: Vec<Vec<usize>>,
    /// The reverse.
    outer: Vec<Vec<usize>>,
    /// Who takes bits, in the order of the definitions.
    users: Vec<(usize, Option<u8>, User<'a>)>,
    /// The arguments that are masks.
    masks: HashSet<(CombinatorId, VarId)>,
    /// Per bit and word who has taken it, found when first asked for.
    found: RefCell<HashMap<u8, Vec<Option<User<'a>>>>>,
}

/// What holds a mask's value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Word {
    /// A `#` argument of a combinator.
    Argument(CombinatorId, VarId),
    /// A parameter of a type by its place: what all constructors of the type are given.
    Parameter(TypeId, usize),
}

/// Who takes a bit: an argument, or what is repeated by the word as a whole.
#[derive(Clone, Copy)]
struct User<'a> {
    of: CombinatorId,
    argument: Option<&'a Param>,
}

impl<'a> Masks<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut masks = Self {
            schema,
            words: HashMap::new(),
            inner: Vec::new(),
            outer: Vec::new(),
            users: Vec::new(),
            masks: HashSet::new(),
            found: RefCell::default(),
        };
        for (id, combinator) in schema.combinators() {
            masks.add_users(id, combinator);
            visit_own_terms(combinator, &mut |term| masks.add_uses(id, term));
        }
        masks
    }

    /// Whether an argument is a mask: what it holds says which others are there.
    pub(super) fn is_mask(&self, id: CombinatorId, var: VarId) -> bool {
        self.masks.contains(&(id, var))
    }

    fn add_users(&mut self, id: CombinatorId, combinator: &'a Combinator) {
        Param::walk(&combinator.params, &mut |param| {
            if let Some(condition) = param.condition {
                self.masks.insert((id, condition.word));
                let word = self.word(Word::Argument(id, condition.word));
                let user = User {
                    of: id,
                    argument: Some(param),
                };
                self.users.push((word, condition.bit, user));
            }
        });
        // A number has no free bits.
        visit_own_terms(combinator, &mut |term| {
            let number = match term {
                Term::Sum(inner, _) => &**inner,
                Term::Repeat(repeat) => &repeat.count,
                _ => return,
            };
            if let &Term::Var { var, .. } = number {
                let word = self.word(Word::Argument(id, var));
                let user = User {
                    of: id,
                    argument: None,
                };
                self.users.push((word, None, user));
            }
        });
    }

    fn add_uses(&mut self, user: CombinatorId, term: &Term) {
        let (Term::Boxed(_, args) | Term::BareType(_, args) | Term::Bare(_, args)) = term else {
            return;
        };
        for (at, arg) in args.iter().enumerate() {
            let &Term::Var { var, .. } = arg else {
                continue;
            };
            let to = match term {
                Term::Boxed(ty, _) | Term::BareType(ty, _) => Some(self.parameter_of_type(*ty, at)),
                Term::Bare(id, _) => parameter(&self.schema[*id], at)
                    .map(|parameter| self.word(Word::Argument(*id, parameter))),
                _ => None,
            };
            if let Some(to) = to {
                let from = self.word(Word::Argument(user, var));
                self.hand_on(from, to);
            }
        }
    }

    fn parameter_of_type(&mut self, ty: TypeId, at: usize) -> usize {
        let word = Word::Parameter(ty, at);
        if let Some(&known) = self.words.get(&word) {
            return known;
        }
        let from = self.word(word);
        let schema = self.schema;
        for &constructor in &schema[ty].constructors {
            if let Some(parameter) = parameter(&schema[constructor], at) {
                let to = self.word(Word::Argument(constructor, parameter));
                self.hand_on(from, to);
            }
        }
        from
    }

    fn word(&mut self, word: Word) -> usize {
        let next = self.inner.len();
        let at = *self.words.entry(word).or_insert(next);
        if at == next {
            self.inner.push(Vec::new());
            self.outer.push(Vec::new());
        }
        at
    }

    fn hand_on(&mut self, from: usize, to: usize) {
        self.inner[from].push(to);
        self.outer[to].push(from);
    }

    /// Who has taken a bit of a word: an argument's name, and its definition's where that is another.
    pub(super) fn user_of_bit(&self, id: CombinatorId, word: VarId, bit: u8) -> Option<String> {
        let word = *self.words.get(&Word::Argument(id, word))?;
        let mut found = self.found.borrow_mut();
        let users = found.entry(bit).or_insert_with(|| self.users(bit));
        let user = users[word]?;
        let text = match user.argument {
            Some(param) => format!("`{}`", param.name.as_deref().unwrap_or("_")),
            None => "a count".to_owned(),
        };
        Some(if user.of == id {
            text
        } else {
            format!("{text} of `{}`", self.schema[user.of].name)
        })
    }

    /// Per word, who has taken a bit of it. A word that hands its value on has it from others too, and so shares their
    /// users; one that is only handed a value has nothing to do with other values it is handed.
    fn users(&self, bit: u8) -> Vec<Option<User<'a>>> {
        let mut users = vec![None; self.inner.len()];
        for &(word, own, user) in &self.users {
            if own.is_none_or(|own| own == bit) {
                users[word].get_or_insert(user);
            }
        }
        spread(&mut users, &self.outer);
        spread(&mut users, &self.inner);
        users
    }
}

/// Gives every word without a user the nearest that comes along the edges.
fn spread(users: &mut [Option<User<'_>>], edges: &[Vec<usize>]) {
    let known = (0..users.len()).filter(|&word| users[word].is_some());
    let mut waiting: VecDeque<usize> = known.collect();
    while let Some(from) = waiting.pop_front() {
        for &to in &edges[from] {
            if users[to].is_none() {
                users[to] = users[from];
                waiting.push_back(to);
            }
        }
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
