//! Partial applications: `Vector int;`, `pair int;`. Each stands for combinators with some of their variables put in.
//!
//! Putting in works on the syntax tree, for the ids of what comes out are those of its text; what comes out is then resolved
//! like any definition.
//!
//! Specification: <https://core.telegram.org/mtproto/TL-patterns>; where the page says too little, the reference C parser.

use std::collections::hash_map::Entry;

use super::super::id::Ids;
use super::super::{
    Applied, Combinator, CombinatorId, Kind, Map, Name, PartialApplication, Term, TypeId,
};
use super::bodies::Bodies;
use super::results;
use super::scope::Scope;
use super::{Meaning, declare::kind_of_variable};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::ast::{self, Apply, Arg, Expr, ExprKind, Ident, Names, Repeat};

/// A partial application that waits to be resolved.
pub(super) struct Waiting<'a, 's> {
    pub tree: &'a ast::PartialApplication<'s>,
    pub layer: Option<u32>,
}

/// How many nodes all partial applications of a schema may unfold to: a short line can stand for a long definition, and a
/// file can hold many such lines.
const MAX_NODES: u32 = 1 << 16;

/// What the partial applications of a schema have in common.
pub(super) struct Unfolding {
    ids: Ids,
    nodes_left: u32,
    /// What is made so far, by layer and name.
    made: Map<(Option<u32>, String), Span>,
}

impl Unfolding {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            ids,
            nodes_left: MAX_NODES,
            made: Map::default(),
        }
    }
}

/// One partial application.
struct Pattern<'p, 's> {
    head: Ident<'s>,
    args: &'p [&'p Expr<'s>],
    /// The arguments in canonical text, each behind a blank.
    suffix: String,
    layer: Option<u32>,
    span: Span,
}

/// What is put in for a combinator's variables.
type Values<'s> = Vec<(&'s str, Expr<'s>)>;

