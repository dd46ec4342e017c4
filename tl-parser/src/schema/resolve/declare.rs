//! The first sweep: every combinator and type gets its index, every name one meaning per layer.

use super::super::id::computed_id;
use super::super::{
    Builtin, Combinator, CombinatorId, CombinatorKind, Kind, Term, Type, TypeId, prelude,
};
use super::{Resolver, result_head};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, Expr, ExprKind, Item, SectionKind};

impl<'a, 's> Resolver<'a, 's> {
    pub(super) fn declare_file(&mut self, file: &'a ast::File<'s>) {
        let mut kind = CombinatorKind::Constructor;
        let mut layer: Option<u32> = None;
        for item in &file.items {
            match item {
                Item::Section(section) => {
                    kind = match section.kind {
                        SectionKind::Types => CombinatorKind::Constructor,
                        SectionKind::Functions => CombinatorKind::Function,
                    }
                }
                Item::Layer(mark) => {
                    self.declare_layer(mark, layer);
                    layer = Some(mark.number);
                    // Each layer's block begins with types again.
                    kind = CombinatorKind::Constructor;
                }
                Item::Combinator(tree) => self.declare(tree, kind, layer, false),
                Item::Finalization(_) | Item::Partial(_) => {}
            }
        }
    }

    fn declare_layer(&mut self, mark: &ast::Layer, previous: Option<u32>) {
        match previous {
            Some(previous) if previous >= mark.number => self.diagnostics.push(
                Diagnostic::new(
                    Code::LayerConflict,
                    mark.span,
                    format!("layer {} after layer {previous}", mark.number),
                )
                .help("put the layers in ascending order, each once"),
            ),
            _ => self.schema.layers.push(mark.number),
        }
    }

    pub(super) fn declare_prelude(&mut self, prelude: &'a ast::File<'s>) {
        let known_types = self.types.len();
        for item in &prelude.items {
            let Item::Combinator(tree) = item else {
                continue;
            };
            let Some(head) = result_head(&tree.result) else {
                continue;
            };
            let is_defined = self.combinators.contains_key(tree.name.text)
                || self
                    .types
                    .get(head.text)
                    .is_some_and(|ty| ty.index() < known_types);
            if !is_defined {
                self.declare(tree, CombinatorKind::Constructor, None, true);
            }
        }
        if let Some(&object) = self.types.get("Object") {
            let only_packed = |id: &CombinatorId| self.schema[*id].name.as_str() == "gzip_packed";
            if self.schema[object].constructors.iter().all(only_packed) {
                self.schema.types[object.index()].builtin = Some(Builtin::Object);
            }
        }
    }

    fn declare(
        &mut self,
        tree: &'a ast::Combinator<'s>,
        kind: CombinatorKind,
        layer: Option<u32>,
        is_prelude: bool,
    ) {
        if kind == CombinatorKind::Constructor && result_head(&tree.result).is_none() {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::BareResult,
                    tree.result.span,
                    "a constructor's result must be a boxed type",
                )
                .label("expected a type name that begins with an upper-case letter")
                .help("to return a variable or a bare type, declare it after `---functions---`"),
            );
            return;
        }
        let id = CombinatorId(self.schema.combinators.len() as u32);
        let shadowed = match self.claim_name(tree, id, layer) {
            Ok(shadowed) => shadowed,
            Err(duplicate) => {
                return self
                    .diagnostics
                    .extend(duplicate.map(|duplicate| *duplicate));
            }
        };
        let computed_id = computed_id(tree, self.schema.dialect);
        let explicit_id = tree.id.map(|id| id.value);
        let builtin = prelude::builtin(tree).filter(|_| kind == CombinatorKind::Constructor);
        self.trees.push(tree);
        self.shadowed.push(shadowed);
        self.schema.combinators.push(Combinator {
            name: tree.name.text.into(),
            kind,
            id: explicit_id.unwrap_or(computed_id),
            explicit_id,
            computed_id,
            params: Vec::new(),
            result: Term::Type,
            layer,
            builtin,
            span: tree.span,
            name_span: tree.name.span,
            id_span: tree.id.map_or(tree.name.span.after(), |id| id.span),
            is_prelude,
        });
        if kind == CombinatorKind::Constructor {
            self.declare_type(tree, id, builtin);
        }
    }

    /// Takes the name for `id`: what it shadows in an earlier layer, or why it can't have it. Two files may share an
    /// identical definition; the second one is then left out in silence.
    fn claim_name(
        &mut self,
        tree: &ast::Combinator<'s>,
        id: CombinatorId,
        layer: Option<u32>,
    ) -> Result<Option<CombinatorId>, Option<Box<Diagnostic>>> {
        let name = tree.name;
        if name.text == "_" {
            return Ok(None);
        }
        let Some(previous) = self.combinators.insert(name.text, id) else {
            return Ok(None);
        };
        let first = &self.schema[previous];
        if first.layer != layer {
            return Ok(Some(previous));
        }
        self.combinators.insert(name.text, previous);
        let same = first.span.file != tree.span.file
            && first.computed_id == computed_id(tree, self.schema.dialect)
            && tree.id.is_none_or(|id| id.value == first.id);
        if same {
            return Err(None);
        }
        Err(Some(Box::new(
            Diagnostic::new(Code::DuplicateName, name.span, format!("`{}` is defined twice", name.text))
                .label("defined again here")
                .also(first.name_span, "first defined here")
                .help("rename one of them; to redefine a name in a later layer, put it after a `===N===` mark"),
        )))
    }

    fn declare_type(
        &mut self,
        tree: &'a ast::Combinator<'s>,
        id: CombinatorId,
        builtin: Option<Builtin>,
    ) {
        let Some(head) = result_head(&tree.result) else {
            return;
        };
        let types = &mut self.schema.types;
        let ty = *self.types.entry(head.text).or_insert_with(|| {
            types.push(Type {
                name: head.text.into(),
                constructors: Vec::new(),
                params: result_params(tree),
                builtin,
                span: head.span,
            });
            TypeId(types.len() as u32 - 1)
        });
        let entry = &mut types[ty.index()];
        entry.constructors.push(id);
        if entry.builtin != builtin {
            entry.builtin = None;
        }
    }
}

/// The kinds of the result type's parameters, read off one of its constructors.
fn result_params(tree: &ast::Combinator<'_>) -> Vec<Kind> {
    let kind_of = |arg: &Expr<'_>| match &arg.kind {
        ExprKind::Nat(_) | ExprKind::Add(_) => Kind::Nat,
        ExprKind::Name(name) => {
            let declares = |arg: &&ast::Arg<'_>| arg.names.iter().any(|own| own.text == name.text);
            match tree.args.iter().find(declares) {
                Some(arg) if arg.ty.kind == ExprKind::Hash => Kind::Nat,
                _ => Kind::Type,
            }
        }
        _ => Kind::Type,
    };
    fn args<'e, 's>(result: &'e Expr<'s>) -> &'e [Expr<'s>] {
        match &result.kind {
            ExprKind::Apply(apply) => &apply.args,
            ExprKind::Paren(inner) => args(inner),
            _ => &[],
        }
    }
    args(&tree.result).iter().map(kind_of).collect()
}
