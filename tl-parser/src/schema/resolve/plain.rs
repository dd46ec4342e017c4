//! Plain definitions, resolved without trees.
//!
//! Only what is sound: of a definition that there is something to say of, the [tree](super::bodies) is resolved. The rules
//! here are those of trees, but fewer.

use std::iter;
use std::ops::Range;

use super::super::{
    Args, Combinator, CombinatorId, Condition, Kind, Map, Name, Param, Term, TypeId, VarId,
};
use super::Meaning;
use super::bodies::Bodies;
use super::names::{Key, Names};
use crate::syntax::{Plain, PlainArg, PlainType};

/// A definition and where it stands.
#[derive(Clone, Copy)]
struct Place<'s> {
    source: &'s str,
    layer: Option<u32>,
    is_prelude: bool,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Head {
    Boxed(TypeId),
    Bare(CombinatorId),
}

/// What a type stands for.
#[derive(Clone, Copy)]
enum Resolved {
    Nat,
    Type(Head),
    Applied(Head, Head),
}

impl Head {
    #[inline]
    fn term(self, args: Args) -> Term {
        match self {
            Self::Boxed(ty) => Term::Boxed(ty, args),
            Self::Bare(id) => Term::Bare(id, args),
        }
    }
}

/// What types are applied to: of each such list there is one.
#[derive(Default)]
pub(super) struct AppliedTo {
    lists: Map<Head, Args>,
}

impl AppliedTo {
    #[inline]
    fn term(&mut self, ty: Resolved) -> Term {
        let (head, args) = match ty {
            Resolved::Nat => return Term::Nat,
            Resolved::Type(head) => (head, Args::new()),
            Resolved::Applied(head, item) => (head, self.list(item)),
        };
        head.term(args)
    }

    #[inline(never)]
    fn list(&mut self, item: Head) -> Args {
        let list = self.lists.entry(item);
        let list = list.or_insert_with(|| vec![item.term(Args::new())].into());
        list.clone()
    }
}

/// The arguments that one definition has declared so far. One list serves all definitions, one after another.
#[derive(Default)]
pub(super) struct Variables {
    keys: Vec<Key>,
    nats: Vec<(Key, VarId)>,
    /// The bits of `keys` and `nats`: only a name whose bit is set can be among them. Lists of all lengths, walked for nothing,
    /// cost more in wrong guesses of the processor's than in steps.
    seen: [u64; 4],
    seen_nats: u64,
}

impl Variables {
    fn clear(&mut self) {
        self.keys.clear();
        self.nats.clear();
        self.seen = [0; 4];
        self.seen_nats = 0;
    }

    /// Takes a name that no other argument has. The place is that of the key among all names.
    #[inline]
    fn declare(&mut self, key: Key, place: usize) -> bool {
        let (bits, bit) = (&mut self.seen[place / 64 % 4], 1 << (place % 64));
        if *bits & bit != 0 && self.keys.contains(&key) {
            return false;
        }
        *bits |= bit;
        self.keys.push(key);
        true
    }

    #[inline]
    fn declare_nat(&mut self, key: Key, place: usize, var: VarId) {
        self.seen_nats |= 1 << (place % 64);
        self.nats.push((key, var));
    }

    #[inline]
    fn is_nat(&self, key: Key, place: usize) -> bool {
        self.seen_nats >> (place % 64) & 1 != 0 && self.nats.iter().any(|(own, _)| *own == key)
    }
}

/// A name is compared with all before it. Who has more of them is no definition of an API.
const MAX_ARGS: usize = 256;