impl<'s> Bodies<'_, 's> {
    pub(super) fn partial(&mut self, waiting: &Waiting<'_, 's>, unfolding: &mut Unfolding) {
        if unfolding.nodes_left == 0 {
            return;
        }
        let mut args = Vec::new();
        let Some(head) = spine(&waiting.tree.expr, &mut args) else {
            return self.not_applicable(&waiting.tree.expr);
        };
        let mut suffix = String::new();
        for arg in &args {
            suffix.push(' ');
            suffix.push_str(&unfolding.ids.expr_text(arg));
        }
        let pattern = Pattern {
            head,
            args: &args,
            suffix,
            layer: waiting.layer,
            span: waiting.tree.span,
        };
        let before = self.diagnostics.len();
        let found = match self.names.get(head.text) {
            Some(&Meaning::Type(ty)) => self.applied_type(&pattern, ty, unfolding),
            Some(&Meaning::Combinator(newest)) => {
                let id = self.visible_at(newest, waiting.layer).unwrap_or(newest);
                self.applied_combinator(&pattern, id, unfolding)
            }
            None => {
                self.unknown_applied(&head);
                None
            }
        };
        if let Some(found) = found {
            self.schema.partials.push(found);
        }
        // What is wrong with the definition itself is said there.
        let new = self.diagnostics.split_off(before);
        let is_own = |it: &Diagnostic| waiting.tree.span.contains(it.primary.span);
        self.diagnostics.extend(new.into_iter().filter(is_own));
    }

    /// `Vector int;`: a type with its first parameters put in, and with it every constructor that can make it.
    fn applied_type(
        &mut self,
        pattern: &Pattern<'_, 's>,
        ty: TypeId,
        unfolding: &mut Unfolding,
    ) -> Option<PartialApplication> {
        let kinds = self.schema[ty].params.clone();
        let looked_at = kinds.len() + self.schema[ty].constructors.len();
        self.take_nodes(pattern, looked_at, unfolding)?;
        if pattern.args.len() > kinds.len() {
            let args: Vec<_> = pattern.args.iter().map(|arg| (*arg).clone()).collect();
            self.wrong_arity(&pattern.head, ty, &args);
            return None;
        }
        let args = self.pattern_args(pattern, &kinds)?;
        let mut instances = Vec::new();
        for id in self.visible_constructors(ty, pattern.layer) {
            let tree = self.declared[id.index()].written.tree();
            let mut values = Values::new();
            let patterns = results::args(&tree.result).iter();
            let is_made = patterns
                .zip(pattern.args)
                .all(|(own, value)| fits(own, value, &tree.args, &mut values));
            if is_made {
                instances.push(self.instance(pattern, id, &values, unfolding)?);
            }
        }
        if instances.is_empty() && !self.schema[ty].constructors.is_empty() {
            let constructors = self.visible_constructors(ty, pattern.layer);
            self.no_constructor_fits(ty, &constructors, pattern.span);
            return None;
        }
        Some(self.application(pattern, Applied::Type(ty), args, instances))
    }

    /// `pair int;`: a combinator with its first variables put in.
    fn applied_combinator(
        &mut self,
        pattern: &Pattern<'_, 's>,
        id: CombinatorId,
        unfolding: &mut Unfolding,
    ) -> Option<PartialApplication> {
        let tree = self.declared[id.index()].written.tree();
        self.take_nodes(pattern, tree.args.len(), unfolding)?;
        let variables = variables(&tree);
        if pattern.args.len() > variables.len() {
            self.too_many_values(pattern, id, variables.len());
            return None;
        }
        let kinds: Vec<_> = variables.iter().map(|(_, kind)| *kind).collect();
        let args = self.pattern_args(pattern, &kinds)?;
        let names = variables.iter().map(|(name, _)| *name);
        let values = names.zip(pattern.args.iter().map(|value| (*value).clone()));
        let instance = self.instance(pattern, id, &values.collect(), unfolding)?;
        Some(self.application(pattern, Applied::Combinator(id), args, vec![instance]))
    }

    fn application(
        &self,
        pattern: &Pattern<'_, 's>,
        head: Applied,
        args: Vec<Term>,
        instances: Vec<Combinator>,
    ) -> PartialApplication {
        PartialApplication {
            head,
            args,
            name: Name::from(&*format!("{}{}", pattern.head.text, pattern.suffix)),
            instances,
            layer: pattern.layer,
            span: pattern.span,
        }
    }

    /// All arguments are looked at, also behind a broken one.
    fn pattern_args(&mut self, pattern: &Pattern<'_, 's>, kinds: &[Kind]) -> Option<Vec<Term>> {
        let scope = Scope::without_variables(pattern.layer);
        let mut terms = Vec::with_capacity(pattern.args.len());
        for (arg, kind) in pattern.args.iter().zip(kinds) {
            let term = self.term(arg, &scope);
            terms.extend(self.expect_kind(term, *kind, arg, &scope));
        }
        (terms.len() == pattern.args.len()).then_some(terms)
    }

    /// A combinator with values put in for variables.
    fn instance(
        &mut self,
        pattern: &Pattern<'_, 's>,
        id: CombinatorId,
        values: &Values<'s>,
        unfolding: &mut Unfolding,
    ) -> Option<Combinator> {
        let mut filling = Filling {
            nodes_left: unfolding.nodes_left,
            counts: Vec::new(),
        };
        let original = self.declared[id.index()].written.tree();
        let tree = filling.combinator(&original, values);
        let spent = unfolding.nodes_left.saturating_sub(filling.nodes_left);
        self.take_nodes(pattern, spent.max(1) as usize, unfolding)?;
        let mut tree = tree?;
        let computed = unfolding.ids.computed(&tree);
        filling.write_counts(&mut tree);
        let name = format!("{}{}", original.name.text, pattern.suffix);
        let place = (pattern.layer, name.clone());
        match unfolding.made.entry(place) {
            Entry::Occupied(first) => {
                self.applied_twice(&name, pattern.span, *first.get());
                return None;
            }
            Entry::Vacant(new) => new.insert(pattern.span),
        };
        let mut scope = Scope::default();
        scope.enter(&tree, pattern.layer);
        let params = self.params(&tree.args, &mut scope);
        let result = self.term(&tree.result, &scope)?;
        let original = &self.schema[id];
        Some(Combinator {
            name: Name::from(&*name),
            id: computed,
            explicit_id: None,
            id_mismatch: None,
            params: params.into(),
            result,
            layer: pattern.layer,
            builtin: None,
            span: pattern.span,
            name_span: pattern.head.span,
            id_span: pattern.head.span.after(),
            docs: None,
            is_prelude: false,
            kind: original.kind,
            is_opaque: original.is_opaque,
            annotations: original.annotations.clone(),
        })
    }

    fn take_nodes(
        &mut self,
        pattern: &Pattern<'_, 's>,
        nodes: usize,
        unfolding: &mut Unfolding,
    ) -> Option<()> {
        let nodes = u32::try_from(nodes).unwrap_or(u32::MAX);
        unfolding.nodes_left = unfolding.nodes_left.saturating_sub(nodes);
        if unfolding.nodes_left == 0 {
            self.unfolds_too_far(pattern);
            return None;
        }
        Some(())
    }

    #[cold]
    fn unfolds_too_far(&mut self, pattern: &Pattern<'_, 's>) {
        let message = "the partial applications up to here stand for too much";
        self.diagnostics.push(
            Diagnostic::new(Code::PartialTooLarge, pattern.span, message)
                .label("this one and those behind it are left out")
                .help(format!(
                    "with their values put in, they are more than {MAX_NODES} arguments and types; declare fewer of them"
                )),
        );
    }

    #[cold]
    fn too_many_values(&mut self, pattern: &Pattern<'_, 's>, id: CombinatorId, count: usize) {
        let name = pattern.head.text;
        let message = match count {
            0 => format!("`{name}` has no argument of type `Type` or `#` to put a value in for"),
            _ => format!(
                "`{name}` has {count} argument{} of type `Type` or `#`, but {} values are put in",
                if count == 1 { "" } else { "s" },
                pattern.args.len()
            ),
        };
        let surplus = pattern.args.get(count).map_or(pattern.span, |arg| arg.span);
        let mut found = Diagnostic::new(Code::WrongArity, surplus, message).label("one too many");
        if !self.schema[id].is_prelude {
            found = found.also(self.schema[id].name_span, "declared here");
        }
        self.diagnostics.push(found.help(
            "a partial application gives the first of these arguments a value; to define something, write `= Type`",
        ));
    }

    #[cold]
    fn applied_twice(&mut self, name: &str, span: Span, first: Span) {
        let message = format!("`{name}` is made twice");
        self.diagnostics.push(
            Diagnostic::new(Code::DuplicateName, span, message)
                .label("again here")
                .also(first, "first made here")
                .help("leave one of the partial applications out"),
        );
    }
}

