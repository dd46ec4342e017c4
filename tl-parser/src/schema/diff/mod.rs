//! What changes from one schema to another, and whom each change breaks.
//!
//! [`diff`] pairs the definitions of both schemas and judges every difference three times ([`Impact`]):
//!
//! * **readers**: a reader made from OLD meets what a writer made from NEW sends. An app that is not updated, talking to an
//!   updated server: can it read the answers?
//! * **writers**: a writer made from OLD sends what a reader made from NEW meets. The same app's requests, or messages
//!   stored yesterday: can the updated side read them?
//! * **Rust API**: code written against the Rust generated from OLD, compiled against that of NEW.
//!
//! # Wire rules
//!
//! TL has no field numbers (<https://core.telegram.org/mtproto/TL-combinators>): an id tells what comes, and fields follow by
//! their order alone. What can change is what a bit of a mask announces
//! (<https://core.telegram.org/mtproto/TL-optargs>). The rule presumes what every schema with masks lives by: *a bit is set
//! only for a peer that knows it*, because the peer handed in the mask or stated its layer. Generated readers refuse unknown
//! bits rather than lose them.
//!
//! | change | readers | writers |
//! |---|---|---|
//! | id changed | breaking | breaking |
//! | new field on a free bit of an existing mask; no bytes for `true`, whose bit no id of Telegram's covers | compatible | compatible |
//! | new mask on a free bit, new fields behind it | compatible | compatible |
//! | new field without a condition, a new mask without one | breaking | breaking |
//! | new field on a bit that is used, here or wherever the mask is handed on, and on a word that is a number | breaking | breaking |
//! | field without a condition removed, or one whose bit is still used or comes from outside | breaking | breaking |
//! | any other optional field removed: nobody sets its bit now, but old data may have it | compatible | breaking |
//! | field reordered; a `true` takes no bytes and may stand anywhere | breaking | breaking |
//! | bit, mask or type of a field changed, optional made required or the reverse | breaking | breaking |
//! | field renamed, id kept; `int` for `#`, `long` for `int53` | compatible | compatible |
//! | `string` made `bytes` (not all bytes are text) | breaking | compatible |
//! | `bytes` made `string` | compatible | breaking |
//! | constructor added to a type | breaking | compatible |
//! | … that is used bare, where no id says which constructor follows | breaking | breaking |
//! | constructor or function removed | compatible | breaking |
//! | new type, new function: nothing of OLD can hold it | compatible | compatible |
//! | function's result changed, constructor's type changed | breaking | breaking |
//!
//! A kept id beside other arguments is an id stated by hand: so evolve the schemas whose masks grow. A constructor that is
//! used bare changes what holds it as well; it is reported once, where it is defined. An `Object` can hold any definition;
//! it counts for nothing here.
//!
//! # Layers
//!
//! Definitions of layered schemas are compared per name and layer. What stands in a layer that OLD does not have is sent
//! only to peers that agreed on it: compatible. A definition moved to another layer breaks the peers of the layers in
//! between.
//!
//! # Rust rules
//!
//! Structs have public fields, so any field added, removed, renamed or given another Rust type is breaking: literals and
//! patterns name them all. Masks are computed and have no field. Enums are `#[non_exhaustive]`: a new variant is compatible.
//! Whether a variant or an optional field is behind a `Box` depends on its size and on recursion; that can change with any
//! type below it, which is not looked into; nor are names that had to be
//! made unique. `ID` constants and the order of fields may change.

mod align;
mod combinator;
mod facts;
mod field;
mod form;
mod layer;
mod mask;
mod pair;

use std::fmt;

use facts::Facts;
use pair::Pair;

use super::{CombinatorKind, Name, Schema};
use crate::span::Span;

/// Everything that changes from `old` to `new`, by namespace and name. What the compiler brings with it is left out, as are
/// docs, comments and the order of definitions.
pub fn diff(old: &Schema, new: &Schema) -> Vec<Change> {
    let (old, new) = (Facts::new(old), Facts::new(new));
    let judge = combinator::Judge::new(&old, &new);
    let judged = pair::pairs(&old, &new)
        .into_iter()
        .filter_map(|pair| match pair {
            Pair::Added(id) => Some(judge.added(id)),
            Pair::Removed(id) => Some(judge.removed(id)),
            Pair::Both(before, after) => judge.both(before, after),
        });
    let mut changes: Vec<_> = judged.collect();
    changes.sort_by_cached_key(Change::order);
    changes
}

