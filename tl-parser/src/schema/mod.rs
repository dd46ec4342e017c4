//! The resolved schema: typed indices instead of names, nothing left to interpret.
//!
//! [`read`] is the front door: it parses every file, resolves names, computes and checks [ids](id) and runs the
//! semantic checks. A later stage never looks at text again, except to show it.
//!
//! Terms follow <https://core.telegram.org/mtproto/TL-combinators> and <https://core.telegram.org/mtproto/TL-types>.

mod args;
mod check;
mod constructors;
pub mod diff;
mod docs;
mod finite;
pub mod id;
mod layers;
mod lint;
mod name;
mod params;
mod pattern;
pub(crate) mod prelude;
mod reach;
mod read;
mod resolve;
mod suggest;
#[cfg(test)]
pub(crate) mod testing;
mod users;
mod wire_size;

use std::collections::HashMap;

pub use args::Args;
pub use constructors::Constructors;
pub use docs::Docs;
pub use id::Dialect;
pub use layers::View;
pub use name::Name;
pub use params::Params;
#[cfg(feature = "json")]
pub use reach::Reach;
pub use read::{Options, Reading, read, read_unchecked};
pub use users::Use;
pub use wire_size::{WireSize, WireSizes};

use crate::span::Span;

/// A map whose order nobody looks at; keys are short, so that the hash has to be cheap.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A type of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(u32);

/// A combinator (constructor or function) of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CombinatorId(u32);

/// A variable: one argument of one combinator, nested arguments of repetitions counted too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// A type that needs no definition: its wire form is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Builtin {
    /// `int`, `int32`: 4 bytes.
    Int,
    /// `long`, `int64`: 8 bytes.
    Long,
    /// `int53`: a long whose value fits in a double.
    Int53,
    /// `float`: 4 bytes.
    Float,
    /// `double`: 8 bytes.
    Double,
    /// `string`, `secureString`: length-prefixed text.
    String,
    /// `bytes`, `secureBytes`: length-prefixed bytes.
    Bytes,
    /// `int128`: 16 raw bytes.
    Int128,
    /// `int256`: 32 raw bytes.
    Int256,
    /// `int512`: 64 raw bytes.
    Int512,
    /// `Bool`: one of two ids.
    Bool,
    /// `true`: nothing at all when bare.
    True,
    /// `vector`: a count and items.
    Vector,
    /// `Object`: any boxed value.
    Object,
    /// `Function`: any function call.
    Function,
}

/// A type: what constructors construct.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// Its name.
    pub name: Name,
    /// Its constructors of all layers, in source order.
    pub constructors: Constructors,
    /// The kinds of its parameters, in order.
    pub params: Vec<Kind>,
    /// Set when its wire form is fixed and not generated.
    pub builtin: Option<Builtin>,
    /// What a `//@class` comment says of it.
    pub docs: Option<String>,
    /// How the text speaks of it besides constructing it.
    pub mentions: Mentions,
    /// The first place that constructs it.
    pub span: Span,
}

/// How a schema's text speaks of a type besides constructing it. Nothing on the wire depends on it, but the binary form of
/// schemas ([`format::tlo`](crate::format::tlo)) repeats it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// `foo`: somewhere its constructor's name stands for it.
    pub by_constructor: bool,
    /// `%Foo`: somewhere `%` stands before it.
    pub by_percent: bool,
    /// `Final Foo;` or `Empty Foo;`
    pub is_final: bool,
    /// `Empty Foo;`
    pub is_empty: bool,
}

/// What a variable or a type's parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A type.
    Type,
    /// A natural number, `#`.
    Nat,
}

/// What a combinator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CombinatorKind {
    /// A value of its result type.
    Constructor,
    /// A request whose answer has its result type.
    Function,
}

/// A resolved combinator.
#[derive(Clone, Debug, PartialEq)]
pub struct Combinator {
    /// Its name.
    pub name: Name,
    /// Constructor or function.
    pub kind: CombinatorKind,
    /// The id on the wire: the explicit one, or else the one its text gives.
    pub id: u32,
    /// The id written in the schema.
    pub explicit_id: Option<u32>,
    /// Set by [`read`] where its text gives another id than the explicit one. [`read_unchecked`] takes explicit ids at their
    /// word and sets it nowhere.
    pub id_mismatch: Option<Box<IdMismatch>>,
    /// Its arguments in order, implicit ones among them.
    pub params: Params,
    /// Its result.
    pub result: Term,
    /// The first layer it belongs to, in a layered schema.
    pub layer: Option<u32>,
    /// Set when its bare wire form is fixed and not generated.
    pub builtin: Option<Builtin>,
    /// Whether `?` stands in place of its arguments.
    pub is_opaque: bool,
    /// `@read`, `@any`: VK's annotations, without their `@`.
    pub annotations: Vec<Box<str>>,
    /// The definition.
    pub span: Span,
    /// Its name alone.
    pub name_span: Span,
    /// The explicit id with its `#`; without one, the empty span behind the name.
    pub id_span: Span,
    /// What doc comments say of it.
    pub docs: Option<Box<Docs>>,
    /// Whether it comes from the compiler and not from a file.
    pub is_prelude: bool,
}

/// A text that gives another id than the one written with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMismatch {
    /// The id the text gives by the schema's dialect.
    pub computed_id: u32,
    /// Why the explicit id is right all the same, if there is a reason known.
    pub exception: Option<String>,
}