/// The name that an application begins with; its arguments go to `args`.
fn spine<'e, 's>(expr: &'e Expr<'s>, args: &mut Vec<&'e Expr<'s>>) -> Option<Ident<'s>> {
    match &expr.kind {
        ExprKind::Name(name) => Some(*name),
        ExprKind::Apply(apply) => {
            let head = spine(&apply.head, args);
            args.extend(&apply.args);
            head
        }
        ExprKind::Paren(inner) => spine(inner, args),
        _ => None,
    }
}

/// The arguments that values can be put in for, in order.
fn variables<'s>(tree: &ast::Combinator<'s>) -> Vec<(&'s str, Kind)> {
    let mut variables = Vec::new();
    for arg in tree.args.iter().filter(|arg| arg.condition.is_none()) {
        if let Some(kind) = kind_of_variable(&arg.ty) {
            let names = arg.names.iter().filter(|name| name.text != "_");
            variables.extend(names.map(|name| (name.text, kind)));
        }
    }
    variables
}

/// Whether an argument of a result can be `value`, and with which values of the definition's variables.
fn fits<'s>(own: &Expr<'s>, value: &Expr<'s>, args: &[Arg<'s>], values: &mut Values<'s>) -> bool {
    let (own, value) = (inside(own), inside(value));
    if let ExprKind::Name(name) = &own.kind
        && results::declaring(args, name.text).is_some()
    {
        return match values.iter().find(|(known, _)| *known == name.text) {
            Some((_, known)) => is_same(known, value),
            None => {
                values.push((name.text, value.clone()));
                true
            }
        };
    }
    match (results::number(own, args), results::number(value, &[])) {
        (Some((None, own)), Some((None, number))) => own == number,
        (Some((Some(var), plus)), Some((None, number)))
            if results::declaring(args, var).is_some() =>
        {
            let Some(rest) = number.checked_sub(plus) else {
                return false;
            };
            let rest = Expr {
                kind: ExprKind::Nat(rest),
                span: value.span,
            };
            match values.iter().find(|(known, _)| *known == var) {
                Some((_, known)) => is_same(known, &rest),
                None => {
                    values.push((var, rest));
                    true
                }
            }
        }
        _ => match (&own.kind, &value.kind) {
            (ExprKind::Bare(own), ExprKind::Bare(value)) => fits(own, value, args, values),
            (ExprKind::Apply(own), ExprKind::Apply(value)) => {
                own.args.len() == value.args.len()
                    && is_same(&own.head, &value.head)
                    && own
                        .args
                        .iter()
                        .zip(&value.args)
                        .all(|(own, value)| fits(own, value, args, values))
            }
            _ => is_same(own, value),
        },
    }
}