/// The types of both schemas whose constructors are not the same ones by name, in order of their names.
pub fn type_changes(old: &Schema, new: &Schema) -> Vec<TypeChange> {
    let (old, new) = (Facts::new(old), Facts::new(new));
    let mut changes: Vec<_> = new
        .types()
        .filter_map(|name| {
            let (before, after) = (old.constructors(name)?, new.constructors(name)?);
            let gained = after.difference(&before).map(|&name| name.into()).collect();
            let lost = before.difference(&after).map(|&name| name.into()).collect();
            (before != after).then(|| TypeChange {
                name: name.into(),
                gained,
                lost,
            })
        })
        .collect();
    changes.sort_by_cached_key(|change| order(&change.name));
    changes
}

/// Whether something still works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It does.
    #[default]
    Compatible,
    /// It does not, for some value or some use.
    Breaking,
}

impl Verdict {
    /// The word for it: `compatible` or `breaking`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

/// Whom a change breaks; the [module](self) says what each word means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Impact {
    /// OLD's readers of what NEW writes.
    pub readers: Verdict,
    /// OLD's writers, read by NEW.
    pub writers: Verdict,
    /// Users of the Rust generated from OLD.
    pub rust_api: Verdict,
}

impl Impact {
    /// Nobody.
    pub(crate) const NONE: Self = Self::of(false, false, false);
    /// Everybody on the wire.
    pub(crate) const WIRE: Self = Self::of(true, true, false);
    /// Everybody.
    pub(crate) const ALL: Self = Self::of(true, true, true);

    pub(crate) const fn of(readers: bool, writers: bool, rust_api: bool) -> Self {
        const fn verdict(is_breaking: bool) -> Verdict {
            if is_breaking {
                Verdict::Breaking
            } else {
                Verdict::Compatible
            }
        }
        Self {
            readers: verdict(readers),
            writers: verdict(writers),
            rust_api: verdict(rust_api),
        }
    }

    /// Nobody, or the users of the Rust API.
    pub(crate) const fn rust(is_breaking: bool) -> Self {
        Self::of(false, false, is_breaking)
    }

    /// What either breaks.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            readers: self.readers.max(other.readers),
            writers: self.writers.max(other.writers),
            rust_api: self.rust_api.max(other.rust_api),
        }
    }

    /// Whether it breaks anybody.
    pub fn is_breaking(self) -> bool {
        self != Self::NONE
    }

    /// Whether it breaks what is on the wire.
    pub fn breaks_wire(self) -> bool {
        self.readers.max(self.writers) == Verdict::Breaking
    }
}

/// What happened to a definition or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Only NEW has it.
    Added,
    /// Only OLD has it.
    Removed,
    /// Both have it under its name.
    Changed,
    /// The same id or place under another name.
    Renamed,
    /// A definition: it stands in another layer. An argument: it stands elsewhere in the order.
    Moved,
}

impl ChangeKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One definition that is not the same in both schemas.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// What happened to it.
    pub kind: ChangeKind,
    /// Constructor or function.
    pub combinator: CombinatorKind,
    /// Its name, in NEW where it is there.
    pub name: Name,
    /// How it stands in OLD.
    pub old: Option<Definition>,
    /// How it stands in NEW.
    pub new: Option<Definition>,
    /// Whom it breaks.
    pub impact: Impact,
    /// Why, in words that hold for every change of its sort.
    pub reason: String,
    /// The arguments that are not the same, in NEW's order; none of a definition that only one schema has. Each is judged as
    /// if the id stayed.
    pub details: Vec<FieldChange>,
}

impl Change {
    fn order(&self) -> impl Ord + use<> {
        let layers = [&self.old, &self.new].map(|side| side.as_ref().map(|side| side.layer));
        (order(&self.name), self.kind, layers)
    }
}

/// One schema's side of a change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Definition {
    /// Its name.
    pub name: Name,
    /// Its id on the wire.
    pub id: u32,
    /// Its result.
    pub result: String,
    /// The layer it belongs to, in a layered schema.
    pub layer: Option<u32>,
    /// Where it stands, in the sources of its schema.
    pub span: Span,
    /// Where its name stands.
    pub name_span: Span,
}

/// One argument that is not the same in both definitions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldChange {
    /// What happened to it.
    pub kind: ChangeKind,
    /// Its name, in NEW where it is there, behind those of the repetitions around it: `items.size`.
    pub name: String,
    /// How it stands in OLD, as `name:flags.0?int`.
    pub old: Option<String>,
    /// How it stands in NEW.
    pub new: Option<String>,
    /// Whom it breaks while the id stays.
    pub impact: Impact,
    /// Why.
    pub reason: String,
}

/// A type with other constructors than before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TypeChange {
    /// Its name.
    pub name: Name,
    /// The constructors that only NEW gives it.
    pub gained: Vec<Name>,
    /// The constructors that only OLD gives it.
    pub lost: Vec<Name>,
}

/// By namespace, then name.
fn order(name: &Name) -> (String, String) {
    let namespace = name.namespace().unwrap_or_default();
    (namespace.to_owned(), name.base().to_owned())
}