/// One resolved argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The variable it declares.
    pub var: VarId,
    /// Its name; none for an anonymous one.
    pub name: Option<Name>,
    /// Whether it stands in braces: never on the wire.
    pub is_implicit: bool,
    /// When it is there.
    pub condition: Option<Condition>,
    /// `!`: the value is a call that returns the type.
    pub is_query: bool,
    /// Its type.
    pub ty: Term,
    /// Where it stands.
    pub span: Span,
}

/// A condition resolved to word and bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    /// The `#` argument that holds the mask.
    pub word: VarId,
    /// The bit, 0 to 31; without one the whole word must not be zero.
    pub bit: Option<u8>,
}

/// A resolved expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `Type`, the kind of type variables.
    Type,
    /// `#`
    Nat,
    /// A number.
    Number(u32),
    /// A variable: a type or a number. `bare` is set by `%`.
    Var {
        /// Which one.
        var: VarId,
        /// Whether `%` stands before it.
        bare: bool,
    },
    /// A sum of a variable and a number above 0.
    Sum(Box<Term>, u32),
    /// A boxed type with its arguments: an id goes before the value.
    Boxed(TypeId, Args),
    /// A constructor's values without its id, with the type's arguments.
    Bare(CombinatorId, Args),
    /// `%T` where T has several constructors that the numbers among its arguments tell apart, so that it takes their values
    /// to know which is meant: `%(Tuple X n)` of `tnil {X:Type} = Tuple X 0` and `tcons {X:Type} {n:#} … = Tuple X (n+1)`.
    BareType(TypeId, Args),
    /// `n*[ … ]`
    Repeat(Box<Repeat>),
}

/// A resolved repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// How often.
    pub count: Term,
    /// What is repeated.
    pub params: Vec<Param>,
}

/// A partial application, `Vector int;` or `pair int;`: a type or a combinator with its first variables given a value.
///
/// "Templates are not used now", says <https://core.telegram.org/mtproto/TL-patterns>: nothing on the wire depends on them. The
/// binary form of schemas ([`format::tlo`](crate::format::tlo)) lists what they stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct PartialApplication {
    /// What is applied.
    pub head: Applied,
    /// To what: the values of the first parameters of a type, or of the first arguments of a combinator that are of type
    /// `Type` or `#`.
    pub args: Vec<Term>,
    /// The application in canonical text: `Vector int`.
    pub name: Name,
    /// The combinators it stands for, by their names in canonical text (`vector int`): those of the type that can make it, or
    /// the one combinator. The values are put in, and the variables they are put in for are gone.
    pub instances: Vec<Combinator>,
    /// The first layer it belongs to, in a layered schema.
    pub layer: Option<u32>,
    /// The declaration.
    pub span: Span,
}

/// What a partial application applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Applied {
    /// A type.
    Type(TypeId),
    /// A constructor or a function.
    Combinator(CombinatorId),
}

/// All definitions of one schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    types: Vec<Type>,
    combinators: Vec<Combinator>,
    partials: Vec<PartialApplication>,
    layer: Option<u32>,
    layers: Vec<u32>,
    dialect: Dialect,
    docs_link: Option<String>,
}

impl Schema {
    /// Every type, in the order of first appearance; the compiler's own come last.
    pub fn types(&self) -> impl ExactSizeIterator<Item = (TypeId, &Type)> {
        self.types
            .iter()
            .enumerate()
            .map(|(index, ty)| (TypeId(index as u32), ty))
    }

    /// Every combinator in source order; the compiler's own come last.
    pub fn combinators(&self) -> impl ExactSizeIterator<Item = (CombinatorId, &Combinator)> {
        self.combinators
            .iter()
            .enumerate()
            .map(|(index, combinator)| (CombinatorId(index as u32), combinator))
    }

    /// Every partial application, in source order.
    pub fn partial_applications(&self) -> &[PartialApplication] {
        &self.partials
    }

    /// The layer stated by `// LAYER N`, or the newest of a layered schema.
    pub fn layer(&self) -> Option<u32> {
        self.layer.or(self.layers.last().copied())
    }

    /// The layers of `===N===` marks, ascending; empty in a schema without them.
    pub fn layers(&self) -> &[u32] {
        &self.layers
    }

    /// The dialect its ids are computed in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The pattern of its items' official pages, as a comment `// DOCS URL` states it.
    pub fn docs_link(&self) -> Option<&str> {
        self.docs_link.as_deref()
    }

    /// The type that a combinator constructs or returns, where that is a type and not a variable.
    pub fn result_type(&self, id: CombinatorId) -> Option<TypeId> {
        match self[id].result {
            Term::Boxed(ty, _) => Some(ty),
            _ => None,
        }
    }
}

impl std::ops::Index<TypeId> for Schema {
    type Output = Type;

    fn index(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }
}

impl std::ops::Index<CombinatorId> for Schema {
    type Output = Combinator;

    fn index(&self, id: CombinatorId) -> &Combinator {
        &self.combinators[id.0 as usize]
    }
}

impl TypeId {
    /// Its place in [`Schema::types`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl CombinatorId {
    /// Its place in [`Schema::combinators`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Param {
    /// The params of a definition and those nested in its repetitions, outermost first.
    pub fn walk<'p>(params: &'p [Param], visit: &mut impl FnMut(&'p Param)) {
        for param in params {
            visit(param);
            if let Term::Repeat(repeat) = &param.ty {
                Self::walk(&repeat.params, visit);
            }
        }
    }
}