/// Whether two expressions are the same but for brackets around them.
fn is_same(one: &Expr<'_>, two: &Expr<'_>) -> bool {
    let (one, two) = (inside(one), inside(two));
    match (&one.kind, &two.kind) {
        (ExprKind::Name(one), ExprKind::Name(two)) => one.text == two.text,
        (ExprKind::Bare(one), ExprKind::Bare(two)) => is_same(one, two),
        (ExprKind::Apply(one), ExprKind::Apply(two)) => {
            one.args.len() == two.args.len()
                && is_same(&one.head, &two.head)
                && one
                    .args
                    .iter()
                    .zip(&two.args)
                    .all(|(one, two)| is_same(one, two))
        }
        (ExprKind::Hash, ExprKind::Hash) => true,
        _ => {
            let number = results::number(one, &[]);
            number.is_some() && number == results::number(two, &[])
        }
    }
}

/// What parentheses enclose.
pub(super) fn inside<'e, 's>(mut expr: &'e Expr<'s>) -> &'e Expr<'s> {
    while let ExprKind::Paren(inner) = &expr.kind {
        expr = inner;
    }
    expr
}

/// Puts values in. Gives up when there are no nodes left.
struct Filling<'s> {
    nodes_left: u32,
    /// The arguments that are repetitions without a count, where what counts them has a value now. The text that gives the id
    /// stays without.
    counts: Vec<(usize, Expr<'s>)>,
}