impl<'r, 's> Bodies<'r, 's> {
    /// Gives a combinator its result, if there is nothing to say of the definition. Its arguments are put behind all others, as
    /// far as there is nothing to say of them.
    pub(super) fn plain(
        &mut self,
        index: usize,
        definition: Plain<'r, 's>,
        variables: &mut Variables,
    ) -> Option<()> {
        let Combinator {
            layer, is_prelude, ..
        } = self.schema.combinators[index];
        let place = Place {
            source: definition.text(),
            layer,
            is_prelude,
        };
        let args = definition.args();
        if args.len() > MAX_ARGS {
            return None;
        }
        variables.clear();
        for (arg, var) in args.iter().zip(0..) {
            let condition = match arg.condition() {
                Some(_) => Some(self.plain_condition(arg, place, variables)?),
                None => None,
            };
            let ty = self.plain_type(arg.ty(), place, variables)?;
            let key = self.names.key(place.source, arg.name());
            let slot = self.names.place(key);
            if !variables.declare(key, slot) {
                return None;
            }
            let var = VarId(var);
            if matches!(ty, Resolved::Nat) {
                variables.declare_nat(key, slot, var);
            }
            // Made when there is room for it, it is made in its place, and not copied there.
            self.all.extend(iter::once_with(|| Param {
                var,
                name: Some(Name::EMPTY),
                is_implicit: false,
                condition,
                is_query: false,
                ty: self.applied_to.term(ty),
                span: definition.span_of(arg),
            }));
            if let Some(Param {
                name: Some(name), ..
            }) = self.all.last_mut()
            {
                name.put(place.source, arg.name());
            }
        }
        let is_known = |ty| !definition.result().is_applied() && self.names_it(ty);
        // A constructor's result was put in when its type was declared.
        if !self.declared[index].constructs.is_some_and(is_known) {
            let result = self.plain_type(definition.result(), place, variables)?;
            self.schema.combinators[index].result = self.applied_to.term(result);
        }
        Some(())
    }

    #[inline]
    fn plain_condition(
        &mut self,
        arg: &PlainArg,
        place: Place<'s>,
        variables: &Variables,
    ) -> Option<Condition> {
        let condition = arg.condition()?;
        let key = self.names.key(place.source, arg.word(condition));
        let (_, word) = *variables.nats.iter().find(|(own, _)| *own == key)?;
        let bit = match condition.bit() {
            Some(bit @ 0..32) => Some(bit as u8),
            Some(_) => return None,
            None => None,
        };
        Some(Condition { word, bit })
    }

    #[inline]
    fn plain_type(
        &mut self,
        ty: PlainType,
        place: Place<'s>,
        variables: &Variables,
    ) -> Option<Resolved> {
        if ty.is_nat(place.source) {
            return Some(Resolved::Nat);
        }
        let item = ty.item();
        let head = self.plain_name(ty.head(), item.is_some().into(), place, variables)?;
        Some(match item {
            Some(item) => Resolved::Applied(head, self.plain_name(item, 0, place, variables)?),
            None => Resolved::Type(head),
        })
    }

    /// What a name stands for that is applied to so many types.
    #[inline]
    fn plain_name(
        &mut self,
        name: Range<usize>,
        args: usize,
        place: Place<'s>,
        variables: &Variables,
    ) -> Option<Head> {
        let symbol = self.names.symbol(place.source, name);
        let key = self.names.key_of(symbol);
        if symbol == Names::TYPE || variables.is_nat(key, self.names.place(key)) {
            return None;
        }
        let (head, ty) = match self.names.meaning(symbol)? {
            Meaning::Type(ty) => (Head::Boxed(ty), ty),
            Meaning::Combinator(newest) => {
                let id = self.visible_at(newest, place.layer).unwrap_or(newest);
                let ty = self.declared[id.index()].constructs?;
                self.schema.types[ty.index()].mentions.by_constructor |= !place.is_prelude;
                (Head::Bare(id), ty)
            }
        };
        self.takes(ty, args).then_some(head)
    }

    /// Whether a type's name alone stands for it.
    #[inline]
    fn names_it(&self, ty: TypeId) -> bool {
        let is_type =
            matches!(self.names.meaning(Names::TYPE), Some(Meaning::Type(it)) if it == ty);
        !is_type && self.takes(ty, 0)
    }

    /// Whether a type's parameters are so many types: none or one.
    #[inline]
    fn takes(&self, ty: TypeId, args: usize) -> bool {
        let params = &self.schema[ty].params[..];
        matches!((args, params), (0, []) | (1, [Kind::Type]))
    }
}
