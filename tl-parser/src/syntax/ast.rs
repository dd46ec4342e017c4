//! The syntax tree: a faithful picture of one file, before any name is resolved.
//!
//! Nodes borrow their text from the source and carry their spans. Comments stay in one list, ordered by place, for the
//! formatter and for doc comments. Terms follow the official pages TL-formal and TL-combinators.

use std::ops::Deref;

use crate::span::Span;

/// One parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File<'s> {
    /// Everything but comments, in source order.
    pub items: Vec<Item<'s>>,
    /// All comments, in source order.
    pub comments: Vec<Comment<'s>>,
}

/// A `//` or `/* */` comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment<'s> {
    /// The text with its marks (`//`, `/*`, `*/`), without the line's end.
    pub text: &'s str,
    /// Where it stands.
    pub span: Span,
}

/// One top-level piece of a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'s> {
    /// `---types---` or `---functions---`.
    Section(Section),
    /// `===N===`: what follows belongs to layer N.
    Layer(Layer),
    /// `name#id args = Result;`
    Combinator(Combinator<'s>),
    /// `Final T;`, `New T;` or `Empty T;`
    Finalization(Finalization<'s>),
    /// `Vector int;` or `pair int string;`: a partial application (TL-patterns).
    Partial(PartialApplication<'s>),
}

impl Item<'_> {
    /// Where the item stands, with its closing `;`.
    pub fn span(&self) -> Span {
        match self {
            Self::Section(item) => item.span,
            Self::Layer(item) => item.span,
            Self::Combinator(item) => item.span,
            Self::Finalization(item) => item.span,
            Self::Partial(item) => item.span,
        }
    }
}

/// What the definitions after a section mark are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Constructors.
    Types,
    /// Functions.
    Functions,
}

/// A section mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which section begins.
    pub kind: SectionKind,
    /// The mark.
    pub span: Span,
}

/// A layer mark, `===N===`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The layer's number.
    pub number: u32,
    /// The mark.
    pub span: Span,
}

/// A word with its place: a name with its namespaces (`a.b.Name`), a variable, `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ident<'s> {
    /// The word as written.
    pub text: &'s str,
    /// Where it stands.
    pub span: Span,
}

impl<'s> Ident<'s> {
    /// The last part of the name, after its namespaces.
    pub fn base(&self) -> &'s str {
        let dot = self.text.bytes().rposition(|byte| byte == b'.');
        dot.and_then(|dot| self.text.get(dot + 1..))
            .unwrap_or(self.text)
    }

    /// Whether the last part begins with an upper-case letter: the name of a boxed type.
    pub fn is_boxed(&self) -> bool {
        self.base()
            .starts_with(|first: char| first.is_ascii_uppercase())
    }
}

/// An explicit constructor id, `#1cb5c415`: 1 to 8 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExplicitId {
    /// The number.
    pub value: u32,
    /// Where it stands, with its `#`.
    pub span: Span,
}

/// A combinator: a constructor or a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Combinator<'s> {
    /// `@read`, `@any`: VK's annotations, without their `@`.
    pub annotations: Vec<Ident<'s>>,
    /// The name, or `_`.
    pub name: Ident<'s>,
    /// The id, where one is written.
    pub id: Option<ExplicitId>,
    /// The arguments in order, implicit ones among them.
    pub args: Vec<Arg<'s>>,
    /// `?` in place of arguments: the type is built in.
    pub builtin: Option<Span>,
    /// Whether the result stands behind `=>` and not `=`.
    pub arrow: bool,
    /// `!` before the result: what is defined is a function, wherever it stands.
    pub result_bang: Option<Span>,
    /// The result type.
    pub result: Expr<'s>,
    /// The whole definition with its `;`.
    pub span: Span,
}

/// One argument, or one group that declares several.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg<'s> {
    /// How it is written.
    pub form: ArgForm,
    /// Its names; none for an anonymous argument. `_` stands as itself.
    pub names: Names<'s>,
    /// `flags.3?`: the argument is there only when the condition holds.
    pub condition: Option<Condition<'s>>,
    /// `!`: the argument's value is itself an expression of the type (a query).
    pub bang: Option<Span>,
    /// Its type; a repetition where the form is `n*[ … ]`.
    pub ty: Expr<'s>,
    /// The whole argument, with its brackets.
    pub span: Span,
}

/// The names of an argument, to be used as a slice. Nearly every argument has one, and that one takes no allocation.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Names<'s> {
    /// An anonymous argument.
    #[default]
    None,
    /// `name:type`
    One(Ident<'s>),
    /// `(a b:type)`
    Several(Vec<Ident<'s>>),
}

impl<'s> Deref for Names<'s> {
    type Target = [Ident<'s>];

    fn deref(&self) -> &Self::Target {
        match self {
            Self::None => &[],
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl<'a, 's> IntoIterator for &'a Names<'s> {
    type Item = &'a Ident<'s>;
    type IntoIter = std::slice::Iter<'a, Ident<'s>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// How an argument is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgForm {
    /// `name:type`, or a type alone.
    Plain,
    /// `{X:Type}`, `{m n:#}`: implicit, never on the wire.
    Implicit,
    /// `(a b:type)`: several arguments of one type.
    Group,
}

/// `word?` or `word.bit?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition<'s> {
    /// The `#` argument that holds the mask.
    pub word: Ident<'s>,
    /// The bit; without one the whole word must not be zero.
    pub bit: Option<Nat>,
    /// From the word to the `?`.
    pub span: Span,
}

/// A number in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nat {
    /// Its value.
    pub value: u32,
    /// Where it stands.
    pub span: Span,
}

/// A type or number expression; which of the two is decided when it is resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr<'s> {
    /// What it is.
    pub kind: ExprKind<'s>,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an [`Expr`].
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind<'s> {
    /// A type, a constructor used as a bare type, or a variable.
    Name(Ident<'s>),
    /// `#`
    Hash,
    /// `4`
    Nat(u32),
    /// `%t`
    Bare(Box<Expr<'s>>),
    /// `Vector int` or `Vector<int>`: the head applied to one or more arguments.
    Apply(Box<Apply<'s>>),
    /// `n + 1`
    Add(Box<(Expr<'s>, Expr<'s>)>),
    /// `( … )` as written.
    Paren(Box<Expr<'s>>),
    /// `n*[ … ]` or `[ … ]`.
    Repeat(Box<Repeat<'s>>),
}

/// An application of a type to arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply<'s> {
    /// What is applied.
    pub head: Expr<'s>,
    /// To what, at least one.
    pub args: Vec<Expr<'s>>,
    /// Whether it is written `T<a,b>` and not `T a b`.
    pub angle: bool,
}

/// A repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat<'s> {
    /// How often; without a count, the last `#` argument before it says.
    pub count: Option<Expr<'s>>,
    /// What is repeated.
    pub args: Vec<Arg<'s>>,
}

/// The three keywords that close a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FinalizationKind {
    /// `New T;`: T has no constructor before this.
    New,
    /// `Final T;`: T gets no constructor after this.
    Final,
    /// `Empty T;`: both.
    Empty,
}

/// `New T;`, `Final T;` or `Empty T;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finalization<'s> {
    /// Which of them.
    pub kind: FinalizationKind,
    /// The type.
    pub ty: Ident<'s>,
    /// The declaration with its `;`.
    pub span: Span,
}

/// A partial application declared on its own: `Vector int;`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartialApplication<'s> {
    /// The application.
    pub expr: Expr<'s>,
    /// The declaration with its `;`.
    pub span: Span,
}