impl<'s> Filling<'s> {
    fn combinator(
        &mut self,
        tree: &ast::Combinator<'s>,
        values: &Values<'s>,
    ) -> Option<ast::Combinator<'s>> {
        let mut args = Vec::with_capacity(tree.args.len());
        let mut counter = None;
        for arg in &tree.args {
            if kind_of_variable(&arg.ty) == Some(Kind::Nat) {
                counter = arg.names.last();
            }
            let is_open = |name: &&Ident<'s>| values.iter().all(|(own, _)| *own != name.text);
            let open: Vec<_> = arg.names.iter().filter(is_open).copied().collect();
            if open.is_empty() && !arg.names.is_empty() {
                continue;
            }
            let names = match open[..] {
                [] => Names::None,
                [name] => Names::One(name),
                _ => Names::Several(open),
            };
            let Some(filled) = self.arg(arg, names, values)? else {
                continue;
            };
            if let (ExprKind::Repeat(repeat), Some(counter)) = (&arg.ty.kind, counter)
                && repeat.count.is_none()
                && let Some((_, value)) = values.iter().find(|(own, _)| *own == counter.text)
            {
                self.counts.push((args.len(), value.clone()));
            }
            args.push(filled);
        }
        Some(ast::Combinator {
            annotations: Vec::new(),
            name: tree.name,
            id: None,
            args,
            builtin: tree.builtin,
            arrow: tree.arrow,
            result_bang: tree.result_bang,
            result: self.expr(&tree.result, values)?,
            span: tree.span,
        })
    }

    fn write_counts(&mut self, tree: &mut ast::Combinator<'s>) {
        for (index, value) in self.counts.drain(..) {
            if let Some(Arg { ty, .. }) = tree.args.get_mut(index)
                && let ExprKind::Repeat(repeat) = &mut ty.kind
            {
                repeat.count = Some(value);
            }
        }
    }

    /// The argument; none (inside) where it is not there with these values.
    fn arg(
        &mut self,
        arg: &Arg<'s>,
        names: Names<'s>,
        values: &Values<'s>,
    ) -> Option<Option<Arg<'s>>> {
        let mut condition = arg.condition;
        if let Some(own) = arg.condition
            && let Some((_, value)) = values.iter().find(|(name, _)| *name == own.word.text)
            && let Some((None, word)) = results::number(value, &[])
        {
            let holds = own.bit.map_or(word != 0, |bit| {
                word.checked_shr(bit.value)
                    .is_some_and(|rest| rest & 1 != 0)
            });
            if !holds {
                return Some(None);
            }
            condition = None;
        }
        Some(Some(Arg {
            form: arg.form,
            names,
            condition,
            bang: arg.bang,
            ty: self.expr(&arg.ty, values)?,
            span: arg.span,
        }))
    }

    fn expr(&mut self, expr: &Expr<'s>, values: &Values<'s>) -> Option<Expr<'s>> {
        self.nodes_left = self.nodes_left.checked_sub(1)?;
        let kind = match &expr.kind {
            ExprKind::Name(name) => match values.iter().find(|(own, _)| *own == name.text) {
                Some((_, value)) => return self.value(value),
                None => ExprKind::Name(*name),
            },
            ExprKind::Hash => ExprKind::Hash,
            ExprKind::Nat(number) => ExprKind::Nat(*number),
            ExprKind::Bare(inner) => ExprKind::Bare(Box::new(self.expr(inner, values)?)),
            ExprKind::Paren(inner) => ExprKind::Paren(Box::new(self.expr(inner, values)?)),
            ExprKind::Add(sum) => ExprKind::Add(Box::new((
                self.expr(&sum.0, values)?,
                self.expr(&sum.1, values)?,
            ))),
            ExprKind::Apply(apply) => ExprKind::Apply(Box::new(Apply {
                head: self.expr(&apply.head, values)?,
                args: apply
                    .args
                    .iter()
                    .map(|arg| self.expr(arg, values))
                    .collect::<Option<_>>()?,
                angle: apply.angle,
            })),
            ExprKind::Repeat(repeat) => ExprKind::Repeat(Box::new(self.repeat(repeat, values)?)),
        };
        Some(Expr {
            kind,
            span: expr.span,
        })
    }

    /// Parentheses keep a value together.
    fn value(&mut self, value: &Expr<'s>) -> Option<Expr<'s>> {
        let copy = self.expr(value, &Values::new())?;
        Some(Expr {
            span: copy.span,
            kind: ExprKind::Paren(Box::new(copy)),
        })
    }

    /// Names declared in brackets hide those outside.
    fn repeat(&mut self, repeat: &Repeat<'s>, values: &Values<'s>) -> Option<Repeat<'s>> {
        let count = match &repeat.count {
            Some(count) => Some(self.expr(count, values)?),
            None => None,
        };
        let mut values = values.clone();
        let mut args = Vec::with_capacity(repeat.args.len());
        for arg in &repeat.args {
            args.extend(self.arg(arg, arg.names.clone(), &values)?);
            values.retain(|(name, _)| arg.names.iter().all(|own| own.text != *name));
        }
        Some(Repeat { count, args })
    }
}
