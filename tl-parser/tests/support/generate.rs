//! Random well-formed syntax trees.
//!
//! Well-formed means: as the parser would build them. So an application stands in parentheses wherever the grammar wants a
//! *term*, and sums lean to the right.

use tl_parser::span::Span;
use tl_parser::syntax::ast::{
    Apply, Arg, ArgForm, Combinator, Condition, ExplicitId, Expr, ExprKind, File, Finalization,
    FinalizationKind, Ident, Item, Layer, Names, Nat, PartialApplication, Repeat, Section,
    SectionKind,
};

/// A small random number generator; its seed must not be 0.
pub(crate) struct XorShift(pub(crate) u64);

impl XorShift {
    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

const LOWER: &[&str] = &[
    "a",
    "b1",
    "flags",
    "n",
    "vector",
    "int",
    "types",
    "functions",
    "x_y",
    "_z",
    "camelCase",
];
const UPPER: &[&str] = &[
    "A",
    "B1",
    "X",
    "Type",
    "Vector",
    "New",
    "Final",
    "Empty",
    "Some_Type",
];
const NAMESPACED: &[&str] = &["ns.a", "ns.A", "a.b.c", "a.b.C", "_p._q", "Ns.a"];

/// Makes one tree after another.
pub(crate) struct Generator {
    random: XorShift,
}

impl Generator {
    /// A generator whose trees depend on the seed alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: XorShift(seed),
        }
    }

    /// A file without comments.
    pub(crate) fn file(&mut self) -> File<'static> {
        let count = self.random.below(6);
        File {
            items: (0..count).map(|_| self.item()).collect(),
            comments: Vec::new(),
        }
    }

    fn chance(&mut self, of: usize) -> bool {
        self.random.below(of) == 0
    }

    fn pick(&mut self, words: &[&'static str]) -> Ident<'static> {
        let text = words[self.random.below(words.len())];
        let span = Span::default();
        Ident { text, span }
    }

    fn lower(&mut self) -> Ident<'static> {
        let name = self.any_name();
        if name.is_boxed() {
            self.pick(LOWER)
        } else {
            name
        }
    }

    fn upper(&mut self) -> Ident<'static> {
        let name = self.any_name();
        if name.is_boxed() {
            name
        } else {
            self.pick(UPPER)
        }
    }

    fn any_name(&mut self) -> Ident<'static> {
        match self.random.below(5) {
            0 => self.pick(NAMESPACED),
            1 | 2 => self.pick(UPPER),
            _ => self.pick(LOWER),
        }
    }

    fn var(&mut self) -> Ident<'static> {
        let words = if self.chance(3) { UPPER } else { LOWER };
        self.pick(words)
    }

    fn nat(&mut self) -> u32 {
        match self.random.below(4) {
            0 => u32::MAX,
            _ => self.random.below(40) as u32,
        }
    }

    fn item(&mut self) -> Item<'static> {
        let span = Span::default();
        match self.random.below(12) {
            0 => Item::Section(Section {
                kind: if self.chance(2) {
                    SectionKind::Types
                } else {
                    SectionKind::Functions
                },
                span,
            }),
            1 => Item::Layer(Layer {
                number: self.nat(),
                span,
            }),
            2 => Item::Finalization(Finalization {
                kind: match self.random.below(3) {
                    0 => FinalizationKind::New,
                    1 => FinalizationKind::Final,
                    _ => FinalizationKind::Empty,
                },
                ty: self.upper(),
                span,
            }),
            3 => self.partial(),
            _ => Item::Combinator(self.combinator()),
        }
    }

    fn partial(&mut self) -> Item<'static> {
        // `New T;` would be something else.
        let head = loop {
            let name = self.any_name();
            if !matches!(name.text, "New" | "Final" | "Empty") {
                break name;
            }
        };
        let span = Span::default();
        let kind = self.apply_to(head, 2);
        Item::Partial(PartialApplication {
            expr: Expr { kind, span },
            span,
        })
    }

    fn combinator(&mut self) -> Combinator<'static> {
        let span = Span::default();
        let annotations = if self.chance(4) {
            self.random.below(3)
        } else {
            0
        };
        let builtin = self.chance(10).then_some(span);
        let count = if builtin.is_some() {
            0
        } else {
            self.random.below(6)
        };
        Combinator {
            annotations: (0..annotations).map(|_| self.lower()).collect(),
            name: if self.chance(10) {
                self.pick(&["_"])
            } else {
                self.lower()
            },
            id: self.chance(2).then(|| ExplicitId {
                value: self.nat(),
                span,
            }),
            args: (0..count).map(|_| self.arg(3)).collect(),
            builtin,
            arrow: self.chance(5),
            result_bang: self.chance(5).then_some(span),
            result: self.result(),
            span,
        }
    }

    /// Anything but what begins with a number.
    fn result(&mut self) -> Expr<'static> {
        let head = self.upper();
        let kind = match self.random.below(3) {
            0 => ExprKind::Name(head),
            _ => self.apply_to(head, 2),
        };
        let span = Span::default();
        Expr { kind, span }
    }

    fn arg(&mut self, depth: usize) -> Arg<'static> {
        match self.random.below(8) {
            0 if depth == 3 => self.declared(ArgForm::Implicit),
            1 => self.declared(ArgForm::Group),
            2 => self.plain(false, depth),
            _ => self.plain(true, depth),
        }
    }

    /// `{a b:T}` or `(a b:T)`
    fn declared(&mut self, form: ArgForm) -> Arg<'static> {
        let mut names: Vec<_> = (0..=self.random.below(3)).map(|_| self.var()).collect();
        if form == ArgForm::Group && self.chance(4) {
            names.push(self.pick(&["_"]));
        }
        let span = Span::default();
        Arg {
            form,
            names: match names[..] {
                [name] => Names::One(name),
                _ => Names::Several(names),
            },
            condition: None,
            bang: self.chance(6).then_some(span),
            ty: self.expr(2),
            span,
        }
    }

    fn plain(&mut self, is_named: bool, depth: usize) -> Arg<'static> {
        let span = Span::default();
        let has_condition = is_named && self.chance(3);
        let has_repeat = depth > 0 && self.chance(4);
        Arg {
            form: ArgForm::Plain,
            names: match is_named {
                false => Names::None,
                true if self.chance(8) => Names::One(self.pick(&["_"])),
                true => Names::One(self.var()),
            },
            condition: has_condition.then(|| self.condition()),
            bang: (!has_repeat && self.chance(8)).then_some(span),
            ty: if has_repeat {
                self.repeat(depth)
            } else {
                self.term(2)
            },
            span,
        }
    }

    fn condition(&mut self) -> Condition<'static> {
        let span = Span::default();
        Condition {
            word: self.var(),
            bit: (!self.chance(4)).then(|| Nat {
                value: self.nat(),
                span,
            }),
            span,
        }
    }

    fn repeat(&mut self, depth: usize) -> Expr<'static> {
        let repeat = Repeat {
            count: (!self.chance(3)).then(|| self.term(1)),
            args: (0..self.random.below(4))
                .map(|_| self.arg(depth - 1))
                .collect(),
        };
        let (kind, span) = (ExprKind::Repeat(Box::new(repeat)), Span::default());
        Expr { kind, span }
    }

    /// *expr*
    fn expr(&mut self, depth: usize) -> Expr<'static> {
        if depth > 0 && self.chance(3) {
            let head = self.any_name();
            let (kind, span) = (self.apply_to(head, depth - 1), Span::default());
            Expr { kind, span }
        } else {
            self.subexpr(depth)
        }
    }

    /// `T a b` or `T<a,b>`
    fn apply_to(&mut self, head: Ident<'static>, depth: usize) -> ExprKind<'static> {
        let angle = self.chance(2);
        let span = Span::default();
        let count = 1 + self.random.below(3);
        let args = (0..count).map(|_| match angle {
            true => self.expr(depth.saturating_sub(1)),
            false => self.subexpr(depth),
        });
        ExprKind::Apply(Box::new(Apply {
            args: args.collect(),
            head: Expr {
                kind: ExprKind::Name(head),
                span,
            },
            angle,
        }))
    }

    /// *subexpr*
    fn subexpr(&mut self, depth: usize) -> Expr<'static> {
        let left = self.term(depth);
        if depth == 0 || !self.chance(5) {
            return left;
        }
        let right = self.subexpr(depth - 1);
        let (kind, span) = (ExprKind::Add(Box::new((left, right))), Span::default());
        Expr { kind, span }
    }

    /// *term*
    fn term(&mut self, depth: usize) -> Expr<'static> {
        let span = Span::default();
        let kind = match self.random.below(if depth > 0 { 8 } else { 5 }) {
            0 => ExprKind::Hash,
            1 => ExprKind::Nat(self.nat()),
            2..5 => ExprKind::Name(self.any_name()),
            5 => ExprKind::Bare(Box::new(self.term(depth - 1))),
            6 => ExprKind::Paren(Box::new(self.expr(depth - 1))),
            _ => {
                let head = self.any_name();
                match self.apply_to(head, depth - 1) {
                    ExprKind::Apply(apply) => ExprKind::Apply(Box::new(Apply {
                        angle: true,
                        ..*apply
                    })),
                    other => other,
                }
            }
        };
        Expr { kind, span }
    }
}
